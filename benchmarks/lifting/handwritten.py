"""The same losses and gradients by hand in NumPy, as one would write them, and for JAX."""

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.lifting.programs import HEADS, STEP


def hinge(layers: Any, x: Any, y: Any) -> Any:
    """Return the mean hinge loss of a network with two hidden layers, and its gradients."""
    (W1, b1), (W2, b2), (W3, b3) = layers
    X = x.T
    n = len(x)
    Z1 = W1 @ X + b1[:, None]
    A1 = np.maximum(Z1, 0)
    Z2 = W2 @ A1 + b2[:, None]
    A2 = np.maximum(Z2, 0)
    margin = 1 - y * (W3 @ A2 + b3[:, None])
    J = np.maximum(margin, 0).mean()
    dZ3 = (margin > 0) * (y / -n)
    dZ2 = (W3.T @ dZ3) * (Z2 > 0)
    dZ1 = (W2.T @ dZ2) * (Z1 > 0)
    return float(J), [
        (dZ1 @ x, dZ1.sum(axis=1)),
        (dZ2 @ A1.T, dZ2.sum(axis=1)),
        (dZ3 @ A2.T, dZ3.sum(axis=1)),
    ]


def classification(layers: Any, x: Any, y: Any) -> Any:
    """Return the mean cross-entropy of a network with one hidden layer, and its gradients."""
    (W1, b1), (W2, b2) = layers
    X = x.T
    n = len(x)
    samples = np.arange(n)
    Z1 = W1 @ X + b1[:, None]
    A1 = np.maximum(Z1, 0)
    Z2 = W2 @ A1 + b2[:, None]
    Z2 -= Z2.max(axis=0)
    E2 = np.exp(Z2)
    total = E2.sum(axis=0)
    J = (np.log(total) - Z2[y, samples]).mean()
    dZ2 = E2 / total
    dZ2[y, samples] -= 1
    dZ2 /= n
    dZ1 = (W2.T @ dZ2) * (Z1 > 0)
    return float(J), [(dZ1 @ x, dZ1.sum(axis=1)), (dZ2 @ A1.T, dZ2.sum(axis=1))]


def recurrent(p: Any, xs: Any, y: Any) -> Any:
    """Return the mean squared error of a recurrent network, and its gradients."""
    W, U, v = p["state"], p["input"], p["output"]
    n, steps, _ = xs.shape
    X = np.ascontiguousarray(xs.transpose(1, 2, 0))
    H = [np.tanh(U @ X[0] + p["bias"][:, None])]
    for t in range(1, steps):
        H.append(np.tanh(W @ H[-1] + (U @ X[t] + p["bias"][:, None])))
    error = v @ H[-1] - y
    J = (error * error).mean()
    slope = error * (2 / n)
    dW, dU, db = np.zeros_like(W), np.zeros_like(U), np.zeros(len(W))
    dH = v[:, None] * slope
    for t in range(steps - 1, -1, -1):
        dZ = dH * (1 - H[t] * H[t])
        dU += dZ @ X[t].T
        db += dZ.sum(axis=1)
        if t:
            dW += dZ @ H[t - 1].T
            dH = W.T @ dZ
    return float(J), {"bias": db, "input": dU, "output": H[-1] @ slope, "state": dW}


def oscillator(steps: int) -> Callable[[Any, Any], Any]:
    """Return the mean of Euler's method for samples of starts, and its gradients."""

    def program(p: Any, start: Any) -> Any:
        mu, k = p
        xs, vs = [start[:, 0]], [start[:, 1]]
        for _ in range(steps):
            x, v = xs[-1], vs[-1]
            xs.append(x + STEP * v)
            vs.append(v + STEP * (mu * (1 - x * x) * v - k * x))
        x = xs.pop()
        J = (x * x).mean()
        dx, dv = x * (2 / len(x)), np.zeros_like(x)
        dmu = dk = 0.0
        for x, v in zip(reversed(xs), reversed(vs[:-1]), strict=True):
            h = STEP * dv
            bent = 1 - x * x
            dmu += (h * bent) @ v
            dk -= h @ x
            dx, dv = dx - h * (2 * mu * x * v + k), STEP * dx + dv + h * (mu * bent)
        return float(J), [dmu, dk]

    return program


def transformer(p: Any, tokens: Any) -> Any:
    """Return the mean cross-entropy of sequences of tokens, and its gradients."""
    n, places = tokens.shape[0], tokens.shape[1] - 1
    given, following = tokens[:, :-1], tokens[:, 1:]
    width = p["places"].shape[1]
    size = width // HEADS
    start = p["tokens"][given] + p["places"][:places]
    x, x_scale = _normalised(start)
    y, y_scale = _normalised(x)
    Q, K, V = (_heads(y @ p[name].T) for name in ("queries", "keys", "values"))
    scores = Q @ K.swapaxes(-1, -2) / size**0.5
    scores[:, :, np.triu(np.ones((places, places), bool), 1)] = -np.inf
    E = np.exp(scores - scores.max(axis=-1, keepdims=True))
    A = E / E.sum(axis=-1, keepdims=True)
    heard = (A @ V).swapaxes(1, 2).reshape(n, places, width)
    x2 = x + heard @ p["out"].T
    z, z_scale = _normalised(x2)
    Z = z @ p["wide"].T
    hidden = np.maximum(Z, 0)
    x3 = x2 + hidden @ p["narrow"].T
    logits = x3 @ p["head"].T
    logits -= logits.max(axis=-1, keepdims=True)
    S = np.exp(logits)
    total = S.sum(axis=-1, keepdims=True)
    rows, columns = np.indices(following.shape)
    J = (np.log(total[..., 0]) - logits[rows, columns, following]).mean()

    dlogits = S / total
    dlogits[rows, columns, following] -= 1
    dlogits /= n * places
    dx3 = dlogits @ p["head"]
    dZ = (dx3 @ p["narrow"]) * (Z > 0)
    dx2 = dx3 + _back_through_norm(dZ @ p["wide"], z, z_scale)
    dheard = _heads(dx2 @ p["out"])
    dA = dheard @ V.swapaxes(-1, -2)
    dscores = A * (dA - (A * dA).sum(axis=-1, keepdims=True)) / size**0.5
    dV, dQ, dK = A.swapaxes(-1, -2) @ dheard, dscores @ K, dscores.swapaxes(-1, -2) @ Q
    dQ, dK, dV = (d.swapaxes(1, 2).reshape(n, places, width) for d in (dQ, dK, dV))
    dy = dQ @ p["queries"] + dK @ p["keys"] + dV @ p["values"]
    dx = dx2 + _back_through_norm(dy, y, y_scale)
    dstart = _back_through_norm(dx, x, x_scale)
    dtokens = np.zeros_like(p["tokens"])
    np.add.at(dtokens, given, dstart)
    dplaces = np.zeros_like(p["places"])
    dplaces[:places] = dstart.sum(axis=0)
    return float(J), {
        "head": _outer(dlogits, x3), "keys": _outer(dK, y), "narrow": _outer(dx3, hidden),
        "out": _outer(dx2, heard), "places": dplaces, "queries": _outer(dQ, y), "tokens": dtokens,
        "values": _outer(dV, y), "wide": _outer(dZ, z),
    }  # fmt: skip


def _heads(x: Any) -> Any:
    n, places, width = x.shape
    return x.reshape(n, places, HEADS, width // HEADS).swapaxes(1, 2)


def _normalised(x: Any) -> Any:
    scale = ((x * x).mean(axis=-1, keepdims=True) + 1e-5) ** -0.5
    return x * scale, scale


def _back_through_norm(dy: Any, y: Any, scale: Any) -> Any:
    return scale * (dy - y * (dy * y).mean(axis=-1, keepdims=True))


def _outer(d: Any, x: Any) -> Any:
    return d.reshape(-1, d.shape[-1]).T @ x.reshape(-1, x.shape[-1])


def hinge_for_jax(jax: Any) -> Callable[..., Any]:
    """Return the loss alone, vectorised; JAX differentiates it."""

    def loss(layers: Any, x: Any, y: Any) -> Any:
        return jax.numpy.maximum(1 - y * _network(jax, layers, x)[0], 0).mean()

    return loss


def classification_for_jax(jax: Any) -> Callable[..., Any]:
    """Return the loss alone, vectorised; JAX differentiates it."""

    def loss(layers: Any, x: Any, y: Any) -> Any:
        logits = _network(jax, layers, x)
        chosen = logits[y, jax.numpy.arange(len(y))]
        return (jax.scipy.special.logsumexp(logits, axis=0) - chosen).mean()

    return loss


def recurrent_for_jax(jax: Any) -> Callable[..., Any]:
    """Return the loss alone, a scan; JAX differentiates it."""
    np = jax.numpy

    def loss(p: Any, xs: Any, y: Any) -> Any:
        def step(H: Any, x: Any) -> Any:
            return np.tanh(p["state"] @ H + p["input"] @ x + p["bias"][:, None]), None

        start = np.zeros((len(p["state"]), len(xs)))
        H, _ = jax.lax.scan(step, start, xs.transpose(1, 2, 0))
        return ((p["output"] @ H - y) ** 2).mean()

    return loss


def oscillator_for_jax(steps: int) -> Callable[[Any], Callable[..., Any]]:
    """Return the loss alone, a scan; JAX differentiates it."""

    def make(jax: Any) -> Callable[..., Any]:
        def loss(p: Any, start: Any) -> Any:
            mu, k = p

            def step(state: Any, _: Any) -> Any:
                x, v = state
                return (x + STEP * v, v + STEP * (mu * (1 - x * x) * v - k * x)), None

            (x, _), _ = jax.lax.scan(step, (start[:, 0], start[:, 1]), None, length=steps)
            return (x * x).mean()

        return loss

    return make


def transformer_for_jax(jax: Any) -> Callable[..., Any]:
    """Return the loss alone, vectorised; JAX differentiates it."""
    np = jax.numpy

    def normalised(x: Any) -> Any:
        return x * ((x * x).mean(axis=-1, keepdims=True) + 1e-5) ** -0.5

    def loss(p: Any, tokens: Any) -> Any:
        given, following = tokens[:, :-1], tokens[:, 1:]
        n, places = given.shape
        width = p["places"].shape[1]
        x = normalised(p["tokens"][given] + p["places"][:places])
        y = normalised(x)
        Q, K, V = (
            (y @ p[name].T).reshape(n, places, HEADS, -1).swapaxes(1, 2)
            for name in ("queries", "keys", "values")
        )
        scores = Q @ K.swapaxes(-1, -2) / (width // HEADS) ** 0.5
        scores = np.where(np.tril(np.ones((places, places), bool)), scores, -np.inf)
        heard = (jax.nn.softmax(scores) @ V).swapaxes(1, 2).reshape(n, places, width)
        x = x + heard @ p["out"].T
        x = x + jax.nn.relu(normalised(x) @ p["wide"].T) @ p["narrow"].T
        logits = jax.nn.log_softmax(x @ p["head"].T)
        return -np.take_along_axis(logits, following[..., None], axis=-1).mean()

    return loss


def _network(jax: Any, layers: Any, x: Any) -> Any:
    signal = x.T
    for W, b in layers[:-1]:
        signal = jax.numpy.maximum(W @ signal + b[:, None], 0)
    W, b = layers[-1]
    return W @ signal + b[:, None]
