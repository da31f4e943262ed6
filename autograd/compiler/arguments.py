"""Take arguments apart into arrays of numbers, and give gradients the same structure.

Numbers, arrays and full nested lists of numbers are one array each; other lists, tuples and dicts
are taken apart further. Anything else (None, text) belongs to the structure: another one is another
variant of the program.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd.errors import shown
from autograd.value import Value

Key = tuple[Any, ...]
ARRAYS = {"a", "n", "la", "ta"}  # kinds of structure that are one array


def flatten(name: str, argument: Any, arrays: list[NDArray[Any]]) -> Key:
    """Append an argument's arrays; return its structure, which can be hashed."""
    if isinstance(argument, np.ndarray):
        if argument.dtype.kind not in "biuf":
            raise TypeError(f"{name}: got an array of {argument.dtype}; allowed are real numbers")
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
    if argument is None or isinstance(argument, str):
        return ("s", argument)
    raise TypeError(
        f"{name}: got {shown(argument)}; allowed are real numbers, arrays, and lists, tuples and "
        "dicts of them" + (" (Values that a function closes over are its parameters)"
                           if isinstance(argument, Value) else "")
    )  # fmt: skip


def _sequence(name: str, argument: Sequence[Any], arrays: list[NDArray[Any]]) -> Key:
    kind = "l" if isinstance(argument, list) else "t"
    if type(argument) not in {list, tuple}:
        argument = list(argument)  # a class derived from these may count its items otherwise
    if argument and not isinstance(argument[0], (dict, str)):
        try:
            array = np.array(argument)
        except (ValueError, TypeError, OverflowError):  # rows of different lengths, among others
            array = None
        if array is not None and array.dtype.kind in "biuf":
            arrays.append(array)
            return (f"{kind}a", array.shape, array.dtype.kind in "biu")
    parts = [flatten(f"{name}[{i}]", item, arrays) for i, item in enumerate(argument)]
    return (kind, *parts)


def samples(name: str, argument: Any, arrays: list[NDArray[Any]]) -> Key:
    """Append a batch: an array whose first axis are the samples; return one sample's structure."""
    array = np.asarray(argument)
    if array.dtype.kind not in "biuf" or not array.ndim or not len(array):
        raise TypeError(
            f"{name}: got {shown(argument)}; a batch is an array of numbers with the samples along "
            "its first axis, and at least one"
        )
    arrays.append(array)
    return ("a", array.shape[1:], array.dtype.kind in "biu")


def rebuild(key: Key, take: Callable[[], Any]) -> Any:
    """Put a structure together again from its arrays, in order.

    >>> key = ("d", ("w", ("a", (2,), False)), ("b", ("n", (), False)))
    >>> rebuild(key, iter([[1, 2], 3]).__next__)
    {'w': [1, 2], 'b': 3}
    """
    kind = key[0]
    if kind in ARRAYS:
        return take()
    if kind == "s":
        return key[1]
    if kind == "d":
        return {name: rebuild(part, take) for name, part in key[1:]}
    made = [rebuild(part, take) for part in key[1:]]
    return made if kind == "l" else tuple(made)


def leaves_of(key: Key) -> list[Key]:
    """Return the keys of a structure's arrays, in order."""
    kind = key[0]
    if kind in ARRAYS:
        return [key]
    if kind == "s":
        return []
    parts = [part for _, part in key[1:]] if kind == "d" else key[1:]
    return [leaf for part in parts for leaf in leaves_of(part)]


def as_given(kind: str, gradient: NDArray[Any]) -> Any:
    """Return a gradient as its argument came: an array, a number, or nested lists."""
    if kind == "a":
        return gradient
    return float(gradient) if kind == "n" else gradient.tolist()
