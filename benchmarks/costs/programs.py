"""Programs whose times the constants are fitted to: from 10 nodes to 70,000, regular or not."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np

import autograd
from benchmarks.lifting import cases, programs

BATCHES = (1, 10, 100, 1000)
QUICK = {"product", "chain 10", "rosenbrock 10", "rosenbrock 100", "rosenbrock 10, forward",
         "matrix 10", "hinge, batch of 1", "hinge, batch of 10", "pendulum 5, batch of 1",
         "pendulum 5, batch of 10"}  # fmt: skip
FORWARD = ("rosenbrock", "pendulum", "tanh", "particles")  # without gradients, too


@dataclass(frozen=True)
class Subject:
    """A function with its arguments; those named in ``batch`` have samples along the first axis."""

    name: str
    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    batch: tuple[str, ...] = ()
    gradients: bool = True

    @property
    def samples(self) -> int:
        """How many samples a call has; 0 where there is no batch."""
        return len(self.arguments[-1]) if self.batch else 0


def rosenbrock(x: Any) -> Any:
    """Compute Rosenbrock's function of any number of variables."""
    return autograd.sum([(1 - a) ** 2 + 100 * (b - a**2) ** 2 for a, b in pairwise(x)])


def matrix(W: Any, x: Any) -> Any:
    """Sum the squares of a product of a matrix and a vector."""
    return autograd.sum([autograd.square(autograd.dot(row, x)) for row in W])


def pendulum(steps: int) -> Callable[[Any, Any], Any]:
    """Return Euler's method for a pendulum."""

    def program(p: Any, start: Any) -> Any:
        x, v = start
        for _ in range(steps):
            x, v = x + 0.01 * v, v - 0.01 * p * autograd.sin(x)
        return x

    return program


def tanh_network(layers: Any, x: Any) -> Any:
    """Compute the sum of a network's outputs, all layers of tanh."""
    for W, b in layers:
        x = [autograd.tanh(autograd.dot(row, x, bias)) for row, bias in zip(W, b, strict=True)]
    return autograd.sum(list(x))


def heat(steps: int) -> Callable[[Any], Any]:
    """Return explicit steps of the heat equation along a line."""

    def program(x: Any) -> Any:
        u = list(x)
        for _ in range(steps):
            inner = [b + 0.2 * (a - 2 * b + c) for a, b, c in zip(u, u[1:], u[2:], strict=False)]
            u = [u[0], *inner, u[-1]]
        return autograd.sum([autograd.square(v) for v in u])

    return program


def particles(x: Any) -> Any:
    """Compute the energy of particles on a plane that repel each other."""
    pairs = [(a, b) for i, a in enumerate(x) for b in x[i + 1 :]]
    squares = [(a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2 for a, b in pairs]
    return autograd.sum([1 / autograd.sqrt(s + 0.01) for s in squares])


def bags(table: Any, weights: Any, words: Any) -> Any:
    """Compute the squared error of a sum of embeddings, chosen by their positions."""
    chosen = [autograd.take(table, k) for k in words]
    mean = [autograd.sum(list(column)) for column in zip(*chosen, strict=True)]
    return autograd.square(autograd.dot(weights, mean) - 1)


def picked(x: Any, positions: Any) -> Any:
    """Sum products of elements of a list that are chosen by their positions."""
    return autograd.sum([autograd.take(x, i) * autograd.take(x, j) for i, j in positions])


def logistic(w: Any, x: Any, y: Any) -> Any:
    """Compute the loss of a logistic regression for one sample."""
    return autograd.softplus(-y * autograd.dot(w, x))


def regression(X: Any, y: Any) -> Callable[[Any], Any]:
    """Return the loss of a logistic regression, for all samples as one program."""

    def program(w: Any) -> Any:
        return autograd.sum(
            [autograd.softplus(-b * autograd.dot(w, a)) for a, b in zip(X, y, strict=True)]
        )

    return program


def black_scholes(spot: Any, strike: Any, years: Any, rate: Any, volatility: Any) -> Any:
    """Compute the price of a call option."""
    spread = volatility * autograd.sqrt(years)
    d = (autograd.log(spot / strike) + rate * years) / spread + spread / 2
    paid = strike * autograd.exp(-rate * years)
    return spot * _normal(d) - paid * _normal(d - spread)


def _normal(x: Any) -> Any:
    return (1 + autograd.erf(x / 2**0.5)) / 2


def _layers(*widths: int) -> Any:
    return cases.layers(*widths)


def _thin() -> Iterator[Subject]:
    rng = np.random.default_rng(0)
    yield Subject("product", programs.product, (2.0, -3.0, 10.0))
    yield Subject("option", black_scholes, (100.0, 95.0, 0.5, 0.03, 0.2))
    for n in (10, 100, 1000, 10_000):
        yield Subject(f"chain {n}", programs.chain(n), (np.linspace(0.9, 1.1, 8),))
    for n in (10, 100, 500, 2000):
        yield Subject(f"pendulum {n}", pendulum(n), (1.3, np.array([1.0, 0.5])))
    for size, steps in ((30, 10), (100, 20), (1000, 20), (30, 100)):
        yield Subject(f"heat {size}x{steps}", heat(steps), (rng.uniform(size=size),))
    for n in (300, 3000, 20_000, 70_000):
        own = programs.irregular(n // 2, min(50, n // 40))
        yield Subject(f"irregular {n}", own, (rng.uniform(-1, 1, 100),))


def _wide() -> Iterator[Subject]:
    rng = np.random.default_rng(0)
    for n in (10, 30, 100, 300, 1000, 10_000):
        yield Subject(f"rosenbrock {n}", rosenbrock, (rng.uniform(0.5, 1.5, n),))
    for n in (5, 10, 20, 40, 100, 200):
        yield Subject(f"matrix {n}", matrix, (rng.normal(size=(n, n)), rng.normal(size=n)))
    for n in (5, 15, 40, 100):
        yield Subject(f"particles {n}", particles, (rng.normal(size=(n, 2)),))
    for n in (3, 30, 300):
        words = rng.integers(0, 200, n)
        yield Subject(f"bags {n}", bags, (rng.normal(size=(200, 16)), rng.normal(size=16), words))
        positions = rng.integers(0, 300, (n, 2))
        yield Subject(f"picked {n}", picked, (rng.normal(size=300), positions))
    for n in (10, 100, 1000):
        own = regression(rng.normal(size=(n, 5)).tolist(), rng.choice([-1.0, 1.0], n).tolist())
        yield Subject(f"regression {n}", own, (rng.normal(size=5),))


def _networks() -> Iterator[Subject]:
    rng = np.random.default_rng(0)
    for widths in (
        (2, 16, 16, 1),
        (16, 16),
        (20,) * 5,
        (40,) * 9,
        (64, 32, 10),
        (100, 100, 10),
        (10,) * 21,
        (256, 128, 64),
    ):
        x = rng.normal(size=widths[0])
        yield Subject(
            f"tanh {'-'.join(map(str, widths[:4]))} of {len(widths)}",
            tanh_network,
            (_layers(*widths), x),
        )
    case = cases.find("transformer")
    yield Subject(case.name, case.program, case.arguments)
    p, xs, y = cases.find("recurrent-1").arguments
    yield Subject("recurrent", programs.recurrent, (p, xs[0], float(y[0])))


def _batched(samples: int) -> Iterator[Subject]:
    rng = np.random.default_rng(0)
    for name in ("hinge", "classification", "recurrent", "sequences", "oscillator"):
        case = cases.find(f"{name}-{samples}")
        yield Subject(f"{name}, batch of {samples}", case.program, case.arguments, case.batch)
    starts = rng.uniform(0.5, 1.5, (samples, 2))
    for n in (5, 50, 200):
        yield Subject(f"pendulum {n}, batch of {samples}", pendulum(n), (1.3, starts), ("start",))
    for n in (3, 30):
        x = rng.uniform(0.5, 1.5, (samples, n))
        yield Subject(
            f"rosenbrock {n}, batch of {samples}", lambda p, x: p * rosenbrock(x), (0.5, x), ("x",)
        )
    for n in (5, 50):
        x, y = rng.normal(size=(samples, n)), rng.choice([-1.0, 1.0], samples)
        yield Subject(
            f"logistic {n}, batch of {samples}", logistic, (rng.normal(size=n), x, y), ("x", "y")
        )
    for widths in ((3, 4, 1), (10,) * 4, (40,) * 9):
        name = f"tanh {'-'.join(map(str, widths[:4]))} of {len(widths)}, batch of {samples}"
        x = rng.normal(size=(samples, widths[0]))
        yield Subject(name, tanh_network, (_layers(*widths), x), ("x",))
    for n in (100, 2000):
        own = programs.chain(n)
        yield Subject(
            f"chain {n}, batch of {samples}",
            lambda p, xs, own=own: own([*p, *xs]),
            (np.linspace(0.9, 1.1, 4), rng.uniform(0.9, 1.1, (samples, 4))),
            ("xs",),
        )
    own = programs.irregular(1000, 20)
    x = rng.uniform(-1, 1, (samples, 50))
    yield Subject(
        f"irregular 2000, batch of {samples}",
        lambda p, xs: own([*p, *xs]),
        (x[0].copy(), x),
        ("xs",),
    )
    words = rng.integers(0, 200, (samples, 10))
    yield Subject(
        f"bags, batch of {samples}",
        bags,
        (rng.normal(size=(200, 16)), rng.normal(size=16), words),
        ("words",),
    )
    strikes = rng.uniform(80, 120, samples)
    yield Subject(
        f"options, batch of {samples}",
        lambda spot, years, rate, volatility, strike: black_scholes(
            spot, strike, years, rate, volatility
        ),
        (100.0, 0.5, 0.03, 0.2, strikes),
        ("strike",),
    )


def subjects(*, quick: bool = False) -> list[Subject]:
    """Return the programs; a few small ones, to be quick."""
    found = [*_thin(), *_wide(), *_networks()]
    found += [
        replace(one, name=f"{one.name}, forward", gradients=False)
        for one in found if one.name.startswith(FORWARD)
    ]  # fmt: skip
    for samples in BATCHES:
        found += _batched(samples)
    return [one for one in found if one.name in QUICK] if quick else found
