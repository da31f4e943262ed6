"""What notebooks show of models and histories: HTML without scripts, in the notebook's colours."""

from collections.abc import Mapping, Sequence
from html import escape
from math import isfinite, log10

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 560, 220, 64, 28, 14  # px
COLOURS = ("#3b8edb", "#d95f02")  # of the training's losses, and of the validation's
TABLE = "border-collapse:collapse;font-family:var(--jp-code-font-family,monospace);font-size:13px"
CELL = "padding:2px 12px 2px 0;text-align:{};border:0"
LARGE = 1000.0  # times smaller: losses are drawn on a logarithmic scale


def table_html(title: str, rows: Sequence[Sequence[str]], totals: int) -> str:
    """Return a table whose first row is a header, and whose last ones are totals.

    Examples
    --------
    >>> html = table_html("<A>", [("name", "count"), ("w", "3"), ("total", "3")], 1)
    >>> "&lt;A&gt;" in html, html.count("<tr"), html.count("<th")
    (True, 3, 2)
    """
    lines = []
    for i, row in enumerate(rows):
        tag = "th" if i == 0 else "td"
        top = "border-top:1px solid currentColor" if i in {1, len(rows) - totals} else ""
        cells = [
            f'<{tag} style="{CELL.format("right" if k == len(row) - 1 else "left")}">'
            f"{escape(cell)}</{tag}>"
            for k, cell in enumerate(row)
        ]
        lines.append(f'<tr style="background:none;{top}">{"".join(cells)}</tr>')
    caption = f'<caption style="text-align:left;color:inherit">{escape(title)}</caption>'
    return f'<table style="{TABLE}">{caption}{"".join(lines)}</table>'


def curves_svg(title: str, curves: Mapping[str, Sequence[float]]) -> str:
    """Return losses by epoch as an SVG picture; numbers that are not finite leave gaps.

    Examples
    --------
    >>> curves_svg("History", {"loss": [1.0, 0.5, 0.25]}).count("<polyline")
    1
    """
    numbers = [y for ys in curves.values() for y in ys if isfinite(y)]
    low, high = (min(numbers), max(numbers)) if numbers else (0.0, 1.0)
    logarithmic = low > 0 and high > LARGE * low
    scale = log10 if logarithmic else float
    start, span = scale(low), (scale(high) - scale(low)) or 1.0
    epochs = max((len(ys) for ys in curves.values()), default=1)

    def place(epoch: int, y: float) -> tuple[float, float]:
        x = LEFT + (WIDTH - LEFT - 10) * (epoch - 1) / max(epochs - 1, 1)
        return x, TOP + (HEIGHT - TOP - BOTTOM) * (1 - (scale(y) - start) / span)

    parts = []
    for (name, ys), colour in zip(curves.items(), COLOURS, strict=False):
        for run in _finite_runs(ys):
            points = [place(epoch, y) for epoch, y in run]
            if len(points) == 1:
                points *= 2  # a dot, by the line's round ends
            row = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
            parts.append(
                f'<polyline points="{row}" fill="none" stroke="{colour}" stroke-width="2" '
                f'stroke-linejoin="round" stroke-linecap="round"><title>{escape(name)}</title>'
                "</polyline>"
            )
    bottom = HEIGHT - BOTTOM
    parts.append(
        f'<path d="M{LEFT} {TOP}V{bottom}H{WIDTH - 10}" fill="none" stroke="currentColor" '
        'stroke-opacity="0.5"/>'
    )
    ends = [(high, TOP), (low, bottom)] if numbers and high > low else [(low, bottom)]
    parts += [_text(LEFT - 6, y, f"{number:.3g}", "end") for number, y in ends]
    parts += [
        _text(LEFT, HEIGHT - 10, "1", "middle"),
        _text(WIDTH - 10, HEIGHT - 10, f"{epochs}", "end"),
    ]
    axis = "epoch, loss on a logarithmic scale" if logarithmic else "epoch"
    parts.append(_text((LEFT + WIDTH) / 2, HEIGHT - 10, axis, "middle"))
    for k, (name, colour) in enumerate(zip(curves, COLOURS, strict=False)):
        y = TOP + 8 + 18 * k
        parts.append(f'<path d="M{WIDTH - 150} {y}h22" stroke="{colour}" stroke-width="2"/>')
        parts.append(_text(WIDTH - 122, y, name, "start"))
    inner = "".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" '
        f'style="max-width:100%" role="img" font-family="sans-serif" font-size="13" '
        f'fill="currentColor"><title>{escape(title)}</title>{inner}</svg>'
    )


def _text(x: float, y: float, words: str, anchor: str) -> str:
    return f'<text x="{x:g}" y="{y:g}" dy="0.32em" text-anchor="{anchor}">{escape(words)}</text>'


def _finite_runs(ys: Sequence[float]) -> list[list[tuple[int, float]]]:
    """Return pairs of epoch and number, in runs between those that are not finite."""
    runs: list[list[tuple[int, float]]] = [[]]
    for epoch, y in enumerate(ys, 1):
        if isfinite(y):
            runs[-1].append((epoch, y))
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if run]
