"""Check the arguments of `fit` before anything changes, one function an argument.

Kinds, ranges, words and misspelt keywords are checked as everywhere (`autograd._checks`).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from math import inf
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd import Value
from autograd._checks import check_type, error_text, one_of, real_number, whole_number
from autograd.errors import shown
from nn._utils import MAX_COUNT, without
from nn.activations import ACTIVATIONS, Activation
from nn.data import (
    PARTS,
    BatchLoader,
    Column,
    Dataset,
    Loader,
    SampleLoader,
    as_dataset,
    divided,
)
from nn.losses import Loss
from nn.metrics import Metric
from nn.module import Module
from nn.optim import LBFGS, ClipNorm, Optimiser
from nn.shapes import Outputs, inputs_of

SIGNS = (-1, 1)  # of two classes
REACH = {  # of outputs
    **dict.fromkeys(("sigmoid", "softmax"), (0.0, 1.0)),
    "tanh": (-1.0, 1.0),
    **dict.fromkeys(("relu", "softplus"), (0.0, inf)),
}
WEIGHTS = "a weight for each class, in a dict or a list"
CHUNK = 1 << 16  # targets that are checked together: those of a mapped file are read in parts


def epochs(number: Any) -> int:
    """Return the number of epochs.

    Examples
    --------
    >>> epochs(10**20)
    Traceback (most recent call last):
    ValueError: epochs: got an int (100000000000000000000); allowed: at most 9007199254740992
    """
    total = whole_number("epochs", number, 0)
    if total > MAX_COUNT:
        raise ValueError(error_text("epochs", number, f"at most {MAX_COUNT}"))
    return total


def loader(source: Loader, epochs: int) -> Loader:
    """Refuse an iterator where it would be exhausted before the second epoch.

    Examples
    --------
    >>> from nn.data import resolve_loader
    >>> loader(resolve_loader(iter([([[1.0]], [1.0])]), None, None, None), 2)
    Traceback (most recent call last):
    ValueError: a list_iterator gives its batches once: it is exhausted before the second of 2
    epochs. Give a function that returns a new one for each epoch, epochs=1, or steps_per_epoch
    where it goes on and on
    """
    if isinstance(source, BatchLoader) and source.once and epochs > 1:
        raise ValueError(
            f"a {source.kind} gives its batches once: it is exhausted before the second of "
            f"{epochs} epochs. Give a function that returns a new one for each epoch, epochs=1, or "
            "steps_per_epoch where it goes on and on",
        )
    return source


def metrics(measured: dict[str, Metric], loader: Loader, validation: Dataset | None) -> None:
    """Refuse metrics without samples to compute them on, or of targets that they do not take.

    Examples
    --------
    >>> from nn.data import resolve_loader
    >>> metrics({}, resolve_loader([[1.0]], [1.0], None, None), None)  # nothing is wrong
    """
    if measured and validation is None and isinstance(loader, BatchLoader):
        raise ValueError(
            "metrics of an iterable of batches are those of the validation data: "
            "give validation=(samples, targets) too",
        )
    for metric in measured.values():
        for Y in _columns(loader, validation):
            _check_in_parts(Y, metric.check_targets)


def history_columns(
    measured: dict[str, Metric], loader: Loader, validation: Dataset | None
) -> list[str]:
    """Return the names of the history's columns.

    Examples
    --------
    >>> from nn.data import resolve_loader
    >>> history_columns({}, resolve_loader([[1.0]], [1.0], None, None), None)
    ['loss', 'lr', 'seconds']
    """
    own = list(measured) if isinstance(loader, SampleLoader) else []
    held = [] if validation is None else ["loss", *measured]
    return ["loss", *own, *[f"validation_{name}" for name in held], "lr", "seconds"]


def outputs(loss: Loss, last: Outputs | None) -> None:
    """Refuse a model whose outputs are not what the loss takes.

    The outputs of a user's own `__call__` are checked by the loss itself.

    Examples
    --------
    >>> import nn
    >>> from nn.losses import LOSSES
    >>> from nn.shapes import outputs_of
    >>> outputs(LOSSES["binary_cross_entropy"], outputs_of(nn.Neuron(2, "linear")))
    Traceback (most recent call last):
    ValueError: binary_cross_entropy needs probabilities, but the model's output is linear: its
    numbers are logits. Take loss='binary_cross_entropy_with_logits', or output='sigmoid'
    """
    if last is None:
        return
    name = last.activation.name
    if last.activation not in ACTIVATIONS.values():  # a function of the user's
        return
    are_probabilities = name in {"sigmoid", "softmax"}
    if loss.takes == "probabilities" and not are_probabilities:
        numbers = "its numbers are logits" if name == "linear" else "its numbers can be others"
        raise ValueError(
            f"{loss.name} needs probabilities, but the model's output is {name}: {numbers}. "
            "Take loss='binary_cross_entropy_with_logits', or output='sigmoid'",
        )
    recognised = name == "softmax" and loss.name == "cross_entropy"
    if loss.takes == "logits" and are_probabilities and not recognised:
        instead = "cross_entropy" if name == "softmax" else "binary_cross_entropy"
        raise ValueError(
            f"{loss.name} needs logits, but the model's output is {name}: its numbers are "
            f"probabilities. Take loss='{instead}', or output='linear'",
        )
    if loss.takes == "logits" and REACH.get(name, (-inf, inf)) == (0.0, inf):
        raise ValueError(
            f"{loss.name} needs logits, but the model's output is {name}: its numbers are never "
            "negative. Take output='linear', or activation='linear' for the last layer",
        )


def targets(loss: Loss, loader: Loader, validation: Dataset | None, last: Outputs | None) -> None:
    """Refuse targets that mean nothing to a loss; those of an iterable, when they come.

    Examples
    --------
    >>> from nn.losses import LOSSES
    >>> from nn.shapes import outputs_of
    >>> from nn.data import resolve_loader
    >>> targets(LOSSES["hinge"], resolve_loader([[1.0], [2.0]], [0, 1], None, None), None, None)
    Traceback (most recent call last):
    ValueError: hinge needs targets of -1 or 1, got 0
    """
    if loss.targets is None:
        return
    check = partial(loss.check_targets, outputs=last and last.size)
    if isinstance(loader, BatchLoader):
        loader.check = check
    for Y in _columns(loader, validation):
        _check_in_parts(Y, check)


def counts(loss: Loss, loader: Loader, validation: Dataset | None, last: Outputs | None) -> None:
    """Refuse targets whose numbers are not as many as a model's outputs, or out of their reach.

    Examples
    --------
    >>> from nn.data import resolve_loader
    >>> from nn.losses import LOSSES
    >>> from nn.shapes import outputs_of
    >>> import nn
    >>> loader = resolve_loader([[1.0], [2.0]], [[0, 1], [1, 0]], None, None)
    >>> counts(LOSSES["mse"], loader, None, outputs_of(nn.Neuron(1)))
    Traceback (most recent call last):
    ValueError: mse: a target has 2 numbers, the model 1 output: give it an output for each number,
    as in nn.MLP(..., [16, 2])
    """
    if loss.targets is None or last is None or last.size is None:
        return
    for Y in _columns(loader, validation):
        if Y.array is None or Y.array.ndim > 2:
            continue
        numbers = Y.array.shape[1] if Y.array.ndim == 2 else 1
        if loss.targets == "classes":
            if last.size == 1:
                raise ValueError(
                    f"{loss.name} needs an output for each class, the model has one output: for "
                    "two classes take binary_cross_entropy_with_logits, for more an output for "
                    f"each, as in nn.MLP(..., [16, {_classes_of(Y.array)}])"
                )
        elif numbers != last.size:
            hint = f"an output for each number, as in nn.MLP(..., [16, {numbers}])"
            if numbers == 1 and loss.compares_classes:
                hint = "one output, or take cross_entropy, where an output is for a class"
            elif numbers == 1:
                hint = "one output; for class numbers and an output for each there is cross_entropy"
            raise ValueError(
                f"{loss.name}: a target has {_several(numbers, 'number')}, the model "
                f"{_several(last.size, 'output')}: give it {hint}"
            )
        elif loss.takes == "numbers" and Y.mapped is None:
            _check_reach(Y.array, last.activation)


def _several(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _classes_of(targets: NDArray[Any]) -> int:
    return targets.shape[1] if targets.ndim == 2 else max(int(targets.max()) + 1, 2)


def _check_reach(targets: NDArray[Any], activation: Activation) -> None:
    """Refuse targets of which even the mean is a number that an output cannot be."""
    if activation not in ACTIVATIONS.values() or activation.name not in REACH:
        return
    low, high = REACH[activation.name]
    mean = float(targets.mean())
    if not low <= mean <= high and np.isfinite(mean):
        upper = f"between {low:g} and {high:g}" if high < inf else f"of at least {low:g}"
        raise ValueError(
            f"the model's output is {activation.name}, a number {upper}, and the mean of the "
            f"targets is {mean:.4g}: take output='linear' (or activation='linear' for the last "
            "layer), or scale the targets"
        )


def labels(
    loss: Loss, loader: Loader, validation: Dataset | None
) -> tuple[Loader, Dataset | None, tuple[str, ...]]:
    """Replace targets that are texts by numbers, in the texts' order; return the texts, too.

    Examples
    --------
    >>> from nn.data import resolve_loader
    >>> from nn.losses import LOSSES
    >>> from nn.shapes import outputs_of
    >>> loader = resolve_loader([[1.0], [2.0], [3.0]], ["no", "yes", "no"], None, None)
    >>> loader, _, names = labels(LOSSES["binary_cross_entropy"], loader, None)
    >>> names, loader.data.Y.items
    (('no', 'yes'), array([0, 1, 0]))
    """
    if not isinstance(loader, SampleLoader) or not _are_texts(loader.data.Y):
        return loader, validation, ()
    names = tuple(sorted(set(loader.data.Y.items)))
    if not loss.compares_classes:
        raise TypeError(error_text("targets", names[0], "numbers", f"{loss.name} compares numbers"))
    if loss.targets != "classes" and len(names) > len(SIGNS):
        raise ValueError(f"{loss.name} tells two classes apart, but the targets have {len(names)}")
    numbers = SIGNS if loss.targets == "signs" else range(len(names))
    number_of = dict(zip(names, numbers, strict=False))

    def numbered(data: Dataset) -> Dataset:
        unknown = [text for text in data.Y.items if text not in number_of]
        if unknown:
            got = shown(unknown[0])
            raise ValueError(f"validation has the target {got}, which training has not")
        return data._replace(Y=Column(np.array([number_of[text] for text in data.Y.items])))

    loader = SampleLoader(numbered(loader.data), loader.batch_size)
    return loader, None if validation is None else numbered(validation), names


def class_weights(
    weights: Any, loss: Loss, loader: Loader, names: Sequence[str]
) -> tuple[float, ...] | None:
    """Return the weight of each class, in order; None where all count the same.

    Examples
    --------
    >>> from nn.data import resolve_loader
    >>> from nn.losses import LOSSES
    >>> from nn.shapes import outputs_of
    >>> loader = resolve_loader([[1.0], [2.0], [3.0], [4.0]], [0, 1, 1, 1], None, None)
    >>> [round(w, 3) for w in class_weights("balanced", LOSSES["cross_entropy"], loader, ())]
    [2.0, 0.667]
    """
    if weights is None:
        return None
    if isinstance(weights, str):
        one_of("class_weight", weights, ("balanced",), otherwise=WEIGHTS)
    allowed = f"{WEIGHTS} or 'balanced'"
    check_type("class_weight", weights, Mapping | Sequence | np.ndarray, allowed)
    if not loss.compares_classes:
        raise ValueError(f"class_weight is for targets that are classes; {loss.name} has others")
    counts = _class_counts(loss, loader)
    if isinstance(weights, str):
        if counts is None:
            raise ValueError(
                "class_weight='balanced' counts samples, not an iterable's: give numbers"
            )
        return tuple((counts.sum() / (len(counts) * np.maximum(counts, 1))).tolist())
    numbers: dict[Any, Any] = {name: i for i, name in enumerate(names)}
    pairs = weights.items() if isinstance(weights, Mapping) else enumerate(weights)
    given = {numbers.get(label, label): real_number("class_weight", w, 0) for label, w in pairs}
    size = max(len(names), 0 if counts is None else len(counts), len(given))
    for label in range(size):
        if label not in given:
            shown_label = repr(names[label]) if names else label
            raise ValueError(f"class_weight has no weight of class {shown_label}")
    return tuple(given[label] for label in range(size))


def weighed(
    weights: Sequence[float] | None, loss: Loss, loader: Loader, validation: Dataset | None
) -> tuple[Loader, Dataset | None]:
    """Multiply the weights of samples by those of their classes.

    Examples
    --------
    >>> from nn.data import resolve_loader
    >>> from nn.losses import LOSSES
    >>> from nn.shapes import outputs_of
    >>> loader = resolve_loader([[1.0], [2.0]], [0, 1], None, None, sample_weight=[3.0, 4.0])
    >>> weighed([1.0, 0.5], LOSSES["cross_entropy"], loader, None)[0].data.weights.items
    array([3., 2.])
    """
    if weights is None:
        return loader, validation
    of_class = np.array(weights)

    def weigh(data: Dataset) -> Dataset:
        classes = _classes(loss, data.Y)
        if classes.max() >= len(of_class):
            raise IndexError(
                f"class_weight has no weight of class {classes.max()}, only of {len(of_class)}"
            )
        own = 1.0 if data.weights is None else data.weights.take(slice(None))
        return data._replace(weights=Column(own * of_class[classes]))

    held = None if validation is None else weigh(validation)
    if isinstance(loader, BatchLoader):
        loader.weigh = weigh
        return loader, held
    assert isinstance(loader, SampleLoader)
    return SampleLoader(weigh(loader.data), loader.batch_size), held


def _class_counts(loss: Loss, loader: Loader) -> NDArray[np.intp] | None:
    """Count the training's samples of each class."""
    if not isinstance(loader, SampleLoader):
        return None
    return np.bincount(_classes(loss, loader.data.Y), minlength=2)


def _classes(loss: Loss, targets: Column) -> NDArray[np.intp]:
    """Return the class of each target as a whole number from 0."""
    numbers = np.asarray(targets.items, float)
    numbers = numbers[:, 0] if numbers.ndim == 2 and numbers.shape[1] == 1 else numbers
    numbers = loss.class_of(numbers)
    if numbers.ndim > 1 or (numbers != np.floor(numbers)).any():
        raise ValueError("class_weight needs a class a sample, not probabilities of all")
    return np.asarray(numbers, np.intp)


def _are_texts(column: Column) -> bool:
    return column.array is None and all(isinstance(item, str) for item in column.items)


def samples(loader: Loader, validation: Dataset | None, model: Module) -> None:
    """Refuse samples of another length than a model takes, and nan among those in memory.

    Models that are no layers may know what these mean.

    Examples
    --------
    >>> import nn
    >>> from nn.data import resolve_loader
    >>> loader = resolve_loader([[1.0], [float("nan")]], [0, 1], None, None)
    >>> samples(loader, None, nn.Neuron(1))
    Traceback (most recent call last):
    ValueError: sample 1 has a nan at [0]: leave such samples out, or fill in numbers
    """
    held = [loader.data] if isinstance(loader, SampleLoader) else []
    inputs = inputs_of(model)
    for data in held if validation is None else [*held, validation]:
        array = data.X.array
        if inputs is None or array is None:
            continue
        numbers = array.shape[1] if array.ndim == 2 else 1
        if array.ndim <= 2 and numbers != inputs:
            columns = "; samples are rows here: of columns give X.T" if len(array) == inputs else ""
            raise ValueError(
                f"a sample has {_several(numbers, 'number')}, the model takes {inputs}{columns}"
            )
        if array.dtype.kind != "f" or data.X.mapped is not None:
            continue
        wrong = np.isnan(array)
        if wrong.any():
            row, *place = np.argwhere(wrong)[0].tolist()
            raise ValueError(
                f"sample {row} has a nan at {place}: leave such samples out, or fill in numbers"
            )


def _columns(loader: Loader, validation: Dataset | None) -> list[Column]:
    """List the targets that are in memory or in a file."""
    held = [loader.data] if isinstance(loader, SampleLoader) else []
    return [data.Y for data in (held if validation is None else [*held, validation])]


def _check_in_parts(column: Column, check: Callable[[NDArray[Any]], None]) -> None:
    """Check targets in parts; those of no regular shape are left to the loss."""
    for start in range(0, len(column), CHUNK) if column.array is not None else ():
        try:
            check(column.take(slice(start, start + CHUNK)))
        except (ValueError, IndexError) as error:
            if start:
                raise type(error)(f"{error} (counted from sample {start})") from error
            raise


def prefetch_depth(prefetch: int | None, loader: Loader) -> int:
    """Return how many batches are made ahead.

    Examples
    --------
    >>> from nn.data import resolve_loader
    >>> loader = resolve_loader([[1.0]], [1.0], None, None)
    >>> prefetch_depth(None, loader), prefetch_depth(3, loader)
    (0, 3)
    """
    if prefetch is None:
        return 2 if isinstance(loader, BatchLoader) else 0
    return whole_number("prefetch", prefetch, 0, otherwise="None")


def held_out(validation: Any, loader: Loader, *, shuffle: bool) -> tuple[Loader, Dataset | None]:
    """Return the loader of the samples to train with, and the validation data.

    Examples
    --------
    >>> from nn.data import resolve_loader
    >>> loader = resolve_loader([[1.0], [2.0], [3.0], [4.0]], [1, 2, 3, 4], None, None)
    >>> rest, held = held_out(0.25, loader, shuffle=False)
    >>> len(rest.data.X), held.Y.items
    (3, [4])
    """
    if validation is None:
        return loader, None
    if isinstance(validation, list | tuple) and len(validation) in PARTS:
        return loader, as_dataset("validation", *validation)
    allowed = "(samples, targets) or None"
    if not isinstance(loader, SampleLoader):
        hint = "a share is that of samples in memory or a file, not of batches"
        raise TypeError(error_text("validation", validation, allowed, hint))
    if isinstance(validation, list | tuple):
        raise TypeError(error_text("validation", validation, f"a share, {allowed}"))
    share = real_number("validation", validation, 0, 1, open_low=True, otherwise=allowed)
    rest, held = divided(loader.data, share, shuffle=shuffle)
    return SampleLoader(rest, loader.batch_size), held


def parameters(model: Module) -> list[Value]:
    """Return what a model has to train.

    Examples
    --------
    >>> import nn
    >>> parameters(nn.Neuron(1).freeze())
    Traceback (most recent call last):
    ValueError: nothing of <Neuron(1, 'relu'), 2 parameters, 2 of them frozen> can be trained: call
    unfreeze() of the model or of a part of it, or give it parameters
    """
    found = model.parameters()
    if not found:
        raise ValueError(
            f"nothing of {model!r} can be trained: call unfreeze() of the model or of a part of "
            "it, or give it parameters"
        )
    return found


def optimiser(chosen: Optimiser, parameters: Sequence[Value]) -> Optimiser:
    """Refuse an optimiser of another model, which would learn nothing.

    Examples
    --------
    >>> import nn
    >>> model = nn.Neuron(1)
    >>> optimiser(nn.SGD(model.parameters()), nn.Neuron(1).parameters())
    Traceback (most recent call last):
    ValueError: the optimiser moves none of the model's parameters: make it with model.parameters()
    """
    if len(without(chosen.parameters, parameters)) == len(chosen.parameters):
        raise ValueError(
            "the optimiser moves none of the model's parameters: make it with model.parameters()",
        )
    return chosen


def iterations(chosen: Optimiser, engine: object, step: Any, options: Mapping[str, bool]) -> None:
    """Refuse what L-BFGS cannot have: it looks at all samples, and takes steps of its own.

    ``options`` tells of others whether they are set.

    Examples
    --------
    >>> import nn
    >>> iterations(nn.LBFGS([Value(1.0)]), "compiled", None, {"batch_size": True})
    Traceback (most recent call last):
    ValueError: optimiser=LBFGS goes without batch_size: its steps are SciPy's, of all samples
    """
    if not isinstance(chosen, LBFGS):
        return
    others = [name for name, is_set in options.items() if is_set]
    others += [f"engine={engine!r}"] * (engine not in {"compiled", "eager"})
    others += ["Dropout"] * (getattr(step, "masks", None) is not None)
    if others:
        raise ValueError(
            f"optimiser=LBFGS goes without {', '.join(others)}: its steps are SciPy's, of all "
            "samples"
        )


def callbacks(name: str, functions: Iterable[Any], of: str) -> tuple[Callable[..., object], ...]:
    """Refuse callbacks that cannot be called, before the first epoch.

    Examples
    --------
    >>> callbacks("callbacks", [len], "the history") == (len,)
    True
    """
    check_type(name, functions, Iterable, f"a list of functions of {of}")
    result = tuple(functions)
    for callback in result:
        check_type(name, callback, Callable, f"functions of {of}")
    return result


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
    return whole_number("early_stopping", early_stopping, otherwise="None")


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
    return ClipNorm(real_number("clip", clip, 0, open_low=True, otherwise="a function, or None"))


def function(name: str, item: Any, example: str) -> Any:
    """Refuse what is neither a function nor None.

    Examples
    --------
    >>> function("schedule", 0.9, "nn.schedules.Cosine(1000)")
    Traceback (most recent call last):
    TypeError: schedule: got a float (0.9); allowed: a function, such as nn.schedules.Cosine(1000),
    or None
    """
    if item is not None:
        check_type(name, item, Callable, f"a function, such as {example}, or None")
    return item
