"""Write how one variant's straight call takes its arguments apart: checks, and names of arrays."""

from typing import Any

import numpy as np

from autograd.compiler.tracing.arguments import Key

FLOATS = {float, np.float64}
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

    def take(self, key: Key, name: str, *, batch: bool) -> None:
        """Check that an argument has a structure, and name its arrays."""
        kind = key[0]
        if kind == "a":
            self._array(name, key, batch=batch)
        elif kind == "n":
            self._number(name, whole=key[2])
        elif kind == "la":
            self._list(name, key)
        elif kind in {"l", "t", "d", "k"}:
            self._container(key, name)
        else:
            self._same(name, key[1])

    def _same(self, name: str, known: Any) -> None:
        if type(known) is str:  # an array would be compared number by number
            self.refuse(f"type({name}) is not str or {name} != {self.written(known)}")
        else:  # None, or a function
            self.refuse(f"{name} is not {self.written(known)}")

    def _number(self, name: str, *, whole: bool) -> None:
        self.found.append(name)
        if whole:
            self.refuse(f"type({name}) is not int")
            return
        self.refuse(f"type({name}) is not float and type({name}) is not float64")
        self.numbers.append(name)

    def _list(self, name: str, key: Key) -> None:
        own = f"n{len(self.found)}"
        self.lines.append(f"{own} = array_of_list({name}, {key[1]!r})")
        self.refuse(f"{own} is None")
        self.found.append(own)
        self.arrays.append(own)

    def _array(self, name: str, key: Key, *, batch: bool) -> None:
        shape = f"{name}.shape[1:]" if batch else f"{name}.shape"
        self.refuse(f"type({name}) is not ndarray or {shape} != {key[1]!r}")
        if batch:
            self.refuse(f"not {name}.ndim or not len({name})")
        if key[2]:
            self.refuse(f"{name}.dtype.kind not in 'biu'")
        else:
            self.refuse(f"{name}.dtype is not DOUBLE")
            self.arrays.append(name)
        self.found.append(name)

    def _container(self, key: Key, name: str) -> None:
        kind = {"l": "list", "t": "tuple", "d": "dict"}.get(key[0]) or self.written(key[1])
        items = key[2:] if key[0] == "k" else key[1:]
        self.refuse(f"type({name}) is not {kind} or len({name}) != {len(items)}")
        names = []
        for _ in items:
            names.append(f"a{self.count}")
            self.count += 1
        if not names:
            return
        if kind == "dict":
            self.refuse(f"tuple({name}) != {self.written(tuple(item[0] for item in items))}")
            self.lines.append(f"{', '.join(names)}, = {name}.values()")
            parts = [part for _, part in items]
        else:
            self.lines.append(f"{', '.join(names)}, = {name}")
            parts = list(items)
        for own, part in zip(names, parts, strict=True):
            self.take(part, own, batch=False)


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
