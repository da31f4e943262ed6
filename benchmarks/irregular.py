"""Programs without a pattern: long thin chains of random operations, and a wide random graph."""

import random
from collections.abc import Callable, Sequence
from typing import Any

BLOCK = 1000  # lines of a generated function
BLOCKS = 100  # different ones; longer chains repeat them
DEPTH = 50  # layers of the wide graph
ARITHMETIC = ("y + {leaf}", "y - {leaf}", "y * {leaf}")
MIXED = (*ARITHMETIC, "y / {leaf}", "-y", "sqrt(y * y + {square})", "{leaf} - y")


def chain(length: int, forms: Sequence[str]) -> tuple[list[float], Callable[[Any, Any], Any]]:
    """Return the leaves and the program of a chain of random operations, written line by line.

    Written out, so that a loop's own time does not hide an operation's. The factors' product is 1
    in the mean: numbers and gradients stay within the range of floats.
    """
    rng = random.Random(length)  # noqa: S311 - programs to time with, not secrets
    factors = [rng.uniform(0.8, 1.25) for _ in range(4)]
    inputs = [1.5, *(x for factor in factors for x in (factor, -1 / factor))]
    blocks = [
        _block([_line(rng, forms) for _ in range(min(BLOCK, length - begin))])
        for begin in range(0, min(length, BLOCK * BLOCKS), BLOCK)
    ]
    rounds = -(-length // (BLOCK * BLOCKS))

    def program(peer: Any, leaves: Sequence[Any]) -> Any:
        y, *rest = leaves
        for _ in range(rounds):
            for block in blocks:
                y = block(peer.sqrt, y, *rest)
        return y

    return inputs, program


def _line(rng: random.Random, forms: Sequence[str]) -> str:
    k = rng.randrange(8)
    return "y = " + rng.choice(forms).format(leaf=f"l{k}", square=f"l{k} * l{k}")


def _block(lines: Sequence[str]) -> Callable[..., Any]:
    """Make a function of its lines."""
    parameters = ", ".join(f"l{k}" for k in range(8))
    body = "".join(f"    {line}\n" for line in lines)
    made: dict[str, Any] = {}
    exec(f"def block(sqrt, y, {parameters}):\n{body}    return y\n", made)  # noqa: S102 - our own text
    function: Callable[..., Any] = made["block"]
    return function


def wide(size: int) -> tuple[list[float], Callable[[Any, Any], Any]]:
    """Return the leaves and the program of a graph of about so many operations, 50 layers deep.

    Each number is half a sum, a difference or a product of two random ones of the layer before.
    """
    rng = random.Random(size)  # noqa: S311 - as above
    width = max(size // (2 * DEPTH), 1)
    inputs = [rng.uniform(0.5, 1.5) for _ in range(width)]
    plan = [
        [(rng.randrange(3), rng.randrange(width), rng.randrange(width)) for _ in range(width)]
        for _ in range(DEPTH)
    ]

    def program(_peer: Any, leaves: Sequence[Any]) -> Any:
        row = list(leaves)
        for layer in plan:
            row = [_combined(form, row[i], row[j]) * 0.5 for form, i, j in layer]
        total = row[0]
        for x in row[1:]:
            total = total + x
        return total

    return inputs, program


def _combined(form: int, x: Any, y: Any) -> Any:
    if form == 0:
        return x * y
    return x + y if form == 1 else x - y
