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
from nn.activations import ACTIVATIONS
from nn.clip import clip_norm, clip_value
from nn.devices import Jax
from nn.diagnose import Diagnosis, Finding, diagnose
from nn.entropy import binary_cross_entropy, binary_cross_entropy_with_logits, cross_entropy
from nn.fit import fit
from nn.history import History
from nn.layers import Layer, Neuron
from nn.losses import LOSSES, hinge, huber, l2_penalty, mae, mse
from nn.metrics import accuracy, confusion_matrix, predict, predict_classes
from nn.mlp import MLP
from nn.module import Module
from nn.optim import OPTIMISERS, SGD, Adam, AdamW, RMSprop
from nn.optimiser import Optimiser
from nn.recording import Recording
from nn.signals import Signal, signals

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
