"""What a compiled call returns is the caller's to change."""

import numpy as np
import pytest

import autograd
from autograd.compiler.dispatch.ownership import owned

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


@pytest.mark.parametrize("engine", ["numpy", "tape"])
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


@pytest.mark.parametrize(
    ("returned", "expected"),
    [
        ("T1", []),
        ("(T1, (da, db))", [True, True]),
        ("(T1, (da, da))", [False, False]),
        ("(T1, (da, da.T))", [False, False]),
        ("(T1, (a, C1[index1]))", [False, False]),
        ("(T1, (-a, zeros_like(a)))", [True, True]),
        ("(T1, ((a + b).reshape(2, 3).T, b.sum(axis=0)))", [True, True]),
        ("(T1, (a.reshape(2), a.T))", [False, False]),
        ("(T1, (broadcast_to(1.0, shape(a)), take(a, k)))", [False, False]),
    ],
)
def test_what_is_new(returned, expected):
    lines = ["da = a * b", "db = exp(a)", "dc = a.T", "db[0] += 1.0", f"return {returned}"]
    source = "def program(a, b):\n" + "\n".join(f"    {line}" for line in lines)
    assert owned(source) == expected
