"""A run as a checkpoint, and a checkpoint as a run that goes on."""

from math import inf, isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

import autograd
from autograd.errors import brief, shown
from nn.basics.names import MAX_COUNT, count, in_range
from nn.checkpoints.checkpoint import Checkpoint, as_json
from nn.checkpoints.running import Best, Place, Run
from nn.observing.history import STOPPED, History
from nn.optimisers.optimiser import Optimiser


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
        "parameters": autograd.get_data(run.leaves),
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
    autograd.set_data(run.leaves, arrays["parameters"])
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
