"""The engines of training by name."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from autograd import Value
from nn.basics.names import pick
from nn.models.module import Module
from nn.stepping.devices import Jax
from nn.stepping.jaxed import JaxStep
from nn.stepping.steps import CompiledStep, EagerStep, Step

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
