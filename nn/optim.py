"""Optimisers, with the formulas of their papers, and gradient clipping.

`Optimiser` gathers parameters and gradients into flat arrays, and scatters what a subclass's
`update` makes of them; `update` is a pure formula on arrays, so that training engines can apply it
where the numbers are, in NumPy or under JAX. What an optimiser keeps between steps is in `state`,
one array a name, one number a parameter.
"""

import copy
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from math import inf, isfinite, sqrt
from types import MappingProxyType
from typing import Any, ClassVar, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

import autograd
from autograd import Value
from autograd._checks import (
    check_type,
    checked_keywords,
    entry_of,
    error_text,
    real_array,
    real_number,
    whole_number,
)
from autograd.errors import brief, require, shown
from autograd.value import are_parameters
from nn._utils import MAX_COUNT, are_distinct

Array = NDArray[np.float64]
PARAMETERS = "the Values of model.parameters()"
RATE = 0.01  # of an optimiser by name: `fit`'s 100 steps of all samples would not do with 0.001
MIN_SQUARE = 1e-280  # of gradients: smaller ones lose digits
MISSED = "missed"  # in the state: how many steps did not update a parameter


@checked_keywords
class Optimiser:
    """Move parameters along their gradients; subclasses define `update`.

    A step leaves a parameter as it is that no gradient has reached (`Value.has_grad` is False), and
    also its state: it does not decay, and no momentum moves it. `update` is given its gradient as
    0. `lr`, the learning rate, may be set between steps. What a subclass keeps between steps is in
    `state`, arrays with one number a parameter; `state["missed"]`, which is there once a parameter
    was left out, counts in how many steps. During an epoch of `nn.fit`, the `Value`s can have the
    numbers of an earlier step: `update` is given the current ones.

    Examples
    --------
    >>> from autograd import Value
    >>> class Sign(Optimiser):
    ...     def update(self, p, g):
    ...         return p - self.lr * np.sign(g)
    >>> w = Value(1.0)
    >>> (w * 5).backward()
    >>> Sign([w], lr=0.25).step()
    >>> w.data
    0.75
    """

    state_names: ClassVar[tuple[str, ...]] = ()
    nonnegative: ClassVar[tuple[str, ...]] = (MISSED,)  # of the state
    xp: Any = np  # the array namespace that `update` uses: NumPy, or JAX's
    # Whether `update` treats each number by itself and computes with `xp` alone, so that it may be
    # given the numbers in another order, and be traced: by JAX, or to be run in C. A subclass says
    # it for itself.
    elementwise: ClassVar[bool] = False

    @classmethod
    def is_elementwise(cls) -> bool:
        """Whether the class itself says so: a base class does not speak for an `update` of ours."""
        return bool(vars(cls).get("elementwise", False))

    def __init__(self, parameters: Iterable[Value], lr: float) -> None:
        self.parameters = _checked(parameters)
        self.lr = lr
        self.steps = 0
        self.state = {name: np.zeros(len(self.parameters)) for name in self.state_names}

    @property
    def lr(self) -> float:
        """The learning rate; one that is no finite number, or below 0, is refused.

        Examples
        --------
        >>> from autograd import Value
        >>> optimiser = Optimiser([Value(1.0)], lr=0.1)
        >>> optimiser.lr = float("nan")
        Traceback (most recent call last):
        ValueError: lr: got a float (nan); allowed: a finite number of at least 0
        """
        return self._lr

    @lr.setter
    def lr(self, lr: float) -> None:
        self._lr = real_number("lr", lr, 0)

    def with_namespace(self, xp: Any, lr: Any, steps: Any) -> "Optimiser":
        """Return a copy for arrays of another namespace; nothing is checked.

        Examples
        --------
        >>> from autograd import Value
        >>> other = Optimiser([Value(1.0)], lr=0.1).with_namespace(np, lr=np.array(0.5), steps=3)
        >>> other.lr, other.steps
        (array(0.5), 3)
        """
        other = copy.copy(self)
        other.xp, other._lr, other.steps = xp, lr, steps  # noqa: SLF001 - its own class
        return other

    @property
    def has_default_step(self) -> bool:
        """Whether `step` is that of `Optimiser`, which `update` determines.

        Examples
        --------
        >>> import nn
        >>> from autograd import Value
        >>> nn.SGD([Value(1.0)]).has_default_step
        True
        """
        return getattr(self.step, "__func__", None) is Optimiser.step

    @property
    def step_counts(self) -> Any:
        """How many steps updated each parameter: a number, or an array where they differ.

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
        >>> optimiser.step_counts
        array([1., 2.])
        """
        missed = self.state.get(MISSED)
        return self.steps if missed is None else self.steps - missed

    def masked_update(self, p: Array, g: Array, reached: NDArray[np.bool_] | None) -> Any:
        """Count a step, and return the parameters after it; those not reached stay as they are.

        ``reached`` is None where a gradient has reached all. ``p`` and ``g`` may be overwritten.

        Examples
        --------
        >>> import nn
        >>> from autograd import Value
        >>> optimiser = nn.SGD([Value(1.0), Value(1.0)], lr=0.5, weight_decay=0.5)
        >>> optimiser.masked_update(np.ones(2), np.zeros(2), np.array([True, False])).tolist()
        [0.75, 1.0]
        """
        self.steps += 1
        if reached is None:
            return self.update(p, g)
        missed = self.state.get(MISSED, np.zeros(len(reached)))
        self.state[MISSED] = missed + ~reached
        before = {name: self.state[name].copy() for name in self.state_names}
        numbers = p.copy()
        new = self.update(p, g)
        for name, array in before.items():
            self.state[name] = np.where(reached, self.state[name], array)
        return np.where(reached, new, numbers) if np.shape(new) == numbers.shape else new

    def update(self, p: Array, g: Array) -> Array:
        """Return the new parameters for old ones and gradients; subclasses define it."""
        raise NotImplementedError

    def step(self) -> None:
        """Update every parameter that a gradient has reached.

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
            new = self.masked_update(p, g, self._reached(g))
        try:
            autograd.set_data(self.parameters, new)
        except KeyboardInterrupt:  # finish: half an update is neither the old model nor the new one
            autograd.set_data(self.parameters, new)
            raise

    def _reached(self, g: Array) -> NDArray[np.bool_] | None:
        """Tell which parameters have a gradient; None where all do.

        Only those of gradient 0 are asked, at 30 ns each.
        """
        if g.all():
            return None
        reached = g != 0
        for i in np.flatnonzero(~reached).tolist():
            reached[i] = self.parameters[i].has_grad
        return None if reached.all() else reached

    def zero_grad(self) -> None:
        """Reset the gradient of every parameter.

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
        lists = {name: state[name].tolist() for name in self.state}
        return {**state, **lists}

    def snapshot(self) -> dict[str, Any]:
        """Return `state_dict` with arrays instead of lists; they must not be changed.

        Examples
        --------
        >>> import nn
        >>> from autograd import Value
        >>> nn.SGD([Value(1.0)], momentum=0.9).snapshot()
        {'optimiser': 'SGD', 'lr': 0.01, 'steps': 0, 'momentum': array([0.])}
        """
        kind = type(self).__name__
        return {"optimiser": kind, "lr": self.lr, "steps": self.steps, **self.state}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Continue from a state as `state_dict` returns it.

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
            raise TypeError(error_text("state", state, "a dict as state_dict returns it"))
        other = state.get("optimiser")
        if not isinstance(other, str) or other != kind:
            got = other if isinstance(other, str) else shown(other)
            raise ValueError(f"this is an optimiser {kind}, the state is of {got}")
        missing = [name for name in ("lr", "steps", *self.state_names) if name not in state]
        if missing:
            raise ValueError(f"the state of {kind} lacks {', '.join(missing)}")
        names = (*self.state_names, *([MISSED] if MISSED in state else []))
        arrays = {name: real_array(state[name], name).copy() for name in names}
        for name, array in arrays.items():
            if array.shape != (len(self.parameters),):
                raise ValueError(
                    f"{name} must have {len(self.parameters)} numbers, one a parameter, "
                    f"got {shown(state[name])}",
                )
            if np.isnan(array).any() or (name in self.nonnegative and (array < 0).any()):
                raise ValueError(f"{name} holds {array.min():g}, which it never is")
        steps = whole_number("steps", state["steps"], 0)
        if steps > MAX_COUNT or (arrays.get(MISSED, np.zeros(1)) > steps).any():
            raise ValueError(f"{brief(steps)} steps cannot be")
        self.lr = state["lr"]
        self.steps, self.state = steps, arrays

    def __repr__(self) -> str:
        """Show the kind, the learning rate and the number of parameters."""
        sizes = f"{len(self.parameters)} parameters, {self.steps} steps"
        return f"<{type(self).__name__}, lr={self.lr}, {sizes}>"


def _checked(parameters: Iterable[Value]) -> tuple[Value, ...]:
    """Refuse what cannot be optimised."""
    check_type("parameters", parameters, Iterable, PARAMETERS)
    checked = tuple(parameters)
    if not checked:
        raise ValueError(error_text("parameters", parameters, "one at least"))
    for parameter in () if are_parameters(checked) else checked:
        check_type("parameters", parameter, Value, PARAMETERS)
        if not parameter.is_leaf or parameter.is_constant:
            raise ValueError(
                f"{parameter!r} is a result or a constant: only leaves can be optimised",
            )
    if not are_distinct(checked):
        raise ValueError("a parameter is given to the optimiser twice")
    return checked


@checked_keywords
class SGD(Optimiser):
    """Stochastic gradient descent: b = momentum b + g; p -= lr b.

    The first b is g. With nesterov, p -= lr (g + momentum b). `weight_decay` adds its product with
    p to g. Source: Sutskever and others, On the importance of initialization and momentum in deep
    learning, 2013.

    Examples
    --------
    >>> from autograd import Value
    >>> SGD([Value(1.0)], lr=0.1, momentum=0.9, nesterov=True)
    <SGD, lr=0.1, 1 parameters, 0 steps>
    """

    elementwise = True
    state_names = ("momentum",)

    def __init__(
        self,
        parameters: Iterable[Value],
        lr: float = 0.01,
        momentum: float = 0.0,
        nesterov: bool = False,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(parameters, lr)
        self.momentum = real_number("momentum", momentum, 0, 1)
        self.nesterov = bool(nesterov)
        self.weight_decay = real_number("weight_decay", weight_decay, 0)
        if self.nesterov and not self.momentum:
            raise ValueError("nesterov needs a momentum above 0, such as momentum=0.9")

    def update(self, p: Array, g: Array) -> Array:
        """Return the new parameters.

        Examples
        --------
        >>> from autograd import Value
        >>> SGD([Value(1.0)], lr=0.5).update(np.array([1.0]), np.array([1.0]))
        array([0.5])
        """
        g = _decayed(g, self.weight_decay, p)
        b = self.state["momentum"] = self.momentum * self.state["momentum"] + g
        return p - self.lr * (g + self.momentum * b if self.nesterov else b)


@checked_keywords
class RMSprop(Optimiser):
    """Divide by a running mean of the gradient's size: v = alpha v + (1 - alpha) g².

    Then p -= lr g / (sqrt(v) + eps). Source: Hinton, Neural networks for machine learning,
    lecture 6e, 2012.

    Examples
    --------
    >>> from autograd import Value
    >>> RMSprop([Value(1.0)])
    <RMSprop, lr=0.01, 1 parameters, 0 steps>
    """

    elementwise = True
    state_names = ("square",)
    nonnegative = ("square", MISSED)

    def __init__(
        self,
        parameters: Iterable[Value],
        lr: float = 0.01,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(parameters, lr)
        self.alpha = real_number("alpha", alpha, 0, 1)
        self.eps = real_number("eps", eps, 0)
        self.weight_decay = real_number("weight_decay", weight_decay, 0)

    def update(self, p: Array, g: Array) -> Array:
        """Return the new parameters.

        Examples
        --------
        >>> from autograd import Value
        >>> RMSprop([Value(1.0)], alpha=0, eps=0, lr=0.5).update(np.array([1.0]), np.array([9.0]))
        array([0.5])
        """
        g = _decayed(g, self.weight_decay, p)
        v = self.state["square"] = self.alpha * self.state["square"] + (1 - self.alpha) * g * g
        new: Array = p - self.lr * g / (self.xp.sqrt(v) + self.eps)
        return new


@checked_keywords
class Adam(Optimiser):
    """Adam: running means m of the gradient and v of its square, both corrected for their start.

    p -= lr (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + eps). `weight_decay` adds its product
    with p to the gradient. Source: Kingma and Ba, Adam: a method for stochastic optimization, 2015.

    Examples
    --------
    >>> from autograd import Value
    >>> Adam([Value(1.0)])
    <Adam, lr=0.001, 1 parameters, 0 steps>
    """

    elementwise = True
    state_names = ("mean", "square")
    nonnegative = ("square", MISSED)

    def __init__(
        self,
        parameters: Iterable[Value],
        lr: float = 0.001,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(parameters, lr)
        if not isinstance(betas, list | tuple) or len(betas) != 2:
            raise TypeError(error_text("betas", betas, "two numbers of at least 0 and below 1"))
        first, second = betas
        self.betas = real_number("betas[0]", first, 0, 1), real_number("betas[1]", second, 0, 1)
        self.eps = real_number("eps", eps, 0)
        self.weight_decay = real_number("weight_decay", weight_decay, 0)

    def update(self, p: Array, g: Array) -> Array:
        """Return the new parameters.

        Examples
        --------
        >>> from autograd import Value
        >>> adam = Adam([Value(1.0)], lr=0.5)
        >>> adam.step()
        >>> adam.steps
        1
        """
        return self._adapt(p, _decayed(g, self.weight_decay, p))

    def _adapt(self, p: Array, g: Array) -> Array:
        beta1, beta2 = self.betas
        m = self.state["mean"] = beta1 * self.state["mean"] + (1 - beta1) * g
        v = self.state["square"] = beta2 * self.state["square"] + (1 - beta2) * g * g
        steps = self.step_counts
        correction1, correction2 = 1 - beta1**steps, 1 - beta2**steps
        new: Array = p - self.lr * (m / correction1) / (self.xp.sqrt(v / correction2) + self.eps)
        return new


@checked_keywords
class AdamW(Adam):
    """Adam with a weight decay of its own: p -= lr weight_decay p, before Adam's update.

    Source: Loshchilov and Hutter, Decoupled weight decay regularization, 2019.

    Examples
    --------
    >>> from autograd import Value
    >>> AdamW([Value(1.0)]).weight_decay
    0.01
    """

    elementwise = True

    def __init__(
        self,
        parameters: Iterable[Value],
        lr: float = 0.001,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.01,
    ) -> None:
        super().__init__(parameters, lr, betas, eps, weight_decay)

    def update(self, p: Array, g: Array) -> Array:
        """Return the new parameters.

        Examples
        --------
        >>> from autograd import Value
        >>> adam = AdamW([Value(1.0)], lr=0.5, weight_decay=0.5)
        >>> adam.steps = 1
        >>> adam.update(np.array([1.0]), np.array([0.0]))
        array([0.75])
        """
        return self._adapt(p - self.lr * self.weight_decay * p, g)


def _decayed(g: Array, decay: float, p: Array) -> Array:
    """Return gradients with those of the weight decay; without one, nothing is computed."""
    return g + decay * p if decay else g


@runtime_checkable
class GradientTransformation(Protocol):
    """The interface of optax's optimisers: a pair of pure functions on trees of arrays."""

    @property
    def init(self) -> Callable[..., Any]:
        """Make the state for parameters."""

    @property
    def update(self) -> Callable[..., Any]:
        """Return what to add to the parameters, and the new state."""


class OptaxOptimiser(Optimiser):
    """An optimiser of optax: p += lr * its update, where lr is 1 unless a schedule changes it.

    The transformation sees the parameters as the arrays of the model's program, such as one of
    weights and one of biases a layer, on JAX's devices. In ``state`` are the leaves of its state's
    tree, in order, each as one row of numbers; before the first step there are none. ``structure``
    is the tree, by which a checkpoint tells one transformation from another.
    """

    def __init__(self, parameters: Iterable[Value], transformation: GradientTransformation) -> None:
        super().__init__(parameters, 1.0)
        self.transformation = transformation
        jax = require("jax", extra="jax")
        self.structure = str(
            jax.tree.structure(jax.eval_shape(transformation.init, [np.zeros(1, np.float32)]))
        )
        self.step_in_arrays: Callable[[], None] | None = None  # set by the engine

    def step(self) -> None:
        """Update the parameters by their gradients, in the arrays of the engine's program."""
        if self.step_in_arrays is None:
            raise ValueError(
                "optax's optimisers need a loss whose gradient reaches all the model's parameters, "
                "and only these: use an optimiser of nn, such as nn.Adam"
            )
        self.step_in_arrays()

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Continue from a state as `state_dict` returns it; its sizes are checked when it is used.

        Raises ValueError where it is no state of an optimiser of optax.
        """
        rows = {name: item for name, item in state.items() if name.startswith("leaf ")}
        super().load_state_dict({name: state[name] for name in state if name not in rows})
        if list(rows) != [f"leaf {i}" for i in range(len(rows))]:
            raise ValueError("the state of optax's optimiser lacks some of its leaves")
        self.state = {name: real_array(item, name).copy() for name, item in rows.items()}


@checked_keywords
class LBFGS(Optimiser):
    """L-BFGS of SciPy, for trainings of all samples at once: an epoch is one of its iterations.

    It needs SciPy. `fit` runs it; there is no learning rate, and a `step` by itself is impossible.
    Source: Byrd, Lu, Nocedal, Zhu, A limited memory algorithm for bound constrained optimization,
    1995.

    Parameters
    ----------
    parameters
        As for other optimisers.
    memory
        How many of the last steps the curvature is estimated from.
    tol
        The training has ended where no derivative is larger than this.

    Examples
    --------
    >>> from autograd import Value
    >>> LBFGS([Value(1.0)])
    <LBFGS, lr=1.0, 1 parameters, 0 steps>
    """

    def __init__(self, parameters: Iterable[Value], memory: int = 10, tol: float = 1e-8) -> None:
        super().__init__(parameters, 1.0)
        self.memory = whole_number("memory", memory)
        self.tol = real_number("tol", tol, 0)

    def step(self) -> None:
        """Raise TypeError: the iterations are SciPy's."""
        raise TypeError("LBFGS has no step of its own: give it to nn.fit, which runs SciPy's")


OPTIMISERS: Mapping[str, Callable[..., Optimiser]] = MappingProxyType(
    {"sgd": SGD, "rmsprop": RMSprop, "adam": Adam, "adamw": AdamW},
)


def resolve_optimiser(
    optimiser: str | Optimiser | GradientTransformation,
    parameters: Iterable[Value],
    lr: float | None = None,
) -> Optimiser:
    """Return an optimiser as it is, or make one by name, by default with the rate of `fit`.

    Examples
    --------
    >>> from autograd import Value
    >>> resolve_optimiser("adam", [Value(1.0)], lr=0.05)
    <Adam, lr=0.05, 1 parameters, 0 steps>
    >>> resolve_optimiser("adma", [Value(1.0)])
    Traceback (most recent call last):
    ValueError: optimiser: got a str ('adma'); allowed: 'sgd', ...; did you mean 'adam'?
    """
    if lr is not None and not isinstance(optimiser, str):
        raise ValueError("lr goes with the name of an optimiser: give it to the Optimiser itself")
    if isinstance(optimiser, GradientTransformation):
        return OptaxOptimiser(parameters, optimiser)
    if not isinstance(optimiser, Optimiser):
        kind = optimiser_named(optimiser, otherwise="an Optimiser such as nn.SGD(...)")
        return make_optimiser(kind, parameters, RATE if lr is None and kind is not LBFGS else lr)
    return optimiser


def optimiser_named(name: Any, otherwise: str) -> Callable[..., Optimiser]:
    """Return what makes the optimiser of a name: one of the table, or L-BFGS, which has no steps.

    Examples
    --------
    >>> optimiser_named("lbfgs", otherwise="an Optimiser") is LBFGS
    True
    """
    return entry_of("optimiser", name, {**OPTIMISERS, "lbfgs": LBFGS}, otherwise=otherwise)


def make_optimiser(
    kind: Callable[..., Optimiser], parameters: Iterable[Value], lr: float | None
) -> Optimiser:
    """Make an optimiser; with its own learning rate if ``lr`` is None.

    Examples
    --------
    >>> from autograd import Value
    >>> make_optimiser(SGD, [Value(1.0)], None), make_optimiser(SGD, [Value(1.0)], 0.5)
    (<SGD, lr=0.01, 1 parameters, 0 steps>, <SGD, lr=0.5, 1 parameters, 0 steps>)
    """
    if lr is None:
        return kind(parameters)
    if kind is LBFGS:
        raise ValueError(f"lbfgs has no learning rate: lr must be None, got {shown(lr)}")
    return kind(parameters, lr=lr)


@checked_keywords
def clip_norm(parameters: Iterable[Value], limit: float) -> float:
    """Shrink all gradients together so that their Euclidean norm is at most limit.

    Returns the norm before. Raises FloatingPointError where a gradient is not finite. Source:
    Pascanu and others, On the difficulty of training recurrent neural networks, 2013.

    Examples
    --------
    >>> from autograd import Value
    >>> a, b = Value(1.0), Value(1.0)
    >>> (3 * a + 4 * b).backward()
    >>> clip_norm([a, b], 1.0), round(a.grad, 12), round(b.grad, 12)
    (5.0, 0.6, 0.8)
    """
    limit = real_number("limit", limit, 0, open_low=True)
    values = list(parameters)
    reached = _reached(values)
    if not reached:
        return 0.0
    g = autograd.get_data(values, grads=True)
    norm = ClipNorm(limit).in_place(g)
    if norm > limit:
        indices = [i for i, parameter in enumerate(values) if parameter.has_grad]
        autograd.set_data(reached, g[indices], grads=True)
    return norm


@dataclass(frozen=True)
class ClipNorm:
    """Clip by the norm, either the gradients of parameters or arrays of gradients.

    Examples
    --------
    >>> g = np.array([3.0, 4.0])
    >>> ClipNorm(1.0).in_place(g), g.round(12).tolist()
    (5.0, [0.6, 0.8])
    """

    limit: float

    def __call__(self, parameters: Iterable[Value]) -> float:
        """Shrink the gradients of parameters; see `clip_norm`."""
        return clip_norm(parameters, self.limit)

    def in_place(self, g: Array, ordered: Array | None = None) -> float:
        """Shrink finite gradients in their array, and return the norm before.

        The sum is rounded in the order of the parameters, which ``ordered`` has if ``g`` has not.
        """
        unit, relative = _norm(g if ordered is None else ordered)
        norm = unit * relative
        if norm > self.limit:
            if unit != 1:
                g /= unit
            g *= self.limit / relative
        return norm

    def arrays(self, gradients: list[Any], xp: Any) -> list[Any]:
        """Return gradients, shrunk in the same way but for rounding, as JAX can trace it."""
        largest = xp.max(xp.stack([xp.max(xp.abs(g)) for g in gradients]))
        unit = xp.where(largest == 0, 1.0, largest)
        relative = xp.sqrt(sum(xp.sum(xp.square(g / unit)) for g in gradients))
        wide = unit * relative > self.limit
        return [xp.where(wide, g / unit * (self.limit / relative), g) for g in gradients]


def _norm(g: Array) -> tuple[float, float]:
    """Return a unit, and the norm in it: their product can be inf, as for 1e308 twice."""
    with np.errstate(all="ignore"):
        total = float(np.square(g).sum())
        if MIN_SQUARE < total < inf:
            return 1.0, sqrt(total)
        unit = float(np.abs(g).max()) or 1.0
        return unit, sqrt(float(np.square(g / unit).sum()))


@checked_keywords
def clip_value(parameters: Iterable[Value], limit: float) -> None:
    """Bring each gradient into [-limit, limit].

    Raises FloatingPointError where a gradient is not finite.

    Examples
    --------
    >>> from autograd import Value
    >>> a, b = Value(1.0), Value(1.0)
    >>> (3 * a + 0.5 * b).backward()
    >>> clip_value([a, b], 1.0)
    >>> a.grad, b.grad
    (1.0, 0.5)
    """
    limit = real_number("limit", limit, 0, open_low=True)
    for parameter in _reached(parameters):
        parameter.grad = min(max(parameter.grad, -limit), limit)


def _reached(parameters: Iterable[Value]) -> list[Value]:
    """List the parameters that have a gradient, which must be finite."""
    values = list(parameters)
    for parameter in values:
        check_type("parameters", parameter, Value, PARAMETERS)
    reached = [parameter for parameter in values if parameter.has_grad]
    for parameter in reached:
        if not isfinite(parameter.grad):
            raise FloatingPointError(
                f"the gradient of {parameter.label or 'a parameter'} is {parameter.grad}: clipping "
                "cannot repair that; autograd.detect_anomaly() shows where it comes from",
            )
    return reached
