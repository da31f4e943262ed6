"""Small functions for `python -m benchmarks --derivatives`: their calls cost more than the work.

Beside ours, eager and compiled, and `jax.jit`, a function written by hand for each derivative:
plain Python for three numbers, NumPy for Rosenbrock's function of ten. Calls of programs so small
that the call counts are beside one of a Python function that does nothing.
"""

import importlib
import math
import timeit
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np

import autograd

KINDS = ("value", "gradient", "Hessian")


def formula(x: Any) -> Any:
    """Return J = 3(a + bc)."""
    a, b, c = x
    return 3 * (a + b * c)


def rosenbrock(x: Any) -> Any:
    """Return Rosenbrock's function of scalars."""
    return autograd.sum([100 * (b - a * a) ** 2 + (1 - a) ** 2 for a, b in pairwise(x)])


def rosenbrock_of_arrays(x: Any) -> Any:
    """Return Rosenbrock's function of an array, NumPy's or JAX's."""
    return (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()


def rosenbrock_gradient(x: Any) -> Any:
    """Return its gradient, derived by hand."""
    g = np.zeros_like(x)
    off = x[1:] - x[:-1] ** 2
    g[:-1] = -400 * x[:-1] * off - 2 * (1 - x[:-1])
    g[1:] += 200 * off
    return g


def rosenbrock_hessian(x: Any) -> Any:
    """Return its Hessian, derived by hand."""
    size = len(x)
    H = np.zeros((size, size))
    flat = H.reshape(-1)
    flat[:: size + 1][:-1] = 1200 * x[:-1] ** 2 - 400 * x[1:] + 2
    flat[:: size + 1][1:] += 200
    flat[1 :: size + 1] = flat[size :: size + 1] = -400 * x[:-1]
    return H


BY_HAND: dict[str, dict[str, Callable[[Any], Any]]] = {
    "J of 3": {
        "value": lambda x: 3 * (x[0] + x[1] * x[2]),
        "gradient": lambda x: [3.0, 3 * x[2], 3 * x[1]],
        "Hessian": lambda _: [[0.0, 0.0, 0.0], [0.0, 0.0, 3.0], [0.0, 3.0, 0.0]],
    },
    "Rosenbrock of 10": {
        "value": rosenbrock_of_arrays,
        "gradient": rosenbrock_gradient,
        "Hessian": rosenbrock_hessian,
    },
}
OURS = {"J of 3": formula, "Rosenbrock of 10": rosenbrock}
PLACES: dict[str, Any] = {
    "J of 3": [2.0, -3.0, 10.0],
    "Rosenbrock of 10": np.linspace(-1.2, 1.5, 10),
}


def bare(a: float, b: float, c: float) -> float:  # noqa: ARG001 - three, as J has
    """Return the first argument: what a call in Python costs."""
    return a


def normal_cdf(x: Any) -> Any:
    """Return the probability that a normal variable is below x."""
    return 0.5 * (1 + autograd.erf(x / math.sqrt(2)))


def black_scholes(spot: Any, strike: Any, years: Any, rate: Any, volatility: Any) -> Any:
    """Return the price of a call option, whose derivatives are its Greeks."""
    spread = volatility * autograd.sqrt(years)
    d = (autograd.log(spot / strike) + (rate + volatility * volatility / 2) * years) / spread
    discounted = strike * autograd.exp(-rate * years)
    return spot * normal_cdf(d) - discounted * normal_cdf(d - spread)


def lorenz(x: Any, y: Any, z: Any, s: Any, r: Any, b: Any) -> Any:
    """Return the sum of coordinates after 20 Euler steps of the Lorenz system."""
    for _ in range(20):
        x, y, z = (
            x + 0.01 * s * (y - x),
            y + 0.01 * (x * (r - z) - y),
            z + 0.01 * (x * y - b * z),
        )
    return x + y + z


CALLS: dict[str, tuple[Callable[..., Any], tuple[Any, ...]]] = {
    "a bare call of Python": (bare, (2.0, 3.0, 4.0)),
    "J of 3": (autograd.compile(lambda a, b, c: 3 * (a + b * c)), (2.0, 3.0, 4.0)),
    "Rosenbrock of 10": (autograd.compile(rosenbrock), (PLACES["Rosenbrock of 10"].tolist(),)),
    "Black-Scholes": (autograd.compile(black_scholes), (100.0, 95.0, 0.5, 0.03, 0.2)),
    "Lorenz": (autograd.compile(lorenz), (1.0, 1.0, 1.0, 10.0, 28.0, 8 / 3)),
}


def calls(rounds: int, count: int = 1000) -> dict[str, float]:
    """Return the least time of each call, of a value and its gradients; calls take turns."""
    timers = {}
    for name, (call, args) in CALLS.items():
        names = [f"x{i}" for i in range(len(args))]
        given = {**dict(zip(names, args, strict=True)), "call": call}
        timers[name] = timeit.Timer(f"call({', '.join(names)})", globals=given)
        timers[name].timeit(10)  # traced, and traced again
    turns = [{n: timer.timeit(count) / count for n, timer in timers.items()} for _ in range(rounds)]
    return {name: min(turn[name] for turn in turns) for name in CALLS}


def ways(name: str, kind: str, *, with_jax: bool) -> dict[str, Callable[[Any, Any], Any]]:
    """Return all ways to a derivative of a function, of which the second argument is not used."""
    f = OURS[name]
    eager = {
        "value": lambda x: f(autograd.values(x)).data,
        "gradient": autograd.grad(f),
        "Hessian": autograd.hessian(f),
    }[kind]
    compiled = autograd.compile(f if kind == "value" else eager, gradients=False)
    by_hand = BY_HAND[name][kind]
    found: dict[str, Callable[[Any, Any], Any]] = {
        "eager": lambda x, _: eager(x),
        "compiled": lambda x, _: compiled(x),
        "by hand": lambda x, _: by_hand(x),
    }
    if with_jax:
        run = jax_way(name, kind)
        found["jax.jit"] = lambda x, _: np.asarray(run(x))
    return found


def jax_way(name: str, kind: str) -> Callable[[Any], Any]:
    """Return JAX's, compiled, in double precision."""
    jax: Any = importlib.import_module("jax")
    jax.config.update("jax_enable_x64", True)
    f = formula if name == "J of 3" else rosenbrock_of_arrays
    made = {"value": f, "gradient": jax.grad(f), "Hessian": jax.hessian(f)}[kind]
    run: Callable[[Any], Any] = jax.jit(made)
    return lambda x: run(np.asarray(x))
