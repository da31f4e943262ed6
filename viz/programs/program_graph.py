"""Pictures of lifted programs: a box for each line, with arrows from the arrays that it reads.

With ``nodes=True`` the traced scalar graph is drawn beside it; a line and the nodes that it
computes share a number and a colour.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from autograd._checks import checked_keywords, one_of
from autograd.compiler import Compiled, Lifted
from autograd.compiler.ir.array_ir import occurrences
from autograd.compiler.ir.forward import operand_text
from autograd.compiler.layout.views import Array
from autograd.compiler.programs.origins import Origin, named, operands, replaced
from autograd.compiler.programs.program import Program
from autograd.compiler.vectorize.instructions import Instruction
from viz.colours import LIGHT, PALETTES
from viz.dot import DIRECTIONS, dot
from viz.folding import Folding
from viz.formatting import Formatter, formatter, printable, shorten
from viz.graph_model import Frame, FramePath, op_symbol
from viz.picture import Picture
from viz.programs.provenance import (
    ProgramListing,
    Provenance,
    checked_limit,
    listing,
    lowered,
    product_text,
    program_of,
    provenance,
    shape_text,
)
from viz.scene import Arrow, Box, LabelRow, LabelWriter, Scene, scene

MAX_BOXES = 500  # boxes: beyond, neither Graphviz nor a reader gets through
MAX_GRADIENT_LINES = 3  # of one gradient, which may be assembled from many parts
MAX_COLUMNS = (
    52  # characters of a line; longer ones are cut in the middle, and whole in the tooltip
)
MARKED = ("parameter", "constant")  # kinds of arrays with a look of their own; others are inputs


def program_scene(program: Program, *, gradients: bool = True) -> tuple[Scene, dict[Array, int]]:
    """Return the boxes and arrows of a program, and the index of each array's box."""
    drawing = _ProgramScene(program, listing(program), gradients)
    return drawing.scene(), drawing.box_of


@dataclass
class _ProgramScene:
    """The boxes and arrows so far; ``box_of`` has the index of each array's box."""

    program: Program
    listing: ProgramListing
    gradients: bool
    boxes: list[Box] = field(default_factory=list)
    arrows: list[Arrow] = field(default_factory=list)
    box_of: dict[Array, int] = field(default_factory=dict)

    def scene(self) -> Scene:
        """Draw leaves where they are first read, so that they are beside their readers."""
        steps = self.program.instructions
        if self.program.is_derived:
            return self._equations()
        self._check(len(steps) + len(self.program.arrays))
        for step, count in zip(steps, replaced(self.program), strict=True):
            for operand in operands(step):
                for array in named(operand):
                    self._leaf(array)
            self._line(step, count)
        for array in self.program.arrays:
            self._leaf(array)
        if self.listing.result_line:
            self._result()
        return Scene(tuple(self.boxes), tuple(self.arrows), self._note())

    def _equations(self) -> Scene:
        """Draw the equations of a Hessian, which no scalar nodes stand behind."""
        program = lowered(self.program)
        self._check(len(program.equations) + len(program.inputs))
        for array in self.program.arrays:
            self._leaf(array)
        index = {array.name: k for array, k in self.box_of.items()}
        returned = {v for x in program.outputs for v in occurrences(x)}
        for equation in program.equations:
            name, line = equation.result.name, self.listing.line(equation.result.name)
            is_result, head = equation.result in returned, len(self.boxes)
            sizes = ", ".join(map(str, equation.result.shape))
            shape = f"({sizes}{',' * (len(equation.result.shape) == 1)})" if sizes else "one number"
            role = "result" if is_result else "operation"
            row = (LabelRow("shape", shape),)
            self.boxes.append(Box(f"n{head}", role, _cut(line), row, line, (), is_result))
            for variable in dict.fromkeys(occurrences(equation.expression)):
                if variable.name in index:  # constants are in the lines
                    self.arrows.append(Arrow(index[variable.name], head, "", 0, False, "read"))
            index[name] = head
        count, lines = len(self.program.scalars.codes), len(program.equations)
        note = f"a Hessian of {count:,} scalar nodes in {lines:,} lines"
        return Scene(tuple(self.boxes), tuple(self.arrows), note)

    def _check(self, count: int) -> None:
        if count > MAX_BOXES:
            raise ValueError(
                f"the program has {count:,} lines and arrays; more than {MAX_BOXES} cannot be "
                "drawn so that they can be read: see .source or .explain(), or draw a smaller "
                "program of the same kind"
            )

    def _leaf(self, array: Array) -> None:
        if array in self.box_of:
            return
        shape = shape_text(array)
        header, rows = array.name, [LabelRow("shape", shape), *self._gradient(array)]
        if array.kind == "constant":
            header, rows = f"{array.name} {shape}", []
        tip = [f"{array.name}: {array.kind}, {shape}", *self._full(array)]
        self._box(
            array, array.kind if array.kind in MARKED else "input", shorten(header), rows, tip
        )

    def _line(self, step: Instruction, count: int) -> None:
        is_result = step.out.name == self.listing.result_name
        line = self.listing.line(step.out.name)
        rows = [LabelRow("shape", shape_text(step.out)), LabelRow("nodes", f"{count:,}")]
        if step.is_product:
            rows.insert(0, LabelRow("matrix product", product_text(step)))
        tip = [line, f"{step.op}: {count:,} scalar nodes", *self._full(step.out)]
        role = "group" if step.is_product else "result" if is_result else "operation"
        self._box(
            step.out, role, _cut(line), (*rows, *self._gradient(step.out)), tip, final=is_result
        )
        self._read(step)

    def _read(self, step: Instruction) -> None:
        """Draw one arrow from each array that a line reads."""
        ways: dict[int, list[str]] = {}
        for operand in operands(step):
            for array in named(operand):
                ways.setdefault(self.box_of[array], []).append(
                    operand_text(operand, self.program.kept)
                )
        head = self.box_of[step.out]
        for tail, texts in ways.items():
            tip = "read as " + ", ".join(dict.fromkeys(texts))
            light = self.boxes[tail].role == "constant"
            self.arrows.append(Arrow(tail, head, "", 0, light, tip))

    def _result(self) -> None:
        """Draw the returned number, where it is not an instruction's array."""
        line = self.listing.result_line
        tails = [k for array, k in self.box_of.items() if array.name in self.listing.result_reads]
        self.boxes.append(Box(f"n{len(self.boxes)}", "result", _cut(line), (), line, (), True))
        for tail in tails:
            self.arrows.append(Arrow(tail, len(self.boxes) - 1, "", 0, False, "read"))

    def _box(
        self, array: Array, role: str, header: str, rows: Sequence[LabelRow], tip: list[str],
        *, final: bool = False,
    ) -> None:  # fmt: skip
        self.box_of[array] = len(self.boxes)
        key = f"n{len(self.boxes)}"
        self.boxes.append(Box(key, role, header, tuple(rows), "\n".join(tip), (), final))

    def _gradient(self, array: Array) -> tuple[LabelRow, ...]:
        name, lines = f"d{array.name}", self._full(array)
        texts = [_cut(line.removeprefix(f"{name} = ")) for line in lines[:MAX_GRADIENT_LINES]]
        rows = [LabelRow("" if i else name, text) for i, text in enumerate(texts)]
        if len(lines) > MAX_GRADIENT_LINES:
            rows.append(LabelRow("", f"and {len(lines) - MAX_GRADIENT_LINES:,} more lines"))
        return tuple(rows)

    def _full(self, array: Array) -> tuple[str, ...]:
        """Return the lines of the backward pass that compute an array's gradient."""
        return self.listing.gradient(array.name) if self.gradients else ()

    def _note(self) -> str:
        steps = self.program.instructions
        products = sum(step.is_product for step in steps)
        count = len(self.program.scalars.ops)
        note = f"{count:,} scalar node{'s' * (count != 1)} in {len(steps):,} line"
        note += "s" * (len(steps) != 1)
        if products:
            note += f", {products} {'a matrix product' if products == 1 else 'matrix products'}"
        if self.program.guards:
            note += f", {len(self.program.guards)} compared"
        return note


def _cut(text: str) -> str:
    return shorten(text, MAX_COLUMNS)


SHOWN = frozenset({"values", "gradients", "frames"})
HUES = len(LIGHT.hues)
GRAPH, PROGRAM = Frame("scalar graph"), Frame("NumPy program")
_TITLES = {"given": "is", "computed": "is", "absorbed": "in", "merged": "as", "constant": "is"}


def side_by_side(provenance: Provenance, *, gradients: bool, limit: int) -> Scene:
    """Return one scene of both graphs; above ``limit`` nodes, those of a line are one box."""
    left, groups = scalars(provenance, limit=limit)
    right, box_index = program_scene(provenance.program, gradients=gradients)
    shift = len(left.boxes)
    boxes = list(left.boxes)
    lines = {box_index[step.out]: k for k, step in enumerate(provenance.program.instructions)}
    for k, box in enumerate(right.boxes):
        boxes.append(badged(replace(box, key=f"p{k}", frame=(PROGRAM,)), lines.get(k, -1)))
    arrows = [*left.arrows, *(_shifted(arrow, shift) for arrow in right.arrows)]
    first: dict[int, int] = {}  # the first box of each line's nodes
    for k, group in enumerate(groups):
        first.setdefault(provenance.origins[group[0]].line, k)
    ties = [(first[line], shift + k) for k, line in lines.items() if line in first]
    note = f"{right.note}; a line and its scalar nodes have one number and one colour"
    return Scene(tuple(boxes), tuple(arrows), note, left.hues, tuple(ties))


def badged(box: Box, line: int) -> Box:
    """Mark a box with its line's number, counted from 1, and colour; -1 is no line."""
    return box if line < 0 else replace(box, badge=str(line + 1), hue=line % HUES)


def scalars(provenance: Provenance, *, limit: int) -> tuple[Scene, list[list[int]]]:
    """Return the scene of the scalar nodes, and the nodes of each box.

    Above ``limit`` nodes, those of a line or an array are one box.
    """
    graph = provenance.graph
    folded = sum(role != "setting" for role in graph.roles) > limit
    keys = [_key(provenance, i, folded=folded) for i in range(len(graph.nodes))]
    members: dict[object, list[int]] = {}
    for i, key in enumerate(keys):
        if key is not None:
            members.setdefault(key, []).append(i)
    number = {key: k for k, key in enumerate(members)}
    groups = list(members.values())
    folding = Folding(
        [-1 if key is None else number[key] for key in keys],
        [_title(provenance, group[0], folded=folded) for group in groups],
        [(GRAPH,) if folded else _frame(provenance, group[0]) for group in groups],
    )
    base = scene(folding, LabelWriter(graph, provenance.write, SHOWN))
    boxes = [
        _marked(provenance, box, group[0], folded=folded)
        for box, group in zip(base.boxes, groups, strict=True)
    ]
    unwanted = [not any(graph.nodes[i].has_grad for i in group) for group in groups]
    arrows = [replace(a, step=0) if unwanted[a.tail] else a for a in base.arrows]
    hues = {box.frame: box.hue for box in boxes if box.badge and len(box.frame) > 1}
    return replace(base, boxes=tuple(boxes), arrows=tuple(arrows), hues=hues), groups


def _title(provenance: Provenance, i: int, *, folded: bool) -> str | None:
    array = provenance.origins[i].array
    return array.name if folded and array else None


def _key(provenance: Provenance, i: int, *, folded: bool) -> object:
    """Return the key that nodes of one box share; None for what is not drawn."""
    role, array = provenance.graph.roles[i], provenance.origins[i].array
    if role == "setting" or (folded and (role == "constant" or array is None)):
        return None
    return array if folded else i


def _frame(provenance: Provenance, i: int) -> FramePath:
    """Return the frame of a node's line."""
    origin = provenance.origins[i]
    if origin.line < 0 or origin.array is None:
        return (GRAPH,)
    return GRAPH, Frame(f"{origin.line + 1} · {origin.array.name}")


def _marked(provenance: Provenance, box: Box, i: int, *, folded: bool) -> Box:
    """Add the node's element to a card, and mark it with the number of its line."""
    origin = provenance.origins[i]
    rows, header = box.rows, box.header
    if not folded and box.role != "constant":
        header = f"{op_symbol(provenance.graph.nodes[i])} {provenance.names[i]}".strip()
        rows = (
            *rows,
            LabelRow(_TITLES.get(origin.kind, ""), origin.element or provenance.description(i)),
        )
    tip = f"{box.tooltip}\n{_tip(provenance, origin, i, folded=folded)}"
    return badged(replace(box, header=header, rows=rows, tooltip=tip), origin.line)


def _tip(provenance: Provenance, origin: Origin, i: int, *, folded: bool) -> str:
    if origin.line < 0:
        return provenance.location(i) if folded else provenance.description(i)
    line = f"line {origin.line + 1}: {provenance.location(i)}"
    return line if folded else f"{provenance.description(i)}, {line}"


def _shifted(arrow: Arrow, by: int) -> Arrow:
    return replace(arrow, tail=arrow.tail + by, head=arrow.head + by)


@checked_keywords
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

    A box is a line of the program's forward pass, with the shape of its result (``n`` is the number
    of samples of a batch), the number of scalar nodes that it computes, and the line that computes
    its gradient, if there is one. Matrix products are green with a double border and show the
    shapes that they multiply; arguments are blue, parameters amber with a bar, the result violet
    with a thick border. An arrow leads from an array to a line that reads it; its tooltip tells
    how. Long lines are truncated; the tooltip of their box has them in full.

    Parameters
    ----------
    program
        The result of `autograd.compile` or `autograd.lift`, or its ``.program``. For a compiled
        function, the program of the last call is drawn.
    direction
        The direction of the arrows: ``"LR"``, ``"TB"``, ``"RL"`` or ``"BT"``.
    gradients
        Whether to show the lines of the backward pass.
    nodes, limit
        Whether to draw the traced scalar graph beside it, with its numbers. A line and the nodes
        that it computes share a number and a colour; each node shows which element it is,
        ``Z1[3, :]``, where a colon is the axis of samples. With more than ``limit`` nodes, at most
        500, those of a line are one box. `viz.program_nodes` has the same as a table.
    digits, format
        How the numbers of scalar nodes are written; as for `viz.draw`.
    theme, title, font
        As for `viz.draw`.

    Raises
    ------
    TypeError, ValueError
        If an argument is invalid; if the program has more than 500 boxes, or no lines because it
        is replayed node by node.
    RuntimeError
        If a compiled function was not called yet and so has no program.

    Examples
    --------
    >>> import autograd
    >>> w = autograd.values([[1.0, 2.0], [3.0, 4.0]], "W")
    >>> step = autograd.compile(lambda x: sum(autograd.dot(row, x).tanh() for row in w))
    >>> value, gradient = step([0.5, -1.0])
    >>> draw_program(step)
    <Picture of <lambda>: 5 nodes, 4 edges (11 scalar nodes in 3 lines, 1 a matrix product); ...>
    """
    lifted = program_of(program)
    one_of("direction", direction, DIRECTIONS)
    one_of("theme", theme, PALETTES)
    limit = checked_limit(limit)
    write = formatter(digits, format)
    if nodes:
        drawn = side_by_side(provenance(lifted, write), gradients=gradients, limit=limit)
    else:
        drawn, _ = program_scene(lifted, gradients=gradients)
    text = dot(drawn, PALETTES[theme], theme=theme, direction=direction, title=title)
    name = printable(program.name) if isinstance(program, Compiled) else ""
    return Picture(text, name, len(drawn.boxes), len(drawn.arrows), drawn.note, theme, font)
