"""A step under JAX: the program of a sample's loss, each device with its part of a batch."""

from collections.abc import Callable, Sequence
from math import isnan
from typing import Any

import numpy as np
from numpy.typing import NDArray

import autograd
from autograd import Value
from autograd.compiler.compiled import Compiled
from autograd.errors import shown
from nn.basics.inputs import as_array
from nn.models.module import Module
from nn.stepping.devices import Devices, Jax
from nn.stepping.steps import CompiledStep

Arrays = list[Any]
Batch = list[Arrays]  # divided among the devices, and then the rest, which each of them has


class BatchProgram:
    """The program of batches of one structure, on some devices.

    `leaves` are the parameters in a row; the program's arrays of `shapes` read them in turn.
    """

    def __init__(self, compiled: Compiled, devices: Devices, dtype: str) -> None:
        self.program = compiled.to("jax", dtype=dtype)
        self.devices, self.dtype = devices, dtype
        self.form = self.program.form
        own = [array for array in self.form.program.arrays if array.kind == "parameter"]
        self.shapes = [array.shape for array in own]
        self.ends = np.cumsum([array.ids.size for array in own], dtype=int)
        self.leaves: list[Value] = list(self.form.leaves)
        self.names = [array.name for array in own]
        self.jitted = devices.jit(self.sums)

    @property
    def reaches_all(self) -> bool:
        """Whether the leaves are all that get gradients, and each of them does."""
        return self.form.reached is None and not self.form.beside

    def keep(self, gradients: Arrays) -> None:
        """Leave gradients in the parameters that they reach."""
        leaves, row = self.leaves, joined(gradients)
        if self.form.reached is not None:
            row = row[self.form.reached]
            leaves = [
                leaf
                for leaf, is_reached in zip(leaves, self.form.reached, strict=True)
                if is_reached
            ]
        autograd.set_data(leaves, row, grads=True)
        beside = list(self.form.beside)
        autograd.set_data(beside, np.zeros(len(beside)), grads=True)

    def split(self, row: NDArray[np.float64]) -> Arrays:
        """Cut numbers of all leaves into arrays, on every device."""
        parts = np.split(np.asarray(row, self.dtype), self.ends)  # the last one is empty
        return [
            self.devices.replicate(part.reshape(shape))
            for part, shape in zip(parts, self.shapes, strict=False)
        ]

    def batch(self, X: NDArray[Any], Y: NDArray[Any]) -> Arrays:
        """Return a batch's arrays, still here; wrong positions raise as in NumPy's program.

        Samples and targets must be such as the program was made for. To look at them once more took
        as long as half the step of a small network.
        """
        assert self.form.chosen is not None
        return [np.asarray(array, self.dtype) for array in self.form.chosen((X, Y))]

    def sums(self, parameters: Arrays, batch: Batch) -> tuple[Any, Arrays]:
        """Return a batch's mean loss and its gradients; JAX traces this.

        The loss is nan where a comparison or a number is not as it should be, or the square of a
        number too large. The rest, fewer samples than there are devices, is computed by each of
        them, and has its weight in the mean.
        """
        jnp = self.devices.jax.numpy
        found = [self._mean(parameters, part) for part in batch]
        total = sum(len(part[0]) for part in batch)
        numbers, checks = found[0]
        if len(found) > 1:
            weights = [len(part[0]) / total for part in batch]
            numbers = [
                weights[0] * one + weights[1] * other
                for one, other in zip(numbers, found[1][0], strict=True)
            ]
            checks = [*checks, *found[1][1]]
        total_square = sum(jnp.vdot(number, number) for number in numbers)  # faster than isfinite
        fine = jnp.all(jnp.stack([jnp.isfinite(total_square), *checks]))
        return jnp.where(fine, numbers[0], jnp.nan), numbers[1:]

    def _mean(self, parameters: Arrays, samples: Arrays) -> tuple[Arrays, Arrays]:
        """Return the loss with the gradients of samples, and what comparisons say."""
        kept, given = iter(parameters), iter(samples)
        arrays = [
            next(kept if array.kind == "parameter" else given) for array in self.form.program.arrays
        ]
        loss, gradients = self.program.value_and_grad(arrays)
        by_name = dict(zip(self.program.wanted, gradients, strict=True))
        jnp = self.devices.jax.numpy
        own = [
            jnp.broadcast_to(by_name.get(name, 0.0), shape)
            for name, shape in zip(self.names, self.shapes, strict=True)
        ]
        guards = [self.program.holds(arrays)] if self.form.program.guards else []
        return [loss, *own], guards


def joined(arrays: Sequence[Any]) -> NDArray[np.float64]:
    """Return arrays, from wherever they lie, as one row."""
    return np.concatenate([np.zeros(0), *(np.asarray(a, dtype=float).ravel() for a in arrays)])


class JaxStep:
    """Trace one sample, and run its program under JAX, a batch shared among the devices.

    A batch for which a comparison comes out differently than it was traced, or whose loss or
    gradient is not finite, is computed by the NumPy engine.
    """

    def __init__(
        self,
        model: Module,
        loss: Callable[[Any, Any], Any],
        penalty: Callable[[list[Value]], Any] | None = None,
        settings: Jax | None = None,
    ) -> None:
        self.settings = settings or Jax()
        self.devices = Devices(self.settings)
        self.compiled = CompiledStep(model, loss, penalty, engine="numpy")
        self.programs: dict[Any, BatchProgram] = {}

    def __call__(self, X: Sequence[Any], Y: Sequence[Any]) -> float:
        """Compute the loss of a batch and its gradients, and leave them in the parameters."""
        xs, ys = arrays_of(X, Y)
        found = self.program(xs, ys)
        with found.program.precision():
            parameters = found.split(autograd.get_data(found.leaves))
            batch = found.devices.divide(found.batch(xs, ys))
            loss, gradients = found.jitted(parameters, batch)
            if isnan(loss):
                return self.compiled(X, Y)
            found.keep(gradients)
        return float(loss)

    def program(self, X: Any, Y: Any) -> BatchProgram:
        """Return the program of arrays like these; the first of them is traced."""
        key = X.shape[1:], X.dtype.kind in "biu", Y.shape[1:], Y.dtype.kind in "biu"
        if key in self.programs and not self.compiled.program.holds_for(X, Y):
            self.programs.clear()
        if key not in self.programs:
            self.compiled(X[:1], Y[:1])
            made = BatchProgram(self.compiled.program, self.devices, self.settings.dtype)
            self.devices.check_same(autograd.get_data(made.leaves), X, Y)
            self.programs[key] = made
        return self.programs[key]

    def explain(self, X: Sequence[Any], Y: Sequence[Any]) -> None:
        """Compute the step once more, eagerly, raising at the first bad number."""
        self.compiled.explain(X, Y)


def arrays_of(*given: Sequence[Any]) -> list[Any]:
    """Return samples and targets as arrays; refuse what is none."""
    arrays = []
    for items in given:
        array = as_array(items)
        if array is None:
            raise TypeError(
                f"engine 'jax' needs numbers in samples of one shape, got {shown(items)} that has "
                "others: pad them, or train with engine='compiled' or engine='eager'",
            )
        arrays.append(array)
    return arrays
