"""The choice of an engine, and the state that stays resident in its arrays between steps.

An engine's step reads the parameters from the `Value`s and leaves gradients there. Copying the
numbers of many `Value`s, 0.2 us each, takes longer than the step itself; so, if an engine has a
*state backend*, parameters and optimiser state stay resident in its arrays from step to step, and
whole steps (loss, gradients, clipping, update) are done there. Whatever reads the `Value`s calls
`ResidentState.sync` first; whatever may change them, `ResidentState.invalidate`.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Protocol

from autograd import Value
from autograd._checks import entry_of
from autograd.compiler.cache import Loan, borrow
from nn._utils import PROGRAMS
from nn.engines.arrays import NumpyBackends
from nn.engines.jax import Jax, JaxBackends, JaxStep
from nn.engines.steps import CompiledStep, EagerStep, TrainingStep
from nn.losses import Penalty
from nn.module import Module
from nn.optim import ClipNorm, OptaxOptimiser, Optimiser


class StateBackend(Protocol):
    """The interface of a backend for the steps of one program: NumPy arrays or JAX devices."""

    is_async: bool  # whether a step that has begun goes on while this process does other things

    def load(self) -> None:
        """Read the numbers of the `Value`s, and the optimiser's state."""

    def begin(self, batch: Any) -> bool:
        """Begin a step without changing anything; return False if it cannot be done here."""

    def end(self) -> float | None:
        """End the step; return its loss, or None if nothing was changed."""

    def sync(self) -> None:
        """Bring the `Value`s and the optimiser's state up to date."""


Prepared = tuple[StateBackend, Any]


class ResidentState:
    """Parameters and optimiser state that stay in a backend's arrays from step to step.

    Until `sync` is called, the `Value`s have the numbers of an earlier step. `prepare` chooses a
    backend for a batch and returns it with the batch as it takes it, or None if the step must be
    done on the `Value`s; the previous step may still be running.
    """

    def __init__(self, prepare: Callable[..., Prepared | None]) -> None:
        self.prepare = prepare
        self.backend: StateBackend | None = None
        self.is_newer = False  # than the `Value`s

    @property
    def is_async(self) -> bool:
        """Whether there is time to do something else until a step that has begun ends."""
        return self.backend is not None and self.backend.is_async

    def begin(self, prepared: Prepared) -> bool:
        """Begin a prepared step; return False if it must be done on the `Value`s."""
        backend, batch = prepared
        if backend is not self.backend:
            self.invalidate()
            backend.load()
            self.backend = backend
        return backend.begin(batch)

    def end(self) -> float | None:
        """End the step; return its loss, or None if it failed and nothing was changed."""
        assert self.backend is not None
        loss = self.backend.end()
        self.is_newer = self.is_newer or loss is not None
        return loss

    def sync(self) -> None:
        """Bring the `Value`s and the optimiser up to date; if interrupted, call it again."""
        if self.is_newer and self.backend is not None:
            self.backend.sync()
            self.is_newer = False

    def invalidate(self) -> None:
        """Sync, and reload everything before the next step, as the `Value`s may be changed."""
        self.sync()
        self.backend = None


def resident_state(
    step: object, optimiser: Optimiser, clip: Callable[[list[Value]], object] | None
) -> ResidentState | None:
    """Return the resident state of a training, or None if each step needs the `Value`s.

    They are needed by the eager engine, by clipping with a function, and by an optimiser that
    overrides `step`. On devices, all user-defined optimisers need them: JAX may not know what they
    call, and their updates need not be elementwise. Those of optax need the devices.
    """
    is_optax = isinstance(optimiser, OptaxOptimiser)
    if clip is None or isinstance(clip, ClipNorm):
        if isinstance(step, JaxStep) and (is_optax or optimiser.is_elementwise()):
            return ResidentState(JaxBackends(step, optimiser, clip))
        if isinstance(step, CompiledStep) and optimiser.has_default_step:
            return ResidentState(NumpyBackends(step, optimiser, clip))
    if is_optax:
        raise ValueError(
            'optimiser: one of optax updates arrays on JAX\'s devices: give engine="jax", and no '
            "function as clip=; or use an optimiser of nn, such as nn.Adam"
        )
    return None


ENGINES: Mapping[str, Callable[..., TrainingStep]] = MappingProxyType(
    {"compiled": CompiledStep, "eager": EagerStep, "jax": JaxStep}
)


def resolve_engine(
    engine: str | Jax,
    model: Module,
    loss: Callable[[Any, Any], Any],
    penalty: Penalty | Callable[[list[Value]], Any] | None = None,
) -> TrainingStep:
    """Return the training step of an engine, by name or `nn.Jax` settings.

    Examples
    --------
    >>> import nn
    >>> resolve_engine("eagre", nn.Neuron(1), nn.mse)
    Traceback (most recent call last):
    ValueError: engine: got a str ('eagre'); allowed: 'compiled', 'eager', 'jax' or JAX with
    settings such as nn.Jax(dtype="float32"); did you mean 'eager'?
    """
    if isinstance(engine, Jax):
        return JaxStep(model, loss, penalty, engine)
    kind = entry_of(
        "engine", engine, ENGINES, otherwise='JAX with settings such as nn.Jax(dtype="float32")'
    )
    return kind(model, loss, penalty)


def borrow_step(
    engine: str | Jax,
    model: Module,
    loss: Callable[[Any, Any], Any],
    penalty: Penalty | Callable[[list[Value]], Any] | None = None,
) -> Loan[TrainingStep]:
    """Return the training step of an engine, with the programs of earlier trainings of the model.

    They hold as long as neither the model nor what the functions read has changed, but for the
    numbers of the parameters.
    """

    def make() -> TrainingStep:
        return resolve_engine(engine, model, loss, penalty)

    return borrow(model, PROGRAMS, (loss, penalty), engine, make)


def engine_fingerprint(engine: str | Jax) -> str:
    """Describe what the bits of a training depend on in an engine; not the number of devices.

    Examples
    --------
    >>> engine_fingerprint("jax"), engine_fingerprint(Jax(devices=8)), engine_fingerprint("eager")
    ('jax, float64', 'jax, float64', 'eager')
    >>> engine_fingerprint(Jax("float32"))
    'jax, float32'
    """
    settings = Jax() if isinstance(engine, str) and engine == "jax" else engine
    return f"jax, {settings.dtype}" if isinstance(settings, Jax) else settings


def writes_files(step: TrainingStep) -> bool:
    """Return whether this process writes files; of several that train together, one does.

    Examples
    --------
    >>> import nn
    >>> writes_files(EagerStep(nn.Neuron(1), nn.mse))
    True
    """
    return not isinstance(step, JaxStep) or step.devices.writes
