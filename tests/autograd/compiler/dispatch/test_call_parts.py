"""A quick call returns what the general way returns, and leaves to it what is built otherwise."""

import enum
from itertools import pairwise
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
import pytest

import autograd
from autograd import Value, compile, grad, hessian, hvp, jacobian, jvp, value_and_grad
from autograd.compiler.dispatch import array_call, call_parts
from autograd.compiler.tape.choice import COMPILED

ENGINES = ["numpy", "blocked", "tape"]
inf, nan = float("inf"), float("nan")


class Pair(NamedTuple):
    """A result that has names."""

    one: Any
    two: Any


class Side(enum.Enum):
    """A dict's key that cannot be written as text."""

    LEFT = 1
    RIGHT = 2


def same(one, other):
    """Whether two structures are the same: types, shapes, and numbers to the bit."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return list(one) == list(other) and same(list(one.values()), list(other.values()))
    if isinstance(one, (list, tuple)):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and np.array_equal(one, other, equal_nan=True)
    return one == other or (one != one and other != other)


def told(call, *args):
    """Return what a call returns, or what it says where it refuses."""
    try:
        return call(*args)
    except (TypeError, ValueError, LookupError) as error:
        return type(error), str(error)


def rosenbrock(x):
    return autograd.sum([100 * (b - a * a) ** 2 + (1 - a) ** 2 for a, b in pairwise(x)])


def kinked(x):
    return x[0] ** 2 * x[1] if x[0] < x[1] else autograd.exp(x[0]) * x[1]


def structured(p):
    return autograd.tanh(p["w"][0] * p["w"][1]) + p["b"][0] * autograd.sin(p["b"][1][0])


X, Y = np.array([0.5, 1.5, -2.0]), np.array([2.0, 0.5, 1.0])
LISTS = [[0.5, 1.5, -2.0], [2, 0.5, 1.0], [np.float64(1.0), 2.0, 3.0], [nan, 1.0, 2.0], [1e200] * 3]
ARRAYS = [X, Y, X[::-1], X.astype(np.float32), np.arange(3), X.astype(">f8"), X * inf, X * 1e160]
DICTS = [
    {"w": X[:2], "b": (0.5, [2.0])},
    {"w": Y[:2], "b": (1.5, [-2.0])},
    {"b": (1.5, [-2.0]), "w": Y[:2]},
    {"w": [1.0, 2.0], "b": [1.5, (2.0,)]},
    {"w": X[:2], "b": (1, [2])},
]
PROGRAMS = {
    "gradient of a list": (grad(rosenbrock), LISTS),
    "gradient of an array": (grad(rosenbrock), ARRAYS),
    "Hessian of a list": (hessian(rosenbrock), LISTS),
    "Hessian of an array": (hessian(rosenbrock), ARRAYS),
    "both": (value_and_grad(rosenbrock), [*ARRAYS, *LISTS]),
    "Jacobian": (jacobian(lambda x: (x[0] * x[1], {"s": [autograd.sin(x[2])]})), ARRAYS),
    "comparisons": (grad(kinked), [[0.5, 1.5], [2.0, 1.0], [0.5, 2.5], [1.0, nan], [3.0, 1.0]]),
    "a dict": (grad(structured), DICTS),
    "a dict's Hessian": (hessian(structured), DICTS),
    "product": (lambda x: hvp(rosenbrock, (x,), (x,))[0], ARRAYS),
    "pushed": (lambda x: jvp(lambda v: Pair(v[0] * v[1], [v[2], None]), (x,), (x,)), ARRAYS),
    "numbers": (lambda x: (x, x * x, [x, 2.0]), [1.0, 2, np.float64(3.0), True, -0.0, inf, 2**60]),
    "keys": (lambda p: {Side.RIGHT: p[Side.LEFT] * 2, "k": None},
             [{Side.LEFT: 1.0}, {Side.LEFT: 2.0}, {Side.RIGHT: 1.0}]),
    "rows": (lambda x: [[x[0][0] * x[1][1], x[0][1]], x[1]],
             [[[1.0, 2.0], [3.0, 4.0]], [[5.0, 6.0], [7.0, 8.0]], ([1.0, 2.0], [3.0, 4.0]),
              [(1.0, 2.0), [3.0, 4.0]], [[1.0, 2.0], [3.0]], np.ones((2, 2)), np.ones((3, 2))]),
    "parts that nothing reaches": (
        grad(lambda p: p["w"][0] * 2.0), [{"w": X[:1], "b": [Y, 1.0]}, {"w": Y[:1], "b": [X, 2.0]}]
    ),
    "nothing": (lambda x: [1.0, None], [1.0, 2.0, "a", None]),  # noqa: ARG005
}  # fmt: skip


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", PROGRAMS)
def test_results_are_those_of_the_general_way(name, engine):
    function, arguments = PROGRAMS[name]
    quick = compile(function, gradients=False, engine=engine)
    general = compile(function, gradients=False, engine=engine).general
    for _ in range(3):
        for x in [*arguments, *arguments[::-1]]:
            assert same(told(quick, x), told(general, (x,))), x
    assert quick.quick or (engine == "tape" and (name == "keys" or not COMPILED))


LOSSES = {
    "arrays that nothing reaches": (
        lambda p: p[0][0] * 2.0, [[X, [Y, 1.0]], [Y, [X[:2], 1.0]], [Y, [X, 2.0]], [X, [Y, 1]]]
    ),
    "list": (rosenbrock, LISTS),
    "array": (rosenbrock, ARRAYS),
    "dict": (structured, DICTS),
    "comparisons": (kinked, [[0.5, 1.5], [2.0, 1.0], [0.5, 2.5], [1.0, nan], [3.0, 1.0]]),
    "tuple": (lambda x: x[0] * x[1], [(1.0, 2.0), (2.0, 3.0), (1, 2), (1.0, 2), [1.0, 2.0]]),
    "mixed": (lambda x: x[0] * x[1]["k"][0],
              [[X[0], {"k": [2]}], [X, {"k": [2.0]}], [1, {"k": [2.0]}]]),
    "empty": (lambda x: x[0] * x[0] if not x[1] else x[0], [[1.0, {}], [2.0, {}], [2.0, []]]),
    "text": (lambda p: p[0] * (1.0 if p[1] == "one" else 2.0),
             [[1.0, "one"], [1.0, "two"], [3.0, "one"], [1.0, np.ones(3)], [1.0, None]]),
}  # fmt: skip


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", LOSSES)
def test_values_and_gradients_are_those_of_the_general_way(name, engine):
    function, arguments = LOSSES[name]
    quick, general = compile(function, engine=engine), compile(function, engine=engine).general
    for _ in range(3):
        for x in arguments:
            assert same(told(quick, x), told(general, (x,))), x
            alone = told(quick.value, x)
            assert alone == told(quick.value, x) or alone != alone
            whole = told(general, (x,))
            if "only whole numbers came" in str(whole):  # which have a value, but no gradient
                continue
            assert same(alone, whole if isinstance(whole[0], type) else whole[0]), x


@pytest.mark.parametrize("engine", ENGINES)
def test_parameters_are_read_at_each_quick_call(engine):
    w, k = Value(2.0, "w"), autograd.values([1.0, 2.0], "k")
    f = lambda x: autograd.sin(w * x) + autograd.dot(k, [x, x * x])  # noqa: E731
    step, slope = compile(f, engine=engine), compile(grad(f), engine=engine)
    named = compile(lambda: w * w * k[0], engine=engine)
    for number in (2.0, 3.0, -1.0):
        w.data = k[1].data = number
        assert slope(0.5) == pytest.approx(grad(f)(0.5), rel=1e-14)
        assert step(0.5) == pytest.approx((f(0.5).data, grad(f)(0.5)), rel=1e-14)
        value, slopes = named()
        assert (value, slopes["w"]) == (number**2, 2 * number)
        assert {name: np.shape(array) for name, array in slopes.items()} == {"w": (), "k": (1,)}


@pytest.mark.parametrize("engine", ENGINES)
def test_positions_are_checked_at_each_quick_call(engine):
    step = compile(grad(lambda x, k: autograd.take(x, k) ** 2), engine=engine)
    x = [1.0, 2.0, 3.0]
    for k in (0, 2, 1, 2):
        assert step(x, k) == [2 * v * (i == k) for i, v in enumerate(x)]
    for k in (3, -1):
        with pytest.raises(IndexError, match=f"selects with {k}; allowed are .* 0 to 2"):
            step(x, k)


@pytest.mark.parametrize("engine", ENGINES)
def test_an_array_of_positions(engine):
    """C does not take it; on the tape the call is Python's."""
    step = compile(lambda x, k: autograd.take(x, k[0]) * x[1], engine=engine)
    for k in (0, 2, 1, 0):
        value, slopes = step(X, np.array([k]))
        assert value == X[k] * X[1]
        assert slopes.tolist() == [X[1] * (i == k) + X[k] * (i == 1) for i in range(3)]


@pytest.mark.parametrize("engine", ENGINES)
def test_a_function_that_returns_nothing(engine):
    step = compile(lambda x: None, gradients=False, engine=engine)  # noqa: ARG005
    assert step(1.0) is step(1.0) is None
    assert not step.quick, "None says that a quick call has no answer"


@pytest.mark.parametrize("engine", ENGINES)
def test_batches(engine):
    rng = np.random.default_rng(0)
    w, xs = rng.normal(size=2), rng.normal(size=(5, 2))
    f = lambda w, x: autograd.tanh(autograd.dot(w, x)) if x[0] < 9 else w[0]  # noqa: E731
    for transform in (grad(f), hessian(f), value_and_grad(f), lambda w, x: (w[0], x)):
        quick = compile(transform, batch="x", gradients=False, engine=engine)
        general = compile(transform, batch="x", gradients=False, engine=engine).general
        for some in (xs, xs[:2], xs, xs * inf, xs[:, :1], xs):
            assert same(told(quick, w, some), told(general, (w, some)))


@pytest.mark.parametrize("engine", ENGINES)
def test_what_a_quick_call_returns_is_the_callers_own(engine):
    step = compile(lambda x: (x, x, x + 1, [x]), gradients=False, engine=engine)
    for _ in range(3):
        x = X.copy()
        one, two, more, (three,) = step(x)
        for array in (one, two, more, three):
            array[:] = 7.0
        assert x.tolist() == X.tolist()
        assert step(x)[1].tolist() == X.tolist()


def test_variants_are_tried_by_turns():
    """The variant that answered last is tried first; others are reached from it."""
    step = compile(kinked)
    points = [[0.5, 1.5], [2.0, 1.0], [0.0, 1.0]]
    eager = [grad(kinked)(x) for x in points]
    for _ in range(3):
        assert [step(x)[1] for x in points] == eager
    assert len(step.quick) == 1
    sources = set()
    for x in points[:2]:
        step(x)
        sources.add(id(step.last))
    assert len(sources) == 2


BOTH = pytest.mark.parametrize(
    "parts", [call_parts, pytest.param(array_call.parts, id="those in use")]
)


def read(reader, thing):
    """Return what a reader appends; None where it refuses."""
    out = []
    return out if reader.read(thing, out) else None


@BOTH
def test_readers_take_what_has_their_structure_alone(parts):
    number = parts.NumberReader(False)
    assert read(number, 2.0) == read(number, np.float64(2.0)) == [2.0]
    assert read(number, 2) is read(number, np.float32(2)) is read(number, "a") is None
    whole = parts.NumberReader(True)
    assert read(whole, 2) == [2]
    assert read(whole, True) is read(whole, 2.0) is None
    for thing, others in ((None, [0, False]), ("a", ["b", None]), (3, [4, True, 3.0]), (abs, [3])):
        same = parts.Reader(thing)
        assert read(same, thing) == []
        assert [read(same, other) for other in others] == [None] * len(others)
    assert read(parts.Reader("ab"), str(b"ab", "ascii")) == []


@BOTH
def test_arrays_are_read_as_they_are(parts):
    plain = parts.ArrayReader((3,), False, False)
    assert read(plain, X)[0] is X
    wrong = [X[:2], X.astype(np.float32), X.astype(int), X.tolist(), X[None], X.astype(">f8")]
    assert [read(plain, x) for x in wrong] == [None] * 6
    whole = parts.ArrayReader((3,), True, False)
    assert read(whole, X.astype(np.uint8))[0].dtype == np.uint8
    assert read(whole, X) is None
    batch = parts.ArrayReader((3,), False, True)
    assert read(batch, np.ones((5, 3)))[0].shape == (5, 3)
    for x in (np.ones((0, 3)), np.ones(3), np.array(1.0), np.ones((5, 2))):
        assert read(batch, x) is None


@BOTH
def test_containers_are_read_item_by_item(parts):
    number = parts.NumberReader(False)
    rows = parts.ListReader((2, 2))
    assert read(rows, [[1.0, 2.0], [3.0, np.float64(4.0)]])[0].tolist() == [[1, 2], [3, 4]]
    for x in ([[1.0, 2.0], [3.0]], [[1.0, 2.0], [3.0, 4]], [1.0, 2.0], ([1.0, 2.0], [3.0, 4.0])):
        assert read(rows, x) is None
    pair = parts.SequenceReader(tuple, [number, number])
    assert read(pair, (1.0, 2.0)) == [1.0, 2.0]
    assert read(pair, [1.0, 2.0]) is read(pair, (1.0,)) is read(pair, (1.0, 2)) is None
    named = parts.DictReader(("a", "b"), [number, pair])
    assert read(named, {"a": 1.0, "b": (2.0, 3.0)}) == [1.0, 2.0, 3.0]
    assert read(named, {"b": (2.0, 3.0), "a": 1.0}) is read(named, [("a", 1.0)]) is None
    node = parts.NodeReader(Pair, lambda x: (list(x), "data"), "data", [number, number])
    assert read(node, Pair(1.0, 2.0)) == [1.0, 2.0]
    assert read(node, (1.0, 2.0)) is None
    other = parts.NodeReader(Pair, lambda x: (list(x), "other"), "data", [number, number])
    assert read(other, Pair(1.0, 2.0)) is None


@BOTH
def test_writers_return_what_is_the_callers_own(parts):
    found = [np.array([1.0, 2.0]), 3.0, np.array(4.0)]
    write = lambda writer: writer.write(found, 5)  # noqa: E731
    assert write(parts.NumberWriter(1)) == 3.0
    assert write(parts.NumberWriter(-1)) == 0.0
    assert write(parts.ArrayWriter(0, (2,), True, False)) is found[0]
    copied = write(parts.ArrayWriter(0, (2,), False, False))
    assert copied is not found[0]
    assert copied.tolist() == write(parts.ArrayWriter(0, (2,), False, True)) == [1.0, 2.0]
    assert write(parts.ArrayWriter(1, (2,), True, False)).tolist() == [3.0, 3.0]
    assert write(parts.ArrayWriter(-1, (2,), True, True)) == [0.0, 0.0]
    number = parts.NumberWriter(2)
    assert write(parts.SequenceWriter(list, [number, parts.Writer(None)])) == [4.0, None]
    assert write(parts.SequenceWriter(tuple, [number])) == (4.0,)
    assert write(parts.SequenceWriter(Pair, [number, number])) == Pair(4.0, 4.0)
    assert write(parts.DictWriter(("k",), [number])) == {"k": 4.0}
    placed = lambda array, shape, sample, batches: (array, shape, sample, batches)  # noqa: E731
    assert write(parts.SampleWriter(1, (2,), True, True, placed)) == (3.0, (2,), True, (5,))
    assert write(parts.SampleWriter(1, (2,), False, False, placed)) == (3.0, (2,), False, ())
    assert write(parts.AllWriter()) == tuple(found)


def call_of(parts, run, **changed):
    """Make the call of a program of a number, a matrix, a cube and a parameter."""
    given = {
        "reader": parts.SequenceReader(tuple, [parts.NumberReader(False), *(
            parts.ArrayReader(shape, False, True) for shape in ((2,), (2, 2)))]),
        "batches": [1, 2], "checks": [], "check": None, "wholes": [], "kinds": [1, 2, 3, 4, 0],
        "sources": [0, 1, 2, 0, 1], "floats": [0, 1, 2], "parameters": lambda: np.ones(4),
        "cuts": [(slice(0, 2), None)],
        "run": run, "layout": 0, "outcomes": [True, False], "is_exact": False, "returns": 1,
        "writer": parts.AllWriter(), "limited": SimpleNamespace(), "most": inf, "enlarge": None,
    }  # fmt: skip
    return parts.ArrayCall(*{**given, **changed}.values())


@BOTH
def test_a_call_runs_the_program_on_its_arrays(parts):
    seen = []

    def run(numbers):
        seen[:] = numbers
        return np.float64(7.0), [np.ones(2)], [np.array([True]), False]

    rows, cube = np.ones((3, 2)), np.ones((3, 2, 2))
    value, (gradient,) = call_of(parts, run)((2.0, rows, cube))
    assert (value, gradient.tolist()) == (7.0, [1.0, 1.0])
    assert [np.shape(x) for x in seen] == [(), (2, 3), (2, 2, 3), (2,), (3, 2)]
    assert type(seen[0]) is np.float64
    assert call_of(parts, run, returns=2)((2.0, rows, cube)) == 7.0
    assert call_of(parts, run)((2.0, rows, cube[:2])) is None, "of different lengths"
    assert call_of(parts, run)((2.0, rows)) is None
    checked = []
    counted = call_of(
        parts,
        run,
        checks=[(1, [0], 3, 2)],
        check=lambda *args: checked.append(args[1:]),
        wholes=[1],
    )
    counted((2.0, rows, cube))
    assert checked == [([0], 3, 2)]


@BOTH
def test_a_call_tells_which_guard_failed(parts):
    said = [True, False]
    call = call_of(parts, lambda numbers: (1.0, [], list(said)))  # noqa: ARG005
    args = 2.0, np.ones((3, 2)), np.ones((3, 2, 2))
    for said[:], failed in (([True, False], -1), ([True, True], 1), ([False, True], 0)):
        assert (call(args) is None, call.failed) == (failed >= 0, failed)
    assert call(()) is None
    assert call.failed == -1


@BOTH
@pytest.mark.parametrize("bad", [inf, nan, 1e200])
def test_a_call_has_no_answer_where_a_number_is_not_finite(parts, bad):
    args = 2.0, np.ones((3, 2)), np.ones((3, 2, 2))
    found = [1.0, [np.ones(2)], [True, False]]
    call = call_of(parts, lambda numbers: tuple(found))  # noqa: ARG005
    own = call_of(parts, lambda numbers: tuple(found), parameters=lambda: np.array([bad, bad]))  # noqa: ARG005
    is_answered = bad == 1e200
    assert (own(args) is not None) == is_answered
    assert (call((bad, *args[1:])) is not None) == is_answered
    found[1] = [np.array([bad])]
    assert (call(args) is not None) == is_answered
    assert call_of(parts, lambda numbers: tuple(found), is_exact=True)(args) is not None  # noqa: ARG005
    found[0] = bad
    assert (call(args) is not None) == is_answered


@BOTH
def test_large_batches_are_run_by_another_call_which_is_made_once(parts):
    made = []

    def enlarge():
        made.append(1)
        return call_of(parts, lambda _: (2.0, [], [False, False]))

    small = call_of(parts, lambda _: (1.0, [], [True, False]), most=3, enlarge=enlarge)
    rows, cube = np.ones((3, 2)), np.ones((3, 2, 2))
    assert small((2.0, rows, cube)) == (1.0, ())
    assert not made
    for _ in range(2):
        assert small((2.0, np.ones((4, 2)), np.ones((4, 2, 2)))) is None
        assert small.failed == 0  # the guard that failed there
    assert made == [1]
    none = call_of(parts, lambda _: (1.0, [], [True, False]), most=0, enlarge=enlarge)
    assert none((2.0, rows, cube)) is None
    assert made == [1, 1]
