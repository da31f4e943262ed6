"""The programs as one writes them for JAX: arrays, `vmap` and `scan`."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

from benchmarks.first_call.programs import HEADS, POINTS, WIDTHS, Program


def network(jax: Any) -> Program:
    """Return the mean squared error of a network with tanh."""

    def loss(layers: Any, x: Any, y: Any) -> Any:
        x = x.T
        for W, b in layers:
            x = jax.numpy.tanh(W @ x + b[:, None])
        return ((x[0] - y) ** 2).mean()

    return loss


def transformer(jax: Any) -> Program:
    """Return the mean surprise at each next token."""
    jnp = jax.numpy

    def scaled(x: Any) -> Any:
        return x * ((x * x).mean(axis=1, keepdims=True) + 1e-5) ** -0.5

    def loss(p: Any, tokens: Any) -> Any:
        count = len(tokens) - 1
        x = scaled(p["token"][tokens[:-1]] + p["position"][:count])
        y = scaled(x)
        query, key, value = ((y @ p[name].T).reshape(count, HEADS, -1)
                             for name in ("query", "key", "value"))  # fmt: skip
        scores = jnp.einsum("qhc,khc->hqk", query, key) / query.shape[-1] ** 0.5
        scores = jnp.where(jnp.tril(jnp.ones((count, count), bool)), scores, -jnp.inf)
        heard = jnp.einsum("hqk,khc->qhc", jax.nn.softmax(scores), value).reshape(count, -1)
        x = x + heard @ p["out"].T
        x = x + jnp.maximum(scaled(x) @ p["up"].T, 0) @ p["down"].T
        chances = jax.nn.log_softmax(x @ p["head"].T)
        return -chances[jnp.arange(count), tokens[1:]].mean()

    return loss


def euler(steps: int) -> Callable[[Any], Program]:
    """Return a pendulum with friction, by Euler's method, after some steps."""

    def write(jax: Any) -> Program:
        def final(p: Any, start: Any) -> Any:
            def step(state: Any, _: Any) -> Any:
                x, v = state
                return (x + 0.01 * v, v - 0.01 * (p[0] * jax.numpy.tanh(x) + p[1] * v)), None

            (x, v), _ = jax.lax.scan(step, (start[0], start[1]), length=steps)
            return x * x + v * v

        return final

    return write


def one_sample(write: Callable[[Any], Program]) -> Callable[[Any], Program]:
    """Return the mean of a program over the samples of its last argument."""

    def written(jax: Any) -> Program:
        program = write(jax)
        return lambda p, rows: jax.vmap(lambda row: program(p, row))(rows).mean()

    return written


def gaussian_process(jax: Any) -> Program:
    """Return the negative log-likelihood of a Gaussian process."""
    jnp = jax.numpy

    def loss(p: Any, xs: Any, ys: Any) -> Any:
        amplitude, rate, noise = jnp.exp(p)
        gaps = xs[:, None] - xs[None, :]
        kernel = amplitude * jnp.exp(-rate * gaps * gaps) + noise * jnp.eye(len(xs))
        factor = jnp.linalg.cholesky(kernel)
        white = jax.scipy.linalg.solve_triangular(factor, ys, lower=True)
        return jnp.log(jnp.diag(factor)).sum() + 0.5 * (white * white).sum()

    return loss


def recurrent(jax: Any) -> Program:
    """Return the squared errors of a recurrent network that predicts the next number."""

    def loss(p: Any, sequence: Any) -> Any:
        def step(state: Any, pair: Any) -> Any:
            x, following = pair
            state = jax.numpy.tanh(p["state"] @ state + p["input"] * x + p["bias"])
            return state, (p["out"] @ state - following) ** 2

        _, errors = jax.lax.scan(step, 0.0 * p["bias"], (sequence[:-1], sequence[1:]))
        return errors.sum()

    return loss


def kalman(jax: Any) -> Program:
    """Return the negative log-likelihood of a Kalman filter: a position and its speed."""
    jnp = jax.numpy

    def loss(p: Any, seen: Any) -> Any:
        push, noise = jnp.exp(p)
        move = jnp.array([[1.0, 1.0], [0.0, 1.0]])
        drift = push * jnp.array([[0.25, 0.5], [0.5, 1.0]])

        def step(state: Any, y: Any) -> Any:
            x, spread = state
            x, spread = move @ x, move @ spread @ move.T + drift
            total, error = spread[0, 0] + noise, y - x[0]
            gain = spread[:, 0] / total
            after = (x + gain * error, spread - jnp.outer(gain, spread[0]))
            return after, 0.5 * (jnp.log(total) + error * error / total)

        start = (jnp.array([1.0, 0.0]) * seen[0], jnp.eye(2))
        return jax.lax.scan(step, start, seen[1:])[1].sum()

    return loss


def runge_kutta(steps: int, size: float, field: Callable[[Any, Any], Any]) -> Any:
    """Return the squared length of a state that follows a field, by the classical method."""

    def write(jax: Any) -> Program:
        def final(p: Any, state: Any) -> Any:
            def slope(state: Any) -> Any:
                return jax.numpy.stack(field(p, state))

            def step(state: Any, _: Any) -> Any:
                k1 = slope(state)
                k2 = slope(state + size / 2 * k1)
                k3 = slope(state + size / 2 * k2)
                k4 = slope(state + size * k3)
                return state + size / 6 * (k1 + 2 * k2 + 2 * k3 + k4), None

            state, _ = jax.lax.scan(step, state, length=steps)
            return (state * state).sum()

        return final

    return write


def small_network(jax: Any) -> Program:
    """Return the mean squared error of a 2-3-2-1 network, of a row of 20 parameters."""
    x = jax.numpy.asarray(POINTS).T

    def loss(p: Any) -> Any:
        a, start = x, 0
        for nin, nout in pairwise(WIDTHS):
            end = start + nin * nout
            W, b = p[start:end].reshape(nout, nin), p[end : end + nout]
            a, start = jax.numpy.tanh(W @ a + b[:, None]), end + nout
        return ((a[0] - x[0] * x[1]) ** 2).mean()

    return loss
