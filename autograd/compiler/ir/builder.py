"""Make expressions of the array IR: interned, and simplified as they are made.

What is known is worked out: constants, choices between constants, factors of 1, signs, powers of 2,
axes that are turned twice. Named arrays are opaque: nothing is simplified through a `Variable`.
"""

import ast
import math
import operator
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from autograd.compiler.ir.array_ir import (
    BINARY,
    COMPARISONS,
    LOGIC,
    VIEWS,
    Expression,
    Shape,
    Variable,
    full_parts,
    infer,
)
from autograd.primitives import CONSTANTS, TABLE
from autograd.rules import floats

MATRIX = 2


class Builder:
    """Makes the expressions of one program, each once."""

    def __init__(self) -> None:
        self._known: dict[tuple[Any, ...], Expression] = {}
        self.named: dict[Expression, Variable] = {}  # calls that an equation computes

    # Making

    def make(self, primitive: str, *operands: Expression, attributes: Any = ()) -> Expression:
        """Return the expression of a primitive as it is, without simplifying."""
        if primitive == "number":
            key: tuple[Any, ...] = (primitive, repr(attributes[0]))
        else:
            key = (primitive, attributes and _hashable(attributes), *map(id, operands))
        found = self._known.get(key)
        if found is None:
            shape, dtype = infer(primitive, operands, attributes)
            found = Expression(primitive, operands, attributes, shape, dtype)
            self._known[key] = found
        return found

    def number(self, value: float) -> Expression:
        """Return a known scalar; an int is written as one."""
        if not isinstance(value, bool) and math.copysign(1.0, value) < 0:
            return self.make("neg", self.make("number", attributes=(-value,)))
        return self.make("number", attributes=(value,))

    @property
    def size(self) -> Expression:
        """The number of samples."""
        return self.make("size")

    def call(self, name: str, *operands: Expression) -> Expression:
        """Return a function of arrays, simplified."""
        found = self._folded(name, *operands)
        simpler = _SIMPLER.get(name)
        if found is None and simpler is not None:
            found = simpler(self, *operands)
        if found is not None:
            return found
        made = self.make(name, *operands)
        return self.named.get(made, made)

    def _folded(self, name: str, *operands: Expression) -> Expression | None:
        """Return what an operator gives of two numbers, None of anything else."""
        if name not in FOLDED:
            return None
        left, right = map(number_of, operands)
        if left is None or right is None:
            return None
        return self.number(FOLDED[name](left, right))

    def add(self, x: Expression, y: Expression) -> Expression:
        """Return x + y."""
        return self.call("add", x, y)

    def mul(self, x: Expression, y: Expression) -> Expression:
        """Return x * y."""
        return self.call("mul", x, y)

    def neg(self, x: Expression) -> Expression:
        """Return -x."""
        return self.call("neg", x)

    def scaled(self, coefficient: float, x: Expression) -> Expression:
        """Return a multiple."""
        if coefficient == 1:
            return x
        if coefficient == -1:
            return self.neg(x)
        return self.mul(self.number(coefficient), x)

    # Shapes

    def reshape(self, x: Expression, shape: Shape) -> Expression:
        """Return the elements in another shape."""
        if x.shape == shape:
            return x
        if x.primitive == "reshape":
            return self.reshape(x.operands[0], shape)
        return self.make("reshape", x, attributes=(shape,))

    def transpose(self, x: Expression, order: Sequence[int]) -> Expression:
        """Return the axes in another order."""
        order = tuple(order)
        if order == tuple(range(len(order))):
            return x
        if x.primitive == "transpose":
            inner = x.attributes[0]
            return self.transpose(x.operands[0], [inner[axis] for axis in order])
        return self.make("transpose", x, attributes=(order,))

    def index(self, x: Expression, parts: Sequence[Any]) -> Expression:
        """Return positions, slices and new axes of an array."""
        parts = tuple(parts)
        if all(part == slice(None) or part is Ellipsis for part in parts):
            return x
        if x.primitive == "index":
            whole = _composed(x, parts)
            if whole is not None:
                return self.index(x.operands[0], whole)
        if x.primitive == "reduce_sum" and x.attributes[1]:  # a sum whose kept axis is taken away
            axes = x.attributes[0]
            full = full_parts(parts, len(x.shape))
            if None not in full and all(
                part == (0 if axis in axes else slice(None)) for axis, part in enumerate(full)
            ):
                return self.reduce_sum(x.operands[0], axes)
        return self.make("index", x, attributes=(parts,))

    def reduce_sum(self, x: Expression, axes: Sequence[int], keepdims: bool = False) -> Expression:
        """Return a sum over axes."""
        if not axes:
            return x
        return self.make("reduce_sum", x, attributes=(tuple(axes), keepdims))

    def gather(self, x: Expression, index: Expression) -> Expression:
        """Return ``x[index]``."""
        return self.make("gather", x, index)

    def broadcast_to(self, x: Expression, shape: Shape) -> Expression:
        """Return an array repeated along axes."""
        if x.shape == shape:
            return x
        return self.make("broadcast_to", x, attributes=(shape,))

    def part(self, x: Expression, primitive: str, what: Any, last: Shape = ()) -> Expression:
        """Return what a step of a view reads; the axes ``last`` stay behind the others."""
        if primitive == "reshape":
            what = (*what, *last)
        elif primitive == "transpose":
            what = (*what, *range(len(what), len(what) + len(last)))
        found: Expression = getattr(self, primitive)(x, what)
        return found

    # Axes by letters

    def turned(self, x: Expression, axes: str, wanted: str) -> Expression:
        """Return an array whose axes have letters with these in another order."""
        return self.transpose(x, [axes.index(axis) for axis in wanted])

    def expanded(self, x: Expression, axes: str, out: str) -> Expression:
        """Insert axes of length 1, so that an array with some of the axes meets one with all."""
        if not axes or axes == out:
            return x
        x = self.turned(x, axes, "".join(axis for axis in out if axis in axes))
        parts = [slice(None) if axis in axes else None for axis in out]
        while parts[0] is None:
            del parts[0]
        return self.index(x, parts)

    def contract(
        self, a: Expression, a_axes: str, b: Expression, b_axes: str, out: str
    ) -> Expression:
        """Return the product of two arrays, summed over the axes that ``out`` lacks."""
        a, a_axes = self._alone(a, a_axes, b_axes + out)
        b, b_axes = self._alone(b, b_axes, a_axes + out)
        if not any(axis in b_axes and axis not in out for axis in a_axes):
            return self.mul(self.expanded(a, a_axes, out), self.expanded(b, b_axes, out))
        a, a_axes = _unturned(a, a_axes)
        b, b_axes = _unturned(b, b_axes)
        return self.make("einsum", a, b, attributes=(f"{a_axes},{b_axes}->{out}",))

    def _alone(self, x: Expression, axes: str, elsewhere: str) -> tuple[Expression, str]:
        """Sum the axes that nothing else has."""
        lonely = [i for i, axis in enumerate(axes) if axis not in elsewhere]
        return self.reduce_sum(x, lonely), "".join(a for a in axes if a in elsewhere)

    # Rules of the table

    def rule(self, text: str, names: Mapping[str, Expression]) -> Expression:
        """Return what a rule of the table computes, of the arrays that its arguments stand for."""
        return self._of(parsed(text), names)

    def _of(self, tree: ast.expr, names: Mapping[str, Expression]) -> Expression:
        match tree:
            case ast.Name(name):
                found = names.get(name)
                made = self.number(CONSTANTS[name]) if found is None else found
            case ast.Constant(int() | float() as value):
                made = self.number(value)
            case ast.UnaryOp(_, operand):
                made = self.neg(self._of(operand, names))
            case ast.BinOp(left, op, right) | ast.Compare(left, [op], [right]):
                sides = self._of(left, names), self._of(right, names)
                made = self.call(OPERATORS[type(op)], *sides)
            case ast.Call(ast.Name("sum"), [xs]):
                made = self.reduce_sum(self._of(xs, names), [0])
            case ast.Call(ast.Name(name), arguments):
                made = self.call(name, *[self._of(argument, names) for argument in arguments])
            case _:
                raise NotImplementedError(f"the rule {ast.unparse(tree)} has no form for arrays")
        return made


OPERATORS: dict[type[Any], str] = {
    ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.Div: "div", ast.BitAnd: "and",
    ast.BitOr: "or", ast.Lt: "lt", ast.LtE: "le", ast.Gt: "gt", ast.GtE: "ge", ast.Eq: "eq",
    ast.NotEq: "ne",
}  # fmt: skip


@cache
def parsed(text: str) -> ast.expr:
    """Parse a rule."""
    return ast.parse(text, mode="eval").body


def _hashable(attributes: Any) -> Any:
    """Return attributes as a key: slices have no hash before Python 3.12."""
    if isinstance(attributes, tuple):
        return tuple([_hashable(part) for part in attributes])
    if isinstance(attributes, slice):
        return ("slice", attributes.start, attributes.stop)
    return attributes


def _unturned(x: Expression, axes: str) -> tuple[Expression, str]:
    """Leave a transpose out: the order of the letters says the same."""
    if x.primitive != "transpose":
        return x, axes
    (order,) = x.attributes
    own = [""] * len(order)
    for letter, axis in zip(axes, order, strict=True):
        own[axis] = letter
    return x.operands[0], "".join(own)


def _composed(x: Expression, parts: Sequence[Any]) -> list[Any] | None:
    """Return two indexings as one, where both only insert or drop axes of length 1."""
    (base,) = x.operands
    axes: list[int | None] | None = list(range(len(base.shape)))
    for each in (x.attributes[0], parts):
        axes = None if axes is None else _left(base.shape, axes, each)
    if axes is None:
        return None
    merged: list[Any] = []
    before = 0  # the axis that comes next
    for axis in (*[a for a in axes if a is not None], len(base.shape)):
        at = axes.index(axis) if axis < len(base.shape) else len(axes)
        new, dropped = at, axis - before
        axes, before = axes[at + 1 :], axis + 1
        both = min(new, dropped)  # axes that are dropped and inserted again
        merged += [slice(None)] * both + [0] * (dropped - both) + [None] * (new - both)
        merged += [slice(None)] * (axis < len(base.shape))
    return merged


def _left(shape: Shape, axes: list[int | None], parts: Sequence[Any]) -> list[int | None] | None:
    """Return the axes after an indexing, None for new ones; None if it cuts one."""
    rest, left = iter(axes), list[int | None]()
    for part in full_parts(parts, len(axes)):
        axis = None if part is None else next(rest)
        if part is None or part == slice(None):
            left.append(axis)
        elif part != 0 or (axis is not None and shape[axis] != 1):
            return None
    return left


def number_of(x: Expression) -> float | None:
    """Return the number that an expression is, None for another one."""
    if x.primitive == "number" and not isinstance(x.value, bool):
        return float(x.value)
    if x.primitive == "neg":
        inner = number_of(x.operands[0])
        return None if inner is None else -inner
    return None


def is_test(x: Expression) -> bool:
    """Whether an expression is true or false, and no number yet."""
    return x.primitive in COMPARISONS or x.primitive in LOGIC


def _is_counted(x: Expression) -> bool:
    """Whether an expression is a test made a number."""
    return x.primitive == "mul" and number_of(x.operands[0]) == 1 and is_test(x.operands[1])


def _once(build: Builder, x: Expression, *, negative: bool) -> Expression:
    """Return 1 or -1 times an expression; tests cannot be added or negated, so they keep a 1."""
    if is_test(x):
        x = build.make("mul", build.number(1.0), x)
    return build.neg(x) if negative else x


def _neg(build: Builder, x: Expression) -> Expression | None:
    if x.primitive == "neg":
        return x.operands[0]
    if x.primitive == "sub":
        return build.make("sub", x.operands[1], x.operands[0])
    return None


def _mul(build: Builder, x: Expression, y: Expression) -> Expression | None:
    left, right = number_of(x), number_of(y)
    for number, other in ((left, y), (right, x)):
        if number in {1, -1}:
            return _once(build, other, negative=number == -1)
    if _is_counted(x) and not is_test(y):  # (1.0 * test) * y is test * y
        return build.make("mul", x.operands[1], y)
    if x.primitive == "div" and number_of(x.operands[0]) == 1:  # (1 / n) * y is y / n
        return build.make("div", y, x.operands[1])
    if x.primitive == "neg":
        return build.neg(build.mul(x.operands[0], y))
    return None


def _add(build: Builder, x: Expression, y: Expression) -> Expression | None:
    if number_of(y) == 0:
        return x
    if number_of(x) == 0:
        return y
    if y.primitive == "neg":
        return build.make("sub", x, y.operands[0])
    return None


def _sub(build: Builder, x: Expression, y: Expression) -> Expression | None:
    if number_of(y) == 0:
        return x
    if y.primitive == "neg":
        return build.make("add", x, y.operands[0])
    return None


def _div(build: Builder, x: Expression, y: Expression) -> Expression | None:
    left, right = number_of(x), number_of(y)
    if right == 1:
        return x
    if left is None or right is None:
        return None
    number = floats.div(left, right)  # Python itself would refuse to divide by 0
    return build.number(number if number == number else math.nan)


def _pow(build: Builder, x: Expression, y: Expression) -> Expression | None:
    exponent = number_of(y)
    if exponent == 1:
        return x
    return build.call("square", x) if exponent == MATRIX else None


def _where(_: Builder, c: Expression, x: Expression, y: Expression) -> Expression | None:
    if c.primitive == "number":
        return x if c.value else y
    return None


def _and(_: Builder, x: Expression, y: Expression) -> Expression | None:
    for side, other in ((x, y), (y, x)):
        if side.primitive == "number" and isinstance(side.value, bool):
            return other if side.value else side
    return None


_SIMPLER: dict[str, Callable[..., Expression | None]] = {
    "neg": _neg, "mul": _mul, "add": _add, "sub": _sub, "div": _div, "pow": _pow,
    "where": _where, "and": _and,
}  # fmt: skip
FOLDED: dict[str, Callable[[float, float], float]] = {
    name: getattr(operator, name) for name in ("add", "sub", "mul", *COMPARISONS)
}
assert {*BINARY, "where", "neg"} <= TABLE.keys()


def rebuilt(build: Builder, x: Expression, put: Mapping[Variable, Expression]) -> Expression:
    """Return an expression with others in the place of some variables, simplified anew."""
    if isinstance(x, Variable):
        return put.get(x, x)
    operands = [rebuilt(build, operand, put) for operand in x.operands]
    if all(map(operator.is_, operands, x.operands)):
        return x
    return again(build, x, operands)


def again(build: Builder, x: Expression, operands: Sequence[Expression]) -> Expression:
    """Apply the primitive of an expression to other operands, simplified."""
    if x.primitive == "einsum":
        left, _, out = x.attributes[0].partition("->")
        a_axes, b_axes = left.split(",")
        return build.contract(operands[0], a_axes, operands[1], b_axes, out)
    if x.primitive in {*VIEWS, "reduce_sum", "broadcast_to"}:
        found: Expression = getattr(build, x.primitive)(*operands, *x.attributes)
        return found
    if x.attributes:
        return build.make(x.primitive, *operands, attributes=x.attributes)
    return build.call(x.primitive, *operands)
