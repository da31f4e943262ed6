"""Write the page of `explore`: one HTML file with picture, data, style and script."""

import html
from collections.abc import Sequence

from viz.basics.assets import asset
from viz.basics.colours import AUTO, DARK
from viz.javascript.operations import evaluator
from viz.pages import webpage

SCRIPTS = ("numbers", "picture", "steps", "details", "inputs", "squeeze", "folds", "view", "keys")
_STEPS = {"first": "Start", "back": "Step back", "play": "Play", "next": "Step", "last": "End"}
_KEYS = {
    "← →": "step back, step",
    "Home End": "to the start, to the end",
    "Tab": "to the graph, to the buttons, to the inputs, to the list of steps",
    "in the graph ↑ ↓": "to the node before, to the node after, and to the frames",
    "in the list ↑ ↓": "to the step before, to the step after; Enter goes there",
    "Enter": "fold or unfold a frame; in the search field, to the next match",
    "Shift and arrows": "move the graph",
    "in the graph + − 0": "larger, smaller, fit; elsewhere Ctrl and the mouse wheel",
}


def page(title: str, svg: str, data: str, operations: Sequence[str]) -> str:
    """Write the whole page; ``operations`` are those that it has to compute.

    Its own script is the only one that the page allows to run, and it may load nothing.
    """
    scripts = [asset(f"pages/{name}.js") for name in SCRIPTS]
    body = f"{_header(html.escape(title))}\n{_main(svg)}"
    return webpage.document(
        title,
        body,
        data,
        style=asset("pages/explore.css") + _both_themes(),
        script="\n".join(['"use strict";', evaluator(operations), *scripts]),
    )


def _header(title: str) -> str:
    buttons = "".join(f'<button id="{key}">{text}</button>' for key, text in _STEPS.items())
    themes = "".join(
        f'<option value="{value}">{text}</option>'
        for value, text in (("light dark", "System"), ("light", "Light"), ("dark", "Dark"))
    )
    return (
        f"<header><h1>{title}</h1>\n"
        f'<div class="bar"><div role="group" aria-label="Steps">{buttons}</div>\n'
        '<div role="group" aria-label="Picture"><button id="out" aria-label="Smaller">−</button>'
        '<button id="in" aria-label="Larger">+</button><button id="fit">Fit</button>'
        '<button id="fold">Fold</button><button id="unfold">Unfold</button></div>\n'
        '<label>Find <input id="find" type="search" size="10" autocomplete="off"></label>'
        '<span id="found" role="status"></span>\n'
        f'<label>Theme <select id="theme">{themes}</select></label></div>\n'
        '<p id="say" role="status"></p></header>'
    )


def _main(svg: str) -> str:
    keys = "".join(
        f"<dt>{html.escape(key)}</dt><dd>{html.escape(does)}</dd>" for key, does in _KEYS.items()
    )
    return (
        '<main><div id="graph" role="region" aria-label="The graph" tabindex="0">'
        f"{svg}</div>\n"
        '<div id="side"><section id="details" aria-label="Node" tabindex="0"></section>\n'
        '<section aria-labelledby="inputs-title"><h2 id="inputs-title">Inputs</h2>'
        '<p id="fixed"></p><div id="inputs" tabindex="0" role="group"'
        ' aria-labelledby="inputs-title"></div>'
        '<button id="reset">Reset the inputs</button></section>\n'
        '<section id="ledger" aria-label="All steps">'
        '<h2 id="forward-title">Forward pass</h2>'
        '<ol id="forward" aria-labelledby="forward-title"></ol>'
        '<h2 id="backward-title">Backward pass</h2>'
        '<ol id="backward" aria-labelledby="backward-title"></ol></section>\n'
        f"<details><summary>Keys</summary><dl>{keys}</dl></details></div></main>"
    )


def _both_themes() -> str:
    """Write the CSS that exchanges the picture's light colours for dark ones in a dark page.

    The page's colour scheme decides, so that its theme may be chosen against the system's.
    """
    pairs = dict(zip(AUTO.colours(), DARK.colours(), strict=True))
    return "".join(
        f'#graph [{paint}="{light}"] {{ {paint}: light-dark({light}, {dark}) }}\n'
        for light, dark in pairs.items()
        for paint in ("fill", "stroke")
    )
