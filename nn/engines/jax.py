"""The devices that JAX has, of this process and of others, and how arrays lie on them."""
# FOLDED from nn/engines/jax.py: A step under JAX: the program of a sample's loss, each device with its part of a batch.
# FOLDED from nn/engines/jax.py: Steps on JAX's devices: parameters and the optimiser's memory lie there.

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
import numpy as np
from numpy.typing import NDArray
from autograd.errors import list_of, require
from nn._utils import count
from collections.abc import Callable, Sequence
from math import isnan
import autograd
from autograd import Value
from autograd.compiler.compiled import Compiled
from autograd.errors import shown
from nn._utils import as_array
from nn.module import Module
from nn.engines.steps import CompiledStep
from collections.abc import Sequence
from nn.optim import ClipNorm
from nn.optim import Optimiser


DTYPES = ("float64", "float32")
AXIS = "samples"  # the name of the mesh's only axis


@dataclass(frozen=True)
class Jax:
    """Train with JAX: on its processors and GPUs, of one machine or of many.

    Parameters
    ----------
    dtype
        "float64", in which the losses are those of the NumPy engine to the last digits, or
        "float32", for which GPUs are made.
    devices
        How many of JAX's devices share each batch; None for all. A part of them can be chosen in a
        program of one process only.
    platform
        "cpu", "gpu" or "tpu"; None for what JAX prefers.

    Examples
    --------
    >>> Jax(dtype="float32", devices=8)
    Jax(dtype='float32', devices=8, platform=None)
    >>> Jax(dtype="half")
    Traceback (most recent call last):
    ValueError: dtype can be float64 or float32, got 'half'
    """

    dtype: str = "float64"
    devices: int | None = None
    platform: str | None = None

    def __post_init__(self) -> None:
        if self.dtype not in DTYPES:
            raise ValueError(f"dtype can be {list_of(DTYPES)}, got {self.dtype!r}")
        if self.devices is not None:
            count("devices", self.devices)


class Devices:
    """The devices that share a batch: each has all parameters, and its part of the samples."""

    def __init__(self, settings: Jax) -> None:
        self.jax = jax = require("jax", extra="jax")
        found = jax.devices(settings.platform)
        wanted = len(found) if settings.devices is None else settings.devices
        if wanted > len(found):
            raise ValueError(f"devices={wanted}, but JAX has {len(found)} ({found[0].platform})")
        self.several_processes = jax.process_count() > 1
        if self.several_processes and wanted < len(found):
            raise ValueError(
                f"devices={wanted} of {len(found)}: with several processes all devices are used; "
                "leave devices out",
            )
        self.size = wanted
        if wanted == 1:  # to call a function of a mesh takes 0.1 ms longer
            self.everywhere = self.divided = jax.sharding.SingleDeviceSharding(found[0])
            return
        mesh = jax.sharding.Mesh(np.array(found[:wanted]), (AXIS,))
        spec = jax.sharding.PartitionSpec
        self.everywhere = jax.sharding.NamedSharding(mesh, spec())
        self.divided = jax.sharding.NamedSharding(mesh, spec(AXIS))

    def replicate(self, array: Any) -> Any:
        """Put an array on every device."""
        return self._put(array, self.everywhere)

    def divide(self, arrays: list[Any]) -> list[list[Any]]:
        """Give each device as many samples, along the first axis, and the rest to every one.

        Returns one or both parts of all arrays. For one device there is nothing to do: what JAX
        computes with goes to where the parameters are, 0.2 ms sooner than if it is sent there.
        """
        if self.size == 1:
            return [arrays]
        count = len(arrays[0])
        most = count - count % self.size
        parts = []
        if most:
            parts.append([self._put(array[:most], self.divided) for array in arrays])
        if most < count:
            parts.append([self.replicate(array[most:]) for array in arrays])
        return parts

    def _put(self, array: Any, sharding: Any) -> Any:
        """Put an array, which every process has whole, where it belongs; copy no more than that."""
        if not self.several_processes:
            return self.jax.device_put(array, sharding)
        make = self.jax.make_array_from_callback
        return make(array.shape, sharding, lambda part: array[part])

    def jit(self, function: Callable[..., Any]) -> Any:
        """Compile a function whose results are wanted on every device."""
        if self.size == 1:
            return self.jax.jit(function)
        return self.jax.jit(function, out_shardings=self.everywhere)

    @property
    def writes(self) -> bool:
        """Whether this process writes files, of several that train together."""
        return int(self.jax.process_index()) == 0

    def check_same(self, *arrays: NDArray[Any]) -> None:
        """Raise RuntimeError unless all processes have the same numbers."""
        if not self.several_processes:
            return
        digest = hashlib.sha256(b"".join(np.ascontiguousarray(a).tobytes() for a in arrays))
        own = np.frombuffer(digest.digest(), np.uint32)
        gather = require("jax.experimental.multihost_utils", extra="jax").process_allgather
        if (gather(own) != own).any():
            raise RuntimeError(
                "the processes do not train the same: give all of them the same model, samples "
                "and seeds (also rng=, for the order of samples), and a checkpoint that each of "
                "them can read",
            )


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
        autograd.scatter(leaves, row, grads=True)
        beside = list(self.form.beside)
        autograd.scatter(beside, np.zeros(len(beside)), grads=True)

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
            parameters = found.split(autograd.gather(found.leaves))
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
            self.devices.check_same(autograd.gather(made.leaves), X, Y)
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
        row, steps = autograd.gather(program.leaves), np.array(self.optimiser.steps)
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
        autograd.scatter(self.optimiser.parameters, self._home(parameters))
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
