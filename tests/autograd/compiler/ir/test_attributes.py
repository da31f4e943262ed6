"""What is told of programs; what a compiled call returns is the caller's to change."""

import numpy as np
import pytest

import autograd
from autograd.compiler.ir.array_ir import ArrayProgram, Equation, Variable
from autograd.compiler.ir.attributes import is_read_as_numbers, needed, operation_count, owned
from autograd.compiler.ir.builder import Builder

FIRST, SECOND = np.array([1.0, 2.0, 3.0]), np.array([5.0, 6.0, 7.0])
w = autograd.values([1.0, 2.0, 3.0], "w")


def changed(step, *args):
    """Call three times, spoil all gradients after each call, and return what came."""
    found = []
    for _ in range(3):
        given = [np.array(a) for a in args]
        value, gradients = step(*given)
        arrays = list(gradients.values()) if isinstance(gradients, dict) else gradients
        arrays = list(arrays) if isinstance(arrays, list | tuple) else [arrays]
        found.append((value, [array.copy() for array in arrays]))
        for array in arrays:
            array[...] = np.nan
        assert all((a == b).all() for a, b in zip(given, args, strict=True))
    return found


@pytest.mark.parametrize("engine", ["numpy", "blocked", "tape"])
@pytest.mark.parametrize(
    ("function", "options"),
    [
        (lambda xs, ys: autograd.dot(ys, xs), {}),
        (lambda xs, ys: autograd.sum([x + 2.0 * y for x, y in zip(xs, ys, strict=True)]), {}),
        (lambda xs, ys: autograd.sum([(i + 1.0) * x * ys[0] for i, x in enumerate(xs)]), {}),
        (lambda xs, ys: autograd.sum([(x + y).exp() for x, y in zip(xs, ys, strict=True)]), {}),
        (lambda xs, ys: autograd.dot(w, xs) * ys[0], {"wrt": ()}),
        (lambda xs, ys: autograd.dot(xs, ys).exp(), {}),
    ],
)
def test_gradients_can_be_changed(function, options, engine):
    # The second call on is the quick one; it handed out the argument itself.
    step = autograd.compile(function, engine=engine, **options)
    first, *more = changed(step, FIRST, SECOND)
    for value, gradients in more:
        assert value == first[0]
        for ours, theirs in zip(gradients, first[1], strict=True):
            np.testing.assert_array_equal(ours, theirs)


build = Builder()
a, b = Variable("a", (2, 2), "argument"), Variable("b", (2, 2), "argument")
k = Variable("k", (), "argument")
da, db, dc = (Variable(name, (2, 2), "cotangent") for name in ("da", "db", "dc"))
EQUATIONS = [
    Equation(da, build.mul(a, b)),
    Equation(db, build.call("exp", a)),
    Equation(dc, build.transpose(a, (1, 0))),
]


@pytest.mark.parametrize(
    ("results", "expected"),
    [
        ([], []),
        ([da, db], [True, True]),
        ([da, da], [False, False]),
        ([da, build.transpose(da, (1, 0))], [False, False]),
        ([a, dc], [False, False]),
        ([build.neg(a), build.make("accumulate", attributes=((), (2, 2)))], [True, True]),
        ([build.transpose(build.add(a, b), (1, 0)), build.reduce_sum(b, [0])], [True, True]),
        ([build.reshape(a, (4,)), build.index(a, (0,))], [False, False]),
        ([build.broadcast_to(build.number(1.0), (2, 2)), build.call("take", a, k)],
         [False, False]),
    ],
)  # fmt: skip
def test_what_is_new(results, expected):
    with_gradients = ArrayProgram((a, b, k), {}, EQUATIONS, k, tuple(results))
    assert owned(with_gradients) == expected
    assert owned(ArrayProgram((a, b, k), {}, EQUATIONS, outputs=tuple(results))) == expected


def test_equations_that_nothing_rests_on_are_not_needed():
    T1 = Variable("T1", (2, 2), "result")
    equations = [*EQUATIONS, Equation(T1, build.add(db, a))]
    assert needed(equations, [T1]) == [EQUATIONS[1], equations[3]]
    assert needed(equations, [a]) == []


def test_an_input_can_be_positions_alone():
    position = build.call("whole", k)
    program = ArrayProgram((a, k), {}, [Equation(da, build.call("take", a, position))], k)
    assert is_read_as_numbers(program, "k")
    assert not is_read_as_numbers(ArrayProgram((a, k), {}, program.equations, a), "k")
    assert is_read_as_numbers(program, "a")


def test_operations_are_counted():
    program = ArrayProgram((a, b), {}, EQUATIONS, outputs=(build.add(da, db),))
    assert operation_count(program) == 3
