"""What all targets read, what is refused, and that a target is one file."""

import sys

import numpy as np
import pytest

import autograd
from autograd import errors
from autograd.compiler.ir.numpy_source import numpy_source
from autograd.compiler.ir.validate import validate_equations
from autograd.export import ExportError, kinds, targets
from autograd.export.program import equations_of
from tests.helpers.export_cases import product, whole

EXTRAS = {"jax": "jax", "torch": "torch", "onnx": "onnx"}
TARGETS = kinds()


def test_an_unknown_kind_is_refused():
    step = autograd.compile(product)
    step(2.0, -3.0, 10.0)
    with pytest.raises(ValueError, match=r"kind: got a str .'tf'.") as caught:
        step.to("tf")
    assert str(caught.value) == (
        "kind: got a str ('tf'); allowed: 'c', 'jax', 'latex', 'numpy', 'onnx' or 'torch'"
    )


def test_a_misspelt_option_is_answered():
    step = autograd.compile(product)
    step(2.0, -3.0, 10.0)
    with pytest.raises(TypeError) as caught:
        step.to("onnx", dtyp="float32")
    assert str(caught.value) == (
        "to('onnx'): got the keyword dtyp; allowed: dtype; did you mean 'dtype'?"
    )


def test_a_function_that_was_not_called_has_no_program():
    with pytest.raises(RuntimeError, match="product was not called yet"):
        autograd.compile(product).to("c")


@pytest.mark.parametrize("kind", EXTRAS)
def test_an_extra_that_is_missing_is_named(monkeypatch, kind):
    from autograd.export.targets import jax as jaxed
    from autograd.export.targets import torch as torched

    step = autograd.compile(product)
    step(2.0, -3.0, 10.0)
    monkeypatch.setitem(sys.modules, kind, None)
    torched._module_class.cache_clear()
    jaxed._base.cache_clear()
    with pytest.raises(errors.MissingExtraError) as caught:
        step.to(kind)
    assert str(caught.value) == f'this needs {kind}: pip install "scalar-autograd[{kind}]"'


@pytest.mark.parametrize("kind", TARGETS)
def test_a_program_too_irregular_for_a_text_says_what_to_do(kind):
    if kind in EXTRAS:
        pytest.importorskip(kind)

    def irregular(xs):
        y = xs[0]
        for i in range(3000):
            y = (autograd.sin, autograd.cos, autograd.tanh)[i % 3](y) * xs[i % 2]
        return y

    step = autograd.compile(irregular)
    step([0.5, 0.7])
    if not step.source.startswith("#"):
        pytest.skip("the plain tape lowers every program")
    with pytest.raises(ExportError, match="compile or lift it with engine='numpy'"):
        step.to(kind)


def test_a_target_is_one_file(monkeypatch, tmp_path):
    (tmp_path / "count.py").write_text(
        "def export(form, *, scale=1):\n    return scale * len(form.program.equations.equations)\n"
    )
    monkeypatch.setattr(targets, "__path__", [*targets.__path__, str(tmp_path)])
    step = autograd.compile(lambda a, b: autograd.sin(a) * b, gradients=False, engine="numpy")
    step(1.0, 2.0)
    assert step.to("count", scale=10) == 20
    with pytest.raises(ValueError, match="'c', 'count', 'jax'"):
        step.to("counts")
    sys.modules.pop(f"{targets.__name__}.count")


def test_forward_equations_leave_gradients_and_the_softmax_out():
    step, _ = whole("classes")
    program = equations_of(step.program, gradients=False)
    text = numpy_source(program)
    assert "T1 = cross_entropy(Z2, whole(y))" in text
    assert "d" not in [line.strip()[:1] for line in text.splitlines()[1:]]
    assert "softmax" in step.source
    validate_equations(program)


def test_batches_come_with_samples_first():
    step = autograd.compile(
        lambda w, x: autograd.sum([w * v for row in x for v in row]), batch="x", engine="numpy"
    )
    args = 2.0, np.arange(12.0).reshape(2, 3, 2)
    expected = step(*args)
    names = {"__name__": ""}
    exec(step.to("numpy"), names)
    assert names["program"](*args) == (expected[0], (expected[1],))


def compiled(operation):
    step = autograd.compile(lambda x: autograd.sum([operation(v) for v in x]), engine="numpy")
    return step, step(np.array([0.5, 1.5]))


@pytest.mark.parametrize("kind", TARGETS)
def test_an_operation_of_one_s_own_is_exported(kind):
    if kind in EXTRAS:
        pytest.importorskip(kind)
    bump = autograd.custom("bump", "exp(-x * x)", "-2 * x * z")
    step, (value, slope) = compiled(bump)
    made = step.to(kind)
    if kind == "jax":
        found, slopes = made(np.array([0.5, 1.5]))
        assert found == pytest.approx(value, rel=1e-14)
        assert slopes == pytest.approx(slope, rel=1e-14)
    elif kind == "torch":
        assert made([0.5, 1.5]).item() == pytest.approx(value, rel=1e-14)
    elif kind != "onnx":
        assert "bump" in made


@pytest.mark.parametrize("kind", ["numpy", "jax", "torch", "onnx", "c"])
def test_an_operation_that_is_a_python_function_is_refused(kind):
    if kind in EXTRAS:
        pytest.importorskip(kind)

    @autograd.custom(derivative=lambda x: 3 * x * x)
    def branching(x):
        return x * x * x if x > 0 else x**3

    step, _ = compiled(branching)
    with pytest.raises(ExportError) as caught:
        step.to(kind)
    assert str(caught.value) == (
        f"{kind}: branching cannot be exported: it is, or its derivative is, a Python function; "
        "give its rule and derivatives as text"
    )


def test_gradients_of_one_s_own_go_where_ours_go():
    straight = autograd.custom_vjp("straight", "round(x, 0)", "g")
    step, (value, slope) = compiled(straight)
    assert (value, slope.tolist()) == (2.0, [1.0, 1.0])
    names = {"__name__": ""}
    exec(step.to("numpy"), names)
    assert names["program"]([0.5, 1.5])[1][0].tolist() == [1.0, 1.0]
    pytest.importorskip("torch")
    with pytest.raises(ExportError) as caught:
        step.to("torch")
    assert str(caught.value) == (
        "torch: straight cannot be exported: its derivative is not that of its rule, which torch "
        "would take"
    )
    step, (_, slope) = compiled(lambda v: autograd.stop_gradient(v) * v)
    module = step.to("torch")
    import torch

    x = torch.tensor([0.5, 1.5], dtype=torch.float64, requires_grad=True)
    module(x).backward()
    assert x.grad.tolist() == slope.tolist() == [0.5, 1.5]


def several(x, y):
    return {"product": x[0] * y, "rest": [x[1] + y, autograd.log(x[0])]}


FORWARD = {
    "several": (several, (), (np.array([2.0, 3.0]), 0.5)),
    "samples": (several, ("x",), (np.array([[2.0, 3.0], [4.0, 5.0], [6.0, 7.0]]), 0.5)),
    "gradient": (autograd.grad(lambda x: autograd.log(x[0]) * x[1]), (), (np.array([2.0, 3.0]),)),
    "gradients": (
        autograd.grad(lambda x: autograd.log(x[0]) * x[1]), ("x",), (np.array([[2.0, 3.0]] * 3),)
    ),
    "number": (autograd.derivative(lambda x: autograd.log(x) * x, 2), (), (2.0,)),
}  # fmt: skip


def numbers_in(tree):
    if isinstance(tree, dict):
        tree = list(tree.values())
    if isinstance(tree, (list, tuple)):
        return [x for part in tree for x in numbers_in(part)]
    return np.ravel(tree).tolist()


@pytest.mark.parametrize("case", FORWARD)
def test_programs_without_gradients_go_elsewhere_with_all_their_results(case):
    function, batch, args = FORWARD[case]
    step = autograd.compile(function, gradients=False, batch=batch, engine="numpy")
    expected = step(*args)
    names = {"__name__": "exported"}
    exec(step.to("numpy"), names)
    found = names["program"](*args)
    assert sorted(numbers_in(found)) == pytest.approx(sorted(numbers_in(expected)), rel=1e-14)
    assert np.shape(found[-1] if isinstance(found, tuple) else found)[:1] == (
        (len(args[0]),) if batch else np.shape(expected["rest"] if case == "several" else expected)
    )
    assert step.to("latex").count("J") == (2 if "several" in (case, function.__name__) else 1)
    pytest.importorskip("jax")
    there = step.to("jax")(*args)
    assert type(there) is type(expected)
    assert numbers_in(there) == pytest.approx(numbers_in(expected), rel=1e-14)


@pytest.mark.parametrize("kind", ["c", "torch", "onnx"])
def test_what_only_finite_checks_read_is_left_out(kind):
    if kind in EXTRAS:
        pytest.importorskip(EXTRAS[kind])
    second = autograd.compile(autograd.derivative(lambda x: autograd.log(x) * x, 2))
    assert second(2.0) == 0.5
    made = second.to(kind)
    if kind == "torch":
        assert made(2.0).item() == 0.5
    else:
        assert "log" not in str(made)
