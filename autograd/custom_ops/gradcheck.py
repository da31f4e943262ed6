"""Check a definition at points of its domain: derivatives against differences, forms alike."""

from collections.abc import Callable, Sequence
from math import isclose, isfinite
from typing import Any

import numpy as np

from autograd import finite_differences
from autograd._checks import as_float, error_text
from autograd.errors import shown
from autograd.finite_differences import spread
from autograd.primitives import Interval, Primitive
from autograd.rules.backends import FLOATS, define, execute, known_names, local_derivatives
from autograd.rules.parsing import check as check_names
from autograd.rules.parsing import for_floats

POINTS = 9
_CLOSE = 1e-9  # how far a form for arrays may be from that for numbers, relative


def box(domain: Any, arguments: Sequence[str]) -> tuple[Interval, ...]:
    """Return an interval an argument; one interval serves for all."""
    allowed = f"(low, high), low < high, once or for each of {', '.join(arguments)}"
    if not isinstance(domain, (list, tuple)):
        raise TypeError(error_text("domain", domain, allowed))
    pairs = [domain] * len(arguments) if np.ndim(domain) == 1 else list(domain)
    found = tuple((as_float(low, "domain"), as_float(high, "domain")) for low, high in pairs)
    if len(found) != len(arguments) or any(not low < high for low, high in found):
        raise ValueError(error_text("domain", domain, allowed))
    return found


def compiled(entry: Primitive) -> tuple[Callable[..., float], list[Callable[..., float]]]:
    """Compile an entry's rules for floats, before it is in the table."""
    for text in (entry.rule, *entry.partials):
        check_names(text, entry.name, known_names(entry))
    source = define(entry.name, entry.arguments, for_floats(entry.rule, entry.name))
    forward = execute(source, f"{entry.name} on trial", FLOATS)[entry.name]
    return forward, local_derivatives(entry, FLOATS, "floats")


def check(
    entry: Primitive, rule: Any, points: Sequence[Any] | None, arrays: Callable[..., Any] | None
) -> None:
    """Raise ValueError where a derivative, or the form for arrays, is wrong."""
    forward, partials = compiled(entry)
    good = _finite(entry, forward, points)
    if arrays is not None:
        _check_arrays(entry, forward, good, arrays)
    if callable(rule):
        _check_written(entry, forward, good, rule)
    tried = 0
    for xs in good:
        for k, partial in enumerate(partials):
            tried += _check_slope(entry, forward, partial, xs, k)
    if not tried:
        raise ValueError(
            f"{entry.name}: found no point to check its derivatives at: around "
            f"{_at(entry, good[0])} its values are not finite; give other points="
        )


def _finite(
    entry: Primitive, forward: Callable[..., float], points: Sequence[Any] | None
) -> list[tuple[float, ...]]:
    if points is None:
        tried = spread(entry.domain, POINTS)
    else:
        tried = [_point(entry, point) for point in points]
    good = [xs for xs in tried if isfinite(_value(forward, xs))]
    if not good:
        raise ValueError(
            f"{entry.name}: its value is not finite at any of the {len(tried)} points tried, for "
            f"instance {_at(entry, tried[0])}; give domain= or points="
            if tried
            else f"{entry.name}: got no points to check its derivatives at"
        )
    return good


def _point(entry: Primitive, point: Any) -> tuple[float, ...]:
    parts = tuple(point) if np.ndim(point) else (point,)
    if len(parts) != len(entry.arguments):
        allowed = f"{len(entry.arguments)} numbers: {', '.join(entry.arguments)}"
        raise ValueError(error_text("points", point, allowed))
    return tuple(as_float(x, f"{entry.name}'s points") for x in parts)


def _value(forward: Callable[..., float], xs: Sequence[float]) -> float:
    try:
        return forward(*xs)
    except (ArithmeticError, ValueError):  # not defined there
        return float("nan")


def _check_slope(
    entry: Primitive,
    forward: Callable[..., float],
    partial: Callable[..., float],
    xs: tuple[float, ...],
    k: int,
) -> bool:
    """Check one derivative at one point; return whether it could be."""
    found = finite_differences.slope(lambda t: forward(*xs[:k], t, *xs[k + 1 :]), xs[k])
    if found is None:
        return False
    claimed = float(partial(*xs, forward(*xs)))
    if not found.agrees(claimed):
        raise ValueError(
            f"{entry.name}: its derivative with respect to {entry.arguments[k]} at "
            f"{_at(entry, xs)} is {claimed!r}, but central differences give {found}"
        )
    return True


def _check_arrays(
    entry: Primitive, forward: Callable[..., float], good: Any, arrays: Callable[..., Any]
) -> None:
    columns = [np.array(column) for column in zip(*good, strict=True)]
    got = np.asarray(arrays(*columns))
    if got.shape != columns[0].shape:
        raise ValueError(
            f"{entry.name}: its NumPy form gave {shown(got)} for arrays of shape "
            f"{columns[0].shape}; it must work element by element"
        )
    for xs, z in zip(good, got.tolist(), strict=True):
        if not isclose(z, forward(*xs), rel_tol=_CLOSE, abs_tol=1e-300):
            raise ValueError(
                f"{entry.name}: its NumPy form gives {z!r} at {_at(entry, xs)}, its rule "
                f"{forward(*xs)!r}"
            )


def _check_written(entry: Primitive, forward: Callable[..., float], good: Any, rule: Any) -> None:
    """Refuse a function that does otherwise for numbers than it did for text."""
    for xs in good:
        got = rule(*xs)
        if not isclose(got, forward(*xs), rel_tol=_CLOSE, abs_tol=1e-300):
            raise ValueError(
                f"{entry.name}: at {_at(entry, xs)} the function gives {got!r}, but written "
                f"down as {entry.rule!r} it gives {forward(*xs)!r}: it must depend on its "
                "arguments alone"
            )


def _at(entry: Primitive, xs: Sequence[float]) -> str:
    return ", ".join(f"{name} = {x!r}" for name, x in zip(entry.arguments, xs, strict=True))
