"""Where every primitive is measured: all over its domain, beside its ends, tiny and huge."""

import itertools
import math
import random

from autograd.primitives import TABLE
from benchmarks.accuracy.references import PSI, Numbers

DENSE = {1: 400, 2: 24, 3: 8}  # points along each axis of the domain, by the number of arguments
DECADES = tuple(10.0**k for k in (-300, -200, -100, -50, -20, -16, -12, -8, -5, -3, -2, -1))
SMALL_AND_LARGE = (
    *DECADES,
    *(1.0, 2.0, 3.7, 5.0, 10.0, 19.7, 30.0, 37.0, 40.0, 100.0, 350.0, 700.0, 750.0),
    *(1e3, 1e5, 1e8, 1e12, 1e16, 1e20, 1e50, 1e100, 1e150, 1e200, 1e300),
)
EDGES = (2.2250738585072014e-308, 1.7976931348623157e308)
FEW = (-1e300, -1e20, -700.0, -1.3, -1e-8, 1e-300, 1e-20, 0.3, 1.7, 37.0, 1e20, 1e300)
MODERATE = (1e-20, 0.3, 1.7, 37.0)
# What the second argument may be beyond its domain, where not anything.
SECOND = {
    "pow": (-37.0, -1.3, -1e-8, *MODERATE),
    "gaussian": MODERATE,
    "elu": MODERATE,
    "leaky_relu": MODERATE,
    "sigmoid_cross_entropy": (0.0, 1e-8, 0.3, 1.0),
}
# Where the table's domain is all that is meant: steps, orders, choices.
WITHIN_DOMAIN = {"floordiv", "mod", "floor", "ceil", "round", "clip", "where", "less", "equal"}
LENGTHS = (1, 2, 3, 8, 30)


def spread(interval: tuple[float, float], count: int) -> list[float]:
    """Give numbers in an interval, at irregular distances and none of them round: no kink is hit.

    >>> len(spread((0.0, 1.0), 5)), spread((2.0, 2.0), 5)
    (5, [2.0])
    """
    low, high = interval
    if low == high:
        return [low]
    draw = random.Random(0).random  # noqa: S311 - points, not secrets
    return [low + (high - low) * (i + draw()) / count for i in range(count)]


def ends(interval: tuple[float, float]) -> list[float]:
    """Give the ends of an interval, and what is next to them inside."""
    low, high = interval
    return [low, math.nextafter(low, high), math.nextafter(high, low), high]


def points(name: str) -> list[Numbers]:
    """Return the points of a primitive, in the same order in every run."""
    entry = TABLE[name]
    if entry.variadic:
        return list_points(name)
    if name == "polygamma":
        xs = (*spread((1e-3, 8.0), 60), *(x for x in SMALL_AND_LARGE if 1e-8 <= x <= 1e8))
        return [(float(n), x) for n in (1, 2, 3, 5) for x in xs]
    axes = [spread(interval, DENSE[len(entry.domain)]) for interval in entry.domain]
    inside = list(itertools.product(*axes))
    if name in WITHIN_DOMAIN:
        return [xs for xs in inside if len(xs) != 2 or xs[0] != xs[1]]  # less and equal jump there
    if len(entry.domain) == 1:
        signed = [s * x for x in (*SMALL_AND_LARGE, *EDGES) for s in (1.0, -1.0)]
        more = [*(x for x in ends(entry.domain[0]) if entry.smooth or x), *signed]
        return inside + [(x,) for x in more if name not in PSI or 0 < x < 1e300 or -40 < x < 0]
    pairs = itertools.product(FEW, SECOND.get(name, FEW))
    more = [(*xs, *(low for low, _ in entry.domain[2:])) for xs in pairs]
    return inside + [xs for xs in more if entry.smooth or xs[0] != xs[1]]


def list_points(name: str) -> list[Numbers]:
    """Return lists of several lengths and sizes; none has two equal numbers."""
    draw = random.Random(1)  # noqa: S311 - points, not secrets
    found: list[Numbers] = []
    for length, size, _ in itertools.product(LENGTHS, (1e-8, 1.0, 30.0), range(6)):
        xs = [draw.uniform(-1, 1) * size for _ in range(length)]
        if TABLE[name].arguments == ("xs", "ys", "b"):
            xs += [draw.uniform(-1, 1) * size for _ in range(length + 1)]
        if TABLE[name].arguments == ("xs", "k"):
            xs.append(float(draw.randrange(length)))
        found.append(tuple(xs))
    return found
