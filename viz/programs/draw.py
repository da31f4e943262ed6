"""Draw a lifted program: a box for each line, leading from what it reads to what reads it."""

from autograd.compiler import Compiled, Lifted
from autograd.compiler.programs.program import Program
from viz.basics.arguments import checked_limit, chosen
from viz.basics.colours import PALETTES
from viz.basics.labels import printable
from viz.basics.numbers import Formatter, formatter
from viz.drawing.dot import DIRECTIONS, dot
from viz.drawing.picture import Picture
from viz.programs.beside import beside
from viz.programs.lines import program_scene
from viz.programs.traced import program_of, traced


def draw_program(
    program: Program | Compiled | Lifted,
    *,
    direction: str = "TB",
    gradients: bool = True,
    nodes: bool = False,
    limit: int = 100,
    digits: int = 4,
    format: str | Formatter | None = None,
    theme: str = "light",
    title: str = "",
    font: str | None = None,
) -> Picture:
    """Draw the NumPy program that a scalar function or graph was lifted to.

    A box is a line of the program's forward pass: the line, the shape of its result (``n`` stands
    for the samples of a batch), how many scalar nodes it stands for, and what its gradient is
    computed as, where that is a line of its own. Matrix products are green with a double border,
    and say which shapes they multiply; arguments are blue, parameters amber with a bar, the result
    violet with a thick border. An arrow leads from an array to a line that reads it; its tooltip
    says how. Long lines are cut; their box's tooltip has them in full.

    Parameters
    ----------
    program
        What `autograd.compile` or `autograd.lift` returned, or its ``.program``. Of a compiled
        function the program of the last call is drawn.
    direction
        ``"LR"``, ``"TB"``, ``"RL"`` or ``"BT"``: where the arrows point.
    gradients
        Whether to show the lines of the backward pass.
    nodes, limit
        Whether to draw beside it the scalar graph that was traced, with its numbers. A line and the
        nodes that it stands for have one number and one colour; each node says which element it is,
        ``Z1[3, :]``, where a colon stands for the samples. Above ``limit`` nodes, at most
        500, those of a line are one box. `viz.program_nodes` has the same as a table.
    digits, format
        How the numbers of scalar nodes are written; as for `viz.draw`.
    theme, title, font
        As for `viz.draw`.

    Raises
    ------
    TypeError, ValueError
        If an argument is not one of those above; if the program has more than 500 boxes, or none
        since it is replayed node by node.
    RuntimeError
        If a compiled function was not called yet: it has no program then.

    Examples
    --------
    >>> import autograd
    >>> w = autograd.values([[1.0, 2.0], [3.0, 4.0]], "W")
    >>> step = autograd.compile(lambda x: sum(autograd.dot(row, x).tanh() for row in w))
    >>> value, gradient = step([0.5, -1.0])
    >>> draw_program(step)
    <Picture of <lambda>: 5 nodes, 4 edges (11 scalar nodes in 3 lines, 1 a matrix product); ...>
    """
    lifted = program_of(program, "draw_program")
    chosen("direction", direction, DIRECTIONS)
    chosen("theme", theme, tuple(PALETTES))
    limit = checked_limit(limit)
    write = formatter(digits, format)
    if nodes:
        drawn = beside(traced(lifted, write), gradients=gradients, limit=limit)
    else:
        drawn, _ = program_scene(lifted, gradients=gradients)
    text = dot(drawn, PALETTES[theme], theme=theme, direction=direction, title=title)
    called = printable(program.name) if isinstance(program, Compiled) else ""
    return Picture(text, called, len(drawn.boxes), len(drawn.arrows), drawn.note, theme, font)
