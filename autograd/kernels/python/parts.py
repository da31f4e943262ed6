"""What the plain kernel offers beside nodes: lists of them, and methods added at run time."""
# ruff: noqa: SLF001 - the kernel's own fields: no property calls, no tracer

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd.context import context
from autograd.errors import shown
from autograd.kernels.python.codegen import NODE
from autograd.kernels.python.operations import Operations
from autograd.kernels.python.value import Value, operand
from autograd.primitives import CONSTANT

__all__ = ["APPLY", "LISTS", "NODE"]
APPLY: dict[str, Callable[..., Value]] = {}  # of each primitive; filled in above, from the table
LISTS: dict[str, Callable[[tuple[Value, ...]], Value]] = {}  # no operation has loops of its own


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


def set_call(call: Callable[..., Any]) -> None:
    """Learn how to apply a primitive to operands of any kind; here generated methods know it."""


class Recorder:
    """Tell the nodes made inside from others; a block within notes its own nodes."""

    def __enter__(self) -> "Recorder":
        self.made: list[Value] = []
        self.before, context.thread.recording = context.thread.recording, self.made
        context.enter()
        return self

    def __exit__(self, *exception: object) -> None:
        context.thread.recording = self.before
        context.leave()

    def frontier(self, roots: Sequence[Value]) -> list[Value]:
        """Return what was read and not made inside: leaves, and results from outside."""
        inner = set(self.made)
        seen: set[Value] = set()
        found: list[Value] = []
        stack = list(reversed(roots))
        while stack:
            node = stack.pop()
            if node in seen:
                continue
            seen.add(node)
            if node in inner:
                stack += reversed(node.inputs)
            elif not node.is_constant:
                found.append(node)
        return found

    def __contains__(self, node: Value) -> bool:
        return any(node is other for other in self.made)
