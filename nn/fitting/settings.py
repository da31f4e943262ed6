"""Check the settings of `fit` before anything changes, one function a setting."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from autograd import Value
from autograd.errors import shown
from nn.basics.names import count, in_range
from nn.data.columns import Data
from nn.data.sources import Batches, Samples, Source
from nn.measures.losses import Loss
from nn.measures.metrics import Metric
from nn.observing.history import History
from nn.optimisers.clip import ClipNorm
from nn.optimisers.optimiser import Optimiser

AT_ONCE = 1 << 16  # targets that are looked at together: of a mapped file they are read in parts


def lasting(source: Source, epochs: int) -> Source:
    """Refuse an iterator where it would be exhausted before the second epoch.

    Examples
    --------
    >>> from nn.data.sources import find
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
    metrics: dict[str, Metric], source: Source, validation: Data | None
) -> dict[str, Metric]:
    """Refuse metrics where there are no samples to look at a second time.

    Examples
    --------
    >>> from nn.data.sources import find
    >>> judging({}, find([[1.0]], [1.0], None, None), None)
    {}
    """
    if metrics and validation is None and isinstance(source, Batches):
        raise ValueError(
            "metrics of an iterable of batches are those of the validation data: "
            "give validation=(samples, targets) too",
        )
    return metrics


def targets(loss: Loss, source: Source, validation: Data | None) -> None:
    """Refuse targets that a loss has no meaning for; those of an iterable, when they come.

    Examples
    --------
    >>> from nn.measures.losses import LOSSES
    >>> from nn.data.sources import find
    >>> targets(LOSSES["hinge"], find([[1.0], [2.0]], [0, 1], None, None), None)
    Traceback (most recent call last):
    ValueError: hinge needs targets of -1 or 1, got 0
    """
    if loss.check is None:
        return
    if isinstance(source, Batches):
        source.check = loss.check
    held = [source.data] if isinstance(source, Samples) else []
    for _, Y in held if validation is None else [*held, validation]:
        for start in range(0, len(Y), AT_ONCE) if Y.array is not None else ():
            loss.check(Y.take(slice(start, start + AT_ONCE)))


def ahead(prefetch: int | None, source: Source) -> int:
    """Return how many batches are made ahead.

    Examples
    --------
    >>> from nn.data.sources import find
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
