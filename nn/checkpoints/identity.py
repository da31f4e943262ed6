"""What makes a training the same training: the settings that a checkpoint is compared with."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import Any

from autograd import Value
from nn.checkpoints.running import Run
from nn.data.columns import Data
from nn.data.sources import Source
from nn.models.module import Module
from nn.optimisers.optimiser import Optimiser


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
