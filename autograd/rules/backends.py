"""Compile the table's rules for floats and for arrays: two dictionaries of functions by name.

Base functions (`autograd.rules.floats`, `autograd.rules.arrays`) come first; every entry that they
lack (``sigmoid``, ``gelu``, ...) is compiled from its own rule.
"""

import builtins
import linecache
import re
import weakref
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from itertools import count
from types import CodeType
from typing import Any

from autograd.primitives import CONSTANTS, LIST_FUNCTIONS, TABLE, ListFunction, Primitive
from autograd.rules import arrays, floats, parsing

_BUILTINS = {name: getattr(builtins, name) for name in sorted(parsing.SAFE_BUILTINS)}
FLOATS: dict[str, Any] = {**_BUILTINS, **CONSTANTS, **floats.FUNCTIONS}
ARRAYS: dict[str, Any] = {**_BUILTINS, **CONSTANTS, **arrays.FUNCTIONS}
OPAQUE: dict[str, Any] = {}  # users' Python functions in rules, as called with `Value`s


def vocabulary() -> tuple[str, ...]:
    """Return all names that any rule may use, in addition to its arguments."""
    return ("z", "where", *TABLE, *LIST_FUNCTIONS, *floats.FUNCTIONS, *CONSTANTS, *OPAQUE)


def known_names(entry: Primitive) -> tuple[str, ...]:
    """Return all names that the entry's rules may use."""
    return (*entry.arguments, *vocabulary())


def calls_python(entry: Primitive) -> bool:
    """Whether a rule of an entry is, or calls, a user's Python function."""
    rules = " ".join((entry.rule, *entry.partials, *entry.vjps))
    return any(re.search(rf"\b{name}\(", rules) for name in OPAQUE)


def execute(source: str, label: str, names: dict[str, Any]) -> dict[str, Any]:
    """Run generated source and return the names that it defines.

    The source is in `linecache`, under a unique file name, for as long as one of its functions is
    in use, and until the next source comes: tracebacks and `inspect.getsource` show it.
    """
    drop_unused()
    filename = f"<autograd {label}>"
    if filename in linecache.cache:
        filename = f"<autograd {label}, {next(_numbers)}>"
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    code = compile(source, filename, "exec")
    in_use = {id(part): part for part in code.co_consts if isinstance(part, CodeType)}
    remaining = set(in_use)
    for number, part in in_use.items():
        finalizer = weakref.finalize(part, _forget, filename, remaining, number)
        finalizer.atexit = False
    defined: dict[str, Any] = {}
    exec(code, names, defined)  # noqa: S102 - built from our own table
    return defined


_numbers = count(2)
_unused: deque[str] = deque()  # names in `linecache` of which no function is left


def _forget(filename: str, remaining: set[int], number: int) -> None:
    """Note that a source is not used any more when the last of its functions is gone.

    The garbage collector calls this at any time, also while `linecache` goes over its entries.
    """
    remaining.discard(number)
    if not remaining:
        _unused.append(filename)


def drop_unused() -> None:
    """Remove sources from `linecache` whose functions are all gone."""
    while _unused:
        linecache.cache.pop(_unused.popleft(), None)


def define(name: str, arguments: tuple[str, ...], body: str, let: Iterable[str] = ()) -> str:
    """Write a function that returns ``body``, after the assignments of ``let``.

    >>> print(define("cube", ("x",), "x * y", ["y = x * x"]))
    def cube(x):
        y = x * x
        return x * y
    <BLANKLINE>
    """
    lines = [*let, f"return {body}"]
    return f"def {name}({', '.join(arguments)}):\n" + "".join(f"    {line}\n" for line in lines)


def written(
    name: str,
    arguments: tuple[str, ...],
    entry: Primitive | ListFunction,
    read: Callable[[str, str], str],
) -> str:
    """Write the function of an entry's value; ``read`` rewrites rules for a backend (`parsing`).

    >>> print(written("lse", ("xs",), TABLE["logsumexp"], parsing.for_arrays))
    def lse(xs):
        m = max(xs)
        parts = exp_difference(xs, m)
        return where(abs(m) == inf, m, m + log1p(sum_except(parts, 1)))
    <BLANKLINE>
    """
    pairs = [line.split(" = ", 1) for line in entry.let]
    let = [f"{target} = {read(text, name)}" for target, text in pairs]
    return define(name, arguments, read(entry.rule, name), let)


def bound(entry: Primitive | ListFunction) -> tuple[str, ...]:
    """Return the names that an entry's ``let`` defines."""
    return tuple(line.partition(" = ")[0] for line in entry.let)


def signature(entry: Primitive) -> tuple[str, ...]:
    """Write an entry's arguments with their defaults, which programs omit.

    >>> signature(TABLE["elu"])
    ('x', 'alpha=1.0')
    """
    return tuple(
        f"{name}={entry.defaults[name]!r}" if name in entry.defaults else name
        for name in entry.arguments
    )


def extend(entry: Primitive) -> None:
    """Check the entry's rules and add its forward function to both dictionaries."""
    check(entry)
    for text in entry.vjps:
        parsing.check(text, entry.name, (*known_names(entry), "g"))
    name, arguments = entry.name, entry.arguments
    if name not in FLOATS:
        source = written(name, arguments, entry, parsing.for_floats)
        FLOATS.update(execute(source, f"{name} for floats", FLOATS))
    if name not in ARRAYS:
        source = written(name, signature(entry), entry, parsing.for_arrays)
        ARRAYS.update(execute(source, f"{name} for arrays", ARRAYS))
    if entry.defaults:
        ARRAYS[name] = _with_defaults(ARRAYS[name], entry)


def check(entry: Primitive) -> None:
    """Raise NameError if a rule uses an unknown name, ValueError if it is not a valid rule."""
    known = known_names(entry)
    for line in entry.let:
        name, _, text = line.partition(" = ")
        parsing.check(text, entry.name, known)
        known += (name,)
    parsing.check(entry.rule, entry.name, known)
    for text in entry.partials:
        parsing.check(text, entry.name, known_names(entry))


def _with_defaults(function: Callable[..., Any], entry: Primitive) -> Callable[..., Any]:
    """Give an array function its defaults: programs omit trailing arguments that have one."""
    values = tuple(entry.defaults.values())

    def with_defaults(*xs: Any) -> Any:
        return function(*xs, *values[len(values) + len(xs) - len(entry.arguments) :])

    return with_defaults


def local_derivatives(
    entry: Primitive, names: dict[str, Any], form: str, texts: tuple[str, ...] | None = None
) -> list[Callable[..., Any]]:
    """Compile the rules of the local derivatives, each as a function of (arguments, z).

    ``form`` is ``"floats"``, ``"arrays"``, ``"values"`` or ``"traces"``; ``names`` are the
    functions' globals; ``texts`` are the rules, by default ``entry.partials``.
    """
    texts = texts or entry.partials
    return _compile_rules(entry, f"d{entry.name}_d", (*entry.arguments, "z"), texts, names, form)


def vjp_rules(entry: Primitive, names: dict[str, Any], form: str) -> list[Callable[..., Any]]:
    """Compile a custom vjp: for each argument, a function of (arguments, z, g)."""
    parameters = (*entry.arguments, "z", "g")
    return _compile_rules(entry, f"vjp_{entry.name}_", parameters, entry.vjps, names, form)


def _compile_rules(
    entry: Primitive,
    prefix: str,
    parameters: tuple[str, ...],
    texts: tuple[str, ...],
    names: dict[str, Any],
    form: str,
) -> list[Callable[..., Any]]:
    """Compile one rule per argument, as functions named after the arguments."""
    rewrite: Mapping[str, Callable[[str, str], str]] = {
        "floats": parsing.for_floats,
        "values": parsing.for_values,
        "traces": parsing.for_traces,
        "arrays": lambda text, _: text,
    }
    functions = []
    for argument, text in zip(entry.arguments, texts, strict=False):
        name = f"{prefix}{argument}"
        source = define(name, parameters, rewrite[form](text, entry.name))
        functions.append(execute(source, f"{name} for {form}", names)[name])
    return functions


for _name, _function in LIST_FUNCTIONS.items():
    for _names, _label, _read in (
        (FLOATS, "floats", parsing.for_floats),
        (ARRAYS, "arrays", parsing.for_arrays),
    ):
        _source = written(_name, _function.arguments, _function, _read)
        _names.update(execute(_source, f"{_name} for {_label}", _names))
