"""A graph as flat arrays, and passes over these."""
# ruff: noqa: SLF001 - the kernel's fields

from array import array
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd.graph import walk
from autograd.kernels.python.value import Value
from autograd.primitives import LEAF

Buffers = tuple[
    tuple[str, ...], Any, Any, Any, Any, list[int],
    tuple[Any, list[Value]], tuple[Any, Any, Any, list[str]],
]  # fmt: skip


def flatten(roots: Sequence[Value], wanted: Sequence[Value]) -> Buffers:
    """Return the graph of the roots as flat arrays, in topological order.

    These are the operations in use, each node's code among them (int16), where its inputs start
    and their positions (int32), and its number (float64), as buffers; then the positions of
    the nodes that are ``wanted``; the positions of the leaves (int32), and these; and of what is
    labelled the positions, the number of a text, and a place (int32), and the texts: the label is
    the text, and where the place is not -1, a dot and the place after it.
    """
    nodes = walk(roots, set())
    find = {node: i for i, node in enumerate(nodes)}.__getitem__
    code_of = {op: code for code, op in enumerate(dict.fromkeys([node._op for node in nodes]))}
    starts, inputs = array("i", [0]), array("i")
    for node in nodes:
        inputs.extend(map(find, node._inputs))
        starts.append(len(inputs))
    leaves = [i for i, node in enumerate(nodes) if node._op == LEAF and not node._inputs]
    labels = {i: node._label for i, node in enumerate(nodes) if node._label is not None}
    return (
        tuple(code_of),
        array("h", [code_of[node._op] for node in nodes]),
        starts,
        inputs,
        array("d", [node._data for node in nodes]),
        list(map(find, wanted)),
        (array("i", leaves), [nodes[i] for i in leaves]),
        (array("i", labels), array("i", range(len(labels))), array("i", [-1] * len(labels)),
         list(labels.values())),
    )  # fmt: skip


Marks = NDArray[np.uint8]
Codes = NDArray[np.int16]
Positions = NDArray[np.int32]


def mark_live(
    codes: Codes, starts: Positions, inputs: Positions, passes: Marks, live: Marks
) -> None:
    """Mark the nodes that depend on a marked one through operations that a gradient passes."""
    bounds, row = starts.tolist(), inputs.tolist()
    marks = live.tolist()
    for i, is_passed in enumerate(passes[codes].tolist()):
        if is_passed and any(marks[j] for j in row[bounds[i] : bounds[i + 1]]):
            marks[i] = 1
    live[:] = marks
