"""The same losses and gradients by hand in NumPy, as one would write them, and for JAX."""

from collections.abc import Callable
from typing import Any

import numpy as np


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


def _network(jax: Any, layers: Any, x: Any) -> Any:
    signal = x.T
    for W, b in layers[:-1]:
        signal = jax.numpy.maximum(W @ signal + b[:, None], 0)
    W, b = layers[-1]
    return W @ signal + b[:, None]
