"""Which program answers a call: branches, divided batches, gradients in the parameters, limits."""

import copy
import gc
import pickle
import tracemalloc
import typing
import warnings

import numpy as np
import pytest

import autograd
from autograd import Value
from autograd.compiler import compiled as module
from autograd.errors import SpecializationWarning
from autograd.tree_spec import listed

ENGINES = pytest.mark.parametrize("engine", ["numpy", "blocked", "tape"])


def leaky(x, slope=0.1):
    return x if x > 0 else slope * x


BRANCHES = {
    "if": lambda w, b, x: (w * x + b) * 3 if x < 0.5 else w * x + b,
    "on parameters": lambda w, b, x: w * x if w * x > b else b * x,
    "leaky": lambda w, b, x: leaky(w * x) + leaky(b - x),
    "max": lambda w, b, x: max(w * x, b, 0.0),
    "sorted": lambda w, b, x: sum(k * v for k, v in enumerate(sorted([w * x, b * x, w + b]), 1)),
    "abs": lambda w, b, x: (w * x if x >= 0 else -w * x) + b,
    "only one": lambda w, b, x: w * x if x > 0.5 else b * b,
    "none": lambda w, b, x: w * x + b if x > 0.5 else 0.0,
    "compared only": lambda w, b, x: w * x if b > x else w * x * x,
}


def eager(function, leaves, samples, reduce="mean"):
    """Return the value, the gradients and which parameters have one, as backward leaves them."""
    for leaf in leaves:
        leaf.zero_grad()
    losses = [function(*leaves, float(x)) for x in samples]
    total = autograd.mean(losses) if reduce == "mean" else autograd.sum(losses)
    if isinstance(total, Value) and not total.is_constant:
        total.backward()
    number = total.data if isinstance(total, Value) else total
    return number, [leaf.grad for leaf in leaves], [leaf.has_grad for leaf in leaves]


@ENGINES
@pytest.mark.parametrize("reduce", ["mean", "sum"])
@pytest.mark.parametrize("name", BRANCHES)
def test_a_batch_that_a_branch_divides_gives_the_gradients_of_all_its_samples(engine, reduce, name):
    function = BRANCHES[name]
    w, b = Value(2.0, "w"), Value(0.3, "b")
    step = autograd.compile(lambda x: function(w, b, x), batch="x", engine=engine, reduce=reduce)
    for samples in ([0.1, 1.0, -1.0, 0.2], [0.1], [2.0, 1.0], [-1.0, 0.1, 3.0], [0.1, 0.2]):
        value, gradients, reached = eager(function, (w, b), samples, reduce)
        before = 7.0
        for fresh in (True, False):
            for leaf in (w, b):
                leaf.grad = before
            found = step.backward(np.array(samples), fresh=fresh)
            assert found == pytest.approx(value, rel=1e-12)
            added = [g + before * (not fresh) for g in gradients]
            assert [w.grad, b.grad] == pytest.approx(added, rel=1e-12, abs=1e-13)
            assert [w.has_grad, b.has_grad] == (reached if fresh else [True, True])


@ENGINES
def test_a_batch_is_divided_though_a_comparison_is_between_parameters_alone(engine):
    rates, bound = autograd.values([0.5], "rates"), Value(1.0)  # an array of one number

    def function(x):
        return x * rates[0] if x > 0 else -x if rates[0] < bound else x

    step = autograd.compile(function, batch="x", engine=engine)
    for value in (0.5, 2.0, 0.5):
        rates[0].data = value
        want = eager(lambda _, x: function(x), rates, [3.0, -1.0, 2.0])
        found = step.backward(np.array([3.0, -1.0, 2.0]), fresh=True)
        assert (found, [rates[0].grad]) == (pytest.approx(want[0]), pytest.approx(want[1]))


@ENGINES
def test_fresh_clears_what_calls_of_other_structures_have_reached(engine):
    p = [Value(1.0), Value(2.0), Value(3.0)]
    step = autograd.compile(
        lambda x: autograd.sum([a * b for a, b in zip(p, x, strict=False)]), engine=engine
    )
    step.backward([1.0, 1.0, 1.0], fresh=True)
    step.backward([5.0, 5.0], fresh=True)
    assert [v.grad for v in p] == [5.0, 5.0, 0.0]
    assert [v.has_grad for v in p] == [True, True, False]
    step.backward([1.0, 1.0, 4.0])
    assert [v.grad for v in p] == [6.0, 6.0, 4.0]


@ENGINES
def test_a_plain_number_is_a_result_like_any_other(engine):
    f = autograd.compile(lambda x: max(x, 0.0), engine=engine)
    for _ in range(3):
        assert f(2.0) == (2.0, 1.0)
        assert f(-1.0) == (0.0, 0.0)
        assert f.value(-1.0) == 0.0
    batch = autograd.compile(lambda x: max(x, 0), batch="x", engine=engine)
    assert batch.value([2.0, -1.0, 4.0]) == 2.0
    forward = autograd.compile(lambda x: [max(x, 0.0), 1], gradients=False, engine=engine)
    assert [forward(2.0), forward(-1.0)] == [[2.0, 1.0], [0.0, 1.0]]
    mixed = autograd.compile(
        lambda x: {"a": np.array(0.5) if x > 0 else x * x, "b": [x, 1]},
        gradients=False,
        batch="x",
        engine=engine,
    )
    found = mixed([2.0, -3.0])
    assert found["a"].tolist() == [0.5, 9.0]
    nothing = autograd.compile(lambda w, x: 3, wrt="w", batch="x", engine=engine)  # noqa: ARG005
    assert nothing(1.0, [1.0, 2.0]) == (3.0, 0.0)


def test_a_comparison_that_rounding_decides_is_traced_once():
    def f(x):
        total = autograd.sum([v * 0.1 for v in x])
        return total if total - sum(0.1 * v for v in x) >= 1e-17 else -total

    step = autograd.compile(f, engine="numpy")
    rng = np.random.default_rng(0)
    for _ in range(40):
        x = rng.normal(size=9).tolist()
        assert abs(step(x)[0]) == pytest.approx(abs(sum(x)) * 0.1)
    assert len(step.variants[True, listed(9)]) <= 2


def test_beyond_so_many_variants_calls_run_eagerly_and_say_so_once(monkeypatch):
    monkeypatch.setattr(module, "MAX_VARIANTS", 5)
    order = lambda x: sum(v * k for k, v in enumerate(sorted(x), 1))  # noqa: E731
    w = Value(2.0, "w")
    step = autograd.compile(lambda x: w * order(x))
    batch = autograd.compile(lambda x: w * order(x), batch="x")
    forward = autograd.compile(lambda x: [order(x)], gradients=False)
    rows = autograd.compile(lambda x: {"o": order(x)}, gradients=False, batch="x")
    rng = np.random.default_rng(1)
    with pytest.warns(SpecializationWarning, match="more than 5 ways.*eagerly") as told:  # noqa: PT031 - once in all calls
        for _ in range(20):
            X = rng.normal(size=(8, 4))
            wanted = [order(x) for x in X.tolist()]
            value, slopes = step(X[0])
            assert value == pytest.approx(2 * wanted[0])
            assert slopes == pytest.approx(2.0 * (1 + np.argsort(np.argsort(X[0]))))
            assert batch.backward(X, fresh=True) == pytest.approx(2 * np.mean(wanted))
            assert w.grad == pytest.approx(np.mean(wanted))
            assert forward(X[0].tolist()) == pytest.approx([wanted[0]])
            assert rows(X)["o"] == pytest.approx(np.array(wanted))
    assert len(told) == 4, "each function says so once"
    assert {warning.filename for warning in told} == {__file__}, "of the user's line"
    assert [len(known) for known in step.variants.values()] == [5]


def test_parameters_alone_have_gradients_by_name_beyond_so_many_variants(monkeypatch):
    monkeypatch.setattr(module, "MAX_VARIANTS", 1)
    w, b = Value(2.0, "w"), Value(3.0, "b")
    step = autograd.compile(lambda: w * b if w > 0 else w * w)
    assert step() == (6.0, {"w": 3.0, "b": 2.0})
    w.data = -1.0
    with pytest.warns(SpecializationWarning):
        assert step() == (1.0, {"w": -2.0})


def test_structures_are_dropped_least_recently_used_first(monkeypatch):
    monkeypatch.setattr(module, "MAX_STRUCTURES", 3)
    step = autograd.compile(autograd.sum)
    lengths = lambda: [key[1].arrays[0].shape[0] for key in step.variants]  # noqa: E731
    for n in (1, 2, 3, 1, 4):
        assert step(np.ones(n))[0] == n
    assert lengths() == [3, 1, 4]
    for n in (3, 1, 4):
        assert step(np.ones(n))[0] == n
    assert len(step.quick) == 3
    for n in (2, 3, 1, 4):
        for _ in range(3):
            assert step(np.ones(n))[0] == n


def test_new_shapes_leave_memory_flat(monkeypatch):
    monkeypatch.setattr(module, "MAX_STRUCTURES", 8)
    step = autograd.compile(lambda x: autograd.sum(list((x * x).ravel())))
    shapes = [(i, j) for i in range(1, 7) for j in range(1, 16)]
    sizes = []
    tracemalloc.start()
    try:
        for i, shape in enumerate(sorted(shapes, key=lambda s: hash(s) % 97)):
            for _ in range(2):
                assert step(np.ones(shape))[0] == np.prod(shape)
            if i % 30 == 29:
                gc.collect()
                sizes.append(tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()
    assert (len(step.variants), len(step.quick)) == (8, 8)
    assert sizes[-1] < sizes[0] + 200_000


class Point(typing.NamedTuple):
    x: float
    y: float


@ENGINES
def test_named_tuples_stay_what_they_are(engine):
    step = autograd.compile(lambda p: p.x * p.x * p.y, engine=engine)
    for x in (2.0, 3.0, 4.0):
        assert step(Point(x, 5.0)) == (x * x * 5, Point(2 * x * 5, x * x))
        assert type(step(Point(x, 5.0))[1]) is Point
    inside = autograd.compile(lambda p: p["a"][0].x * p["a"][1], engine=engine)
    found = inside({"a": [Point(2.0, 1.0), np.array(3.0)]})
    assert found[1]["a"][0] == Point(3.0, 0.0)
    assert [a.name for a in inside.program.arrays][:2] == ["x", "y"]


@ENGINES
def test_functions_and_keyword_only_arguments_are_arguments(engine):
    def f(x, act=autograd.tanh, *, scale=2.0, y):
        return act(x) * scale * y

    step = autograd.compile(f, engine=engine)
    for _ in range(3):
        value, (dx, dscale, dy) = step(0.5, y=3.0)
        assert (value, dy) == (6 * np.tanh(0.5), 2 * np.tanh(0.5))
        assert dscale == 3 * np.tanh(0.5)
        assert dx == pytest.approx(6 * (1 - np.tanh(0.5) ** 2))
        assert step(0.5, autograd.exp, y=1.0)[0] == 2 * np.exp(0.5)
    with pytest.raises(TypeError, match=r"f: got 3 arguments; give 4: x, act, scale=, y="):
        step(1.0, autograd.tanh, 2.0)
    with pytest.raises(TypeError, match="got 5 arguments"):
        step(1.0, autograd.tanh, 2.0, 3.0, y=1.0)


def square(x):
    return x * x


def test_compiled_functions_are_copied_and_pickled_without_their_programs():
    step = autograd.compile(square, engine="numpy")
    step(3.0)
    for again in (copy.copy(step), copy.deepcopy(step), pickle.loads(pickle.dumps(step))):
        assert repr(again) == "<compiled square(x), 0 variants>"
        assert again(4.0) == (16.0, 8.0)
        assert again.engine == "numpy"
    derivative = autograd.compile(autograd.grad(square))
    assert copy.deepcopy(derivative)(3.0) == 6.0


def test_a_call_in_which_anomalies_are_looked_for_explains_what_is_not_finite():
    log, double = autograd.compile(autograd.log), autograd.compile(lambda x: 2 * x)
    forward = autograd.compile(lambda x: [autograd.log(x)], gradients=False)
    for _ in range(3):  # the first, one that is checked, a quick one
        with autograd.detect_anomaly():
            assert double(2.0) == (4.0, 2.0)
            with pytest.raises(FloatingPointError, match=r"log\(x=0.0\) gave -inf"):
                log(0.0)
            with pytest.raises(FloatingPointError, match=r"log\(x=0.0\) gave -inf"):
                forward(0.0)
        assert log(0.0) == (-np.inf, np.inf)
        assert forward(0.0) == [-np.inf]


@pytest.mark.parametrize("options", [{}, {"batch": "x"}])
@pytest.mark.parametrize("wrap", [lambda f: f, autograd.grad])
def test_a_zero_that_met_infinity_is_told_of_though_all_results_are_finite(options, wrap):
    step = autograd.compile(wrap(lambda x: autograd.sqrt(x) ** 2), **options)
    x = [1.0, 0.0] if options else 0.0
    for _ in range(3):
        step(x)
        with (
            autograd.detect_anomaly(),
            pytest.raises(
                FloatingPointError, match=r"0 times infinity .* in sqrt\(.*test_dispatch"
            ),
        ):
            step(x)


def test_a_compiled_function_does_not_outlive_its_last_use():
    before = len(gc.get_objects())
    for _ in range(3):
        step = autograd.compile(lambda x: x * x, engine="numpy")
        [step(float(i)) for i in range(5)]
        del step
        gc.collect()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert len(gc.get_objects()) - before < 5_000


@ENGINES
@pytest.mark.parametrize("batch", [(), ("x",)])
def test_backward_takes_quick_calls_of_its_own(engine, batch):
    w, b, unused = Value(2.0, "w"), Value(-1.0, "b"), Value(1.0)

    def f(x):
        return w * x * x + b if x > 0 else (w - unused) * x

    step = autograd.compile(f, batch=batch, engine=engine)
    for number in [2.0, 3.0, -1.0, -2.0, 3.0, 4.0, -1.0] * 2:
        for fresh in (True, False):
            result = f(Value(number))
            result.backward()
            wanted = {v: v.grad for v in (w, b, unused)}
            for v in wanted:
                v.grad = 0.0 if fresh else 1.5
            found = step.backward(np.array([number]) if batch else number, fresh=fresh)
            assert found == pytest.approx(result.data)
            for v, slope in wanted.items():
                assert v.grad == pytest.approx(slope + (0.0 if fresh else 1.5))
                v.zero_grad()
    assert len(step.adjoints) == 2
    assert step(2.0 if not batch else np.array([2.0]))[0] == 7.0
