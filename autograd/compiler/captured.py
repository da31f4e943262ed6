"""The state that functions capture: all that their results may depend on beside their arguments.

A trace freezes that state. So before a program is used again in another place than the one that
made it, the state then is compared with the state now: what closures, globals under the names that
the code uses, attributes, containers and arrays hold, to any depth. Users' code is looked into,
that of installed packages is not, as in `autograd.compiler.dispatch.environment`. The numbers of
`Value`s do not belong to it, since a program reads them at each call; those of constants do.
"""

import functools
import struct
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, compress
from operator import is_
from types import (
    BuiltinFunctionType,
    CodeType,
    FunctionType,
    MappingProxyType,
    MethodType,
    ModuleType,
)
from typing import Any, TypeAlias

import numpy as np

from autograd._frames import is_users
from autograd.compiler.dispatch.dispatcher import Dispatcher
from autograd.compiler.dispatch.environment import codes_in, contents
from autograd.data import CONSTANTS, get_data
from autograd.value import Value, are_parameters

CACHED: Any = type(functools.cache(abs))  # the class has no public name
WORD = struct.calcsize("P")
MAX_ITEMS = 100_000  # looked at one by one, 1 us each; runs of Values or floats count as one
MAX_BYTES = 1 << 26  # of arrays, which are compared by their bytes
ATOMS = (type(None), bool, int, str, bytes, complex, range, type(Ellipsis), CodeType)
# Of a class: what is no state, or is written there by the way, as `copy` does.
HIDDEN = {"__dict__", "__weakref__", "__doc__", "__annotations__", "_abc_impl", "__slotnames__"}


class UnknownStateError(Exception):
    """Raised for a thing whose state cannot be seen, such as a random generator or a file."""


Walk: TypeAlias = Callable[["_Walk", Any], Iterable[Any]]


class _Holders:
    """All that a walk looked into: most are lists, dicts and plain objects.

    What these held is compared in C, a row of objects at a time; others are looked at again.
    """

    def __init__(self) -> None:
        self.rows: list[Sequence[Any]] = []
        self.objects: list[Any] = []
        self.dicts: list[dict[Any, Any]] = []  # attributes of these objects, and others
        self.constants: list[Value] = []
        self.others: list[tuple[Walk, Any, Captured, Iterable[Any]]] = []
        self.contents: list[list[Any]] = []
        self.facts: tuple[list[int], bytes] = [], b""

    def seal(self) -> None:
        """Note what all of them hold."""
        self.contents, self.facts = self._contents(), self._facts()

    def hold(self, without: tuple[type, ...]) -> bool:
        """Whether they hold the same objects as when they were sealed."""
        return (
            self.facts == self._facts()
            and all(map(_are, self.contents, self._contents()))
            and all(self._holds(*other, without) for other in self.others)
        )

    def _contents(self) -> list[list[Any]]:
        return [
            [CONSTANTS["changed"], *map(type, self.objects), *map(vars, self.objects)],
            [*chain.from_iterable(self.dicts)],
            [*chain.from_iterable(map(dict.values, self.dicts))],
            [*chain.from_iterable(self.rows)],
        ]

    def _facts(self) -> tuple[list[int], bytes]:
        return [*map(len, self.dicts), *map(len, self.rows)], _bits(self.constants)

    @staticmethod
    def _holds(
        walk: Walk, item: Any, noted: "Captured", parts: Iterable[Any], without: tuple[type, ...]
    ) -> bool:
        again = _Walk(without)
        return _alike(tuple(parts), tuple(walk(again, item))) and noted.same(again.found)


@dataclass(eq=False)
class Captured:
    """State as two rows: ``things`` that must be the same, and ``facts`` that must be equal."""

    things: list[Any] = field(default_factory=list)
    facts: list[Any] = field(default_factory=list)
    without: tuple[type, ...] = ()
    holders: _Holders = field(default_factory=_Holders)

    def same(self, other: "Captured | None") -> bool:
        """Whether the state is that of another time."""
        return self is other or (
            other is not None and self.facts == other.facts and _are(self.things, other.things)
        )

    def holds(self) -> bool:
        """Whether everything that was looked into still holds the same objects.

        Then the state is that of today, which this tells sooner than a new walk. Where it is False
        the state may still be equal.
        """
        return self.holders.hold(self.without)


def _bits(constants: list[Value]) -> bytes:
    """Return the numbers of constants: 0.0 is not -0.0, and nan is itself."""
    return get_data(constants).tobytes() if constants else b""


def _are(row: Sequence[Any], other: Sequence[Any]) -> bool:
    """Whether two rows have the same objects."""
    return len(row) == len(other) and all(map(is_, row, other))


def _alike(one: Any, other: Any) -> bool:
    """Whether two things are one, equal atoms, or tuples of such."""
    kind = type(one)
    if one is other or kind is not type(other):
        return one is other
    if kind is tuple:
        return len(one) == len(other) and all(map(_alike, one, other))
    return bool(one.hex() == other.hex() if kind is float else kind in ATOMS and one == other)


def captured(*roots: Any, without: tuple[type, ...] = ()) -> Captured | None:
    """Return the state that things hold; None where a part of it cannot be seen.

    Attributes whose class is among ``without`` do not count.

    >>> settings = {"rate": 0.1}
    >>> step = lambda x: settings["rate"] * x
    >>> before = captured(step)
    >>> before.same(captured(step))
    True
    >>> settings["rate"] = 0.2
    >>> before.same(captured(step))
    False
    >>> captured(np.random.default_rng(0)) is None
    True
    """
    try:
        return _Walk(without).walked(roots)
    except UnknownStateError:
        return None


class _Walk:
    """A walk through all that can be reached from some things, always in the same order."""

    def __init__(self, without: tuple[type, ...]) -> None:
        self.without = without
        self.found = Captured(without=without)
        self.seen: dict[int, tuple[int, Any]] = {}  # by id; the references keep ids unique
        self.bytes = 0

    def walked(self, roots: tuple[Any, ...]) -> Captured:
        """Return what was found."""
        pending: list[Iterator[Any]] = [iter(roots)]
        count = 0
        while pending:
            for item in pending[-1]:
                count += 1
                if count > MAX_ITEMS:
                    raise UnknownStateError(f"more than {MAX_ITEMS} items")
                parts = self._parts(item)
                if parts:
                    pending.append(iter(parts))
                    break
            else:
                pending.pop()
        self.found.holders.seal()
        return self.found

    def _parts(self, item: Any) -> Iterable[Any]:
        """Note a thing; return what is inside it."""
        kind, facts = type(item), self.found.facts
        if kind in ATOMS:
            facts.append((kind, item))
        elif kind is float:
            facts.append(item.hex())  # 0.0 is not -0.0, and nan is itself
        elif kind is Value:
            self.found.things.append(item)
            self._constants((item,))
        elif id(item) in self.seen:
            facts.append(("seen", self.seen[id(item)][0]))
        else:
            self.seen[id(item)] = len(self.seen), item
            walk = next((walk for kinds, walk in WALKS if isinstance(item, kinds)), _Walk.other)
            return self._inside(item, walk)
        return ()

    def _constants(self, nodes: Sequence[Value]) -> None:
        """Note which nodes are constants, and their numbers: of frozen layers, a million."""
        marks = [x.is_constant for x in nodes]
        constants = [*compress(nodes, marks)]
        self.found.facts.append((bytes(marks), _bits(constants)))
        self.found.holders.constants += constants

    def _inside(self, item: Any, walk: Walk) -> Iterable[Any]:
        """Look into a thing, and note how to do so again."""
        holders: _Holders = self.found.holders
        kind: Any = type(item)
        if kind is list or kind is tuple:
            holders.rows.append(item)
        elif kind is dict:
            holders.dicts.append(item)
        elif walk is _Walk.other and _is_plain(kind) and not isinstance(item, INSIDE):
            holders.objects.append(item)
            holders.dicts.append(vars(item))
        elif walk is not _Walk.thing:
            things, facts = len(self.found.things), len(self.found.facts)
            parts = walk(self, item)
            noted = Captured(self.found.things[things:], self.found.facts[facts:])
            holders.others.append((walk, item, noted, parts))
            return parts
        return walk(self, item)

    def row(self, items: Any) -> Iterable[Any]:
        """Note a list or a tuple; return what is to be looked at one by one."""
        if type(items) not in {list, tuple}:  # a class derived from these may hold more
            return self.other(items)
        self.found.facts.append((type(items), len(items)))
        if are_parameters(items):  # of a network, a million
            self.found.things += items
            return ()
        kinds = set(map(type, items))
        if kinds == {Value}:
            self.found.things += items
            self._constants(items)
            return ()
        if kinds == {str}:
            self.found.facts.append(tuple(items))
            return ()
        if kinds == {float}:
            self.found.facts.append(np.array(items).tobytes())
            return ()
        return items  # type: ignore[no-any-return]

    def set_(self, item: Any) -> Iterable[Any]:
        """Note a set; return what is to be looked at one by one."""
        if type(item) in {set, frozenset} and set(map(type, item)) == {str}:
            self.found.facts.append(frozenset(item))  # one that is frozen is the same object again
            return ()
        return self.other(item)

    def array(self, array: Any) -> Iterable[Any]:
        """Note an array; return what is to be looked at one by one."""
        self.found.facts.append((type(array), array.dtype.str, array.shape))
        if array.dtype.hasobject:
            return [tuple(array.view(np.ndarray).ravel().tolist())]
        self.bytes += array.nbytes
        if self.bytes > MAX_BYTES:
            raise UnknownStateError(f"more than {MAX_BYTES} bytes")
        self.found.facts.append(array.tobytes())
        return ()

    def type_(self, kind: type) -> Iterable[Any]:
        """Note a class; return what a user's class has in it."""
        self.found.things.append(kind)
        if not _is_users_class(kind):
            return ()
        return [x for pair in vars(kind).items() if pair[0] not in HIDDEN for x in pair]

    def function(self, function: FunctionType) -> Iterable[Any]:
        """Note a function; return what it reads."""
        code = function.__code__
        self.found.things.append(code)
        parts = [function.__defaults__, function.__kwdefaults__, *self._attributes(function)]
        parts += map(contents, function.__closure__ or ())
        return [*parts, *_globals_read(function)] if is_users(code.co_filename) else parts

    def builtin(self, function: Any) -> Iterable[Any]:
        """Note a function written in C; return the object that it is a method of."""
        owner = function.__self__
        if owner is None or isinstance(owner, ModuleType):
            self.thing(function)
            return ()
        return [function.__name__, owner]

    def thing(self, item: Any) -> Iterable[Any]:
        """Note a thing that is itself whatever happens."""
        self.found.things.append(item)
        return ()

    def other(self, item: Any) -> Iterable[Any]:
        """Note any other object; return its class, and what it holds."""
        kind: Any = type(item)
        look = next((inside for kinds, inside in CONTENTS if isinstance(item, kinds)), None)
        if look is None and not _is_open(kind):
            if hasattr(kind, "__get__"):  # a descriptor, such as that of a slot
                return self.thing(item)
            raise UnknownStateError(repr(kind))  # written in C: what it holds cannot be seen
        inside = [] if look is None else look(item)
        slots = [getattr(item, name, None) for name in _slots(kind)]
        return [kind, len(inside), *inside, *slots, *self._attributes(item)]

    def _attributes(self, item: Any) -> list[Any]:
        """Return the names and contents of a thing's own attributes."""
        if isinstance(item, Dispatcher):  # its programs do not count
            return []
        own = getattr(item, "__dict__", {})
        return [x for pair in own.items() if not isinstance(pair[1], self.without) for x in pair]


WALKS: Sequence[tuple[Any, Walk]] = (  # the first that suits
    ((list, tuple), _Walk.row),
    ((set, frozenset), _Walk.set_),
    (np.ndarray, _Walk.array),
    (type, _Walk.type_),
    (FunctionType, _Walk.function),
    (BuiltinFunctionType, _Walk.builtin),
    ((ModuleType, np.ufunc), _Walk.thing),
)
# What objects hold beside attributes and slots, where their class is written in C, or has C inside.
CONTENTS: Sequence[tuple[Any, Callable[[Any], list[Any]]]] = (
    ((set, frozenset, deque, list, tuple), list),
    ((dict, MappingProxyType), lambda x: [tuple(x), tuple(x.values())]),
    (MethodType, lambda x: [x.__func__, x.__self__]),
    (functools.partial, lambda x: [x.func, x.args, x.keywords]),
    ((staticmethod, classmethod, CACHED), lambda x: [x.__wrapped__]),
    (functools.cached_property, lambda x: [x.func]),
    (property, lambda x: [x.fget, x.fset]),
    (np.generic, lambda x: [x.item()]),
    (np.dtype, lambda x: [x.str]),
    (Dispatcher, lambda x: [x.function, x.settings]),
)


INSIDE = tuple(chain.from_iterable(x if isinstance(x, tuple) else (x,) for x, _ in CONTENTS))


@functools.cache
def _is_open(kind: type) -> bool:
    """Whether what objects of a class hold is in their dict and their slots alone.

    A class written in C, and what derives from it, has objects with more room than these take.
    """
    words = len(_slots(kind)) + (kind.__dictoffset__ > 0) + (kind.__weakrefoffset__ > 0)
    room = kind.__basicsize__ - object.__basicsize__
    return room == words * WORD and not kind.__itemsize__


@functools.cache
def _is_plain(kind: type) -> bool:
    """Whether what objects of a class hold is in their dict alone."""
    return _is_open(kind) and not _slots(kind) and kind.__dictoffset__ != 0


@functools.cache
def _slots(kind: type) -> tuple[str, ...]:
    """Return the names of an object's slots."""
    names: list[str] = []
    for each in kind.__mro__:
        own = vars(each).get("__slots__", ())
        names += (own,) if isinstance(own, str) else own
    return tuple([name for name in names if name not in HIDDEN])


def _is_users_class(kind: type) -> bool:
    module = sys.modules.get(kind.__module__)
    return is_users(getattr(module, "__file__", None) or "<stdin>") and (
        module is None or kind.__module__ != "builtins"
    )


def _globals_read(function: FunctionType) -> list[Any]:
    """Return the globals that a function's code names, and the attributes of users' modules."""
    names = names_of(function.__code__)
    found: list[Any] = []
    for name in names:
        if name not in function.__globals__:
            continue
        item = function.__globals__[name]
        found += [name, item]
        if isinstance(item, ModuleType) and is_users(getattr(item, "__file__", None) or ""):
            found += [x for n in names if n in vars(item) for x in (n, vars(item)[n])]
    return found


@functools.cache
def names_of(code: CodeType) -> tuple[str, ...]:
    """Return the names of globals and attributes in a function's code and in the code within it.

    >>> names_of((lambda x: np.sum(x)).__code__)
    ('np', 'sum')
    """
    return tuple(dict.fromkeys(name for each in codes_in(code) for name in each.co_names))


def same_callable(one: Any, other: Any) -> bool:
    """Whether two things are one function, also where a line that defines it ran twice.

    A function that holds something of its own is only the same as itself: of two with equal state,
    one may change later, and not the other.

    >>> halves = [lambda x: x / 2 for _ in range(2)]
    >>> same_callable(*halves)
    True
    """
    if one is other:
        return True
    if isinstance(one, MethodType) and isinstance(other, MethodType):
        return one.__self__ is other.__self__ and one.__func__ is other.__func__
    return (
        isinstance(one, FunctionType)
        and isinstance(other, FunctionType)
        and one.__code__ is other.__code__
        and one.__globals__ is other.__globals__
        and not any(map(_holds, (one, other)))
    )


def _holds(function: FunctionType) -> bool:
    return bool(
        function.__closure__ or function.__defaults__ or function.__kwdefaults__ or vars(function)
    )
