"""Shared helpers: arguments checked and resolved by name, inputs read as samples and batches."""

from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from operator import index
from typing import Any, TypeAlias, TypeVar

import numpy as np

from autograd import Value, constant
from autograd.errors import list_of, shown

Entry = TypeVar("Entry")
MAX_COUNT = 1 << 53  # up to here floats are exact; nobody does so many steps
Path: TypeAlias = tuple[()] | tuple["Path", str]  # the path of the container, then the key in it


def resolve(kind: str, name: object, table: Mapping[str, Entry], otherwise: str = "") -> Entry:
    """Return a table's entry by name: the one resolver of activations, losses, optimisers, ...

    Raises TypeError for anything but a name (`otherwise` says what else the caller accepts), and
    ValueError for an unknown name, with the closest one and all that there are.

    Examples
    --------
    >>> resolve("colour", "red", {"red": 1, "green": 2})
    1
    >>> resolve("colour", "rde", {"red": 1, "green": 2})
    Traceback (most recent call last):
    ValueError: there is no colour 'rde', did you mean 'red'? It can be red or green
    """
    allowed = list_of([*table, otherwise] if otherwise else table)
    if not isinstance(name, str):
        raise TypeError(f"the {kind} can be {allowed}, got {shown(name)}")
    if name not in table:
        near = get_close_matches(name.lower().replace(" ", "_").replace("-", "_"), table, n=1)
        guess = f", did you mean {near[0]!r}?" if near else "."
        raise ValueError(f"there is no {kind} {name!r}{guess} It can be {allowed}")
    return table[name]


def count(name: str, number: object, least: int = 1) -> int:
    """Return a whole number that is large enough, or raise TypeError or ValueError.

    Examples
    --------
    >>> count("nout", 3)
    3
    >>> count("nout", 0)
    Traceback (most recent call last):
    ValueError: nout must be at least 1, got 0
    >>> count("nout", 2.5)
    Traceback (most recent call last):
    TypeError: nout must be a whole number, got a float (2.5)
    """
    try:
        whole = index(None if isinstance(number, bool) else number)  # type: ignore[arg-type]
    except TypeError:
        raise TypeError(f"{name} must be a whole number, got {shown(number)}") from None
    if whole < least:
        raise ValueError(f"{name} must be at least {least}, got {whole}")
    return whole


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


def real(name: str, number: Any) -> float:
    """Return a real number as a float, or raise TypeError; an imaginary part is never dropped.

    Examples
    --------
    >>> real("mean", np.float32(0.5))
    0.5
    >>> real("mean", np.complex128(1j))
    Traceback (most recent call last):
    TypeError: mean must be a number, got a complex128 (np.complex128(1j))
    """
    odd = isinstance(number, bool | str | bytes | np.complexfloating | np.ma.MaskedArray)
    if odd or getattr(number, "ndim", False) or not hasattr(number, "__float__"):
        raise TypeError(f"{name} must be a number, got {shown(number)}")
    return float(number)


def in_range(
    name: str,
    number: float,
    low: float = 0.0,
    high: float = float("inf"),
    *,
    open_low: bool = False,
) -> float:
    """Return a finite number from low (itself allowed unless open) up to, but without, high.

    Examples
    --------
    >>> in_range("momentum", 0.9, 0, 1)
    0.9
    >>> in_range("momentum", 1.5, 0, 1)
    Traceback (most recent call last):
    ValueError: momentum must be at least 0 and below 1, got 1.5
    >>> in_range("lr", 0.0, open_low=True)
    Traceback (most recent call last):
    ValueError: lr must be above 0 and finite, got 0.0
    """
    value = real(name, number)
    if not (low < value or (low == value and not open_low)) or not value < high:
        lower = f"{'above' if open_low else 'at least'} {low:g}"
        upper = "finite" if high == float("inf") else f"below {high:g}"
        raise ValueError(f"{name} must be {lower} and {upper}, got {value}")
    return value


def plain(x: Any) -> Any:
    """Turn arrays, and what NumPy reads as arrays, into nested lists; return the rest as it is.

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
    """Return items as an array of numbers, or None where they make none.

    Examples
    --------
    >>> as_array([[1, 2], [3, 4]]).shape, as_array([[1], [2, 3]]) is None
    ((2, 2), True)
    """
    if isinstance(items, np.ndarray):
        return items
    try:
        array = np.array(items)
    except (ValueError, TypeError):
        return None
    return array if array.dtype.kind in "biuf" else None


def samples_of(x: Any) -> Sequence[Any] | None:
    """Return the samples of a batch, or None where x is one sample.

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
