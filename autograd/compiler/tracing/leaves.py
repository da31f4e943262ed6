"""Make leaves of arguments, for the run that is traced."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd.compiler.runtime.naming import unique
from autograd.tree import GetAttrKey, TreeDef
from autograd.tree_spec import Static, TreeSpec
from autograd.value import Value
from autograd.value_array import array_of


@dataclass(frozen=True)
class Leaves:
    """The leaves of one argument array."""

    name: str
    nodes: list[Value]
    shape: tuple[int, ...]
    sample: bool
    wanted: bool


def count_of(leaves: Sequence[Leaves]) -> int:
    """Count the leaves of all arguments."""
    return sum(len(leaf.nodes) for leaf in leaves)


def make_leaves(
    parts: list[tuple[str, TreeSpec, bool, bool]],
    arrays: list[NDArray[Any]],
) -> tuple[list[Any], list[Leaves]]:
    """Return a function's arguments as Values, and their leaves array by array.

    Each part is an argument's name, its spec, whether it is a batch (its first sample is traced),
    and whether its gradient is wanted.
    """
    made: list[Leaves] = []
    taken: set[str] = set()
    args = []
    for name, spec, batch, wanted in parts:
        nested = []
        for own, leaf in zip(_names(name, spec.treedef), spec.leaves, strict=True):
            if isinstance(leaf, Static):
                continue
            array = arrays[len(made)]
            number = np.asarray(array[0] if batch else array, dtype=float)
            label = unique(own, taken)
            nodes = list(map(Value, number.ravel().tolist(), placed_labels(label, number.shape)))
            made.append(Leaves(label, nodes, number.shape, batch, wanted))
            nested.append(_nested(leaf.kind, nodes, number.shape))
        args.append(spec.unflatten(nested))
    return args, made


def _nested(kind: str, nodes: list[Value], shape: tuple[int, ...]) -> Any:
    """Return the nodes of an array as the function sees them."""
    if not shape:
        return nodes[0]
    if len(shape) == 1 and kind != "array":
        return tuple(nodes) if kind == "tuple" else list(nodes)
    array = array_of(nodes, shape)
    if kind == "array":
        return array
    rows = array.view(np.ndarray).tolist()
    return tuple(rows) if kind == "tuple" else rows


def placed_labels(name: str, shape: tuple[int, ...]) -> list[str]:
    """Name all elements of an argument, in order.

    >>> placed_labels("x", (2, 2)), placed_labels("a", ())
    (['x[0][0]', 'x[0][1]', 'x[1][0]', 'x[1][1]'], ['a'])
    """
    labels = [name]
    for count in shape:
        labels = [f"{label}[{i}]" for label in labels for i in range(count)]
    return labels


def _names(name: str, treedef: TreeDef) -> list[str]:
    """Name an argument's leaves: by its own name, or by the keys and positions inside it.

    >>> from autograd.tree import tree_structure
    >>> _names("p", tree_structure({"W": 1.0, "b": [2.0, 3.0]}))
    ['W', 'b1', 'b2']
    """
    if treedef.node_type is None:
        return [name]
    names = []
    for i, (key, child) in enumerate(zip(treedef.keys(), treedef.children, strict=True)):
        if isinstance(key, GetAttrKey):
            own = key.name if key.name.isidentifier() else f"{name}{i + 1}"
        elif treedef.node_type is dict:
            own = str(key.key) if str(key.key).isidentifier() else f"{name}_{i}"
        else:
            own = f"{name}{i + 1}"
        names += _names(own, child)
    return names
