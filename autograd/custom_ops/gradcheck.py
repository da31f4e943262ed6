"""The check of a user-defined primitive: its derivatives, and its form for arrays."""

from collections.abc import Callable, Sequence
from math import isclose, isfinite
from typing import Any

import numpy as np

from autograd import finite_differences
from autograd._checks import as_float, error_text
from autograd.errors import shown
from autograd.finite_differences import spread
from autograd.primitives import Interval, Primitive
from autograd.rules.backends import FLOATS, execute, local_derivatives, written
from autograd.rules.backends import check as check_names
from autograd.rules.parsing import for_floats

POINTS = 9
ELEMENTS = 3  # in the lists at which a reduction is checked
Slope = Callable[[int, Sequence[float], float], float]
_CLOSE = 1e-9  # relative tolerance between the forms for arrays and for numbers


def intervals(domain: Any, arguments: Sequence[str]) -> tuple[Interval, ...]:
    """Return one interval for each argument; a single interval applies to all."""
    allowed = f"(low, high), low < high, once or for each of {', '.join(arguments)}"
    if not isinstance(domain, (list, tuple)):
        raise TypeError(error_text("domain", domain, allowed))
    pairs = [domain] * len(arguments) if np.ndim(domain) == 1 else list(domain)
    box = tuple((as_float(low, "domain"), as_float(high, "domain")) for low, high in pairs)
    if len(box) != len(arguments) or any(not low < high for low, high in box):
        raise ValueError(error_text("domain", domain, allowed))
    return box


def compile_rules(entry: Primitive) -> tuple[Callable[..., float], Slope]:
    """Compile an entry's rules for floats, before it is in the table.

    Returns the value as a function of all numbers (for a reduction, the elements of its list), and
    the derivative with respect to number k as a function of k, the numbers and the value.
    """
    check_names(entry)
    source = written(entry.name, entry.arguments, entry, for_floats)
    forward = execute(source, f"{entry.name} on trial", FLOATS)[entry.name]
    partials = local_derivatives(entry, FLOATS, "floats")
    if not entry.variadic:
        return forward, lambda k, xs, z: float(partials[k](*xs, z))
    return lambda *xs: forward(list(xs)), lambda k, xs, z: _element(entry, partials[0], k, xs, z)


def _element(
    entry: Primitive, rule: Callable[..., Any], k: int, xs: Sequence[float], z: float
) -> float:
    """Return one of the derivatives of a reduction."""
    partials = rule(list(xs), z)
    if not isinstance(partials, list) or len(partials) != len(xs):
        raise TypeError(
            f"{entry.name}: its derivative gave {shown(partials)} for a list of {len(xs)}; it must "
            "give a list of one number for each element"
        )
    return float(partials[k])


def check(
    entry: Primitive, rule: Any, points: Sequence[Any] | None, arrays: Callable[..., Any] | None
) -> None:
    """Raise ValueError if a derivative, or the form for arrays, is wrong."""
    forward, slope = compile_rules(entry)
    good = _finite(entry, forward, points)
    if arrays is not None:
        _check_arrays(entry, forward, good, arrays)
    if callable(rule):
        _check_tracing(entry, forward, good, rule)
    tried = 0
    for xs in good:
        for k in range(len(xs)):
            tried += _check_slope(entry, forward, slope, xs, k)
    if not tried:
        raise ValueError(
            f"{entry.name}: found no point to check its derivatives at: around "
            f"{_at(entry, good[0])} its values are not finite; give other points="
        )


def _finite(
    entry: Primitive, forward: Callable[..., float], points: Sequence[Any] | None
) -> list[tuple[float, ...]]:
    if points is None:
        tried = spread(entry.domain * (ELEMENTS if entry.variadic else 1), POINTS)
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
    if entry.variadic and parts and np.ndim(point):
        return tuple(as_float(x, f"{entry.name}'s points") for x in parts)
    if entry.variadic:
        raise ValueError(f"{entry.name}: got the point {point!r}; give a list of numbers")
    if len(parts) != len(entry.arguments):
        allowed = f"{len(entry.arguments)} numbers: {', '.join(entry.arguments)}"
        raise ValueError(error_text("points", point, allowed))
    return tuple(as_float(x, f"{entry.name}'s points") for x in parts)


def _value(forward: Callable[..., float], xs: Sequence[float]) -> float:
    try:
        return forward(*xs)
    except (ArithmeticError, ValueError):  # outside the domain
        return float("nan")


def _check_slope(
    entry: Primitive,
    forward: Callable[..., float],
    slope: Slope,
    xs: tuple[float, ...],
    k: int,
) -> bool:
    """Check one derivative at one point; return False if it has no estimate there."""
    expected = finite_differences.slope(lambda t: forward(*xs[:k], t, *xs[k + 1 :]), xs[k])
    if expected is None:
        return False
    claimed = slope(k, xs, forward(*xs))
    if not expected.agrees(claimed):
        raise ValueError(
            f"{entry.name}: its derivative with respect to {_argument(entry, k)} at "
            f"{_at(entry, xs)} is {claimed!r}, but central differences give {expected}"
        )
    return True


def _check_arrays(
    entry: Primitive, forward: Callable[..., float], good: Any, arrays: Callable[..., Any]
) -> None:
    size = min(map(len, good))
    columns = [np.array(column) for column in zip(*[xs[:size] for xs in good], strict=True)]
    got = np.asarray(arrays(np.array(columns)) if entry.variadic else arrays(*columns))
    if got.shape != columns[0].shape:
        how = "reduce its first axis" if entry.variadic else "work element by element"
        raise ValueError(
            f"{entry.name}: its NumPy form gave {shown(got)} for arrays of shape "
            f"{columns[0].shape}; it must {how}"
        )
    for xs, z in zip([xs[:size] for xs in good], got.tolist(), strict=True):
        if not isclose(z, forward(*xs), rel_tol=_CLOSE, abs_tol=1e-300):
            raise ValueError(
                f"{entry.name}: its NumPy form gives {z!r} at {_at(entry, xs)}, its rule "
                f"{forward(*xs)!r}"
            )


def _check_tracing(entry: Primitive, forward: Callable[..., float], good: Any, rule: Any) -> None:
    """Raise ValueError if a function differs from the formula that it was traced to."""
    for xs in good:
        got = rule(list(xs)) if entry.variadic else rule(*xs)
        if not isclose(got, forward(*xs), rel_tol=_CLOSE, abs_tol=1e-300):
            raise ValueError(
                f"{entry.name}: at {_at(entry, xs)} the function gives {got!r}, but written "
                f"down as {entry.rule!r} it gives {forward(*xs)!r}: it must depend on its "
                "arguments alone"
            )


def _argument(entry: Primitive, k: int) -> str:
    return f"{entry.arguments[0]}[{k}]" if entry.variadic else entry.arguments[k]


def _at(entry: Primitive, xs: Sequence[float]) -> str:
    if entry.variadic:
        return f"{entry.arguments[0]} = {list(xs)!r}"
    return ", ".join(f"{name} = {x!r}" for name, x in zip(entry.arguments, xs, strict=True))
