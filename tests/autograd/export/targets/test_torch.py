"""Programs as PyTorch modules: PyTorch's own gradients are ours."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd
from autograd.export import ExportError
from tests.helpers.export_cases import (
    PRIMITIVES,
    RESULTS,
    WHOLE,
    compared,
    forward,
    given_arrays,
    primitive,
    random_program,
    ravel,
    same_results,
    whole,
)

torch = pytest.importorskip("torch", reason="the extra torch is not installed")
ROUGH = {"digamma": 1e-8, "polygamma": 1e-6}  # PyTorch's polygamma is not exact to more


def both(step, args):
    """Return the module's value and PyTorch's gradients, and the engine's."""
    form, module = step.form(), step.to("torch")
    arrays = form.take(args)
    program = form.program
    inputs = {
        array.name: torch.tensor(np.array(numbers), requires_grad=True)
        for array, numbers in zip(program.arrays, arrays, strict=True)
        if array.name not in form.parameters
    }
    value = module(**inputs)
    if value.requires_grad:
        value.backward()
    leaves = {**inputs, **dict(module.named_parameters())}
    gradients = [
        np.zeros(array.shape)
        if leaves[array.name].grad is None
        else leaves[array.name].grad.numpy()
        for array in program.wanted
    ]
    return ravel(form.give(value.item(), gradients)), ravel(step(*args))


def agree(got, expected, rel=1e-10):
    scale = max(1.0, np.abs(expected).max())
    np.testing.assert_allclose(got, expected, rtol=rel, atol=1e-2 * rel * scale)


@pytest.mark.parametrize("name", PRIMITIVES)
def test_every_primitive_agrees(name):
    agree(*both(*primitive(name)), rel=ROUGH.get(name, 1e-10))


@pytest.mark.parametrize("name", WHOLE)
def test_whole_programs_agree(name):
    agree(*both(*whole(name)))


@settings(max_examples=10)
@given(seed=st.integers(0, 10**6))
def test_random_programs_agree(seed):
    made = random_program(seed)
    if made is not None:
        agree(*both(*made), rel=1e-7)


def test_its_parameters_are_the_program_s_and_can_be_trained():
    step, (X, Y) = whole("network")
    module = step.to("torch")
    assert [(name, tuple(p.shape)) for name, p in module.named_parameters()] == [
        ("W1", (4, 2)), ("b1", (4, 1)), ("W2", (1, 4)), ("b2", (1, 1)),
    ]  # fmt: skip
    before = module(X, Y)
    before.backward()
    torch.optim.SGD(module.parameters(), lr=0.1).step()
    assert module(X, Y).item() < before.item()
    assert "y" in repr(module)
    assert "Z1 = W1 @ x + b1" in module.source
    single = step.to("torch", dtype="float32")
    assert single(X, Y).dtype == torch.float32
    assert single(X, Y).item() == pytest.approx(step.value(X, Y), rel=1e-5)


def test_what_it_takes_is_said():
    step, (X, Y) = whole("network")
    module = step.to("torch")
    for wrong in ({"x": X}, {"x": X, "z": Y}):
        with pytest.raises(TypeError, match="give x, y"):
            module(**wrong)
    with pytest.raises(TypeError, match="got 3 arrays; give x, y"):
        module(X, Y, Y)


def test_a_comparison_that_comes_out_differently_is_an_error():
    step = autograd.compile(compared, engine="numpy")
    step(1.0, 2.0)
    module = step.to("torch")
    assert module(1.5, 2.0).item() == 3.0
    with pytest.raises(ValueError, match=r"compared: the comparison < at .* was True when traced"):
        module(3.0, 2.0)


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (
            lambda x, n: autograd.polygamma(n, x) * x,
            "torch: polygamma cannot be exported: its order",
        ),
        (
            lambda x, n: autograd.round(x, n) * x,
            "torch: round cannot be exported: its digits have to",
        ),
    ],
)
def test_what_pytorch_wants_as_a_constant_is_refused_as_a_variable(function, message):
    step = autograd.compile(function, wrt="x", engine="numpy")
    step(1.5, 1)
    with pytest.raises(ExportError, match=message):
        step.to("torch")(1.5, 1)


@pytest.mark.parametrize("name", RESULTS)
def test_several_results_arrays_and_batches(name):
    step, args, expected = forward(name)
    found = step.to("torch")(**given_arrays(step, args))
    found = found if isinstance(found, tuple) else (found,)
    same_results([x.detach().numpy() for x in found], expected)


def test_results_are_differentiated():
    step, (x,), _ = forward("two heads")
    module = step.to("torch")
    probability, scores = module(x)
    (probability.sum() + scores.sum()).backward()
    assert all(p.grad.abs().sum() > 0 for p in module.parameters())


def test_parts_of_an_array_are_added_to():
    step = autograd.compile(autograd.hessian(lambda x: autograd.exp(x[0] * x[1])), engine="numpy")
    expected = step(np.array([1.0, 2.0]))
    assert "dd" in step.source
    found = step.to("torch")(np.array([1.0, 2.0]))
    np.testing.assert_allclose(found.numpy(), expected, rtol=1e-14)
    assert found.dtype == torch.float64
