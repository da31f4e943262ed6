"""Keep parameters and the optimiser's memory in arrays while an epoch lasts.

To gather and scatter the numbers of many `Value`s costs more than the step itself: 0.2 us each.
"""
# FOLDED from nn/engines/resident.py: The engines of training by name.

from collections.abc import Callable, Sequence
from typing import Any, Protocol
from autograd import Value
from nn.optim import ClipNorm
from nn.optim import OPTIMISERS
from nn.optim import Optimiser
from nn.engines.arrays import ArrayCarriers
from nn.engines.jax import JaxStep
from nn.engines.jax import DeviceCarriers
from nn.engines.steps import CompiledStep
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any
from nn._utils import pick
from nn.module import Module
from nn.engines.jax import Jax
from nn.engines.steps import CompiledStep, EagerStep, Step


class Carrier(Protocol):
    """Where the steps of one program are done: in NumPy's arrays, or on JAX's devices."""

    waits: bool  # whether a step that has begun goes on while this process does other things

    def take(self) -> None:
        """Read the numbers of the `Value`s, and what the optimiser remembers."""

    def begin(self, batch: Any) -> bool:
        """Begin a step, which changes nothing yet; False where it cannot be done here."""

    def end(self) -> float | None:
        """End the step; return its loss, or None where nothing was changed."""

    def settle(self) -> None:
        """Bring the `Value`s and the optimiser's memory up to date."""


Prepared = tuple[Carrier, Any]


class Mover:
    """Do whole steps where the numbers are: loss, gradients, clipping and the optimiser's change.

    The `Value`s have the numbers of before until `settle` is called; `release` does that too, and
    reads them anew before the next step. `prepare` returns what carries a batch, and the batch as
    it is carried, or None where the step must be done with the `Value`s; the step before need not
    have ended.
    """

    def __init__(self, prepare: Callable[[Sequence[Any], Sequence[Any]], Prepared | None]) -> None:
        self.prepare = prepare
        self.carrier: Carrier | None = None
        self.changed = False

    @property
    def waits(self) -> bool:
        """Whether there is something to do until a step that has begun is at its end."""
        return self.carrier is not None and self.carrier.waits

    def begin(self, prepared: Prepared) -> bool:
        """Begin a step that was prepared; False where it must be done with the `Value`s."""
        carrier, batch = prepared
        if carrier is not self.carrier:
            self.release()
            carrier.take()
            self.carrier = carrier
        return carrier.begin(batch)

    def end(self) -> float | None:
        """End the step; return its loss, or None where nothing was changed, as all is not fine."""
        assert self.carrier is not None
        loss = self.carrier.end()
        self.changed = self.changed or loss is not None
        return loss

    def settle(self) -> None:
        """Bring the `Value`s and the optimiser's memory up to date; whole when called again."""
        if self.changed and self.carrier is not None:
            self.carrier.settle()
            self.changed = False

    def release(self) -> None:
        """Settle, and forget what is in the arrays: the `Value`s may be changed now."""
        self.settle()
        self.carrier = None


def mover(
    step: object, optimiser: Optimiser, clip: Callable[[list[Value]], object] | None
) -> Mover | None:
    """Return what does whole steps in arrays; None where each must come to the `Value`s.

    That is so for the eager engine, for clipping by a function, and for an optimiser whose `step`
    is its own. On devices it is so for any optimiser of the user's own: JAX may not know what it
    calls, and its change may be more than one number at a time.
    """
    if clip is not None and not isinstance(clip, ClipNorm):
        return None
    if isinstance(step, JaxStep) and type(optimiser) in OPTIMISERS.values():
        return Mover(DeviceCarriers(step, optimiser, clip))
    if isinstance(step, CompiledStep) and optimiser.shares_step:
        return Mover(ArrayCarriers(step, optimiser, clip))
    return None


ENGINES: Mapping[str, Callable[..., Step]] = MappingProxyType(
    {"compiled": CompiledStep, "eager": EagerStep, "jax": JaxStep}
)


def find(
    engine: str | Jax,
    model: Module,
    loss: Callable[[Any, Any], Any],
    penalty: Callable[[list[Value]], Any] | None = None,
) -> Step:
    """Return the step of a named engine, or of JAX with settings.

    Examples
    --------
    >>> import nn
    >>> find("eagre", nn.Neuron(1), nn.mse)
    Traceback (most recent call last):
    ValueError: there is no engine 'eagre', did you mean 'eager'? It can be compiled, eager, jax or
    JAX with settings such as nn.Jax(dtype="float32")
    """
    if isinstance(engine, Jax):
        return JaxStep(model, loss, penalty, engine)
    kind = pick("engine", engine, ENGINES, 'JAX with settings such as nn.Jax(dtype="float32")')
    return kind(model, loss, penalty)


def identity(engine: str | Jax) -> str:
    """Name what the bits of a training depend on; it may go on with other devices.

    Examples
    --------
    >>> identity("jax"), identity(Jax(devices=8)), identity(Jax("float32")), identity("eager")
    ('jax, float64', 'jax, float64', 'jax, float32', 'eager')
    """
    settings = Jax() if isinstance(engine, str) and engine == "jax" else engine
    return f"jax, {settings.dtype}" if isinstance(settings, Jax) else settings


def writes(step: Step) -> bool:
    """Tell whether this process writes files, of several that train together.

    Examples
    --------
    >>> import nn
    >>> writes(EagerStep(nn.Neuron(1), nn.mse))
    True
    """
    return not isinstance(step, JaxStep) or step.devices.writes
