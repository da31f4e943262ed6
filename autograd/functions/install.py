"""Fill `Value` and the function namespace from the table: `install` is all that an entry needs."""

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd._checks import as_float
from autograd.context import context
from autograd.engine.pullbacks import CustomPullback
from autograd.errors import shown
from autograd.expressions.recording import SymbolicNumber, record
from autograd.functions import reductions
from autograd.kernels.python import codegen
from autograd.primitives import TABLE, Primitive
from autograd.rules import numpy_dispatch
from autograd.rules.backends import ARRAYS, FLOATS, execute, extend
from autograd.value import APPLY, NODE, Value, attach, operand, restore, unattach, watched
from autograd.value_array import BooleanArray, ValueArray, elementwise

FUNCTIONS: dict[str, Callable[..., Any]] = {}
OWN = {"take": reductions.take}  # it takes rows of a table apart, too
_NAMES = FLOATS  # generated methods look their functions up among the floats' names
_NAMES.update(Value=Value, context=context, new=object.__new__, operand=operand, watched=watched)

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
    if entry.name in FUNCTIONS:
        raise ValueError(f"{entry.name} is in the table already; uninstall it first")
    extend(entry)
    TABLE[entry.name] = entry
    if entry.variadic:
        FUNCTIONS[entry.name] = _list_function(entry)
        return
    FUNCTIONS[entry.name] = _function(entry)
    for alias in entry.numpy:
        numpy_dispatch.answer_to(alias, FUNCTIONS[entry.name])
    if entry.name not in APPLY:
        _attach(entry, _generated(entry))
    elif len(entry.arguments) > 1:  # compiled at build time, for nodes alone: lists are taken here
        _attach(entry, {})


def _generated(entry: Primitive) -> dict[str, Callable[..., Any]]:
    """Write the node-making function of a primitive of fixed arity; return its methods."""
    sources = [] if entry.vjps else [codegen.apply_source(entry, NODE)]
    if entry.vjps:
        APPLY[entry.name] = _with_custom_vjp(entry)
    elif len(entry.arguments) == 1:
        sources.append(codegen.unary_source(entry, entry.name, NODE))
        if entry.operator:
            sources.append(codegen.unary_source(entry, f"__{entry.operator}__", NODE))
    elif entry.operator:
        sources += [codegen.operator_source(entry, reflected=r, node=NODE) for r in (False, True)]
    made = execute("\n\n".join(sources), entry.name, _NAMES) if sources else {}
    for name, method in made.items():
        method.__module__ = Value.__module__
        method.__qualname__ = f"Value.{name}"
    if sources:
        APPLY[entry.name] = made.pop(f"apply_{entry.name}")
    return made


def _attach(entry: Primitive, made: dict[str, Callable[..., Any]]) -> None:
    """Give `Value` the methods, under the names of NumPy's functions too."""
    made.setdefault(entry.name, _as_method(entry))
    for alias in entry.numpy:
        made.setdefault(alias, made[entry.name])  # np.arcsin(array of Values) calls v.arcsin()
    for name, method in made.items():
        attach(name, method)


def _with_custom_vjp(entry: Primitive) -> Callable[..., Value]:
    """Return the function of nodes of an operation with a custom vjp."""
    op, forward = entry.name, FLOATS[entry.name]

    def apply(*nodes: Value) -> Value:
        xs = tuple([x._data for x in nodes])  # noqa: SLF001 - a kernel's function
        z = forward(*xs)
        pullback = CustomPullback(op, xs, z)
        if context.active:
            return watched(op, z, nodes, pullback)
        return restore(op, z, None, nodes, pullback, None)

    return apply


def uninstall(entry: Primitive) -> None:
    """Take a primitive out again, for instance one that a test made up."""
    for names in (TABLE, FLOATS, ARRAYS, APPLY, FUNCTIONS):
        names.pop(entry.name, None)
    for name in (entry.name, *entry.numpy):
        numpy_dispatch.forget(name)
        unattach(name)


def call(name: str, operands: tuple[Any, ...]) -> Any:
    """Apply a primitive of fixed arity to numbers, Values, lists or arrays."""
    kinds = {type(x) for x in operands}
    if not kinds.isdisjoint(_CONTAINERS):
        return _call_on_containers(name, operands)
    if Value in kinds:
        nodes = [operand(x) for x in operands]
        if all(node is not None for node in nodes):
            return APPLY[name](*nodes)
    if SymbolicNumber in kinds:
        return record(name, operands)
    numbers = [as_float(x.data if type(x) is Value else x, name, _ALLOWED) for x in operands]
    return FLOATS[name](*numbers)


_CONTAINERS = {list, tuple, np.ndarray, ValueArray, BooleanArray}
_ALLOWED = "Values, real numbers, and lists and arrays of them"


def _call_on_containers(name: str, operands: tuple[Any, ...]) -> Any:
    arrays_given = [x for x in operands if isinstance(x, np.ndarray)]
    if arrays_given and not any(isinstance(x, ValueArray) for x in arrays_given):
        arrays = [_numeric(x) for x in operands]
        if all(array is not None for array in arrays):
            with np.errstate(all="ignore"):
                return ARRAYS[name](*arrays)
    return elementwise(lambda *xs: call(name, xs), operands, name)


def _numeric(x: Any) -> NDArray[np.float64] | None:
    """Return an array of floats, None where something is no plain number."""
    try:
        array = np.asarray(x)
    except ValueError:  # rows of different lengths
        return None
    return array.astype(float) if array.dtype.kind in "biuf" else None


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


def _list_function(entry: Primitive) -> Callable[..., Any]:
    """Return the function of a list."""
    own: Callable[..., Any] | None = OWN.get(entry.name)
    return own or reductions.function_of(entry)


def _as_method(entry: Primitive) -> Callable[..., Any]:
    """Let clip(v, 0, 1) serve as v.clip(0, 1); ``out`` is there for np.clip, which passes it."""
    function = FUNCTIONS[entry.name]

    @functools.wraps(function)
    def method(self: Value, *operands: Any, out: None = None, **named: Any) -> Any:
        if out is not None:
            raise TypeError(f"{entry.name}: got {shown(out)} for out; a Value cannot be written to")
        return function(self, *operands, **named)

    return method


def _parameters(entry: Primitive) -> list[str]:
    """Write the parameters as in a signature: ``x, slope=0.01``."""
    defaults = entry.defaults
    return [f"{name}={defaults[name]!r}" if name in defaults else name for name in entry.arguments]


for _entry in tuple(TABLE.values()):
    install(_entry)
