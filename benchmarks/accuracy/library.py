"""A library that is measured, and this one: value and derivatives of a primitive at points."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import autograd
from autograd import Value, gradient
from autograd.primitives import TABLE
from benchmarks.accuracy.references import REFERENCES, Numbers, differentiated

Found = tuple[float, dict[int, float]]  # the value, and derivatives by position


class Library(NamedTuple):
    """A library by its title; ``at`` gives what it finds, None where it lacks the function.

    One that only computes values has no column for derivatives.
    """

    title: str
    version: str
    at: Callable[[str, Sequence[Numbers]], list[Found] | None]
    has_slopes: bool = True


def ours(name: str, points: Sequence[Numbers]) -> list[Found]:
    """Return value and derivatives of the eager engine."""
    return [_eager(name, xs) for xs in points]


def _eager(name: str, xs: Numbers) -> Found:
    leaves = [Value(x) for x in xs]
    if name in REFERENCES:
        z = getattr(autograd, name)(*leaves)
    else:
        z = on_a_list(getattr(autograd, name), name, leaves)
    wrt = differentiated(name, xs)
    return z.data, dict(zip(wrt, gradient(z, [leaves[i] for i in wrt]), strict=True))


def on_a_list(function: Callable[..., Any], name: str, leaves: Sequence[Any]) -> Any:
    """Call a function of a list with numbers that stand in one row."""
    arguments = TABLE[name].arguments
    if arguments == ("xs", "ys", "b"):
        half = len(leaves) // 2
        return function(leaves[:half], leaves[half:-1], leaves[-1])
    if arguments == ("xs", "k"):
        k = int(getattr(leaves[-1], "data", leaves[-1]))
        xs = list(leaves[:-1])
        return function(xs)[k] if name == "softmax" else function(xs, k)
    return function(list(leaves))
