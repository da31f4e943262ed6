"""Programs under JAX give the engine's numbers."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd
from autograd import Value
from autograd.export import ExportError
from tests.helpers.export_cases import (
    PRIMITIVES,
    RESULTS,
    WHOLE,
    compared,
    forward,
    leaves,
    primitive,
    product,
    random_program,
    ravel,
    same_results,
    whole,
)

jax = pytest.importorskip("jax", reason="the extra jax is not installed")


# XLA takes its time to make fast code; here it is run once.
QUICK = {"xla_backend_optimization_level": 0, "xla_llvm_disable_expensive_passes": True}


def run(function, *arrays):
    """Run a function, compiled in a hurry, in double precision."""
    with jax.enable_x64(True):
        return jax.device_get(jax.jit(function).lower(*arrays).compile(QUICK)(*arrays))


def together(made):
    """Run all programs in one compiled function; return what each found and should find."""
    programs = {name: step.to("jax") for name, (step, _) in made.items()}
    arrays = {name: programs[name].arrays(*args) for name, (_, args) in made.items()}
    found = run(
        lambda rows: {name: programs[name].value_and_grad(row) for name, row in rows.items()},
        arrays,
    )
    return {
        name: (ravel(programs[name].form.give(*found[name])), ravel(step(*args)))
        for name, (step, args) in made.items()
    }


@pytest.fixture(scope="module")
def results():
    return together(
        {name: (whole if name in WHOLE else primitive)(name) for name in [*PRIMITIVES, *WHOLE]}
    )


def agree(got, expected, rel=1e-10):
    scale = max(1.0, np.abs(expected).max())
    np.testing.assert_allclose(got, expected, rtol=rel, atol=1e-3 * rel * scale)


@pytest.mark.parametrize("name", [*PRIMITIVES, *WHOLE])
def test_value_and_gradients_agree(results, name):
    agree(*results[name])


@settings(max_examples=2)
@given(seed=st.integers(0, 10**6))
def test_random_programs_agree(seed):
    made = {seed + i: random_program(seed + i) for i in range(2)}
    for found in together({i: program for i, program in made.items() if program}).values():
        agree(*found)


def test_it_is_called_as_the_compiled_function_and_returns_the_same():
    step = autograd.compile(lambda p, x: p["w"] * x + p["b"][0], wrt="p", engine="numpy")
    args = {"w": 2.0, "b": [0.5]}, 3.0
    expected = step(*args)
    assert step.to("jax")(*args) == expected == (6.5, {"w": 3.0, "b": [1.0]})


def test_parameters_are_read_afresh():
    w = Value(2.0, "w")
    step = autograd.compile(lambda x: w * x * x, engine="numpy")
    step(3.0)
    program = step.to("jax")
    w.data = 5.0
    assert program(3.0) == (45.0, 30.0)


def test_the_precision_is_the_program_s_and_jax_stays_as_it_was():
    step = autograd.compile(lambda x: x / 3, engine="numpy")
    step(1.0)
    assert step.to("jax")(1.0)[0] == 1 / 3
    single = step.to("jax", dtype="float32")
    assert single(1.0)[0] == float(np.float32(1) / np.float32(3)) != 1 / 3
    assert jax.numpy.zeros(1).dtype == np.float32  # the user's own setting
    with jax.enable_x64(True):
        assert single(1.0)[0] != 1 / 3
        assert jax.numpy.zeros(1).dtype == np.float64
    with single.precision():
        assert jax.numpy.zeros(1).dtype == np.float32
    assert repr(single) == "<<lambda> for JAX, float32: x>"
    with pytest.raises(ValueError, match=r"dtype: got a str .'half'.; allowed: 'float64', 'f") as _:
        step.to("jax", dtype="half")


def test_jax_differentiates_and_maps_the_value():
    step, args = whole("network")
    program = step.to("jax")
    arrays = program.arrays(*args)
    places = [program.names.index(name) for name in program.wanted]

    def all_of_it(xs):
        each = jax.vmap(lambda x, y: program.value([x[None], y[None], *xs[2:]]))
        slopes = jax.grad(lambda *xs: program.value(xs), argnums=places)(*xs)
        return program.value_and_grad(xs)[1], slopes, each(*xs[:2]).mean()

    ours, theirs, mean = run(all_of_it, arrays)
    for mine, other in zip(ours, theirs, strict=True):
        agree(mine, other)
    assert float(mean) == pytest.approx(step(*args)[0], rel=1e-12)


def test_a_comparison_that_comes_out_differently_is_an_error():
    step = autograd.compile(compared, engine="numpy")
    step(1.0, 2.0)
    program = step.to("jax")
    assert program(1.5, 2.0) == (3.0, (2.0, 1.5))
    assert bool(program.holds([1.0, 2.0]))
    assert not bool(program.holds([3.0, 2.0]))
    with pytest.raises(ValueError, match=r"compared: the comparison < at .* was True when traced"):
        program(3.0, 2.0)


def test_a_program_of_the_value_alone_has_no_gradients():
    step = autograd.compile(product, engine="numpy")
    step.value(2.0, -3.0, 10.0)
    program = step.to("jax")
    assert program(2.0, -3.0, 10.0) == -84.0
    assert program.value_and_grad([2.0, -3.0, 10.0])[1] == ()


def test_a_position_beyond_the_end_is_an_error_not_the_last():
    step, (table, _, x) = whole("picked")
    with pytest.raises(IndexError, match="allowed are the whole numbers 0 to 3"):
        step.to("jax")(table, 7, x)


def test_positions_fit_the_precision():
    """JAX remembers the positions of a program in double precision that is still in use."""
    second = autograd.hessian(lambda x: autograd.sum(list(autograd.exp(x) * x[::-1])))
    step = autograd.compile(second, batch=["x"])
    x = np.array([[1.0, 2.0, 3.0], [0.5, -1.0, 4.0]])
    expected = step(x)
    assert "[index1]" in step.source
    double, single = step.to("jax"), step.to("jax", dtype="float32")
    assert double(x) == pytest.approx(expected, rel=1e-13)
    assert single(x) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("name", RESULTS)
def test_several_results_arrays_and_batches(name):
    step, args, expected = forward(name)
    program = step.to("jax")
    found = run(program.value, program.arrays(*args))
    same_results(found if isinstance(found, tuple) else (found,), expected)
    same_results(leaves(program(*args)), expected)


def test_parts_are_added_to_as_numpy_adds_to_them():
    from autograd.compiler.ir.evaluate import Operations
    from autograd.export.targets.jax import JaxOperations

    values = [np.arange(2.0), np.arange(12.0).reshape(4, 3), np.ones((3, 4)), np.float64(2.0)]
    paths = [
        (("reshape", (2, 6)), ("index", (slice(None), 1))),
        (("transpose", (1, 0)),),
        (),
        (("index", (1,)), ("reshape", (2, 2)), ("index", (0, 1))),
    ]
    ours = JaxOperations({"zeros": jax.numpy.zeros}).accumulate((3, 4), values, paths)
    numpy = Operations({"zeros": np.zeros}).accumulate((3, 4), values, paths)
    np.testing.assert_allclose(ours, numpy)


def test_digits_that_vary_are_refused():
    step = autograd.compile(lambda x, n: autograd.round(x, n) * x, wrt="x", engine="numpy")
    step(1.5, 1)
    with pytest.raises(ExportError, match="jax: round cannot be exported: its digits have to"):
        step.to("jax")(1.5, 1)
