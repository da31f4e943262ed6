"""Collect what the page of `explore` knows: nodes, edges, frames, the steps' words with slots."""

import math
import re
from collections.abc import Iterable, Sequence
from typing import Any

from autograd.anomaly import place_of
from autograd.expressions.dialects import TextPrinter
from autograd.expressions.tree import Derivative
from viz.basics.colours import AUTO, SHARES
from viz.drawing.dot import ARROW_WIDTHS, frame_id
from viz.formulas.equations import local_sign
from viz.formulas.symbolic import Rules, is_steady
from viz.graphs.survey import Survey, symbol
from viz.javascript.operations import supported
from viz.pages.picture import Drawing
from viz.words.slots import Sentence
from viz.words.stepping import Step

Pattern = tuple[Sentence, ...]
_FORMAT = re.compile(r"\.([0-9]|1[0-9])([gfe])")


def data(
    rules: Rules, steps: Sequence[Step], drawing: Drawing, format: tuple[str, int] | None
) -> dict[str, Any]:
    """Return what the page knows, as JSON has it.

    ``format`` is that of numbers, None where the page cannot repeat it: it gets a table of all
    numbers then, and how each is written.
    """
    graph = rules.graph
    number = {edge: k for k, edge in enumerate(drawing.edges)}
    nodes = [_node(rules, i, drawing) for i in range(len(graph.nodes))]
    patterns: dict[Pattern, int] = {}
    return {
        "nodes": nodes,
        "edges": drawing.edges,
        "frames": [
            {
                "id": frame_id(path),
                "title": path[-1],
                "parent": drawing.frames.index(path[:-1]) if path[:-1] else -1,
            }
            for path in drawing.frames
        ],
        "steps": [
            {
                "kind": step.kind,
                "node": step.node,
                "edges": [number[edge] for edge in step.edges if edge in number],
                "sentences": step.sentences,
            }
            for step in steps
            if step.kind != "gradient"
        ],
        "flowing": [
            patterns.setdefault(_pattern(rules, step), len(patterns))
            for step in steps
            if step.kind == "gradient"
        ],
        "patterns": list(patterns),
        "fixed": _why_fixed(graph, can_write=format is not None),
        "format": format,
        "texts": None if format else _texts(rules, steps),
        "style": {
            "gradients": AUTO.gradients,
            "flows": [*AUTO.flows, AUTO.alarm],
            "widths": ARROW_WIDTHS,
            "shares": SHARES,
            "ink": AUTO.ink,
            "muted": AUTO.muted,
            "card": AUTO.card,
            "alarm": AUTO.alarm,
            "alarmFill": AUTO.alarm_fill,
        },
    }


def known_format(digits: int, format: object) -> tuple[str, int] | None:
    """Return the kind of format and the digits, None for one that the page cannot repeat.

    Python writes no -0 unless ``format`` asks for it.

    >>> known_format(4, None), known_format(4, ".2f"), known_format(4, "+.1%")
    (('', 4), ('f', 2), None)
    """
    if format is None:
        return "", digits
    match = _FORMAT.fullmatch(format) if isinstance(format, str) else None
    return (match[2], int(match[1])) if match else None


def _node(rules: Rules, i: int, drawing: Drawing) -> dict[str, Any]:
    graph = rules.graph
    node, path = graph.nodes[i], graph.frames[i]
    found: dict[str, Any] = {
        "name": rules.names[i],
        "op": node.op,
        "role": graph.roles[i],
        "inputs": graph.inputs[i],
        "value": plain(node.data),
        "partials": [
            0.0 if source.is_constant else plain(partial)
            for source, partial in zip(node.inputs, node.partials, strict=True)
        ],
        "local": list(_locals(rules, i)),
    }
    more = {
        "constant": node.is_constant,
        "sign": "" if node.is_constant else _sign(rules, i),
        "full": graph.names[i] if graph.names[i] != rules.names[i] else "",
        "symbol": symbol(node),
        "line": place_of(node),
    }
    if path in drawing.frames:
        found["frame"] = drawing.frames.index(path)
    return found | {key: one for key, one in more.items() if one}


def _pattern(rules: Rules, step: Step) -> Pattern:
    """Take the signs out of the words of a step back, which few steps say in different ways.

    The page knows the derivatives' signs by node; this makes it a third smaller.
    """
    (to, node, place) = step.edges[0]
    local = TextPrinter(rules.write).text(local_sign(rules, node, place))
    signs, target = f"{_sign(rules, node)} * {local}", _sign(rules, to)

    def marked(part: str) -> str:
        return part.replace(signs, "{signs}").replace(target, "{target}")

    return tuple(
        [
            tuple([tuple([marked(part) for part in side]) for side in sides])
            for sides in step.sentences
        ]
    )


def _sign(rules: Rules, i: int) -> str:
    """Write the sign of the result's derivative with respect to a node."""
    return TextPrinter(rules.write).text(Derivative(rules.names[-1], rules.names[i]))


def _locals(rules: Rules, i: int) -> Iterable[tuple[int, str, str, bool]]:
    """Yield, for each operand with a gradient, its place, the derivative's sign and formula.

    The last says whether the formula holds for other numbers, too.
    """
    graph, printer = rules.graph, TextPrinter(rules.write)
    for place, source in enumerate(graph.inputs[i]):
        if not graph.nodes[source].is_constant:
            formula = rules.local(i, place)
            written = printer.text(formula) if formula else ""
            sign = printer.text(local_sign(rules, i, place))
            yield place, sign, written, is_steady(graph.nodes[i].op)


def _why_fixed(graph: Survey, *, can_write: bool) -> str:
    """Say why the inputs cannot be changed in the page; empty if they can."""
    if not can_write:
        return "The inputs are fixed: the page cannot repeat the format= of these numbers."
    for op in dict.fromkeys(node.op for node in graph.nodes if node.inputs):
        if not supported(op):
            return f"The inputs are fixed: the page cannot compute {op}."
    return ""


def _texts(rules: Rules, steps: Sequence[Step]) -> list[tuple[float | str, str]]:
    """List all numbers of the page, and how each is written."""
    nodes = rules.graph.nodes
    numbers = [0.0, 1.0, *(x for node in nodes for x in (node.data, *node.partials))]
    numbers += [x for step in steps for x in step.numbers]
    return [(plain(x), rules.write(x)) for x in dict.fromkeys(numbers)]


def plain(x: float) -> float | str:
    """Return a number as JSON has it: what is not finite as text.

    >>> plain(2.0), plain(float("-inf"))
    (2.0, '-Infinity')
    """
    if math.isfinite(x):
        return x
    return "NaN" if math.isnan(x) else "Infinity" if x > 0 else "-Infinity"
