"""Neurons, layers, networks and their training, on the scalars of `autograd`.

Examples
--------
>>> import nn
>>> model = nn.MLP(2, [4, 1], activation="tanh", output="sigmoid", rng=0)
>>> history = nn.fit(model, [[0, 1], [1, 0]], [0, 1], epochs=3, progress=False)
>>> history.epochs
3
"""

from typing import TYPE_CHECKING

from autograd._lazy import attach

if TYPE_CHECKING:
    from nn import initializers, schedules, serialization
    from nn.activations import ACTIVATIONS
    from nn.dropout import Dropout
    from nn.engines.forward import predict
    from nn.engines.jax import Jax
    from nn.estimators import Classifier as Classifier
    from nn.estimators import Regressor as Regressor
    from nn.inspect.diagnose import Diagnosis, Finding, diagnose
    from nn.inspect.history import History, Recording
    from nn.inspect.signals import Signal, signals
    from nn.layers import MLP, Layer, Neuron, Sequential
    from nn.losses import (
        LOSSES,
        binary_cross_entropy,
        binary_cross_entropy_with_logits,
        cross_entropy,
        hinge,
        huber,
        l1_penalty,
        l2_penalty,
        mae,
        mse,
    )
    from nn.metrics import (
        accuracy,
        confusion_matrix,
        f1,
        mean_absolute_error,
        precision,
        predict_classes,
        r2,
        recall,
        roc_auc,
        top_k_accuracy,
    )
    from nn.module import Module
    from nn.normalization import LayerNorm
    from nn.optim import (
        LBFGS,
        OPTIMISERS,
        SGD,
        Adam,
        AdamW,
        Optimiser,
        RMSprop,
        clip_norm,
        clip_value,
    )
    from nn.training.fit import fit
    from nn.training.loop import Step

__all__ = [
    "ACTIVATIONS",
    "LBFGS",
    "LOSSES",
    "MLP",
    "OPTIMISERS",
    "SGD",
    "Adam",
    "AdamW",
    "Diagnosis",
    "Dropout",
    "Finding",
    "History",
    "Jax",
    "Layer",
    "LayerNorm",
    "Module",
    "Neuron",
    "Optimiser",
    "RMSprop",
    "Recording",
    "Sequential",
    "Signal",
    "Step",
    "accuracy",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "clip_norm",
    "clip_value",
    "confusion_matrix",
    "cross_entropy",
    "diagnose",
    "f1",
    "fit",
    "hinge",
    "huber",
    "initializers",
    "l1_penalty",
    "l2_penalty",
    "mae",
    "mean_absolute_error",
    "mse",
    "precision",
    "predict",
    "predict_classes",
    "r2",
    "recall",
    "roc_auc",
    "schedules",
    "serialization",
    "signals",
    "top_k_accuracy",
]

__getattr__, __dir__ = attach(
    __name__,
    {
        "nn.activations": ["ACTIVATIONS"],
        "nn.dropout": ["Dropout"],
        "nn.engines.jax": ["Jax"],
        "nn.estimators": ["Classifier", "Regressor"],
        "nn.inspect.diagnose": ["Diagnosis", "Finding", "diagnose"],
        "nn.inspect.history": ["History", "Recording"],
        "nn.inspect.signals": ["Signal", "signals"],
        "nn.layers": ["MLP", "Layer", "Neuron", "Sequential"],
        "nn.losses": [
            "LOSSES",
            "binary_cross_entropy",
            "binary_cross_entropy_with_logits",
            "cross_entropy",
            "hinge",
            "huber",
            "l1_penalty",
            "l2_penalty",
            "mae",
            "mse",
        ],
        "nn.engines.forward": ["predict"],
        "nn.metrics": [
            "accuracy",
            "confusion_matrix",
            "f1",
            "mean_absolute_error",
            "precision",
            "predict_classes",
            "r2",
            "recall",
            "roc_auc",
            "top_k_accuracy",
        ],
        "nn.module": ["Module"],
        "nn.normalization": ["LayerNorm"],
        "nn.optim": [
            "LBFGS",
            "OPTIMISERS",
            "SGD",
            "Adam",
            "AdamW",
            "Optimiser",
            "RMSprop",
            "clip_norm",
            "clip_value",
        ],
        "nn.training.fit": ["fit"],
        "nn.training.loop": ["Step"],
    },
    submodules=["initializers", "schedules", "serialization"],
)
