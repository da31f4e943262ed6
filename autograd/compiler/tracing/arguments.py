"""Take arguments apart into arrays of numbers, and give gradients the same structure.

Numbers, arrays and full nested lists of numbers are one array each; lists of arrays or of tuples,
and other lists, tuples and dicts are taken apart further. Anything else (None, text) belongs to the
structure: another one is another variant of the program.
"""

from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd.errors import shown
from autograd.tree import ARRAYS, Key, leaves_of, rebuild
from autograd.value import Value

__all__ = [
    "ARRAYS",
    "Key",
    "as_given",
    "check_key",
    "flatten",
    "leaves_of",
    "put_together",
    "rebuild",
    "samples",
]

ALLOWED = "allowed are real numbers, arrays, and lists, tuples and dicts of them"
VALUES_HINT = (
    " (Values that a function closes over are its parameters). Inside autograd.grad or another "
    "compiled function, call the function that was compiled"
)


def flatten(name: str, argument: Any, arrays: list[NDArray[Any]]) -> Key:
    """Append an argument's arrays; return its structure, which can be hashed."""
    if isinstance(argument, np.ndarray):
        _check_real(name, argument)
        arrays.append(argument)
        return ("a", argument.shape, argument.dtype.kind in "biu")
    if isinstance(argument, (int, float, np.integer, np.floating, np.bool_)):
        number = float(argument) if isinstance(argument, np.longdouble) else argument
        arrays.append(np.asarray(number))
        return ("n", (), not isinstance(argument, (float, np.floating)))
    if isinstance(argument, (list, tuple)):
        return _sequence(name, argument, arrays)
    if isinstance(argument, dict):
        parts = [(key, flatten(f"{name}[{key!r}]", item, arrays)) for key, item in argument.items()]
        return ("d", *parts)
    if argument is None or isinstance(argument, str) or _is_function(argument):
        return ("s", argument)
    hint = VALUES_HINT if isinstance(argument, Value) else ""
    raise TypeError(f"{name}: got {shown(argument)}; {ALLOWED}{hint}")


def _is_function(thing: Any) -> bool:
    """Whether a thing is a function, such as a default: another one is another program."""
    return callable(thing) and not isinstance(thing, (type, Value))


def _sequence(name: str, argument: Sequence[Any], arrays: list[NDArray[Any]]) -> Key:
    if isinstance(argument, tuple) and hasattr(argument, "_fields"):
        pairs = zip(argument._fields, argument, strict=True)
        parts = [flatten(f"{name}.{field}", item, arrays) for field, item in pairs]
        return ("k", type(argument), *parts)
    kind = "l" if isinstance(argument, list) else "t"
    if type(argument) not in {list, tuple}:
        argument = list(argument)  # a class derived from these may count its items otherwise
    whole = argument and not isinstance(argument[0], (dict, str))
    if whole and not _has_others(argument):
        try:
            array = np.array(argument)
        except (ValueError, TypeError, OverflowError):  # rows of different lengths, among others
            array = None
        if array is not None and array.dtype.kind in "biuf":
            arrays.append(array)
            return (f"{kind}a", array.shape, array.dtype.kind in "biu")
    parts = [flatten(f"{name}[{i}]", item, arrays) for i, item in enumerate(argument)]
    return (kind, *parts)


def _has_others(argument: Sequence[Any]) -> bool:
    """Whether there are tuples or arrays in nested lists, also of classes derived from these."""
    kinds = set(map(type, argument))
    if any(issubclass(kind, (tuple, np.ndarray)) for kind in kinds):
        return True
    return list in kinds and any(_has_others(row) for row in argument if isinstance(row, list))


def samples(name: str, argument: Any, arrays: list[NDArray[Any]]) -> Key:
    """Append a batch: an array whose first axis are the samples; return one sample's structure."""
    array = np.asarray(argument)
    if array.dtype.kind not in "biuf" or not array.ndim or not len(array):
        raise TypeError(
            f"{name}: got {shown(argument)}; a batch is an array of numbers with the samples along "
            "its first axis, and at least one"
        )
    _check_real(name, argument)
    arrays.append(array)
    return ("a", array.shape[1:], array.dtype.kind in "biu")


def _check_real(name: str, array: object) -> None:
    """Raise TypeError for an array of other things than real numbers, or with some left out."""
    if isinstance(array, np.ma.MaskedArray):
        raise TypeError(f"{name}: got a masked array; fill it first, as in {name}.filled(0.0)")
    if isinstance(array, np.ndarray) and array.dtype.kind not in "biuf":
        raise TypeError(f"{name}: got an array of {array.dtype}; allowed are real numbers")


def as_given(kind: str, gradient: NDArray[Any]) -> Any:
    """Return a gradient as its argument came: an array, a number, nested lists, or a tuple."""
    if kind == "a":
        return gradient
    if kind == "n":
        return float(gradient)
    return tuple(gradient.tolist()) if kind == "ta" else gradient.tolist()


def put_together(
    key: Key, differentiates: Sequence[bool], gradients: Mapping[int, Any]
) -> list[Any]:
    """Return the gradients of arrays, known by position, in the structures of their arguments.

    An array that nothing reaches has zeros.
    """
    place = count()
    results = []
    for part, is_wanted in zip(key, differentiates, strict=True):
        leaves = iter(leaves_of(part))

        def take(leaves: Any = leaves) -> Any:
            kind, shape = next(leaves)[:2]
            gradient = gradients.get(next(place), 0.0)
            return as_given(kind, np.array(np.broadcast_to(gradient, shape)))

        rebuilt = rebuild(part, take)
        if is_wanted:
            results.append(rebuilt)
    return results


def check_key(name: str, key: Key, came: Key) -> None:
    """Refuse arguments of another structure than a program was exported for."""
    wanted, got = (
        [rebuild(part, iter([leaf[:2] for leaf in leaves_of(part)]).__next__) for part in keys]
        for keys in (key, came)
    )
    for i, (one, other) in enumerate(zip(wanted, got, strict=True)):
        if one != other:
            raise TypeError(
                f"{name}: argument {i + 1} has another structure or shape than the program was "
                "exported for; call the compiled function with it, and export again"
            )
