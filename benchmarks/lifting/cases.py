"""What is lifted: programs with their arguments, the ways to run them, and what is aimed at."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np

from benchmarks.lifting import handwritten, programs

ENGINES = ("blocked", "numpy", "tape")
OSCILLATOR_STEPS = 300


@dataclass(frozen=True)
class Case:
    """A program and its arguments; arguments named in `batch` are arrays of samples.

    `ways` are run beside "lifted". `targets` are the least times that ways may take, in runs of
    "lifted"; `most` the most seconds of a call and of a first call.
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

    @property
    def samples(self) -> int:
        """How many samples a call has."""
        return len(self.arguments[-1]) if self.batch else 1


Sized = Callable[[int], Case]
Least = Mapping[int, tuple[float, float]]
NETWORK = {1: (8, 15), 100: (2.5, 5), 1000: (1.6, 2), 10_000: (1.3, 1.8)}


def layers(*widths: int) -> list[tuple[Any, Any]]:
    """Return weights and biases of a network."""
    rng = np.random.default_rng(0)
    return [
        (rng.normal(size=(nout, nin)) / nin**0.5, 0.1 * rng.normal(size=nout))
        for nin, nout in pairwise(widths)
    ]


def _batch(name: str, samples: int, title: str, parameters: Any, *batch: Any, least: Least) -> Case:
    """Return a program for many samples, which is also written by hand and for JAX.

    ``least`` has how many times the lifted program's time NumPy by hand and JAX shall take, for
    so many samples or more.
    """
    of = program_of(name)
    few = name == "hinge" and samples <= 100
    hand, jax = [times for count, times in least.items() if samples >= count][-1]
    return Case(
        f"{name}-{samples}",
        f"{title}, {samples:,} sample{'s' * (samples > 1)}",
        of(programs),
        (parameters, *batch),
        ("hand", "jax", "numpy", *(("native", "operators") if few else ())),
        {"oscillator": ("start",), "recurrent": ("xs", "y"), "sequences": ("tokens",)}.get(
            name, ("x", "y")
        ),
        of(handwritten),
        of(handwritten, "_for_jax"),
        {"hand": hand, "jax": jax, **({"native": 50.0, "operators": 50.0} if few else {})},
    )


def program_of(name: str) -> Callable[..., Any]:
    """Return what takes a case's program from a module."""
    own = {"wide": "classification", "sequences": "transformer"}.get(name, name)

    def of(module: Any, ending: str = "") -> Any:
        found = getattr(module, own + ending)
        return found(OSCILLATOR_STEPS) if name == "oscillator" else found

    return of


def _hinge(samples: int) -> Case:
    rng = np.random.default_rng(samples)
    x = rng.uniform(-1, 1, (samples, 2))
    y = np.where(x[:, 0] * x[:, 1] > 0, 1.0, -1.0)
    title = "hinge loss of a 2-16-16-1 network"
    return _batch("hinge", samples, title, layers(2, 16, 16, 1), x, y, least=NETWORK)


def _classifier(name: str, widths: Sequence[int], least: Least) -> Sized:
    def made(samples: int) -> Case:
        rng = np.random.default_rng(0)
        x, y = rng.uniform(0, 1, (samples, widths[0])), rng.integers(0, widths[-1], samples)
        title = f"cross-entropy of a {'-'.join(map(str, widths))} network"
        return _batch(name, samples, title, layers(*widths), x, y, least=least)

    return made


def _recurrent(samples: int) -> Case:
    rng = np.random.default_rng(0)
    width, given, steps = 16, 4, 20
    parameters = {  # by name, as JAX returns them
        "bias": 0.1 * rng.normal(size=width), "input": 0.5 * rng.normal(size=(width, given)),
        "output": 0.25 * rng.normal(size=width), "state": rng.normal(size=(width, width)) / 4,
    }  # fmt: skip
    xs, y = rng.normal(size=(samples, steps, given)), rng.normal(size=samples)
    title = "recurrent network, 16 wide, 20 steps"
    least = {1: (8, 6), 100: (2.8, 1.6), 1000: (1.7, 2.5), 10_000: (1.9, 4.5)}
    return _batch("recurrent", samples, title, parameters, xs, y, least=least)


def _sequences(samples: int) -> Case:
    rng = np.random.default_rng(0)
    tokens = rng.integers(0, 27, (samples, 7))
    title = "a transformer's step: 16 wide, 4 heads, 6 places"
    parameters = transformer_parameters()
    least = {1: (8, 4), 100: (4, 2), 1000: (4, 2.2), 10_000: (6.5, 4)}
    return _batch("sequences", samples, title, parameters, tokens, least=least)


def _oscillator(samples: int) -> Case:
    start = np.random.default_rng(0).uniform(0.5, 1.5, (samples, 2))
    title = f"van der Pol's oscillator, {OSCILLATOR_STEPS} steps of Euler's method"
    least = {1: (90, 1), 100: (40, 7), 1000: (7, 3), 10_000: (5, 10)}
    return _batch("oscillator", samples, title, np.array([1.0, 1.2]), start, least=least)


def transformer_parameters(width: int = 16, places: int = 9, kinds: int = 27) -> dict[str, Any]:
    """Return the arrays of one block."""
    rng = np.random.default_rng(0)
    shapes = {  # by name, as JAX returns them
        "head": (kinds, width), "keys": (width, width), "narrow": (width, 4 * width),
        "out": (width, width), "places": (places, width), "queries": (width, width),
        "tokens": (kinds, width), "values": (width, width), "wide": (4 * width, width),
    }  # fmt: skip
    return {name: 0.2 * rng.normal(size=shape) for name, shape in shapes.items()}


def _transformer() -> Case:
    tokens = np.random.default_rng(1).integers(0, 27, 10)
    return Case(
        "transformer",
        "a transformer's step: 16 wide, 4 heads, 9 places, 27 tokens",
        programs.transformer,
        (transformer_parameters(), tokens),
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
    "transformer": _transformer,
}
SIZED: dict[str, Sized] = {
    "hinge": _hinge,
    "classification": _classifier("classification", (64, 32, 10), NETWORK),
    "wide": _classifier("wide", (784, 128, 10), {1: (2, 1.5), 100: (1.1, 1.3), 1000: (0.95, 0.95)}),
    "recurrent": _recurrent,
    "sequences": _sequences,
    "oscillator": _oscillator,
    "chain": _chain,
    "irregular": _irregular,
}
DEFAULT = (
    *("hinge-1", "hinge-100", "hinge-10000", "classification-1", "classification-128"),
    *("wide-1", "wide-1000", "recurrent-1", "recurrent-100", "sequences-1", "sequences-100"),
    *("oscillator-100", "transformer", "product"),
    *("chain-10", "chain-1000", "chain-100000", "chain-1000000", "irregular-100000"),
)


def find(name: str) -> Case:
    """Return a case by its name: most take any size, of a batch or of a graph.

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
    ValueError: lifted workload 'sort': allowed are product, transformer, and hinge-N,
    classification-N, wide-N, recurrent-N, sequences-N, oscillator-N, chain-N, irregular-N for a
    size N
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
