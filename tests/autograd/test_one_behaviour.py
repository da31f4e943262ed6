"""What a `Value` shows of itself, one list for both kernels; each is also run beside the other."""

import copy
import enum
import math
import os
import pickle
import subprocess
import sys
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

import autograd
from autograd import Value, value
from autograd.kernels.selection import KERNELS


class Name(str):
    __slots__ = ()


class Colour(str, enum.Enum):  # noqa: UP042 - whose str() is not its text
    RED = "red"


def deleted(name):
    v = Value(2.0)
    delattr(v, name)


def loaded(op, *inputs, data=1.0, grad=None, label=None, partials=None):
    partials = (1.0,) * len(inputs) if partials is None else partials
    return value.loaded(op, data, grad, label, partials, *inputs)


def remade():
    v = Value(2.0) * 3
    v.__init__(5.0)


def made_late():
    v = Value.__new__(Value)
    return v, v * 2 + 1, v.is_leaf, v.grad, copy.copy(v), pickle.loads(pickle.dumps(v))


def labelled(label):
    v = Value(1.0, label)
    constant = autograd.constant(2.0, label)
    w = v * 2
    w.label = label
    return [(x.label, type(x.label)) for x in (v, constant, w, pickle.loads(pickle.dumps(w)))]


TWOS = [Fraction(2), Decimal(2), 2 + 0j, np.complex64(2), np.longdouble(2), np.clongdouble(2)]
NOT_TWO = [Fraction(7, 3), Decimal("2.1"), 2 + 1j, 10**400, "2", None]
BEYOND_TWO = [Fraction(7, 3), Decimal("2.1"), np.longdouble("2.5"), 10**400]
x, y, NAN = Value(2.0, "x"), Value(5.0), Value(math.nan)
BEHAVIOURS = {
    "repr of a leaf": lambda: x,
    "repr of a result": lambda: x * 3 + 1,
    "repr of a nan": lambda: Value(math.nan, "n"),
    "a NumPy string as a label": lambda: labelled(np.array(["w"])[0]),
    "a subclass of str as a label": lambda: labelled(Name("w")),
    "an enum as a label": lambda: labelled(Colour.RED),
    "bytes as a label": lambda: Value(1.0, b"w"),
    "a number as a label": lambda: Value(1.0, 3),
    "init of a result": remade,
    "new without init": made_late,
    "del data": lambda: deleted("data"),
    "del grad": lambda: deleted("grad"),
    "del label": lambda: deleted("label"),
    "equality": lambda: [x == 2, x == 2, x != 2, x == Value(2.0), x == "2", x == None],  # noqa: E711
    "equality of a nan": lambda: [NAN == NAN, NAN != NAN, NAN == 1.0],
    "equality with other numbers": lambda: [bool(n == x and x == n) for n in TWOS],
    "inequality with other numbers": lambda: [bool(x != n) for n in (*TWOS, *NOT_TWO)],
    "order with other numbers": lambda: [(x < n, n < x, x >= n, n >= x) for n in BEYOND_TWO],
    "order with a complex number": lambda: [x.__lt__(2j), x.__ge__(2j)],
    "a list": lambda: [2.0 in [y, x], Value(2.0) in [y, x], [y, x].index(2), [x, x, 3].count(2)],
    "a set": lambda: [2.0 in {x, y}, Value(2.0) in {x, y}, x in {x, y}, len({x, Value(2.0)})],
    "index": lambda: [1, 2, 3][x],
    "range": lambda: range(x),
    "complex": lambda: complex(x),
    "bool, int, float": lambda: [bool(x), int(x), float(x)],
    "format": lambda: [f"{x}", f"{x:.3f}", "%.2f %d" % (x, x)],  # noqa: UP031
    "trunc": lambda: [math.trunc(Value(v)) for v in (-1.5, 1.5)],
    "None among inputs": lambda: loaded("mul", x, None),
    "None alone": lambda: loaded("exp", None),
    "None in a list": lambda: loaded("sum", x, None, x),
    "a number among inputs": lambda: loaded("mul", x, 3.0),
    "too few inputs": lambda: loaded("mul", x),
    "no inputs": lambda: loaded("sum"),
    "a leaf with inputs": lambda: loaded("leaf", x),
    "too few partials": lambda: loaded("mul", x, x, partials=(1.0,)),
    "partials that are none": lambda: loaded("exp", x, partials=7),
    "partials of text": lambda: loaded("exp", x, partials=("a",)),
    "an unknown operation": lambda: loaded("no such", x),
    "an operation that is no name": lambda: loaded(["mul"], x),
    "text for data": lambda: loaded("exp", x, data="a"),
    "text for a gradient": lambda: loaded("exp", x, grad="a"),
    "a number for a label": lambda: loaded("exp", x, label=3),
    "a good one": lambda: loaded("exp", x, grad=1, label=np.str_("e")),
}


def outcome(name):
    """Return what came of it, as text."""
    try:
        return repr(BEHAVIOURS[name]())
    except Exception as error:  # noqa: BLE001 - what it raises is what is compared
        return f"{type(error).__name__}: {error}"


EXPECTED = {
    "repr of a leaf": "Value(2.0, label='x')",
    "a NumPy string as a label": repr([("w", str)] * 4),
    "a subclass of str as a label": repr([("w", str)] * 4),
    "an enum as a label": repr([("red", str)] * 4),
    "init of a result": (
        "TypeError: a Value is made once: set its data, or make another one with Value(...)"
    ),
    "new without init": ("(Value(0.0), Value(1.0, op='add'), True, 0.0, Value(0.0), Value(0.0))"),
    "del data": "AttributeError: data cannot be deleted: a Value always has a number",
    "del grad": "AttributeError: grad cannot be deleted: zero_grad() forgets a gradient",
    "del label": "AttributeError: label cannot be deleted: set it to None",
    "equality": "[True, True, False, True, False, False]",
    "equality of a nan": "[False, True, False]",
    "equality with other numbers": str([True] * 6),
    "inequality with other numbers": str([False] * 6 + [True] * 6),
    "order with other numbers": str([(True, False, False, True)] * 4),
    "order with a complex number": "[NotImplemented, NotImplemented]",
    "a list": "[True, True, 1, 2]",
    "a set": "[False, False, True, 2]",
    "trunc": "[Value(-1.0, op='ceil'), Value(1.0, op='floor')]",
    "None among inputs": "TypeError: the pickle has None among the inputs of 'mul', not a Value",
    "too few inputs": "ValueError: the pickle has 1 inputs of 'mul', which takes others",
    "too few partials": "ValueError: the pickle has 2 inputs and 1 partials of 'mul'",
    "partials that are none": "TypeError: the pickle has an int (7) for partials, not a tuple",
    "a good one": "Value(1.0, label='e', op='exp', grad=1.0)",
}


@pytest.mark.parametrize("name", EXPECTED)
def test_it_is_as_said(name):
    assert outcome(name) == EXPECTED[name]


@pytest.mark.parametrize("name", [name for name in BEHAVIOURS if "None" in name or "text" in name])
def test_a_forged_pickle_is_refused(name):
    assert outcome(name).partition(":")[0] in {"TypeError", "ValueError"}


PROGRAM = f"from {__name__} import *\nfor n in BEHAVIOURS: print(n, outcome(n))"


@pytest.mark.skipif(len(KERNELS) < 2, reason="this install has one kernel")
def test_the_kernels_agree():
    found = []
    for kernel in KERNELS:
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM],
            env={**os.environ, "AUTOGRAD_KERNEL": kernel},
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )  # fmt: skip
        found.append(done.stdout.splitlines())
    assert len(found[0]) == len(BEHAVIOURS)
    assert found[0] == found[1]
