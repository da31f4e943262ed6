"""Fill `Value` and the function namespace from the table: `install` is all that an entry needs."""

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd import codegen, nary, ufuncs
from autograd.modes import modes
from autograd.numbers import as_float
from autograd.operations import Operations
from autograd.ops import TABLE, Primitive
from autograd.readings import ARRAYS, FLOATS, execute, extend
from autograd.value import Value, new, operand, watched

APPLY: dict[str, Callable[..., Value]] = {}
FUNCTIONS: dict[str, Callable[..., Any]] = {
    entry.name: getattr(nary, entry.name) for entry in TABLE.values() if entry.variadic
}
_NAMES = FLOATS  # generated methods look their functions up among the floats' names
_NAMES.update(Value=Value, modes=modes, new=new, operand=operand, watched=watched)

FUNCTION = '''\
def {name}({signature}):
    """{summary}

    Numbers give a float, Values a Value, lists and arrays are taken element by element.
    """
    return call({name!r}, ({arguments},))
'''

def install(entry: Primitive) -> None:
    """Add a primitive: its float and array functions, its methods, its module-level function.

    Raises NameError where one of its rules names something unknown, ValueError where a rule is
    not one expression.
    """
    TABLE[entry.name] = entry
    extend(entry)
    if entry.variadic:
        return
    sources = [codegen.apply_source(entry)]
    if len(entry.arguments) == 1:
        sources.append(codegen.unary_source(entry, entry.name))
        if entry.operator:
            sources.append(codegen.unary_source(entry, f"__{entry.operator}__"))
    elif entry.operator:
        sources += [codegen.operator_source(entry, reflected=side) for side in (False, True)]
    made = execute("\n\n".join(sources), entry.name, _NAMES)
    for name, method in made.items():
        method.__module__ = Value.__module__
        method.__qualname__ = f"Value.{name}"
    APPLY[entry.name] = made.pop(f"apply_{entry.name}")
    FUNCTIONS[entry.name] = _function(entry)
    made.setdefault(entry.name, FUNCTIONS[entry.name])  # clip(v, 0, 1) serves as v.clip(0, 1)
    for alias in entry.numpy:
        ufuncs.answer_to(alias, FUNCTIONS[entry.name])
        made.setdefault(alias, made[entry.name])  # np.arcsin(array of Values) calls v.arcsin()
    for name, method in made.items():
        setattr(Operations, name, method)


def uninstall(entry: Primitive) -> None:
    """Take a primitive out again, for instance one that a test made up."""
    for names in (TABLE, FLOATS, ARRAYS, APPLY, FUNCTIONS):
        names.pop(entry.name, None)
    for name in (entry.name, *entry.numpy):
        ufuncs.forget(name)
        if hasattr(Operations, name):
            delattr(Operations, name)


def call(name: str, operands: tuple[Any, ...]) -> Any:
    """Apply a primitive of fixed arity to numbers, Values, lists or arrays."""
    kinds = {type(x) for x in operands}
    if not kinds.isdisjoint(_CONTAINERS):
        return _call_on_containers(name, operands)
    if Value in kinds:
        nodes = [operand(x) for x in operands]
        if None not in nodes:
            return APPLY[name](*nodes)
    numbers = [as_float(x.data if type(x) is Value else x, name) for x in operands]
    return FLOATS[name](*numbers)


_CONTAINERS = {list, tuple, np.ndarray}


def _call_on_containers(name: str, operands: tuple[Any, ...]) -> Any:
    arrays = [x for x in operands if isinstance(x, np.ndarray)]
    others = [x for x in operands if not isinstance(x, np.ndarray)]
    if all(x.dtype.kind in "biuf" for x in arrays) and all(isinstance(x, (int, float)) for x in others):
        with np.errstate(all="ignore"):
            return ARRAYS[name](*(np.asarray(x, dtype=float) for x in operands))
    return ufuncs.elementwise(lambda *xs: call(name, xs), operands)


def _function(entry: Primitive) -> Callable[..., Any]:
    text = FUNCTION.format(
        name=entry.name,
        summary=entry.summary,
        signature=", ".join(_parameters(entry)),
        arguments=", ".join(entry.arguments),
    )
    made: Callable[..., Any] = execute(text, f"function {entry.name}", {"call": call})[entry.name]
    made.__module__ = "autograd"
    return made


def _parameters(entry: Primitive) -> list[str]:
    """Write the parameters as in a signature: ``x, slope=0.01``."""
    defaults = entry.defaults
    return [f"{name}={defaults[name]!r}" if name in defaults else name for name in entry.arguments]


for _entry in tuple(TABLE.values()):
    install(_entry)
