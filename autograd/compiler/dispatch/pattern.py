"""Write structures as rows of whole numbers, for C to take numbers from them and to build them."""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.compiler.tape.choice import COMPILED
from autograd.tree import builder
from autograd.tree_spec import ArraySpec, TreeSpec

CONTAINERS: dict[Any, str] = {list: "list", tuple: "tuple", dict: "dict", type(None): "same"}
if TYPE_CHECKING or not COMPILED:
    Structure: Any = None
    PARTS: tuple[str, ...] = ()
    HAS_ARRAYS = False
else:
    from autograd.kernels.cython._tape import ARRAYS as HAS_ARRAYS
    from autograd.kernels.cython._tape import PARTS, Structure


class Pattern:
    """A structure: rows of kind, count and thing, the nodes of its numbers, its things.

    ``nodes`` has those of each array of the tree in turn; ``bounds`` tell, by the array's number,
    of how many a whole number selects. ``taken``: whether numbers are taken from the tree, else
    they are put into it.
    """

    def __init__(
        self,
        spec: TreeSpec,
        nodes: Iterable[Any],
        bounds: Mapping[int, int] = MappingProxyType({}),
        *,
        taken: bool = False,
    ) -> None:
        self.taken, self.bounds = taken, bounds
        self.parts: list[tuple[int, int, int]] = []
        self.places: list[int] = []
        self.things: list[Any] = []
        self.is_whole = True
        self._nodes = enumerate(nodes)
        self._add(spec)

    def made(self) -> Any:
        """Return the structure for C; None where it has a part that C does not know."""
        if not self.is_whole:
            return None
        parts = np.array(self.parts, np.int32).reshape(-1, 3)
        return Structure(parts, np.array(self.places, np.int32), tuple(self.things))

    def _add(self, spec: TreeSpec) -> None:
        """Add a tree."""
        cls, data, children = spec.treedef
        thing: Any = data
        if cls is None:
            (leaf,) = spec.leaves
            if isinstance(leaf, ArraySpec):
                self._array(leaf, *next(self._nodes))
            else:
                self._need(not self.taken or type(leaf.value) is str)
                self._open("same", 0, leaf.value)
            return
        if cls is dict:
            self._need(not self.taken or all(type(name) is str for name in thing))
        elif cls not in CONTAINERS:
            self._need(not self.taken)
            thing = builder(spec.treedef)
        self._open(CONTAINERS.get(cls, "named"), len(children), thing)
        for child in spec.children():
            self._add(child)

    def _open(self, kind: str, count: int, thing: Any = None) -> None:
        """Begin a part; those that it holds come next."""
        self.parts.append((PARTS.index(kind), count, len(self.things)))
        if kind in {"array", "dict", "named", "same"}:
            self.things.append(thing)

    def _need(self, holds: bool) -> None:
        self.is_whole = self.is_whole and holds

    def _array(self, spec: ArraySpec, i: int, ids: Any) -> None:
        kind, shape, whole = spec
        bound = self.bounds.get(i)
        self.places += np.broadcast_to(ids, shape).ravel().tolist()
        if self.taken:
            self._need(kind == "number" if whole else bound is None)
        if kind == "number":
            self._open("whole" if whole and self.taken else "number", bound or 0)
        elif kind == "array":
            self._need(HAS_ARRAYS)
            self._open("array", int(np.prod(shape)), shape)
        else:
            self._nested(shape, kind)

    def _nested(self, shape: Sequence[int], kind: str) -> None:
        """Add full nested lists of numbers; those inside are always lists."""
        if len(shape) == 1 and kind == "list":
            self._open("row", shape[0])
            return
        self._open(kind, shape[0])
        for _ in range(shape[0]):
            if len(shape) == 1:
                self._open("number", 0)
            else:
                self._nested(shape[1:], "list")
