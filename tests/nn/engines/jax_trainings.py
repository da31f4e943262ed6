"""Trainings that the tests of the engine JAX run, in this process and in others."""

import os
import sys
from pathlib import Path

import numpy as np

import nn

RNG = np.random.default_rng(0)
X = RNG.normal(size=(21, 3))
SUM = X.sum(axis=1)
MODELS = {
    "sigmoid": ("binary_cross_entropy", "sigmoid", 1, (SUM > 0).astype(int)),
    "softmax": ("cross_entropy", "softmax", 4, RNG.integers(0, 4, len(X))),
    "linear": ("mse", "linear", 1, SUM),
}


def train(kind, engine, data=None, **settings):
    """Train a small network; return its losses and its parameters."""
    loss, output, size, targets = MODELS[kind]
    model = nn.MLP(3, [5, size], activation="tanh", output=output, rng=1)
    data = (X, targets) if data is None else data
    fixed = {"loss": loss, "lr": 0.05, "epochs": 3, "rng": 3, "progress": False}
    history = nn.fit(model, *data, engine=engine, **{**fixed, **settings})
    return history["loss"], list(model.state_dict().values())


def distance(one, other):
    """Return the largest relative difference of losses and parameters."""
    return max(
        float(np.max(np.abs(np.array(a) - b) / np.maximum(np.abs(b), 1e-3)))
        for a, b in zip(one, other, strict=True)
    )


# XLA takes its time to make fast code; here it is run a few times.
QUICK = "--xla_backend_optimization_level=0 --xla_llvm_disable_expensive_passes=true"


def around(devices):
    """Return the environment of a process with so many simulated devices."""
    flags = f"{QUICK} --xla_force_host_platform_device_count={devices}"
    paths = os.pathsep.join([str(Path(__file__).parents[3]), *sys.path])
    return {**os.environ, "XLA_FLAGS": flags, "JAX_PLATFORMS": "cpu", "PYTHONPATH": paths}
