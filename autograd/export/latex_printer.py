"""Write the expressions of programs as LaTeX, with as few brackets as a reader needs."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from autograd.compiler.ir.array_ir import (
    COMPARISONS,
    LOGIC,
    SAMPLES,
    Equation,
    Expression,
    Shape,
    Variable,
    part_text,
)
from autograd.compiler.ir.numpy_source import as_matmul
from autograd.export.latex_terms import (
    ATOM,
    PLACES,
    POWER,
    PRODUCT,
    SUM,
    Term,
    gradient_name,
    label,
    number,
)
from autograd.expressions.latex import filled, operator
from autograd.expressions.printer import Written
from autograd.primitives import TABLE

AXES = "ijklm"
SIGNS = {"lt": "<", "le": r"\le", "gt": ">", "ge": r"\ge", "eq": "=", "ne": r"\ne",
         "and": r"\land", "or": r"\lor"}  # fmt: skip
SAME = {"whole", "asarray", "repeat_samples", "broadcast_to"}  # what is meant stays the same
Rows = list[tuple[str, str]]


class LatexPrinter:
    """Writes expressions; ``formulas`` has those that stand in the place of their variables."""

    def __init__(self, names: Sequence[str], formulas: Mapping[Variable, Expression]) -> None:
        self.formulas = formulas
        self.gradients = {f"d{name}": name for name in names}

    def rows(self, equation: Equation) -> Rows:
        """Write an equation as rows of left and right sides."""
        x, left = equation.expression, self.label(equation.result)
        if equation.softmax is not None:
            xs, k = map(self.write, x.operands)
            kept = self.label(equation.softmax)
            soft = rf"\operatorname{{softmax}}({xs.text})"
            return [(kept, soft), (left, rf"-\log ({kept})_{{{k.text}}}")]
        if x.primitive != "accumulate":
            return [(left, self.write(x).text)]
        rows = [(left, "0")]
        for y, path in zip(x.operands, x.attributes[0], strict=True):
            part = Term(left)
            for primitive, what in path:
                part = self._part(primitive, part, what)
            rows.append((part.text, f"{part.text} + {self.write(y).text}"))
        return rows

    def label(self, variable: Variable) -> str:
        """Write a name."""
        known = self.gradients.get(variable.name)
        return gradient_name(known) if known else label(variable.name)

    def seen(self, x: Expression) -> Expression:
        """Return the expression that is written in the place of a variable."""
        while isinstance(x, Variable) and x in self.formulas:
            x = self.formulas[x]
        return x

    def write(self, x: Expression) -> Term:
        """Write an expression."""
        x = self.seen(x)
        if isinstance(x, Variable):
            return Term(self.label(x))
        if x.primitive in SAME:
            return self.write(x.operands[0])
        if x.primitive in COMPARISONS:
            left, right = map(self.write, x.operands)
            return Term(f"[{left.text} {SIGNS[x.primitive]} {right.text}]")
        if x.primitive in LOGIC:
            left, right = map(self.write, x.operands)
            return Term(f"{left.text} {SIGNS[x.primitive]} {right.text}", SUM)
        writer = _WRITERS.get(x.primitive)
        return self._called(x) if writer is None else writer(self, x)

    def _called(self, x: Expression) -> Term:
        """Write a function of the table by its template, another by its name."""
        parts = list(map(self.write, x.operands))
        entry = TABLE.get(x.primitive)
        if entry is not None and not entry.variadic:
            missing = len(entry.arguments) - len(parts)
            parts += [number(n) for n in list(entry.defaults.values())[-missing:] if missing]
        if entry is None or not entry.latex or len(parts) != len(entry.arguments):
            return Term(rf"{operator(x.primitive)}({', '.join(part.text for part in parts)})")
        whole = [p.strength == ATOM and (not entry.variadic or _takes_index(p)) for p in parts]
        operands = [Written(p.text, ATOM if w else SUM) for p, w in zip(parts, whole, strict=True)]
        return Term(*filled(entry, operands))

    def _add(self, x: Expression) -> Term:
        left, right = map(self.write, x.operands)
        if right.text.startswith("-"):
            return Term(f"{left.text} - {right.text[1:]}", SUM)
        return Term(f"{left.text} + {right.text}", SUM)

    def _sub(self, x: Expression) -> Term:
        left, right = map(self.write, x.operands)
        return Term(f"{left.text} - {right.within(PLACES)}", SUM)

    def _mul(self, x: Expression) -> Term:
        a, b = x.operands
        left, right = self.write(a), self.write(b)
        arrays = bool(a.shape) and bool(b.shape)
        if _is_column(self.seen(a)) and len(b.shape) == 1:
            return Term(rf"{left.within(PRODUCT)} {right.within(ATOM)}^\top", PRODUCT)
        if left.text == right.text and left.strength == ATOM:
            circle = r"\odot " if arrays else ""
            return Term(rf"{left.text}^{{{circle}2}}", POWER)
        if arrays:
            return Term(rf"{left.within(PLACES)} \odot {right.within(PRODUCT)}", PLACES)
        text = right.within(PRODUCT)
        dot = r"\cdot " if text[:1].isdigit() or text.startswith(r"\frac") else ""
        return Term(rf"{left.within(PRODUCT)} {dot}{text}", PRODUCT)

    def _div(self, x: Expression) -> Term:
        left, right = map(self.write, x.operands)
        return Term(rf"\frac{{{left.text}}}{{{right.text}}}", POWER)

    def _pow(self, x: Expression) -> Term:
        left, right = map(self.write, x.operands)
        circle = r"\odot " if x.operands[0].shape else ""
        return Term(rf"{left.within(ATOM)}^{{{circle}{right.text}}}", POWER)

    def _einsum(self, x: Expression) -> Term:
        spec = x.attributes[0]
        left, _, out = spec.partition("->")
        a_axes, b_axes = left.split(",")
        a, b = map(self.write, x.operands)
        if not out and sorted(a_axes) == sorted(b_axes):
            if len(a_axes) == 1:
                return Term(rf"{a.within(ATOM)}^\top {b.within(PRODUCT)}", PRODUCT)
            order = tuple([b_axes.index(c) for c in a_axes])
            return Term(rf"\langle {a.text},\, {_transposed(b, order).text} \rangle")
        product = as_matmul(spec)
        if product is not None:
            factors = [
                _transposed((a, b)[i], tuple([axes.index(c) for c in wanted])).within(PRODUCT)
                for i, axes, wanted in product
            ]
            return Term(" ".join(factors), PRODUCT)
        gone = "".join(dict.fromkeys(c for c in left if c.isalpha() and c not in out))
        over = rf"\sum_{{{', '.join(gone)}}} " if gone else ""
        return Term(rf"{over}({a.text})_{{{a_axes}}} \, ({b.text})_{{{b_axes}}}", PLACES)

    def _reduce_sum(self, x: Expression) -> Term:
        (xs,), (axes, keepdims) = x.operands, x.attributes
        xs = self.seen(xs)
        letters = ["n" if xs.shape[axis] == SAMPLES else AXES[axis] for axis in axes]
        index = rf"_{{{', '.join(letters)}}}"
        if len(axes) == len(xs.shape) and not keepdims:
            index = ""
            xs = self.seen(xs.operands[0]) if xs.primitive == "reshape" else xs
        return Term(rf"\sum{index} {self.write(xs).within(PLACES)}", PLACES)

    def _mean(self, x: Expression) -> Term:
        return Term(rf"\frac{{1}}{{n}} \sum_n {self.write(x.operands[0]).within(PLACES)}", PRODUCT)

    def _concatenate(self, x: Expression) -> Term:
        parts = r";\, ".join(self.write(y).text for y in x.operands)
        return Term(rf"\left[{parts}\right]")

    def _where(self, x: Expression) -> Term:
        c, yes, no = map(self.write, x.operands)
        rows = rf"{yes.text} & {c.text} \\ {no.text} & \text{{else}}"
        return Term(rf"\begin{{cases}} {rows} \end{{cases}}")

    def _add_at(self, x: Expression) -> Term:
        index, numbers = map(self.write, x.operands)
        return Term(rf"\operatorname{{scatter}}_{{{index.text}}}({numbers.text})")

    def view(self, x: Expression) -> Term:
        """Write a part of an array, or its elements in another order or shape."""
        what = x.operands[1] if x.primitive == "gather" else x.attributes[0]
        return self._part(x.primitive, self.write(x.operands[0]), what)

    def _part(self, primitive: str, x: Term, what: Any) -> Term:
        """Write what an index, or another order or shape, makes of an array."""
        if primitive == "gather":
            return Term(f"{x.within(ATOM)}[{self.write(what).text}]")
        if primitive == "reshape":
            return _reshaped(x, what)
        return _transposed(x, what) if primitive == "transpose" else _indexed(x, what)


_WRITERS: dict[str, Callable[[LatexPrinter, Expression], Term]] = {
    "number": lambda _, x: number(float(x.value)),
    "size": lambda _, __: Term(SAMPLES),
    "neg": lambda printer, x: Term(f"-{printer.write(x.operands[0]).within(PLACES)}", SUM),
    "item": lambda printer, x: printer.write(x.operands[0]),
    "sum": lambda printer, x: Term(
        rf"\sum_i {printer.write(x.operands[0]).within(PLACES)}", PLACES),
    "onehot": lambda printer, x: Term(
        rf"\operatorname{{onehot}}({printer.write(x.operands[0]).text})"),
    "accumulate": lambda _, __: Term("0"),  # of nothing: others are equations
    **{name.strip("_"): getattr(LatexPrinter, name) for name in (
        "_add", "_sub", "_mul", "_div", "_pow", "_einsum", "_reduce_sum", "_mean", "_concatenate",
        "_where", "_add_at",
    )},
    **dict.fromkeys(("index", "gather", "reshape", "transpose"), LatexPrinter.view),
}  # fmt: skip


def _is_column(x: Expression) -> bool:
    """Whether it is a row made a column, ``x[:, None]``."""
    return x.primitive == "index" and x.attributes[0] == (slice(None), None)


def _takes_index(x: Term) -> bool:
    """Whether an index can be written to an array as it is: it has none yet, or has brackets."""
    return re.fullmatch(r"[^_^&]*|\\left\[.*\\right\]", x.text) is not None


def _transposed(x: Term, order: tuple[int, ...]) -> Term:
    """Write an array with its axes in another order."""
    if order == tuple(range(len(order))):
        return x
    if order == (1, 0):
        return Term(rf"{x.within(ATOM)}^\top", POWER)
    return Term(rf"\operatorname{{transpose}}_{{{','.join(map(str, order))}}}({x.text})")


def _reshaped(x: Term, shape: Shape) -> Term:
    """Write the elements of an array in another shape."""
    if not shape:
        return x
    if len(shape) == 1 and shape[0] != SAMPLES:
        return Term(rf"\operatorname{{vec}}({x.text})")
    return Term(rf"\operatorname{{reshape}}_{{{','.join(map(str, shape))}}}({x.text})")


def _indexed(x: Term, parts: Sequence[Any]) -> Term:
    """Write positions and slices; what only meets arrays of other shapes is left out."""
    shown = [part_text(part) for part in parts]
    if set(shown) <= {":", "None", "..."} or shown == ["...", "0"]:
        return x
    while shown[-1] == ":":
        shown.pop()
    places = ", ".join(part.replace(":", "{:}") for part in shown if part != "None")
    return Term(f"{x.within(ATOM)}[{places}]")
