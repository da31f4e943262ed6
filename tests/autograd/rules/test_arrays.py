"""Array functions: element by element what the float functions give, without warnings."""

import itertools
import math

import numpy as np
import pytest

import autograd
from autograd.primitives import TABLE
from autograd.rules.backends import ARRAYS, FLOATS, local_derivatives

SPECIAL = (0.0, -0.0, 1.0, -1.0, 0.5, -3.0, 1e300, 5e-324, math.inf, -math.inf, math.nan)
IN_LISTS = (0.0, 1.0, 2.5, -800.0, 1e300, math.inf, -math.inf, math.nan)
FIXED = [entry for entry in TABLE.values() if not entry.variadic]
LISTS = [entry for entry in TABLE.values() if entry.variadic]


def same(a, b):
    if a != a or b != b or math.isinf(a) or math.isinf(b):
        return a == b or (a != a and b != b)
    return abs(a - b) <= 4 * math.ulp(max(abs(a), abs(b)))


def points(entry):
    count = len(entry.arguments)
    return list(itertools.product(SPECIAL if count < 3 else SPECIAL[::2], repeat=count))


@pytest.mark.parametrize("entry", FIXED, ids=lambda entry: entry.name)
def test_special_numbers_in_arrays_and_floats_agree(entry):
    rows = points(entry)
    columns = [np.array(column) for column in zip(*rows, strict=True)]
    found = getattr(autograd, entry.name)(*columns)
    wanted = [FLOATS[entry.name](*row) for row in rows]
    assert len(found) == len(rows)
    for row, got, want in zip(rows, found, wanted, strict=True):
        assert same(got, want), (row, got, want)


@pytest.mark.parametrize("entry", FIXED, ids=lambda entry: entry.name)
def test_derivatives_at_special_numbers_agree(entry):
    rows = [(*row, FLOATS[entry.name](*row)) for row in points(entry)]
    columns = [np.array(column) for column in zip(*rows, strict=True)]
    forms = [
        local_derivatives(entry, names, form)
        for names, form in ((ARRAYS, "arrays"), (FLOATS, "floats"))
    ]
    for from_arrays, from_floats in zip(*forms, strict=True):
        with np.errstate(all="ignore"):
            found = np.broadcast_to(from_arrays(*columns), len(rows))
        for row, got in zip(rows, found, strict=True):
            want = from_floats(*row)
            assert same(got, want), (row, got, want)


def arguments(entry, xs):
    """The arguments of a function of a list, and the same with arrays for lists."""
    ends = {"sum": (), "dot": (list(reversed(xs)), 0.5)}
    rest = ends.get(entry.name, (len(xs) - 1,) if entry.arguments[-1] == "k" else ())
    return (xs, *rest), [np.array(x) if isinstance(x, list) else x for x in (xs, *rest)]


def flat(numbers):
    return np.ravel(np.asarray(numbers, dtype=float)).tolist()


@pytest.mark.parametrize("size", [1, 2, 3])
@pytest.mark.parametrize("entry", LISTS, ids=lambda entry: entry.name)
def test_functions_of_lists_agree(entry, size):
    rules = [
        local_derivatives(entry, names, form)[0]
        for names, form in ((FLOATS, "floats"), (ARRAYS, "arrays"))
    ]
    for xs in itertools.product(IN_LISTS, repeat=size):
        as_lists, as_arrays = arguments(entry, list(xs))
        with np.errstate(all="ignore"):
            if entry.name == "softmax":
                z, again = FLOATS["softmax"](as_lists[0])[-1], ARRAYS["softmax"](as_arrays[0])[-1]
            else:
                z, again = FLOATS[entry.name](*as_lists), ARRAYS[entry.name](*as_arrays)
            assert same(again, z), (xs, again, z)
            wanted, found = flat(rules[0](*as_lists, z)), flat(rules[1](*as_arrays, z))
        assert len(wanted) == len(found)
        assert all(map(same, found, wanted)), (xs, found, wanted)


def test_lists_lie_along_the_first_axis():
    columns = np.array([[0.0, 1000.0], [0.0, 1000.0], [-800.0, 3.0]])
    for name in ("sum", "prod", "max", "min", "norm", "logsumexp", "mean"):
        found = ARRAYS[name](columns)
        assert found.shape == (2,)
        assert found.tolist() == pytest.approx([FLOATS[name](list(xs)) for xs in columns.T])
    assert ARRAYS["softmax"](columns)[:, 0].tolist() == [0.5, 0.5, 0.0]
    assert ARRAYS["cross_entropy"](columns, 1).tolist() == pytest.approx([math.log(2)] * 2)
    shares = ARRAYS["shares"](columns, np.max(columns, axis=0))
    assert shares.tolist() == [[0.5, 0.5], [0.5, 0.5], [0.0, 0.0]]


def test_the_rest_of_a_product_is_that_of_floats():
    x = np.array([0.1, 1e200, 1e-200, math.inf, math.nan, 3.0])
    with np.errstate(all="ignore"):
        found = ARRAYS["product_error"](x, x)
    assert found.tolist() == [FLOATS["product_error"](v, v) for v in x.tolist()]


def test_every_name_of_the_floats_is_there_for_arrays():
    assert FLOATS.keys() - ARRAYS.keys() <= {"Value", "context", "new", "operand", "watched"}
