"""Steps of the NumPy engine on rows of numbers: no `Value` is read or written."""

from collections.abc import Sequence
from typing import Any

import numpy as np

import autograd
from autograd.compiler.calls.rows import Rows
from nn._utils import as_array
from nn.optim import ClipNorm
from nn.optim import OPTIMISERS
from nn.optim import Optimiser
from nn.engines.steps import CompiledStep

MOST_REFUSED = 8  # batches beyond those that were taken: then a program is not tried any more


class InArrays:
    """Carry a program's parameters in its row, and all of the optimiser's in another, its own.

    The results are those of `Optimiser.step` to the last bit: `change` is given rows in the same
    order, which it may keep or overwrite. What the optimiser has beside the program's parameters
    is not reached by a gradient; what the program has beside the optimiser's stays.
    """

    waits = False

    def __init__(self, rows: Rows, optimiser: Optimiser, clip: ClipNorm | None) -> None:
        self.rows, self.optimiser, self.clip = rows, optimiser, clip
        self.found: tuple[float, Sequence[Any]] | None = None
        self.refused = 0
        known = {parameter: i for i, parameter in enumerate(optimiser.parameters)}
        found = np.array([known.get(leaf, -1) for leaf in rows.leaves], dtype=np.intp)
        self.own = np.flatnonzero(found >= 0)  # in the program's row
        self.places = found[self.own]  # in the optimiser's
        reached = np.zeros(len(known), dtype=np.bool_)
        reached[self.places] = True
        self.reached = None if reached.all() else reached
        self.beside = [optimiser.parameters[i] for i in np.flatnonzero(~reached).tolist()]

    def take(self) -> None:
        """Read the numbers of the `Value`s."""
        self.rows.numbers[:] = autograd.gather(self.rows.leaves)
        self.numbers = autograd.gather(self.optimiser.parameters)

    def begin(self, batch: Any) -> bool:
        """Compute the loss and the gradients."""
        self.found = self.rows(*batch)
        self.refused = self.refused + 1 if self.found is None else max(0, self.refused - 1)
        return self.found is not None

    def end(self) -> float:
        """Change the parameters."""
        assert self.found is not None
        loss, gradients = self.found
        self.rows.keep(gradients)
        with np.errstate(all="ignore"):  # numbers are IEEE here as in the engine
            self._change()
        return loss

    def settle(self) -> None:
        """Bring the numbers home, with the gradients of the last step."""
        autograd.scatter(self.optimiser.parameters, self.numbers)
        autograd.scatter(self.rows.leaves, self.rows.gradients, grads=True)
        for parameter in self.beside:
            parameter.zero_grad()

    def _change(self) -> None:
        rows, optimiser = self.rows, self.optimiser
        g = np.zeros(len(self.numbers))
        g[self.places] = rows.gradients[self.own]
        if self.clip is not None:
            [g] = self.clip.arrays([g], np)
            rows.gradients[self.own] = g[self.places]
        new = optimiser.changed(self.numbers.copy(), g, self.reached)
        if type(new) is not np.ndarray or new.dtype != float or new.shape != g.shape:
            autograd.scatter(optimiser.parameters, new)  # raises, or takes another kind of numbers
            new = autograd.gather(optimiser.parameters)
        self.numbers[:] = new
        rows.numbers[self.own] = self.numbers[self.places]


class InOneRow(InArrays):
    """Carry all in the program's row: for optimisers that change each number by itself.

    50,890 numbers need not be put in another order twice: 0.3 ms of a step's 1.5.
    """

    def take(self) -> None:
        """Read the numbers of the `Value`s, and what the optimiser remembers."""
        self.rows.numbers[:] = autograd.gather(self.rows.leaves)
        memory = self.optimiser.memory
        self.memory = {name: memory[name][self.places] for name in memory}

    def settle(self) -> None:
        """Bring the numbers home, with the gradients of the last step."""
        autograd.scatter(self.rows.leaves, self.rows.numbers)
        for name, array in self.memory.items():
            row = self.optimiser.memory[name] = np.empty(len(array))
            row[self.places] = array
        autograd.scatter(self.rows.leaves, self.rows.gradients, grads=True)

    def _change(self) -> None:
        rows, optimiser = self.rows, self.optimiser
        home, optimiser.memory = optimiser.memory, self.memory
        try:
            rows.numbers[:] = optimiser.changed(rows.numbers, rows.gradients, None)
        finally:
            optimiser.memory = home


class ArrayCarriers:
    """Find what carries a batch: the program that was run last, if it has parameters in arrays.

    The first batch of a structure is traced with the `Value`s, and so is one that a program
    refuses; the next is tried with the program that was made or chosen then.
    """

    def __init__(self, step: CompiledStep, optimiser: Optimiser, clip: ClipNorm | None) -> None:
        self.compiled, self.optimiser, self.clip = step.program, optimiser, clip
        self.known: dict[Rows, InArrays] = {}
        self.found: InArrays | None = None
        self.last: object = None

    def __call__(self, X: Sequence[Any], Y: Sequence[Any]) -> tuple[InArrays, Any] | None:
        """Return the carrier of the program that was run last, with samples and targets."""
        if self.compiled.last is not self.last:
            self.last, rows = self.compiled.last, self.compiled.rows()
            self.found = None if rows is None else self._carrier(rows)
        xs, ys, found = as_array(X), as_array(Y), self.found
        if xs is None or ys is None or found is None or found.refused > MOST_REFUSED:
            return None
        return found, (xs, ys)

    def _carrier(self, rows: Rows) -> InArrays:
        """Return the carrier of a program, made where it is new."""
        if rows not in self.known:
            optimiser = self.optimiser
            each = type(optimiser) in OPTIMISERS.values() and self.clip is None
            same = set(rows.leaves) == set(optimiser.parameters)
            kind = InOneRow if each and same else InArrays
            self.known[rows] = kind(rows, optimiser, self.clip)
        return self.known[rows]
