"""The array IR: equations, each of which names an array and says by which primitives it is made.

An `Expression` is a primitive of other expressions, with static attributes, a shape and a dtype. A
`Variable` is one that has a name: an input, a constant, or the result of an `Equation`. Expressions
are made by `autograd.compiler.ir.builder`, which interns them, so that equal ones are one object.

The primitives, beside the table's own (elementwise ones broadcast; reductions take the list along
the first axis, as in ``softmax(xs)``, ``take(xs, k)``):

===============================  ===================================================================
``number(value=)``, ``size``     a scalar that is known; the number of samples
``eq ne lt le gt ge and or``     comparisons of numbers, and of comparisons
``einsum(spec=)``                a sum of products, ``spec`` as NumPy writes it
``reduce_sum(axes=, keepdims=)`` a sum over axes; ``mean``: over all; ``item``: the one element
``reshape(shape=)``              the elements in another shape
``transpose(order=)``            the axes in another order
``index(parts=)``                positions, slices, and new axes (None)
``gather``                       ``x[i]``, rows or elements chosen by an array of integers
``broadcast_to(shape=)``         an array repeated along axes
``repeat_samples``               an array repeated along a new last axis, that of the samples
``concatenate``                  arrays one after another along the first axis
``accumulate(paths=, shape=)``   zeros, to parts of which the operands are added in order
``add_at(count=)``               numbers added up by index: the transpose of ``gather``
``onehot(count=)``               1 in place k of a new first axis
``whole``, ``positions``, ...    integers of numbers; 0, 1, ... along the first axis
===============================  ===================================================================

Derivatives are in `autograd.compiler.ir.vjp`, one rule a primitive.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from autograd.errors import LoweringError
from autograd.primitives import TABLE

SAMPLES = "n"  # the size of the samples' axis, which is always the last one
Dim = int | str
Shape = tuple[Dim, ...]
BINARY = {"add": "+", "sub": "-", "mul": "*", "div": "/", "pow": "**"}
COMPARISONS = {"lt": "<", "le": "<=", "gt": ">", "ge": ">=", "eq": "==", "ne": "!="}
LOGIC = {"and": "&", "or": "|"}
LIKE_FIRST = {"softmax", "others", "shares"}  # of a list along the first axis: a list again
VIEWS = {"reshape", "transpose", "index"}  # they share the numbers of their operand


@dataclass(eq=False, slots=True, repr=False)
class Expression:
    """A primitive applied to expressions; made by a `Builder`, which interns it."""

    primitive: str
    operands: tuple["Expression", ...]
    attributes: tuple[Any, ...]
    shape: Shape
    dtype: str  # "float", "int" or "bool"

    @property
    def value(self) -> Any:
        """The number of a ``number``."""
        return self.attributes[0]

    def __repr__(self) -> str:
        return format_expression(self)


class Variable(Expression):
    """An array that has a name; ``kind``: argument, parameter, constant, result or cotangent.

    ``distinct``: whether a constant is an index array in which no position occurs twice.
    """

    __slots__ = ("distinct", "kind", "name")

    def __init__(self, name: str, shape: Shape, kind: str, dtype: str = "float") -> None:
        super().__init__("variable", (), (), shape, dtype)
        self.name = name
        self.kind = kind
        self.distinct = False


@dataclass(eq=False)
class Equation:
    """One array of a program: its variable, and the expression that makes it.

    ``softmax`` is the softmax that a ``cross_entropy_softmax`` keeps beside its result.
    """

    result: Variable
    expression: Expression
    softmax: Variable | None = None

    @property
    def results(self) -> tuple[Variable, ...]:
        """All variables that the equation gives a value."""
        return (self.result,) if self.softmax is None else (self.result, self.softmax)

    def __repr__(self) -> str:
        names = ", ".join(f"{v.name}: {shape_text(v.shape)}" for v in self.results)
        return f"{names} = {self.expression!r}"


@dataclass(eq=False)
class ArrayProgram:
    """A program over arrays: inputs, constants by name, equations in order, and what is returned.

    ``value`` is one number, None of a program without gradients. ``gradients`` are those of the
    inputs ``wanted``; ``outputs`` are the results of a program without gradients; ``guards`` are
    comparisons of the trace.
    """

    inputs: tuple[Variable, ...]
    constants: dict[str, Any]
    equations: list[Equation]
    value: Expression | None = None
    gradients: tuple[Expression, ...] = ()
    outputs: tuple[Expression, ...] = ()
    guards: tuple[Expression, ...] = ()
    forward_count: int = field(default=0)  # equations of the value; the others are of gradients

    @property
    def results(self) -> tuple[Expression, ...]:
        """All that is returned, in order."""
        value = () if self.value is None else (self.value,)
        return (*value, *self.outputs, *self.gradients, *self.guards)

    def __str__(self) -> str:
        lines = [f"({', '.join(f'{v.name}: {shape_text(v.shape)}' for v in self.inputs)})"]
        lines += [f"  {equation!r}" for equation in self.equations]
        lines += [f"  return {', '.join(map(repr, self.results))}"]
        return "\n".join(lines)


def index_text(parts: Sequence[Any]) -> str:
    """Write an index.

    >>> index_text((slice(None), None, 3)), index_text((slice(0, 4), slice(None)))
    (':, None, 3', ':4')
    """
    texts = [part_text(part) for part in parts]
    while len(texts) > 1 and texts[-1] == ":":
        texts.pop()
    return ", ".join(texts)


def part_text(part: Any) -> str:
    """Write one part of an index.

    >>> part_text(3), part_text(slice(None)), part_text(slice(0, 4)), part_text(slice(2, 4))
    ('3', ':', ':4', '2:4')
    """
    if isinstance(part, slice):
        return f"{part.start or ''}:{'' if part.stop is None else part.stop}"
    return "..." if part is Ellipsis else str(part)


def shape_text(shape: Sequence[Dim]) -> str:
    """Write a shape.

    >>> shape_text((3, "n")), shape_text((3,)), shape_text(())
    ('(3, n)', '(3,)', '()')
    """
    return f"({', '.join(map(str, shape))}{',' * (len(shape) == 1)})"


def format_expression(expression: Expression) -> str:
    """Write an expression for debugging: ``add(einsum[ik,kn->in](W1, x), b1)``."""
    if isinstance(expression, Variable):
        return expression.name
    if expression.primitive == "number":
        return repr(expression.value)
    write = index_text if expression.primitive == "index" else str
    attributes = ",".join(map(write, expression.attributes))
    operands = ", ".join(map(format_expression, expression.operands))
    return f"{expression.primitive}{f'[{attributes}]' * bool(attributes)}({operands})"


def walk(roots: Iterable[Expression]) -> Iterator[Expression]:
    """Yield each expression beneath some roots once, operands after what reads them."""
    seen: set[int] = set()
    stack = list(roots)
    while stack:
        expression = stack.pop()
        if id(expression) not in seen:
            seen.add(id(expression))
            yield expression
            stack += expression.operands


def occurrences(root: Expression) -> Iterator[Variable]:
    """Yield the variables of an expression as often as they are written."""
    stack = [root]
    while stack:
        expression = stack.pop()
        if isinstance(expression, Variable):
            yield expression
        else:
            stack += expression.operands


def broadcast_shapes(shapes: Iterable[Shape]) -> Shape:
    """Return the shape that arrays have together.

    >>> broadcast_shapes([(3, 1), ("n",), ()])
    (3, 'n')
    """
    shapes = list(shapes)
    if shapes and shapes.count(shapes[0]) == len(shapes):
        return shapes[0]
    ndim = max(map(len, shapes), default=0)
    full = [(1,) * (ndim - len(shape)) + tuple(shape) for shape in shapes]
    found: list[Dim] = []
    for sizes in zip(*full, strict=True):
        known = {size for size in sizes if size != 1}
        if len(known) > 1:
            raise LoweringError(f"shapes {shapes} do not broadcast")
        found.append(known.pop() if known else 1)
    return tuple(found)


def infer(
    primitive: str, operands: Sequence[Expression], attributes: tuple[Any, ...]
) -> tuple[Shape, str]:
    """Return the shape and dtype of what a primitive makes; raise LoweringError if it cannot."""
    rule: ShapeRule | None = _SHAPES.get(primitive)
    if rule is not None:
        return rule(operands, attributes)
    entry = TABLE.get(primitive)
    if entry is not None and entry.variadic and primitive not in LIKE_FIRST:
        xs, *rest = (operand.shape for operand in operands)
        return broadcast_shapes([xs[1:], *rest]), "float"
    return broadcast_shapes([operand.shape for operand in operands]), "float"


def _like(dtype: str) -> Any:
    return lambda operands, _: (broadcast_shapes([x.shape for x in operands]), dtype)


def _same(operands: Sequence[Expression], _: Any) -> tuple[Shape, str]:
    return operands[0].shape, operands[0].dtype


def _einsum(operands: Sequence[Expression], attributes: tuple[Any, ...]) -> tuple[Shape, str]:
    left, _, out = attributes[0].partition("->")
    sizes: dict[str, Dim] = {}
    for letters, operand in zip(left.split(","), operands, strict=True):
        if len(letters) != len(operand.shape):
            raise LoweringError(f"einsum {attributes[0]}: an operand has {operand.shape}")
        for letter, size in zip(letters, operand.shape, strict=True):
            if sizes.setdefault(letter, size) != size:
                raise LoweringError(
                    f"einsum {attributes[0]}: {letter} is {sizes[letter]} and {size}"
                )
    return tuple([sizes[letter] for letter in out]), "float"


def _reduce_sum(operands: Sequence[Expression], attributes: tuple[Any, ...]) -> tuple[Shape, str]:
    axes, keepdims = attributes
    shape = operands[0].shape
    if keepdims:
        return tuple([1 if i in axes else size for i, size in enumerate(shape)]), "float"
    return tuple([size for i, size in enumerate(shape) if i not in axes]), "float"


def count_of(shape: Shape) -> tuple[int, int]:
    """Return how many elements a shape has beside its samples, and how many sample axes.

    >>> count_of((2, 3, "n"))
    (6, 1)
    """
    known = [size for size in shape if isinstance(size, int)]
    return int(np.prod(known, dtype=int)), len(shape) - len(known)


def _reshape(operands: Sequence[Expression], attributes: tuple[Any, ...]) -> tuple[Shape, str]:
    (shape,) = attributes
    if count_of(shape) != count_of(operands[0].shape):
        raise LoweringError(f"reshape: {operands[0].shape} is not {shape}")
    return shape, operands[0].dtype


def _transpose(operands: Sequence[Expression], attributes: tuple[Any, ...]) -> tuple[Shape, str]:
    (order,) = attributes
    if sorted(order) != list(range(len(operands[0].shape))):
        raise LoweringError(f"transpose: {order} of {operands[0].shape}")
    return tuple([operands[0].shape[axis] for axis in order]), operands[0].dtype


def full_parts(parts: Sequence[Any], ndim: int) -> list[Any]:
    """Return one part for each axis: an ellipsis, and what is left out at the end, filled in.

    >>> full_parts((Ellipsis, 0), 2), full_parts((None, 1), 2)
    ([slice(None, None, None), 0], [None, 1, slice(None, None, None)])
    """
    spread = sum(part is not None and part is not Ellipsis for part in parts)
    fill = [slice(None)] * (ndim - spread)
    if Ellipsis in parts:
        at = list(parts).index(Ellipsis)
        return [*parts[:at], *fill, *parts[at + 1 :]]
    return [*parts, *fill]


def _index(operands: Sequence[Expression], attributes: tuple[Any, ...]) -> tuple[Shape, str]:
    sizes = iter(operands[0].shape)
    shape: list[Dim] = []
    for part in full_parts(attributes[0], len(operands[0].shape)):
        if part is None:
            shape.append(1)
            continue
        size = next(sizes)
        if isinstance(part, slice):
            if part == slice(None):
                shape.append(size)
                continue
            start, stop = part.start or 0, part.stop
            if not isinstance(size, int) or not 0 <= start <= stop <= size:
                raise LoweringError(f"index: {part} of an axis of {size}")
            shape.append(stop - start)
        elif not isinstance(size, int) or not 0 <= part < size:
            raise LoweringError(f"index: {part} of an axis of {size}")
    return tuple(shape), operands[0].dtype


def _broadcast_to(operands: Sequence[Expression], attributes: tuple[Any, ...]) -> tuple[Shape, str]:
    (shape,) = attributes
    if broadcast_shapes([operands[0].shape, shape]) != shape:
        raise LoweringError(f"broadcast_to: {operands[0].shape} to {shape}")
    return shape, operands[0].dtype


def _concatenate(operands: Sequence[Expression], _: Any) -> tuple[Shape, str]:
    rest = {x.shape[1:] for x in operands}
    if len(rest) > 1:
        raise LoweringError(f"concatenate: {[x.shape for x in operands]}")
    total = 0
    for x in operands:
        assert isinstance(x.shape[0], int)
        total += x.shape[0]
    return (total, *rest.pop()), "float"


def _onehot(operands: Sequence[Expression], attributes: tuple[Any, ...]) -> tuple[Shape, str]:
    if attributes:
        return (attributes[0], *operands[0].shape), "float"
    k, xs = operands
    return (xs.shape[0], *broadcast_shapes([k.shape, (1,) * (len(xs.shape) - 1)])), "float"


ShapeRule = Callable[[Sequence[Expression], Any], tuple[Shape, str]]
_SHAPES: dict[str, ShapeRule] = {
    **dict.fromkeys(("number", "size", "mean", "item"), lambda _, __: ((), "float")),
    **dict.fromkeys((*COMPARISONS, *LOGIC), _like("bool")),
    "einsum": _einsum,
    "reduce_sum": _reduce_sum,
    "reshape": _reshape,
    "transpose": _transpose,
    "index": _index,
    "gather": lambda operands, _: (
        (*operands[1].shape, *operands[0].shape[1:]), operands[0].dtype),
    "broadcast_to": _broadcast_to,
    "repeat_samples": lambda operands, _: ((*operands[0].shape, SAMPLES), "float"),
    "concatenate": _concatenate,
    "accumulate": lambda _, attributes: (attributes[1], "float"),
    "add_at": lambda operands, attributes: (
        (attributes[0], *operands[1].shape[len(operands[0].shape) :]), "float"),
    "onehot": _onehot,
    "whole": lambda operands, _: (operands[0].shape, "int"),
    "asarray": _same,
    "positions": lambda operands, _: (
        (operands[0].shape[0], *[1] * (len(operands[0].shape) - 1)), "int"),
    **dict.fromkeys(LIKE_FIRST, _same),
    "sum_except": lambda operands, _: (operands[0].shape[1:], "float"),
    "cross_entropy_softmax": lambda operands, _: (
        broadcast_shapes([operands[0].shape[1:], operands[1].shape]), "float"),
}  # fmt: skip
