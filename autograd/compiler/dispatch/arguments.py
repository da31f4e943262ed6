"""Write how one variant's straight call takes its arguments apart: checks, and names of arrays."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from autograd.tree import TreeDef, flattener, is_sequence
from autograd.tree_spec import ArraySpec, Static, TreeSpec

FLOATS = {float, np.float64}
BUILTINS: dict[Any, str] = {list: "list", tuple: "tuple", dict: "dict"}
PLAIN = {int, str, type(None), bool}  # what can be written in a program's text as it is


class Texts:
    """Lines of a program's text, and the things that it names since they cannot be written."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.known: dict[str, Any] = {}

    def written(self, thing: Any) -> str:
        """Write what belongs to a structure: names of a dict, a class, a text."""
        if {type(part) for part in (thing if type(thing) is tuple else [thing])} <= PLAIN:
            return repr(thing)
        name = f"known{len(self.known)}"
        self.known[name] = thing
        return name

    def refuse(self, condition: str) -> None:
        """Leave to the general way where a condition holds."""
        self.lines.append(f"if {condition}: return None")


class Arguments(Texts):
    """The text so far: lines that check and take arguments, and the names of their arrays.

    ``numbers`` and ``arrays`` are the names of those that are floats, and may be inf or nan.
    """

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.numbers: list[str] = []
        self.arrays: list[str] = []
        self.count = 0

    def take(self, spec: TreeSpec, name: str, *, batch: bool) -> None:
        """Check that an argument has a structure, and name its arrays."""
        self._take(spec.treedef, iter(spec.leaves), name, batch=batch)

    def _take(
        self, treedef: TreeDef, leaves: Iterator[ArraySpec | Static], name: str, *, batch: bool
    ) -> None:
        if treedef.node_type is type(None):
            self._same(name, None)
        elif treedef.node_type is not None:
            self._container(treedef, leaves, name)
        else:
            leaf = next(leaves)
            if isinstance(leaf, Static):
                self._same(name, leaf.value)
            elif leaf.kind == "array":
                self._array(name, leaf, batch=batch)
            elif leaf.kind == "number":
                self._number(name, whole=leaf.integer)
            else:
                self._list(name, leaf)

    def _same(self, name: str, known: Any) -> None:
        kind = type(known)
        if kind is str or kind is int:  # an array would be compared number by number
            self.refuse(f"type({name}) is not {kind.__name__} or {name} != {self.written(known)}")
        else:  # None, or a function
            self.refuse(f"{name} is not {self.written(known)}")

    def _number(self, name: str, *, whole: bool) -> None:
        self.found.append(name)
        if whole:
            self.refuse(f"type({name}) is not int")
            return
        self.refuse(f"type({name}) is not float and type({name}) is not float64")
        self.numbers.append(name)

    def _list(self, name: str, spec: ArraySpec) -> None:
        own = f"n{len(self.found)}"
        self.lines.append(f"{own} = array_of_list({name}, {spec.shape!r})")
        self.refuse(f"{own} is None")
        self.found.append(own)
        self.arrays.append(own)

    def _array(self, name: str, spec: ArraySpec, *, batch: bool) -> None:
        shape = f"{name}.shape[1:]" if batch else f"{name}.shape"
        self.refuse(f"type({name}) is not ndarray or {shape} != {spec.shape!r}")
        if batch:
            self.refuse(f"not {name}.ndim or not len({name})")
        if spec.integer:
            self.refuse(f"{name}.dtype.kind not in 'biu'")
        else:
            self.refuse(f"{name}.dtype is not DOUBLE")
            self.arrays.append(name)
        self.found.append(name)

    def _container(self, treedef: TreeDef, leaves: Iterator[ArraySpec | Static], name: str) -> None:
        cls, data, children = treedef
        kind = BUILTINS.get(cls) or self.written(cls)
        names = [f"a{self.count + i}" for i in range(len(children))]
        self.count += len(children)
        self.refuse(f"type({name}) is not {kind}")
        items = name
        if cls is dict:
            self.refuse(f"tuple({name}) != {self.written(data)}")
            items = f"{name}.values()"
        elif not is_sequence(treedef):
            items = f"items{self.count}"
            self.lines.append(f"{items}, data = {self.written(flattener(treedef))}({name})")
            self.refuse(f"data != {self.written(data)}")
        if cls is not dict:
            self.refuse(f"len({items}) != {len(children)}")
        if names:
            self.lines.append(f"{', '.join(names)}, = {items}")
        for own, child in zip(names, children, strict=True):
            self._take(child, leaves, own, batch=False)


def array_of_list(thing: Any, shape: tuple[int, ...]) -> Any:
    """Return full nested lists of floats as an array; None for what is something else.

    >>> array_of_list([1.0, 2.0], (2,)), array_of_list([1.0, (2.0,)], (2,))
    (array([1., 2.]), None)
    """
    return np.array(thing) if _is_full(thing, shape) else None


def _is_full(thing: Any, shape: tuple[int, ...]) -> bool:
    if type(thing) is not list or len(thing) != shape[0]:
        return False
    if len(shape) == 1:
        return FLOATS.issuperset(map(type, thing))
    return all(_is_full(row, shape[1:]) for row in thing)
