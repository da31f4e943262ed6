"""An optimiser's update as a program: whole steps of a training then run in C.

A step of Adam takes twelve operations of NumPy, each with an array of its own; for a small network
that is half of the step's time.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from autograd.compiler.elementwise import Elementwise, Numbers, elementwise
from nn.optim import Optimiser

EXAMPLE = 16  # elements, more than those of a vector
STEPS = 3  # of the example: such as 1 - beta ** steps is then rounded
OWN = {"parameters", "state", "steps", "xp", "_lr"}  # of an optimiser, beside its settings


class CompiledUpdate:
    """The update of an optimiser, compiled when its settings or the names in its state change."""

    def __init__(self, optimiser: Optimiser) -> None:
        self.optimiser = optimiser
        self.compiled_for: Any = None
        self.program: Elementwise | None = None

    def load(self) -> None:
        """Compile the update, if it is another one than before."""
        optimiser = self.optimiser
        is_known = all(map(self._is_row, optimiser.state.values()))
        now = settings(optimiser) if is_known else None, tuple(optimiser.state)
        if now != self.compiled_for:
            self.compiled_for = now
            self.program = None if now[0] is None else _program(optimiser)

    def _is_row(self, array: Any) -> bool:
        """Whether a part of the state has a number for each parameter."""
        shape = (len(self.optimiser.parameters),)
        return type(array) is np.ndarray and array.dtype == float and array.shape == shape

    def __call__(
        self, p: Numbers, g: Numbers, state: Mapping[str, Numbers], into: Sequence[Numbers]
    ) -> bool:
        """Count a step and write the new parameters and state; return whether there is a program.

        They may be written where they are read.
        """
        if self.program is None:
            return False
        optimiser = self.optimiser
        optimiser.steps += 1
        self.program([p, g, *state.values(), optimiser.lr, float(optimiser.steps)], [*into])
        return True


def settings(optimiser: Optimiser) -> dict[str, Any] | None:
    """Return an optimiser's settings, None where one of them is no number, text or tuple of these.

    What could change within would not be seen.

    >>> import nn
    >>> from autograd import Value
    >>> settings(nn.SGD([Value(1.0)]))
    {'momentum': 0.0, 'nesterov': False, 'weight_decay': 0.0}
    """
    found = {name: value for name, value in vars(optimiser).items() if name not in OWN}
    return found if all(map(_is_plain, found.values())) else None


def _is_plain(value: Any) -> bool:
    if type(value) is tuple:
        return all(map(_is_plain, value))
    return value is None or isinstance(value, bool | int | float | str)


def _program(optimiser: Optimiser) -> Elementwise | None:
    """Compile an update of parameters, gradients and state, given the rate and the steps."""
    if not optimiser.is_elementwise() or optimiser.xp is not np:
        return None
    names, before = list(optimiser.state), settings(optimiser)

    def update(p: Any, g: Any, *rest: Any) -> list[Any]:
        *state, lr, steps = rest
        other = optimiser.with_namespace(np, lr, steps)
        other.state = dict(zip(names, state, strict=True))
        new = other.update(p, g)
        if list(other.state) != names or settings(other) != before:
            raise TypeError("the update changes what is no state")
        return [new, *other.state.values()]

    random = np.random.default_rng(0)
    p, g = random.normal(size=(2, EXAMPLE))
    state = random.random((len(names), EXAMPLE))
    return elementwise(update, [p, g, *state], [optimiser.lr, STEPS])
