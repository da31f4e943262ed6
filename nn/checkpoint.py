"""Checkpoints, from which a training is resumed bit for bit.

`TrainState` is everything that the next step depends on, apart from the training's settings, plus
the history. A checkpoint is that state with the settings (the training's *fingerprint*). Resuming
compares the fingerprints, reads and checks the whole state, and only then sets anything: a file
that does not fit leaves the model, the optimiser and the generator unchanged. The file format is
that of `nn.serialization`.
"""

import hashlib
import json
import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from math import inf, isfinite
from pathlib import Path
from time import perf_counter
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

import autograd
from autograd import Value
from autograd._checks import check_type, error_text, one_of, real_number, whole_number
from autograd.errors import brief, shown
from nn import serialization
from nn._utils import MAX_COUNT, without
from nn.data import Dataset, Loader
from nn.inspect.history import STOPPED, History
from nn.module import Module, frozen_parameters
from nn.optim import Optimiser
from nn.serialization import MALFORMED

EVERY = timedelta(seconds=10)
MASK_SEEDS = 1 << 63
ACTION = "resume from"  # what an unusable file does not allow


@dataclass
class Best:
    """The parameters of the lowest validation loss so far."""

    loss: float = inf
    numbers: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    epochs_since: int = 0


@dataclass
class EpochProgress:
    """The progress of an epoch: steps, samples, the sum of the samples' losses, and the time."""

    steps: int = 0
    samples: int = 0
    total: float = 0.0
    seconds: float = 0.0


class TrainState:
    """The state of a training under way.

    ``leaves`` are the model's parameters, followed by those that only the optimiser has.

    Examples
    --------
    >>> import nn
    >>> model = nn.Neuron(1, activation="linear", init="zeros")
    >>> state = TrainState(model.parameters(), nn.SGD(model.parameters()), rng=None)
    >>> state.advance(samples=2, loss=0.5)
    >>> state.steps, state.mean_loss()
    (1, 0.5)
    """

    def __init__(
        self,
        parameters: Sequence[Value],
        optimiser: Optimiser,
        rng: np.random.Generator | None,
    ) -> None:
        others = without(optimiser.parameters, parameters)
        self.parameters = parameters
        self.leaves = [*parameters, *others] if others else parameters
        self.optimiser = optimiser
        self.rng = rng
        self.shuffle_state: Any = None  # the generator's, before this epoch's order was drawn
        self.mask_seed: int | None = None  # of dropout's masks, where the model has any
        self.history = History()
        self.columns: list[str] | None = None  # of the history, where known beforehand
        self.best = Best()
        self.epoch = EpochProgress()
        self.steps = 0
        self.loss = inf  # of the last step
        self.sync: Callable[[], None] = lambda: None  # brings the `Value`s up to date

    def zero_grad(self) -> None:
        """Reset the gradients of all leaves.

        Examples
        --------
        >>> import nn
        >>> model = nn.Neuron(1, activation="linear")
        >>> model(5.0).backward()
        >>> TrainState(model.parameters(), nn.SGD(model.parameters()), rng=None).zero_grad()
        >>> model.b.has_grad
        False
        """
        for leaf in self.leaves:
            leaf.zero_grad()

    def order(self, loader: Loader) -> Any:
        """Draw an epoch's order; for an epoch that is resumed, the same order again."""
        if self.rng is None:
            return loader.order(None)
        bits = self.rng.bit_generator
        now = bits.state
        if self.shuffle_state is None:
            self.shuffle_state = now
            return loader.order(self.rng)
        bits.state = self.shuffle_state
        order = loader.order(self.rng)
        bits.state = now  # others may draw from the same generator
        return order

    def advance(self, samples: int, loss: float) -> None:
        """Count a step."""
        self.loss = loss
        self.steps += 1
        self.epoch.steps += 1
        self.epoch.samples += samples
        self.epoch.total += samples * loss

    def mean_loss(self) -> float:
        """Return the mean loss of this epoch's samples so far."""
        return self.epoch.total / self.epoch.samples

    def end_epoch(self, row: dict[str, float], *, keep_best: bool) -> None:
        """Add an epoch to the history; keep the parameters if they are the best so far."""
        self.history.add(row)
        self.epoch, self.shuffle_state = EpochProgress(), None
        if not keep_best:
            return
        if row["validation_loss"] < self.best.loss:
            self.best = Best(row["validation_loss"], autograd.get_data(self.parameters))
        else:
            self.best.epochs_since += 1


@dataclass(frozen=True)
class Checkpoint:
    """The contents of a file: the training's fingerprint, its progress, and arrays by name."""

    settings: dict[str, Any]
    progress: dict[str, Any]
    arrays: dict[str, NDArray[np.float64]]


def write(path: str | os.PathLike[str], checkpoint: Checkpoint) -> None:
    """Write a checkpoint, atomically.

    Raises OSError if that fails; an existing file is then unchanged.

    Examples
    --------
    >>> import tempfile
    >>> path = os.path.join(tempfile.mkdtemp(), "run.ckpt")
    >>> write(path, Checkpoint({}, {"steps": 3}, {"parameters": np.ones(2)}))
    >>> read(path)
    Checkpoint(settings={}, progress={'steps': 3}, arrays={'parameters': array([1., 1.])})
    """
    serialization.write_arrays(
        path,
        serialization.CHECKPOINT,
        {"settings": as_json(checkpoint.settings), "progress": as_json(checkpoint.progress)},
        checkpoint.arrays,
        action="write the checkpoint",
        is_shared=False,
    )


def read(path: str | os.PathLike[str]) -> Checkpoint:
    """Read a checkpoint.

    Raises OSError if the file cannot be read, ValueError if it is not a whole checkpoint.
    """
    metadata, arrays = serialization.read_arrays(path, serialization.CHECKPOINT, action=ACTION)
    try:
        settings, progress = (json.loads(metadata[name]) for name in ("settings", "progress"))
        return Checkpoint(dict(settings), dict(progress), arrays)
    except MALFORMED as error:
        refuse(path, "it has no valid contents", error)


def as_json(contents: Any) -> str:
    """Write contents as JSON, arrays as lists.

    Examples
    --------
    >>> as_json({"key": np.array([1, 2])})
    '{"key": [1, 2]}'
    """
    return json.dumps(contents, default=lambda array: array.tolist())


def refuse(path: str | os.PathLike[str], reason: str, cause: Exception | None = None) -> NoReturn:
    """Raise the one error of all unusable checkpoints."""
    serialization.refuse(path, reason, cause, action=ACTION)


def fingerprint(
    model: Module,
    names: Sequence[str],
    state: TrainState,
    loader: Loader,
    validation: Dataset | None,
    others: Mapping[str, object],
) -> dict[str, Any]:
    """Return all settings that the bits of a training depend on, except for the data.

    Its length (epochs, early stopping, callbacks) may change when it is resumed.
    """
    return {
        "model": model.architecture(),
        "parameters": f"{len(names)} with the names {digest(names)}",
        "frozen parameters": digest(
            f"{name} {value.data.hex()}" for name, value in frozen_parameters(model)
        ),
        "optimiser": optimiser_settings(state.optimiser, state.leaves),
        **loader.settings(),
        "number of validation samples": 0 if validation is None else len(validation.X),
        "shuffle": state.rng and type(state.rng.bit_generator).__name__,
        **{name: describe(setting) for name, setting in others.items()},
    }


def optimiser_settings(optimiser: Optimiser, leaves: Sequence[Value]) -> dict[str, Any]:
    """Describe an optimiser without its state: its settings, and which leaves it updates.

    Examples
    --------
    >>> import nn
    >>> p = nn.Neuron(1).parameters()
    >>> optimiser = nn.SGD(p[:1], lr=0.5)
    >>> optimiser_settings(optimiser, p)
    {'kind': 'SGD', 'moves': [0], 'lr': 0.5,
     'momentum': 0.0, 'nesterov': False, 'weight_decay': 0.0}
    """
    position = {leaf: i for i, leaf in enumerate(leaves)}
    moves = [position[p] for p in optimiser.parameters]
    return {
        "kind": type(optimiser).__name__,
        "moves": "all" if moves == list(range(len(leaves))) else moves,
        **{
            name.lstrip("_"): list(item) if isinstance(item, tuple) else item
            for name, item in vars(optimiser).items()
            if name not in {"steps", "parameters"} and _is_plain(item)
        },
    }


def _is_plain(item: object) -> bool:
    """Return whether an attribute is a number, a name or a tuple of these."""
    items = item if isinstance(item, tuple) else (item,)
    return all(isinstance(each, bool | int | float | str) for each in items)


def describe(setting: object) -> object:
    """Describe a setting, identically in every process.

    Examples
    --------
    >>> import nn
    >>> describe(0.5), describe(nn.mse), describe(nn.schedules.Exponential(0.5))
    (0.5, 'mse', 'Exponential(rate=0.5)')
    """
    if setting is None or isinstance(setting, bool | int | float | str | list):
        return setting
    if hasattr(setting, "__qualname__"):
        return str(setting.__qualname__)
    return re.sub(r" at 0x[0-9a-fA-F]+", "", repr(setting))


def differences(saved: dict[str, Any], current: dict[str, Any]) -> list[str]:
    """Describe the settings in which a checkpoint and a training differ.

    Examples
    --------
    >>> differences({"loss": "mse", "batch_size": 4}, {"loss": "mse", "batch_size": 2})
    ['batch_size was 4 and is 2']
    """
    result = []
    for name in dict.fromkeys([*saved, *current]):
        was, now = saved.get(name), current.get(name)
        if isinstance(was, dict) and isinstance(now, dict):
            result += [f"{name}'s {inner}" for inner in differences(was, now)]
        elif was != now:
            result.append(f"{name} was {was!r} and is {now!r}")
    return result


def digest(names: Iterable[str]) -> str:
    """Return a short digest of many names.

    Examples
    --------
    >>> digest(["w", "b"]) == digest(["w", "b"]) != digest(["b", "w"])
    True
    """
    return hashlib.sha256("\n".join(names).encode()).hexdigest()[:16]


def capture(state: TrainState, settings: dict[str, Any]) -> Checkpoint:
    """Return everything that a training needs to be resumed bit for bit.

    Examples
    --------
    >>> import nn
    >>> model = nn.Neuron(1, activation="linear", init="zeros")
    >>> state = TrainState(model.parameters(), nn.SGD(model.parameters()), rng=None)
    >>> {name: array.tolist() for name, array in capture(state, {}).arrays.items()}
    {'parameters': [0.0, 0.0], 'best': [], 'history': [], 'snapshots': [],
     'optimiser.momentum': [0.0, 0.0]}
    """
    state.sync()
    history, epoch, best = state.history, state.epoch, state.best
    optimiser = _optimiser_state(state.optimiser)
    arrays = {name: item for name, item in optimiser.items() if isinstance(item, np.ndarray)}
    bits = None if state.rng is None else state.rng.bit_generator.state
    progress = {
        "steps": state.steps,
        "stopped": history.stopped,
        "columns": list(history),
        "recorded": list(history.snapshots),
        "epoch": {**vars(epoch), "total": epoch.total.hex()},
        "best": {"loss": best.loss.hex(), "epochs_since": best.epochs_since},
        "random": {
            "now": bits,
            "before_shuffle": state.shuffle_state,
            "mask_seed": state.mask_seed,
        },
        "optimiser": {name: item for name, item in optimiser.items() if name not in arrays},
    }
    return Checkpoint(
        settings,
        progress,
        {
            "parameters": autograd.get_data(state.leaves),
            "best": best.numbers,
            "history": np.array(list(history.values())).T,
            "snapshots": np.array(list(history.snapshots.values())),
            **{f"optimiser.{name}": array for name, array in arrays.items()},
        },
    )


def restore(state: TrainState, checkpoint: Checkpoint) -> None:
    """Set the state of a fresh training to that of a checkpoint.

    Raises one of `MALFORMED` if it does not fit; model, optimiser, history, generator and state are
    then unchanged: everything is read before anything is set.
    """
    progress, arrays = checkpoint.progress, checkpoint.arrays
    epoch, best = _epoch(progress["epoch"]), _best(progress["best"], arrays["best"])
    _check_shape("parameters", arrays["parameters"], (len(state.leaves),))
    if np.isnan(arrays["parameters"]).any():
        raise ValueError("its parameters hold nan: the training had gone wrong before")
    _check_shape("best", best.numbers, (0,), (len(state.parameters),))
    history, columns = History(), progress["columns"]
    if columns and state.columns is not None and columns != state.columns:
        raise ValueError(
            f"its history has {shown(columns)} as columns, not {', '.join(state.columns)}"
        )
    for row in _rows(columns, arrays["history"]):
        history.add(row)
    epochs = [whole_number("a recorded epoch", number, 0) for number in progress["recorded"]]
    recorded = dict(zip(epochs, arrays["snapshots"], strict=True))
    if epochs != sorted(recorded) or max(epochs, default=0) > history.epochs:
        raise ValueError(f"{history.epochs} epochs cannot have recorded {shown(epochs)}")
    _check_best(best, history)
    for snapshot in recorded.values():
        _check_shape("snapshot", snapshot, (len(state.parameters),))
    steps, stopped = whole_number("steps", progress["steps"], 0), progress["stopped"]
    _check_epoch(steps, epoch, history.epochs, checkpoint.settings)
    if stopped not in STOPPED:
        raise ValueError(f"a training is never {shown(stopped)}")
    random = progress["random"]
    shuffle_state, mask_seed = _random_states(random, state, epoch)
    _load(state, random["now"], shuffle_state, _saved_optimiser_state(checkpoint))
    autograd.set_data(state.leaves, arrays["parameters"])
    for row in history.rows():
        del row["epoch"]
        state.history.add(row)
    if state.history.recording is not None:
        state.history.recording.snapshots = recorded
    state.history.stopped, state.best, state.epoch = stopped, best, epoch
    state.steps, state.shuffle_state, state.mask_seed = steps, shuffle_state, mask_seed


def _random_states(
    saved: dict[str, Any], state: TrainState, epoch: EpochProgress
) -> tuple[Any, int | None]:
    """Return the generator's state before the epoch was shuffled, and the seed of masks."""
    shuffle_state, mask_seed = saved["before_shuffle"], saved["mask_seed"]
    if epoch.steps and state.rng is not None and shuffle_state is None:
        raise ValueError("it has no random state of the epoch's beginning")
    if (mask_seed is None) != (state.mask_seed is None):
        raise ValueError(f"{shown(mask_seed)} cannot be its seed of masks")
    if mask_seed is not None:
        mask_seed = whole_number("mask_seed", mask_seed, 0, MASK_SEEDS - 1)
    return shuffle_state, mask_seed


def _epoch(saved: dict[str, Any]) -> EpochProgress:
    """Return how far an epoch was."""
    return EpochProgress(
        whole_number("steps", saved["steps"], 0),
        whole_number("samples", saved["samples"], 0),
        float.fromhex(saved["total"]),
        real_number("seconds", saved["seconds"], 0),
    )


def _best(saved: dict[str, Any], numbers: NDArray[np.float64]) -> Best:
    """Return the best epoch so far."""
    since = whole_number("epochs_since", saved["epochs_since"], 0)
    return Best(float.fromhex(saved["loss"]), numbers, since)


def _check_epoch(steps: int, epoch: EpochProgress, epochs: int, settings: dict[str, Any]) -> None:
    """Refuse counts of steps and samples that no training of these settings can have."""
    size, total = settings.get("batch_size"), settings.get("number of samples")
    each = -(-total // size) if size and total else settings.get("steps_per_epoch")
    before, samples = steps - epoch.steps, epoch.samples
    known = each is None or (before == epochs * each and epoch.steps <= each)
    fits = min(epoch.steps * size, total) == samples if size else samples >= epoch.steps
    if not known or not fits or before < epochs or (samples > 0) != (epoch.steps > 0):
        raise ValueError(
            f"{brief(steps)} steps, {brief(epoch.steps)} of them with {brief(samples)} samples in "
            f"an epoch that was not at its end, cannot be after {epochs} epochs"
        )
    if max(steps, samples) > MAX_COUNT or not isfinite(epoch.total):
        raise ValueError(f"{brief(steps)} steps, or a loss of {epoch.total:g}, cannot be")


def _check_best(best: Best, history: History) -> None:
    """Refuse a best epoch that is none of the history's."""
    seen = history.get("validation_loss", [])
    there = best.loss in seen if best.numbers.size else best.loss == inf
    if not there or best.epochs_since > history.epochs or np.isnan(best.numbers).any():
        raise ValueError(f"a best validation loss of {best.loss:g} is none of its epochs'")


def _load(state: TrainState, bits: Any, shuffle_state: Any, optimiser: dict[str, Any]) -> None:
    """Set the random state and the optimiser, both or none."""
    if state.rng is None:
        if bits is not None or shuffle_state is not None:
            raise ValueError("it has a random state, where nothing is shuffled")
        state.optimiser.load_state_dict(optimiser)
        return
    before = state.rng.bit_generator.state
    try:
        for each in (bits,) if shuffle_state is None else (shuffle_state, bits):
            _set_random(state.rng, each)
        state.optimiser.load_state_dict(optimiser)
    except BaseException:
        state.rng.bit_generator.state = before
        raise


def _set_random(rng: np.random.Generator, bits: Any) -> None:
    """Set a generator's state; refuse one that NumPy takes, but cuts or fills up."""
    rng.bit_generator.state = bits
    if as_json(rng.bit_generator.state) != as_json(bits):
        raise ValueError("it has no valid random state")


def _rows(columns: list[str], rows: NDArray[np.float64]) -> list[dict[str, float]]:
    """Return a history's epochs, of its columns' names and numbers."""
    if not all(isinstance(name, str) for name in columns) or len(set(columns)) < len(columns):
        raise ValueError("the history's columns are no names, each used once")
    if rows.shape != (len(rows), len(columns)) and (columns or rows.size):
        raise ValueError(f"history has shape {rows.shape} for {len(columns)} columns")
    return [dict(zip(columns, row, strict=True)) for row in rows.tolist()]


def _saved_optimiser_state(checkpoint: Checkpoint) -> dict[str, Any]:
    """Return the state as the optimiser's `state_dict` gave it."""
    start = "optimiser."
    lists = {
        name.removeprefix(start): array.tolist()
        for name, array in checkpoint.arrays.items()
        if name.startswith(start)
    }
    return {**checkpoint.progress["optimiser"], **lists}


def _optimiser_state(optimiser: Optimiser) -> dict[str, Any]:
    """Return an optimiser's state, its lists of floats as arrays; a class may have its own."""
    if type(optimiser).state_dict is Optimiser.state_dict:
        return optimiser.snapshot()
    return {name: _as_array(item) for name, item in optimiser.state_dict().items()}


def _as_array(item: Any) -> Any:
    floats = isinstance(item, list) and {type(each) for each in item} == {float}
    return np.array(item) if floats else item


def _check_shape(name: str, array: Any, *allowed: tuple[int, ...]) -> None:
    if array.shape not in allowed:
        raise ValueError(f"{name} has shape {array.shape}")


@dataclass
class Checkpointer:
    """Writes the state of a training to a file periodically; ``settings`` are its fingerprint."""

    path: str | os.PathLike[str]
    every: int | timedelta
    resume: bool
    settings: dict[str, Any]
    writes: bool = True  # of several processes that train together, one does
    _last: float = field(default_factory=perf_counter)

    def begin(self, state: TrainState) -> None:
        """Resume from the file, or write the training's beginning to it."""
        if not self.resume:
            self.save(state)  # also to learn at once whether that is possible
            return
        try:
            saved = read(self.path)
        except OSError as error:
            reason = f"cannot resume: {error.strerror or error}"
            raise type(error)(error.errno, reason, os.fspath(self.path)) from error
        current = json.loads(json.dumps(self.settings))
        different = differences(saved.settings, current)
        if different:
            refuse(self.path, f"it is of another training: {'; '.join(different)}")
        try:
            restore(state, saved)
        except MALFORMED as error:
            refuse(self.path, f"it has no valid contents: {error}", error)
        self._last = perf_counter()

    def after_step(self, state: TrainState) -> None:
        """Write the state if it is time to."""
        if isinstance(self.every, int):
            due = state.steps % self.every == 0
        else:
            due = perf_counter() - self._last >= self.every.total_seconds()
        if due:
            self.save(state)

    def save(self, state: TrainState) -> None:
        """Write the state."""
        if self.writes:
            write(self.path, capture(state, self.settings))
        self._last = perf_counter()


def make_checkpointer(
    path: str | os.PathLike[str] | None,
    every: int | timedelta | None,
    resume: bool | str,
    fingerprint: Callable[[], dict[str, Any]],
    *,
    writes: bool = True,
) -> Checkpointer | None:
    """Make a `Checkpointer` from checked arguments, or return None without a ``checkpoint``.

    ``fingerprint`` returns the training's settings, and is only called if they are needed.

    Examples
    --------
    >>> make_checkpointer("run.ckpt", 100, "auto", dict).resume
    False
    >>> make_checkpointer(None, 100, False, dict)
    Traceback (most recent call last):
    ValueError: checkpoint_every and resume need the file's name: give checkpoint="run.ckpt"
    """
    if not isinstance(resume, bool):
        one_of("resume", resume, ("auto",), otherwise="a bool")
    if path is None:
        if every is not None or resume:
            raise ValueError(
                'checkpoint_every and resume need the file\'s name: give checkpoint="run.ckpt"',
            )
        return None
    check_type("checkpoint", path, str | os.PathLike, "the name of a file, or None")
    resumes = Path(path).exists() if resume == "auto" else bool(resume)
    return Checkpointer(path, _interval(every), resumes, fingerprint(), writes)


def _interval(every: int | timedelta | None) -> int | timedelta:
    """Check the interval between checkpoints."""
    if every is None:
        return EVERY
    if isinstance(every, timedelta):
        if every < timedelta(0):
            raise ValueError(error_text("checkpoint_every", every, "a timedelta of at least 0"))
        return every
    return whole_number("checkpoint_every", every, otherwise="a datetime.timedelta")
