"""What a function reads beside its arguments: closure cells, globals that its code names, defaults.

A trace freezes what Python reads. So a compiled function looks, at each call, whether these are
still the objects of the trace: identities alone, some nanoseconds each. Functions that it finds are
looked into as well, and the methods of objects, but not those of installed packages: users write
the one, and seldom change the other. A function's code counts, too: a notebook that loads modules
again replaces it in the function. So does whether leaves have become constants: one object for all.
"""

import functools
from collections.abc import Callable, Iterable, Iterator
from opcode import EXTENDED_ARG, opmap
from operator import is_
from types import CodeType, FunctionType, MethodType
from typing import TYPE_CHECKING, Any

from autograd._frames import is_users
from autograd.compiler.tape.choice import COMPILED
from autograd.data import CONSTANTS

MISSING = object()  # in the place of a cell without contents, or of a name that nothing defines
MAX_FUNCTIONS = 64  # looked into
# The instructions that read a global, and by how much their arguments, positions among the code's
# names, are shifted. `dis.get_instructions` finds the same in ten times the time.
NAME_SHIFTS = {opmap["LOAD_GLOBAL"]: 1, opmap["LOAD_NAME"]: 0}

if TYPE_CHECKING or not COMPILED:

    class Environment:
        """What was in cells, in scopes under some names, and in functions, three fields each."""

        def __init__(
            self,
            cells: tuple[Any, ...],
            contents: tuple[Any, ...],
            scopes: tuple[dict[str, Any], ...],
            names: tuple[str, ...],
            values: tuple[Any, ...],
            functions: tuple[FunctionType, ...],
            fields: tuple[Any, ...],
        ) -> None:
            self.cells = tuple(zip(cells, contents, strict=True))
            self.names = tuple(zip(scopes, names, values, strict=True))
            self.functions, self.fields = functions, fields

        def same(self) -> bool:
            """Whether all are what they were."""
            return (
                all(contents(cell) is thing for cell, thing in self.cells)
                and all(scope.get(name, MISSING) is value for scope, name, value in self.names)
                and all(map(is_, _fields(self.functions), self.fields))
            )

else:
    from autograd.kernels.cython._tape import Environment, set_missing

    set_missing(MISSING)


def environment_of(function: Callable[..., Any]) -> Environment | None:
    """Note what a function reads now; None where it reads nothing that could be replaced.

    >>> rate = 0.1
    >>> found = environment_of(lambda x: rate * x)
    >>> found.same()
    True
    >>> rate = 0.2
    >>> found.same()
    False
    """
    cells: dict[int, tuple[Any, Any]] = {}
    names: dict[tuple[int, str], tuple[dict[str, Any], str, Any]] = {}
    seen: dict[FunctionType, None] = {}
    for scope in _keywords(function):
        names.update({(id(scope), name): (scope, name, value) for name, value in scope.items()})
    pending = list(_functions(function))
    while pending and len(seen) < MAX_FUNCTIONS:
        each = pending.pop()
        if each in seen or (seen and not is_users(each.__code__.co_filename)):
            continue
        seen[each] = None
        found = list(each.__defaults__ or ())
        for cell in each.__closure__ or ():
            cells[id(cell)] = cell, contents(cell)
            found.append(contents(cell))
        by_name = each.__kwdefaults__ or {}
        for scope, chosen in (
            (each.__globals__, _globals_named(each.__code__)),
            (by_name, tuple(by_name)),
        ):
            for name in chosen:
                value = scope.get(name, MISSING)
                names[id(scope), name] = scope, name, value
                found.append(value)
        pending += [inner for thing in found for inner in _functions(thing)]
    if not seen and not names:
        return None
    names[id(CONSTANTS), "changed"] = CONSTANTS, "changed", CONSTANTS["changed"]
    return Environment(
        tuple(cell for cell, _ in cells.values()),
        tuple(thing for _, thing in cells.values()),
        tuple(scope for scope, _, _ in names.values()),
        tuple(name for _, name, _ in names.values()),
        tuple(value for _, _, value in names.values()),
        tuple(seen),
        tuple(_fields(seen)),
    )


def _fields(functions: Iterable[FunctionType]) -> Iterator[Any]:
    """Yield what can be replaced in each function: its code and its defaults."""
    for each in functions:
        yield from (each.__code__, each.__defaults__, each.__kwdefaults__)


def _keywords(function: Any) -> Iterator[dict[str, Any]]:
    """Yield the arguments that `functools.partial` holds by name, which can be replaced there."""
    while isinstance(function, functools.partial):
        yield function.keywords
        function = function.func


def _functions(thing: Any) -> Iterator[FunctionType]:
    """Yield the Python functions behind a thing: itself, what it wraps, an object's methods."""
    if isinstance(thing, FunctionType):
        yield thing
    elif isinstance(thing, MethodType):
        yield from _functions(thing.__func__)
        yield from _methods(type(thing.__self__))
    elif isinstance(thing, functools.partial):
        yield from _functions(thing.func)
    elif not isinstance(thing, type) and callable(thing):
        # Not by getattr: a proxy may answer to any name, with further proxies.
        if callable(wrapped := getattr(thing, "__dict__", {}).get("__wrapped__")):
            yield from _functions(wrapped)
        yield from _methods(type(thing))


def _methods(kind: type) -> Iterator[FunctionType]:
    for each in kind.__mro__:
        yield from (thing for thing in vars(each).values() if isinstance(thing, FunctionType))


@functools.cache
def _globals_named(code: CodeType) -> tuple[str, ...]:
    """Return the globals that a function's code names, that of functions within it too."""
    found: dict[str, None] = {}
    for each in codes_in(code):
        high = 0
        for op, low in zip(each.co_code[::2], each.co_code[1::2], strict=True):
            argument = high + low
            if op in NAME_SHIFTS:
                found[each.co_names[argument >> NAME_SHIFTS[op]]] = None
            high = argument << 8 if op == EXTENDED_ARG else 0
    return tuple(found)


def codes_in(code: CodeType) -> Iterator[CodeType]:
    """Yield a function's code, and that of functions within it."""
    yield code
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from codes_in(inner)


def contents(cell: Any) -> Any:
    """Return what is in a cell, or `MISSING`."""
    try:
        return cell.cell_contents
    except ValueError:  # nothing is in it yet
        return MISSING
