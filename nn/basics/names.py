"""Choose things by name, with an error that helps where there is no such name."""

from collections.abc import Mapping
from difflib import get_close_matches
from operator import index
from typing import Any, TypeAlias, TypeVar

import numpy as np

from autograd.errors import list_of, shown

Thing = TypeVar("Thing")
MAX_COUNT = 1 << 53  # up to here floats are exact; nobody does so many steps
Path: TypeAlias = tuple[()] | tuple["Path", str]  # the path of what is above, then the own key


def pick(kind: str, name: object, table: Mapping[str, Thing], otherwise: str = "") -> Thing:
    """Return the table's entry of a name.

    Raises TypeError for something else than a name (`otherwise` says what could have come
    instead), and ValueError for an unknown name, with the closest and with all that there are.

    Examples
    --------
    >>> pick("colour", "red", {"red": 1, "green": 2})
    1
    >>> pick("colour", "rde", {"red": 1, "green": 2})
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
