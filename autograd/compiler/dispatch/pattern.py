"""Write structures as rows of whole numbers, for C to take numbers from them and to build them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.compiler.tape.choice import COMPILED
from autograd.tree import TreeDef, builder
from autograd.tree_spec import ArraySpec, Static, TreeSpec

CONTAINERS: dict[Any, str] = {list: "list", tuple: "tuple", dict: "dict"}
if TYPE_CHECKING or not COMPILED:
    Structure: Any = None
    PARTS: tuple[str, ...] = ()
    HAS_ARRAYS = False
else:
    from autograd.kernels.cython._tape import ARRAYS as HAS_ARRAYS
    from autograd.kernels.cython._tape import PARTS, Structure


class Pattern:
    """A structure so far: rows of kind, count and thing, the nodes of its numbers, its things.

    ``nodes`` has the nodes of arrays by their number in the structure; an array that is not there
    has the node ``unused``. ``bounds`` tell of how many a whole number selects. ``taken``: whether
    numbers are taken from it, else they are put into it.
    """

    def __init__(self, nodes: Mapping[int, Any], unused: int, *, taken: bool = False) -> None:
        self.nodes, self.unused, self.taken = nodes, unused, taken
        self.bounds: dict[int, int] = {}
        self.parts: list[tuple[int, int, int]] = []
        self.places: list[int] = []
        self.things: list[Any] = []
        self.count = 0  # arrays so far
        self.is_whole = True

    def made(self) -> Any:
        """Return the structure for C; None where it has a part that C does not know."""
        if not self.is_whole:
            return None
        parts = np.array(self.parts, np.int32).reshape(-1, 3)
        return Structure(parts, np.array(self.places, np.int32), tuple(self.things))

    def add(self, spec: TreeSpec) -> None:
        """Add a tree."""
        self._add(spec.treedef, iter(spec.leaves))

    def _add(self, treedef: TreeDef, leaves: Iterator[ArraySpec | Static]) -> None:
        if treedef.node_type is type(None):
            self.open("same", 0, None)
        elif treedef.node_type is not None:
            self._container(treedef, leaves)
        else:
            leaf = next(leaves)
            if isinstance(leaf, ArraySpec):
                self._array(leaf)
            else:
                self._need(type(leaf.value) is str)
                self.open("same", 0, leaf.value)

    def skip(self, spec: TreeSpec) -> None:
        """Go past the arrays of a part that is not in the structure."""
        self.count += len(spec.arrays)

    def open(self, kind: str, count: int, thing: Any = None) -> None:
        """Begin a part; those that it holds come next."""
        self.parts.append((PARTS.index(kind), count, len(self.things)))
        if kind in {"array", "dict", "named", "same"}:
            self.things.append(thing)

    def _need(self, holds: bool) -> None:
        self.is_whole = self.is_whole and holds

    def _container(self, treedef: TreeDef, leaves: Iterator[ArraySpec | Static]) -> None:
        cls, data, children = treedef
        thing: Any = data
        if cls is dict:
            self._need(not self.taken or all(type(name) is str for name in thing))
        elif cls not in CONTAINERS:
            self._need(not self.taken)
            thing = builder(treedef)
        self.open(CONTAINERS.get(cls, "named"), len(children), thing)
        for child in children:
            self._add(child, leaves)

    def _array(self, spec: ArraySpec) -> None:
        kind, shape, whole = spec
        ids = self.nodes.get(self.count, self.unused)
        bound = self.bounds.get(self.count)
        self.count += 1
        size = int(np.prod(shape))
        self.places += np.broadcast_to(ids, shape).ravel().tolist()
        if self.taken:
            self._need(kind == "number" if whole else bound is None)
        if kind == "number":
            self.open("whole" if whole and self.taken else "number", bound or 0)
        elif kind == "array":
            self._need(HAS_ARRAYS)
            self.open("array", size, shape)
        else:
            self._nested(shape, kind)

    def _nested(self, shape: Sequence[int], kind: str) -> None:
        """Add full nested lists of numbers; those inside are always lists."""
        if len(shape) == 1 and kind == "list":
            self.open("row", shape[0])
            return
        self.open(kind, shape[0])
        for _ in range(shape[0]):
            if len(shape) == 1:
                self.open("number", 0)
            else:
                self._nested(shape[1:], "list")
