"""Write a program's equations as LaTeX, as the lecture has them: samples are columns."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from autograd.compiler.ir.array_ir import (
    BINARY,
    COMPARISONS,
    LOGIC,
    SAMPLES,
    ArrayProgram,
    Equation,
    Expression,
    Shape,
    Variable,
    part_text,
)
from autograd.compiler.ir.attributes import needed
from autograd.compiler.ir.numpy_source import as_inner, as_matmul
from autograd.compiler.programs.program import CallSpec
from autograd.export.program import ExportError, equations_of, results_of, with_defaults
from autograd.expressions.dialects import FormulaLevel
from autograd.expressions.latex import filled, name, operator
from autograd.expressions.printer import Written
from autograd.primitives import TABLE

SHORT = 40  # terms of a formula, beyond which steps are better
LONGEST = 5_000
INFIX = {*BINARY, *COMPARISONS, *LOGIC, "neg", "number", "variable"}  # one term; functions are two
AXES = "ijklm"
SIGNS = {"lt": "<", "le": r"\le", "gt": ">", "ge": r"\ge", "eq": "=", "ne": r"\ne",
         "and": r"\land", "or": r"\lor"}  # fmt: skip
SAME = {"whole", "asarray", "repeat_samples", "broadcast_to"}  # what is meant stays the same
# A product place by place, PLACES, holds less than one of matrices.
SUM, _, PLACES, PRODUCT, POWER, ATOM = FormulaLevel
Rows = list[tuple[str, str]]


def export(form: CallSpec, *, formula: bool | None = None) -> str:
    r"""Return a program's equations, forwards and backwards, as an aligned block of LaTeX.

    It stands between dollar signs or ``\[`` and ``\]``; MathJax, KaTeX and LaTeX (amsmath) read it.
    A sum over the samples has the index n. ``formula``: write the value, and each derivative, as
    one formula of the leaves, rather than in steps; None for that where it is short and scalar.
    """
    program = equations_of(form.program)
    scalar = all(variable.shape == () for variable in program.inputs)
    size = _size(program)
    if formula and size > LONGEST:
        raise ExportError(
            "latex: the steps do not go into one formula, or it would be too long; "
            "leave formula out"
        )
    if formula or (formula is None and scalar and size <= SHORT):
        return _aligned([_formulas(form, program)])
    return _aligned(_steps(form, program))


def _size(program: ArrayProgram) -> float:
    """Count the terms of the longest formula, before it is written: it can double at each step."""
    sizes: dict[Expression, float] = {}

    def size(x: Expression) -> float:
        own = 1 if x.primitive in INFIX else 2
        return sizes.get(x, own + sum(map(size, x.operands)))

    for equation in program.equations:
        if equation.softmax is not None or equation.expression.primitive == "accumulate":
            return float("inf")
        sizes[equation.result] = size(equation.expression)
    return max(map(size, program.results))


def _aligned(groups: Iterable[Rows]) -> str:
    r"""Write groups of rows, with a gap between them."""
    blocks = [" \\\\\n".join(map(_row, rows)) for rows in groups if rows]
    return "\\begin{aligned}\n" + " \\\\[1ex]\n".join(blocks) + "\n\\end{aligned}"


def _row(row: tuple[str, str]) -> str:
    """Write an equation, or a condition."""
    left, right = row
    return f"{left} &= {right}" if left else f"&{right}"


def _formulas(form: CallSpec, program: ArrayProgram) -> Rows:
    """Write each result as one formula: steps in the place of their names."""
    formulas = {equation.result: equation.expression for equation in program.equations}
    printer = LatexPrinter(formulas)
    rows = [(left, printer.write(x).text) for left, x in _results(program)]
    for array, x in zip(form.program.wanted, program.gradients, strict=True):
        left = rf"\frac{{\partial J}}{{\partial {name(array.name)}}}"
        rows.append((left, printer.write(x).text))
    return rows + _conditions(printer, form, program)


def _results(program: ArrayProgram) -> list[tuple[str, Expression]]:
    """Name the result, or each of several."""
    results = results_of(program)
    return [(f"J_{{{i}}}" if len(results) > 1 else "J", x) for i, x in enumerate(results, 1)]


def _steps(form: CallSpec, program: ArrayProgram) -> Iterator[Rows]:
    """Write each equation: those of the value, then those of the gradients."""
    printer = LatexPrinter()
    forward = needed(program.equations, [*results_of(program), *program.guards])
    made = {variable for equation in forward for variable in equation.results}
    rows: tuple[Rows, Rows] = ([], [])
    for equation in program.equations:
        rows[equation.result not in made].extend(printer.rows(equation))
    for left, x in _results(program):
        if not (isinstance(x, Variable) and x.name == left):
            rows[0].append((left, printer.write(x).text))
    rows[0].extend(_conditions(printer, form, program))
    shown = {left for group in rows for left, _ in group}
    for array, x in zip(form.program.wanted, program.gradients, strict=True):
        left, right = gradient_name(array.name), printer.write(x).text
        if left not in shown and left != right:
            rows[1].append((left, right))
    yield from rows


def _conditions(printer: "LatexPrinter", form: CallSpec, program: ArrayProgram) -> Rows:
    """Say for which outcome of comparisons the program holds."""
    rows = []
    for guard, x in zip(form.program.guards, program.guards, strict=True):
        test = printer.write(x).text.removeprefix("[").removesuffix("]")
        said = "where" if guard.outcome else "where not"
        rows.append(("", rf"\text{{{said} }} {test}"))
    return rows


class LatexPrinter:
    """Writes expressions; ``formulas`` has those that stand in the place of their variables."""

    def __init__(self, formulas: Mapping[Variable, Expression] | None = None) -> None:
        self.formulas = formulas or {}

    def rows(self, equation: Equation) -> Rows:
        """Write an equation as rows of left and right sides."""
        x, left = equation.expression, label(equation.result)
        if equation.softmax is not None:
            xs, k = map(self.write, x.operands)
            kept = label(equation.softmax)
            soft = rf"\operatorname{{softmax}}({xs.text})"
            return [(kept, soft), (left, rf"-\log ({kept})_{{{k.text}}}")]
        if x.primitive != "accumulate":
            return [(left, self.write(x).text)]
        rows = [(left, "0")]
        for y, path in zip(x.operands, x.attributes[0], strict=True):
            part = atom(left)
            for primitive, what in path:
                part = self._part(primitive, part, what)
            rows.append((part.text, f"{part.text} + {self.write(y).text}"))
        return rows

    def seen(self, x: Expression) -> Expression:
        """Return the expression that is written in the place of a variable."""
        while isinstance(x, Variable) and x in self.formulas:
            x = self.formulas[x]
        return x

    def write(self, x: Expression) -> Written:
        """Write an expression."""
        x = self.seen(x)
        if isinstance(x, Variable):
            return atom(label(x))
        if x.primitive in SAME:
            return self.write(x.operands[0])
        if x.primitive in COMPARISONS:
            left, right = map(self.write, x.operands)
            return atom(f"[{left.text} {SIGNS[x.primitive]} {right.text}]")
        if x.primitive in LOGIC:
            left, right = map(self.write, x.operands)
            return Written(f"{left.text} {SIGNS[x.primitive]} {right.text}", SUM)
        writer = _WRITERS.get(x.primitive)
        return self._called(x) if writer is None else writer(self, x)

    def _called(self, x: Expression) -> Written:
        """Write a function of the table by its template, another by its name."""
        operands = with_defaults(x.primitive, x.operands)
        parts = [self.write(y) if isinstance(y, Expression) else number(y) for y in operands]
        entry = TABLE.get(x.primitive)
        if entry is None or not entry.latex or len(parts) != len(entry.arguments):
            return atom(rf"{operator(x.primitive)}({', '.join(part.text for part in parts)})")
        whole = [p.strength == ATOM and (not entry.variadic or _takes_index(p)) for p in parts]
        pairs = zip(parts, whole, strict=True)
        return filled(entry, [Written(p.text, ATOM if w else SUM) for p, w in pairs])

    def _add(self, x: Expression) -> Written:
        left, right = map(self.write, x.operands)
        if right.text.startswith("-"):
            return Written(f"{left.text} - {right.text[1:]}", SUM)
        return Written(f"{left.text} + {right.text}", SUM)

    def _sub(self, x: Expression) -> Written:
        left, right = map(self.write, x.operands)
        return Written(f"{left.text} - {within(right, PLACES)}", SUM)

    def _mul(self, x: Expression) -> Written:
        a, b = x.operands
        left, right = self.write(a), self.write(b)
        arrays = bool(a.shape) and bool(b.shape)
        if _is_column(self.seen(a)) and len(b.shape) == 1:
            return Written(rf"{within(left, PRODUCT)} {within(right, ATOM)}^\top", PRODUCT)
        if left.text == right.text and left.strength == ATOM:
            circle = r"\odot " if arrays else ""
            return Written(rf"{left.text}^{{{circle}2}}", POWER)
        if arrays:
            return Written(rf"{within(left, PLACES)} \odot {within(right, PRODUCT)}", PLACES)
        text = within(right, PRODUCT)
        dot = r"\cdot " if text[:1].isdigit() or text.startswith(r"\frac") else ""
        return Written(rf"{within(left, PRODUCT)} {dot}{text}", PRODUCT)

    def _div(self, x: Expression) -> Written:
        left, right = map(self.write, x.operands)
        return Written(rf"\frac{{{left.text}}}{{{right.text}}}", POWER)

    def _pow(self, x: Expression) -> Written:
        left, right = map(self.write, x.operands)
        circle = r"\odot " if x.operands[0].shape else ""
        return Written(rf"{within(left, ATOM)}^{{{circle}{right.text}}}", POWER)

    def _einsum(self, x: Expression) -> Written:
        spec = x.attributes[0]
        a, b = map(self.write, x.operands)
        order = as_inner(spec)
        if order == (0,):
            return Written(rf"{within(a, ATOM)}^\top {within(b, PRODUCT)}", PRODUCT)
        if order is not None:
            return atom(rf"\langle {a.text},\, {_transposed(b, order).text} \rangle")
        product = as_matmul(spec)
        if product is not None:
            factors = [within(_transposed((a, b)[i], order), PRODUCT) for i, order in product]
            return Written(" ".join(factors), PRODUCT)
        left, _, out = spec.partition("->")
        a_axes, b_axes = left.split(",")
        gone = "".join(dict.fromkeys(c for c in left if c.isalpha() and c not in out))
        over = rf"\sum_{{{', '.join(gone)}}} " if gone else ""
        return Written(rf"{over}({a.text})_{{{a_axes}}} \, ({b.text})_{{{b_axes}}}", PLACES)

    def _reduce_sum(self, x: Expression) -> Written:
        (xs,), (axes, keepdims) = x.operands, x.attributes
        xs = self.seen(xs)
        letters = ["n" if xs.shape[axis] == SAMPLES else AXES[axis] for axis in axes]
        index = rf"_{{{', '.join(letters)}}}"
        if len(axes) == len(xs.shape) and not keepdims:
            index = ""
            xs = self.seen(xs.operands[0]) if xs.primitive == "reshape" else xs
        return Written(rf"\sum{index} {within(self.write(xs), PLACES)}", PLACES)

    def _mean(self, x: Expression) -> Written:
        return Written(
            rf"\frac{{1}}{{n}} \sum_n {within(self.write(x.operands[0]), PLACES)}", PRODUCT
        )

    def _concatenate(self, x: Expression) -> Written:
        parts = r";\, ".join(self.write(y).text for y in x.operands)
        return atom(rf"\left[{parts}\right]")

    def _where(self, x: Expression) -> Written:
        c, yes, no = map(self.write, x.operands)
        rows = rf"{yes.text} & {c.text} \\ {no.text} & \text{{else}}"
        return atom(rf"\begin{{cases}} {rows} \end{{cases}}")

    def _add_at(self, x: Expression) -> Written:
        index, numbers = map(self.write, x.operands)
        return atom(rf"\operatorname{{scatter}}_{{{index.text}}}({numbers.text})")

    def view(self, x: Expression) -> Written:
        """Write a part of an array, or its elements in another order or shape."""
        what = x.operands[1] if x.primitive == "gather" else x.attributes[0]
        return self._part(x.primitive, self.write(x.operands[0]), what)

    def _part(self, primitive: str, x: Written, what: Any) -> Written:
        """Write what an index, or another order or shape, makes of an array."""
        if primitive == "gather":
            return atom(f"{within(x, ATOM)}[{self.write(what).text}]")
        if primitive == "reshape":
            return _reshaped(x, what)
        return _transposed(x, what) if primitive == "transpose" else _indexed(x, what)


_WRITERS: dict[str, Callable[[LatexPrinter, Expression], Written]] = {
    "number": lambda _, x: number(float(x.value)),
    "size": lambda _, __: atom(SAMPLES),
    "neg": lambda printer, x: Written(f"-{within(printer.write(x.operands[0]), PLACES)}", SUM),
    "item": lambda printer, x: printer.write(x.operands[0]),
    "sum": lambda printer, x: Written(
        rf"\sum_i {within(printer.write(x.operands[0]), PLACES)}", PLACES),
    "onehot": lambda printer, x: atom(
        rf"\operatorname{{onehot}}({printer.write(x.operands[0]).text})"),
    "accumulate": lambda _, __: atom("0"),  # of nothing: others are equations
    **{name.strip("_"): getattr(LatexPrinter, name) for name in (
        "_add", "_sub", "_mul", "_div", "_pow", "_einsum", "_reduce_sum", "_mean", "_concatenate",
        "_where", "_add_at",
    )},
    **dict.fromkeys(("index", "gather", "reshape", "transpose"), LatexPrinter.view),
}  # fmt: skip


def _is_column(x: Expression) -> bool:
    """Whether it is a row made a column, ``x[:, None]``."""
    return x.primitive == "index" and x.attributes[0] == (slice(None), None)


def _takes_index(x: Written) -> bool:
    """Whether an index can be written to an array as it is: it has none yet, or has brackets."""
    return re.fullmatch(r"[^_^&]*|\\left\[.*\\right\]", x.text) is not None


def _transposed(x: Written, order: tuple[int, ...]) -> Written:
    """Write an array with its axes in another order."""
    if order == tuple(range(len(order))):
        return x
    if order == (1, 0):
        return Written(rf"{within(x, ATOM)}^\top", POWER)
    return atom(rf"\operatorname{{transpose}}_{{{','.join(map(str, order))}}}({x.text})")


def _reshaped(x: Written, shape: Shape) -> Written:
    """Write the elements of an array in another shape."""
    if not shape:
        return x
    if len(shape) == 1 and shape[0] != SAMPLES:
        return atom(rf"\operatorname{{vec}}({x.text})")
    return atom(rf"\operatorname{{reshape}}_{{{','.join(map(str, shape))}}}({x.text})")


def _indexed(x: Written, parts: Sequence[Any]) -> Written:
    """Write positions and slices; what only meets arrays of other shapes is left out."""
    shown = [part_text(part) for part in parts]
    if set(shown) <= {":", "None", "..."} or shown == ["...", "0"]:
        return x
    while shown[-1] == ":":
        shown.pop()
    places = ", ".join(part.replace(":", "{:}") for part in shown if part != "None")
    return atom(f"{within(x, ATOM)}[{places}]")


def number(x: float) -> Written:
    r"""Write a number, to six digits.

    >>> print(number(3.0).text, number(0.25).text, number(1e-05).text, number(-2.5).text)
    3 0.25 10^{-5} -2.5
    """
    if not np.isfinite(x):
        text = r"\mathrm{nan}" if np.isnan(x) else r"\infty" if x > 0 else r"-\infty"
        return Written(text, SUM if x < 0 else ATOM)
    digits, _, power = f"{x:.6g}".partition("e")
    if not power:
        return Written(digits, SUM if x < 0 else ATOM)
    if digits == "1":
        return Written(rf"10^{{{int(power)}}}", POWER)
    return Written(rf"{digits} \cdot 10^{{{int(power)}}}", PRODUCT)


def label(variable: Variable) -> str:
    """Write the name of an array; a gradient is d and its array's name."""
    if variable.kind != "cotangent":
        return name(variable.name)
    own = variable.name[1:]
    return name(f"d{own[1:]}") if own.startswith("_") else gradient_name(own)


def gradient_name(text: str) -> str:
    """Write the gradient with respect to an array."""
    return f"d{name(text)}"


def atom(text: str) -> Written:
    """Write what never needs brackets."""
    return Written(text, ATOM)


def within(x: Written, least: float) -> str:
    """Write an expression in a place that wants one of at least some strength."""
    return x.text if x.strength >= least else rf"\left({x.text}\right)"
