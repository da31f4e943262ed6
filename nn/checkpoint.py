"""What changes while a model is trained: all that the next step depends on, and what was seen."""
# FOLDED from nn/checkpoint.py: What makes a training the same training: the settings that a checkpoint is compared with.
# FOLDED from nn/checkpoint.py: A run as a checkpoint, and a checkpoint as a run that goes on.
# FOLDED from nn/checkpoint.py: When a training writes checkpoints, and how it takes one up.
# FOLDED from nn/checkpoint.py: Checkpoint files: a line of JSON and arrays of float64; reading runs no code.
# 
# The first line has the format, its version and a CRC-32 of all that follows; the second line is
# JSON; then come the arrays, little endian.
# 

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import inf
from typing import Any
import numpy as np
from numpy.typing import NDArray
import autograd
from autograd import Value
from nn.data import Source
from nn.inspect.history import History
from nn.optim import Optimiser
import hashlib
import re
from collections.abc import Mapping, Sequence
from nn.data import Data
from nn.module import Module
from math import inf, isfinite
from autograd.errors import brief, shown
from nn._utils import MAX_COUNT, count, in_range
from nn.inspect.history import STOPPED, History
import json
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from time import perf_counter
from autograd.errors import shown
from nn._utils import count
from nn import checkpoint
import math
import zlib
from dataclasses import dataclass
from typing import Any, NoReturn
from autograd import files
from autograd.errors import brief


@dataclass
class Best:
    """The parameters of the lowest validation loss so far."""

    loss: float = inf
    numbers: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    epochs_since: int = 0


@dataclass
class Place:
    """How far an epoch is: steps, samples, the sum of their losses, and the time spent."""

    steps: int = 0
    samples: int = 0
    total: float = 0.0
    seconds: float = 0.0


class Run:
    """A training under way.

    `leaves` are the model's parameters, and after them those that only the optimiser knows.

    Examples
    --------
    >>> import nn
    >>> model = nn.Neuron(1, activation="linear", init="zeros")
    >>> run = Run(model.parameters(), nn.SGD(model.parameters()), rng=None)
    >>> run.advance(samples=2, loss=0.5)
    >>> run.steps, run.mean_loss()
    (1, 0.5)
    """

    def __init__(
        self,
        parameters: Sequence[Value],
        optimiser: Optimiser,
        rng: np.random.Generator | None,
    ) -> None:
        known = set(parameters)
        self.leaves = [*parameters, *(p for p in optimiser.parameters if p not in known)]
        self.parameters = self.leaves[: len(parameters)]
        self.optimiser = optimiser
        self.rng = rng
        self.drawn_from: Any = None  # the rng's state before the order of this epoch was drawn
        self.history = History()
        self.columns: list[str] | None = None  # the history's, where they are known beforehand
        self.best = Best()
        self.place = Place()
        self.steps = 0
        self.settle: Callable[[], None] = lambda: None  # brings home what an engine has elsewhere

    def zero_grad(self) -> None:
        """Forget all gradients.

        Examples
        --------
        >>> import nn
        >>> model = nn.Neuron(1, activation="linear")
        >>> model(5.0).backward()
        >>> Run(model.parameters(), nn.SGD(model.parameters()), rng=None).zero_grad()
        >>> model.b.has_grad
        False
        """
        for parameter in self.leaves:
            parameter.zero_grad()

    def order(self, source: Source) -> Any:
        """Draw an epoch's order; of an epoch that goes on, the same as before."""
        if self.rng is None:
            return source.order(None)
        bits = self.rng.bit_generator
        now = bits.state
        if self.drawn_from is None:
            self.drawn_from = now
            return source.order(self.rng)
        bits.state = self.drawn_from
        order = source.order(self.rng)
        bits.state = now  # somebody else may draw from the same generator
        return order

    def advance(self, samples: int, loss: float) -> None:
        """Count a step."""
        self.steps += 1
        self.place.steps += 1
        self.place.samples += samples
        self.place.total += samples * loss

    def mean_loss(self) -> float:
        """Return the mean over the samples of this epoch so far."""
        return self.place.total / self.place.samples

    def end_epoch(self, row: dict[str, float], *, remember: bool) -> None:
        """Add an epoch to the history; remember the parameters where they are the best so far."""
        self.history.add(row)
        self.place, self.drawn_from = Place(), None
        if not remember:
            return
        if row["validation_loss"] < self.best.loss:
            self.best = Best(row["validation_loss"], autograd.gather(self.parameters))
        else:
            self.best.epochs_since += 1


def settings_of(
    model: Module,
    names: Sequence[str],
    run: Run,
    source: Source,
    validation: Data | None,
    others: Mapping[str, object],
) -> dict[str, Any]:
    """Return all settings that the bits of a training depend on; the data's numbers are left out.

    How long it goes on (epochs, early stopping, callbacks) may change when it is resumed.
    """
    return {
        "model": model.architecture(),
        "parameters": f"{len(names)} with the names {digest(names)}",
        "optimiser": optimiser_settings(run.optimiser, run.leaves),
        **source.settings(),
        "number of validation samples": 0 if validation is None else len(validation.X),
        "shuffle": run.rng and type(run.rng.bit_generator).__name__,
        **{name: named(thing) for name, thing in others.items()},
    }


def optimiser_settings(optimiser: Optimiser, leaves: Sequence[Value]) -> dict[str, Any]:
    """Describe an optimiser apart from its state: its numbers, and what it moves.

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
    """Tell numbers, names and tuples of them."""
    items = item if isinstance(item, tuple) else (item,)
    return all(isinstance(each, bool | int | float | str) for each in items)


def named(thing: object) -> object:
    """Describe a setting so that the same program describes it alike in every process.

    Examples
    --------
    >>> import nn
    >>> named(0.5), named(nn.mse), named(nn.schedules.Exponential(0.5))
    (0.5, 'mse', 'Exponential(rate=0.5)')
    """
    if thing is None or isinstance(thing, bool | int | float | str | list):
        return thing
    if hasattr(thing, "__qualname__"):
        return str(thing.__qualname__)
    return re.sub(r" at 0x[0-9a-fA-F]+", "", repr(thing))


def differences(there: dict[str, Any], here: dict[str, Any]) -> list[str]:
    """Say in words in which settings a checkpoint is of another training.

    Examples
    --------
    >>> differences({"loss": "mse", "batch_size": 4}, {"loss": "mse", "batch_size": 2})
    ['batch_size was 4 and is 2']
    """
    found = []
    for name in dict.fromkeys([*there, *here]):
        was, now = there.get(name), here.get(name)
        if isinstance(was, dict) and isinstance(now, dict):
            found += [f"{name}'s {inner}" for inner in differences(was, now)]
        elif was != now:
            found.append(f"{name} was {was!r} and is {now!r}")
    return found


def digest(names: Sequence[str]) -> str:
    """Stand for many names in a few letters.

    Examples
    --------
    >>> digest(["w", "b"]) == digest(["w", "b"]) != digest(["b", "w"])
    True
    """
    return hashlib.sha256("\n".join(names).encode()).hexdigest()[:16]


def capture(run: Run, settings: dict[str, Any]) -> Checkpoint:
    """Return all that a run needs to go on to the same bits.

    Examples
    --------
    >>> import nn
    >>> model = nn.Neuron(1, activation="linear", init="zeros")
    >>> kept = capture(Run(model.parameters(), nn.SGD(model.parameters()), rng=None), {})
    >>> {name: array.tolist() for name, array in kept.arrays.items()}
    {'parameters': [0.0, 0.0], 'best': [], 'history': [], 'snapshots': [],
     'optimiser.momentum': [0.0, 0.0]}
    """
    run.settle()
    history, place, best = run.history, run.place, run.best
    state = _state(run.optimiser)
    memory = {name: item for name, item in state.items() if isinstance(item, np.ndarray)}
    bits = None if run.rng is None else run.rng.bit_generator.state
    progress = {
        "steps": run.steps,
        "stopped": history.stopped,
        "columns": list(history),
        "recorded": list(history.snapshots),
        "place": {**vars(place), "total": place.total.hex()},
        "best": {"loss": best.loss.hex(), "epochs_since": best.epochs_since},
        "random": {"now": bits, "drawn_from": run.drawn_from},
        "optimiser": {name: item for name, item in state.items() if name not in memory},
    }
    arrays = {
        "parameters": autograd.gather(run.leaves),
        "best": best.numbers,
        "history": np.array(list(history.values())).T,
        "snapshots": np.array(list(history.snapshots.values())),
        **{f"optimiser.{name}": array for name, array in memory.items()},
    }
    return Checkpoint(settings, progress, arrays)


def restore(run: Run, kept: Checkpoint) -> None:
    """Bring a fresh run to where a checkpoint was taken.

    Raises one of `MALFORMED` where it does not fit; model, optimiser, history, generator and run
    are then as they were: all is read before anything is set.
    """
    progress, arrays = kept.progress, kept.arrays
    found, best = _place(progress["place"]), _best(progress["best"], arrays["best"])
    _sized("parameters", arrays["parameters"], (len(run.leaves),))
    if np.isnan(arrays["parameters"]).any():
        raise ValueError("its parameters hold nan: the training had gone wrong before")
    _sized("best", best.numbers, (0,), (len(run.parameters),))
    history, columns = History(), progress["columns"]
    if columns and run.columns is not None and columns != run.columns:
        raise ValueError(
            f"its history has {shown(columns)} as columns, not {', '.join(run.columns)}"
        )
    for row in _rows(columns, arrays["history"]):
        history.add(row)
    epochs = [count("a recorded epoch", epoch, 0) for epoch in progress["recorded"]]
    recorded = dict(zip(epochs, arrays["snapshots"], strict=True))
    if epochs != sorted(recorded) or max(epochs, default=0) > history.epochs:
        raise ValueError(f"{history.epochs} epochs cannot have recorded {shown(epochs)}")
    _check_best(best, history)
    for snapshot in recorded.values():
        _sized("snapshot", snapshot, (len(run.parameters),))
    steps, stopped = count("steps", progress["steps"], 0), progress["stopped"]
    _check_place(steps, found, history.epochs, kept.settings)
    if stopped not in STOPPED:
        raise ValueError(f"a training is never {shown(stopped)}")
    random = progress["random"]
    drawn_from = random["drawn_from"]
    if found.steps and run.rng is not None and drawn_from is None:
        raise ValueError("it has no random state of the epoch's beginning")
    _load(run, random["now"], drawn_from, _optimiser_state(kept))
    autograd.scatter(run.leaves, arrays["parameters"])
    for row in history.rows():
        del row["epoch"]
        run.history.add(row)
    if run.history.recording is not None:
        run.history.recording.snapshots = recorded
    run.history.stopped, run.best, run.place = stopped, best, found
    run.steps, run.drawn_from = steps, drawn_from


def _place(kept: dict[str, Any]) -> Place:
    """Return how far an epoch was."""
    return Place(
        count("steps", kept["steps"], 0),
        count("samples", kept["samples"], 0),
        float.fromhex(kept["total"]),
        in_range("seconds", kept["seconds"]),
    )


def _best(kept: dict[str, Any], numbers: NDArray[np.float64]) -> Best:
    """Return the best epoch so far."""
    since = count("epochs_since", kept["epochs_since"], 0)
    return Best(float.fromhex(kept["loss"]), numbers, since)


def _check_place(steps: int, place: Place, epochs: int, settings: dict[str, Any]) -> None:
    """Refuse counts of steps and samples that no training has; the settings are those of here."""
    size, total = settings.get("batch_size"), settings.get("number of samples")
    each = -(-total // size) if size and total else settings.get("steps_per_epoch")
    before, samples = steps - place.steps, place.samples
    known = each is None or (before == epochs * each and place.steps <= each)
    fits = min(place.steps * size, total) == samples if size else samples >= place.steps
    if not known or not fits or before < epochs or (samples > 0) != (place.steps > 0):
        raise ValueError(
            f"{brief(steps)} steps, {brief(place.steps)} of them with {brief(samples)} samples in "
            f"an epoch that was not at its end, cannot be after {epochs} epochs"
        )
    if max(steps, samples) > MAX_COUNT or not isfinite(place.total):
        raise ValueError(f"{brief(steps)} steps, or a loss of {place.total:g}, cannot be")


def _check_best(best: Best, history: History) -> None:
    """Refuse a best epoch that is none of the history's."""
    seen = history.get("validation_loss", [])
    there = best.loss in seen if best.numbers.size else best.loss == inf
    if not there or best.epochs_since > history.epochs or np.isnan(best.numbers).any():
        raise ValueError(f"a best validation loss of {best.loss:g} is none of its epochs'")


def _load(run: Run, bits: Any, drawn_from: Any, state: dict[str, Any]) -> None:
    """Set the random state and the optimiser, both or none."""
    if run.rng is None:
        if bits is not None or drawn_from is not None:
            raise ValueError("it has a random state, where nothing is shuffled")
        run.optimiser.load_state_dict(state)
        return
    before = run.rng.bit_generator.state
    try:
        for each in (bits,) if drawn_from is None else (drawn_from, bits):
            _set_random(run.rng, each)
        run.optimiser.load_state_dict(state)
    except BaseException:
        run.rng.bit_generator.state = before
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


def _optimiser_state(kept: Checkpoint) -> dict[str, Any]:
    """Return the state as the optimiser's `state_dict` gave it."""
    start = "optimiser."
    memory = {
        name.removeprefix(start): array.tolist()
        for name, array in kept.arrays.items()
        if name.startswith(start)
    }
    return {**kept.progress["optimiser"], **memory}


def _state(optimiser: Optimiser) -> dict[str, Any]:
    """Return an optimiser's state, its lists of floats as arrays; a class may have its own."""
    if type(optimiser).state_dict is Optimiser.state_dict:
        return optimiser.snapshot()
    return {name: _as_array(item) for name, item in optimiser.state_dict().items()}


def _as_array(item: Any) -> Any:
    floats = isinstance(item, list) and {type(each) for each in item} == {float}
    return np.array(item) if floats else item


def _sized(name: str, array: Any, *allowed: tuple[int, ...]) -> None:
    if array.shape not in allowed:
        raise ValueError(f"{name} has shape {array.shape}")


EVERY = timedelta(seconds=10)


@dataclass
class Saver:
    """Write a run to a file now and then; `settings` say which training it is."""

    path: str | os.PathLike[str]
    every: int | timedelta
    resume: bool
    settings: dict[str, Any]
    writes: bool = True  # one process does, of several that train together
    _last: float = field(default_factory=perf_counter)

    def begin(self, run: Run) -> None:
        """Take up the run where the file has it, or write its beginning."""
        if not self.resume:
            self.save(run)  # also to learn at once whether that is possible
            return
        try:
            kept = checkpoint.read(self.path)
        except OSError as error:
            reason = f"cannot resume: {error.strerror or error}"
            raise type(error)(error.errno, reason, os.fspath(self.path)) from error
        here = json.loads(json.dumps(self.settings))
        different = differences(kept.settings, here)
        if different:
            checkpoint.refuse(self.path, f"it is of another training: {'; '.join(different)}")
        try:
            restore(run, kept)
        except checkpoint.MALFORMED as error:
            checkpoint.refuse(self.path, f"it has no valid contents: {error}", error)
        self._last = perf_counter()

    def after_step(self, run: Run) -> None:
        """Write the run where it is time."""
        if isinstance(self.every, int):
            due = run.steps % self.every == 0
        else:
            due = perf_counter() - self._last >= self.every.total_seconds()
        if due:
            self.save(run)

    def save(self, run: Run) -> None:
        """Write the run."""
        if self.writes:
            checkpoint.write(self.path, capture(run, self.settings))
        self._last = perf_counter()


def make(
    path: str | os.PathLike[str] | None,
    every: int | timedelta | None,
    resume: bool | str,
    describe: Callable[[], dict[str, Any]],
    *,
    writes: bool = True,
) -> Saver | None:
    """Check what was asked for; None where no checkpoints are. `describe` returns the settings.

    Examples
    --------
    >>> make("run.ckpt", 100, "auto", dict).resume
    False
    >>> make(None, 100, False, dict)
    Traceback (most recent call last):
    ValueError: checkpoint_every and resume need the file's name: give checkpoint="run.ckpt"
    """
    if not isinstance(resume, bool) and not (isinstance(resume, str) and resume == "auto"):
        raise ValueError(f"resume can be True, False or 'auto', got {shown(resume)}")
    if path is None:
        if every is not None or resume:
            raise ValueError(
                'checkpoint_every and resume need the file\'s name: give checkpoint="run.ckpt"',
            )
        return None
    if not isinstance(path, str | os.PathLike):
        raise TypeError(f"checkpoint must be the name of a file, got {shown(path)}")
    resumes = Path(path).exists() if resume == "auto" else bool(resume)
    return Saver(path, _interval(every), resumes, describe(), writes)


def _interval(every: int | timedelta | None) -> int | timedelta:
    """Check the interval between checkpoints."""
    if every is None:
        return EVERY
    if isinstance(every, timedelta):
        if every < timedelta(0):
            raise ValueError(f"checkpoint_every must not be negative, got {every}")
        return every
    if isinstance(every, float):
        raise TypeError(
            f"checkpoint_every is a number of steps or a datetime.timedelta, got {shown(every)}",
        )
    return count("checkpoint_every", every)


FORMAT = "scalar-autograd checkpoint"
VERSION = 1
_NUMBER = np.dtype("<f8")
# What reading a file that somebody made up may raise: a name missing, another type, a number too
# large, nesting too deep.
MALFORMED = (LookupError, AttributeError, TypeError, ValueError, ArithmeticError, RecursionError)


@dataclass(frozen=True)
class Checkpoint:
    """What a file holds: the settings of a training, where it is, and numbers by name."""

    settings: dict[str, Any]
    progress: dict[str, Any]
    arrays: dict[str, NDArray[np.float64]]


def write(path: str | os.PathLike[str], checkpoint: Checkpoint) -> None:
    """Write a checkpoint, at once or not at all.

    Raises OSError where that fails; a file that had the name is then as it was.

    Examples
    --------
    >>> import os, tempfile
    >>> path = os.path.join(tempfile.mkdtemp(), "run.ckpt")
    >>> write(path, Checkpoint({"batch_size": 4}, {"steps": 3}, {"parameters": np.ones(2)}))
    >>> print(Path(path).read_bytes()[:-17].decode())
    scalar-autograd checkpoint 1 ab7a8c2f
    {"settings": {"batch_size": 4}, "progress": {"steps": 3}, "arrays": {"parameters": [2]}}
    """
    arrays = checkpoint.arrays
    contents = {
        "settings": checkpoint.settings,
        "progress": checkpoint.progress,
        "arrays": {name: array.shape for name, array in arrays.items()},
    }
    text = as_json(contents).encode() + b"\n"
    parts = [text, *(np.ascontiguousarray(array, _NUMBER).tobytes() for array in arrays.values())]
    first = f"{FORMAT} {VERSION} {_checksum(parts):08x}\n".encode()
    files.write(path, first, *parts, action="write the checkpoint", is_shared=False)


def as_json(contents: Any) -> str:
    """Write contents in one line, arrays as lists.

    Examples
    --------
    >>> as_json({"key": np.array([1, 2])})
    '{"key": [1, 2]}'
    """
    return json.dumps(contents, default=lambda array: array.tolist())


def read(path: str | os.PathLike[str]) -> Checkpoint:
    """Read a checkpoint.

    Raises OSError where the file cannot be read, ValueError where it is not a whole checkpoint.

    Examples
    --------
    >>> import os, tempfile
    >>> path = os.path.join(tempfile.mkdtemp(), "run.ckpt")
    >>> write(path, Checkpoint({}, {"steps": 3}, {"parameters": np.ones(2)}))
    >>> read(path)
    Checkpoint(settings={}, progress={'steps': 3}, arrays={'parameters': array([1., 1.])})
    """
    with Path(path).open("rb") as file:
        first = file.read(len(FORMAT) + 1)  # of a foreign file, no more than that
        if first != f"{FORMAT} ".encode():
            refuse(path, f"it is not a {FORMAT} file")
        version, _, checksum = file.readline(64).partition(b" ")
        if version != str(VERSION).encode():
            came = version.decode(errors="replace").strip()
            refuse(path, f"it has version {came!r}, this library reads {VERSION}")
        content = file.read()
    if checksum != b"%08x\n" % _checksum([content]):
        refuse(path, "its checksum is wrong: it is truncated or was changed")
    try:
        return _parsed(content)
    except MALFORMED as error:
        refuse(path, "it has no valid contents", error)


def refuse(
    path: str | os.PathLike[str],
    reason: str,
    cause: Exception | None = None,
) -> NoReturn:
    """Raise the one error of all unusable checkpoints.

    Examples
    --------
    >>> refuse("run.ckpt", "it is empty")
    Traceback (most recent call last):
    ValueError: cannot resume from run.ckpt: it is empty
    """
    raise ValueError(f"cannot resume from {os.fspath(path)}: {reason}") from cause


def _parsed(content: bytes) -> Checkpoint:
    """Take the line of JSON and the arrays apart."""
    text, _, numbers = content.partition(b"\n")
    head: dict[str, Any] = json.loads(text)
    flat = np.frombuffer(numbers, _NUMBER).astype(np.float64)
    arrays, place = {}, 0
    for name, shape in head["arrays"].items():
        if not all(type(length) is int and length >= 0 for length in shape):
            raise ValueError(f"{name} has no valid shape")
        size = math.prod(shape)
        arrays[str(name)] = flat[place : place + size].reshape(shape)
        place += size
    if place != len(flat):
        raise ValueError(f"{len(flat)} numbers where there should be {brief(place)}")
    return Checkpoint(dict(head["settings"]), dict(head["progress"]), arrays)


def _checksum(parts: list[bytes]) -> int:
    """Return the CRC-32 of parts one after another; against damage, not against forgery."""
    checksum = 0
    for part in parts:
        checksum = zlib.crc32(part, checksum)
    return checksum
