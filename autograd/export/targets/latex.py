"""Write a program's equations as LaTeX, as the lecture has them: samples are columns."""

from collections.abc import Iterable, Iterator

from autograd.compiler.ir.array_ir import (
    BINARY,
    COMPARISONS,
    LOGIC,
    ArrayProgram,
    Expression,
    Variable,
)
from autograd.compiler.ir.attributes import needed
from autograd.compiler.programs.program import CallSpec
from autograd.export.latex_printer import LatexPrinter, Rows
from autograd.export.latex_terms import gradient_name
from autograd.export.program import ExportError, equations_of, results_of
from autograd.expressions.latex import name

SHORT = 40  # terms of a formula, beyond which steps are better
LONGEST = 5_000
INFIX = {*BINARY, *COMPARISONS, *LOGIC, "neg", "number", "variable"}  # one term; functions are two


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
    printer = LatexPrinter([], formulas)
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
    arrays = [*program.inputs, *(v for e in program.equations for v in e.results)]
    printer = LatexPrinter([*(v.name for v in arrays), *program.constants], {})
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


def _conditions(printer: LatexPrinter, form: CallSpec, program: ArrayProgram) -> Rows:
    """Say for which outcome of comparisons the program holds."""
    rows = []
    for guard, x in zip(form.program.guards, program.guards, strict=True):
        test = printer.write(x).text.removeprefix("[").removesuffix("]")
        said = "where" if guard.outcome else "where not"
        rows.append(("", rf"\text{{{said} }} {test}"))
    return rows
