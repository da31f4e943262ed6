"""The programs: each is one function of a peer's operations and its leaves."""

import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from benchmarks import irregular

WIDTHS = (2, 16, 16, 1)
STRIKE = 100.0


@dataclass(frozen=True)
class Network:
    """A network and its data, for peers that have a multi-layer perceptron of their own."""

    points: list[tuple[float, float]]
    targets: list[int]


@dataclass(frozen=True)
class Workload:
    """A program, the numbers of its leaves, and what is special about it.

    `program(peer, leaves)` returns the result to be differentiated. `network` is set where a
    peer's own MLP takes the program's place; `gamma` where the second derivative with respect to
    the first leaf is asked for, too.
    """

    name: str
    title: str
    inputs: list[float]
    program: Callable[[Any, Sequence[Any]], Any]
    network: Network | None = None
    gamma: bool = False


def product(_peer: Any, leaves: Sequence[Any]) -> Any:
    """Compute J = 3 (a + b c)."""
    a, b, c = leaves
    return 3 * (a + b * c)


def readme(peer: Any, leaves: Sequence[Any]) -> Any:
    """Compute the expression that opens micrograd's README."""
    a, b = leaves
    c = a + b
    d = a * b + b**3
    c = c + (c + 1)
    c = c + (1 + c + (-a))
    d = d + (d * 2 + peer.relu(b + a))
    d = d + (3 * d + peer.relu(b - a))
    f = (c - d) ** 2
    return f / 2.0 + 10.0 / f


def chain(_peer: Any, leaves: Sequence[Any], length: int) -> Any:
    """Multiply by one leaf, again and again."""
    y, factor = leaves
    for _ in range(length):
        y = y * factor
    return y


def black_scholes(peer: Any, leaves: Sequence[Any]) -> Any:
    """Price a European call; its gradient is delta, vega, rho and minus theta.

    Source: Black and Scholes, The pricing of options and corporate liabilities, 1973.
    """
    spot, sigma, rate, time = leaves
    spread = sigma * peer.sqrt(time)
    d1 = (peer.log(spot / STRIKE) + (rate + sigma * sigma / 2.0) * time) / spread
    d2 = d1 - spread
    return spot * _normal(peer, d1) - STRIKE * peer.exp(-(rate * time)) * _normal(peer, d2)


def _normal(peer: Any, x: Any) -> Any:
    """Compute the standard normal distribution function."""
    return 0.5 * (1.0 + peer.erf(x * 0.5**0.5))


def rosenbrock(_peer: Any, leaves: Sequence[Any]) -> Any:
    """Compute Rosenbrock's function in as many dimensions as there are leaves."""
    total = 0.0
    for x, y in pairwise(leaves):
        total = total + (100.0 * (y - x**2) ** 2 + (1.0 - x) ** 2)
    return total


def hinge(peer: Any, leaves: Sequence[Any], network: Network) -> Any:
    """Sum the hinge loss of a 2-16-16-1 network over samples, with scalar operators only."""
    constant, relu = peer.constant, peer.relu
    layers = _layers(iter(leaves))
    loss = constant(0.0)
    for point, target in zip(network.points, network.targets, strict=True):
        signal = [constant(x) for x in point]
        for layer in layers[:-1]:
            signal = [relu(_neuron(w, b, signal)) for w, b in layer]
        ((w, b),) = layers[-1]
        loss = loss + relu(1 - target * _neuron(w, b, signal))
    return loss


def _neuron(w: list[Any], b: Any, signal: list[Any]) -> Any:
    acc = b
    for weight, x in zip(w, signal, strict=True):
        acc = acc + weight * x
    return acc


def _layers(leaves: Iterator[Any]) -> list[list[tuple[list[Any], Any]]]:
    """Deal out leaves: for each layer, for each neuron, its weights and its bias."""
    return [
        [([next(leaves) for _ in range(nin)], next(leaves)) for _ in range(nout)]
        for nin, nout in pairwise(WIDTHS)
    ]


def _hinge(samples: int, *, own: bool) -> Workload:
    """Make the loss of a network; with `own`, the mean loss of the peer's own network."""
    rng = random.Random(samples)  # noqa: S311 - data to time with, not a secret
    points = [(rng.uniform(-1, 1), rng.uniform(-1, 1)) for _ in range(samples)]
    network = Network(points, [1 if x * y > 0 else -1 for x, y in points])
    inputs = [
        rng.uniform(-1, 1) if i < nin else 0.1
        for nin, nout in pairwise(WIDTHS)
        for _ in range(nout)
        for i in range(nin + 1)
    ]
    if own:
        return Workload(
            f"nn-{samples}",
            f"the same with nn, {samples:,} samples",
            inputs,
            lambda peer, leaves: hinge(peer, leaves, network) * (1 / samples),
            network,
        )
    return Workload(
        f"hinge-{samples}",
        f"hinge loss of a 2-16-16-1 MLP, {samples:,} samples",
        inputs,
        lambda peer, leaves: hinge(peer, leaves, network),
    )


def _chain(length: int) -> Workload:
    return Workload(
        f"chain-{length}",
        f"chain of {length:,}",
        [1.5, 0.9999999],
        lambda peer, leaves: chain(peer, leaves, length),
    )


def _rosenbrock(size: int) -> Workload:
    inputs = [1.0 + 0.01 * (i % 7) for i in range(size)]
    return Workload(f"rosenbrock-{size}", f"Rosenbrock, {size:,} dimensions", inputs, rosenbrock)


def _random(length: int) -> Workload:
    inputs, program = irregular.chain(length, irregular.ARITHMETIC)
    return Workload(f"random-{length}", f"random chain of {length:,}", inputs, program)


def _mixed(length: int) -> Workload:
    inputs, program = irregular.chain(length, irregular.MIXED)
    title = f"random chain of {length:,}, with division and sqrt"
    return Workload(f"mixed-{length}", title, inputs, program)


def _wide(size: int) -> Workload:
    return Workload(
        f"wide-{size}", f"random graph of {size:,}, {irregular.DEPTH} deep", *irregular.wide(size)
    )


_GREEKS = [105.0, 0.2, 0.03, 0.75]
FIXED = {
    "product": Workload("product", "J = 3 (a + b c)", [2.0, -3.0, 10.0], product),
    "readme": Workload("readme", "micrograd's README expression", [-4.0, 2.0], readme),
    "greeks": Workload("greeks", "Black-Scholes and 4 Greeks", _GREEKS, black_scholes),
    "gamma": Workload(
        "gamma", "Black-Scholes, 4 Greeks and gamma", _GREEKS, black_scholes, gamma=True
    ),
}
SIZED: dict[str, Callable[[int], Workload]] = {
    "hinge": lambda size: _hinge(size, own=False),
    "nn": lambda size: _hinge(size, own=True),
    "chain": _chain,
    "rosenbrock": _rosenbrock,
    "random": _random,
    "mixed": _mixed,
    "wide": _wide,
}
DEFAULT = (
    *("product", "readme", "hinge-20", "hinge-100", "hinge-400", "nn-20", "nn-100", "nn-400"),
    *("chain-1000000", "greeks", "gamma", "rosenbrock-200"),
)


def find(name: str) -> Workload:
    """Return a workload by its name; those of `SIZED` take any size.

    Raises
    ------
    ValueError
        If there is none of that name.

    Examples
    --------
    >>> find("product").inputs, find("hinge-3").title
    ([2.0, -3.0, 10.0], 'hinge loss of a 2-16-16-1 MLP, 3 samples')
    >>> find("sort")
    Traceback (most recent call last):
    ValueError: workload 'sort': allowed are product, readme, greeks, gamma, and hinge-N, nn-N,
    chain-N, rosenbrock-N, random-N, mixed-N, wide-N for a size N
    """
    if name in FIXED:
        return FIXED[name]
    sized = re.fullmatch(r"(\w+)-([1-9]\d*)", name)
    if sized is None or sized[1] not in SIZED:
        raise ValueError(
            f"workload {name!r}: allowed are {', '.join(FIXED)}, and "
            f"{', '.join(f'{kind}-N' for kind in SIZED)} for a size N"
        )
    return SIZED[sized[1]](int(sized[2]))
