"""Look over the scalar graph that a program was lifted from, and which line each node is in."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from autograd.compiler import Compiled, Lifted
from autograd.compiler.programs.origins import Origin, origins
from autograd.compiler.programs.program import Program
from autograd.compiler.programs.replayed import replayed
from autograd.errors import shown
from autograd.primitives import CONSTANT, LEAF
from viz.basics.labels import printable
from viz.basics.numbers import Formatter
from viz.graphs.called import called
from viz.graphs.names import is_dotted
from viz.graphs.survey import Survey, looked_over
from viz.programs.listing import Listing, listing
from viz.programs.shapes import shape_text


@dataclass(frozen=True, slots=True)
class Traced:
    """A program with its scalar graph; ``graph``, ``names`` and ``origins`` go node by node."""

    program: Program
    listing: Listing
    graph: Survey
    names: Sequence[str]
    origins: Sequence[Origin]
    write: Formatter

    def line(self, k: int) -> str:
        """Return the text of an instruction."""
        return self.listing.line(self.program.instructions[k].out.name)

    def home(self, i: int) -> str:
        """Say which line or array a node belongs to: ``Z1 = W1 @ x + b1``, ``W1 (4, 2)``."""
        origin = self.origins[i]
        if origin.line >= 0:
            return self.line(origin.line)
        return f"{origin.array.name} {shape_text(origin.array)}" if origin.array else ""

    def says(self, i: int) -> str:
        """Say in words where a node went."""
        origin = self.origins[i]
        if origin.array is None:
            return _ALONE[origin.kind]
        return _WORDS[origin.kind] + origin.element


_WORDS = {"given": "", "computed": "", "absorbed": "part of ", "merged": "same as ", "constant": ""}
_ALONE = {"constant": "folded into the text", "unused": "not needed"}


def program_of(program: object, function: str) -> Program:
    """Return the program of what `autograd.compile` or `autograd.lift` gave.

    Raises
    ------
    TypeError, ValueError
        If it is something else, or has no lines since it is replayed node by node.
    RuntimeError
        If a compiled function was not called yet: it has no program then.
    """
    lifted = program.program if isinstance(program, Compiled | Lifted) else program
    if not isinstance(lifted, Program):
        raise TypeError(
            f"{function} takes what autograd.compile or autograd.lift returned, or its .program, "
            f"not {shown(program)}"
        )
    if not lifted.source.startswith("def "):
        raise ValueError(
            "the program has no lines to draw, it is replayed node by node; engine='numpy' writes "
            "it as NumPy"
        )
    return lifted


def traced(program: Program, write: Formatter) -> Traced:
    """Look over a program's scalar graph, with the numbers and gradients of its trace."""
    nodes, found, labels = replayed(program), origins(program), program.names
    scalars = program.scalars
    sources = scalars.inputs.tolist()
    inputs = [tuple(sources[a:b]) for a, b in pairwise(scalars.starts.tolist())]
    names = [printable(labels.get(i, "")) for i in range(len(nodes))]
    roles = [_role(program, i, names[i], found[i]) for i in range(len(nodes))]
    graph = looked_over(nodes, inputs, names, roles)
    return Traced(program, listing(program), graph, called(graph, write), found, write)


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
