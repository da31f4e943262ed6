"""Initializers: rules for the initial weights of a layer, by name or with arguments.

An initializer is a function of a NumPy generator and the two sizes of a layer, and returns the
weights as an array of shape (nout, nin). Biases start at 0 whatever the initializer.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from autograd._checks import checked_keywords, entry_of, is_masked, real_number, whole_number
from autograd.errors import shown

Weights = NDArray[np.float64]
Initializer = Callable[[np.random.Generator, int, int], Weights]


@checked_keywords
def constant(number: float) -> Initializer:
    """Make every weight the same number.

    Examples
    --------
    >>> constant(0.5)(make_rng(0), 2, 1)
    array([[0.5, 0.5]])
    """
    value = real_number("number", number, finite=False)
    return lambda _rng, nin, nout: np.full((nout, nin), value)


def zeros() -> Initializer:
    """Make every weight 0: the neurons of a layer then stay identical forever.

    Examples
    --------
    >>> zeros()(make_rng(0), 2, 1)
    array([[0., 0.]])
    """
    return constant(0.0)


@checked_keywords
def uniform(low: float = -1.0, high: float = 1.0) -> Initializer:
    """Draw from the uniform distribution between low and high.

    Examples
    --------
    >>> uniform(-0.1, 0.1)(make_rng(0), 3, 2).shape
    (2, 3)
    """
    low, high = real_number("low", low, finite=False), real_number("high", high, finite=False)
    if not low <= high:
        raise ValueError(f"uniform needs low <= high, got {low:g} and {high:g}")
    return lambda rng, nin, nout: rng.uniform(low, high, (nout, nin))


@checked_keywords
def normal(mean: float = 0.0, std: float = 1.0) -> Initializer:
    """Draw from the normal distribution.

    Examples
    --------
    >>> normal(std=0.01)(make_rng(0), 3, 2).shape
    (2, 3)
    """
    mean, std = real_number("mean", mean, finite=False), real_number("std", std, 0)
    return lambda rng, nin, nout: rng.normal(mean, std, (nout, nin))


def _within(limit: Callable[[int, int], float]) -> Initializer:
    """Draw uniformly between limits around 0 that a layer's sizes give."""

    def rule(rng: np.random.Generator, nin: int, nout: int) -> Weights:
        most = limit(nin, nout)
        return rng.uniform(-most, most, (nout, nin))

    return rule


@checked_keywords
def xavier_uniform(gain: float = 1.0) -> Initializer:
    """Draw from the uniform distribution with the variance 2 gain² / (nin + nout).

    Source: Glorot and Bengio, Understanding the difficulty of training deep feedforward neural
    networks, 2010.

    Examples
    --------
    >>> bool(abs(xavier_uniform()(make_rng(0), 3, 3)).max() <= 1)
    True
    """
    gain = real_number("gain", gain, finite=False)
    return _within(lambda nin, nout: gain * np.sqrt(6 / (nin + nout)))


@checked_keywords
def xavier_normal(gain: float = 1.0) -> Initializer:
    """Draw from the normal distribution with the variance 2 gain² / (nin + nout).

    Source: as `xavier_uniform`.

    Examples
    --------
    >>> xavier_normal()(make_rng(0), 3, 2).shape
    (2, 3)
    """
    gain = real_number("gain", gain, finite=False)
    return lambda rng, nin, nout: rng.normal(0.0, gain * np.sqrt(2 / (nin + nout)), (nout, nin))


def he_uniform() -> Initializer:
    """Draw from the uniform distribution with the variance 2 / nin, which suits relu.

    Source: He and others, Delving deep into rectifiers, 2015.

    Examples
    --------
    >>> bool(abs(he_uniform()(make_rng(0), 6, 3)).max() <= 1)
    True
    """
    return _within(lambda nin, _nout: np.sqrt(6 / nin))


def he_normal() -> Initializer:
    """Draw from the normal distribution with the variance 2 / nin, which suits relu.

    Source: as `he_uniform`.

    Examples
    --------
    >>> he_normal()(make_rng(0), 3, 2).shape
    (2, 3)
    """
    return lambda rng, nin, nout: rng.normal(0.0, np.sqrt(2 / nin), (nout, nin))


def lecun_uniform() -> Initializer:
    """Draw from the uniform distribution with the variance 1 / nin.

    Source: LeCun and others, Efficient backprop, 1998.

    Examples
    --------
    >>> bool(abs(lecun_uniform()(make_rng(0), 3, 3)).max() <= 1)
    True
    """
    return _within(lambda nin, _nout: np.sqrt(3 / nin))


def lecun_normal() -> Initializer:
    """Draw from the normal distribution with the variance 1 / nin, which suits selu.

    Source: as `lecun_uniform`; Klambauer and others, Self-normalizing neural networks, 2017.

    Examples
    --------
    >>> lecun_normal()(make_rng(0), 3, 2).shape
    (2, 3)
    """
    return lambda rng, nin, nout: rng.normal(0.0, np.sqrt(1 / nin), (nout, nin))


@checked_keywords
def orthogonal(gain: float = 1.0) -> Initializer:
    """Draw rows, or columns if these are fewer, that are orthogonal and of length gain.

    All such matrices are equally likely. Source: Saxe and others, Exact solutions to the nonlinear
    dynamics of learning in deep linear neural networks, 2014.

    Examples
    --------
    >>> W = orthogonal()(make_rng(0), 3, 2)
    >>> np.allclose(W @ W.T, np.eye(2))
    True
    """
    gain = real_number("gain", gain, finite=False)

    def rule(rng: np.random.Generator, nin: int, nout: int) -> Weights:
        tall = rng.normal(size=(max(nin, nout), min(nin, nout)))
        q, r = np.linalg.qr(tall)
        q *= np.where(np.diag(r) < 0, -gain, gain)  # else the signs would not be random
        return np.ascontiguousarray(q if nout >= nin else q.T)

    return rule


INITIALIZERS: Mapping[str, Initializer] = MappingProxyType(
    {
        "zeros": zeros(),
        "uniform": uniform(),
        "normal": normal(),
        "xavier": xavier_uniform(),
        "xavier_uniform": xavier_uniform(),
        "xavier_normal": xavier_normal(),
        "he": he_normal(),
        "he_uniform": he_uniform(),
        "he_normal": he_normal(),
        "lecun": lecun_normal(),
        "lecun_uniform": lecun_uniform(),
        "lecun_normal": lecun_normal(),
        "orthogonal": orthogonal(),
    },
)

# By activation. About half of the inputs of those like relu pass: the weights' variance is doubled.
_SUITS = {**dict.fromkeys(("relu", "leaky_relu", "elu", "gelu", "silu"), "he"), "selu": "lecun"}


def resolve_initializer(init: str | Initializer | None, activation: str) -> Initializer:
    """Return an initializer, by name if it is one; for None, the one that suits the activation.

    Examples
    --------
    >>> resolve_initializer(None, "relu") is INITIALIZERS["he"]
    True
    >>> resolve_initializer("xaver", "tanh")
    Traceback (most recent call last):
    ValueError: init: got a str ('xaver'); allowed: 'zeros', ...; did you mean 'xavier'?
    """
    if init is None:
        return INITIALIZERS[_SUITS.get(activation, "xavier")]
    if callable(init):
        return init
    return entry_of(
        "init", init, INITIALIZERS, otherwise="a rule such as nn.initializers.constant(0.5)"
    )


def draw_weights(
    rule: Initializer, rng: np.random.Generator, nin: int, nout: int
) -> list[list[float]]:
    """Return a layer's weights as lists of floats, one list per neuron.

    Raises ValueError if a user-defined initializer returns another shape.

    Examples
    --------
    >>> draw_weights(zeros(), make_rng(0), 2, 1)
    [[0.0, 0.0]]
    """
    weights = np.asarray(rule(rng, nin, nout), dtype=np.float64)
    if weights.shape != (nout, nin):
        raise ValueError(
            f"the init rule must return weights of shape {(nout, nin)}, got {shown(weights)}",
        )
    rows: list[list[float]] = weights.tolist()
    return rows


def make_rng(rng: int | np.random.Generator | None) -> np.random.Generator:
    """Return a generator, made from a seed unless it is one; None takes the system's entropy.

    Examples
    --------
    >>> make_rng(7).random() == make_rng(7).random()
    True
    >>> make_rng("7")
    Traceback (most recent call last):
    TypeError: rng: got a str ('7'); allowed: a whole number of at least 0, or a NumPy Generator
    or None
    """
    if isinstance(rng, np.random.Generator):
        return rng
    if rng is None:
        return np.random.default_rng()
    seed = None if is_masked(rng) else rng
    return np.random.default_rng(
        whole_number("rng", seed, 0, otherwise="a NumPy Generator or None")
    )
