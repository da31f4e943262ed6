"""`ValueArray`: an array of Values, on which NumPy's functions are the table's operations."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from operator import floordiv, mod, truediv
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd.errors import shown
from autograd.rules import numpy_dispatch
from autograd.tree import check_depth
from autograd.value import APPLY, Value, operand

Objects = np.ndarray[Any, np.dtype[np.object_]]
_getitem, _setitem = np.ndarray.__getitem__, np.ndarray.__setitem__


class ValueArray(np.ndarray[Any, np.dtype[np.object_]]):
    """An array of Values, plain numbers among them or not.

    Transforms and compiled functions hand these out, and `autograd.values` makes them of arrays.
    NumPy's functions and methods on them are the operations that a single `Value` has: one node an
    element, or one for each sum, product of matrices or maximum. What has no derivative here raises
    TypeError.

    Comparisons give arrays of bools, by number. While a function is compiled they give arrays of
    nodes that are 0 or 1, so that ``np.where(p > 0, p, 0)`` is one program for all signs.

    ``np.array(a)`` makes a plain array of objects, the same nodes, without all this.

    >>> import numpy as np
    >>> a = ValueArray([Value(1.0), Value(2.0), 2.0])
    >>> np.max(np.maximum(a, 1.5)).backward()
    >>> [a[i].grad for i in range(2)]
    [0.0, 0.5]
    """

    def __new__(cls, items: Any) -> "ValueArray":
        """Make an array of nested lists, or of an array, of Values and numbers."""
        return array_of_objects(items).view(cls)

    def __array_ufunc__(self, ufunc: Any, method: str, *operands: Any, **options: Any) -> Any:
        if ufunc in _QUICK and method == "__call__" and not options and _are_quick(operands):
            plain = [x.view(np.ndarray) if type(x) is ValueArray else x for x in operands]
            try:
                with np.errstate(all="ignore"):  # numbers are IEEE here, in an array as alone
                    result = ufunc(*plain)
            except ArithmeticError:  # of plain numbers, 1 / 0
                return numpy_dispatch.dispatch(ufunc, method, operands, options)
            return result.view(ValueArray) if isinstance(result, np.ndarray) else result
        return numpy_dispatch.dispatch(ufunc, method, operands, options)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        return numpy_dispatch.dispatch_function(function, args, kwargs)

    def __getitem__(self, index: Any) -> Any:
        try:
            return _getitem(self, index)
        except (IndexError, TypeError):  # an index that holds Values, or a wrong one
            return numpy_dispatch.dispatch_function(_getitem, (self, index), {})

    def __setitem__(self, index: Any, item: Any) -> None:
        try:
            _setitem(self, index, item)
        except (IndexError, TypeError):
            numpy_dispatch.dispatch_function(_setitem, (self, index, item), {})

    def __iter__(self) -> Iterator[Any]:
        if self.ndim == 1:
            return iter(self.tolist())  # quicker than one index after the other
        return (self[i] for i in range(len(self)))


class BooleanArray(ValueArray):
    """A `ValueArray` of nodes that are 0 or 1, as comparisons give while a function is traced."""


def method(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a method that does what a function of NumPy does."""

    def call(self: ValueArray, *args: Any, **named: Any) -> Any:
        return numpy_dispatch.dispatch_function(function, (self, *args), named)

    call.__name__ = function.__name__
    call.__doc__ = f"See ``numpy.{function.__name__}``."
    return call


def refused(name: str) -> Callable[..., Any]:
    """Return a method that says that there is none."""

    def call(self: ValueArray, *_: Any, **__: Any) -> Any:
        raise TypeError(f"{name} of {shown(self)} would lose the gradients of its Values")

    call.__name__ = name
    return call


for _function in (
    *(np.sum, np.prod, np.mean, np.std, np.var, np.max, np.min, np.argmax, np.argmin, np.argsort),
    *(np.cumsum, np.cumprod, np.dot, np.clip, np.round, np.trace, np.any, np.all, np.take),
    *(np.nonzero, np.squeeze),
):  # those of ndarray do not ask __array_function__
    setattr(ValueArray, _function.__name__, method(_function))
for _name in (
    *("argpartition", "byteswap", "choose", "dump", "dumps", "getfield", "partition", "put"),
    *("searchsorted", "setfield", "tobytes", "tofile"),
):
    setattr(ValueArray, _name, refused(_name))
ValueArray.compress = lambda self, condition, *args, **named: np.compress(  # type: ignore[method-assign,assignment]
    condition, self, *args, **named
)


def wrapped(result: Any, kind: type[ValueArray] = ValueArray) -> Any:
    """Return an array of objects as a `ValueArray`; its element where it has no axes."""
    if not isinstance(result, np.ndarray):
        return result
    if not result.ndim:
        return result.item()
    return result.view(kind) if result.dtype == object else result


def of_list(items: Sequence[Any], shape: tuple[int, ...], kind: Any = ValueArray) -> Any:
    """Return an array of a flat list; its element for the shape ``()``."""
    if not shape:
        return items[0]
    flat = np.fromiter(items, dtype=object, count=len(items))  # looks into none of them
    return flat.reshape(shape).view(kind)


def array_of(entries: Sequence[Any], shape: tuple[int, ...]) -> NDArray[Any]:
    """Return an array of floats, or a `ValueArray` where there are `Value`s among the entries."""
    objects = any(type(x) is Value for x in entries)
    flat = np.fromiter(entries, dtype=object if objects else float, count=len(entries))
    array = flat.reshape(shape)
    return array.view(ValueArray) if objects else array


def array_of_objects(thing: Any) -> Objects:
    """Return an operand as a plain array of objects, which NumPy's own loops take."""
    if isinstance(thing, ValueArray):
        return thing.view(np.ndarray)
    if isinstance(thing, (list, tuple, np.ndarray)):
        check_depth(thing, "an operand")
    if isinstance(thing, (list, tuple)):
        try:
            return np.array([x.view(np.ndarray) if isinstance(x, ValueArray) else x for x in thing],
                            dtype=object)  # fmt: skip
        except ValueError as error:
            raise ValueError(
                f"got {shown(thing)} whose rows differ in length; give rows of one length"
            ) from error
    if isinstance(thing, np.longdouble) or getattr(thing, "dtype", None) == np.longdouble:
        with np.errstate(over="ignore"):
            thing = thing.astype(float)  # as an object it would stay one
    if isinstance(thing, np.ndarray):
        return thing.astype(object, copy=False)
    box = np.empty((), dtype=object)  # NumPy would look into it otherwise
    box[()] = thing
    return box


# Of Python's own operations these are right on two plain numbers as well, or raise.
_LOOPS = {"add": np.add, "sub": np.subtract, "mul": np.multiply, "neg": np.negative,
          "div": np.divide}  # fmt: skip
_QUICK = {*_LOOPS.values()}
_OPERATORS: dict[str, Callable[..., Any]] = {
    "div": truediv,
    "pow": pow,
    "floordiv": floordiv,
    "mod": mod,
}
_NUMBERS = {Value, float, int, bool}


def _are_quick(operands: Sequence[Any]) -> bool:
    """Whether NumPy's own loop over objects does what is wanted, broadcasting and all."""
    return all(
        kind is ValueArray
        or kind is float
        or kind is int
        or (kind is np.ndarray and x.dtype == float)
        for x in operands
        for kind in (type(x),)
    )


def elementwise(call: Callable[..., Any], operands: Sequence[Any], name: str = "") -> Any:
    """Call with each tuple of elements, broadcast; lists give lists, arrays a `ValueArray`.

    ``name`` is the operation's name in the table, if it is one.
    """
    arrays = [array_of_objects(x) for x in operands]
    loop = _loop(name, operands)
    try:
        if loop is not None and all(map(_is_numeric, operands)):
            with suppress(ArithmeticError), np.errstate(all="ignore"):  # of plain numbers, 1 / 0
                return wrapped(np.asarray(loop(*arrays)))
        shape = np.broadcast_shapes(*[array.shape for array in arrays])
    except ValueError as error:
        shapes = ", ".join(shown(x) for x in operands)
        raise ValueError(f"operands {shapes} do not fit together: {error}") from error
    results = _applied(call, [_flat(array, shape) for array in arrays], name)
    if any(isinstance(x, np.ndarray) for x in operands):
        return of_list(results, shape)
    return of_list(results, shape, np.ndarray).tolist() if shape else results[0]


def _loop(name: str, operands: Sequence[Any]) -> Any:
    """Return NumPy's loop over objects, if Python's own operation gives real numbers or raises."""
    if name == "pow":  # of a negative number it is complex, unless the exponent is whole
        exponent = operands[1]
        return np.power if type(exponent) in (int, float) and exponent % 1 == 0 else None
    return _LOOPS.get(name)


def _is_numeric(x: Any) -> bool:
    if isinstance(x, np.ndarray):
        return isinstance(x, ValueArray) or x.dtype.kind in "biuf"
    return type(x) in _NUMBERS


def _flat(array: Objects, shape: tuple[int, ...]) -> list[Any]:
    whole = array if array.shape == shape else np.broadcast_to(array, shape)
    items: list[Any] = whole.ravel().tolist()
    return items


def _applied(call: Callable[..., Any], columns: list[list[Any]], name: str) -> list[Any]:
    """Apply an operation to columns of operands: the kernel's function, if one is all nodes."""
    kinds = [set(map(type, column)) for column in columns]
    if name not in APPLY or {Value} not in kinds or not all(kind <= _NUMBERS for kind in kinds):
        return list(map(call, *columns))
    if name in _OPERATORS:
        return list(map(_OPERATORS[name], *columns))
    nodes = [
        column if kind == {Value} else list(map(operand, column))
        for column, kind in zip(columns, kinds, strict=True)
    ]
    return list(map(APPLY[name], *nodes))


def numbers(thing: Any) -> NDArray[np.float64]:
    """Return the numbers of an operand as an array of floats."""
    array = array_of_objects(thing)
    flat = [x._data if type(x) is Value else x for x in array.ravel().tolist()]  # noqa: SLF001 - not traced
    found = np.array(flat)
    if found.dtype.kind == "c":  # a scalar of NumPy would give its real part alone
        raise TypeError(f"got {shown(thing)} that holds complex numbers; Values are real")
    return found.astype(float).reshape(array.shape)
