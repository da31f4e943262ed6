"""What notebooks show of a program: its text."""

from collections.abc import Callable
from html import escape

from autograd.compiler.programs.program import Program

MAX_NODES, MAX_LINES = 20_000, 80
CODE = "background:none;color:inherit"
PRE = "font-size:13px;line-height:1.4;background:none;color:inherit;margin:4px 0"


def program_html(title: str, program: Program, lowered: Callable[[], Program]) -> str | None:
    """Return a program's text as HTML, a long one cut; None where writing it would take long.

    ``lowered`` gives the program as equations, of which the text is written.

    >>> import autograd
    >>> step = autograd.compile(lambda x: x < 2 or x * x, gradients=False, engine="numpy")
    >>> value = step(3.0)
    >>> html = program_html("<step>", step.program, lambda: step.program)
    >>> "&lt;step&gt;" in html, "def program(x):" in html
    (True, True)
    """
    if len(program.scalars.codes) > MAX_NODES:
        return None
    lines = lowered().source.splitlines()
    more = len(lines) - MAX_LINES
    shown = [*lines[:MAX_LINES], *([f"... and {more} lines more: .source"] if more > 0 else [])]
    text = escape("\n".join(shown))
    return f'<div><code style="{CODE}">{escape(title)}</code><pre style="{PRE}">{text}</pre></div>'
