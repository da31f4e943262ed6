"""Specs of trees: the structure, and the kind and shape of each leaf, as JAX's abstract values.

A `TreeSpec` is a `TreeDef` and a spec per leaf; it can be hashed. Compiled programs are specialized
to the `TreeSpec` of their arguments.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from math import prod
from typing import Any, NamedTuple

import numpy as np

from autograd._checks import as_ndarray, float_or_none
from autograd.errors import shown
from autograd.tree import (
    LEAF,
    NONE,
    TreeDef,
    keystr,
    lookup,
    node_of,
    tree_flatten,
    tree_map,
    tree_unflatten,
)
from autograd.value import Value
from autograd.value_array import array_of


class ArraySpec(NamedTuple):
    """A leaf that is a number, an array, or nested lists of numbers that form an array.

    ``kind`` is "number", "array", "list" or "tuple"; ``integer``: whether the numbers are integers.
    """

    kind: str
    shape: tuple[int, ...]
    integer: bool = False


class Static(NamedTuple):
    """A leaf without numbers, such as a string or a function: a part of the structure."""

    value: Any


class TreeSpec(NamedTuple):
    """The structure of a tree, and the spec of each leaf.

    >>> entries, spec = ravel({"w": [1, 2], "b": np.zeros(2)}, "p", "f: got")
    >>> spec.treedef, [leaf.kind for leaf in spec.arrays]
    (TreeDef({'w': [*, *], 'b': *}), ['number', 'number', 'array'])
    """

    treedef: TreeDef
    leaves: tuple[ArraySpec | Static, ...]

    @property
    def arrays(self) -> list[ArraySpec]:
        """The numbers and arrays, in order."""
        return [leaf for leaf in self.leaves if type(leaf) is ArraySpec]

    def children(self) -> list["TreeSpec"]:
        """Return the specs of the children."""
        parts, start = [], 0
        for child in self.treedef.children:
            end = start + child.num_leaves
            parts.append(TreeSpec(child, self.leaves[start:end]))
            start = end
        return parts

    def unflatten(self, arrays: Iterable[Any]) -> Any:
        """Return a tree with the given items for its numbers and arrays."""
        rest = iter(arrays)
        leaves = [leaf.value if type(leaf) is Static else next(rest) for leaf in self.leaves]
        return tree_unflatten(self.treedef, leaves)

    def unravel(self, entries: Sequence[Any], make: Callable[..., Any] = array_of) -> Any:
        """Return a tree of the given numbers or `Value`s, in order: the inverse of `ravel`.

        ``make(entries, shape)`` makes the arrays.

        >>> entries, spec = ravel([1, np.zeros(2)], "x", "f: got")
        >>> spec.unravel([1.0, 2.0, 3.0])
        [1.0, array([2., 3.])]
        """
        pairs = zip(self.arrays, split(entries, self.arrays), strict=True)
        return self.unflatten(
            [part[0] if spec.kind == "number" else make(part, spec.shape) for spec, part in pairs]
        )


NUMBER = TreeSpec(LEAF, (ArraySpec("number", ()),))
NOTHING = TreeSpec(NONE, ())


def spec_of(container: type, data: Any, parts: Sequence[TreeSpec]) -> TreeSpec:
    """Return the spec of a container, from its children's specs.

    >>> spec_of(tuple, None, [NUMBER, NOTHING]).treedef
    TreeDef((*, None))
    """
    treedef = TreeDef(container, data, tuple([part.treedef for part in parts]))
    return TreeSpec(treedef, tuple([leaf for part in parts for leaf in part.leaves]))


def split(entries: Any, arrays: Iterable[ArraySpec]) -> Iterator[Any]:
    """Yield the entries of each array, of a row of all.

    >>> list(split([1, 2, 3], [ArraySpec("number", ()), ArraySpec("array", (2,))]))
    [[1], [2, 3]]
    """
    start = 0
    for _, shape, _ in arrays:
        end = start + prod(shape)
        yield entries[start:end]
        start = end


def ravel(tree: Any, name: str, prefix: str) -> tuple[list[Any], TreeSpec]:
    """Return all numbers and Values of a tree and its arrays, in order, and the tree's spec.

    Raises TypeError if it contains anything else, with a message that starts with ``prefix`` and
    calls the tree ``name``.
    """
    if type(tree) is float or type(tree) is Value:
        return [tree], NUMBER
    leaves, treedef = tree_flatten(tree, _is_array, name=name)
    entries: list[Any] = []
    specs: list[ArraySpec] = []
    for i, leaf in enumerate(leaves):
        array = as_ndarray(leaf)
        if array is not None and array.dtype.kind in "biufO":
            specs.append(ArraySpec("array", array.shape))
            if array.dtype != object:
                entries += array.astype(float).ravel().tolist()
                continue
            for index in np.ndindex(array.shape):
                item = f"[{', '.join(map(str, index))}]" if index else ""
                entries.append(_number(array[index], treedef, i, name, item, prefix))
        else:
            specs.append(_NUMBER_SPEC)
            entries.append(_number(leaf, treedef, i, name, "", prefix))
    return entries, TreeSpec(treedef, tuple(specs))


_NUMBER_SPEC = ArraySpec("number", ())


def _is_array(thing: Any) -> bool:
    return isinstance(thing, np.ndarray)


def _number(thing: Any, treedef: TreeDef, i: int, name: str, item: str, prefix: str) -> Any:
    number = thing if type(thing) is Value else float_or_none(thing)
    if number is None:
        raise TypeError(
            f"{prefix} {shown(thing)} at {leaf_name(treedef, i, name)}{item}; allowed are real "
            "numbers, Values, and lists, tuples, dicts and arrays of them"
        )
    return number


def leaf_name(treedef: TreeDef, i: int, name: str) -> str:
    """Return the path of the i-th leaf: ``params['w'][0]``."""
    return keystr(list(treedef.paths())[i], name)


def difference(one: TreeSpec, other: TreeSpec, name: str) -> tuple[str, str, str] | None:
    """Return the path of the first difference of two trees, and descriptions of both there.

    >>> (_, one), (_, other) = (ravel(x, "x", "") for x in ([1.0], [np.zeros(2)]))
    >>> difference(one, other, "x")
    ('x[0]', 'a number', 'an array of shape (2,)')
    """
    if one == other:
        return None
    treedef, its = one.treedef, other.treedef
    if treedef[:2] != its[:2] or len(treedef.children) != len(its.children):
        return name, described(one), described(other)
    if not treedef.children:
        texts = described(one), described(other)
        return None if texts[0] == texts[1] else (name, *texts)
    steps = zip(treedef.keys(), one.children(), other.children(), strict=True)
    differences = (difference(part, its, f"{name}{key}") for key, part, its in steps)
    return next(filter(None, differences), None)


def described(spec: TreeSpec) -> str:
    """Describe the root of a tree in words."""
    kind, data, children = spec.treedef
    if kind is None:
        (leaf,) = spec.leaves
        if isinstance(leaf, Static):
            return repr(leaf.value)
        return "a number" if leaf.kind == "number" else f"an array of shape {leaf.shape}"
    if kind is type(None):
        return "None"
    if kind is dict:
        names: Any = data
        return f"a dict of {', '.join(map(repr, names)) or 'nothing'}"
    return f"a {kind.__name__} of {len(children)}" + (f" with {data!r}" if data else "")


def collapsed(spec: TreeSpec) -> TreeSpec:
    """Return a spec in which nested lists of numbers that form an array are one leaf.

    >>> spec = ravel([[1.0, 2.0], [3.0, 4.0]], "x", "")[1]
    >>> collapsed(spec).arrays
    [ArraySpec(kind='list', shape=(2, 2), integer=False)]
    """
    kind, data, children = spec.treedef
    if kind is None:
        return spec
    if kind is list and set(spec.leaves) == {NUMBER.leaves[0]} and len(set(children)) == 1:
        row = collapsed(TreeSpec(children[0], spec.leaves[: children[0].num_leaves]))
        if row.treedef.node_type is None:  # all children have the first one's structure
            return listed(len(children), *row.arrays[0].shape)
    return spec_of(kind, data, list(map(collapsed, spec.children())))


def listed(*shape: int) -> TreeSpec:
    """Return the spec of nested lists of numbers that form an array."""
    return TreeSpec(LEAF, (ArraySpec("list", shape),))


def has_values(tree: Any) -> bool:
    """Whether a tree, of any depth, contains Values; the search ends at the first one."""
    seen: dict[int, Any] = {}  # containers by id; the references keep ids unique
    pending: list[Sequence[Any]] = [(tree,)]
    while pending:
        items = pending.pop()
        kinds: set[Any] = set(map(type, items))
        if Value in kinds:
            return True
        for item in items if any(map(lookup, kinds)) else ():
            node = node_of(item)
            parts = None if node is None or id(item) in seen else node.flatten(item)
            if parts is not None:
                seen[id(item)] = item
                pending.append(list(parts[0]))
    return False


def numbers_for_values(tree: Any) -> Any:
    """Return a tree with each Value replaced by its number."""
    return tree_map(_number_for, tree, is_leaf=_is_array)


def _number_for(x: Any) -> Any:
    if _is_array(x) and x.dtype == object:
        flat = [_number_for(item) for item in x.view(np.ndarray).ravel().tolist()]
        return array_of(flat, x.shape) if all(type(item) is float for item in flat) else x
    return x._data if type(x) is Value else x  # noqa: SLF001 - not traced


def values_of(tree: Any) -> list[Value]:
    """Return the Values in a tree, in order."""
    return [x for x in tree_flatten(tree)[0] if type(x) is Value]
