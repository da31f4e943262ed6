"""Training with JAX: its devices, the step on them, and the state that stays there.

The program of one sample's loss, traced by the compiled engine, runs under JAX over a whole batch.
Each device has all parameters and its part of the samples. `Devices` is the sharding of arrays,
`BatchProgram` is the program of batches of one structure, `JaxStep` a step that leaves gradients in
the `Value`s, and `JaxBackend` keeps parameters and the optimiser's state on the devices instead.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from math import isnan
from types import NoneType
from typing import Any

import numpy as np
from numpy.typing import NDArray

import autograd
from autograd import Value
from autograd._checks import check_type, checked_keywords, one_of, optional_whole_number
from autograd.compiler.compiled import Compiled
from autograd.errors import CollectiveError, require, shown
from nn._utils import as_array, positions_of
from nn.engines.steps import CompiledStep
from nn.engines.update import settings
from nn.losses import Penalty
from nn.module import Module
from nn.optim import ClipNorm, OptaxOptimiser, Optimiser

DTYPES = ("float64", "float32", "bfloat16")
AXIS = "samples"  # the name of the mesh's only axis


@checked_keywords
@dataclass(frozen=True)
class Jax:
    """The settings of training with JAX, on the CPUs, GPUs or TPUs of one machine or several.

    Parameters
    ----------
    dtype
        "float64", with losses equal to those of ``engine="compiled"`` up to rounding; "float32",
        which is what GPUs are fast at; or "bfloat16", mixed precision: matrix products of factors
        rounded to bfloat16, summed in float32, and all else, also the parameters and the
        optimiser's state, in float32.
    devices
        How many of JAX's devices share each batch; None for all. Fewer than all are possible only
        in a single process.
    platform
        "cpu", "gpu" or "tpu"; None for JAX's default.

    Examples
    --------
    >>> Jax(dtype="float32", devices=8)
    Jax(dtype='float32', devices=8, platform=None)
    >>> Jax(dtype="half")
    Traceback (most recent call last):
    ValueError: dtype: got a str ('half'); allowed: 'float64', 'float32' or 'bfloat16'
    """

    dtype: str = "float64"
    devices: int | None = None
    platform: str | None = None

    def __post_init__(self) -> None:
        one_of("dtype", self.dtype, DTYPES)
        optional_whole_number("devices", self.devices, 1, "None for all")
        check_type("platform", self.platform, (str, NoneType), "a str such as 'gpu', or None")


class Devices:
    """The devices that share a batch: each has all parameters, and its part of the samples."""

    def __init__(self, settings: Jax) -> None:
        self.jax = jax = require("jax", extra="jax")
        available = jax.devices(settings.platform)
        size = len(available) if settings.devices is None else settings.devices
        if size > len(available):
            raise ValueError(
                f"devices={size}, but JAX has {len(available)} ({available[0].platform})"
            )
        self.several_processes = jax.process_count() > 1
        if self.several_processes and size < len(available):
            raise ValueError(
                f"devices={size} of {len(available)}: with several processes all devices are used; "
                "leave devices out",
            )
        self.size = size
        if size == 1:  # calling a function of a mesh takes 0.1 ms longer
            self.everywhere = self.divided = jax.sharding.SingleDeviceSharding(available[0])
            return
        mesh = jax.sharding.Mesh(np.array(available[:size]), (AXIS,))
        spec = jax.sharding.PartitionSpec
        self.everywhere = jax.sharding.NamedSharding(mesh, spec())
        self.divided = jax.sharding.NamedSharding(mesh, spec(AXIS))

    def replicate(self, array: Any) -> Any:
        """Put an array on every device."""
        return self._put(array, self.everywhere)

    def divide(self, arrays: list[Any]) -> list[list[Any]]:
        """Shard samples equally over the devices, along the first axis; replicate the remainder.

        Returns one or both parts of all arrays. For one device there is nothing to do: JAX moves
        its inputs to the parameters' device, 0.2 ms faster than ``device_put``.
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
        """Put an array that every process has whole on the devices, copying only what they need."""
        if not self.several_processes:
            return self.jax.device_put(array, sharding)
        make = self.jax.make_array_from_callback
        return make(array.shape, sharding, lambda part: array[part])

    def jit(self, function: Callable[..., Any]) -> Any:
        """Compile a function whose results are to be on every device."""
        if self.size == 1:
            return self.jax.jit(function)
        return self.jax.jit(function, out_shardings=self.everywhere)

    @contextmanager
    def collective(self) -> Iterator[None]:
        """Raise CollectiveError where JAX fails at what several processes do together."""
        try:
            yield
        except self.jax.errors.JaxRuntimeError as error:
            if not self.several_processes:
                raise
            raise CollectiveError(
                "a step that several processes share failed, most likely because another of them "
                "has ended or cannot be reached: see what that one printed, and start all again "
                f'(with resume="auto", from the last checkpoint). JAX says: {error}'
            ) from error

    @property
    def writes(self) -> bool:
        """Whether this process, of several that train together, is the one that writes files."""
        return int(self.jax.process_index()) == 0

    def check_same(self, *arrays: NDArray[Any]) -> None:
        """Raise RuntimeError unless all processes have the same numbers."""
        if not self.several_processes:
            return
        digest = hashlib.sha256(b"".join(np.ascontiguousarray(a).tobytes() for a in arrays))
        own = np.frombuffer(digest.digest(), np.uint32)
        gather = require("jax.experimental.multihost_utils", extra="jax").process_allgather
        with self.collective():
            all_digests = gather(own)
        if (all_digests != own).any():
            raise RuntimeError(
                "the processes do not train the same: give all of them the same model, samples "
                "and seeds (also rng=, for the order of samples), and a checkpoint that each of "
                "them can read",
            )


Arrays = list[Any]
Parts = list[Arrays]  # of a batch: divided among the devices, then the rest, which each has


class BatchProgram:
    """The program of batches of one structure, on some devices.

    ``leaves`` are the parameters in the order of the program's arrays, whose shapes are ``shapes``.
    """

    def __init__(self, compiled: Compiled, devices: Devices, dtype: str) -> None:
        self.program = compiled.to("jax", dtype=dtype)
        self.devices, self.dtype = devices, self.program.dtype
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
        """Store gradients in the parameters that they reach."""
        leaves, flat = self.leaves, flatten(gradients)
        if self.form.reached is not None:
            flat = flat[self.form.reached]
            leaves = [
                leaf
                for leaf, is_reached in zip(leaves, self.form.reached, strict=True)
                if is_reached
            ]
        autograd.set_data(leaves, flat, grads=True)
        beside = list(self.form.beside)
        autograd.set_data(beside, np.zeros(len(beside)), grads=True)

    def zero_grad(self) -> None:
        """Reset the gradients of all parameters that the program reaches."""
        for leaf in (*self.leaves, *self.form.beside):
            leaf.zero_grad()

    def split(self, flat: NDArray[np.float64]) -> Arrays:
        """Cut numbers of all leaves into arrays, on every device."""
        parts = np.split(np.asarray(flat, self.dtype), self.ends)  # the last one is empty
        return [
            self.devices.replicate(part.reshape(shape))
            for part, shape in zip(parts, self.shapes, strict=False)
        ]

    def batch(self, *columns: NDArray[Any]) -> Arrays:
        """Return a batch's arrays, still on the host; wrong positions raise as in other calls.

        The columns must have the structure that the program was compiled for; checking it
        again took half as long as the step of a small network.
        """
        assert self.form.chosen is not None
        return [np.asarray(array, self.dtype) for array in self.form.chosen(columns)]

    def sums(self, parameters: Arrays, batch: Parts) -> tuple[Any, Arrays]:
        """Return a batch's mean loss and its gradients; JAX traces this.

        The loss is nan if a comparison has another outcome than in the trace, or if a number or its
        square is not finite. The remainder, fewer samples than devices, is computed on each of
        them, and is weighted in the mean.
        """
        jnp = self.devices.jax.numpy
        means = [self._mean(parameters, part) for part in batch]
        total = sum(len(part[0]) for part in batch)
        numbers, checks = means[0]
        if len(means) > 1:
            weights = [len(part[0]) / total for part in batch]
            numbers = [
                weights[0] * one + weights[1] * other
                for one, other in zip(numbers, means[1][0], strict=True)
            ]
            checks = [*checks, *means[1][1]]
        total_square = sum(jnp.vdot(number, number) for number in numbers)  # faster than isfinite
        fine = jnp.all(jnp.stack([jnp.isfinite(total_square), *checks]))
        return jnp.where(fine, numbers[0], jnp.nan), numbers[1:]

    def _mean(self, parameters: Arrays, samples: Arrays) -> tuple[Arrays, Arrays]:
        """Return the loss of samples with its gradients, and whether the comparisons hold."""
        own, inputs = iter(parameters), iter(samples)
        arrays = [
            next(own if array.kind == "parameter" else inputs) for array in self.form.program.arrays
        ]
        loss, gradients = self.program.value_and_grad(arrays)
        by_name = dict(zip(self.program.wanted, gradients, strict=True))
        jnp = self.devices.jax.numpy
        complete = [
            jnp.broadcast_to(by_name.get(name, 0.0), shape)
            for name, shape in zip(self.names, self.shapes, strict=True)
        ]
        guards = [self.program.holds(arrays)] if self.form.program.guards else []
        return [loss, *complete], guards


def flatten(arrays: Sequence[Any]) -> NDArray[np.float64]:
    """Return arrays, from wherever they lie, as one flat array."""
    return np.concatenate([np.zeros(0), *(np.asarray(a, dtype=float).ravel() for a in arrays)])


class JaxStep:
    """A step that traces one sample and runs its program under JAX, sharded over the devices.

    If a comparison has another outcome than in the trace, or if the loss or a gradient is not
    finite, the batch is computed by the NumPy engine instead.
    """

    def __init__(
        self,
        model: Module,
        loss: Callable[[Any, Any], Any],
        penalty: Penalty | Callable[[list[Value]], Any] | None = None,
        settings: Jax | None = None,
    ) -> None:
        self.settings = settings or Jax()
        self.devices = Devices(self.settings)
        self.compiled = CompiledStep(model, loss, penalty, engine="numpy")
        self.masks = self.compiled.masks
        self.forward = self.compiled.forward
        self.programs: dict[Any, BatchProgram] = {}

    def __call__(self, *columns: Any) -> float:
        """Compute the loss of a batch and its gradients, and leave them in the parameters."""
        arrays = arrays_of(*columns)
        program = self.program(*arrays)
        with program.program.precision():
            parameters = program.split(autograd.get_data(program.leaves))
            batch = program.devices.divide(program.batch(*arrays))
            with program.devices.collective():
                loss, gradients = program.jitted(parameters, batch)
                loss = float(loss)
            if isnan(loss):
                return self.compiled(*arrays)
            program.keep(gradients)
        return loss

    def program(self, *columns: NDArray[Any]) -> BatchProgram:
        """Return the program for arrays of this structure, tracing the first sample if it is new.

        Tracing computes gradients, too, which are reset again.
        """
        key = tuple((column.shape[1:], column.dtype.kind in "biu") for column in columns)
        compiled = self.compiled.program(*columns)
        if key in self.programs and not compiled.holds_for(*columns):
            self.programs.clear()
        if key not in self.programs:
            self.compiled(*[column[:1] for column in columns])
            program = BatchProgram(compiled, self.devices, self.settings.dtype)
            program.zero_grad()
            self.devices.check_same(autograd.get_data(program.leaves), *columns)
            self.programs[key] = program
        return self.programs[key]

    def explain(self, *columns: Any) -> None:
        """Compute the step once more, eagerly, raising at the first bad number."""
        self.compiled.explain(*columns)


def arrays_of(*inputs: Sequence[Any]) -> list[Any]:
    """Return samples and targets as arrays; refuse those of irregular shape."""
    arrays = []
    for items in inputs:
        array = as_array(items)
        if array is None:
            raise TypeError(
                f"engine 'jax' needs numbers in samples of one shape, got {shown(items)} that has "
                "others: pad them, or train with engine='compiled' or engine='eager'",
            )
        arrays.append(array)
    return arrays


State = tuple[Arrays, dict[str, Arrays], Any]  # parameters, the optimiser's state, its steps


class JaxBackend:
    """Keep the parameters of one program, which are all of the optimiser's, on the devices.

    Gradients stay there. A step makes new arrays and keeps the old ones, to which the training
    returns if something is not finite: selecting between the two on the devices took half as long
    as the step itself (2,410 parameters).
    """

    is_async = True

    def __init__(
        self,
        program: BatchProgram,
        order: NDArray[np.intp],
        optimiser: Optimiser,
        clip: ClipNorm | None,
    ) -> None:
        self.program, self.order = program, order  # where the program's leaves are in the optimiser
        self.optimiser, self.clip = optimiser, clip
        self._trace()
        self.state: State | None = None
        self.result: tuple[State, Any]  # of the step that has begun: state and loss
        self.unchecked: Arrays = []  # what must be the same in all processes, like the next batch
        self.rate: tuple[float, Any] = (-1.0, None)  # sent when it changes: 10 us a time

    def load(self) -> None:
        """Send the parameters and the optimiser's state to the devices."""
        program = self.program
        numbers, steps = autograd.get_data(program.leaves), np.array(self.optimiser.steps)
        self.unchecked = [numbers, steps]
        with program.program.precision():
            parameters = program.split(numbers)
            slots = self._send(self.optimiser.state, parameters)
            self.state = parameters, slots, program.devices.replicate(steps)

    def _send(self, state: dict[str, NDArray[np.float64]], parameters: Arrays) -> Any:  # noqa: ARG002 - for subclasses
        """Return the optimiser's state on the devices."""
        return {name: self.program.split(array[self.order]) for name, array in state.items()}

    def _receive(self, slots: Any) -> dict[str, NDArray[np.float64]]:
        """Return the optimiser's state from the devices."""
        return {name: self._reordered(arrays) for name, arrays in slots.items()}

    def begin(self, batch: Arrays) -> bool:
        """Start the devices' work."""
        program, lr = self.program, self.optimiser.lr
        if settings(self.optimiser) != self.settings:
            self._trace()
        if self.unchecked:
            program.devices.check_same(*self.unchecked, *batch)
            self.unchecked = []
        with program.program.precision():
            if lr != self.rate[0]:
                self.rate = lr, program.devices.replicate(np.asarray(lr, program.dtype))
            divided = program.devices.divide(batch)
            with program.devices.collective():
                self.result = self.jitted(self.state, self.rate[1], divided)
        return True

    def _trace(self) -> None:
        """Have the step traced anew: a trace freezes the optimiser's settings."""
        self.settings = settings(self.optimiser)
        self.jitted = self.program.devices.jit(partial(self._update))  # not known to JAX

    def end(self) -> float | None:
        """Wait for the devices; return the loss, or None where something is not finite."""
        state, result = self.result
        with self.program.devices.collective():
            loss = float(result)
        if isnan(loss):
            return None
        self.state = state
        self.optimiser.steps += 1
        return loss

    def sync(self) -> None:
        """Copy the numbers from the devices to the `Value`s and the optimiser."""
        assert self.state is not None
        parameters, state, _ = self.state
        autograd.set_data(self.optimiser.parameters, self._reordered(parameters))
        self.optimiser.state.update(self._receive(state))

    def _reordered(self, arrays: Arrays) -> NDArray[np.float64]:
        """Return numbers in the optimiser's order."""
        numbers = np.empty(len(self.optimiser.parameters))
        numbers[self.order] = flatten(arrays)
        return numbers

    def _update(self, state: State, lr: Any, batch: Parts) -> tuple[State, Any]:
        """Return the state after a step, and the step's loss, nan where something is not finite.

        JAX traces this.
        """
        jnp = self.program.devices.jax.numpy
        parameters, slots, steps = state
        loss, gradients = self.program.sums(parameters, batch)
        if self.clip is not None:
            gradients = self.clip.arrays(gradients, jnp)
        return (*self._apply(parameters, gradients, slots, lr, steps + 1), steps + 1), loss

    def _apply(
        self, parameters: Arrays, gradients: Arrays, slots: Any, lr: Any, steps: Any
    ) -> tuple[Arrays, Any]:
        """Return the parameters and the optimiser's state after an update."""
        optimiser = self.optimiser.with_namespace(self.program.devices.jax.numpy, lr, steps)
        new: tuple[Arrays, dict[str, Arrays]] = [], {name: [] for name in slots}
        for i, (p, g) in enumerate(zip(parameters, gradients, strict=True)):
            optimiser.state = {name: arrays[i] for name, arrays in slots.items()}
            new[0].append(optimiser.update(p, g))
            for name, array in optimiser.state.items():
                new[1][name].append(array)
        return new


class OptaxBackend(JaxBackend):
    """Keep the parameters on the devices, with a tree of optax as the optimiser's state."""

    optimiser: OptaxOptimiser

    def load(self) -> None:
        """Send the parameters and the state; steps on the `Value`s are then done here."""
        super().load()
        self.optimiser.step_in_arrays = self._step

    def _send(self, state: dict[str, NDArray[np.float64]], parameters: Arrays) -> Any:
        """Return the tree of the state; that of the first step if there is none yet."""
        jax, devices = self.program.devices.jax, self.program.devices
        init = self.optimiser.transformation.init
        leaves, structure = jax.tree.flatten(jax.eval_shape(init, parameters))
        if not state:
            return devices.jit(init)(parameters)
        if [row.size for row in state.values()] != [leaf.size for leaf in leaves]:
            raise ValueError(
                "the state of optax's optimiser has other sizes than its arrays: it is of another "
                "transformation, or of samples of another structure"
            )
        rows = zip(state.values(), leaves, strict=True)
        arrays = [np.asarray(row, leaf.dtype).reshape(leaf.shape) for row, leaf in rows]
        return jax.tree.unflatten(structure, [devices.replicate(array) for array in arrays])

    def _receive(self, slots: Any) -> dict[str, NDArray[np.float64]]:
        """Return the leaves of the tree."""
        leaves = self.program.devices.jax.tree.leaves(slots)
        return {f"leaf {i}": flatten([leaf]) for i, leaf in enumerate(leaves)}

    def _apply(
        self,
        parameters: Arrays,
        gradients: Arrays,
        slots: Any,
        lr: Any,
        steps: Any,  # noqa: ARG002 - of the base class
    ) -> tuple[Arrays, Any]:
        """Return the parameters and the tree after an update; optax counts its steps itself."""
        updates, new = self.optimiser.transformation.update(gradients, slots, parameters)
        return [p + (lr * u).astype(p.dtype) for p, u in zip(parameters, updates, strict=True)], new

    def _step(self) -> None:
        """Update the `Value`s by their gradients."""
        program, optimiser = self.program, self.optimiser
        self.load()
        assert self.state is not None
        parameters, slots, steps = self.state
        with program.program.precision():
            gradients = program.split(autograd.get_data(program.leaves, grads=True))
            lr = np.asarray(optimiser.lr, program.dtype)
            jitted = program.devices.jit(self._apply)
            self.state = (*jitted(parameters, gradients, slots, lr, steps + 1), steps + 1)
        optimiser.steps += 1
        self.sync()


class JaxBackends:
    """Choose the backend for a batch: its program's, if the optimiser has the same parameters."""

    def __init__(self, step: JaxStep, optimiser: Optimiser, clip: ClipNorm | None) -> None:
        self.step, self.optimiser, self.clip = step, optimiser, clip
        self.known: dict[BatchProgram, JaxBackend | None] = {}

    def __call__(self, *columns: Sequence[Any]) -> tuple[JaxBackend, Arrays] | None:
        """Return the backend and the batch's arrays; None where gradients do not reach all."""
        arrays = arrays_of(*columns)
        program = self.step.program(*arrays)
        if program not in self.known:
            order = _order(program, self.optimiser.parameters)
            kind = OptaxBackend if isinstance(self.optimiser, OptaxOptimiser) else JaxBackend
            self.known[program] = (
                None if order is None else kind(program, order, self.optimiser, self.clip)
            )
        backend = self.known[program]
        return None if backend is None else (backend, program.batch(*arrays))


def _order(program: BatchProgram, parameters: Sequence[Value]) -> NDArray[np.intp] | None:
    """Return where leaves are among the parameters; None where gradients reach others than these.

    What is not reached must stay as it is: `Optimiser.step` knows how.
    """
    leaves = program.leaves
    positions = positions_of(leaves, parameters)
    same = len(leaves) == len(parameters) and bool((positions >= 0).all())
    return positions if same and program.reaches_all else None
