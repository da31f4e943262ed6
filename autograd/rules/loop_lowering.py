"""Lower the rules of reductions to loops: what the compiled kernel and tape are written from.

A rule is lowered to a list of statements in the order in which they may run. Each computes one
number, folds one expression over all positions ``i``, or fills an array with one number a position.
A list that is cheap, or has no name, is no array: its expression is put where it is used. Functions
of lists are put in line, and what was computed before is not computed again, so that the softmax in
a derivative shares its exponentials with the value.

`fused` then groups loops that may run as one, and `slots` says which arrays may share memory.

>>> from autograd.primitives import TABLE
>>> for statement in lowered(TABLE["mean"], value=True, derivatives=True).statements:
...     print(statement)
the_sum = sum(xs[i])
z = the_sum / n
each = 1 / n
"""

import ast
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from autograd.primitives import CONSTANTS, LIST_FUNCTIONS, TABLE, Primitive
from autograd.rules import parsing

FOLDS = ("sum", "prod", "max", "min", "norm", "sum_except")
CHEAP = frozenset({"same", "abs"})  # calls that cost less than an array's store and load
INDEX, COUNT, POSITION, RESULT = "i", "n", "k", "z"
OUTER = "outer"  # the position in a loop around
RESERVED = (
    OUTER,
    *(INDEX, COUNT, POSITION, RESULT, "at", "d", "ds", "g", "grads", "live", "memory", "nodes"),
    *("numbers", "partials", "room", "size"),
)


@dataclass
class Statement:
    """One statement; ``fold`` is "" for a number, "list" for an array, else the name of a fold.

    ``more`` has a fold's other operands. ``prefix`` names the array that a product leaves its
    partial products in, before each position; a statement of fold ``"suffix"`` runs backwards and
    fills an array with those times the products behind each position.
    """

    name: str
    fold: str
    value: ast.expr
    more: tuple[ast.expr, ...] = ()
    prefix: str = ""

    @property
    def is_loop(self) -> bool:
        """Whether it runs over all positions."""
        return bool(self.fold)

    @property
    def arrays(self) -> tuple[str, ...]:
        """The arrays that it fills."""
        if self.fold in ("list", "suffix"):
            return (self.name,)
        return (self.prefix,) if self.prefix else ()

    def uses(self) -> set[str]:
        """Return the names that it reads."""
        return {name for part in (self.value, *self.more) for name in names_in(part)}

    def __str__(self) -> str:
        operands = ", ".join(map(ast.unparse, (self.value, *self.more)))
        if self.fold == "list":
            return f"{self.name}[i] = {operands}"
        return f"{self.name} = {f'{self.fold}({operands})' if self.fold else operands}"


class LoopSegment(NamedTuple):
    """A part of the list of all derivatives: one a position, or a single one."""

    value: ast.expr
    is_list: bool


@dataclass
class Loops:
    """A rule's statements; the last number is ``z`` where the value was asked for."""

    statements: list[Statement] = field(default_factory=list)
    segments: list[LoopSegment] = field(default_factory=list)


class Elements(NamedTuple):
    """A list: its element at position ``i``."""

    value: ast.expr


Operand = ast.expr | Elements


def split(arguments: tuple[str, ...], inputs: Sequence[Any]) -> tuple[Any, ...]:
    """Divide a node's inputs among the arguments: ``xs``, ``xs, k`` or ``xs, ys, b``.

    >>> split(("xs", "ys", "b"), [1, 2, 3, 4]), split(("xs", "k"), [5, 6, 0])
    (([1, 2], [3, 4], 0.0), ([5, 6], 0))
    """
    lists, ends = kinds(arguments)
    count = (len(inputs) - (POSITION in ends)) // len(lists)
    parts = [inputs[k * count : (k + 1) * count] for k in range(len(lists))]
    rest = inputs[len(lists) * count :]
    return (*parts, *rest, *[0.0] * (len(ends) - len(rest)))


def kinds(arguments: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the arguments that are lists, which come first, and the others.

    >>> kinds(("xs", "ys", "b"))
    (('xs', 'ys'), ('b',))
    """
    lists = tuple(name for k, name in enumerate(arguments) if k == 0 or name.endswith("s"))
    return lists, arguments[len(lists) :]


def names_in(tree: ast.AST) -> set[str]:
    """Return all names of an expression, those of functions too."""
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def lowered(entry: Primitive, *, value: bool, derivatives: bool) -> Loops:
    """Lower an entry's value, its derivatives, or both at once.

    Raises ValueError where a rule is no such program: a list within a list, an unknown construct.
    """
    lowering = _Lowering(entry)
    if value:
        lowering.bind(entry.let)
        lowering.assign(RESULT, lowering.result(_parsed(entry.rule, entry.name)))
    if derivatives:
        lowering.names[RESULT] = ast.Name(RESULT)
        lowering.derivatives(_parsed(entry.partials[0], entry.name))
    return Loops(lowering.statements, lowering.segments)


class _Lowering:
    """The statements so far, and what the names of a rule mean."""

    def __init__(self, entry: Primitive) -> None:
        self.entry = entry
        self.statements: list[Statement] = []
        self.segments: list[LoopSegment] = []
        self.known: dict[str, str] = {}
        self.targets: dict[str, ast.expr] = {}  # of the loop that is read
        self.wish = ""  # how the fold is to be called that comes next
        self.taken = {*RESERVED, *entry.arguments, *CONSTANTS}
        lists, ends = kinds(entry.arguments)
        self.names: dict[str, Operand] = {name: Elements(_at(name, INDEX)) for name in lists}
        self.names |= {name: ast.Name(name) for name in ends}

    def refused(self, tree: ast.AST, why: str) -> ValueError:
        text = ast.unparse(tree)
        return ValueError(f"{self.entry.name}: {text!r} cannot be written as a loop: {why}")

    # Statements.

    def fresh(self, wish: str) -> str:
        name, number = wish, 1
        while name in self.taken:
            number += 1
            name = f"{wish}{number}"
        self.taken.add(name)
        return name

    def once(self, wish: str, fold: str, value: ast.expr, *more: ast.expr) -> str:
        """Return the name of what a statement computes, adding it where there is none yet."""
        key = f"{fold}: {[ast.dump(part) for part in (value, *more)]}"
        if key not in self.known:
            self.known[key] = self.fresh(wish)
            self.statements.append(Statement(self.known[key], fold, value, more))
        return self.known[key]

    def assign(self, name: str, value: ast.expr) -> None:
        self.statements.append(Statement(name, "", value))

    def bind(self, let: Iterable[str]) -> None:
        """Let names stand for what comes before a rule."""
        for line in let:
            name, _, text = line.partition(" = ")
            tree = _parsed(text, self.entry.name)
            self.wish = name if isinstance(tree, ast.Call) else ""
            self.names[name] = self.kept(name, self.operand(tree))

    def kept(self, name: str, operand: Operand) -> Operand:
        """Compute an operand once, unless that is cheap."""
        if isinstance(operand, Elements):
            if _is_cheap(operand.value):
                return operand
            made = self.once(name, "list", operand.value)
            return Elements(_at(made, INDEX))
        if isinstance(operand, (ast.Name, ast.Constant)):
            return operand
        return ast.Name(self.once(name, "", operand))

    # Expressions.

    def result(self, tree: ast.expr) -> ast.expr:
        """Return the value; of a row of results, all are kept, for those of other positions."""
        match tree:
            case ast.Subscript(value=values, slice=index):
                row = self.kept("row", self.listed(values))
                assert isinstance(row, Elements)
                return self.element(row, index)
        return self.number(tree)

    def number(self, tree: ast.expr) -> ast.expr:
        found = self.operand(tree)
        if isinstance(found, Elements):
            raise self.refused(tree, "it is a list where a number is needed")
        return found

    def listed(self, tree: ast.expr) -> Elements:
        found = self.operand(tree)
        if not isinstance(found, Elements):
            raise self.refused(tree, "it is a number where a list is needed")
        return found

    def operand(self, tree: ast.expr) -> Operand:
        match tree:
            case ast.Name(id=name):
                return self.names.get(name, tree)
            case ast.Constant():
                return tree
            case ast.ListComp() | ast.GeneratorExp():
                return self.comprehension(tree)
            case ast.Subscript(value=values, slice=index):
                return self.element(self.listed(values), index)
            case ast.Call(func=ast.Name(id=name), args=operands, keywords=[]):
                return self.call(name, operands)
        return self.arithmetic(tree)

    def arithmetic(self, tree: ast.expr) -> ast.expr:
        match tree:
            case ast.UnaryOp(op=op, operand=x):
                return ast.UnaryOp(op, self.number(x))
            case ast.BinOp(left=x, op=op, right=y):
                return ast.BinOp(self.number(x), op, self.number(y))
            case ast.Compare(left=x, ops=ops, comparators=ys):
                return ast.Compare(self.number(x), ops, list(map(self.number, ys)))
        raise self.refused(tree, "it is no mathematics over numbers and lists")

    def element(self, values: Elements, index: ast.expr) -> ast.expr:
        """Return one element, kept as a number: what holds the list may be written over."""
        if isinstance(index, ast.Call) and ast.unparse(index.func) == "int":
            (index,) = index.args
        place = self.number(index)
        sign = place.operand if isinstance(place, ast.UnaryOp) else place
        if isinstance(place, ast.UnaryOp):  # from the end
            place = ast.BinOp(ast.Name(COUNT), ast.Sub(), sign)
        return ast.Name(self.once("x", "", _replaced(values.value, INDEX, place)))

    def comprehension(self, tree: ast.ListComp | ast.GeneratorExp) -> Elements:
        (loop, *more) = tree.generators
        if more or loop.ifs:
            raise self.refused(tree, "it has more than one loop, or a condition")
        targets = loop.target.elts if isinstance(loop.target, ast.Tuple) else [loop.target]
        lists = self.iterated(loop.iter)
        inner, around = self.names, self.targets
        bound = {ast.unparse(t): x for t, x in zip(targets, lists, strict=True)}
        outer = {name: _replaced(x, INDEX, ast.Name(OUTER)) for name, x in around.items()}
        self.names, self.targets = {**inner, **outer, **bound}, bound
        before = len(self.statements)
        value = self.number(tree.elt)
        self.names, self.targets = inner, around
        used = names_in(value).union(*(x.uses() for x in self.statements[before:]))
        if OUTER in used:
            raise self.refused(tree, "it is a loop within a loop")
        if not isinstance(value, (ast.Name, ast.Constant)) and INDEX not in names_in(value):
            value = ast.Name(self.once("each", "", value))
        return Elements(value)

    def iterated(self, tree: ast.expr) -> list[ast.expr]:
        """Return what the targets of a loop stand for."""
        match tree:
            case ast.Call(func=ast.Name(id="zip"), args=lists):
                return [self.listed(x).value for x in lists]
            case ast.Call(func=ast.Name(id="enumerate"), args=[x]):
                return [ast.Name(INDEX), self.listed(x).value]
            case ast.Call(func=ast.Name(id="range")):
                return [ast.Name(INDEX)]
        return [self.listed(tree).value]

    def call(self, name: str, operands: list[ast.expr]) -> Operand:
        wish, self.wish = self.wish or f"the_{name}", ""
        if name == "where":
            return self.choice(operands)
        if name == "len":
            return ast.Name(COUNT)
        if name in FOLDS:
            x, *more = operands
            element = self.listed(x).value
            if name == "norm":  # computed by the library, from an array
                element = _at(self.once("terms", "list", element), INDEX)
            return ast.Name(self.once(wish, name, element, *map(self.number, more)))
        if name == "others":
            return self.others(self.listed(operands[0]).value)
        called = LIST_FUNCTIONS.get(name) or TABLE.get(name)
        is_list = isinstance(called, Primitive) and called.variadic
        if called is not None and (not isinstance(called, Primitive) or is_list):
            return self.inlined(called, list(map(self.operand, operands)))
        return ast.Call(ast.Name(name), list(map(self.number, operands)), [])

    def choice(self, operands: list[ast.expr]) -> Operand:
        condition = self.number(operands[0])
        sides = [self.operand(x) for x in operands[1:]]
        values = [x.value if isinstance(x, Elements) else x for x in sides]
        made = ast.IfExp(condition, *values)
        return Elements(made) if any(isinstance(x, Elements) for x in sides) else made

    def others(self, element: ast.expr) -> Elements:
        """Let the product of all leave its partial products, and multiply these from behind."""
        whole = self.once("product", "prod", element)
        (product,) = [x for x in self.statements if x.name == whole]
        product.prefix = product.prefix or self.fresh("before")
        name = self.once("others", "suffix", element, ast.Name(product.prefix))
        return Elements(_at(name, INDEX))

    def inlined(self, called: object, operands: list[Operand]) -> Operand:
        """Put a function's rule in the place of its call."""
        arguments: tuple[str, ...] = called.arguments  # type: ignore[attr-defined]
        outer = self.names
        given = {name: self.kept(name, x) for name, x in zip(arguments, operands, strict=False)}
        zeros = {name: ast.Constant(0.0) for name in arguments[len(operands) :]}
        self.names = {**zeros, **given}
        self.bind(called.let)  # type: ignore[attr-defined]
        found = self.operand(_parsed(called.rule, self.entry.name))  # type: ignore[attr-defined]
        self.names = outer
        return found

    def derivatives(self, tree: ast.expr) -> None:
        """Note the segments of the list of all derivatives, ``[*ys, *xs, 1]``."""
        parts = tree.elts if isinstance(tree, ast.List) else [ast.Starred(tree)]
        for part in parts:
            if isinstance(part, ast.Starred):
                self.segments.append(LoopSegment(self.listed(part.value).value, is_list=True))
            else:
                self.segments.append(LoopSegment(self.number(part), is_list=False))


def _parsed(text: str, owner: str) -> ast.expr:
    return parsing.parse(text, owner).body


def _at(name: str, index: str) -> ast.expr:
    return ast.Subscript(ast.Name(name), ast.Name(index))


def _is_cheap(tree: ast.expr) -> bool:
    """Whether it costs less to compute an expression twice than to keep it."""
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    divides = any(isinstance(node, ast.Div) for node in ast.walk(tree))
    return not divides and all(ast.unparse(call.func) in CHEAP for call in calls)


def _replaced(tree: ast.expr, name: str, by: ast.expr) -> ast.expr:
    return parsing.substituted(ast.parse(ast.unparse(tree), mode="eval").body, {name: by})


# Order.


def shared(loops: Loops) -> int:
    """Return how many statements serve all positions ``k`` of one list; 0 where that is no use.

    They come first then, and leave all that the others need in arrays, which these do not change.
    """
    rest: set[str] = {POSITION, RESULT}
    late = []
    for statement in loops.statements:
        if statement.uses() & rest or statement.name in rest:
            rest |= {statement.name, *statement.arrays}
            late.append(statement)
    early = [x for x in loops.statements if x not in late]
    arrays = {name for x in early for name in x.arrays}
    needed = {name for x in late for name in x.uses()}
    needed |= {name for segment in loops.segments for name in names_in(segment.value)}
    known = {x.name for x in early} - arrays
    if not arrays or needed & known or any(x.arrays for x in late):
        return 0
    loops.statements[:] = [*early, *late]
    return len(early)


def fused(statements: list[Statement], known: Iterable[str] = ()) -> list[list[Statement]]:
    """Order statements in groups: a number alone, or loops that may run as one.

    A loop joins others as soon as the numbers that it reads are there; an array that it reads may
    be filled by the same loop, position by position. ``known`` are computed elsewhere.
    """
    done, waiting, groups = set(known), list(statements), []
    made = {name for statement in statements for name in (statement.name, *statement.arrays)}
    while waiting:
        group: list[Statement] = []
        within: set[str] = set()
        for statement in waiting:
            missing = (statement.uses() & made) - done - {statement.name}
            if not statement.is_loop and not missing:
                group = [statement]
                break
            if _joins(statement, group) and missing <= within:
                group.append(statement)
                within.update(statement.arrays)
        groups.append(group)
        done.update(name for x in group for name in (x.name, *x.arrays))
        waiting = [x for x in waiting if x not in group]
    return groups


def _joins(statement: Statement, group: list[Statement]) -> bool:
    """Whether a statement may join a group: what runs backwards, or in a library, runs alone."""
    alone = ("norm", "suffix")
    return statement.is_loop and (
        not group or (statement.fold not in alone and group[0].fold not in alone)
    )


def slots(
    groups: list[list[Statement]], last: Iterable[ast.expr], *, stored: bool
) -> dict[str, int]:
    """Return a slot of memory for each array; arrays that are not needed at one time share one.

    ``last`` is read at the end, one after another; where it is ``stored``, the first goes into
    slot 0, position by position.
    """
    order = [statement for group in groups for statement in group]
    ends: dict[str, int] = {}
    for place, statement in enumerate(order):
        ends |= dict.fromkeys(statement.uses(), place)
    for k, value in enumerate(last):
        ends |= dict.fromkeys(names_in(value), len(order) + k)
    found: dict[str, int] = {}
    busy: dict[int, int] = {}  # a slot: until when
    for place, statement in enumerate(order):
        for name in statement.arrays:
            if name in found:
                continue
            exclusive = statement.fold == "prod"  # written before all is read
            end = ends.get(name, place)
            slot = 0
            while busy.get(slot, -1) > place - exclusive or (
                stored and slot == 0 and end > len(order)
            ):
                slot += 1
            found[name], busy[slot] = slot, end
    return found
