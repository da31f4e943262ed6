"""Make the boxes and arrows of a lifted program: a box for each line and for each array given."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from autograd.compiler.grouping.instructions import Instruction
from autograd.compiler.places.views import Array
from autograd.compiler.programs.counts import replaced
from autograd.compiler.programs.origins import named, operands
from autograd.compiler.programs.program import Program
from viz.basics.labels import shorten
from viz.drawing.boxes import Arrow, Box, Row, Scene
from viz.programs.listing import Listing, listing
from viz.programs.shapes import product_text, shape_text

MOST = 500  # boxes: beyond, neither Graphviz nor a reader gets through
MOST_LINES = 3  # of one gradient, which can be put together from many parts
WIDTH = 52  # characters of a line; longer ones are cut in the middle, and whole in the tooltip
MARKED = ("parameter", "constant")  # kinds of arrays with a look of their own; others are inputs


def program_scene(program: Program, *, gradients: bool = True) -> tuple[Scene, dict[Array, int]]:
    """Return the boxes and arrows of a program, and the place of each array's box among them."""
    drawing = _Drawing(program, listing(program), gradients)
    return drawing.scene(), drawing.place


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
            for operand in operands(step):
                for array in named(operand):
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
        self._box(
            array, array.kind if array.kind in MARKED else "input", shorten(header), rows, tip
        )

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
        for operand in operands(step):
            for array in named(operand):
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


def _cut(text: str) -> str:
    return shorten(text, WIDTH)
