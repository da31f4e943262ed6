"""Values that nobody should give, by name: each is made afresh, since some change when touched."""

import decimal
import fractions
import types

import numpy as np

from autograd import Value, constant

DEEP = 100_000  # levels of nesting: a hundred times what Python's stack takes


class HostileError(Exception):
    """What a hostile object raises; it may come through, since it is the caller's own."""


def fail(*_args, **_named):
    """Raise, whatever is asked."""
    raise HostileError("this object raises whatever it is asked")


def object_with(*bases, **methods):
    """Make an object of a class of its own, with these methods."""
    made = {
        name: method if callable(method) else (lambda *_, result=method: result)
        for name, method in methods.items()
    }
    kind = type("Hostile", bases or (object,), made)
    return kind() if not bases or bases[0] in {list, tuple, dict} else kind(2)


def nested(kind, levels=DEEP):
    """Nest a container; what Python frees without recursion."""
    made = kind([1.0])
    for _ in range(levels):
        made = kind([made])
    return made


def nested_dict(levels=DEEP):
    """Nest dicts under one key."""
    made = {"x": 1.0}
    for _ in range(levels):
        made = {"x": made}
    return made


def cyclic_list():
    """Return a list that holds itself."""
    made = [1.0]
    made.append(made)
    return made


def cyclic_dict():
    """Return a dict that holds itself."""
    made = {"w": 1.0}
    made["self"] = made
    return made


def cyclic_array():
    """Return an object array that holds itself."""
    made = np.empty(2, dtype=object)
    made[:] = [1.0, made]
    return made


def failing_iterator():
    """Give one number, then raise."""
    yield 1.0
    fail()


def deep_graph():
    """Return the end of a long chain of nodes."""
    v = Value(1.0)
    for _ in range(2_000):  # lifting takes its time
        v = v * 1.0
    return v


NUMBERS = {
    "a bool": lambda: True,
    "nan": lambda: float("nan"),
    "inf": lambda: float("inf"),
    "-inf": lambda: float("-inf"),
    "a subnormal": lambda: 5e-324,
    "-0.0": lambda: -0.0,
    "the largest float": lambda: 1.7976931348623157e308,
    "minus one": lambda: -1,
    "zero": lambda: 0,
    "a half": lambda: 0.5,
    "2**62": lambda: 2**62,
    "10**400": lambda: 10**400,
    "-10**400": lambda: -(10**400),
    "a complex": lambda: 1j,
    "a Fraction": lambda: fractions.Fraction(1, 3),
    "a huge Fraction": lambda: fractions.Fraction(10**400),
    "a Decimal": lambda: decimal.Decimal("0.1"),
    "a signalling Decimal": lambda: decimal.Decimal("sNaN"),
    "np.float32 nan": lambda: np.float32("nan"),
    "np.longdouble 1e4000": lambda: np.longdouble("1e4000"),
    "np.complex128": lambda: np.complex128(1 + 2j),
    "np.datetime64": lambda: np.datetime64("2020-01-01"),
    "np.bool": lambda: np.bool_(True),
    "np.str": lambda: np.str_("x"),
    "a masked number": lambda: np.ma.masked,
    "a 0-d array": lambda: np.array(0.5),
    "a 0-d object array": lambda: np.array(None, dtype=object),
}
THINGS = {
    "None": lambda: None,
    "an empty str": lambda: "",
    "a str": lambda: "abc",
    "a lone surrogate": lambda: "\ud800",
    "a str with a NUL": lambda: "a\0b",
    "a long str": lambda: "x" * 100_000,
    "bytes": lambda: b"abc",
    "an object": object,
    "a type": lambda: int,
    "a function": lambda: lambda *_: None,
    "a module": lambda: types,
    "Ellipsis": lambda: ...,
    "NotImplemented": lambda: NotImplemented,
    "a Value": lambda: Value(2.0, "v"),
    "a Value of nan": lambda: Value(float("nan")),
    "a constant": lambda: constant(2.0),
    "a result": lambda: Value(2.0) * Value(3.0),
    "a deep graph": deep_graph,
    "a memoryview": lambda: memoryview(b"abc"),
}
CONTAINERS = {
    "an empty list": list,
    "an empty tuple": tuple,
    "an empty dict": dict,
    "a set": lambda: {1.0, 2.0},
    "a list of None": lambda: [None],
    "a list of str": lambda: ["a", 1],
    "a list of nan": lambda: [float("nan"), float("inf")],
    "a list of 10**400": lambda: [10**400, 1],
    "an empty row": lambda: [[]],
    "ragged rows": lambda: [[1.0], [1.0, 2.0], 3.0],
    "a list of Values": lambda: [Value(1.0), Value(2.0)],
    "a dict of objects": lambda: {None: object(), "w": [1]},
    "a dict": lambda: {"w.0": "1", 3: float("nan")},
    "a cyclic list": cyclic_list,
    "a cyclic dict": cyclic_dict,
    "a cyclic array": cyclic_array,
    "a deep list": lambda: nested(list),
    "a deep tuple": lambda: nested(tuple),
    "a deep dict": nested_dict,
    "a range": lambda: range(3),
    "a failing iterator": failing_iterator,
    "an empty array": lambda: np.zeros((0, 3)),
    "a 3-d array": lambda: np.zeros((2, 2, 2)),
    "an array of str": lambda: np.array(["a", "b"]),
    "an array of None": lambda: np.array([None, 1], dtype=object),
    "a complex array": lambda: np.array([1 + 2j]),
    "an array of nan": lambda: np.array([np.nan, np.inf]),
    "a structured array": lambda: np.zeros(2, dtype=[("a", "f8"), ("b", "i4")]),
    "a masked array": lambda: np.ma.array([1.0, 2.0], mask=[True, False]),
}
LIARS = {
    "len -1": lambda: object_with(__len__=-1, __iter__=lambda _: iter([1.0])),
    "len 2**62": lambda: object_with(__len__=2**62, __getitem__=fail),
    "len raises": lambda: object_with(__len__=fail, __iter__=lambda _: iter([1.0])),
    "iter raises": lambda: object_with(list, __iter__=fail),
    "iter is no iterator": lambda: object_with(__iter__=5),
    "getitem raises": lambda: object_with(__len__=3, __getitem__=fail),
    "a list that lies": lambda: object_with(list, __len__=7, __getitem__=fail),
    "a list that shrinks": lambda: object_with(list, __iter__=lambda _: iter(range(3)), __len__=5),
    "a dict that raises": lambda: object_with(dict, items=fail, keys=fail, __iter__=fail),
    "array raises": lambda: object_with(__array__=fail),
    "array is a str": lambda: object_with(__array__="abc"),
    "array is ragged": lambda: object_with(__array__=[[1], [1, 2]], __len__=2),
    "a shape that lies": lambda: object_with(shape=(3,), ndim=1, __array__=fail),
    "float raises": lambda: object_with(__float__=fail),
    "float is a str": lambda: object_with(__float__="abc"),
    "float is nan": lambda: object_with(__float__=float("nan")),
    "index is huge": lambda: object_with(__index__=10**400),
    "index raises": lambda: object_with(__index__=fail),
    "a float that raises": lambda: object_with(float, __float__=fail, __repr__=fail),
    "an int that raises": lambda: object_with(int, __int__=fail, __float__=fail, bit_length=fail),
    "a str that raises": lambda: object_with(str, __str__=fail, __eq__=fail, __hash__=fail),
    "eq raises": lambda: object_with(__eq__=fail, __hash__=fail),
    "eq is a str": lambda: object_with(__eq__="yes", __hash__=1),
    "hash raises": lambda: object_with(__hash__=fail),
    "bool raises": lambda: object_with(__bool__=fail),
    "repr raises": lambda: object_with(__repr__=fail),
    "repr is no str": lambda: object_with(__repr__=5),
    "everything is there": lambda: object_with(__getattr__=lambda self, _: self),
    "attributes raise": lambda: object_with(__getattr__=fail),
    "an odd class": lambda: object_with(__class__=property(lambda _: Value)),
    "a failing class": lambda: object_with(__class__=property(fail)),
    "a failing path": lambda: object_with(__fspath__=fail),
    "a path of bytes": lambda: object_with(__fspath__=b"\xff\0"),
    "a function that raises": lambda: fail,
    "reduce raises": lambda: object_with(__reduce_ex__=fail, __deepcopy__=fail),
}
HOSTILE = {**NUMBERS, **THINGS, **CONTAINERS, **LIARS}
