"""Steps on JAX's devices: parameters and the optimiser's memory lie there."""

from collections.abc import Sequence
from math import isnan
from typing import Any

import numpy as np
from numpy.typing import NDArray

import autograd
from autograd import Value
from nn.optimisers.clip import ClipNorm
from nn.optimisers.optimiser import Optimiser
from nn.stepping.jaxed import Arrays, Batch, BatchProgram, JaxStep, arrays_of, joined

State = tuple[Arrays, dict[str, Arrays], Any]  # parameters, optimiser's memory, steps done


class OnDevices:
    """Carry the parameters of one program, all of the optimiser's, on the devices.

    Gradients stay there. A step makes new numbers and leaves those before it, to which the training
    goes back where not all is fine: to choose between both on the devices, number by number, took
    half as long again as the step itself (2,410 parameters).
    """

    waits = True

    def __init__(
        self,
        program: BatchProgram,
        order: NDArray[np.intp],
        optimiser: Optimiser,
        clip: ClipNorm | None,
    ) -> None:
        self.program, self.order = program, order  # of the program's leaves in the optimiser
        self.optimiser, self.clip = optimiser, clip
        self.jitted = program.devices.jit(self._change)
        self.state: State | None = None
        self.made: tuple[State, Any]  # of the step that has begun
        self.unchecked: Arrays = []  # what must be the same in all processes, as the next batch
        self.rate: tuple[float, Any] = (-1.0, None)  # sent when it changes: 10 us a time

    def take(self) -> None:
        """Bring the numbers of now to the devices."""
        program, memory = self.program, self.optimiser.memory
        row, steps = autograd.get_data(program.leaves), np.array(self.optimiser.steps)
        self.unchecked = [row, steps]
        with program.program.precision():
            self.state = (
                program.split(row),
                {name: program.split(memory[name][self.order]) for name in memory},
                program.devices.replicate(steps),
            )

    def begin(self, batch: Arrays) -> bool:
        """Start what the devices have to do."""
        program, lr = self.program, self.optimiser.lr
        if self.unchecked:
            program.devices.check_same(*self.unchecked, *batch)
            self.unchecked = []
        with program.program.precision():
            if lr != self.rate[0]:
                self.rate = lr, program.devices.replicate(np.asarray(lr, program.dtype))
            divided = program.devices.divide(batch)
            self.made = self.jitted(self.state, self.rate[1], divided)
        return True

    def end(self) -> float | None:
        """Wait for the devices; return the loss, or None where not all is fine."""
        state, found = self.made
        loss = float(found)
        if isnan(loss):
            return None
        self.state = state
        self.optimiser.steps += 1
        return loss

    def settle(self) -> None:
        """Bring the numbers home."""
        assert self.state is not None
        parameters, memory, _ = self.state
        autograd.set_data(self.optimiser.parameters, self._home(parameters))
        for name, arrays in memory.items():
            self.optimiser.memory[name] = self._home(arrays)

    def _home(self, arrays: Arrays) -> NDArray[np.float64]:
        """Return numbers as the optimiser has them in a row."""
        row = np.empty(len(self.optimiser.parameters))
        row[self.order] = joined(arrays)
        return row

    def _change(self, state: State, lr: Any, batch: Batch) -> tuple[State, Any]:
        """Return what a step makes of the numbers, and its loss, nan where not all is fine.

        JAX traces this.
        """
        jnp = self.program.devices.jax.numpy
        parameters, memory, steps = state
        loss, gradients = self.program.sums(parameters, batch)
        if self.clip is not None:
            gradients = self.clip.arrays(gradients, jnp)
        twin = self.optimiser.twin(jnp, lr, steps + 1)
        made: State = [], {name: [] for name in memory}, steps + 1
        for i, (p, g) in enumerate(zip(parameters, gradients, strict=True)):
            twin.memory = {name: arrays[i] for name, arrays in memory.items()}
            made[0].append(twin.change(p, g))
            for name, array in twin.memory.items():
                made[1][name].append(array)
        return made, loss


class DeviceCarriers:
    """Find what carries a batch: its program, where the optimiser has the same parameters."""

    def __init__(self, step: JaxStep, optimiser: Optimiser, clip: ClipNorm | None) -> None:
        self.step, self.optimiser, self.clip = step, optimiser, clip
        self.known: dict[BatchProgram, OnDevices | None] = {}

    def __call__(self, X: Sequence[Any], Y: Sequence[Any]) -> tuple[OnDevices, Arrays] | None:
        """Return the carrier, and the batch's arrays; None where only some can be changed."""
        xs, ys = arrays_of(X, Y)
        program = self.step.program(xs, ys)
        if program not in self.known:
            order = _order(program, self.optimiser.parameters)
            made = None if order is None else OnDevices(program, order, self.optimiser, self.clip)
            self.known[program] = made
        carrier = self.known[program]
        return None if carrier is None else (carrier, program.batch(xs, ys))


def _order(program: BatchProgram, parameters: Sequence[Value]) -> NDArray[np.intp] | None:
    """Return where leaves are among the parameters; None where gradients reach others than these.

    What is not reached must stay as it is: `Optimiser.step` knows how.
    """
    leaves = program.leaves
    places = {parameter: i for i, parameter in enumerate(parameters)}
    same = len(leaves) == len(parameters) and all(leaf in places for leaf in leaves)
    if not same or not program.reaches_all:
        return None
    return np.array([places[leaf] for leaf in leaves], dtype=np.intp)
