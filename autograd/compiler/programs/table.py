"""Explain a program: a table of its instructions."""

from dataclasses import dataclass

from autograd.compiler.ir.array_ir import Equation, Shape, shape_text, walk
from autograd.compiler.programs.origins import replaced
from autograd.compiler.programs.program import Program
from autograd.compiler.vectorize.instructions import INNER, Instruction
from autograd.primitives import TABLE

HEADS = ("line", "operation", "shape", "nodes", "matrix product", "why")


@dataclass(frozen=True)
class Table:
    """Rows of a program's table; prints as text."""

    rows: tuple[tuple[str, ...], ...]

    def __str__(self) -> str:
        rows = (HEADS, *self.rows)
        widths = [max(len(row[i]) for row in rows) for i in range(len(HEADS))]
        lines = [
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
            for row in rows
        ]
        return "\n".join(lines)

    __repr__ = __str__


def table_of(program: Program) -> Table:
    """Describe each instruction: name, operation, shape, scalar nodes, and whether it is a product.

    The shape has one more axis, written n, where the result differs from sample to sample.
    """
    if program.is_derived:
        assert program.equations is not None
        return Table(tuple(map(_equation_row, program.equations.equations)))
    pairs = zip(program.instructions, replaced(program), strict=True)
    return Table(tuple(_row(step, nodes) for step, nodes in pairs))


def _equation_row(equation: Equation) -> tuple[str, ...]:
    result, x = equation.result, equation.expression
    products = any(part.primitive == "einsum" for part in walk([x]))
    why = "" if products else "element by element"
    return result.name, x.primitive, _shape(result.shape), "", "yes" if products else "no", why


def _shape(shape: Shape) -> str:
    return shape_text(shape) if shape else "one number"


def _row(step: Instruction, nodes: int) -> tuple[str, ...]:
    shape: Shape = (*step.out.shape, *["n"] * step.out.sample)
    return step.out.name, step.op, _shape(shape), str(nodes), *_product(step)


def _product(step: Instruction) -> tuple[str, str]:
    """Say whether an instruction is a matrix product, and why not."""
    if step.is_product:
        return "yes", ""
    pairs = [part for part in step.parts if part.y is not None]
    if step.op != "sum":
        return "no", "a function of lists" if TABLE[step.op].variadic else "element by element"
    if not pairs:
        return "no", "adds, multiplies nothing"
    if not any(INNER in part.x.axes for part in pairs):
        return "no", "one product each"
    return "no", "no grid of rows: multiplied row by row"
