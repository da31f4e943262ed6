"""Recompute blocks of a program in the backward pass, instead of keeping their nodes."""

import functools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from autograd.context import context, tracing
from autograd.engine.reverse import (
    CotangentMap,
    CotangentSink,
    PendingCotangents,
    Pullback,
    checked,
    is_symbolic_zero,
)
from autograd.errors import shown
from autograd.graph import Node
from autograd.primitives import CHECKPOINT
from autograd.tree import tree_flatten, tree_unflatten
from autograd.tree_spec import values_of
from autograd.value import Recorder, Value, restore


def checkpoint(function: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap a function so that its nodes are freed after the call and computed again by `backward`.

    A call makes one node for each Value that comes out, with edges from the arguments' Values and
    from those that the function closes over. In the backward pass the function runs again. Along a
    chain of n blocks of n operations, 2n nodes are in use at once, not n * n; gradients are the
    same, and the time is that of one more forward pass.

    The function must compute the same each time: no random numbers, no changes of what it reads.
    Arguments and results may be trees (`autograd.tree`); blocks may be nested. Second
    derivatives build the block's graph. While `autograd.compile` traces, under `no_grad` and
    where no Value is involved, the function is simply called. A copy of a graph (`copy.deepcopy`,
    `pickle`) keeps a block's local derivatives as numbers.

    Raises
    ------
    RuntimeError
        In the backward pass, if the function returns another structure, or numbers, than it did.

    Examples
    --------
    >>> import autograd
    >>> w = autograd.Value(0.5, "w")
    >>> def block(x):
    ...     for _ in range(100):
    ...         x = autograd.tanh(w * x)
    ...     return x
    >>> x = autograd.Value(1.0)
    >>> y = autograd.checkpoint(block)(x)
    >>> y.op, len(autograd.graph.topological(y)), len(autograd.graph.topological(block(x)))
    ('checkpoint', 3, 202)
    >>> y.backward(); kept = w.grad
    >>> autograd.gradient(block(x), [w]) == [kept]
    True
    """
    if not callable(function):
        raise TypeError(f"checkpoint: got {shown(function)}; allowed is a function")

    @functools.wraps(function)
    def call(*args: Any, **named: Any) -> Any:
        if context.thread.no_grad_depth or tracing():
            return function(*args, **named)
        return _called(function, args, named)

    return call


def _called(function: Callable[..., Any], args: Any, named: Any) -> Any:
    """Run a block and put one node in the place of each of its results."""
    inputs = [x for x in dict.fromkeys(values_of((args, named))) if not x.is_constant]
    with Recorder() as inner:
        result = function(*args, **named)
    leaves, treedef = tree_flatten(result)
    roots = [x for x in leaves if type(x) is Value]
    if not any(root in inner for root in roots):
        return result  # nothing was computed
    known = set(inputs)
    inputs += [x for x in inner.frontier(roots) if x not in known]
    block = CheckpointedBlock(function, args, named, tuple(inputs), tuple([x._data for x in roots]))
    outputs = iter([block.output(i) if x in inner else x for i, x in enumerate(roots)])
    return tree_unflatten(treedef, [next(outputs) if type(x) is Value else x for x in leaves])


@dataclass(frozen=True, eq=False, slots=True)
class CheckpointedBlock:
    """A call that can be made again: what it read, and the numbers that came out."""

    function: Callable[..., Any]
    args: tuple[Any, ...]
    named: dict[str, Any]
    inputs: tuple[Value, ...]
    numbers: tuple[float, ...]

    def output(self, index: int) -> Value:
        """Make the node of one result."""
        pullback, number = CheckpointPullback(self, index), self.numbers[index]
        node = restore(CHECKPOINT, number, None, self.inputs, pullback, None)
        if context.thread.recording is not None:  # a block within a block
            context.thread.recording.append(node)
        return node

    def roots(self) -> list[Value]:
        """Compute the block again: a graph beneath each result."""
        roots = values_of(self.function(*self.args, **self.named))
        numbers = tuple([x._data for x in roots])
        if not _alike(numbers, self.numbers):
            raise RuntimeError(
                f"checkpoint: {getattr(self.function, '__name__', 'the function')} gave "
                f"{_few(self.numbers)} and, computed again, {_few(numbers)}; it must compute the "
                "same each time, and leaves must not change before backward"
            )
        return roots


def _alike(a: Sequence[float], b: Sequence[float]) -> bool:
    return len(a) == len(b) and all(
        x == y or (x != x and y != y) for x, y in zip(a, b, strict=True)
    )


def _few(numbers: Sequence[float]) -> str:
    first = ", ".join(map(repr, numbers[:3]))
    return first if len(numbers) <= 3 else f"{first}, … ({len(numbers)} numbers)"


class CheckpointPullback(Pullback):
    """The pullback of one result of a block.

    Cotangents of the block's results are pending until the last has come: only then is the block
    computed again, once, and they go through its graph together.
    """

    __slots__ = ("block", "index")

    def __init__(self, block: CheckpointedBlock, index: int) -> None:
        super().__init__()
        self.block, self.index = block, index

    def start(self, pending: PendingCotangents) -> None:
        """Note that this result's cotangent is pending."""
        pending.setdefault(self.block, {})[self.index] = None

    def apply(
        self,
        node: Node,  # noqa: ARG002 - see the base class
        cotangent: Any,
        sink: CotangentSink,
        pending: PendingCotangents,
    ) -> None:
        """Keep the cotangent; with the last one, go through the block."""
        received = pending[self.block]
        received[self.index] = cotangent
        if any(g is None for g in received.values()):
            return
        del pending[self.block]
        nonzero = [(index, g) for index, g in sorted(received.items()) if not is_symbolic_zero(g)]
        if nonzero:
            with sink.unlocked():
                roots = self.block.roots()
            sink.propagate([(roots[index], g) for index, g in nonzero], self.block.inputs)

    def why_no_jvp(self, node: Node, *, graphs: bool) -> str:
        """Say that forward mode has the local derivatives as numbers alone."""
        if not graphs:
            return ""
        return (
            f"{node!r} is a checkpoint's result, which forward mode passes with numbers alone; "
            "use grad of grad for second derivatives, or call the function without checkpoint"
        )

    def for_copy(self) -> tuple[float, ...]:
        """Return the local derivatives as numbers."""
        return tuple(self)

    def __iter__(self) -> Iterator[float]:
        inputs = self.block.inputs
        sink = CotangentMap({}, inputs)
        checked(sink).propagate([(self.block.roots()[self.index], 1.0)], inputs)
        return iter([float(sink.total(x)) for x in inputs])
