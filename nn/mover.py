"""Keep parameters and the optimiser's memory on JAX's devices while an epoch lasts.

To gather and scatter the numbers of many `Value`s costs more than the step itself: 0.2 us each.
"""

import copy
from collections.abc import Callable, Sequence
from math import isnan
from typing import Any

import numpy as np
from numpy.typing import NDArray

import autograd
from autograd import Value
from nn.clip import ClipNorm
from nn.jaxed import Arrays, Batch, BatchProgram, JaxStep, arrays_of, joined
from nn.optim import OPTIMISERS
from nn.optimiser import Optimiser

State = tuple[Arrays, dict[str, Arrays]]  # parameters, and what the optimiser remembers


class Mover:
    """Do whole steps on the devices: loss, gradients, clipping and the optimiser's change.

    The `Value`s have the numbers of before until `settle` is called; `release` does that too, and
    reads them anew before the next step. Gradients stay on the devices. Where these fail in the
    midst of a step, the numbers that last came home are all that is left.
    """

    def __init__(self, step: JaxStep, optimiser: Optimiser, clip: ClipNorm | None) -> None:
        self.step, self.optimiser, self.clip = step, optimiser, clip
        self.program: BatchProgram | None = None
        self.order: NDArray[np.intp] | None = None  # of the program's leaves in the optimiser
        self.jitted: Any = None
        self.state: State | None = None
        self.changed = False

    def batch(self, X: Sequence[Any], Y: Sequence[Any]) -> Batch | None:
        """Bring a batch to the devices; None where it needs another program than the first."""
        program = self.step.program(X, Y)
        if self.program is None:
            self.program = program
            self.order = _order(program.leaves, self.optimiser.parameters)
            self.jitted = program.devices.jit(self._change, reuse=(0,))
        if program is not self.program or self.order is None:
            return None
        with program.program.precision():
            arrays = arrays_of(X, Y)
            if self.state is None:
                self.state = self._taken(arrays)
            return program.batch(*arrays)

    def move(self, batch: Batch) -> float | None:
        """Do a step; return its loss, or None where nothing was changed, as all is not fine."""
        program, optimiser = self.program, self.optimiser
        assert program is not None
        with program.program.precision():
            rate, steps = np.asarray(optimiser.lr, program.dtype), np.int64(optimiser.steps + 1)
            state, self.state = self.state, None  # gone, should the devices fail
            made, found = self.jitted(state, rate, steps, batch)
            loss, self.state = float(found), made
        if isnan(loss):
            return None
        optimiser.steps += 1
        self.changed = True
        return loss

    def settle(self) -> None:
        """Bring the `Value`s and the optimiser's memory up to date."""
        if not self.changed or self.state is None:
            return
        parameters, memory = self.state
        autograd.scatter(self.optimiser.parameters, self._home(parameters))
        for name, arrays in memory.items():
            self.optimiser.memory[name] = self._home(arrays)
        self.changed = False

    def release(self) -> None:
        """Settle, and forget what is on the devices: the `Value`s may be changed now."""
        self.settle()
        self.state = None

    def _taken(self, batch: Sequence[NDArray[Any]]) -> State:
        """Bring the numbers of now to the devices."""
        program, order = self.program, self.order
        assert program is not None
        row = autograd.gather(program.leaves)
        program.devices.check_same(row, np.array(self.optimiser.steps), *batch)
        memory = self.optimiser.memory
        return program.split(row), {name: program.split(memory[name][order]) for name in memory}

    def _home(self, arrays: Arrays) -> NDArray[np.float64]:
        """Return numbers as the optimiser has them in a row."""
        row = np.empty(len(self.optimiser.parameters))
        row[self.order] = joined(arrays)
        return row

    def _change(self, state: State, lr: Any, steps: Any, batch: Batch) -> tuple[State, Any]:
        """Change the parameters, unless the loss is nan; JAX traces this."""
        assert self.program is not None
        jnp = self.step.devices.jax.numpy
        parameters, memory = state
        loss, gradients = self.program.sums(parameters, batch)
        fine = ~jnp.isnan(loss)
        if self.clip is not None:
            gradients = self.clip.arrays(gradients, jnp)
        twin = copy.copy(self.optimiser)
        twin.xp, twin.lr, twin.steps = jnp, lr, steps
        made: State = [], {name: [] for name in memory}
        for i, (p, g) in enumerate(zip(parameters, gradients, strict=True)):
            old = {name: arrays[i] for name, arrays in memory.items()}
            twin.memory = dict(old)
            made[0].append(jnp.where(fine, twin.change(p, g), p))
            for name, array in old.items():
                made[1][name].append(jnp.where(fine, twin.memory[name], array))
        return made, loss


def _order(leaves: Sequence[Value], parameters: Sequence[Value]) -> NDArray[np.intp] | None:
    """Return where leaves are among the parameters; None where they are not the same."""
    places = {parameter: i for i, parameter in enumerate(parameters)}
    if len(leaves) != len(parameters) or any(leaf not in places for leaf in leaves):
        return None
    return np.array([places[leaf] for leaf in leaves], dtype=np.intp)


def mover(
    step: object, optimiser: Optimiser, clip: Callable[[list[Value]], object] | None
) -> Mover | None:
    """Return what does whole steps on devices; None where gradients must come to the `Value`s.

    That is so for another engine, for an optimiser of the user's own, whose change may be more than
    one number at a time, and for clipping by a function.
    """
    if not isinstance(step, JaxStep) or type(optimiser) not in OPTIMISERS.values():
        return None
    if clip is not None and not isinstance(clip, ClipNorm):
        return None
    return Mover(step, optimiser, clip)
