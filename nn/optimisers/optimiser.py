"""What all optimisers share: gather parameters and gradients into arrays, step, scatter."""

import copy
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

import autograd
from autograd import Value
from autograd._checks import real_array
from autograd.errors import brief, shown
from nn.basics.names import MAX_COUNT, count, in_range

Array = NDArray[np.float64]
MISSED = "missed"  # the name in a memory for the steps that did not change a parameter


class Optimiser:
    """Move parameters along their gradients; subclasses define `change`.

    A parameter that no gradient has reached (`Value.has_grad` is False) is left as it is by a step,
    and so is what is remembered of it: it does not decay, and no momentum moves it. `change` is
    given its gradient as 0. `lr`, the learning rate, may be set between steps. What a subclass
    remembers between steps is in `memory`, arrays with one number a parameter; `memory["missed"]`,
    which is there once a parameter was left out, counts in how many steps. While `nn.fit` is at an
    epoch's steps, the `Value`s can have the numbers of an earlier one: those of now are what
    `change` is given.

    Examples
    --------
    >>> from autograd import Value
    >>> class Sign(Optimiser):
    ...     def change(self, p, g):
    ...         return p - self.lr * np.sign(g)
    >>> w = Value(1.0)
    >>> (w * 5).backward()
    >>> Sign([w], lr=0.25).step()
    >>> w.data
    0.75
    """

    remembers: ClassVar[tuple[str, ...]] = ()
    never_negative: ClassVar[tuple[str, ...]] = (MISSED,)  # of what is remembered
    xp: Any = np  # where `change` takes its functions of arrays: NumPy, or JAX's twin of it

    def __init__(self, parameters: Iterable[Value], lr: float) -> None:
        self.parameters = _checked(parameters)
        self.lr = lr
        self.steps = 0
        self.memory = {name: np.zeros(len(self.parameters)) for name in self.remembers}

    @property
    def lr(self) -> float:
        """The learning rate; one that is no finite number, or below 0, is refused.

        Examples
        --------
        >>> from autograd import Value
        >>> optimiser = Optimiser([Value(1.0)], lr=0.1)
        >>> optimiser.lr = float("nan")
        Traceback (most recent call last):
        ValueError: lr must be at least 0 and finite, got nan
        """
        return self._lr

    @lr.setter
    def lr(self, lr: float) -> None:
        self._lr = in_range("lr", lr)

    def twin(self, xp: Any, lr: Any, steps: Any) -> "Optimiser":
        """Return a copy that works with arrays of another namespace; nothing is checked.

        Examples
        --------
        >>> from autograd import Value
        >>> twin = Optimiser([Value(1.0)], lr=0.1).twin(np, lr=np.array(0.5), steps=3)
        >>> twin.lr, twin.steps
        (array(0.5), 3)
        """
        made = copy.copy(self)
        made.xp, made._lr, made.steps = xp, lr, steps  # noqa: SLF001 - its own class
        return made

    @property
    def shares_step(self) -> bool:
        """Whether a step is what this class makes of `change`, and no other.

        Examples
        --------
        >>> import nn
        >>> from autograd import Value
        >>> nn.SGD([Value(1.0)]).shares_step
        True
        """
        return getattr(self.step, "__func__", None) is Optimiser.step

    @property
    def own_steps(self) -> Any:
        """In how many steps each parameter was changed: a number, or an array where they differ.

        Examples
        --------
        >>> import nn
        >>> from autograd import Value
        >>> a, b = Value(1.0), Value(1.0)
        >>> optimiser = nn.SGD([a, b])
        >>> (a * b).backward()
        >>> optimiser.step()
        >>> a.zero_grad()
        >>> optimiser.step()
        >>> optimiser.own_steps
        array([1., 2.])
        """
        missed = self.memory.get(MISSED)
        return self.steps if missed is None else self.steps - missed

    def changed(self, p: Array, g: Array, reached: NDArray[np.bool_] | None) -> Any:
        """Return the parameters after one more step, of which those not reached stay as they are.

        ``reached`` is None where a gradient has reached all. ``p`` and ``g`` may be overwritten.

        Examples
        --------
        >>> import nn
        >>> from autograd import Value
        >>> optimiser = nn.SGD([Value(1.0), Value(1.0)], lr=0.5, weight_decay=0.5)
        >>> optimiser.changed(np.ones(2), np.zeros(2), np.array([True, False])).tolist()
        [0.75, 1.0]
        """
        self.steps += 1
        if reached is None:
            return self.change(p, g)
        missed = self.memory.get(MISSED, np.zeros(len(reached)))
        self.memory[MISSED] = missed + ~reached
        before = {name: self.memory[name].copy() for name in self.remembers}
        numbers = p.copy()
        new = self.change(p, g)
        for name, array in before.items():
            self.memory[name] = np.where(reached, self.memory[name], array)
        return np.where(reached, new, numbers) if np.shape(new) == numbers.shape else new

    def change(self, p: Array, g: Array) -> Array:
        """Return the new parameters for old ones and gradients; subclasses define it."""
        raise NotImplementedError

    def step(self) -> None:
        """Change every parameter that a gradient has reached, once.

        Examples
        --------
        >>> import nn
        >>> from autograd import Value
        >>> w = Value(1.0)
        >>> (w * w).backward()
        >>> nn.SGD([w], lr=0.25).step()
        >>> w.data
        0.5
        """
        p = autograd.get_data(self.parameters)
        g = autograd.get_data(self.parameters, grads=True)
        with np.errstate(all="ignore"):  # numbers are IEEE here as in the engine
            new = self.changed(p, g, self._reached(g))
        try:
            autograd.set_data(self.parameters, new)
        except KeyboardInterrupt:  # finish: half a step is neither the old model nor the new one
            autograd.set_data(self.parameters, new)
            raise

    def _reached(self, g: Array) -> NDArray[np.bool_] | None:
        """Tell which parameters have a gradient; None where all do.

        Only those of gradient 0 are asked: 30 ns each.
        """
        if g.all():
            return None
        reached = g != 0
        for i in np.flatnonzero(~reached).tolist():
            reached[i] = self.parameters[i].has_grad
        return None if reached.all() else reached

    def zero_grad(self) -> None:
        """Forget the gradient of every parameter.

        Examples
        --------
        >>> import nn
        >>> from autograd import Value
        >>> w = Value(1.0)
        >>> (w * w).backward()
        >>> nn.SGD([w]).zero_grad()
        >>> w.has_grad
        False
        """
        for parameter in self.parameters:
            parameter.zero_grad()

    def state_dict(self) -> dict[str, Any]:
        """Return what the next step depends on, apart from parameters and settings.

        Examples
        --------
        >>> import nn
        >>> from autograd import Value
        >>> nn.SGD([Value(1.0)], momentum=0.9).state_dict()
        {'optimiser': 'SGD', 'lr': 0.01, 'steps': 0, 'momentum': [0.0]}
        """
        state = self.snapshot()
        memory = {name: state[name].tolist() for name in self.memory}
        return {**state, **memory}

    def snapshot(self) -> dict[str, Any]:
        """Return the state with what is remembered as arrays, which must not be changed.

        Examples
        --------
        >>> import nn
        >>> from autograd import Value
        >>> nn.SGD([Value(1.0)], momentum=0.9).snapshot()
        {'optimiser': 'SGD', 'lr': 0.01, 'steps': 0, 'momentum': array([0.])}
        """
        kind = type(self).__name__
        return {"optimiser": kind, "lr": self.lr, "steps": self.steps, **self.memory}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from a state as `state_dict` returns it.

        Raises ValueError where it is of another optimiser or another number of parameters; the
        optimiser is then as it was.

        Examples
        --------
        >>> import nn
        >>> from autograd import Value
        >>> nn.SGD([Value(1.0)]).load_state_dict(nn.Adam([Value(1.0)]).state_dict())
        Traceback (most recent call last):
        ValueError: this is an optimiser SGD, the state is of Adam
        """
        kind = type(self).__name__
        if not isinstance(state, Mapping):
            raise TypeError(
                f"load_state_dict needs a dict as state_dict gives it, got {shown(state)}"
            )
        other = state.get("optimiser")
        if not isinstance(other, str) or other != kind:
            came = other if isinstance(other, str) else shown(other)
            raise ValueError(f"this is an optimiser {kind}, the state is of {came}")
        missing = [name for name in ("lr", "steps", *self.remembers) if name not in state]
        if missing:
            raise ValueError(f"the state of {kind} lacks {', '.join(missing)}")
        names = (*self.remembers, *([MISSED] if MISSED in state else []))
        memory = {name: real_array(state[name], name).copy() for name in names}
        for name, array in memory.items():
            if array.shape != (len(self.parameters),):
                raise ValueError(
                    f"{name} must have {len(self.parameters)} numbers, one a parameter, "
                    f"got {shown(state[name])}",
                )
            if np.isnan(array).any() or (name in self.never_negative and (array < 0).any()):
                raise ValueError(f"{name} holds {array.min():g}, which it never is")
        steps = count("steps", state["steps"], 0)
        if steps > MAX_COUNT or (memory.get(MISSED, np.zeros(1)) > steps).any():
            raise ValueError(f"{brief(steps)} steps cannot be")
        self.lr = state["lr"]
        self.steps, self.memory = steps, memory

    def __repr__(self) -> str:
        """Show the kind, the learning rate and the number of parameters."""
        sizes = f"{len(self.parameters)} parameters, {self.steps} steps"
        return f"<{type(self).__name__}, lr={self.lr}, {sizes}>"


def _checked(parameters: Iterable[Value]) -> tuple[Value, ...]:
    """Refuse what cannot be optimised."""
    if not isinstance(parameters, Iterable):
        raise TypeError(
            f"an optimiser needs the Values of model.parameters(), got {shown(parameters)}",
        )
    found = tuple(parameters)
    if not found:
        raise ValueError("an optimiser needs at least one parameter, got none")
    for parameter in found:
        if not isinstance(parameter, Value):
            raise TypeError(
                f"an optimiser needs the Values of model.parameters(), got {shown(parameter)}",
            )
        if not parameter.is_leaf or parameter.is_constant:
            raise ValueError(
                f"{parameter!r} is a result or a constant: only leaves can be optimised",
            )
    if len(set(found)) != len(found):
        raise ValueError("a parameter is given to the optimiser twice")
    return found
