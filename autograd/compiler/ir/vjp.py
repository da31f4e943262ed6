"""Differentiate equations in reverse: one rule a primitive, from equations to equations.

A `Cotangent` may lack axes of what it belongs to: along these it is the same. So a mean sends back
``1 / n``, and not an array of it. What a rule gives is again made of primitives, so that a program
and its gradients can be differentiated once more; then many cotangents of a gradient go back at
once, along an axis of their own, the directions, which comes last in every array.
"""

import ast
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import count
from math import isnan
from typing import Any

from autograd.compiler.ir.array_ir import (
    COMPARISONS,
    LOGIC,
    Dim,
    Equation,
    Expression,
    Shape,
    Variable,
    full_parts,
)
from autograd.compiler.ir.builder import Builder, number_of, parsed
from autograd.primitives import TABLE
from autograd.rules.parsing import for_arrays

LETTERS = "abcdefghijklmnop"
DIRECTIONS = "z"
MAX_ADDENDS = 50  # of one equation; a compiler of expressions recurses over them
CONSTANT = {"number", "size", "onehot", "positions", "whole", *COMPARISONS, *LOGIC}
Path = tuple[tuple[str, Any], ...]


class NoVjpError(Exception):
    """A function that only a rule of the table names, and that has no derivative itself."""


@dataclass(frozen=True)
class Cotangent:
    """The gradient with respect to an array; ``axes`` are the array's that it has, in order.

    The axis after the array's last one is that of the directions.
    """

    x: Expression
    axes: tuple[int, ...]


@dataclass(frozen=True)
class Part:
    """What is added to a part of an array's cotangent; the path leads from the array to it."""

    x: Expression
    path: Path


Sent = Iterator[tuple[Expression, Cotangent]]


def requires_grad(equations: Iterable[Equation], wanted: Iterable[Variable]) -> set[Variable]:
    """Return the variables through which a gradient flows to the wanted ones."""
    found = set(wanted)
    for equation in equations:
        if reaches(equation.expression, found):
            found.update(equation.results)
    return found


def reaches(x: Expression, live: set[Variable]) -> bool:
    """Whether an expression depends on one of some variables, as far as derivatives tell."""
    if isinstance(x, Variable):
        return x in live
    if x.primitive in CONSTANT:
        return False
    entry = TABLE.get(x.primitive)
    if entry is not None and entry.partials and set(entry.partials) == {"0"}:
        return False
    return any(reaches(operand, live) for operand in x.operands)


@dataclass
class Differentiation:
    """One backward pass over equations: the cotangents so far, and the equations that make them.

    ``exact``: take the table's exact rules rather than the textbook's. ``directions`` counts the
    cotangents that go back at once, 0 where there is one without an axis. ``prefix`` begins the
    names of cotangents.
    """

    build: Builder
    live: set[Variable]
    exact: bool = False
    taken: set[str] = field(default_factory=set)
    directions: int = 0
    prefix: str = "d"
    equations: list[Equation] = field(default_factory=list)
    pending: dict[Variable, list[Cotangent | Part]] = field(default_factory=dict)

    def run(self, equations: Sequence[Equation]) -> None:
        """Propagate the pending cotangents through equations, from the last to the first."""
        for equation in reversed(equations):
            self.back(equation)

    def back(self, equation: Equation) -> None:
        """Propagate the cotangents of an equation's results to what it reads."""
        for result in equation.results:
            cotangent = self.total(result)
            if cotangent is None:
                continue
            x = equation.expression
            if equation.softmax is not None:  # a pair: each is differentiated as it stands alone
                name = "cross_entropy" if result is equation.result else "softmax"
                x = self.build.make(name, *x.operands[: 2 if name == "cross_entropy" else 1])
            self.propagate(x, cotangent, result)

    def propagate(self, x: Expression, g: Cotangent, z: Expression | None = None) -> None:
        """Send a cotangent through an expression to its variables; ``z`` is its result."""
        stack = [(x, g, z)]
        while stack:
            x, g, z = stack.pop()
            if not reaches(x, self.live):
                continue
            if isinstance(x, Variable):
                self.pending.setdefault(x, []).append(g)
                continue
            part = self.part(x, g)
            if part is not None:
                self.pending.setdefault(part[0], []).append(part[1])
                continue
            sent = list(self.sent(x, g, z or x))
            stack += [(operand, cotangent, None) for operand, cotangent in reversed(sent)]

    def sent(self, x: Expression, g: Cotangent, z: Expression) -> Sent:
        """Yield the operands of an expression with the cotangents that its rule sends them."""
        rule = RULES.get(x.primitive)
        if rule is not None:
            yield from rule(self, x, g)
        elif x.primitive not in TABLE:
            raise NoVjpError(x.primitive)
        elif TABLE[x.primitive].variadic:
            yield from self.of_list(x, g, z)
        else:
            yield from self.elementwise(x, g, z)

    # Cotangents of variables

    def total(self, variable: Variable) -> Cotangent | None:
        """Add up what has come to a variable, under a name; None where nothing has."""
        pending = self.pending.pop(variable, [])
        if not pending:
            return None
        wholes = [g for g in pending if isinstance(g, Cotangent)]
        if len(wholes) == len(pending) == 1:
            (only,) = wholes
            if is_short(only.x):
                return only
            return Cotangent(self.named(variable, only.x), only.axes)
        every = self.every(variable.shape)
        parts = [g for g in pending if isinstance(g, Part)]
        union = tuple([a for a in every if parts or any(a in g.axes for g in wholes)])
        addends = [self.spread(g, union) for g in wholes]
        if not parts:
            return Cotangent(self.named(variable, self.summed(addends)), union)
        values, paths = [part.x for part in parts], [part.path for part in parts]
        for i in range(0, len(addends), MAX_ADDENDS):
            values.append(self.summed(addends[i : i + MAX_ADDENDS]))
            paths.append(())
        total = self.build.make(
            "accumulate", *values, attributes=(tuple(paths), self.full(variable.shape))
        )
        return Cotangent(self.named(variable, total), every)

    def summed(self, addends: Sequence[Expression]) -> Expression:
        """Add many up; a long sum by way of names, as each addend nests an expression deeper."""
        different = [self.times_count(x, n) for x, n in Counter(addends).items()]
        total = different[0]
        for i, addend in enumerate(different[1:], 1):
            if i % MAX_ADDENDS == 0:
                total = self.fresh(total)
            total = self.build.add(total, addend)
        return total

    def times_count(self, x: Expression, n: int) -> Expression:
        """Return an addend that comes several times, as from ``x * x``, once."""
        if x.primitive == "neg" and n > 1:
            return self.build.neg(self.times_count(x.operands[0], n))
        return self.build.scaled(float(n), x)

    def result(self, variable: Variable) -> Expression:
        """Return the whole gradient with respect to a variable."""
        g = self.total(variable)
        if g is None:
            return self.build.make("accumulate", attributes=((), self.full(variable.shape)))
        return self.whole(g, variable.shape)

    def named(self, variable: Variable, x: Expression) -> Variable:
        """Name a variable's cotangent: dx; but d_x where dx is taken."""
        name = f"{self.prefix}{variable.name}"
        if name in self.taken:
            name = f"{self.prefix}_{variable.name}"
        return self.define(name, x)

    def fresh(self, x: Expression) -> Expression:
        """Name a cotangent that belongs to no variable, unless it is one already."""
        if is_short(x):
            return x
        names = (f"{self.prefix}_{i}" for i in count(len(self.equations)))
        return self.define(next(name for name in names if name not in self.taken), x)

    def define(self, name: str, x: Expression) -> Variable:
        """Add an equation."""
        result = Variable(name, x.shape, "cotangent")
        self.equations.append(Equation(result, x))
        self.taken.add(name)
        return result

    def scattered(self, x: Expression, path: Path, shape: Shape) -> Cotangent:
        """Return the cotangent of an array of which only a part has one."""
        total = self.build.make("accumulate", x, attributes=((path,), self.full(shape)))
        return Cotangent(self.fresh(total), self.every(shape))

    # Axes

    def extent(self, size: Dim) -> Expression:
        """Return the length of an axis as a number of the program."""
        return self.build.size if isinstance(size, str) else self.build.number(size)

    def full(self, shape: Shape) -> Shape:
        """Return the shape of a cotangent that has all axes."""
        return (*shape, self.directions) if self.directions else shape

    def every(self, shape: Shape) -> tuple[int, ...]:
        """Return all axes that a cotangent can have."""
        return tuple(range(len(self.full(shape))))

    def spread(self, g: Cotangent, axes: Sequence[int]) -> Expression:
        """Insert axes of length 1, so that a cotangent meets others with all of these axes."""
        return self.build.expanded(g.x, letters(g.axes), letters(axes))

    def whole(self, g: Cotangent, shape: Shape) -> Expression:
        """Return a cotangent with all of its array's axes, in full length."""
        return self.build.broadcast_to(self.spread(g, self.every(shape)), self.full(shape))

    def reduced(
        self, x: Expression, have: Sequence[int], operand: Expression, shape: Shape
    ) -> Cotangent:
        """Return the cotangent of an operand that is broadcast to a shape.

        ``x`` has the axes ``have`` of the shape; it is summed over those that the operand lacks.
        """
        build, own = self.build, own_axes(operand, shape)
        for axis, size in enumerate(shape):
            if axis not in have and axis not in own and size != 1:
                x = build.mul(x, self.extent(size))
        own.append(len(shape))  # the directions
        gone = [i for i, axis in enumerate(have) if axis not in own]
        offset = len(shape) - len(operand.shape)
        keep = (
            len(gone) == 1
            and gone[0] == len(have) - 1
            and offset <= have[-1] < len(shape)
            and not _is_new(operand, have[-1] - offset)
        )
        x = build.reduce_sum(x, gone, keepdims=keep)
        left = have if keep else [axis for axis in have if axis in own]
        return Cotangent(x, tuple([axis - offset for axis in left]))

    # Rules

    def elementwise(self, x: Expression, g: Cotangent, z: Expression) -> Sent:
        """Yield the cotangents of a function of numbers, by the table's rules."""
        entry, build, shape = TABLE[x.primitive], self.build, x.shape
        rules = entry.partials if self.exact else entry.textbook or entry.partials
        defaults = [build.number(number) for number in entry.defaults.values()]
        missing = len(entry.arguments) - len(x.operands)
        operands = [*x.operands, *defaults[len(defaults) - missing :]]
        given = dict(zip(entry.arguments, operands, strict=True))
        for position, operand in enumerate(x.operands):
            if not reaches(operand, self.live):
                continue
            rule = (entry.vjps or rules)[position]
            used = _names(rule)
            own = {a for name, y in given.items() if name in used for a in own_axes(y, shape)}
            own.update(g.axes, range(len(shape)) if "z" in used else ())
            have = sorted(own)
            names = {
                name: self.broadcast(y, shape, have) for name, y in given.items() if name in used
            }
            names["z"] = self.beside(z, have, shape)
            along = build.expanded(g.x, letters(g.axes), letters(have))
            if entry.vjps:
                sent = build.rule(rule, {**names, "g": along})
            else:
                partial = build.rule(rule, names)
                if number_of(partial) is not None and not used:  # as of a sum: no axes but g's
                    along, have = g.x, list(g.axes)
                sent = self.times(along, partial)
            yield operand, self.reduced(sent, have, operand, shape)

    def times(self, g: Expression, partial: Expression) -> Expression:
        """Return a cotangent times a local derivative; through nan, nothing flows where it is 0."""
        known = number_of(partial)
        if known is not None and isnan(known):
            return self.build.rule("where(g == 0, 0, nan)", {"g": g})
        return self.build.mul(g, partial)

    def broadcast(self, x: Expression, shape: Shape, have: Sequence[int]) -> Expression:
        """Return an operand that is broadcast to a shape with just some of its axes."""
        own = own_axes(x, shape)
        return self.build.expanded(self.stripped(x, shape), letters(own), letters(have))

    def stripped(self, x: Expression, shape: Shape) -> Expression:
        """Return an operand without the axes of length 1 that are broadcast to a shape."""
        offset, own = len(shape) - len(x.shape), own_axes(x, shape)
        gone = [axis for axis in range(len(x.shape)) if axis + offset not in own]
        if not gone:
            return x
        if gone == [len(x.shape) - 1]:
            return self.build.index(x, (Ellipsis, 0))
        return self.build.index(x, [0 if a in gone else slice(None) for a in range(len(x.shape))])

    def of_list(self, x: Expression, g: Cotangent, z: Expression) -> Sent:
        """Yield the cotangent of the list of a function of lists, by the table's rule."""
        xs, *index = x.operands
        entry, build = TABLE[x.primitive], self.build
        (rule,) = entry.textbook or (_of_arrays(entry.partials[0]),)
        is_like = len(xs.shape) == len(x.shape)
        along = g.x if not g.axes else self.spread(g, self.every(x.shape))
        told = {*g.axes, *(axis for k in index for axis in own_axes(k, x.shape))}
        if x.primitive == "take" and not told.issuperset(range(len(x.shape))):
            along = self.whole(g, x.shape)  # the rule does not name xs
        names = {"xs": self.beside(xs), "g": along, "z": self.beside(z)}
        if index:
            names["k"] = self.beside(index[0])
        sent = build.rule(rule, names)
        shape = x.shape if is_like else (xs.shape[0], *x.shape)
        full = len(self.full(shape))
        have = range(full - len(sent.shape), full)
        yield xs, self.reduced(sent, have, xs, shape)

    def beside(
        self, x: Expression, have: Sequence[int] | None = None, shape: Shape = ()
    ) -> Expression:
        """Return an array of the program as it meets cotangents with directions."""
        if not self.directions or (have is not None and len(shape) not in have):
            return x
        return self.build.index(x, [*[slice(None)] * len(x.shape), None]) if x.shape else x

    def part(self, x: Expression, g: Cotangent) -> tuple[Variable, Part] | None:
        """Return the part of a variable that an expression is, if it is one, with its cotangent."""
        if not _cuts(x):
            return None
        path: list[tuple[str, Any]] = []
        base = x
        while not isinstance(base, Variable):
            if base.primitive not in {"index", "reshape", "transpose", "gather"}:
                return None
            if base.primitive == "gather" and not isinstance(base.operands[1], Variable):
                return None
            path.append((base.primitive, self.step(base)))
            base = base.operands[0]
        return base, Part(self.whole(g, x.shape), tuple(reversed(path)))

    def step(self, x: Expression) -> Any:
        """Return what a path says of a view, or of chosen rows: the directions stay last."""
        if x.primitive == "gather":
            return x.operands[1]
        (what,) = x.attributes
        if not self.directions:
            return what
        if x.primitive == "reshape":
            return (*what, self.directions)
        if x.primitive == "transpose":
            return (*what, len(what))
        return tuple(full_parts(what, len(x.operands[0].shape)))


def letters(axes: Iterable[int]) -> str:
    """Return a letter for each axis."""
    return "".join([LETTERS[axis] for axis in axes])


def is_short(x: Expression) -> bool:
    """Whether nothing is gained by a name: a name, a number, or ``1 / n``."""
    if x.primitive in {"variable", "size"} or number_of(x) is not None:
        return True
    return (
        x.primitive == "div" and number_of(x.operands[0]) == 1 and x.operands[1].primitive == "size"
    )


def own_axes(x: Expression, shape: Shape) -> list[int]:
    """Return the axes of a shape that an array which is broadcast to it has.

    >>> own_axes(Variable("b", (3, 1), "argument"), (2, 3, 4))
    [1]
    """
    offset = len(shape) - len(x.shape)
    return [i + offset for i, size in enumerate(x.shape) if size != 1 or shape[i + offset] == 1]


def _is_new(x: Expression, axis: int) -> bool:
    """Whether an axis was inserted, so that its array does not have it."""
    if x.primitive != "index":
        return False
    parts = full_parts(x.attributes[0], len(x.operands[0].shape))
    shown = [part for part in parts if not isinstance(part, int)]
    return shown[axis] is None


def _cuts(x: Expression) -> bool:
    """Whether an expression reads some places of an array: a slice, or rows, each once."""
    if x.primitive == "index":
        return any(part is not None and part != slice(None) and part is not Ellipsis
                   for part in x.attributes[0])  # fmt: skip
    if x.primitive == "gather":
        index = x.operands[1]
        return isinstance(index, Variable) and index.distinct
    return False


@cache
def _names(rule: str) -> frozenset[str]:
    """Return the names in a rule."""
    return frozenset(node.id for node in ast.walk(parsed(rule)) if isinstance(node, ast.Name))


@cache
def _of_arrays(partials: str) -> str:
    """Read what flows to the list off the rule of the derivatives.

    >>> _of_arrays("[*[where(i == k, 1, 0) for i in range(len(xs))], 0]")
    'g * where(positions(xs) == k, 1, 0)'
    """
    tree = parsed(partials)
    if isinstance(tree, ast.List):
        (first, *_) = tree.elts
        assert isinstance(first, ast.Starred)
        tree = first.value
    product = ast.BinOp(ast.Name("g"), ast.Mult(), parsed(for_arrays(ast.unparse(tree))))
    return ast.unparse(product)


def _mul(d: Differentiation, x: Expression, g: Cotangent) -> Sent:
    """Yield what a product sends back: contractions, where an operand has fewer axes."""
    for operand, other in (x.operands, x.operands[::-1]):
        if (number := number_of(other)) is not None:
            yield operand, d.reduced(d.build.scaled(number, g.x), g.axes, operand, x.shape)
            return
    sides = [d.stripped(operand, x.shape) for operand in x.operands]
    axes = [letters(own_axes(operand, x.shape)) for operand in x.operands]
    every = letters(range(len(x.shape) + 1))
    for mine, sent, wanted in _contractions(d, x, g, sides, axes, every):
        offset = len(x.shape) - len(x.operands[mine].shape)
        have = tuple([every.index(letter) - offset for letter in wanted])
        yield x.operands[mine], Cotangent(sent, have)


def _einsum(d: Differentiation, x: Expression, g: Cotangent) -> Sent:
    left, _, out = x.attributes[0].partition("->")
    axes = left.split(",")
    for mine, sent, wanted in _contractions(d, x, g, x.operands, axes, out + DIRECTIONS):
        own = axes[mine] + DIRECTIONS
        yield x.operands[mine], Cotangent(sent, tuple([own.index(letter) for letter in wanted]))


def _contractions(
    d: Differentiation, x: Expression, g: Cotangent, sides: Sequence[Expression],
    axes: Sequence[str], out: str,
) -> Iterator[tuple[int, Expression, str]]:  # fmt: skip
    """Yield what goes back to each side of a product, and its axes; ``out`` ends in directions."""
    twice = x.operands[0] is x.operands[1] and axes[0] == axes[1]
    cotangent = d.build.scaled(2.0, g.x) if twice else g.x
    have = "".join(out[axis] for axis in g.axes)
    for letter, size in zip(out, x.shape, strict=False):
        if letter not in have + axes[0] + axes[1]:
            cotangent = d.build.mul(cotangent, d.extent(size))
    for mine, other in ((0, 1), (1, 0))[: 1 if twice else 2]:
        if reaches(x.operands[mine], d.live):
            own, its = axes[mine] + out[-1], axes[other]
            wanted = "".join(letter for letter in own if letter in have + its)
            yield mine, d.build.contract(cotangent, have, sides[other], its, wanted), wanted


def _reduce_sum(d: Differentiation, x: Expression, g: Cotangent) -> Sent:
    axes, keepdims = x.attributes
    (operand,) = x.operands
    left = [axis for axis in range(len(operand.shape) + 1) if axis not in axes]
    if not keepdims:
        yield operand, Cotangent(g.x, tuple([left[axis] for axis in g.axes]))
        return
    gone = [i for i, axis in enumerate(g.axes) if axis in axes]
    y = d.build.index(g.x, [0 if i in gone else slice(None) for i in range(len(g.axes))])
    yield operand, Cotangent(y, tuple([axis for axis in g.axes if axis not in axes]))


def _mean(d: Differentiation, x: Expression, g: Cotangent) -> Sent:
    """Yield the same for all elements; that of an item is the mean of one."""
    (operand,) = x.operands
    size = d.build.number(1)
    for length in operand.shape if x.primitive == "mean" else ():
        size = d.build.mul(size, d.extent(length))
    share = d.build.call("div", g.x, size)
    yield operand, Cotangent(share, (len(operand.shape),) if g.axes else ())


def _reshape(d: Differentiation, x: Expression, g: Cotangent) -> Sent:
    (operand,) = x.operands
    if not g.axes:
        yield operand, g
    else:
        whole = d.build.reshape(d.whole(g, x.shape), d.full(operand.shape))
        yield operand, Cotangent(whole, d.every(operand.shape))


def _transpose(d: Differentiation, x: Expression, g: Cotangent) -> Sent:
    order = (*x.attributes[0], len(x.shape))
    axes = [order[axis] for axis in g.axes]
    ranks = sorted(range(len(axes)), key=axes.__getitem__)
    yield x.operands[0], Cotangent(d.build.transpose(g.x, ranks), tuple(sorted(axes)))


def _index(d: Differentiation, x: Expression, g: Cotangent) -> Sent:
    (operand,) = x.operands
    parts = full_parts(x.attributes[0], len(operand.shape))
    if _cuts(x):
        path: Path = (("index", d.step(x)),)
        yield operand, d.scattered(d.whole(g, x.shape), path, operand.shape)
        return
    old, axis = {}, 0
    for i, part in enumerate([*parts, slice(None)]):
        if part is not None:
            old[i] = axis
            axis += 1
    y = d.build.index(g.x, [slice(None) if a in old else 0 for a in g.axes])
    yield operand, Cotangent(y, tuple([old[a] for a in g.axes if a in old]))


def _gather(d: Differentiation, x: Expression, g: Cotangent) -> Sent:
    operand, index = x.operands
    every = d.every(operand.shape)
    size = operand.shape[0]
    assert isinstance(size, int)
    if not isinstance(index, Variable):  # computed positions: a product with ones in their places
        build, hot = d.build, d.build.make("onehot", index, attributes=(size,))
        at, rest = len(index.shape), letters(range(1, len(operand.shape)))
        own = LETTERS[-at:] if at else ""
        names = own + rest + DIRECTIONS
        have = "".join(names[axis] for axis in g.axes)
        every_letter = "a" + rest + DIRECTIONS
        wanted = "a" + "".join(letter for letter in every_letter[1:] if letter in have)
        sent = build.contract(hot, "a" + own, g.x, have, wanted)
        yield operand, Cotangent(sent, tuple([every_letter.index(letter) for letter in wanted]))
        return
    whole = d.whole(g, x.shape)
    if _cuts(x):
        yield operand, d.scattered(whole, (("gather", index),), operand.shape)
        return
    yield operand, Cotangent(d.build.make("add_at", index, whole, attributes=(size,)), every)


def _where(d: Differentiation, x: Expression, g: Cotangent) -> Sent:
    condition = x.operands[0]
    if condition.dtype != "bool":
        yield from d.elementwise(x, g, x)
        return
    zero = d.build.number(0)
    have = sorted({*g.axes, *own_axes(condition, x.shape)})
    along = d.build.expanded(g.x, letters(g.axes), letters(have))
    mask = d.broadcast(condition, x.shape, have)
    for operand, order in ((x.operands[1], (along, zero)), (x.operands[2], (zero, along))):
        if reaches(operand, d.live):
            sent = d.build.call("where", mask, *order)
            yield operand, d.reduced(sent, have, operand, x.shape)


def _concatenate(d: Differentiation, x: Expression, g: Cotangent) -> Sent:
    whole = d.fresh(d.whole(g, x.shape))
    start = 0
    for operand in x.operands:
        size = operand.shape[0]
        assert isinstance(size, int)
        cut = d.build.index(whole, (slice(start, start + size),))
        start += size
        yield operand, Cotangent(cut, d.every(operand.shape))


def _repeat_samples(d: Differentiation, x: Expression, g: Cotangent) -> Sent:
    (operand,) = x.operands
    yield operand, d.reduced(g.x, g.axes, d.build.index(operand, (Ellipsis, None)), x.shape)


def _broadcast_to(d: Differentiation, x: Expression, g: Cotangent) -> Sent:
    yield x.operands[0], d.reduced(g.x, g.axes, x.operands[0], x.shape)


def _accumulate(d: Differentiation, x: Expression, g: Cotangent) -> Sent:
    paths, shape = x.attributes
    whole = d.fresh(d.whole(g, shape))
    for operand, path in zip(x.operands, paths, strict=True):
        read = whole
        for primitive, what in path:
            read = d.build.part(read, primitive, what, (d.directions,) * bool(d.directions))
        shape = read.shape[: len(read.shape) - bool(d.directions)]
        yield operand, d.reduced(read, range(len(read.shape)), operand, shape)


def _add_at(d: Differentiation, x: Expression, g: Cotangent) -> Sent:
    index, numbers = x.operands
    read = d.build.gather(d.whole(g, x.shape), index)
    yield numbers, Cotangent(read, d.every(numbers.shape))


def _same(d: Differentiation, x: Expression, g: Cotangent) -> Sent:  # noqa: ARG001 - a rule's form
    yield x.operands[0], g


Rule = Callable[[Differentiation, Expression, Cotangent], Sent]
RULES: dict[str, Rule] = {
    "mul": _mul, "einsum": _einsum, "reduce_sum": _reduce_sum, "mean": _mean, "item": _mean,
    "reshape": _reshape,
    "transpose": _transpose, "index": _index, "gather": _gather, "where": _where,
    "concatenate": _concatenate, "repeat_samples": _repeat_samples, "asarray": _same,
    "broadcast_to": _broadcast_to, "accumulate": _accumulate, "add_at": _add_at,
}  # fmt: skip
