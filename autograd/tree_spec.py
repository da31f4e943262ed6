"""What the leaves of a tree are: numbers, arrays of which shapes, and what is neither.

A `TreeSpec` is a `TreeDef` and the spec of each leaf. Derivatives are asked of, and compiled
programs are made for, arguments of one `TreeSpec`; it can be hashed.
"""

from collections.abc import Callable, Iterable, Sequence
from math import prod
from typing import Any, NamedTuple

import numpy as np

from autograd._checks import float_or_none
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
    """A leaf that is a number, an array, or full nested lists of numbers, which are one array.

    ``kind`` is "number", "array", "list" or "tuple"; ``integer``: whether these are whole numbers.
    """

    kind: str
    shape: tuple[int, ...]
    integer: bool = False


class Static(NamedTuple):
    """A leaf without numbers, such as a text or a function: another one is another structure."""

    value: Any


class TreeSpec(NamedTuple):
    """The structure of a tree, and what its leaves are.

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
        """Return a tree with something in the place of each number and array."""
        rest = iter(arrays)
        leaves = [leaf.value if type(leaf) is Static else next(rest) for leaf in self.leaves]
        return tree_unflatten(self.treedef, leaves)

    def unravel(self, entries: Sequence[Any], make: Callable[..., Any] = array_of) -> Any:
        """Return a tree of single numbers or `Value`s, in order: the inverse of `ravel`.

        ``make(entries, shape)`` makes its arrays.

        >>> entries, spec = ravel([1, np.zeros(2)], "x", "f: got")
        >>> spec.unravel([1.0, 2.0, 3.0])
        [1.0, array([2., 3.])]
        """
        arrays, start = [], 0
        for kind, shape, _ in self.arrays:
            if kind == "number":
                arrays.append(entries[start])
                start += 1
                continue
            end = start + prod(shape)
            arrays.append(make(entries[start:end], shape))
            start = end
        return self.unflatten(arrays)


NUMBER = TreeSpec(LEAF, (ArraySpec("number", ()),))
NOTHING = TreeSpec(NONE, ())


def spec_of(container: type, data: Any, parts: Sequence[TreeSpec]) -> TreeSpec:
    """Return the spec of a container of its children's specs.

    >>> spec_of(tuple, None, [NUMBER, NOTHING]).treedef
    TreeDef((*, None))
    """
    treedef = TreeDef(container, data, tuple([part.treedef for part in parts]))
    return TreeSpec(treedef, tuple([leaf for part in parts for leaf in part.leaves]))


def ravel(tree: Any, name: str, says: str) -> tuple[list[Any], TreeSpec]:
    """Return the single numbers and Values of a tree, also those in arrays, in order; and its spec.

    Raises TypeError where something else is in it: ``says`` begins the message, ``name`` is what
    the tree is called there.
    """
    if type(tree) is float or type(tree) is Value:
        return [tree], NUMBER
    leaves, treedef = tree_flatten(tree, _is_array, name=name)
    entries: list[Any] = []
    specs: list[ArraySpec] = []
    for i, leaf in enumerate(leaves):
        if _is_array(leaf) and leaf.dtype.kind in "biufO":
            specs.append(ArraySpec("array", leaf.shape))
            if leaf.dtype != object:
                entries += leaf.astype(float).ravel().tolist()
                continue
            for index in np.ndindex(leaf.shape):
                place = f"[{', '.join(map(str, index))}]" if index else ""
                entries.append(_number(leaf[index], treedef, i, name, place, says))
        else:
            specs.append(_NUMBER_SPEC)
            entries.append(_number(leaf, treedef, i, name, "", says))
    return entries, TreeSpec(treedef, tuple(specs))


_NUMBER_SPEC = ArraySpec("number", ())


def _is_array(thing: Any) -> bool:
    return isinstance(thing, np.ndarray)


def _number(thing: Any, treedef: TreeDef, i: int, name: str, place: str, says: str) -> Any:
    number = thing if type(thing) is Value else float_or_none(thing)
    if number is None:
        raise TypeError(
            f"{says} {shown(thing)} at {leaf_name(treedef, i, name)}{place}; allowed are real "
            "numbers, Values, and lists, tuples, dicts and arrays of them"
        )
    return number


def leaf_name(treedef: TreeDef, i: int, name: str) -> str:
    """Return where a leaf is, known by its number: ``params['w'][0]``."""
    return keystr(list(treedef.paths())[i], name)


def difference(one: TreeSpec, other: TreeSpec, name: str) -> tuple[str, str, str] | None:
    """Find where two trees differ first: the place, and what is there in each.

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
    found = (difference(part, its, f"{name}{key}") for key, part, its in steps)
    return next(filter(None, found), None)


def described(spec: TreeSpec) -> str:
    """Say in words what a tree is."""
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
    """Describe full nested lists of numbers as one array each.

    >>> spec = ravel([[1.0, 2.0], [3.0, 4.0]], "x", "")[1]
    >>> collapsed(spec).arrays
    [ArraySpec(kind='list', shape=(2, 2), integer=False)]
    """
    kind, data, children = spec.treedef
    if kind is None:
        return spec
    if kind is list and set(spec.leaves) == {NUMBER.leaves[0]} and len(set(children)) == 1:
        row = collapsed(TreeSpec(children[0], spec.leaves[: children[0].num_leaves]))
        if row.treedef.node_type is None:  # they all are like the first one
            return listed(len(children), *row.arrays[0].shape)
    return spec_of(kind, data, list(map(collapsed, spec.children())))


def listed(*shape: int) -> TreeSpec:
    """Return the spec of full nested lists of numbers."""
    return TreeSpec(LEAF, (ArraySpec("list", shape),))


def has_values(tree: Any) -> bool:
    """Whether there are Values in a tree, of any depth: the first one found settles it."""
    seen: dict[int, Any] = {}  # containers, kept in use, so that no other one gets the id
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
    """Return a tree with a float in the place of each Value; other things stay."""
    return tree_map(_number_for, tree, is_leaf=_is_array)


def _number_for(x: Any) -> Any:
    if _is_array(x) and x.dtype == object:
        flat = [_number_for(item) for item in x.view(np.ndarray).ravel().tolist()]
        return array_of(flat, x.shape) if all(type(item) is float for item in flat) else x
    return x._data if type(x) is Value else x  # noqa: SLF001 - not traced


def values_of(tree: Any) -> list[Value]:
    """Return the Values in a tree, in order; other things are passed over."""
    return [x for x in tree_flatten(tree)[0] if type(x) is Value]
