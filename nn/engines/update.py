"""An optimiser's update as a program: whole steps of a training then run in C.

A step of Adam takes twelve operations of NumPy, each with an array of its own; for a small network
that is half of the step's time.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
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
        self.settings: dict[str, Any] = {}
        self.count = 0  # of the optimiser's attributes

    def load(self) -> None:
        """Compile the update, if it is another one than before.

        An update may read more than settings: a program is also held to it on an example.
        """
        optimiser = self.optimiser
        is_known = all(map(self._is_row, optimiser.state.values()))
        now = settings(optimiser) if is_known else None, tuple(optimiser.state)
        program = self.program
        if now != self.compiled_for or (program and not program.agrees(*_example(optimiser))):
            self.compiled_for = now
            self.program = None if now[0] is None else _program(optimiser)
        self.settings, self.count = now[0] or {}, len(vars(optimiser))

    def holds(self) -> bool:
        """Whether there is a program, and for the settings of now: a schedule may set them, too."""
        now = vars(self.optimiser)
        return (
            self.program is not None
            and len(now) == self.count
            and self.settings.items() <= now.items()
        )

    def _is_row(self, array: Any) -> bool:
        """Whether a part of the state has a number for each parameter."""
        shape = (len(self.optimiser.parameters),)
        return type(array) is np.ndarray and array.dtype == float and array.shape == shape

    def __call__(
        self, p: Numbers, g: Numbers, state: Mapping[str, Numbers], into: Sequence[Numbers]
    ) -> None:
        """Count a step and write the new parameters and state, where the program holds.

        They may be written where they are read.
        """
        assert self.program is not None
        optimiser = self.optimiser
        optimiser.steps += 1
        self.program([p, g, *state.values(), optimiser.lr, float(optimiser.steps)], [*into])


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
    return elementwise(*_example(optimiser))


def _example(
    optimiser: Optimiser,
) -> tuple[Callable[..., list[Any]], list[Numbers], list[float]]:
    """Return an update as a function of arrays and numbers, and some of these."""
    names, before = list(optimiser.state), settings(optimiser)

    def update(p: Any, g: Any, *rest: Any) -> list[Any]:
        *state, lr, steps = rest
        other = optimiser.with_namespace(np, lr, steps)
        other.state = dict(zip(names, state, strict=True))
        new = other.update(p, g)
        if list(other.state) != names or settings(other) != before:
            raise TypeError("the update changes what is no state")
        return [new, *other.state.values()]

    return update, _example_arrays(len(names)), [optimiser.lr, STEPS]


@cache
def _example_arrays(count: int) -> list[Numbers]:
    """Return numbers of parameters, gradients, and so many rows of state, which is not negative."""
    random = np.random.default_rng(0)
    return [*random.normal(size=(2, EXAMPLE)), *random.random((count, EXAMPLE))]
