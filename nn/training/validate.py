"""Check the settings of `fit` before anything changes, one function a setting."""

from collections.abc import Callable, Iterable, Sequence
from difflib import get_close_matches
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd import Value
from autograd.errors import list_of, shown
from nn._utils import count, in_range
from nn.data import Column, Data
from nn.data import Batches, Samples, Source
from nn.losses import cross_entropy
from nn.losses import Loss
from nn.metrics import Metric, check_targets
from nn.activations import ACTIVATIONS
from nn.layers import Layer, Neuron
from nn.layers import MLP
from nn.module import Module
from nn.inspect.history import History
from nn.optim import ClipNorm
from nn.optim import Optimiser

AT_ONCE = 1 << 16  # targets that are looked at together: of a mapped file they are read in parts


def lasting(source: Source, epochs: int) -> Source:
    """Refuse an iterator where it would be exhausted before the second epoch.

    Examples
    --------
    >>> from nn.data import find
    >>> lasting(find(iter([([[1.0]], [1.0])]), None, None, None), 2)
    Traceback (most recent call last):
    ValueError: a list_iterator gives its batches once: it is exhausted before the second of 2
    epochs. Give a function that returns a new one for each epoch, epochs=1, or steps_per_epoch
    where it goes on and on
    """
    if isinstance(source, Batches) and source.once and epochs > 1:
        raise ValueError(
            f"a {source.kind} gives its batches once: it is exhausted before the second of "
            f"{epochs} epochs. Give a function that returns a new one for each epoch, epochs=1, or "
            "steps_per_epoch where it goes on and on",
        )
    return source


def judging(
    metrics: dict[str, Metric], source: Source, validation: Data | None, threshold: float
) -> None:
    """Refuse metrics where there are no samples to look at a second time, or no classes.

    Examples
    --------
    >>> from nn.data import find
    >>> judging({}, find([[1.0]], [1.0], None, None), None, 0.5)  # all is well
    """
    if metrics and validation is None and isinstance(source, Batches):
        raise ValueError(
            "metrics of an iterable of batches are those of the validation data: "
            "give validation=(samples, targets) too",
        )
    if "accuracy" in metrics and isinstance(metrics["accuracy"], partial):  # the library's own
        for Y in _columns(source, validation):
            _looked_at(Y, lambda numbers: check_targets(numbers, threshold))


def columns(metrics: dict[str, Metric], source: Source, validation: Data | None) -> list[str]:
    """Return the names that an epoch's row of the history has.

    Examples
    --------
    >>> from nn.data import find
    >>> columns({}, find([[1.0]], [1.0], None, None), None)
    ['loss', 'lr', 'seconds']
    """
    own = list(metrics) if isinstance(source, Samples) else []
    held = [] if validation is None else ["loss", *metrics]
    return ["loss", *own, *[f"validation_{name}" for name in held], "lr", "seconds"]


def output_layer(model: Module) -> Layer | Neuron | None:
    """Return what makes a model's outputs; None where only a call could tell.

    Examples
    --------
    >>> import nn
    >>> output_layer(nn.MLP(2, [4, 3]))
    <Layer(4, 3, 'linear'), 15 parameters>
    """
    if type(model) is MLP:
        return model.layers[-1]
    return model if type(model) in {Layer, Neuron} else None  # type: ignore[return-value]


def outputs(loss: Loss, last: Layer | Neuron | None) -> None:
    """Refuse a model whose outputs are not what the loss takes.

    What a user's own `__call__` returns is looked at by the loss itself.

    Examples
    --------
    >>> import nn
    >>> from nn.losses import LOSSES
    >>> outputs(LOSSES["binary_cross_entropy"], nn.Neuron(2, "linear"))
    Traceback (most recent call last):
    ValueError: binary_cross_entropy needs probabilities, but the model's output is linear: its
    numbers are logits. Take loss='binary_cross_entropy_with_logits', or output='sigmoid'
    """
    if last is None:
        return
    name = last.activation.name
    if last.activation not in ACTIVATIONS.values():  # a function that is not known here
        return
    are_probabilities = name in {"sigmoid", "softmax"}
    if loss.takes == "probabilities" and not are_probabilities:
        numbers = "its numbers are logits" if name == "linear" else "its numbers can be others"
        raise ValueError(
            f"{loss.name} needs probabilities, but the model's output is {name}: {numbers}. "
            "Take loss='binary_cross_entropy_with_logits', or output='sigmoid'",
        )
    recognised = name == "softmax" and loss.function is cross_entropy
    if loss.takes == "logits" and are_probabilities and not recognised:
        instead = "cross_entropy" if name == "softmax" else "binary_cross_entropy"
        raise ValueError(
            f"{loss.name} needs logits, but the model's output is {name}: its numbers are "
            f"probabilities. Take loss='{instead}', or output='linear'",
        )


def targets(
    loss: Loss, source: Source, validation: Data | None, last: Layer | Neuron | None
) -> None:
    """Refuse targets that a loss has no meaning for; those of an iterable, when they come.

    Examples
    --------
    >>> from nn.losses import LOSSES
    >>> from nn.data import find
    >>> targets(LOSSES["hinge"], find([[1.0], [2.0]], [0, 1], None, None), None, None)
    Traceback (most recent call last):
    ValueError: hinge needs targets of -1 or 1, got 0
    """
    if loss.check is None:
        return
    own, neurons = loss.check, len(last.neurons) if isinstance(last, Layer) else None

    def check(numbers: NDArray[Any]) -> None:
        _check_finite(numbers)
        own(numbers, neurons)

    if isinstance(source, Batches):
        source.check = check
    for Y in _columns(source, validation):
        _looked_at(Y, check)


def _columns(source: Source, validation: Data | None) -> list[Column]:
    """List the targets that are at hand."""
    held = [source.data] if isinstance(source, Samples) else []
    return [data.Y for data in (held if validation is None else [*held, validation])]


def _looked_at(column: Column, check: Callable[[NDArray[Any]], None]) -> None:
    """Check targets in parts; those of no regular shape are left to the loss."""
    for start in range(0, len(column), AT_ONCE) if column.array is not None else ():
        try:
            check(column.take(slice(start, start + AT_ONCE)))
        except (ValueError, IndexError) as error:
            if start:
                raise type(error)(f"{error} (counted from sample {start})") from error
            raise


def _check_finite(numbers: NDArray[Any]) -> None:
    """Refuse nan and inf among targets."""
    wrong = ~np.isfinite(numbers)
    if wrong.any():
        place = np.argwhere(wrong)[0].tolist()
        raise ValueError(
            f"target {place[0] if len(place) == 1 else tuple(place)} is {numbers[tuple(place)]}: "
            "leave such samples out, or write a loss that knows what it means",
        )


def ahead(prefetch: int | None, source: Source) -> int:
    """Return how many batches are made ahead.

    Examples
    --------
    >>> from nn.data import find
    >>> ahead(None, find([[1.0]], [1.0], None, None)), ahead(3, find([[1.0]], [1.0], None, None))
    (0, 3)
    """
    if prefetch is None:
        return 2 if isinstance(source, Batches) else 0
    return count("prefetch", prefetch, 0)


def pair(validation: Any) -> tuple[Any, Any]:
    """Unpack the validation data.

    Examples
    --------
    >>> pair(([[1.0]], [0.0]))
    ([[1.0]], [0.0])
    """
    if not isinstance(validation, list | tuple) or len(validation) != 2:
        raise TypeError(f"validation must be (samples, targets), got {shown(validation)}")
    return validation[0], validation[1]


def matching(optimiser: Optimiser, parameters: Sequence[Value]) -> Optimiser:
    """Refuse an optimiser of another model, with which nothing would be learnt.

    Examples
    --------
    >>> import nn
    >>> model = nn.Neuron(1)
    >>> matching(nn.SGD(model.parameters()), nn.Neuron(1).parameters())
    Traceback (most recent call last):
    ValueError: the optimiser moves none of the model's parameters: make it with model.parameters()
    """
    if set(parameters).isdisjoint(optimiser.parameters):
        raise ValueError(
            "the optimiser moves none of the model's parameters: make it with model.parameters()",
        )
    return optimiser


def functions(callbacks: Iterable[Any]) -> tuple[Callable[[History], object], ...]:
    """Refuse callbacks that cannot be called, before the first epoch.

    Examples
    --------
    >>> functions([len]) == (len,)
    True
    """
    if not isinstance(callbacks, Iterable):
        raise TypeError(f"callbacks must be a list of functions, got {shown(callbacks)}")
    found = tuple(callbacks)
    for callback in found:
        if not callable(callback):
            raise TypeError(f"callbacks must be functions of the history, got {shown(callback)}")
    return found


def patience(early_stopping: int | None, validation: object) -> int | None:
    """Check early stopping.

    Examples
    --------
    >>> patience(5, None)
    Traceback (most recent call last):
    ValueError: early_stopping watches the validation loss: give validation=(samples, targets) too
    """
    if early_stopping is None:
        return None
    if validation is None:
        raise ValueError(
            "early_stopping watches the validation loss: give validation=(samples, targets) too",
        )
    return count("early_stopping", early_stopping)


def clipping(
    clip: float | Callable[[list[Value]], object] | None,
) -> Callable[[list[Value]], object] | None:
    """Return a function that clips, or None.

    Examples
    --------
    >>> clipping(1.0)
    ClipNorm(limit=1.0)
    """
    if clip is None or callable(clip):
        return clip
    return ClipNorm(in_range("clip", clip, open_low=True))


def function(name: str, given: Any, example: str) -> Any:
    """Refuse what cannot be called; None means that there is none.

    Examples
    --------
    >>> function("schedule", 0.9, "nn.schedules.Cosine(1000)")
    Traceback (most recent call last):
    TypeError: schedule must be a function, such as nn.schedules.Cosine(1000), got a float (0.9)
    """
    if given is not None and not callable(given):
        raise TypeError(f"{name} must be a function, such as {example}, got {shown(given)}")
    return given


ELSEWHERE = {  # what other libraries call it
    "optimizer": "optimiser",
    "learning_rate": "lr",
    "seed": "rng",
    "random_state": "rng",
    "validation_data": "validation",
    "validation_split": "validation",
    "verbose": "progress",
    "criterion": "loss",
    "patience": "early_stopping",
    "lr_scheduler": "schedule",
    "scheduler": "schedule",
    "device": "engine",
}


def unknown(names: Iterable[str], allowed: Sequence[str]) -> None:
    """Refuse settings that `fit` does not have, with the one that was probably meant.

    Examples
    --------
    >>> unknown(["optimizer"], ["optimiser", "lr"])
    Traceback (most recent call last):
    TypeError: fit has no setting 'optimizer', did you mean 'optimiser'? It can be optimiser or lr
    """
    for name in names:
        near = [ELSEWHERE.get(name), *get_close_matches(name, allowed, n=1)]
        guess = next((f", did you mean {each!r}?" for each in near if each), ".")
        raise TypeError(f"fit has no setting {name!r}{guess} It can be {list_of(allowed)}")
