"""Hold a drawn graph: shown by notebooks, saved as a file, opened in a browser."""

import html
import os
import tempfile
import webbrowser
from collections.abc import Container
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

from autograd import files
from viz.basics.colours import PALETTES, dark_rules
from viz.basics.labels import shorten
from viz.basics.saving import Contents, save
from viz.rendering import fonts, render


@dataclass(frozen=True, slots=True, repr=False)
class Picture:
    """A drawn graph, fixed at the time of drawing.

    Attributes
    ----------
    dot
        The picture as DOT text.
    name
        The first result's name, empty if it has none.
    nodes, edges
        Size of the whole graph.
    note
        What was folded, empty if nothing was.
    """

    dot: str
    name: str = ""
    nodes: int = 0
    edges: int = 0
    note: str = ""
    theme: str = "light"
    font: str | None = None

    def __repr__(self) -> str:
        of = f" of {shorten(self.name)}" if self.name else ""
        stem = self.name if self.name.isidentifier() else "graph"
        size = f"{self.nodes:,} nodes, {self.edges:,} edges"
        folded = f" ({self.note})" if self.note else ""
        return f"<Picture{of}: {size}{folded}; .save('{stem}.svg'), .show()>"

    def svg(self) -> str:
        """Render as SVG text, with a tooltip of full precision on each box and arrow.

        Raises `viz.RenderError`, as the other formats do, if the picture cannot be laid out.
        """
        style = dark_rules() if self.theme == "auto" else None
        return render.svg(self.dot, style, family=self.font or fonts.STACK)

    def png(self, scale: float = 2.0) -> bytes:
        """Render as PNG; ``scale`` 1 is the size on a screen of 96 dots an inch."""
        return render.png(self.dot, scale)

    def pdf(self) -> bytes:
        """Render as PDF of one page."""
        return render.pdf(self.dot)

    def html(self) -> str:
        """Render as a whole HTML page with the SVG inside."""
        paper = PALETTES[self.theme].paper
        dark = PALETTES["dark"].paper
        auto = f" @media (prefers-color-scheme: dark) {{ body {{ background: {dark} }} }}"
        return (
            '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
            f"<title>{html.escape(self.name or 'graph')}</title>"
            f"<style>body {{ margin: 0; background: {paper} }}"
            f"{auto if self.theme == 'auto' else ''}</style></head>\n"
            f"<body>{self.svg()}</body></html>\n"
        )

    def save(self, path: str | PathLike[str], *, scale: float = 2.0) -> Path:
        """Write to a file, as its ending says: .svg, .png, .pdf or .dot; return its path.

        ``scale`` is for PNG. The file is written once the picture is rendered, at once or not at
        all.

        Raises
        ------
        ValueError
            If the ending is another one.
        OSError
            If the folder does not exist or the file cannot be written.
        """
        contents: Contents = {
            ".svg": self.svg,
            ".png": lambda: self.png(scale),
            ".pdf": self.pdf,
            ".dot": lambda: self.dot,
        }
        return save(path, contents, "a picture")

    def show(self) -> Path:
        """Open in the web browser, through a temporary HTML file, and return its path.

        Raises RuntimeError, saying where the file is, if no browser can be opened.
        """
        page = self.html().encode()
        handle, name = tempfile.mkstemp(prefix="graph-", suffix=".html")
        os.close(handle)
        files.write(name, page, action="write the page of a picture")
        path = Path(name)
        if not webbrowser.open(path.as_uri()):
            raise RuntimeError(f"no browser could be opened; the picture is in {str(path)!r}")
        return path

    def _repr_mimebundle_(
        self, include: Container[str] | None = None, exclude: Container[str] | None = None
    ) -> dict[str, str]:
        """Offer notebooks HTML with inline SVG (tooltips), SVG, and one line of text."""
        found = {"text/plain": repr(self)}
        try:
            svg = self.svg()
        except render.RenderError as error:
            found["text/html"] = f"<pre>{html.escape(str(error))}</pre>"
        else:
            found["text/html"] = f'<div style="overflow: auto">{svg}</div>'
            found["image/svg+xml"] = svg
        return {
            kind: text
            for kind, text in found.items()
            if (include is None or kind in include) and (exclude is None or kind not in exclude)
        }

    def _repr_html_(self) -> str:
        return self._repr_mimebundle_()["text/html"]

    def _repr_svg_(self) -> str | None:
        return self._repr_mimebundle_().get("image/svg+xml")
