"""NumPy's functions that only rearrange elements, or query an array.

NumPy's own implementation is applied to plain arrays of the same nodes; its result becomes a
`ValueArray` again.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.arrays.comparisons import is_boolean
from autograd.errors import ConcretizationError, shown
from autograd.functions.install import FUNCTIONS
from autograd.rules.numpy_dispatch import answer_to, implements, written
from autograd.tree import check_depth, tree_leaves, tree_map
from autograd.value import Value
from autograd.value_array import BooleanArray, ValueArray, array_of_objects, wrapped

MOVES = [
    "append",
    "array_split",
    "atleast_1d",
    "atleast_2d",
    "atleast_3d",
    "block",
    "broadcast_arrays",
    "broadcast_to",
    "column_stack",
    "concatenate",
    "copy",
    "delete",
    "diag",
    "diag_indices_from",
    "diagflat",
    "diagonal",
    "dsplit",
    "dstack",
    "expand_dims",
    "flip",
    "fliplr",
    "flipud",
    "hsplit",
    "hstack",
    "insert",
    "matrix_transpose",
    "moveaxis",
    "pad",
    "permute_dims",
    "ravel",
    "repeat",
    "reshape",
    "resize",
    "roll",
    "rollaxis",
    "rot90",
    "split",
    "squeeze",
    "stack",
    "swapaxes",
    "tile",
    "transpose",
    "tril",
    "triu",
    "unstack",
    "vsplit",
    "vstack",
]
STACKS = {"block", "column_stack", "concatenate", "dstack", "hstack", "stack", "vstack"}
QUERIES = [
    "array2string",
    "array_repr",
    "array_str",
    "iscomplexobj",
    "isrealobj",
    "iterable",
    "may_share_memory",
    "ndim",
    "shape",
    "shares_memory",
    "size",
    "tril_indices_from",
    "triu_indices_from",
]
IN_PLACE = ["copyto", "fill_diagonal", "place", "put", "put_along_axis", "putmask"]


def plain(thing: Any) -> Any:
    """Return an operand, or a tree of them, with plain arrays for `ValueArray`s."""
    return tree_map(_plain, thing, is_leaf=_is_array)


def _plain(thing: Any) -> Any:
    if isinstance(thing, ValueArray):
        return thing.view(np.ndarray)
    if type(thing) is Value:
        return array_of_objects(thing)
    return thing


def _is_array(thing: Any) -> bool:
    return isinstance(thing, np.ndarray)


def _wrap_move(function: Callable[..., Any]) -> Callable[..., Any]:
    name = function.__name__

    def call(*args: Any, **named: Any) -> Any:
        if "dtype" in named and named["dtype"] not in (None, object):
            raise ConcretizationError(f"np.{name}: got dtype={named['dtype']!r}; {_KEEP}")
        for thing in (*args, *named.values()):
            if isinstance(thing, (list, tuple)):
                check_depth(thing, f"np.{name}")
        leaves = tree_leaves([*args, *named.values()], _is_array)
        arrays = [x for x in leaves if _is_array(x)]
        kind = BooleanArray if all(map(is_boolean, arrays)) and arrays else ValueArray
        out = named.pop("out", None)
        if name in STACKS and args and isinstance(args[0], np.ndarray):
            args = (list(args[0]), *args[1:])  # NumPy looks up __array_function__ of each element
        result = function(*map(plain, args), **{key: plain(x) for key, x in named.items()})
        return written(name, tree_map(lambda x: wrapped(x, kind), result, is_leaf=_is_array), out)

    return call


_KEEP = "an array of Values holds objects; leave dtype away"


def _wrap_query(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *args, **named: function(*map(plain, args), **named)


def _wrap_in_place(function: Callable[..., Any]) -> Callable[..., Any]:
    name = function.__name__

    def call(a: Any, *args: Any, **named: Any) -> Any:
        if not isinstance(a, np.ndarray) or a.dtype != object:
            raise ConcretizationError(
                f"np.{name} into {shown(a)}, which holds no Values: make it one of dtype object"
            )
        named = {
            key: np.asarray(x, bool) if key == "where" else plain(x) for key, x in named.items()
        }
        return function(plain(a), *map(plain, args), **named)

    return call


for _names, _wrap in ((MOVES, _wrap_move), (QUERIES, _wrap_query), (IN_PLACE, _wrap_in_place)):
    for _name in _names:
        if hasattr(np, _name):  # some are missing in older versions of NumPy
            implements(getattr(np, _name))(_wrap(getattr(np, _name)))
implements(np.linalg.diagonal)(_wrap_move(np.linalg.diagonal))
implements(np.linalg.matrix_transpose)(_wrap_move(np.linalg.matrix_transpose))


def _like(number: Any) -> Callable[..., Any]:
    """Return a function like `numpy.full_like`, of dtype object unless one is given."""

    def call(a: Any, *args: Any, dtype: Any = None, shape: Any = None, **named: Any) -> Any:
        value, rest = (args[0], args[1:]) if number is None else (number, args)
        dtype = rest[0] if rest else dtype
        array = np.full(np.shape(a) if shape is None else shape, value, dtype=dtype or object)
        del named  # order, subok, device: without effect on objects
        return wrapped(array)

    return call


implements(np.zeros_like, np.empty_like)(_like(0.0))
implements(np.ones_like)(_like(1.0))


@implements(np.full_like)
def _full_like(a: Any, fill_value: Any, *args: Any, **named: Any) -> Any:
    return _like(fill_value)(a, *args, **named)


@implements(np.meshgrid)
def _meshgrid(*xi: Any, **named: Any) -> Any:
    arrays = np.meshgrid(*[array_of_objects(x) for x in xi], **named)
    return tuple(x.view(ValueArray) for x in arrays)


@implements(np.real)
def _real(val: Any) -> Any:
    return val


@implements(np.imag)
def _imag(val: Any) -> Any:
    return np.zeros(np.shape(val))


@implements(np.round, np.around)
def _round(a: Any, decimals: int = 0, out: Any = None) -> Any:
    return written("round", FUNCTIONS["round"](a, decimals), out)


@implements(np.clip)
def _clip(
    a: Any, a_min: Any = None, a_max: Any = None, out: Any = None, *, min: Any = None,
    max: Any = None, **options: Any,
) -> Any:  # fmt: skip
    if options:
        raise TypeError(f"np.clip with {', '.join(options)} does not take a Value")
    lo, hi = a_min if min is None else min, a_max if max is None else max
    if lo is None or hi is None:
        name, bound = ("minimum", hi) if lo is None else ("maximum", lo)
        result = a if bound is None else FUNCTIONS[name](a, bound)
    else:
        result = FUNCTIONS["clip"](a, lo, hi)
    return written("clip", result, out)


answer_to("clip", FUNCTIONS["clip"])
answer_to("conjugate", lambda x: x)
implements(np.astype)(lambda x, dtype, **named: x.astype(dtype, **named))


def astype(self: ValueArray, dtype: Any, *args: Any, **named: Any) -> Any:
    """Return a copy of dtype object; raise for a dtype of numbers, which have no gradients.

    Booleans, such as ``x > 0`` while a function is traced, become the numbers 0 and 1.
    """
    del args
    kind = np.dtype(dtype).kind
    if kind == "O" or (isinstance(self, BooleanArray) and kind in "biuf"):
        copied = self.copy() if named.get("copy", True) else self
        return copied if kind in "Ob" else copied.view(ValueArray)
    if not any(type(x) is Value for x in self.ravel().tolist()):
        return self.view(np.ndarray).astype(dtype)
    raise ConcretizationError(
        f"astype({np.dtype(dtype)}) of {shown(self)} would lose the gradients of its Values; leave "
        "it away: Values are doubles already (autograd.get_data reads numbers)"
    )


ValueArray.astype = astype  # type: ignore[method-assign,assignment]


@implements(np.convolve)
def _convolve(a: Any, v: Any, mode: Any = "full") -> Any:
    return wrapped(np.convolve(plain(a), plain(v), mode))


@implements(np.polyval)
def _polyval(p: Any, x: Any) -> Any:
    y = np.zeros(np.shape(x)) if np.ndim(x) else 0.0
    for coefficient in p:
        y = FUNCTIONS["add"](FUNCTIONS["mul"](y, x), coefficient)
    return y
