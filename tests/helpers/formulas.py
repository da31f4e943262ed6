"""Random functions of several numbers, smooth where they are tried, and structures of numbers."""

import random

import numpy as np
from hypothesis import strategies as st

import autograd
from autograd.primitives import TABLE

UNARY = ("tanh", "sin", "exp", "sigmoid", "softplus", "atan", "asinh", "gelu", "silu", "erf", "neg",
         "square", "sech", "mish", "normal_cdf", "relu", "logsigmoid")  # fmt: skip
BINARY = ("add", "sub", "mul", "hypot", "maximum", "sigmoid_cross_entropy", "where", "atan2")
LISTS = ("sum", "mean", "prod", "logsumexp", "norm", "softmax", "dot", "max")


def formula(seed, count=1):
    """Return a function of a list of numbers that gives so many results."""

    def function(xs):
        r = random.Random(seed)
        nodes = list(xs)
        for _ in range(r.randint(2, 9)):
            nodes.append(autograd.tanh(_one(r, nodes)))
        return [nodes[-1 - i % len(nodes)] * r.choice([1.0, 0.5, -2.0]) for i in range(count)]

    return function


def _one(r, nodes):
    kind = r.choice(["unary", "binary", "list"])
    if kind == "unary":
        return getattr(autograd, r.choice(UNARY))(r.choice(nodes))
    if kind == "binary":
        name = r.choice(BINARY)
        arity = len(TABLE[name].arguments)
        return getattr(autograd, name)(*[r.choice(nodes) for _ in range(arity)])
    name, some = r.choice(LISTS), [r.choice(nodes) for _ in range(r.randint(1, 4))]
    if name == "dot":
        return autograd.dot(some, some[::-1], r.choice(nodes))
    made = getattr(autograd, name)(some)
    return made[0] if isinstance(made, list) else made


def points(seed, count, size=1.0):
    return (size * np.random.default_rng(seed).uniform(0.2, 1.5, count)).tolist()


NUMBERS = st.floats(-2, 2).map(lambda x: round(x, 3))
ARRAYS = st.lists(st.integers(1, 3), min_size=1, max_size=2).flatmap(
    lambda shape: st.lists(NUMBERS, min_size=int(np.prod(shape)), max_size=int(np.prod(shape))).map(
        lambda row: np.array(row).reshape(shape)
    )
)
STRUCTURES = st.recursive(
    st.one_of(NUMBERS, ARRAYS, st.none(), st.integers(-3, 3)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.lists(inner, max_size=3).map(tuple),
        st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    ),
    max_leaves=6,
)


def flat(thing):
    """Return all numbers in a structure, in order."""
    if isinstance(thing, dict):
        return [x for part in thing.values() for x in flat(part)]
    if isinstance(thing, (list, tuple)):
        return [x for part in thing for x in flat(part)]
    if isinstance(thing, np.ndarray):
        return thing.ravel().tolist()
    return [] if thing is None else [thing]


def same_structure(one, other):
    """Whether two structures differ in nothing but their numbers."""
    if isinstance(one, dict):
        return list(one) == list(other) and all(same_structure(one[k], other[k]) for k in one)
    if isinstance(one, (list, tuple)):
        return (
            type(one) is type(other)
            and len(one) == len(other)
            and all(map(same_structure, one, other))
        )
    if isinstance(one, np.ndarray):
        return isinstance(other, np.ndarray) and one.shape == other.shape and other.dtype == float
    return other is None if one is None else type(other) is float
