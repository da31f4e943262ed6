"""Small functions for `python -m benchmarks --derivatives`: their calls cost more than the work.

Beside ours, eager and compiled, and `jax.jit`, a function written by hand for each derivative:
plain Python for three numbers, NumPy for Rosenbrock's function of ten.
"""

import importlib
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
