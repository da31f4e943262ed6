"""What a program's lines call."""

import itertools
from math import inf, nan

import numpy as np
import pytest

from autograd.compiler.runtime.array_functions import FUNCTIONS, take
from autograd.primitives import TABLE
from autograd.rules.backends import ARRAYS, FLOATS

EDGES = (inf, -inf, nan, 0.0, -0.0, 1.0, -1.0, 0.5, 2.0, 1e308, -1e308, 5e-324, 800.0, -800.0)
LISTED = (inf, -inf, nan, 0.0, 1.0, 1e308, 5e-324, -800.0)


@pytest.mark.parametrize(
    ("xs", "k"),
    [((3,), ()), ((3,), (4,)), ((3, 4), (4,)), ((3, 4), ()), ((3, 4, 2), (4, 2)), ((3, 1), (4,))],
)
def test_take_reads_one_number_for_each_index(xs, k):
    rng = np.random.default_rng(0)
    numbers, index = rng.normal(size=xs), rng.integers(0, 3, k)
    shape = np.broadcast_shapes(xs[1:], k)
    alike = numbers.reshape(*xs, *[1] * (len(shape) + 1 - len(xs)))
    rest = np.broadcast_to(alike, (3, *shape)).reshape(3, -1)
    columns = np.broadcast_to(index, shape).ravel()
    expected = [rest[i, j] for j, i in enumerate(columns)]
    assert take(numbers, index).tolist() == np.reshape(expected, shape).tolist()


def alike(got, expected):
    """Tell where an array's number is the table's, or is not finite, so that a call is replayed."""
    size = np.maximum(np.abs(got), np.abs(expected))
    with np.errstate(all="ignore"):
        near = np.abs(got - expected) <= 1e-6 * np.maximum(size, 1e-6)
    return (got == expected) | (np.isnan(got) & np.isnan(expected)) | near


@pytest.mark.parametrize(
    "op", sorted(name for name, entry in TABLE.items() if not entry.variadic and entry.arguments)
)
def test_functions_of_numbers_are_the_tables_at_their_edges(op):
    count = len(TABLE[op].arguments)
    rows = list(itertools.product(EDGES if count < 3 else EDGES[:10], repeat=count))
    expected = np.array([float(FLOATS[op](*row)) for row in rows])
    columns = [np.array(column) for column in zip(*rows, strict=True)]
    with np.errstate(all="ignore"):
        got = np.broadcast_to({**ARRAYS, **FUNCTIONS}[op](*columns), expected.shape)
    assert [row for row, good in zip(rows, alike(got, expected), strict=True) if not good] == []


@pytest.mark.parametrize("length", [1, 2, 3])
@pytest.mark.parametrize(
    "op", sorted(name for name, entry in TABLE.items() if entry.variadic and name != "dot")
)
def test_functions_of_lists_are_the_tables_at_their_edges(op, length):
    rows = list(itertools.product(LISTED, repeat=length))
    lists, function = np.array(rows).T, {**ARRAYS, **FUNCTIONS}[op]
    for k in range(length if TABLE[op].arguments == ("xs", "k") else 1):
        index = [np.full(len(rows), k)] if op in {"take", "cross_entropy"} else []
        with np.errstate(all="ignore"):
            got = function(lists, *index)
        found = [FLOATS[op](list(row), *[k for _ in index]) for row in rows]
        if op == "softmax":
            got, found = got[k], [row[k] for row in found]
        good = alike(got, np.array(found, dtype=float))
        assert [row for row, fine in zip(rows, good, strict=True) if not fine] == []
