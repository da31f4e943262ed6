"""Reductions: functions of lists that make a single node, so that a neuron's sum is one Σ.

`function_of` generates the function of a reduction in the table; that of `take`, which also takes
rows of nested lists, is written here.
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np

from autograd._checks import as_float, as_ndarray
from autograd.context import context
from autograd.errors import shown
from autograd.expressions.recording import SymbolicNumber, record
from autograd.primitives import LIST_FUNCTIONS, TABLE, Primitive
from autograd.rules import loop_lowering as loops
from autograd.rules.backends import FLOATS, execute, local_derivatives
from autograd.rules.backends import written as function_text
from autograd.rules.parsing import for_floats
from autograd.value import LISTS, Value, nodes_of, restore, watched
from autograd.value_array import ValueArray

Operand = Any  # a Value or a real number


def function_of(entry: Primitive) -> Callable[..., Any]:
    """Generate the function of a reduction, with the entry's parameters and docstring."""
    head = f"def {entry.name}({', '.join(signature(entry))}):"
    text = "\n    ".join([head, f'"""{docstring(entry)}"""', *_body(entry), ""])
    names = {
        "listed": listed, "unequal": _unequal, "empty": _empty, "apply": _apply,
        "at_all_positions": _at_all_positions, "position": _position,
    }  # fmt: skip
    label = f"function {entry.name}"
    function: Callable[..., Any] = execute(text.rstrip(" "), label, names)[entry.name]
    function.__module__ = "autograd"
    return function


def _body(entry: Primitive) -> list[str]:
    """Write the body of a reduction's function: check the arguments, apply the operation."""
    op, (list_arguments, ends) = entry.name, loops.kinds(entry.arguments)
    count = len(list_arguments)
    lists, rest = parameters(entry)[:count], parameters(entry)[count:]
    first = lists[0]
    lines = [f"{xs} = listed({op!r}, {xs})" for xs in lists]
    inputs = ", ".join(f"*{xs}" for xs in lists)
    if len(lists) > 1:
        differ = " or ".join(f"len({xs}) != len({first})" for xs in lists[1:])
        lines += [f"if {differ}:", f"    raise unequal({op!r}, {', '.join(lists)})"]
    if entry.empty is None:
        lines += [f"if not {first}:", f"    raise empty({op!r})"]
    else:
        nothing = " and ".join([f"not {first}", *(f"{x} is None" for x in rest)])
        lines += [f"if {nothing}:", f"    return {entry.empty!r}"]
    if loops.POSITION in ends and not rest:
        return [*lines, f"return at_all_positions({op!r}, {first})"]
    if loops.POSITION in ends:
        position = f"position({(op, rest[0], first)!r}, {rest[0]}, {first})"
        return [*lines, f"return apply({op!r}, [{inputs}, {position}])"]
    if not rest:
        return [*lines, f"return apply({op!r}, {first if len(lists) == 1 else f'[{inputs}]'})"]
    for x in rest:
        lines += [f"if {x} is None:", f"    return apply({op!r}, [{inputs}])"]
        inputs += f", {x}"
    return [*lines, f"return apply({op!r}, [{inputs}])"]


IMPORTS = ">>> import autograd\n>>> from autograd import Value\n"


def parameters(entry: Primitive) -> tuple[str, ...]:
    """Return the names of the parameters of a reduction's function."""
    return entry.parameters or entry.arguments


def signature(entry: Primitive) -> list[str]:
    """Write the parameters of a reduction's function: ``xs, ys, bias=None``.

    >>> signature(TABLE["dot"]), signature(TABLE["softmax"])
    (['xs', 'ys', 'bias=None'], ['xs'])
    """
    _, ends = loops.kinds(entry.arguments)
    pairs = zip(entry.arguments, parameters(entry), strict=False)
    return [f"{name}=None" if x in ends and x != loops.POSITION else name for x, name in pairs]


def docstring(entry: Primitive) -> str:
    """Return the docstring of a reduction's function; its example imports what it needs."""
    if not entry.doc:
        return entry.summary
    doc = entry.doc.replace(">>> ", f"{IMPORTS}>>> ", 1)
    lines = [f"    {line}" if line else "" for line in doc.splitlines()]
    return "\n".join([entry.summary, "", *lines, "    "]).replace("\\", r"\\")


def _empty(op: str) -> ValueError:
    """Build the error for an empty list."""
    return ValueError(f"{op}: got an empty list; give one number or Value at least")


def _unequal(op: str, *lists: Sequence[Operand]) -> ValueError:
    """Build the error for lists of different lengths."""
    lengths = " and ".join(str(len(xs)) for xs in lists)
    count = {2: "two", 3: "three"}.get(len(lists), str(len(lists)))
    return ValueError(f"{op}: got lists of {lengths}; give {count} of one length")


def _at_all_positions(op: str, xs: list[Operand]) -> list[Any]:
    """Return the results for all positions: nodes, or floats if all operands are numbers."""
    nodes = nodes_of(op, xs)
    if nodes is not None:
        return [_apply(op, [*nodes, k]) for k in range(len(nodes))]
    numbers = [as_float(x, op) for x in xs]
    if op in LIST_FUNCTIONS:
        return list(FLOATS[op](numbers))
    return [_apply(op, [*numbers, k]) for k in range(len(numbers))]


def take(rows: Sequence[Any], index: Any) -> Any:
    """Return rows[index], where the index may be a `Value`: a whole number, known at run time.

    ``rows`` may be nested lists of equal lengths, or an array; a row is then a list or an array. If
    the index is a Value, as every argument is while `autograd.compile` traces a function, each
    number of the result is one node with edges from all numbers that it is selected from.

    >>> table = [[1.0, 2.0], [Value(3.0), 4.0]]
    >>> take(table, 1)
    [Value(3.0), 4.0]
    >>> take(table, Value(0.0))
    [Value(1.0, op='take'), Value(2.0, op='take')]
    """
    if isinstance(rows, np.ndarray) and rows.ndim > 1:
        chosen = take(list(rows), index)
        return chosen if isinstance(chosen, np.ndarray) else ValueArray(chosen)
    rows = listed("take", rows)
    if len(rows) == 0:
        raise _empty("take")
    position = _position(_INDEX, index, rows)
    if type(position) is not Value:
        return rows[int(position)]
    if not isinstance(rows[0], (list, tuple, np.ndarray)):
        return _apply("take", [*rows, position])
    width = len(rows[0])
    if any(not isinstance(row, (list, tuple, np.ndarray)) or len(row) != width for row in rows):
        raise ValueError(f"take: the rows differ in length; the first has {width}, so must all")
    return [take([row[i] for row in rows], position) for i in range(width)]


def _position(where: tuple[str, str, str], index: Any, items: Sequence[Any]) -> Any:
    """Check an index, a whole number below the length of a list; return it, a `Value` as it is."""
    number = index._data if type(index) is Value else as_float(index, f"{where[0]}'s {where[1]}")
    if not number.is_integer() or not 0 <= number < len(items):
        op, role, kind = where
        got = number if type(index) is Value else index
        raise ValueError(
            f"{op}: got {role} {got!r} for {len(items)} {kind}; allowed are the whole numbers "
            f"0 to {len(items) - 1}"
        )
    return index if type(index) is Value else number


_PLAIN_LISTS = (list, tuple)  # not their subclasses, which may override __len__ or __iter__
_INDEX = ("take", "index", "rows")


def split(op: str, inputs: Sequence[Any]) -> tuple[Any, ...]:
    """Divide a node's inputs among the arguments of its rule: ``xs``, ``xs, k`` or ``xs, ys, b``.

    >>> split("dot", [1, 2, 3, 4]), split("softmax", [5, 6, 0])
    (([1, 2], [3, 4], 0.0), ([5, 6], 0))
    """
    return loops.split(TABLE[op].arguments, inputs)


def _apply(op: str, operands: Sequence[Operand]) -> Any:
    """Make one node, or compute one float if no operand is a `Value`."""
    nodes = nodes_of(op, operands)
    if nodes is None:
        if any(type(x) is SymbolicNumber for x in operands):
            return record(op, split(op, operands))
        forward, _ = compiled(TABLE[op])
        return forward(*split(op, [as_float(x, op) for x in operands]))
    if op in LISTS:
        return LISTS[op](nodes)
    arguments = split(op, [x._data for x in nodes])
    forward, derivatives = compiled(TABLE[op])
    z = forward(*arguments)
    partials = tuple([float(d) for d in derivatives(*arguments, z)[: len(nodes)]])
    if context.active:
        return watched(op, z, nodes, partials)
    return restore(op, z, None, nodes, partials, None)


def compiled(entry: Primitive) -> tuple[Callable[..., float], Callable[..., list[float]]]:
    """Compile a reduction's rules for its value and its derivatives, once per definition."""
    return _compile(entry.name, entry.arguments, entry.let, entry.rule, entry.partials)


@cache
def _compile(
    op: str,
    arguments: tuple[str, ...],
    let: tuple[str, ...],
    rule: str,
    partials: tuple[str, ...],
) -> tuple[Callable[..., float], Callable[..., list[float]]]:
    entry = Primitive(name=op, rule=rule, let=let, partials=partials, arguments=arguments)
    source = function_text(op, arguments, entry, for_floats)
    forward = execute(source, f"list function {op}", FLOATS)[op]
    return forward, local_derivatives(entry, FLOATS, "floats")[0]


def listed(op: str, xs: Any) -> Sequence[Operand]:
    """Return an argument as a list or a tuple; raise TypeError for anything else."""
    if type(xs) in _PLAIN_LISTS:
        return xs  # type: ignore[no-any-return]
    array = as_ndarray(xs)
    if array is not None and array.ndim == 1:
        return list(array)
    if isinstance(xs, (set, frozenset, dict)):
        raise TypeError(
            f"{op}: got {shown(xs)}, whose order is not that of a list; allowed is a list"
        )
    if isinstance(xs, (str, bytes, Value)) or not hasattr(xs, "__iter__") or hasattr(xs, "ndim"):
        raise TypeError(f"{op}: got {shown(xs)}; allowed is a list of Values and real numbers")
    return list(xs)
