"""Functions of lists that make one node with all its edges: a neuron is a Σ, not thirty nodes."""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np

from autograd._checks import as_float
from autograd.context import context
from autograd.errors import shown
from autograd.expressions.recording import SymbolicNumber, record
from autograd.primitives import TABLE
from autograd.rules.backends import FLOATS, define, execute, local_derivatives
from autograd.rules.parsing import for_floats
from autograd.value import LISTS, Value, nodes_of, restore, watched
from autograd.value_array import ValueArray

Operand = Any  # a Value or a real number


def sum(xs: Sequence[Operand]) -> Any:
    """Add all, from left to right; 0.0 for an empty list.

    >>> sum([Value(1.0), 2, 3])
    Value(6.0, op='sum')
    >>> sum([1, 2, 3])
    6.0
    """
    return of_list("sum", xs, empty=0.0)


def prod(xs: Sequence[Operand]) -> Any:
    """Multiply all, from left to right; 1.0 for an empty list.

    >>> zero, five = Value(0.0), Value(5.0)
    >>> prod([zero, five, 2]).backward(); zero.grad
    10.0
    """
    return of_list("prod", xs, empty=1.0)


def mean(xs: Sequence[Operand]) -> Any:
    """Return the arithmetic mean of a list that is not empty.

    >>> mean([Value(1.0), 2, 6])
    Value(3.0, op='mean')
    """
    return of_list("mean", xs)


def max(xs: Sequence[Operand]) -> Any:
    """Return the largest of a list that is not empty; ties share the derivative, a nan wins.

    >>> a, b = Value(2.0), Value(2.0)
    >>> max([a, b, 1]).backward(); a.grad, b.grad
    (0.5, 0.5)
    """
    return of_list("max", xs)


def min(xs: Sequence[Operand]) -> Any:
    """Return the smallest of a list that is not empty; ties share the derivative, a nan wins.

    >>> min([Value(2.0), 1.5])
    Value(1.5, op='min')
    """
    return of_list("min", xs)


def logsumexp(xs: Sequence[Operand]) -> Any:
    """Return log(sum(exp(x_i))) of a list that is not empty, without overflow.

    >>> logsumexp([1000, 1000])
    1000.6931471805599
    """
    return of_list("logsumexp", xs)


def norm(xs: Sequence[Operand]) -> Any:
    """Return the Euclidean length; its derivatives at 0 are 0.

    >>> norm([Value(3.0), 4])
    Value(5.0, op='norm')
    """
    return of_list("norm", xs, empty=0.0)


def dot(xs: Sequence[Operand], ys: Sequence[Operand], bias: Operand | None = None) -> Any:
    """Return the sum of products of two lists of one length, plus a bias.

    The node's inputs are all of ``xs``, then all of ``ys``, then the bias if there is one.

    >>> w, b = [Value(0.5), Value(-1.0)], Value(3.0)
    >>> z = dot(w, [2, 1], b)
    >>> z.backward(); z.data, w[0].grad, b.grad
    (3.0, 2.0, 1.0)
    """
    xs, ys = _listed("dot", xs), _listed("dot", ys)
    if len(xs) != len(ys):
        raise ValueError(f"dot: got lists of {len(xs)} and {len(ys)}; give two of one length")
    ends = [] if bias is None else [bias]
    return _apply("dot", [*xs, *ys, *ends])


def softmax(xs: Sequence[Operand]) -> list[Any]:
    """Return exp(x_i) over their sum, one node an element; shifted, so that nothing overflows.

    >>> [p.data for p in softmax([Value(1000.0), 1000.0])]
    [0.5, 0.5]
    """
    xs = _filled("softmax", xs)
    nodes = nodes_of("softmax", xs)
    if nodes is None:
        return list(FLOATS["softmax"]([as_float(x, "softmax") for x in xs]))
    return [_apply("softmax", [*nodes, k]) for k in range(len(nodes))]


def cross_entropy(logits: Sequence[Operand], target: Operand) -> Any:
    """Return -log(softmax(logits)[target]), in nats, exact at both ends.

    ``target`` is the position of the right class, 0 ... len(logits) - 1.

    >>> cross_entropy([Value(1000.0), 0.0], 0).data, cross_entropy([0.0, -800.0], 1)
    (0.0, 800.0)
    """
    logits = _filled("cross_entropy", logits)
    return _apply("cross_entropy", [*logits, _position(_TARGET, target, logits)])


def take(rows: Sequence[Any], index: Any) -> Any:
    """Return rows[index], where the index may be a `Value`: a whole number, known at run time.

    ``rows`` may be nested lists of equal lengths, or an array: a row is a list or an array, then.
    Where the index is a Value, as every argument is while `autograd.compile` traces a function,
    each number chosen is one node with edges from all that it was chosen from.

    >>> table = [[1.0, 2.0], [Value(3.0), 4.0]]
    >>> take(table, 1)
    [Value(3.0), 4.0]
    >>> take(table, Value(0.0))
    [Value(1.0, op='take'), Value(2.0, op='take')]
    """
    if isinstance(rows, np.ndarray) and rows.ndim > 1:
        chosen = take(list(rows), index)
        return chosen if isinstance(chosen, np.ndarray) else ValueArray(chosen)
    rows = _filled("take", rows)
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
    """Check a whole number below the length of a list; a `Value` comes back as it is."""
    number = index._data if type(index) is Value else as_float(index, f"{where[0]}'s {where[1]}")
    if not number.is_integer() or not 0 <= number < len(items):
        op, role, kind = where
        came = number if type(index) is Value else index
        raise ValueError(
            f"{op}: got {role} {came!r} for {len(items)} {kind}; allowed are the whole numbers "
            f"0 to {len(items) - 1}"
        )
    return index if type(index) is Value else number


_PLAIN_LISTS = (list, tuple)  # a class derived from these may count its items otherwise
_TARGET, _INDEX = ("cross_entropy", "target", "logits"), ("take", "index", "rows")


def split(op: str, inputs: Sequence[Any]) -> tuple[Any, ...]:
    """Divide a node's inputs among the arguments of its rule: ``xs``, ``xs, k`` or ``xs, ys, b``.

    >>> split("dot", [1, 2, 3, 4]), split("softmax", [5, 6, 0])
    (([1, 2], [3, 4], 0.0), ([5, 6], 0))
    """
    arguments = TABLE[op].arguments
    if arguments == ("xs", "ys", "b"):
        half = len(inputs) // 2
        return inputs[:half], inputs[half : 2 * half], inputs[-1] if len(inputs) % 2 else 0.0
    if arguments == ("xs", "k"):
        return inputs[:-1], inputs[-1]
    return (inputs,)


def of_list(op: str, xs: Sequence[Operand], empty: float | None = None) -> Any:
    """Apply an operation of the table to a list; ``empty`` is for an empty one."""
    xs = _listed(op, xs)
    if empty is not None and len(xs) == 0:
        return empty
    return _apply(op, _filled(op, xs))


def _apply(op: str, operands: Sequence[Operand]) -> Any:
    """Make one node, or compute one float where no operand is a `Value`."""
    nodes = nodes_of(op, operands)
    if nodes is None:
        if any(type(x) is SymbolicNumber for x in operands):
            return record(op, split(op, operands))
        forward, _ = _compiled(op, TABLE[op].rule, TABLE[op].partials)
        return forward(*split(op, [as_float(x, op) for x in operands]))
    if op in LISTS:
        return LISTS[op](nodes)
    arguments = split(op, [x._data for x in nodes])
    forward, derivatives = _compiled(op, TABLE[op].rule, TABLE[op].partials)
    z = forward(*arguments)
    partials = tuple([float(d) for d in derivatives(*arguments, z)[: len(nodes)]])
    if context.active:
        return watched(op, z, nodes, partials)
    return restore(op, z, None, nodes, partials, None)


@cache
def _compiled(
    op: str,
    rule: str,
    partials: tuple[str, ...],  # noqa: ARG001 - tells two of one name apart
) -> tuple[Callable[..., float], Callable[..., list[float]]]:
    """Compile an operation's rule and the rule of its local derivatives."""
    entry = TABLE[op]
    source = define(op, entry.arguments, for_floats(rule, op))
    forward = execute(source, f"list function {op}", FLOATS)[op]
    return forward, local_derivatives(entry, FLOATS, "floats")[0]


def _filled(op: str, xs: Sequence[Operand]) -> Sequence[Operand]:
    xs = _listed(op, xs)
    if len(xs) == 0:
        raise ValueError(f"{op}: got an empty list; give one number or Value at least")
    return xs


def _listed(op: str, xs: Any) -> Sequence[Operand]:
    if type(xs) in _PLAIN_LISTS:
        return xs  # type: ignore[no-any-return]
    if isinstance(xs, np.ndarray) and xs.ndim == 1:
        return list(xs)
    if isinstance(xs, (set, frozenset, dict)):
        raise TypeError(
            f"{op}: got {shown(xs)}, whose order is not that of a list; allowed is a list"
        )
    if isinstance(xs, (str, bytes, Value)) or not hasattr(xs, "__iter__") or hasattr(xs, "ndim"):
        raise TypeError(f"{op}: got {shown(xs)}; allowed is a list of Values and real numbers")
    return list(xs)
