"""The plain kernel's way back: the chain rule along a graph, one edge at a time."""
# ruff: noqa: SLF001 - the kernel's own fields: no property calls on this path

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from autograd.context import after_fork, context
from autograd.engine.pullbacks import NUMBERS, Later, waiting_for
from autograd.graph import Node, walk
from autograd.primitives import DETACHED

_lock = threading.RLock()  # leaves may be shared: sums into them must not interleave
after_fork(after_in_child=_lock._at_fork_reinit)  # type: ignore[attr-defined]


def backpropagate(root: Node) -> None:
    """Compute the gradients of all nodes that a result depends on; see `Value.backward`."""
    with _lock:
        order = walk([root], set(), DETACHED)
        seed(order)
        root._grad = 1.0 if root._inputs else root.grad + 1.0
        if context.thread.anomaly_detectors:
            with _unlocked():
                context.thread.anomaly_detectors[-1].propagate(order)
        else:
            propagate(order)


def sweep(flows: Sequence[tuple[Node, float]], stops: Sequence[Node]) -> None:
    """Send gradients from some nodes back to others, the stops, through what is between."""
    with _lock:
        order = walk([root for root, _ in flows], set(stops), DETACHED)
        seed(order)
        for root, g in flows:
            root._grad = (root._grad or 0.0) + g
        propagate(order)


@contextmanager
def _unlocked() -> Iterator[None]:
    _lock.release()
    try:
        yield
    finally:
        _lock.acquire()


def seed(order: list[Node]) -> None:
    """Set the gradients of the nodes between to 0 and give leaves theirs to add to."""
    for node in order:
        if node._inputs or node._grad is None:
            node._grad = 0.0


def propagate(order: list[Node]) -> None:
    """Send gradients back, results before operands."""
    waiting = waiting_for(order)
    for node in reversed(order):
        g = node._grad
        if waiting is not None and isinstance(node._partials, Later):
            with _unlocked():  # a function of the user's may run, and wait for other threads
                node._partials.back(node, g, waiting, NUMBERS)
        elif g:
            for x, d in zip(node._inputs, node._partials, strict=True):
                if d:
                    x._grad += g * d  # type: ignore[operator]
