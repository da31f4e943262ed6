"""The plain kernel, written to be read: `Value`, one number and one node of a graph that grows.

A node holds its number, its operation, its inputs and the local derivatives, which are fixed when
it is made; `Value.backward` multiplies these along the graph (`autograd.engine.reverse`). The
methods of the table's operations are written by `autograd.kernels.python.codegen`.
"""

import operator
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NoReturn, Self, SupportsIndex

import numpy as np
from numpy.typing import NDArray

from autograd import copying, float_guard
from autograd._checks import as_float, checked_label, comparable, float_or_none
from autograd.context import (
    after_fork,
    context,
    is_traced,
    on_compare,
    on_concretize,
    on_mutate,
)
from autograd.engine.reverse import CotangentSink, Partials, Pullback, backward_pass, checked
from autograd.errors import shown
from autograd.graph import Node, walk
from autograd.kernels.python.operations import Operations
from autograd.primitives import CONSTANT, DETACHED, LEAF
from autograd.rules import numpy_dispatch

APPLY: dict[str, Callable[..., "Value"]] = {}  # of each primitive; filled in above, from the table
LISTS: dict[str, Callable[[tuple["Value", ...]], "Value"]] = {}  # no operation has its own loops
new = object.__new__


class FloatLike(Operations):
    """Methods that Python asks a number for; comparisons are by number."""

    __slots__ = ()

    _data: float
    _op: str

    def __format__(self, spec: str) -> str:
        if not spec:
            return str(self)
        if context.active:
            on_concretize("format", self)
        return format(self._data, spec)

    def __float__(self) -> float:
        if self._op not in DETACHED:
            float_guard.check("float", self)
        if context.active:
            on_concretize("float", self)
        return self._data

    def __int__(self) -> int:
        if self._op not in DETACHED:
            float_guard.check("int", self)
        if context.active:
            on_concretize("int", self)
        return int(self._data)

    def __index__(self) -> int:
        raise float_guard.no_index(self)

    def __bool__(self) -> bool:
        outcome = self._data != 0
        if context.active:
            on_compare("!=", self, 0.0, outcome)
        return outcome

    def __eq__(self, other: object) -> bool:
        return _compare(operator.eq, "==", self, other)

    def __ne__(self, other: object) -> bool:
        return _compare(operator.ne, "!=", self, other)

    __hash__ = object.__hash__  # of the node: sets and dictionaries hold nodes, not numbers

    def __lt__(self, other: Any) -> bool:
        return _compare(operator.lt, "<", self, other)

    def __le__(self, other: Any) -> bool:
        return _compare(operator.le, "<=", self, other)

    def __gt__(self, other: Any) -> bool:
        return _compare(operator.gt, ">", self, other)

    def __ge__(self, other: Any) -> bool:
        return _compare(operator.ge, ">=", self, other)

    def __pos__(self) -> Self:
        return self

    def __divmod__(self, other: Any) -> tuple[Self, Self]:
        return self // other, self % other

    def __rdivmod__(self, other: Any) -> tuple[Self, Self]:
        return other // self, other % self

    def __round__(self, digits: SupportsIndex | None = None) -> Self:
        return self.round(0 if digits is None else operator.index(digits))

    def __floor__(self) -> Self:
        return self.floor()

    def __ceil__(self) -> Self:
        return self.ceil()

    def __trunc__(self) -> Self:
        return self.ceil() if self < 0 else self.floor()  # a comparison, which a tracer must know

    def conjugate(self) -> Self:
        """Return itself, a real number; NumPy asks for it in ``np.std`` and ``np.vdot``."""
        return self


def _compare(test: Callable[[Any, Any], bool], sign: str, x: FloatLike, other: Any) -> bool:
    y = _number(other)
    if y is None or (isinstance(y, complex) and sign not in {"==", "!="}):  # those have no order
        return NotImplemented  # type: ignore[no-any-return]
    outcome = test(x._data, y)
    if context.active:
        on_compare(sign, x, other, outcome)
    if not outcome and sign in {">=", "<="} and (context.active or x._data != x._data or y != y):
        float_guard.check_extreme(x, other)
    return outcome


def _number(other: Any) -> Any:
    if isinstance(other, FloatLike):
        return other._data
    return comparable(other)


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
        with _lock:
            order = walk([self], set(), DETACHED)
            gradients.begin(order)
            self._grad = 1.0 if self._inputs else (self._grad or 0.0) + 1.0
            backward_pass(order, checked(gradients, [self]))

    @property
    def _pullback(self) -> Pullback | None:
        return self._partials if isinstance(self._partials, Pullback) else None

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
    """Make a node while some thread is in a mode."""
    node = restore(op, z, None, inputs, partials, None)
    context.thread.on_new_node(node)
    if not context.thread.no_grad_depth:
        return node
    if any(map(is_traced, inputs)):  # its number is that of each call, though nothing flows back
        return node if op in DETACHED else restore("stop_gradient", z, None, (node,), (0.0,), None)
    return restore(CONSTANT, z, None, (), (), None)


class _NodeGradients(CotangentSink):
    """The sink of `Value.backward`: cotangents are the nodes' gradients."""

    def __init__(self) -> None:
        self.float_pass = self._float_pass

    def take(self, node: Node) -> float | None:
        """Return a node's gradient, which it keeps."""
        return node._grad

    def total(self, node: Node) -> float | None:
        """Return a node's gradient."""
        return node._grad

    def add(self, node: Node, cotangent: float) -> None:
        """Add to the gradient of a node."""
        node._grad = (node._grad or 0.0) + cotangent

    def begin(self, order: Sequence[Node]) -> None:
        """Set the gradients of the nodes between to 0 and give leaves theirs to add to."""
        for node in order:
            if node._inputs or node._grad is None:
                node._grad = 0.0

    @contextmanager
    def unlocked(self) -> Iterator[None]:
        """Let other threads go on while a function of the user's runs, which may wait for them."""
        _lock.release()
        try:
            yield
        finally:
            _lock.acquire()

    def _float_pass(self, order: Sequence[Node]) -> None:
        """Do what the law does, in a third of the time."""
        for node in reversed(order):
            g = node._grad
            if g:
                for x, d in zip(node._inputs, node._partials, strict=True):
                    if d:
                        x._grad += g * d  # type: ignore[operator]


_lock = threading.RLock()  # leaves may be shared: sums into them must not interleave
after_fork(after_in_child=_lock._at_fork_reinit)  # type: ignore[attr-defined]
gradients = _NodeGradients()


def nodes_of(op: str, operands: Sequence[Any]) -> tuple[Value, ...] | None:
    """Return a node for each operand, constants for numbers; None where all are numbers."""
    if not any(type(x) is Value for x in operands):
        return None
    return tuple([_node(op, x) for x in operands])


def _node(op: str, x: Any) -> Value:
    node = operand(x)
    if node is None:
        raise TypeError(f"{op}: got {shown(x)} in the list; allowed are Values and real numbers")
    return node


def get_data(nodes: Sequence[Value], out: NDArray[np.float64], grads: bool) -> None:
    """Write the numbers, or the gradients, of nodes into an array of their length."""
    for i, node in enumerate(nodes):
        grad = 0.0 if node._grad is None or node._op == CONSTANT else node._grad
        out[i] = grad if grads else node._data


def set_data(nodes: Sequence[Value], numbers: NDArray[np.float64], grads: bool) -> None:
    """Set the numbers, or the gradients, of leaves from an array of their length."""
    if not grads:
        for node in nodes:
            if not node.is_leaf:
                node.data = 0.0  # refuses, in words, before anything is set
    for node, number in zip(nodes, numbers.tolist(), strict=True):
        if grads:
            node.grad = number
        else:
            node.data = number


def attach(name: str, method: Callable[..., Any]) -> None:
    """Give `Value` a method."""
    setattr(Operations, name, method)


def unattach(name: str) -> None:
    """Take a method away again."""
    if hasattr(Operations, name):
        delattr(Operations, name)


class Recorder:
    """Tell apart the nodes made inside; a block within records its own nodes."""

    def __enter__(self) -> "Recorder":
        self.nodes: list[Value] = []
        self.before, context.thread.recording = context.thread.recording, self.nodes
        context.enter()
        return self

    def __exit__(self, *exception: object) -> None:
        context.thread.recording = self.before
        context.leave()

    def frontier(self, roots: Sequence[Value]) -> list[Value]:
        """Return the nodes that were read inside and made outside, constants left out."""
        inner = set(self.nodes)
        seen: set[Value] = set()
        frontier: list[Value] = []
        stack = list(reversed(roots))
        while stack:
            node = stack.pop()
            if node in seen:
                continue
            seen.add(node)
            if node in inner:
                stack += reversed(node.inputs)
            elif not node.is_constant:
                frontier.append(node)
        return frontier

    def __contains__(self, node: Value) -> bool:
        return any(node is other for other in self.nodes)
