"""What is lifted: programs with their arguments, the ways to run them, and what is aimed at."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np

from benchmarks.lifting import handwritten, programs

ENGINES = ("numpy", "tape")


@dataclass(frozen=True)
class Case:
    """A program and its arguments; arguments named in `batch` are arrays of samples.

    `ways` are run beside "lifted". `targets` are the least (``>= 50``) or most (``<= 1.5``) times
    that ways may take, in runs of "lifted"; `most` the most seconds of a call and of a first call.
    """

    name: str
    title: str
    program: Callable[..., Any]
    arguments: tuple[Any, ...]
    ways: tuple[str, ...]
    batch: tuple[str, ...] = ()
    hand: Callable[..., Any] | None = None
    jax: Callable[[Any], Callable[..., Any]] | None = None
    targets: Mapping[str, float] = field(default_factory=dict)
    most: tuple[float | None, float | None] = (None, None)


def layers(*widths: int) -> list[tuple[Any, Any]]:
    """Return weights and biases of a network."""
    rng = np.random.default_rng(0)
    return [
        (rng.normal(size=(nout, nin)) / nin**0.5, 0.1 * rng.normal(size=nout))
        for nin, nout in pairwise(widths)
    ]


def _hinge(samples: int) -> Case:
    rng = np.random.default_rng(samples)
    x = rng.uniform(-1, 1, (samples, 2))
    y = np.where(x[:, 0] * x[:, 1] > 0, 1.0, -1.0)
    few = samples <= 100
    return Case(
        f"hinge-{samples}",
        f"hinge loss of a 2-16-16-1 network, {samples:,} samples",
        programs.hinge,
        (layers(2, 16, 16, 1), x, y),
        ("hand", "jax", "native", "operators") if few else ("hand", "jax", "native"),
        ("x", "y"),
        handwritten.hinge,
        handwritten.hinge_for_jax,
        {"hand": -1.5, "jax": 1.0, "native": 50.0, "operators": 50.0} if few else {"hand": -1.15},
    )


def _classification() -> Case:
    rng = np.random.default_rng(0)
    return Case(
        "classification",
        "cross-entropy of a 64-32-10 network, 128 samples",
        programs.classification,
        (layers(64, 32, 10), rng.uniform(0, 1, (128, 64)), rng.integers(0, 10, 128)),
        ("hand", "jax", "native"),
        ("x", "y"),
        handwritten.classification,
        handwritten.classification_for_jax,
        {"hand": -1.3},
    )


def _transformer() -> Case:
    rng = np.random.default_rng(0)
    width, places, kinds = 16, 9, 27
    shapes = {
        "tokens": (kinds, width), "places": (places, width), "queries": (width, width),
        "keys": (width, width), "values": (width, width), "out": (width, width),
        "wide": (4 * width, width), "narrow": (width, 4 * width), "head": (kinds, width),
    }  # fmt: skip
    parameters = {name: 0.2 * rng.normal(size=shape) for name, shape in shapes.items()}
    return Case(
        "transformer",
        "a transformer's step: 16 wide, 4 heads, 9 places, 27 tokens",
        programs.transformer,
        (parameters, rng.integers(0, kinds, places + 1)),
        ("native", "python"),
        targets={"python": 150.0},
        most=(0.5e-3, 1.0),
    )


def _product() -> Case:
    return Case(
        "product",
        "J = 3 (a + b c)",
        programs.product,
        (2.0, -3.0, 10.0),
        ("native", "alone", *ENGINES),
        most=(2e-6, None),
    )


def _chain(length: int) -> Case:
    return Case(
        f"chain-{length}",
        f"random chain of {length:,}",
        programs.chain(length),
        (np.linspace(0.9, 1.1, 8),),
        ("native", "alone", *ENGINES) if length <= 1000 else ("native", "alone"),
        targets={"native": 10.0},
    )


def _irregular(nodes: int) -> Case:
    return Case(
        f"irregular-{nodes}",
        f"wide irregular graph of {nodes:,}, 50 deep",
        programs.irregular(nodes // 2, 50),
        (np.random.default_rng(0).uniform(-1, 1, 100),),
        ("native", "alone", *ENGINES),
        targets={"native": 10.0},
    )


FIXED: dict[str, Callable[[], Case]] = {
    "product": _product,
    "classification": _classification,
    "transformer": _transformer,
}
SIZED: dict[str, Callable[[int], Case]] = {
    "hinge": _hinge,
    "chain": _chain,
    "irregular": _irregular,
}
DEFAULT = (
    *("hinge-100", "hinge-10000", "classification", "transformer", "product"),
    *("chain-10", "chain-1000", "chain-100000", "chain-1000000", "irregular-100000"),
)


def find(name: str) -> Case:
    """Return a case by its name; `hinge`, `chain` and `irregular` take any size.

    Raises
    ------
    ValueError
        If there is none of that name.

    Examples
    --------
    >>> find("product").arguments, find("chain-10").title
    ((2.0, -3.0, 10.0), 'random chain of 10')
    >>> find("sort")
    Traceback (most recent call last):
    ValueError: lifted workload 'sort': allowed are product, classification, transformer, and
    hinge-N, chain-N, irregular-N for a size N
    """
    if name in FIXED:
        return FIXED[name]()
    sized = re.fullmatch(r"(\w+)-([1-9]\d*)", name)
    if sized is None or sized[1] not in SIZED:
        raise ValueError(
            f"lifted workload {name!r}: allowed are {', '.join(FIXED)}, and "
            f"{', '.join(f'{kind}-N' for kind in SIZED)} for a size N"
        )
    return SIZED[sized[1]](int(sized[2]))
