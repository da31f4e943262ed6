"""Trees of containers: one registry of what contains what, used by all that walks containers.

A *tree* is a container of trees, or a *leaf*. Containers are lists, tuples, named tuples, dicts,
dataclasses, arrays of objects (such as `ValueArray`), None (which holds nothing), and the types
given to `register_node`; numbers, Values, arrays of numbers and anything else are leaves.
`tree_flatten` divides a tree into its leaves, in order, and a `TreeDef`, which describes the
containers and can be hashed and compared.

>>> leaves, treedef = tree_flatten({"w": [1.0, 2.0], "b": (3.0, None)})
>>> leaves, treedef
([1.0, 2.0, 3.0], TreeDef({'w': [*, *], 'b': (*, None)}))
>>> tree_unflatten(treedef, [10.0, 20.0, 30.0])
{'w': [10.0, 20.0], 'b': (30.0, None)}

Objects of a class derived from list, tuple or dict come back as plain ones; dicts keep their order.
Of a dataclass, all fields are children, but those declared with ``field(metadata={"static":
True})``: these belong to the `TreeDef`. It is put together as `copy.copy` does it: field by field,
without a call of ``__init__``.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from autograd.errors import shown

__all__ = [
    "GetAttrKey",
    "GetItemKey",
    "TreeDef",
    "keystr",
    "register_node",
    "tree_flatten",
    "tree_flatten_with_path",
    "tree_leaves",
    "tree_map",
    "tree_map_with_path",
    "tree_structure",
    "tree_unflatten",
]

MAX_DEPTH = 32  # containers within one another: as many axes as NumPy's arrays had for twenty years
T = TypeVar("T")


class GetItemKey(NamedTuple):
    """A step of a path: the item of a list, a tuple, a dict or an array."""

    key: Any

    def __str__(self) -> str:
        if isinstance(self.key, tuple) and self.key:
            return f"[{', '.join(map(repr, self.key))}{',' * (len(self.key) == 1)}]"
        return f"[{self.key!r}]"


def index_key(index: tuple[int, ...]) -> GetItemKey:
    """Return the key of an array's item: ``[0]`` rather than ``[0,]``."""
    return GetItemKey(index[0] if len(index) == 1 else index)


class GetAttrKey(NamedTuple):
    """A step of a path: the field of a named tuple or a dataclass."""

    name: str

    def __str__(self) -> str:
        return f".{self.name}"


PathKey = GetItemKey | GetAttrKey
Path = tuple[PathKey, ...]


class NodeType(NamedTuple):
    """What the registry knows of a type of containers.

    ``flatten`` returns the children and the static data, or None for an object that is a leaf;
    ``unflatten(data, children)`` is its inverse; ``keys(data, count)`` are the children's keys.
    """

    cls: type
    flatten: Callable[[Any], tuple[Iterable[Any], Hashable] | None]
    unflatten: Callable[[Any, Sequence[Any]], Any]
    keys: Callable[[Any, int], Sequence[PathKey]]


class TreeDef(NamedTuple):
    """The containers of a tree, without its leaves.

    ``node_type`` is None for a leaf; ``data`` is what the container has beside its children: the
    keys of a dict, the shape of an array. It can be hashed, compared, and be the key of a dict.

    >>> tree_structure([1, (2, 3)]) == tree_structure([4, (5, 6)]) != tree_structure([1, [2, 3]])
    True
    """

    node_type: type | None
    data: Hashable
    children: tuple["TreeDef", ...]

    @property
    def num_leaves(self) -> int:
        """The number of leaves.

        >>> tree_structure([1, (2, 3), None]).num_leaves
        3
        """
        return 1 if self.node_type is None else sum([child.num_leaves for child in self.children])

    def keys(self) -> Sequence[PathKey]:
        """Return the keys of the children."""
        if self.node_type is None:
            return ()
        return _root(self).keys(self.data, len(self.children))

    def paths(self, root: Path = ()) -> Iterator[Path]:
        """Yield the path of each leaf, in order.

        >>> [keystr(path) for path in tree_structure({"w": [1, 2]}).paths()]
        ["['w'][0]", "['w'][1]"]
        """
        if self.node_type is None:
            yield root
        for key, child in zip(self.keys(), self.children, strict=True):
            yield from child.paths((*root, key))

    def __str__(self) -> str:
        if self.node_type is None:
            return "*"
        if self.node_type is type(None):
            return "None"
        inner = [str(child) for child in self.children]
        if self.node_type is dict:
            names: Any = self.data
            return f"{{{', '.join(f'{k!r}: {x}' for k, x in zip(names, inner, strict=True))}}}"
        if self.node_type is tuple and len(inner) == 1:
            return f"({inner[0]},)"
        if self.node_type is list:
            return f"[{', '.join(inner)}]"
        name = "" if self.node_type is tuple else self.node_type.__name__
        return f"{name}({', '.join(inner)})"

    def __repr__(self) -> str:
        return f"TreeDef({self})"


LEAF = TreeDef(None, None, ())
NONE = TreeDef(type(None), None, ())

_registry: dict[type, NodeType] = {}


def register_node(
    cls: type[T],
    flatten: Callable[[T], tuple[Iterable[Any], Hashable]],
    unflatten: Callable[[Any, Sequence[Any]], T],
    keys: Callable[[Any, int], Sequence[PathKey]] | None = None,
) -> None:
    """Make a type a container, wherever trees are accepted: in `grad`, `compile`, `checkpoint`, ...

    Parameters
    ----------
    cls
        The type; classes derived from it are registered for themselves.
    flatten
        Returns an object's children, and data that can be hashed: two objects have the same
        structure only where their data are equal.
    unflatten
        Makes an object of such data and a list of children. The children may be anything: numbers,
        Values, gradients, trees of these.
    keys
        Returns a key for each child, of the data and the number of children, for paths in messages;
        by default they are positions.

    Raises
    ------
    TypeError
        If ``cls`` is no class.
    ValueError
        If it is registered, or a container from the start.

    Examples
    --------
    >>> import autograd
    >>> class Line:
    ...     def __init__(self, slope, offset):
    ...         self.slope, self.offset = slope, offset
    >>> autograd.tree.register_node(
    ...     Line, lambda line: ((line.slope, line.offset), None), lambda _, parts: Line(*parts)
    ... )
    >>> slopes = autograd.grad(lambda line: line.slope * 2.0 + line.offset)(Line(1.0, 3.0))
    >>> slopes.slope, slopes.offset
    (2.0, 1.0)
    """
    if not isinstance(cls, type):
        raise TypeError(f"register_node: got {shown(cls)}; give a class")
    if cls in _registry:
        raise ValueError(f"register_node: {cls.__name__} is registered already")
    _registry[cls] = NodeType(cls, flatten, unflatten, keys or _positions)
    lookup.cache_clear()


def _positions(_: Any, count: int) -> Sequence[PathKey]:
    return [GetItemKey(i) for i in range(count)]


def _itself(sequence: Any) -> tuple[Iterable[Any], Hashable]:
    """Flatten what iterates over its children and has nothing beside them."""
    return sequence, None


def _flatten_array(array: NDArray[Any]) -> tuple[Iterable[Any], Hashable] | None:
    """Return the items of an array of objects; an array of numbers is a leaf."""
    if array.dtype != object:
        return None
    return array.view(np.ndarray).ravel().tolist(), (type(array), array.shape)


def _unflatten_array(data: Any, children: Sequence[Any]) -> NDArray[Any]:
    kind, shape = data
    array = np.empty(len(children), dtype=object)
    for i, child in enumerate(children):  # one by one: NumPy would look into a list
        array[i] = child
    return array.reshape(shape).view(kind)


for _node in (
    NodeType(list, _itself, lambda _, xs: list(xs), _positions),
    NodeType(tuple, _itself, lambda _, xs: tuple(xs), _positions),
    NodeType(
        dict,
        lambda x: (x.values(), tuple(x)),
        lambda names, xs: dict(zip(names, xs, strict=True)),
        lambda names, _: [GetItemKey(name) for name in names],
    ),
    NodeType(type(None), lambda _: ((), None), lambda _, __: None, _positions),
    NodeType(
        np.ndarray,
        _flatten_array,
        _unflatten_array,
        lambda data, _: [index_key(index) for index in np.ndindex(data[1])],
    ),
):
    _registry[_node.cls] = _node


@lru_cache(maxsize=4096)
def lookup(cls: type) -> NodeType | None:
    """Return what the registry knows of a class; None for one whose objects are leaves."""
    if cls in _registry:
        return _registry[cls]
    if issubclass(cls, tuple) and hasattr(cls, "_fields"):
        return _named_tuple(cls)
    for base in (list, tuple, dict, np.ndarray):
        if issubclass(cls, base):
            return _registry[base]
    return _dataclass(cls) if hasattr(cls, "__dataclass_fields__") else None


def node_of(tree: Any) -> NodeType | None:
    """Return what the registry knows of an object's class; None for a leaf."""
    cls: Any = type(tree)
    return lookup(cls)


def _have_containers(children: list[Any]) -> bool:
    """Whether there may be containers among children: their types tell at once where not."""
    kinds: set[Any] = set(map(type, children))
    return any(map(lookup, kinds))


def _named_tuple(cls: Any) -> NodeType:
    keys = [GetAttrKey(name) for name in cls._fields]
    return NodeType(cls, _itself, lambda _, xs: cls._make(xs), lambda _, __: keys)


def _dataclass(cls: Any) -> NodeType:
    from dataclasses import fields as fields_of  # noqa: PLC0415 - costs more than all of this module

    fields = fields_of(cls)
    names = [field.name for field in fields if not field.metadata.get("static")]
    static = [field.name for field in fields if field.metadata.get("static")]
    keys = [GetAttrKey(name) for name in names]

    def flatten(x: Any) -> tuple[Iterable[Any], Hashable] | None:
        try:
            children = [getattr(x, name) for name in names]
            return children, tuple([getattr(x, name) for name in static])
        except AttributeError:  # not whole yet: no container
            return None

    def unflatten(data: Any, children: Sequence[Any]) -> Any:
        made = cls.__new__(cls)
        for name, child in zip((*names, *static), (*children, *data), strict=True):
            object.__setattr__(made, name, child)  # a frozen one, too
        return made

    return NodeType(cls, flatten, unflatten, lambda _, __: keys)


IsLeaf = Callable[[Any], bool]


def tree_flatten(
    tree: Any, is_leaf: IsLeaf | None = None, *, name: str = "a structure"
) -> tuple[list[Any], TreeDef]:
    """Return the leaves of a tree, in order, and its structure.

    Parameters
    ----------
    tree
        Containers, nested, or a leaf alone.
    is_leaf
        Tells which containers are leaves all the same; it is asked about each before its children
        are looked at.
    name
        What to call the tree in the message of an error.

    Raises
    ------
    ValueError
        If containers are nested more than 32 levels deep, as those are that hold themselves.

    Examples
    --------
    >>> tree_flatten([1, {"a": 2}])
    ([1, 2], TreeDef([*, {'a': *}]))
    >>> tree_flatten([1, None, (2, 3)], is_leaf=lambda x: x is None or isinstance(x, tuple))
    ([1, None, (2, 3)], TreeDef([*, *, *]))
    """
    leaves: list[Any] = []
    try:
        return leaves, _flatten(tree, leaves, is_leaf, MAX_DEPTH)
    except _TooDeepError:
        raise _too_deep(tree, name) from None


class _TooDeepError(Exception):
    """Containers nested more than `MAX_DEPTH` levels deep."""


def _too_deep(tree: Any, name: str) -> ValueError:
    return ValueError(
        f"{name}: got {shown(tree)}, nested more than {MAX_DEPTH} levels deep or holding itself; "
        f"give numbers in {MAX_DEPTH} levels of lists at most"
    )


def _flatten(tree: Any, leaves: list[Any], is_leaf: IsLeaf | None, room: int) -> TreeDef:
    cls: Any = type(tree)
    node, parts = lookup(cls), None
    if node is not None and not (is_leaf is not None and is_leaf(tree)):
        parts = node.flatten(tree)
    if node is None or parts is None:
        leaves.append(tree)
        return LEAF
    if not room:
        raise _TooDeepError
    children, data = list(parts[0]), parts[1]
    if not _have_containers(children):  # a row of numbers, mostly
        leaves += children
        return TreeDef(node.cls, data, (LEAF,) * len(children))
    below = [_flatten(child, leaves, is_leaf, room - 1) for child in children]
    return TreeDef(node.cls, data, tuple(below))


def tree_unflatten(treedef: TreeDef, leaves: Iterable[Any]) -> Any:
    """Return a tree of a structure and its leaves: the inverse of `tree_flatten`.

    Raises ValueError where there are more leaves, or fewer, than the structure has.

    >>> leaves, treedef = tree_flatten({"w": (1, 2)})
    >>> tree_unflatten(treedef, [10, [20]])
    {'w': (10, [20])}
    """
    rest = iter(leaves)
    try:
        tree = _unflatten(treedef, rest)
    except StopIteration:
        raise ValueError(f"tree_unflatten: got fewer leaves than {treedef!r} has") from None
    if next(rest, rest) is not rest:
        raise ValueError(f"tree_unflatten: got more leaves than {treedef!r} has")
    return tree


def _unflatten(treedef: TreeDef, rest: Iterator[Any]) -> Any:
    if treedef.node_type is None:
        return next(rest)
    children = [_unflatten(child, rest) for child in treedef.children]
    return _root(treedef).unflatten(treedef.data, children)


def is_sequence(treedef: TreeDef) -> bool:
    """Whether the container at the root is a sequence of its children, as lists and tuples are."""
    return _root(treedef).flatten is _itself


def flattener(treedef: TreeDef) -> Callable[[Any], tuple[Sequence[Any], Hashable]]:
    """Return a function of a container like that at the root: its children and its data."""
    flatten = _root(treedef).flatten

    def parts(tree: Any) -> tuple[Sequence[Any], Hashable]:
        children, data = flatten(tree) or ((), None)
        return list(children), data

    return parts


def builder(treedef: TreeDef) -> Callable[..., Any]:
    """Return a function of the children, one by one, that makes the container at the root."""
    unflatten, data = _root(treedef).unflatten, treedef.data
    return lambda *children: unflatten(data, children)


def _root(treedef: TreeDef) -> NodeType:
    node = None if treedef.node_type is None else lookup(treedef.node_type)
    assert node is not None
    return node


def tree_leaves(
    tree: Any, is_leaf: IsLeaf | None = None, *, name: str = "a structure"
) -> list[Any]:
    """Return the leaves of a tree, in order.

    >>> tree_leaves({"w": [1, 2], "b": (3, None)})
    [1, 2, 3]
    """
    return tree_flatten(tree, is_leaf, name=name)[0]


def tree_structure(tree: Any, is_leaf: IsLeaf | None = None) -> TreeDef:
    """Return the structure of a tree.

    >>> tree_structure({"w": [1, 2], "b": (3, None)})
    TreeDef({'w': [*, *], 'b': (*, None)})
    """
    return tree_flatten(tree, is_leaf)[1]


def tree_map(
    function: Callable[..., Any], tree: Any, *rest: Any, is_leaf: IsLeaf | None = None
) -> Any:
    """Return a tree of the same structure, with a function applied to each leaf.

    With more trees, which must have the structure of the first, it gets a leaf of each.

    Raises ValueError where a tree has another structure, naming the place.

    >>> tree_map(lambda x: 10 * x, {"w": [1, (2, 3)], "b": 4})
    {'w': [10, (20, 30)], 'b': 40}
    >>> tree_map(lambda x, step: x - step, [3.0, (2.0,)], [1.0, (0.5,)])
    [2.0, (1.5,)]
    """
    leaves, treedef = tree_flatten(tree, is_leaf)
    columns = [leaves]
    for i, other in enumerate(rest):
        column, its = tree_flatten(other, is_leaf)
        if its != treedef:
            path, one, two = _difference(treedef, its)
            raise ValueError(
                f"tree_map: tree {i + 2}{keystr(path)} is {two}; the first has {one} there"
            )
        columns.append(column)
    return tree_unflatten(treedef, map(function, *columns))


def _difference(one: TreeDef, other: TreeDef) -> tuple[Path, TreeDef, TreeDef]:
    """Return the path of the first difference of two structures, and what is there in each."""
    path: Path = ()
    while one[:2] == other[:2] and len(one.children) == len(other.children):
        children = zip(one.keys(), one.children, other.children, strict=True)
        key, one, other = next((key, x, y) for key, x, y in children if x != y)
        path = (*path, key)
    return path, one, other


def tree_flatten_with_path(
    tree: Any, is_leaf: IsLeaf | None = None, *, name: str = "a structure"
) -> tuple[list[tuple[Path, Any]], TreeDef]:
    """Return the leaves of a tree, each with its path, and the structure.

    >>> pairs, _ = tree_flatten_with_path({"w": [1.0, 2.0]})
    >>> [(keystr(path, "params"), leaf) for path, leaf in pairs]
    [("params['w'][0]", 1.0), ("params['w'][1]", 2.0)]
    """
    leaves, treedef = tree_flatten(tree, is_leaf, name=name)
    return list(zip(treedef.paths(), leaves, strict=True)), treedef


def tree_map_with_path(
    function: Callable[[Path, Any], Any],
    tree: Any,
    is_leaf: IsLeaf | None = None,
    *,
    name: str = "a structure",
) -> Any:
    """Return a tree of the same structure, with a function applied to each path and leaf.

    >>> tree_map_with_path(lambda path, x: f"x{keystr(path)} = {x}", [1.0, (2.0,)])
    ['x[0] = 1.0', ('x[1][0] = 2.0',)]
    """
    leaves, treedef = tree_flatten(tree, is_leaf, name=name)
    return tree_unflatten(treedef, map(function, treedef.paths(), leaves))


def keystr(path: Path, name: str = "") -> str:
    """Return a path as Python writes it, after the name of the tree.

    >>> keystr((GetItemKey("w"), GetItemKey(0), GetAttrKey("b")), "params")
    "params['w'][0].b"
    """
    return name + "".join(map(str, path))


def children_of(tree: Any) -> list[tuple[PathKey, Any]] | None:
    """Return the children of a container with their keys; None for a leaf."""
    node = node_of(tree)
    parts = None if node is None else node.flatten(tree)
    if node is None or parts is None:
        return None
    children = list(parts[0])
    return list(zip(node.keys(parts[1], len(children)), children, strict=True))


def check_depth(tree: Any, name: str) -> None:
    """Raise ValueError for containers nested deeper than arrays can be, or that hold themselves.

    The walk goes level by level and meets each container once, so that it ends, and does not
    recurse.

    >>> rows = [1.0]
    >>> rows.append(rows)
    >>> check_depth(rows, "values")
    Traceback (most recent call last):
    ValueError: values: got a list of 2, nested more than 32 levels deep or holding itself; give
    numbers in 32 levels of lists at most
    """
    level = [tree]
    for _ in range(MAX_DEPTH):
        level = list({id(child): child for item in level for child in _containers(item)}.values())
        if not level:
            return
    raise _too_deep(tree, name)


def _containers(item: Any) -> list[Any]:
    """Return the containers among the children; the types tell at once where there are none."""
    node = node_of(item)
    parts = None if node is None else node.flatten(item)
    if parts is None:
        return []
    children = list(parts[0])
    if not _have_containers(children):
        return []
    return [child for child in children if node_of(child) is not None]
