"""Lower the rules of reductions to loops, from which the compiled kernel and tape are generated.

A rule is lowered to a list of statements in an order in which they can run. Each computes one
number, folds an expression over all positions ``i``, or fills an array, one number per position.
A list that is cheap to compute, or has no name, gets no array: its expression is inlined where it
is used. Functions of lists are inlined as well, and common subexpressions are computed once, so
that the softmax in a derivative shares its exponentials with the value.

`fused` then fuses loops, and `slots` assigns arrays to memory, which they may share.

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
OUTER = "outer"  # the position in an enclosing loop
RESERVED = (
    OUTER,
    *(INDEX, COUNT, POSITION, RESULT, "at", "d", "ds", "g", "grads", "live", "memory", "nodes"),
    *("numbers", "partials", "room", "size"),
)


@dataclass
class Statement:
    """One statement; ``fold`` is "" for a number, "list" for an array, else the name of a fold.

    ``more`` has a fold's other operands. ``prefix`` names the array in which a product stores its
    partial products, of all elements before each position; a statement of fold ``"suffix"`` runs
    backwards and fills an array with these, times the products of all elements after each position.
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
    """A part of the list of all derivatives: one per position, or a single one."""

    value: ast.expr
    is_list: bool


@dataclass
class Loops:
    """A rule's statements; if they compute the value, the last number is ``z``."""

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

    Raises ValueError if a rule cannot be lowered: a list within a list, an unknown construct.
    """
    lowering = _Lowering(entry)
    if value:
        lowering.bind(entry.let)
        lowering.assign(RESULT, lowering.result(_parse(entry.rule, entry.name)))
    if derivatives:
        lowering.names[RESULT] = ast.Name(RESULT)
        lowering.derivatives(_parse(entry.partials[0], entry.name))
    return Loops(lowering.statements, lowering.segments)


class _Lowering:
    """The statements so far, and what the names in a rule stand for."""

    def __init__(self, entry: Primitive) -> None:
        self.entry = entry
        self.statements: list[Statement] = []
        self.segments: list[LoopSegment] = []
        self.known: dict[str, str] = {}
        self.targets: dict[str, ast.expr] = {}  # of the comprehension that is being lowered
        self.wish = ""  # the preferred name of the next fold's result
        self.taken = {*RESERVED, *entry.arguments, *CONSTANTS}
        lists, ends = kinds(entry.arguments)
        self.names: dict[str, Operand] = {name: Elements(_at(name, INDEX)) for name in lists}
        self.names |= {name: ast.Name(name) for name in ends}

    def error(self, tree: ast.AST, why: str) -> ValueError:
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
        """Return the name of a statement's result; add the statement unless an equal one exists."""
        key = f"{fold}: {[ast.dump(part) for part in (value, *more)]}"
        if key not in self.known:
            self.known[key] = self.fresh(wish)
            self.statements.append(Statement(self.known[key], fold, value, more))
        return self.known[key]

    def assign(self, name: str, value: ast.expr) -> None:
        self.statements.append(Statement(name, "", value))

    def bind(self, let: Iterable[str]) -> None:
        """Bind the names that ``let`` defines."""
        for line in let:
            name, _, text = line.partition(" = ")
            tree = _parse(text, self.entry.name)
            self.wish = name if isinstance(tree, ast.Call) else ""
            self.names[name] = self.keep(name, self.operand(tree))

    def keep(self, name: str, operand: Operand) -> Operand:
        """Store an operand under a name, unless it is cheap to compute again."""
        if isinstance(operand, Elements):
            if _is_cheap(operand.value):
                return operand
            array = self.once(name, "list", operand.value)
            return Elements(_at(array, INDEX))
        if isinstance(operand, (ast.Name, ast.Constant)):
            return operand
        return ast.Name(self.once(name, "", operand))

    # Expressions.

    def result(self, tree: ast.expr) -> ast.expr:
        """Lower the value; if it is one element of a list, the whole list is stored."""
        match tree:
            case ast.Subscript(value=values, slice=index):
                row = self.keep("row", self.elements(values))
                assert isinstance(row, Elements)
                return self.element(row, index)
        return self.number(tree)

    def number(self, tree: ast.expr) -> ast.expr:
        operand = self.operand(tree)
        if isinstance(operand, Elements):
            raise self.error(tree, "it is a list where a number is needed")
        return operand

    def elements(self, tree: ast.expr) -> Elements:
        operand = self.operand(tree)
        if not isinstance(operand, Elements):
            raise self.error(tree, "it is a number where a list is needed")
        return operand

    def operand(self, tree: ast.expr) -> Operand:
        match tree:
            case ast.Name(id=name):
                return self.names.get(name, tree)
            case ast.Constant():
                return tree
            case ast.ListComp() | ast.GeneratorExp():
                return self.comprehension(tree)
            case ast.Subscript(value=values, slice=index):
                return self.element(self.elements(values), index)
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
        raise self.error(tree, "it is no mathematics over numbers and lists")

    def element(self, values: Elements, index: ast.expr) -> ast.expr:
        """Store one element as a number, since the list's array may be overwritten later."""
        if isinstance(index, ast.Call) and ast.unparse(index.func) == "int":
            (index,) = index.args
        position = self.number(index)
        if isinstance(position, ast.UnaryOp):  # from the end
            position = ast.BinOp(ast.Name(COUNT), ast.Sub(), position.operand)
        return ast.Name(self.once("x", "", _substitute(values.value, INDEX, position)))

    def comprehension(self, tree: ast.ListComp | ast.GeneratorExp) -> Elements:
        (loop, *more) = tree.generators
        if more or loop.ifs:
            raise self.error(tree, "it has more than one loop, or a condition")
        targets = loop.target.elts if isinstance(loop.target, ast.Tuple) else [loop.target]
        lists = self.loop_values(loop.iter)
        inner, around = self.names, self.targets
        bound = {ast.unparse(t): x for t, x in zip(targets, lists, strict=True)}
        outer = {name: _substitute(x, INDEX, ast.Name(OUTER)) for name, x in around.items()}
        self.names, self.targets = {**inner, **outer, **bound}, bound
        before = len(self.statements)
        value = self.number(tree.elt)
        self.names, self.targets = inner, around
        used = names_in(value).union(*(x.uses() for x in self.statements[before:]))
        if OUTER in used:
            raise self.error(tree, "it is a loop within a loop")
        if not isinstance(value, (ast.Name, ast.Constant)) and INDEX not in names_in(value):
            value = ast.Name(self.once("each", "", value))
        return Elements(value)

    def loop_values(self, tree: ast.expr) -> list[ast.expr]:
        """Return the expressions that a comprehension's targets stand for."""
        match tree:
            case ast.Call(func=ast.Name(id="zip"), args=lists):
                return [self.elements(x).value for x in lists]
            case ast.Call(func=ast.Name(id="enumerate"), args=[x]):
                return [ast.Name(INDEX), self.elements(x).value]
            case ast.Call(func=ast.Name(id="range")):
                return [ast.Name(INDEX)]
        return [self.elements(tree).value]

    def call(self, name: str, operands: list[ast.expr]) -> Operand:
        wish, self.wish = self.wish or f"the_{name}", ""
        if name == "where":
            return self.choice(operands)
        if name == "len":
            return ast.Name(COUNT)
        if name in FOLDS:
            x, *more = operands
            element = self.elements(x).value
            if name == "norm":  # computed by the library, from an array
                element = _at(self.once("terms", "list", element), INDEX)
            return ast.Name(self.once(wish, name, element, *map(self.number, more)))
        if name == "others":
            return self.others(self.elements(operands[0]).value)
        called = LIST_FUNCTIONS.get(name) or TABLE.get(name)
        is_list = isinstance(called, Primitive) and called.variadic
        if called is not None and (not isinstance(called, Primitive) or is_list):
            return self.inline(called, list(map(self.operand, operands)))
        return ast.Call(ast.Name(name), list(map(self.number, operands)), [])

    def choice(self, operands: list[ast.expr]) -> Operand:
        condition = self.number(operands[0])
        sides = [self.operand(x) for x in operands[1:]]
        values = [x.value if isinstance(x, Elements) else x for x in sides]
        result = ast.IfExp(condition, *values)
        return Elements(result) if any(isinstance(x, Elements) for x in sides) else result

    def others(self, element: ast.expr) -> Elements:
        """Multiply the products before each position by those after it, in a backward loop."""
        whole = self.once("product", "prod", element)
        (product,) = [x for x in self.statements if x.name == whole]
        product.prefix = product.prefix or self.fresh("before")
        name = self.once("others", "suffix", element, ast.Name(product.prefix))
        return Elements(_at(name, INDEX))

    def inline(self, called: object, operands: list[Operand]) -> Operand:
        """Replace the call of a function by its rule."""
        arguments: tuple[str, ...] = called.arguments  # type: ignore[attr-defined]
        outer = self.names
        bound = {name: self.keep(name, x) for name, x in zip(arguments, operands, strict=False)}
        zeros = {name: ast.Constant(0.0) for name in arguments[len(operands) :]}
        self.names = {**zeros, **bound}
        self.bind(called.let)  # type: ignore[attr-defined]
        operand = self.operand(_parse(called.rule, self.entry.name))  # type: ignore[attr-defined]
        self.names = outer
        return operand

    def derivatives(self, tree: ast.expr) -> None:
        """Lower the segments of the list of all derivatives, ``[*ys, *xs, 1]``."""
        parts = tree.elts if isinstance(tree, ast.List) else [ast.Starred(tree)]
        for part in parts:
            if isinstance(part, ast.Starred):
                self.segments.append(LoopSegment(self.elements(part.value).value, is_list=True))
            else:
                self.segments.append(LoopSegment(self.number(part), is_list=False))


def _parse(text: str, owner: str) -> ast.expr:
    return parsing.parse(text, owner).body


def _at(name: str, index: str) -> ast.expr:
    return ast.Subscript(ast.Name(name), ast.Name(index))


def _is_cheap(tree: ast.expr) -> bool:
    """Whether an expression costs less to compute twice than to store and load."""
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    divides = any(isinstance(node, ast.Div) for node in ast.walk(tree))
    return not divides and all(ast.unparse(call.func) in CHEAP for call in calls)


def _substitute(tree: ast.expr, name: str, by: ast.expr) -> ast.expr:
    return parsing.substituted(ast.parse(ast.unparse(tree), mode="eval").body, {name: by})


# Scheduling.


def shared(loops: Loops) -> int:
    """Move statements that do not depend on the position ``k`` to the front; return their count.

    They run once per list: the others only read their arrays. Returns 0, and moves nothing, if that
    is not possible or saves nothing.
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
    """Order statements in groups: a single number, or loops that can run as one.

    A loop joins a group as soon as the numbers that it reads are known; an array that it reads may
    be filled by the same loop, position by position. ``known`` names are computed elsewhere.
    """
    done, pending, groups = set(known), list(statements), []
    computed = {name for statement in statements for name in (statement.name, *statement.arrays)}
    while pending:
        group: list[Statement] = []
        within: set[str] = set()
        for statement in pending:
            missing = (statement.uses() & computed) - done - {statement.name}
            if not statement.is_loop and not missing:
                group = [statement]
                break
            if _joins(statement, group) and missing <= within:
                group.append(statement)
                within.update(statement.arrays)
        groups.append(group)
        done.update(name for x in group for name in (x.name, *x.arrays))
        pending = [x for x in pending if x not in group]
    return groups


def _joins(statement: Statement, group: list[Statement]) -> bool:
    """Whether a loop may join a group: one that runs backwards, or in a library, runs alone."""
    alone = ("norm", "suffix")
    return statement.is_loop and (
        not group or (statement.fold not in alone and group[0].fold not in alone)
    )


def slots(
    groups: list[list[Statement]], last: Iterable[ast.expr], *, stored: bool
) -> dict[str, int]:
    """Return a slot of memory for each array; arrays that are not live at the same time share one.

    The expressions of ``last`` are read at the end, one after another; if they are ``stored``, the
    first is written to slot 0, position by position.
    """
    order = [statement for group in groups for statement in group]
    ends: dict[str, int] = {}
    for step, statement in enumerate(order):
        ends |= dict.fromkeys(statement.uses(), step)
    for k, value in enumerate(last):
        ends |= dict.fromkeys(names_in(value), len(order) + k)
    assigned: dict[str, int] = {}
    busy: dict[int, int] = {}  # by slot: the last step that reads it
    for step, statement in enumerate(order):
        for name in statement.arrays:
            if name in assigned:
                continue
            exclusive = statement.fold == "prod"  # written before its operand is read
            end = ends.get(name, step)
            slot = 0
            while busy.get(slot, -1) > step - exclusive or (
                stored and slot == 0 and end > len(order)
            ):
                slot += 1
            assigned[name], busy[slot] = slot, end
    return assigned
