"""The provenance of a lifted program: its lines, and the line or array of each scalar node."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from autograd._checks import error_text, whole_number
from autograd.compiler import Compiled, Lifted
from autograd.compiler.ir.array_ir import ArrayProgram, Variable, occurrences
from autograd.compiler.ir.numpy_source import NumpyPrinter, source_lines
from autograd.compiler.layout.views import Array
from autograd.compiler.programs.origins import Origin, origins
from autograd.compiler.programs.program import Program
from autograd.compiler.programs.replayed import replayed
from autograd.compiler.vectorize.instructions import INNER, SAMPLES, Addend, Instruction
from autograd.primitives import CONSTANT, LEAF
from viz.formatting import Formatter, printable
from viz.graph_model import GraphModel, is_dotted, node_names


@dataclass
class ProgramListing:
    """A program's lines by the names that they assign.

    ``result_name`` is the array that is returned unchanged; where the result is computed after the
    last instruction, ``result_line`` is that line, and ``result_reads`` the names that it reads.
    """

    lines: dict[str, list[str]] = field(default_factory=dict)
    gradients: dict[str, tuple[str, ...]] = field(default_factory=dict)
    result_name: str = ""
    result_line: str = ""
    result_reads: frozenset[str] = frozenset()

    def line(self, name: str) -> str:
        """Return the line that computes an array, or its name where there is no such line."""
        return "; ".join(self.lines.get(name, [name]))

    def gradient(self, name: str) -> tuple[str, ...]:
        """Return the lines that compute an array's gradient; none where another includes it."""
        return self.gradients.get(name) or tuple(self.lines.get(f"d{name}", ()))


def listing(program: Program) -> ProgramListing:
    """Print the lines of a program's equations.

    >>> import autograd
    >>> step = autograd.compile(lambda a, b: autograd.exp(a) * b)
    >>> value, gradients = step(1.0, 2.0)
    >>> result = listing(step.program)
    >>> result.line("T1"), result.gradient("b"), result.result_name
    ('T1 = exp(a)', ('T1',), 'T2')
    """
    equations, printer, result = lowered(program), NumpyPrinter(), ProgramListing()
    for variables, line in source_lines(equations, printer):
        for name in [variable.name for variable in variables] or ["n"]:
            result.lines.setdefault(name, []).append(line)
    if equations.value is not None:
        _result(result, equations, printer)
    for array, gradient in zip(program.wanted, equations.gradients, strict=False):
        text = printer.text(gradient)
        if text != f"d{array.name}":
            result.gradients[array.name] = (text,)
    return result


def lowered(program: Program) -> ArrayProgram:
    """Return the equations of a program that has some."""
    assert program.equations is not None
    return program.equations


def _result(listing: ProgramListing, program: ArrayProgram, printer: NumpyPrinter) -> None:
    """Record what is returned: an instruction's array, or an expression of such arrays."""
    value = program.value
    assert value is not None
    if value.primitive == "item":
        (value,) = value.operands
    text = printer.text(value)
    made = {e.result: e.expression for e in program.equations[: program.forward_count]}
    if isinstance(value, Variable) and text != "J":
        listing.result_name = text if value in made else ""
        listing.result_line = "" if value in made else text
        listing.result_reads = frozenset() if value in made else frozenset({text})
        return
    listing.result_line = listing.line(text)
    read = occurrences(made[value] if isinstance(value, Variable) else value)
    listing.result_reads = frozenset(variable.name for variable in read)


def shape_text(array: Array) -> str:
    """Write an array's shape, with n for the axis of samples.

    >>> import numpy as np
    >>> shape_text(Array("Z1", np.arange(4), sample=True)), shape_text(Array("b", np.array(7)))
    ('(4, n)', 'one number')
    """
    sizes = [*map(str, array.shape), *["n"] * array.sample]
    return _tuple(sizes) if sizes else "one number"


def _tuple(sizes: Sequence[str]) -> str:
    return f"({sizes[0]},)" if len(sizes) == 1 else f"({', '.join(sizes)})"


def product_text(step: Instruction) -> str:
    """Write the shapes of an instruction's matrix products, in the order of its line.

    >>> import autograd
    >>> w = autograd.values([[1.0, 2.0], [3.0, 4.0]], "W")
    >>> step = autograd.compile(lambda x: sum(autograd.dot(row, x).tanh() for row in w))
    >>> value, gradient = step([0.5, -1.0])
    >>> product_text(step.program.instructions[0])
    '(2, 2) @ (2,)'
    """
    products = [part for part in step.parts if replace(step, parts=[part]).is_product]
    return " + ".join(_factors(part, step.axes) for part in products)


def _factors(part: Addend, axes: str) -> str:
    """Write two shapes: batches of matrices first, then rows, then columns."""
    assert part.y is not None
    sizes = {SAMPLES: "n"}
    for operand in (part.x, part.y):
        assert operand.view is not None
        sizes |= dict(zip(operand.axes, map(str, operand.view.shape), strict=False))
    x, y = part.x.axes, part.y.axes
    both = [axis for axis in x if axis in y and axis != INNER]
    rows, columns = ([axis for axis in own if axis not in other] for own, other in ((x, y), (y, x)))
    order = axes + SAMPLES
    if rows and columns and order.index(columns[0]) < order.index(rows[0]):
        rows, columns = columns, rows
    left, right = (*both, *rows, INNER), (*both, INNER, *columns)
    return " @ ".join(_tuple([sizes[axis] for axis in axes]) for axes in (left, right))


@dataclass(frozen=True, slots=True)
class Provenance:
    """A program with its scalar graph; ``names`` and ``origins`` have an entry for each node."""

    program: Program
    listing: ProgramListing
    graph: GraphModel
    names: Sequence[str]
    origins: Sequence[Origin]
    write: Formatter

    def line(self, k: int) -> str:
        """Return the text of an instruction."""
        return self.listing.line(self.program.instructions[k].out.name)

    def location(self, i: int) -> str:
        """Return the line or array that a node belongs to: ``Z1 = W1 @ x + b1``, ``W1 (4, 2)``."""
        origin = self.origins[i]
        if origin.line >= 0:
            return self.line(origin.line)
        return f"{origin.array.name} {shape_text(origin.array)}" if origin.array else ""

    def description(self, i: int) -> str:
        """Describe what became of a node."""
        origin = self.origins[i]
        if origin.array is None:
            return _ALONE[origin.kind]
        return _WORDS[origin.kind] + origin.element


MAX_LIMIT = 500  # nodes beside a program: beyond, no reader gets through
_WORDS = {"given": "", "computed": "", "absorbed": "part of ", "merged": "same as ", "constant": ""}
_ALONE = {"constant": "folded into the text", "unused": "not needed"}


def checked_limit(limit: object) -> int:
    """Check the number of nodes up to which each is drawn beside a program, and return it.

    >>> checked_limit(0)
    0
    """
    return whole_number("limit", limit, 0, MAX_LIMIT)


def program_of(program: object) -> Program:
    """Return the program of a result of `autograd.compile` or `autograd.lift`.

    Raises
    ------
    TypeError, ValueError
        If it is something else, or is replayed node by node and so has no lines.
    RuntimeError
        If a compiled function was not called yet and so has no program.
    """
    lifted = program.program if isinstance(program, Compiled | Lifted) else program
    if not isinstance(lifted, Program):
        allowed = "what autograd.compile or autograd.lift returned, or its .program"
        raise TypeError(error_text("program", program, allowed))
    if lifted.equations is None:
        raise ValueError(
            "the program has no lines to draw, it is replayed node by node; engine='numpy' writes "
            "it as NumPy"
        )
    return lifted


def provenance(program: Program, write: Formatter) -> Provenance:
    """Return a program's scalar graph and origins, with the numbers and gradients of its trace."""
    if program.is_derived:
        raise ValueError(
            "the program of a Hessian is differentiated as equations, and no line of it stands for "
            "scalar nodes; see .source, or viz.draw_program(program)"
        )
    nodes, node_origins, labels = replayed(program), origins(program), program.names
    scalars = program.scalars
    sources = scalars.inputs.tolist()
    inputs = [tuple(sources[a:b]) for a, b in pairwise(scalars.starts.tolist())]
    names = [printable(labels.get(i, "")) for i in range(len(nodes))]
    roles = [_role(program, i, names[i], node_origins[i]) for i in range(len(nodes))]
    graph = GraphModel.from_nodes(nodes, inputs, names, roles)
    return Provenance(
        program, listing(program), graph, node_names(graph, write), node_origins, write
    )


def _role(program: Program, i: int, name: str, origin: Origin) -> str:
    op = program.scalars.ops[i]
    if op == CONSTANT:
        return "constant"
    if i == program.result:
        return "result"
    if op != LEAF:
        return "operation"
    is_leaf_of_its_own = origin.array is not None and origin.array.kind == "parameter"
    # Samples of a graph that was lifted are no arguments either; only parameters have labels.
    return "parameter" if is_dotted(name) or (name and is_leaf_of_its_own) else "input"
