"""Draw a lifted program: a box for each line, leading from what it reads to what reads it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from autograd.compiler import Compiled, Lifted
from autograd.compiler.counts import replaced
from autograd.compiler.instructions import Instruction
from autograd.compiler.program import Program
from autograd.compiler.store import Operand
from autograd.compiler.views import Array
from autograd.errors import shown
from viz.boxes import Arrow, Box, Row, Scene
from viz.dot import DIRECTIONS, dot
from viz.listing import Listing, listing
from viz.picture import Picture
from viz.shapes import product_text, shape_text
from viz.style import PALETTES, chosen, shorten

MOST = 500  # boxes: beyond, neither Graphviz nor a reader gets through
MOST_LINES = 3  # of one gradient, which can be put together from many parts
WIDTH = 52  # characters of a line; longer ones are cut in the middle, and whole in the tooltip
ROLES = {"argument": "input", "parameter": "parameter", "constant": "constant"}


def draw_program(
    program: Program | Compiled | Lifted,
    *,
    direction: str = "TB",
    gradients: bool = True,
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
    lifted = program.program if isinstance(program, Compiled | Lifted) else program
    if not isinstance(lifted, Program):
        raise TypeError(
            "draw_program takes what autograd.compile or autograd.lift returned, or its .program, "
            f"not {shown(program)}"
        )
    if not lifted.source.startswith("def "):
        raise ValueError(
            "the program has no lines to draw, it is replayed node by node; engine='numpy' writes "
            "it as NumPy"
        )
    chosen("direction", direction, DIRECTIONS)
    chosen("theme", theme, tuple(PALETTES))
    drawn = _Drawing(lifted, listing(lifted), gradients).scene()
    text = dot(drawn, PALETTES[theme], theme=theme, direction=direction, title=title)
    called = program.name if isinstance(program, Compiled) else ""
    return Picture(text, called, len(drawn.boxes), len(drawn.arrows), drawn.note, theme, font)


@dataclass
class _Drawing:
    """The boxes and arrows so far; ``place`` has each array's box."""

    program: Program
    listing: Listing
    gradients: bool
    boxes: list[Box] = field(default_factory=list)
    arrows: list[Arrow] = field(default_factory=list)
    place: dict[Array, int] = field(default_factory=dict)

    def scene(self) -> Scene:
        """Draw leaves where they are first read, so that they stand beside their readers."""
        steps = self.program.instructions
        self._check(len(steps) + len(self.program.arrays))
        for step, count in zip(steps, replaced(self.program), strict=True):
            for operand in _operands(step):
                for array in _named(operand):
                    self._leaf(array)
            self._line(step, count)
        for array in self.program.arrays:
            self._leaf(array)
        if self.listing.result_line:
            self._result()
        return Scene(tuple(self.boxes), tuple(self.arrows), self._note())

    def _check(self, count: int) -> None:
        if count > MOST:
            raise ValueError(
                f"the program has {count:,} lines and arrays; more than {MOST} cannot be drawn so "
                "that they can be read: see .source or .explain(), or draw a smaller program of "
                "the same kind"
            )

    def _leaf(self, array: Array) -> None:
        if array in self.place:
            return
        shape = shape_text(array)
        header, rows = array.name, [Row("shape", shape), *self._gradient(array)]
        if array.kind == "constant":
            header, rows = f"{array.name} {shape}", []
        tip = [f"{array.name}: {array.kind}, {shape}", *self._full(array)]
        self._box(array, ROLES[array.kind], shorten(header), rows, tip)

    def _line(self, step: Instruction, count: int) -> None:
        is_result = step.out.name == self.listing.result_name
        line = self.listing.line(step.out.name)
        rows = [Row("shape", shape_text(step.out)), Row("nodes", f"{count:,}")]
        if step.is_product:
            rows.insert(0, Row("matrix product", product_text(step)))
        tip = [line, f"{step.op}: {count:,} scalar nodes", *self._full(step.out)]
        role = "group" if step.is_product else "result" if is_result else "operation"
        self._box(
            step.out, role, _cut(line), (*rows, *self._gradient(step.out)), tip, final=is_result
        )
        self._read(step)

    def _read(self, step: Instruction) -> None:
        """Draw an arrow from each array that a line reads, one an array."""
        ways: dict[int, list[str]] = {}
        for operand in _operands(step):
            for array in _named(operand):
                ways.setdefault(self.place[array], []).append(operand.text())
        head = self.place[step.out]
        for tail, texts in ways.items():
            tip = "read as " + ", ".join(dict.fromkeys(texts))
            light = self.boxes[tail].role == "constant"
            self.arrows.append(Arrow(tail, head, "", 0, light, tip))

    def _result(self) -> None:
        """Draw the number that is returned, where it is no instruction's array."""
        line = self.listing.result_line
        tails = [k for array, k in self.place.items() if array.name in self.listing.result_reads]
        self.boxes.append(Box(f"n{len(self.boxes)}", "result", _cut(line), (), line, (), True))
        for tail in tails:
            self.arrows.append(Arrow(tail, len(self.boxes) - 1, "", 0, False, "read"))

    def _box(
        self, array: Array, role: str, header: str, rows: Sequence[Row], tip: list[str],
        *, final: bool = False,
    ) -> None:  # fmt: skip
        self.place[array] = len(self.boxes)
        key = f"n{len(self.boxes)}"
        self.boxes.append(Box(key, role, header, tuple(rows), "\n".join(tip), (), final))

    def _gradient(self, array: Array) -> tuple[Row, ...]:
        name, lines = f"d{array.name}", self._full(array)
        texts = [_cut(line.removeprefix(f"{name} = ")) for line in lines[:MOST_LINES]]
        rows = [Row("" if i else name, text) for i, text in enumerate(texts)]
        if len(lines) > MOST_LINES:
            rows.append(Row("", f"and {len(lines) - MOST_LINES:,} more lines"))
        return tuple(rows)

    def _full(self, array: Array) -> tuple[str, ...]:
        """Return the lines of the backward pass that make an array's gradient."""
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


def _operands(step: Instruction) -> Iterator[Operand]:
    """Yield all that an instruction reads, in order."""
    for part in step.parts:
        yield part.x
        if part.y is not None:
            yield part.y
    yield from step.operands


def _named(operand: Operand) -> Sequence[Array]:
    """Return the arrays behind an operand; one that joins several has no name of its own."""
    array = operand.array
    if array is None:
        return ()
    return array.parts or (array,)


def _cut(text: str) -> str:
    return shorten(text, WIDTH)
