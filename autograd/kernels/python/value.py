"""The plain kernel: `Value`, one number and one node of a graph that grows as Python runs."""

from typing import Any, NoReturn

from autograd import copying
from autograd._checks import as_float, checked_label, float_or_none
from autograd.context import context, is_traced, on_concretize, on_mutate
from autograd.engine.pullbacks import Later, Partials
from autograd.kernels.python.backprop import backpropagate
from autograd.kernels.python.floatlike import FloatLike
from autograd.primitives import CONSTANT, DETACHED, LEAF
from autograd.rules import numpy_dispatch

new = object.__new__


class _Leaves(type):
    """Calls of the class make a leaf at once; what remains of ``__init__`` refuses nodes."""

    def __call__(cls, data: Any, label: str | None = None) -> Any:
        node: Any = new(cls)  # type: ignore[arg-type]
        node._data = data if type(data) is float else as_float(data, "Value")
        node._grad = None
        node._op = LEAF
        node._inputs = ()
        node._partials = ()
        node._label = label if label is None else checked_label(label)
        return node


class Value(FloatLike, metaclass=_Leaves):
    """One number that remembers how it was computed.

    Parameters
    ----------
    data : int, float, bool, real NumPy scalar or 0-d array
        Stored as a Python float.
    label : str, optional
        A name, shown by ``repr``, by error messages and in pictures.

    Raises
    ------
    TypeError
        For anything that is not one real number: strings, None, complex, containers, a `Value`.

    Notes
    -----
    It works like a float: operators, comparisons, formatting, and ``float(v)`` in your own line.
    Where a gradient or a trace would lose the number (``math.exp(v)``, ``float(v)`` inside `grad`),
    it raises ConcretizationError; docs/how-to/numbers.md has the table. Comparisons are by
    number, ``==`` and ``!=`` too; ``hash`` is the *node's own*, so sets and dictionaries hold
    nodes: ``v in {v, w}`` asks for the node, ``v in [v, w]`` for its number. Ask ``v is w``
    whether two names mean one node. Arithmetic follows IEEE 754: ``1 / Value(0)`` is inf.

    Examples
    --------
    >>> a, b, c = Value(2, "a"), Value(-3, "b"), Value(10, "c")
    >>> J = 3 * (a + b * c)
    >>> J.backward()
    >>> J.data, a.grad, b.grad, c.grad
    (-84.0, 3.0, 30.0, -9.0)
    """

    __slots__ = ("_data", "_grad", "_inputs", "_label", "_op", "_partials")

    _data: float
    _grad: float | None
    _op: str
    _inputs: tuple["Value", ...]
    _partials: Partials
    _label: str | None

    def __new__(cls) -> "Value":  # noqa: D102 - as that of any class: a leaf of 0
        return cls(0.0)

    def __init__(self, data: Any, label: str | None = None) -> None:  # noqa: ARG002 - for help()
        raise TypeError("a Value is made once: set its data, or make another one with Value(...)")

    def __init_subclass__(cls) -> NoReturn:
        raise TypeError("Value is final: hold one in your class instead of deriving from it")

    @property
    def data(self) -> float:
        """The number; it can be set on leaves.

        >>> a = Value(2.0); a.data += 1; a.data
        3.0
        """
        if context.active:
            on_concretize("data", self)
        return self._data

    @data.setter
    def data(self, number: Any) -> None:
        if context.active:
            on_mutate("data", self)
        if self._inputs:
            raise AttributeError(
                f"data of {self!r} was computed by {self._op!r} and is read-only: set the data of "
                "leaves and compute again"
            )
        self._data = as_float(number, "data")

    @data.deleter
    def data(self) -> None:
        raise AttributeError("data cannot be deleted: a Value always has a number")

    @property
    def grad(self) -> float:
        """The gradient that `backward` computed; 0.0 before (see `has_grad`)."""
        if context.active:
            on_concretize("grad", self)
        if self._grad is None or self._op == CONSTANT:
            return 0.0
        return self._grad

    @grad.setter
    def grad(self, number: Any) -> None:
        if context.active:
            on_mutate("grad", self)
        self._grad = as_float(number, "grad")

    @grad.deleter
    def grad(self) -> None:
        raise AttributeError("grad cannot be deleted: zero_grad() forgets a gradient")

    @property
    def has_grad(self) -> bool:
        """Whether a gradient was computed since the node was made or `zero_grad` was called."""
        if context.active:
            on_concretize("has_grad", self)
        return self._grad is not None and self._op != CONSTANT

    @property
    def label(self) -> str | None:
        """The node's name, or None."""
        return self._label

    @label.setter
    def label(self, label: str | None) -> None:
        self._label = label if label is None else checked_label(label)

    @label.deleter
    def label(self) -> None:
        raise AttributeError("label cannot be deleted: set it to None")

    @property
    def op(self) -> str:
        """The primitive that made it, by its name in the table; ``"leaf"`` or ``"constant"``."""
        return self._op

    @property
    def inputs(self) -> tuple["Value", ...]:
        """The operands, in order and with repetitions: ``a * a`` has two; leaves have none."""
        return self._inputs

    @property
    def partials(self) -> tuple[float, ...]:
        """The local derivatives, one an input, as they were when the node was computed.

        A constant's is 0.0: nothing flows to it.

        >>> (3 * Value(2.0)).partials, (Value(3.0) * Value(2.0)).partials
        ((0.0, 3.0), (2.0, 3.0))
        """
        if context.active:
            on_concretize("partials", self)
        return tuple(
            0.0 if x._op == CONSTANT else d
            for x, d in zip(self._inputs, self._partials, strict=True)
        )

    @property
    def is_leaf(self) -> bool:
        """Whether nothing computed it: an input, a parameter or a constant."""
        return not self._inputs

    @property
    def is_constant(self) -> bool:
        """Whether it is a constant: a plain number in a formula, `constant`, or `detach`."""
        return self._op == CONSTANT

    def backward(self) -> None:
        """Compute the gradient of this number with respect to every node that it depends on.

        Gradients of the nodes between are computed afresh; those of leaves are *added to*, so two
        calls, or two losses, add up. It never raises for numbers: inf and nan propagate.
        Nothing flows back along a gradient or a local derivative that is exactly 0, as in the
        branch that `autograd.where` did not take.

        Raises
        ------
        RuntimeError
            If this is a constant: it was built under `no_grad`, detached, or has no inputs.

        Examples
        --------
        >>> a = Value(3.0)
        >>> b = a * a
        >>> b.backward(); b.backward()
        >>> a.grad, b.grad
        (12.0, 1.0)
        """
        if self._op == CONSTANT:
            raise RuntimeError(
                f"backward on {self!r}, a constant: nothing flows from it. Build it from leaf "
                "Values, outside no_grad() and without detach()"
            )
        if context.active:
            on_mutate("backward", self)
        backpropagate(self)

    @property
    def _later(self) -> Later | None:
        return self._partials if isinstance(self._partials, Later) else None

    def zero_grad(self) -> None:
        """Forget the gradient of this node: it is 0.0 and not computed."""
        if context.active:
            on_mutate("zero_grad", self)
        self._grad = None

    def detach(self) -> "Value":
        """Return a constant of this number; while `autograd.compile` traces, `stop_gradient`."""
        if context.active and is_traced(self):
            return self.stop_gradient()
        return constant(self._data, self._label)

    def __repr__(self) -> str:
        hidden = is_traced(self)
        parts = ["<traced>" if hidden else repr(self._data)]
        if self._label is not None:
            parts.append(f"label={self._label!r}")
        if self._op != LEAF:
            parts.append(f"op={self._op!r}")
        if self._grad is not None and self._op != CONSTANT and not hidden:
            parts.append(f"grad={self._grad!r}")
        return f"Value({', '.join(parts)})"

    def __copy__(self) -> "Value":
        return copying.shallow(self, restore)

    def __deepcopy__(self, memo: dict[int, Any]) -> "Value":
        return copying.deep(self, memo, restore)

    def __reduce__(self) -> tuple[Any, ...]:
        copying.check_free(self)
        return copying.reduce(self, loaded)

    def __array_ufunc__(self, ufunc: Any, method: str, *operands: Any, **options: Any) -> Any:
        return numpy_dispatch.dispatch(ufunc, method, operands, options)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        return numpy_dispatch.dispatch_function(function, args, kwargs)


Value.__module__ = "autograd"


def restore(
    op: str,
    data: float,
    grad: float | None,
    inputs: tuple[Value, ...],
    partials: Partials,
    label: str | None,
) -> Value:
    """Fill a node's fields as given."""
    node = new(Value)
    node._data = data
    node._grad = grad
    node._op = op
    node._inputs = inputs
    node._partials = partials
    node._label = label
    return node


def loaded(
    op: str,
    data: float,
    grad: float | None,
    label: str | None,
    partials: Partials,
    *inputs: Value,
) -> Value:
    """Rebuild a node from its pickle, where inputs are arguments: one tuple fewer a node."""
    return restore(op, *copying.checked(Value, op, data, grad, label, partials, inputs))


loaded.__module__ = "autograd.value"  # so that what one kernel pickles loads on the other


def constant(data: Any, label: str | None = None) -> Value:
    """Make a leaf that gets no gradient, drawn as a small dashed box.

    >>> constant(3)
    Value(3.0, op='constant')
    """
    label = label if label is None else checked_label(label)
    return restore(CONSTANT, as_float(data, "constant"), None, (), (), label)


def operand(other: Any) -> Value | None:
    """Return a node for an operand: itself, a constant for a number, None for anything else."""
    if type(other) is Value:
        return other
    number = other if type(other) is float else float_or_none(other)
    return None if number is None else restore(CONSTANT, number, None, (), (), None)


def watched(op: str, z: float, inputs: tuple[Value, ...], partials: Any) -> Value:
    """Make a node while a mode is on in some thread."""
    node = restore(op, z, None, inputs, partials, None)
    context.thread.note(node)
    if not context.thread.no_grad_depth:
        return node
    if any(map(is_traced, inputs)):  # its number is that of each call, though nothing flows back
        return node if op in DETACHED else restore("stop_gradient", z, None, (node,), (0.0,), None)
    return restore(CONSTANT, z, None, (), (), None)
