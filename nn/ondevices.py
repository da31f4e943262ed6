"""Steps on JAX's devices: parameters and the optimiser's memory lie there."""

from collections.abc import Sequence
from math import isnan
from typing import Any

import numpy as np
from numpy.typing import NDArray

import autograd
from autograd import Value
from nn.clip import ClipNorm
from nn.jaxed import Arrays, Batch, BatchProgram, JaxStep, arrays_of, joined
from nn.optimiser import Optimiser

State = tuple[Arrays, dict[str, Arrays]]  # parameters, and what the optimiser remembers


class OnDevices:
    """Carry the parameters of one program, all of the optimiser's, on the devices.

    Gradients stay there. Where the devices fail in the midst of a step, the numbers that last came
    home are all that is left.
    """

    def __init__(
        self,
        program: BatchProgram,
        order: NDArray[np.intp],
        optimiser: Optimiser,
        clip: ClipNorm | None,
    ) -> None:
        self.program, self.order = program, order  # of the program's leaves in the optimiser
        self.optimiser, self.clip = optimiser, clip
        self.jitted = program.devices.jit(self._change, reuse=(0,))
        self.state: State | None = None

    def take(self) -> None:
        """Bring the numbers of now to the devices."""
        program, memory = self.program, self.optimiser.memory
        row = autograd.gather(program.leaves)
        program.devices.check_same(row, np.array(self.optimiser.steps))
        with program.program.precision():
            self.state = (
                program.split(row),
                {name: program.split(memory[name][self.order]) for name in memory},
            )

    def batch(self, X: Sequence[Any], Y: Sequence[Any]) -> Batch:
        """Bring a batch to the devices."""
        with self.program.program.precision():
            return self.program.batch(*arrays_of(X, Y))

    def move(self, batch: Batch) -> float | None:
        """Do a step; return its loss, or None where nothing was changed, as all is not fine."""
        program, optimiser = self.program, self.optimiser
        with program.program.precision():
            rate, steps = np.asarray(optimiser.lr, program.dtype), np.int64(optimiser.steps + 1)
            state, self.state = self.state, None  # gone, should the devices fail
            made, found = self.jitted(state, rate, steps, batch)
            loss, self.state = float(found), made
        if isnan(loss):
            return None
        optimiser.steps += 1
        return loss

    def settle(self) -> None:
        """Bring the numbers home, where they are not lost."""
        if self.state is None:
            return
        parameters, memory = self.state
        autograd.scatter(self.optimiser.parameters, self._home(parameters))
        for name, arrays in memory.items():
            self.optimiser.memory[name] = self._home(arrays)

    def _home(self, arrays: Arrays) -> NDArray[np.float64]:
        """Return numbers as the optimiser has them in a row."""
        row = np.empty(len(self.optimiser.parameters))
        row[self.order] = joined(arrays)
        return row

    def _change(self, state: State, lr: Any, steps: Any, batch: Batch) -> tuple[State, Any]:
        """Change the parameters, unless the loss is nan; JAX traces this."""
        jnp = self.program.devices.jax.numpy
        parameters, memory = state
        loss, gradients = self.program.sums(parameters, batch)
        fine = ~jnp.isnan(loss)
        if self.clip is not None:
            gradients = self.clip.arrays(gradients, jnp)
        twin = self.optimiser.twin(jnp, lr, steps)
        made: State = [], {name: [] for name in memory}
        for i, (p, g) in enumerate(zip(parameters, gradients, strict=True)):
            old = {name: arrays[i] for name, arrays in memory.items()}
            twin.memory = dict(old)
            made[0].append(jnp.where(fine, twin.change(p, g), p))
            for name, array in old.items():
                made[1][name].append(jnp.where(fine, twin.memory[name], array))
        return made, loss


class DeviceCarriers:
    """Find what carries a batch: its program, where the optimiser has the same parameters."""

    def __init__(self, step: JaxStep, optimiser: Optimiser, clip: ClipNorm | None) -> None:
        self.step, self.optimiser, self.clip = step, optimiser, clip
        self.known: dict[BatchProgram, OnDevices | None] = {}

    def __call__(self, X: Sequence[Any], Y: Sequence[Any]) -> OnDevices | None:
        """Return the carrier of the batch's program; None where only some can be changed."""
        program = self.step.program(X, Y)
        if program not in self.known:
            order = _order(program.leaves, self.optimiser.parameters)
            made = None if order is None else OnDevices(program, order, self.optimiser, self.clip)
            self.known[program] = made
        return self.known[program]


def _order(leaves: Sequence[Value], parameters: Sequence[Value]) -> NDArray[np.intp] | None:
    """Return where leaves are among the parameters; None where they are not the same."""
    places = {parameter: i for i, parameter in enumerate(parameters)}
    if len(leaves) != len(parameters) or any(leaf not in places for leaf in leaves):
        return None
    return np.array([places[leaf] for leaf in leaves], dtype=np.intp)
