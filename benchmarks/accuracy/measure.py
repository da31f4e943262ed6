"""The worst error of a primitive in each library, in units of the last place."""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, NamedTuple

from mpmath import mp

from benchmarks.accuracy.library import Library
from benchmarks.accuracy.points import points
from benchmarks.accuracy.references import (
    PSI,
    Numbers,
    differentiated,
    digits,
    reference,
    terms,
    ulps,
)


class Exact(NamedTuple):
    """A point with the true value and the true derivatives by position."""

    xs: Numbers
    value: Any
    slopes: dict[int, Any]


class Worst(NamedTuple):
    """The largest error, and where it is."""

    ulp: float
    place: str


@cache  # the page counts the points
def exact(name: str, every: int) -> list[Exact]:
    """Return the points at which a primitive is a real number, or every so-many-th of them."""
    found = []
    for xs in points(name)[::every]:
        with mp.workdps(60 if name in PSI else digits(xs)):
            try:
                value = reference(name, xs)
                slopes = {i: reference(name, xs, i) for i in differentiated(name, xs)}
            except (ValueError, ZeroDivisionError):  # a pole, or outside the domain
                continue
            if not any(isinstance(x, mp.mpc) for x in (value, *slopes.values())):
                found.append(Exact(xs, value, slopes))
    return found


def errors(name: str, library: Library, every: int = 1) -> Iterator[tuple[bool, Worst]]:
    """Give each error of a library that has the function: whether of a derivative, and how large.

    A derivative that a library does not have (with respect to a setting) is not counted.
    """
    cases = exact(name, every)
    found = library.at(name, [case.xs for case in cases])
    for case, (value, slopes) in zip(cases, found or (), strict=found is not None):
        yield False, Worst(ulps(value, case.value, terms(name, case.xs, 0)), f"at {case.xs}")
        for i, want in case.slopes.items():
            if i in slopes:
                error = ulps(slopes[i], want, terms(name, case.xs, 1))
                yield True, Worst(error, f"argument {i} at {case.xs}")


def worst(name: str, library: Library, every: int = 1) -> tuple[Worst | None, ...]:
    """Return the worst errors of value and derivative; None where the library lacks them.

    A library without derivatives has that of the value alone.
    """
    found = list(errors(name, library, every))
    return tuple(
        max((error for is_slope, error in found if is_slope == wanted), default=None)
        for wanted in (False, True)[: 1 + library.has_slopes]
    )


def compare(
    names: Sequence[str], libraries: Sequence[Library]
) -> Iterator[tuple[str, list[tuple[Worst | None, ...]]]]:
    """Measure each primitive in each library."""
    for name in names:
        yield name, [worst(name, library) for library in libraries]
