"""Shared helpers: inputs read as samples and batches, paths of parameters."""

from collections.abc import Callable, Sequence
from operator import is_
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from autograd import Value, constant
from autograd._checks import real_array
from autograd.errors import shown

# Attributes of a module: what was compiled for it; what its outputs are, by its last training.
PROGRAMS, OUTPUT_KIND = "_programs", "_output_kind"
MAX_COUNT = 1 << 53  # up to here floats are exact; nobody does so many steps
Path: TypeAlias = tuple[()] | tuple["Path", str]  # the path of the container, then the key in it


def dotted(path: Path) -> str:
    """Join the keys of a path.

    Examples
    --------
    >>> dotted((((), "layers"), "0"))
    'layers.0'
    """
    keys: list[str] = []
    while path:
        path, key = path
        keys.append(key)
    return ".".join(reversed(keys))


def plain(x: Any) -> Any:
    """Convert arrays, and what NumPy reads as arrays, to nested lists; leave all else unchanged.

    Examples
    --------
    >>> plain(np.eye(2)), plain((1, 2)), plain(np.float32(0.5))
    ([[1.0, 0.0], [0.0, 1.0]], (1, 2), 0.5)
    """
    if not isinstance(x, Value) and hasattr(x, "__array__"):
        return np.asarray(x).tolist()
    if isinstance(x, list | tuple) and type(x) not in {list, tuple}:
        return list(x)  # a subclass may index its items differently
    return x


def as_array(items: Sequence[Any]) -> np.ndarray[Any, Any] | None:
    """Return items as an array of numbers, or None if they form none.

    Examples
    --------
    >>> as_array([[1, 2], [3, 4]]).shape, as_array([[1], [2, 3]]) is None
    ((2, 2), True)
    """
    if isinstance(items, np.ndarray):
        return items
    try:
        array = np.array(items)
        if array.dtype.kind == "O":  # Fractions, among others
            return real_array(array, "data")
    except (ValueError, TypeError):
        return None
    return array if array.dtype.kind in "biuf" else None


def samples_of(x: Any) -> Sequence[Any] | None:
    """Return the samples of a batch, or None if x is one sample.

    Examples
    --------
    >>> samples_of([[1.0, 2.0], [3.0, 4.0]])
    [[1.0, 2.0], [3.0, 4.0]]
    >>> samples_of([1.0, 2.0]) is None
    True
    """
    if isinstance(x, np.ndarray) and x.ndim == 2 and not len(x):
        return []
    items = plain(x)
    if isinstance(items, list | tuple) and items and _is_sample(items[0]):
        return items
    return None


def sample_of(x: Any, length: int, name: Callable[[], str]) -> list[Value]:
    """Return a sample as Values, numbers as constants; one number alone counts as a list of one.

    Raises ValueError for a wrong length and TypeError for what is no sample; both messages start
    with the layer's name, which is computed only then.

    Examples
    --------
    >>> [x.data for x in sample_of((1, 2.5), 2, lambda: "Layer(2, 1)")]
    [1.0, 2.5]
    >>> sample_of([1.0], 2, lambda: "Layer(2, 1)")
    Traceback (most recent call last):
    ValueError: Layer(2, 1) expects 2 inputs, got a list of 1
    """
    items = plain(x)
    if isinstance(items, Value | int | float):
        items = [items]
    elif not isinstance(items, list | tuple | range):
        raise TypeError(
            f"{name()} expects {_inputs(length)} as a list, tuple or array, got {shown(x)}",
        )
    if len(items) != length:
        raise ValueError(f"{name()} expects {_inputs(length)}, got {shown(x)}")
    try:
        return [item if isinstance(item, Value) else constant(item) for item in items]
    except TypeError as error:
        raise TypeError(f"{name()} expects numbers or Values: {error}") from error


def _is_sample(item: object) -> bool:
    """Tell a sample within a batch from a number within a sample."""
    return isinstance(item, list | tuple) or (isinstance(item, np.ndarray) and item.ndim > 0)


def _inputs(length: int) -> str:
    return f"{length} input{'s' if length != 1 else ''}"


def are_distinct(nodes: Sequence[object]) -> bool:
    """Whether no object comes twice: sorted addresses take a third of a set's time, and memory.

    >>> a, b = [], []
    >>> are_distinct([a, b]), are_distinct([a, b, a])
    (True, False)
    """
    addresses = np.sort(np.fromiter(map(id, nodes), np.uintp, len(nodes)))
    return not (addresses[1:] == addresses[:-1]).any()


def without(nodes: Sequence[Value], others: Sequence[Value]) -> list[Value]:
    """Return the nodes that are not among others; both are mostly the same ones.

    >>> a, b, c = Value(1.0), Value(2.0), Value(3.0)
    >>> without([a, b], [a, b]), without([a, c], [a, b])
    ([], [Value(3.0)])
    """
    if len(nodes) == len(others) and all(map(is_, nodes, others)):
        return []
    known = set(others)
    return [node for node in nodes if node not in known]


def positions_of(nodes: Sequence[object], among: Sequence[object]) -> NDArray[np.intp]:
    """Return where objects are in a row of different ones, -1 for one that is not there.

    >>> a, b, c = [], [], []
    >>> positions_of([c, a], [a, b]).tolist()
    [-1, 0]
    """
    known, asked = (np.fromiter(map(id, row), np.uintp, len(row)) for row in (among, nodes))
    if not len(known):
        return np.full(len(asked), -1, np.intp)
    order = np.argsort(known)
    found = order[np.minimum(np.searchsorted(known, asked, sorter=order), len(known) - 1)]
    return np.where(known[found] == asked, found, -1)
