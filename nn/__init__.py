"""Neurons, layers, networks and their training, on the scalars of `autograd`.

Examples
--------
>>> import nn
>>> model = nn.MLP(2, [4, 1], activation="tanh", output="sigmoid", rng=0)
>>> history = nn.fit(model, [[0, 1], [1, 0]], [0, 1], epochs=3, progress=False)
>>> history.epochs
3
"""

from nn import schedules
from nn import serialization as saving
from nn import initializers as initialise
from nn.training.fit import fit
from nn.losses import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cross_entropy,
)
from nn.losses import LOSSES, hinge, huber, l2_penalty, mae, mse
from nn.metrics import accuracy, confusion_matrix, predict, predict_classes
from nn.activations import ACTIVATIONS
from nn.layers import Layer, Neuron
from nn.layers import MLP
from nn.module import Module
from nn.inspect.diagnose import Diagnosis, Finding, diagnose
from nn.inspect.history import History
from nn.inspect.history import Recording
from nn.inspect.signals import Signal, signals
from nn.optim import clip_norm, clip_value
from nn.optim import OPTIMISERS, SGD, Adam, AdamW, RMSprop
from nn.optim import Optimiser
from nn.engines.jax import Jax

__all__ = [
    "ACTIVATIONS",
    "LOSSES",
    "MLP",
    "OPTIMISERS",
    "SGD",
    "Adam",
    "AdamW",
    "Diagnosis",
    "Finding",
    "History",
    "Jax",
    "Layer",
    "Module",
    "Neuron",
    "Optimiser",
    "RMSprop",
    "Recording",
    "Signal",
    "accuracy",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "clip_norm",
    "clip_value",
    "confusion_matrix",
    "cross_entropy",
    "diagnose",
    "fit",
    "hinge",
    "huber",
    "initialise",
    "l2_penalty",
    "mae",
    "mse",
    "predict",
    "predict_classes",
    "saving",
    "schedules",
    "signals",
]
