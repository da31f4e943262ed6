"""Programs that are run forward only: structures, batches, variants, edges, derivatives."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd
from autograd import (
    Value,
    compile,
    derivative,
    grad,
    hessian,
    hvp,
    jacobian,
    jvp,
    value_and_grad,
    vjp,
)
from autograd.compiler.executors.blocked_engine import COMPILED as BLOCKED
from tests.helpers.formulas import STRUCTURES, flat, formula, points, same_structure
from tests.helpers.networks import loss, parameters

ENGINES = ["numpy", "blocked", "tape"]


def close(got, want, rel=1e-12):
    """Compare structures: relative to the largest number."""
    got, want = np.array(flat(got), float), np.array(flat(want), float)
    size = np.abs(want).max(initial=1.0)
    assert got == pytest.approx(want, rel=rel, abs=rel * size)


@pytest.mark.parametrize("engine", ENGINES)
@settings(max_examples=40)
@given(thing=STRUCTURES)
def test_results_come_in_the_functions_own_structure(engine, thing):
    program = compile(lambda x: {"one": x, "two": (1.5, [x])}, gradients=False, engine=engine)
    for factor in (1.0, 2.0):
        given_ = jvp(lambda x: x, (thing,), (thing,))[1] if factor == 1 else thing
        found = program(given_)
        assert same_structure(given_, found["one"])
        assert same_structure(given_, found["two"][1][0])
        assert flat(found["one"]) == flat(given_) == flat(found["two"][1])
        assert found["two"][0] == 1.5


@pytest.mark.parametrize("engine", ENGINES)
@settings(max_examples=12)
@given(seed=st.integers(0, 10**9), n=st.integers(1, 4), m=st.integers(1, 4))
def test_compiled_derivatives_of_random_functions_are_the_eager_ones(engine, seed, n, m):
    f = formula(seed, m)
    one = lambda x: f(x)[0]  # noqa: E731
    transforms = [
        grad(one), jacobian(f), hessian(one), value_and_grad(one),
        lambda x: jvp(f, (x,), (x,)), lambda x: hvp(one, (x,), (x,)),
        lambda x: vjp(f, x)[1]([1.0] * m),
    ]  # fmt: skip
    for transform in transforms:
        program = compile(transform, gradients=False, engine=engine, exact=True)
        for shift in (0, 1):  # the second numbers meet the program that the first ones made
            x = points(seed + shift, n)
            close(program(x), transform(x))


@pytest.mark.parametrize("engine", ENGINES)
def test_the_hessian_of_a_network(engine):
    program = compile(hessian(loss), engine=engine)
    for p in (parameters(), parameters()[::-1].copy()):
        close(program(p), hessian(loss)(p))
    assert program(parameters()).shape == (20, 20)
    assert program.engine == ("numpy" if engine == "blocked" and not BLOCKED else engine)


def test_the_program_is_text():
    program = compile(grad(lambda x: autograd.sum(autograd.tanh(x))), engine="numpy")
    program(np.ones(3))
    assert program.source == (
        "def program(x):\n    A1 = tanh(x)\n    T1 = 1.0 - A1 * A1\n    return (T1,)\n"
    ).replace("A1", "T1").replace("T1 = 1.0", "T2 = 1.0").replace("(T1,)", "(T2,)")
    assert str(program.explain()).count("\n") == 2
    assert repr(program) == "<compiled <lambda>(x), 1 variant>"


@pytest.mark.parametrize("engine", ENGINES)
def test_batches_have_samples_first(engine):
    f = lambda w, x: autograd.tanh(autograd.dot(w, x))  # noqa: E731
    rng = np.random.default_rng(0)
    w, X = rng.normal(size=3), rng.normal(size=(5, 3))
    for transform in (grad(f), hessian(f), value_and_grad(f, argnums=(0, 1))):
        program = compile(transform, batch="x", engine=engine)
        found = program(w, X)
        close(found, [np.array([p]) for p in _stacked([transform(w, x) for x in X])])
    constant = compile(grad(lambda w, x: w * 3 + x), batch="x", engine=engine)
    assert constant(2.0, np.ones(4)).tolist() == [3.0] * 4
    assert compile(hessian(f), batch="x", engine=engine)(w, X).shape == (5, 3, 3)


def _stacked(results):
    if not isinstance(results[0], tuple):
        return [np.array(results)]
    return [part for column in zip(*results, strict=True) for part in _stacked(list(column))]


@pytest.mark.parametrize("engine", ENGINES)
def test_comparisons_make_variants_and_split_batches(engine):
    huber = lambda x: x * x / 2 if abs(x) < 1 else abs(x) - 0.5  # noqa: E731
    program = compile(grad(huber), engine=engine)
    assert [program(x) for x in (0.5, 3.0, -3.0, 0.25)] == [0.5, 1.0, -1.0, 0.25]
    assert repr(program) == "<compiled <lambda>(x), 2 variants>"
    split = compile(grad(huber), batch="x", engine=engine)
    assert split(np.array([0.5, 3.0, -3.0, 0.25])).tolist() == [0.5, 1.0, -1.0, 0.25]


def test_samples_of_different_structure_are_refused():
    program = compile(lambda x: [x] if x > 0 else [x, x], gradients=False, batch="x")
    with pytest.raises(ValueError, match="differ in structure") as caught:
        program(np.array([1.0, -1.0]))
    assert str(caught.value) == (
        "<lambda>: the samples' results differ in structure, as the comparisons came out; return "
        "the same structure for all"
    )


KINKS = {
    "relu": autograd.relu,
    "abs": abs,
    "maximum": lambda x: autograd.maximum(x, 0.5) * x,
    "clip": lambda x: autograd.clip(x, -0.5, 0.5) * x,
    "leaky_relu": lambda x: autograd.leaky_relu(x) * x,
    "elu": lambda x: autograd.elu(x) * x,
    "selu": lambda x: autograd.selu(x) * x,
    "max": lambda x: autograd.max([x, x * x, 0.5]),
    "min": lambda x: autograd.min([x, x * x, 0.5]) * x,
    "log": autograd.log,
    "sqrt": autograd.sqrt,
    "pow": lambda x: x**3,
    "pow0.5": lambda x: x**0.5,
    "norm": lambda x: autograd.norm([x, x * 0]),
    "hypot": lambda x: autograd.hypot(x, 0.0),
    "where": lambda x: autograd.where(autograd.less(0, x), autograd.sqrt(x), 0.0),
    "square root of a square": lambda x: autograd.sqrt(x * x),
    "softsign": autograd.softsign,
    "gelu": autograd.gelu,
    "gelu_tanh": autograd.gelu_tanh,
    "mish": autograd.mish,
    "atan": autograd.atan,
    "atan2": lambda x: autograd.atan2(x, 0.0 * x),
    "mod": lambda x: autograd.mod(x, 0.7) * x,
}
EDGES = [0.3, -0.3, 0.0, 0.5, 1.0, -2.0, 1e3, -1e3, 1e200, float("inf"), float("nan")]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", KINKS)
def test_no_branch_is_frozen(name, engine):
    """One program serves all numbers, whatever side of a kink it was traced at."""
    f = KINKS[name]
    for n in (1, 2):
        eager = derivative(f, n)
        program = compile(eager, engine=engine, exact=True)
        batched = compile(eager, engine=engine, batch="x", exact=True)
        want = [eager(x) for x in EDGES]
        got = [program(x) for x in EDGES]
        assert got == pytest.approx(want, rel=1e-12, abs=1e-300, nan_ok=True)
        assert sum(map(len, program.variants.values())) == 1
        found = batched(np.array(EDGES)).tolist()
        assert found == pytest.approx(want, rel=1e-12, abs=1e-300, nan_ok=True)


def test_positions_stay_open():
    """An index that is an argument is looked up at each call, in derivatives, too."""
    f = lambda x, k: autograd.cross_entropy(x, k) + autograd.take(x, k) ** 2  # noqa: E731
    x = [0.3, -1.0, 0.8]
    for transform in (grad(f), hessian(f)):
        program = compile(transform, engine="numpy")
        for k in (0, 2, 1):
            close(program(x, k), transform(x, k))
        assert len(program.variants) == 1
    assert np.allclose(
        compile(grad(f), batch="k")(x, np.array([0, 2])), [grad(f)(x, 0), grad(f)(x, 2)]
    )


def test_parameters_are_read_at_each_call():
    w = Value(2.0, "w")
    program = compile(grad(lambda x: autograd.sin(w * x)))
    close([program(1.0)], [grad(lambda x: autograd.sin(w * x))(1.0)])
    w.data = 3.0
    close([program(1.0)], [grad(lambda x: autograd.sin(w * x))(1.0)])
    assert not w.has_grad


def test_results_are_the_callers_own():
    program = compile(lambda x: [x, x], gradients=False, engine="numpy")
    x = np.array([1.0, 2.0])
    first, second = program(x)
    first[:] = 7.0
    assert x.tolist() == second.tolist() == [1.0, 2.0]


@pytest.mark.parametrize("engine", ENGINES)
def test_no_results_and_constants(engine):
    assert compile(lambda x: [], gradients=False, engine=engine)(1.0) == []  # noqa: ARG005
    assert compile(lambda: [1.0, None], gradients=False, engine=engine)() == [1.0, None]
    program = compile(lambda x: (1.0, None, x), gradients=False, engine=engine)
    assert program(2.0) == (1.0, None, 2.0)
    assert program(np.zeros((0, 2)))[2].shape == (0, 2)


def test_a_gradient_within_a_function_that_is_compiled():
    """`gradient` with graphs inside a traced function looks at no number, either."""

    def penalty(x):
        y = autograd.relu(x) * x
        (slope,) = autograd.gradient(y, [x], create_graph=True)
        return slope * slope

    program = compile(penalty, engine="numpy")
    assert program(3.0) == (36.0, 24.0)
    assert program(-3.0) == (0.0, 0.0)
    assert len(program.variants) == 1
    inner = compile(lambda x: autograd.gradient(autograd.log(x), [x], create_graph=True)[0])
    assert inner(2.0) == (0.5, -0.25)
    assert np.isnan(inner(-2.0)[0])


def test_checks_name_the_operation():
    program = compile(grad(autograd.sqrt), check=True)
    assert program(4.0) == 0.25
    with pytest.raises(FloatingPointError, match=r"sqrt: .*sqrt"):
        program(0.0)
    batched = compile(grad(autograd.sqrt), batch="x", check=True)
    with pytest.raises(FloatingPointError, match="sqrt"):
        batched(np.array([1.0, 0.0]))


def test_irregular_programs_are_replayed():
    program = compile(grad(lambda x: formula(7)(x)[0]))
    x = points(7, 3)
    close(program(x), grad(lambda x: formula(7)(x)[0])(x))
    assert program.engine in ENGINES


def test_errors():
    f = lambda x: [x, x]  # noqa: E731
    for call, error, message in [
        (
            lambda: compile(f)(1.0), TypeError,
            ("<lambda>: the function returned a list of 2; return one Value, the number to "
            "differentiate, or compile with gradients=False"),
        ),
        (
            lambda: compile(f, gradients=False).value(1.0), TypeError,
            "<lambda> was compiled without gradients: call it for its results",
        ),
        (
            lambda: compile(f, gradients=False).backward(1.0), TypeError,
            ("<lambda> was compiled without gradients; compile the function that it is the "
            "derivative of, or without gradients=False"),
        ),
        (
            lambda: compile(f, gradients=False, wrt="x"), ValueError,
            "compile: got wrt='x' for a program without gradients; leave it out",
        ),
        (
            lambda: compile(grad(f), wrt="x"), ValueError,
            ("compile: got wrt='x' for a program without gradients; choose the arguments of a "
            "derivative there, as in grad(f, argnums=1)"),
        ),
        (
            lambda: compile(grad(f), batch="x", reduce="sum"),
            ValueError,
            (
                "compile: got reduce='sum' for a program without gradients, whose results have the "
                "samples along their first axis; leave it out"
            ),
        ),
        (
            lambda: compile(lambda x: [x, "a"], gradients=False)(1.0), TypeError,
            ("<lambda>: the function returned a str ('a') at the result[1]; allowed are real "
            "numbers, Values, and lists, tuples, dicts and arrays of them"),
        ),
        (
            lambda: compile(grad(lambda x: x * x.data))(1.0), TypeError,
            None,
        ),
    ]:  # fmt: skip
        with pytest.raises(error) as caught:
            call()
        assert message is None or str(caught.value) == message
    assert "would freeze its number" in str(caught.value)


def test_a_derivative_can_be_differentiated_as_a_value():
    """gradients=True asks for value and gradients of a derivative, too."""
    program = compile(grad(lambda x: x**3), gradients=True)
    value, slope = program(2.0)
    assert (value, slope) == (12.0, 12.0)


@pytest.mark.parametrize("engine", ["numpy", "blocked", "tape"])
def test_a_sample_that_is_a_derivative_itself_keeps_its_axis(engine):
    """The derivative of x * w with respect to w is x: one node that stands for two."""
    xs = np.array([[1.0, -2.0], [3.0, 4.0], [-5.0, 6.0]])
    product = grad(lambda x, w: x[0] * w if x[0] > 0 else x[1] * w, argnums=(0, 1))
    program = compile(product, batch=["x"], engine=engine)
    by_x, by_w = program(xs, 2.0)
    assert by_x.tolist() == [[2.0, 0.0], [2.0, 0.0], [0.0, 2.0]]
    assert by_w.tolist() == [1.0, 3.0, 6.0]
    both = compile(jacobian(lambda w, x: [x[0] * w, w * w]), batch=["x"], engine=engine)
    assert both(2.0, xs).tolist() == [[1.0, 4.0], [3.0, 4.0], [-5.0, 4.0]]
