"""Neurons, layers, networks and their training, on the scalars of `autograd`.

Examples
--------
>>> import nn
>>> model = nn.MLP(2, [4, 1], activation="tanh", output="sigmoid", rng=0)
>>> history = nn.fit(model, [[0, 1], [1, 0]], [0, 1], epochs=3, progress=False)
>>> history.epochs
3
"""

from nn import initialise, saving, schedules
from nn.fitting.fit import fit
from nn.measures.entropy import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cross_entropy,
)
from nn.measures.losses import LOSSES, hinge, huber, l2_penalty, mae, mse
from nn.measures.metrics import accuracy, confusion_matrix, predict, predict_classes
from nn.models.activations import ACTIVATIONS
from nn.models.layers import Layer, Neuron
from nn.models.mlp import MLP
from nn.models.module import Module
from nn.observing.diagnose import Diagnosis, Finding, diagnose
from nn.observing.history import History
from nn.observing.recording import Recording
from nn.observing.signals import Signal, signals
from nn.optimisers.clip import clip_norm, clip_value
from nn.optimisers.optim import OPTIMISERS, SGD, Adam, AdamW, RMSprop
from nn.optimisers.optimiser import Optimiser
from nn.stepping.devices import Jax

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
