"""Interactive pages that link the lines of a program to their scalar nodes: one HTML file each."""

import html
from collections.abc import Iterator
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

from autograd._checks import checked_keywords, one_of
from autograd.compiler import Compiled, Lifted
from autograd.compiler.ir.numpy_source import NumpyPrinter, returned, source_lines
from autograd.compiler.layout.views import Array
from autograd.compiler.programs.program import Program
from viz.colours import DARK, LIGHT, PALETTES, dark_rules
from viz.dot import DIRECTIONS, dot
from viz.files import as_json, asset, document, framed, save
from viz.formatting import Formatter, formatter, shorten
from viz.programs.node_table import count_text
from viz.programs.program_graph import HUES, scalars
from viz.programs.provenance import (
    Provenance,
    checked_limit,
    lowered,
    program_of,
    provenance,
    shape_text,
)
from viz.rendering import render
from viz.rendering.convert import STACK

_START = "Point at a line of the program, or go to it with the Tab key, and see its scalar nodes; "
_START += "point at a node, or go to it with the arrow keys, and see its line. A click holds on."
_FIT = '<button id="fit" aria-pressed="true">Fit</button>'
_NAMED = 4  # nodes that are named where a line is pointed at


@dataclass(frozen=True, slots=True, repr=False)
class ProgramExploration:
    """A page of a program and its scalar graph; notebooks show it, `save` writes it.

    Attributes
    ----------
    name
        The compiled function's name, empty if there is none.
    """

    name: str
    _provenance: Provenance
    _limit: int
    _direction: str

    def __repr__(self) -> str:
        of = f" of {shorten(self.name)}" if self.name else ""
        count = count_text(len(self._provenance.graph.nodes), "scalar node")
        lines = count_text(len(self._provenance.program.instructions), "line")
        return f"<ProgramExploration{of}: {count} in {lines}; .save('program.html')>"

    def html(self) -> str:
        """Write the page.

        The page allows only its own script to run, and loads nothing.
        """
        scene, members = scalars(self._provenance, limit=self._limit)
        page = _ProgramPage(self._provenance, [group[0] for group in members], members)
        text = dot(scene, PALETTES["auto"], theme="auto", direction=self._direction, ids="boxes")
        svg = render.svg(text, dark_rules(), family=STACK)
        keys = [box.key for box in scene.boxes]
        title = f"The program of {self.name or 'a graph'} and its scalar nodes"
        body = (
            f"<header><h1>{html.escape(title)}</h1>{_FIT}"
            '<p id="say" role="status"></p></header>\n'
            '<main><div id="graph" class="fit" role="region" aria-label="The scalar graph" '
            f'tabindex="0">{svg}</div>\n'
            '<section id="program" aria-label="The program" tabindex="0">'
            f"{page.listing()}</section></main>"
        )
        style = asset("html/program.css") + _hues()
        script = asset("html/program.js")
        data = as_json(page.data(keys))
        return document(title, body, data, style=style, script=script)

    def save(self, path: str | PathLike[str]) -> Path:
        """Write the page to a file that ends in .html; return its path.

        Raises ValueError for another suffix, OSError if the file cannot be written.
        """
        return save(path, dict.fromkeys((".html", ".htm"), self.html), "a page")

    def _repr_html_(self) -> str:
        return framed(self.html(), "A program and its scalar nodes")


@checked_keywords
def explore_program(
    program: Program | Compiled | Lifted,
    *,
    direction: str = "TB",
    limit: int = 200,
    digits: int = 4,
    format: str | Formatter | None = None,
) -> ProgramExploration:
    """Make an interactive page that links each line of a lifted program to its scalar nodes.

    Pointing at a line of the program, or moving to it with the Tab key, highlights its nodes in the
    scalar graph; pointing at a node, or moving to it with the arrow keys, highlights its line and
    that of its gradient, and tells which element it is. A click or Enter keeps the highlight;
    Escape clears it. The page is one file without any outside request.

    Parameters
    ----------
    program, direction, digits, format
        As for `viz.draw_program`.
    limit
        With more nodes than this, at most 500, those of a line are drawn as one box.

    Raises
    ------
    TypeError, ValueError, RuntimeError
        As `viz.draw_program` does.

    Examples
    --------
    >>> import autograd
    >>> from autograd import Value
    >>> a, b, c = Value(2.0, "a"), Value(-3.0, "b"), Value(10.0, "c")
    >>> explore_program(autograd.lift(3 * (a + b * c), wrt=[a, b, c]))
    <ProgramExploration: 7 scalar nodes in 2 lines; .save('program.html')>
    """
    lifted = program_of(program)
    one_of("direction", direction, DIRECTIONS)
    limit = checked_limit(limit)
    name = program.name if isinstance(program, Compiled) else ""
    return ProgramExploration(name, provenance(lifted, formatter(digits, format)), limit, direction)


class _ProgramPage:
    """The page's list of lines and the data of its script; a node's *home* is its array."""

    def __init__(self, provenance: Provenance, firsts: list[int], members: list[list[int]]) -> None:
        program = provenance.program
        self.provenance, self.firsts, self.members = provenance, firsts, members
        self.arrays = [*program.arrays, *(step.out for step in program.instructions)]
        self.array_index = {array: k for k, array in enumerate(self.arrays)}
        self.input_count = len(program.arrays)

    def listing(self) -> str:
        """Write the input arrays and the program's lines, with a button for each that has nodes."""
        arrays = "".join(
            self._line(f"{array.name} {shape_text(array)}", array)
            for array in self.provenance.program.arrays
        )
        lines = "".join(self._line(text, array) for text, array in self._source())
        return f"<h2>Given</h2><ul>{arrays}</ul><h2>Lines</h2><ul>{lines}</ul>"

    def _line(self, text: str, array: Array | None) -> str:
        if array is None:
            return f"<li><span><i></i>{html.escape(text)}</span></li>"
        k = self.array_index[array]
        line = k - self.input_count
        chip = f'<b class="h{line % HUES}">{line + 1}</b>' if line >= 0 else "<i></i>"
        return (
            f'<li><button data-home="{k}" aria-pressed="false">{chip}'
            f"<span>{html.escape(text)}</span></button></li>"
        )

    def _source(self) -> Iterator[tuple[str, Array | None]]:
        """Yield the program's lines, each with the array that it computes or differentiates."""
        known = {name: a for a in self.arrays for name in (a.name, f"d{a.name}")}
        program, printer = lowered(self.provenance.program), NumpyPrinter()
        for variables, line in source_lines(program, printer):
            yield line, next((known[v.name] for v in variables if v.name in known), None)
        yield f"return {returned(program, printer)}", None

    def data(self, keys: list[str]) -> dict[str, object]:
        """Return the data of the page's script."""
        boxes = [
            {"key": key, "home": self._home(first), "says": self._description(first, group)}
            for key, first, group in zip(keys, self.firsts, self.members, strict=True)
        ]
        return {"nodes": boxes, "homes": self._homes(), "start": _START}

    def _home(self, i: int) -> int:
        array = self.provenance.origins[i].array
        return self.array_index.get(array, -1) if array else -1

    def _description(self, first: int, group: list[int]) -> str:
        provenance, origin = self.provenance, self.provenance.origins[first]
        line = f"line {origin.line + 1}: {provenance.location(first)}" if origin.line >= 0 else ""
        if len(group) > 1:
            return f"{count_text(len(group), 'scalar node')}, {line or provenance.location(first)}"
        words = (
            f"{provenance.names[first]} = {provenance.write(provenance.graph.nodes[first].data)}"
        )
        return ", ".join(filter(None, [f"{words} is {provenance.description(first)}", line]))

    def _homes(self) -> list[str]:
        """Describe the nodes of each array."""
        inside: list[list[int]] = [[] for _ in self.arrays]
        for i in range(len(self.provenance.origins)):
            if (array := self._home(i)) >= 0:
                inside[array].append(i)
        return [
            f"{self._called(k)}: {count_text(len(nodes), 'scalar node')}{self._named(nodes)}"
            for k, nodes in enumerate(inside)
        ]

    def _called(self, k: int) -> str:
        array, line = self.arrays[k], k - self.input_count
        if line < 0:
            return f"{array.name} {shape_text(array)}, {array.kind}"
        return f"Line {line + 1}, {self.provenance.line(line)}"

    def _named(self, nodes: list[int]) -> str:
        provenance = self.provenance
        words = [f"{provenance.description(i)} is {provenance.names[i]}" for i in nodes[:_NAMED]]
        more = [f"{len(nodes) - _NAMED:,} more"] if len(nodes) > _NAMED else []
        return "; " + ", ".join(words + more) if words else ""


def _hues() -> str:
    """Write the colours of the lines' numbers, light and dark."""
    light, dark = (
        "".join(f".h{k} {{ --hue: {hue} }}\n" for k, hue in enumerate(palette.hues))
        for palette in (LIGHT, DARK)
    )
    return f"{light}@media (prefers-color-scheme: dark) {{\n{dark}}}\n"
