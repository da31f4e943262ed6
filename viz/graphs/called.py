"""Call every node of a graph by a name of its own, so that formulas and tables can speak of it.

A node's own name comes first, written as in pictures. Of a network's parameters, which share their
last names, the numbers of the frames go into a superscript. Nodes without a name are numbered in
topological order, as textbooks number intermediate results: v₁, v₂, ...
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence

from autograd.expressions.latex import END, ISOLATE
from viz.basics.labels import printable, shorten, subscript, superscript
from viz.basics.numbers import Formatter
from viz.graphs.names import is_dotted, pretty, split
from viz.graphs.survey import Survey

LETTERS = {  # for nodes without a name; the first that no node's name begins with
    "result": "JLFR",
    "operation": "vtshq",
    "parameter": "wpb",
    "input": "xn",
}
_RIGHT_TO_LEFT = {"R", "AL"}


def called(graph: Survey, number: Formatter) -> list[str]:
    """Return a name for each node, different for all but constants without a name.

    >>> from autograd import Value
    >>> from viz.basics.numbers import formatter
    >>> from viz.graphs.survey import survey
    >>> a, b = Value(2.0, "a"), Value(3.0)
    >>> called(survey([3 * (a + b * a)]), formatter(4, None))
    ['3', 'a', 'x₁', 'v₁', 'v₂', 'J']
    """
    full = [visible(name) for name in graph.names]
    dotted = {name: _short_forms(name) for name in full if is_dotted(name)}
    form = 0 if _differ([own for own, _ in dotted.values()]) else 1
    counts = Counter(forms[form] for forms in dotted.values())
    found = [
        dotted[name][form]
        if name in dotted and counts[dotted[name][form]] == 1
        else shorten(pretty(name))
        for name in full
    ]
    taken = {name[:1] for name in found if name[1:].strip("0123456789₀₁₂₃₄₅₆₇₈₉") == ""}
    _number(graph, found, taken, number)
    return [_isolated(name) for name in _told_apart(graph, found)]


def visible(text: str) -> str:
    r"""Write a label in one line: no line breaks, and a sign in place of control characters.

    >>> visible(" two\n lines \x00")
    'two lines �'
    """
    return printable(" ".join(text.split()))


def legend(graph: Survey, names: Sequence[str], shown: Sequence[int]) -> str:
    """Say in full what the first short name means of a parameter that is shown; empty if none."""
    for i in shown:
        name = graph.names[i]
        if is_dotted(name) and names[i] not in (name, shorten(name)):
            return f"{names[i]} is {shorten(visible(name), 60)}"
    return ""


def _short_forms(name: str) -> tuple[str, str]:
    """Return a dotted name's last part, without and with the numbers of its frames."""
    frames, own = split(name)
    numbers = [number for title in frames for number in re.findall(r" (\d+)", title)]
    return own, own + (superscript(numbers) if numbers else "")


def _differ(names: Sequence[str]) -> bool:
    return len(set(names)) == len(names)


def _number(graph: Survey, found: list[str], taken: set[str], number: Formatter) -> None:
    """Name the nodes that have no name."""
    letters = {
        role: next((c for c in choice if c not in taken), choice[-1] * 2)
        for role, choice in LETTERS.items()
    }
    count: Counter[str] = Counter()
    single = graph.roles.count("result") == 1
    for i, role in enumerate(graph.roles):
        if found[i]:
            continue
        if role not in letters:
            found[i] = number(graph.nodes[i].data)
            continue
        count[role] += 1
        one = role == "result" and single
        found[i] = letters[role] + ("" if one else subscript(str(count[role])))


def _told_apart(graph: Survey, names: list[str]) -> Iterator[str]:
    """Mark the later ones of several nodes that have one name."""
    count: Counter[str] = Counter()
    for i, name in enumerate(names):
        if graph.nodes[i].is_constant and not graph.names[i]:
            yield name
            continue
        count[name] += 1
        yield f"{name}#{count[name]}" if count[name] > 1 else name


def _isolated(name: str) -> str:
    """Keep a name written from right to left from turning the line around it."""
    if any(unicodedata.bidirectional(c) in _RIGHT_TO_LEFT for c in name):
        return f"{ISOLATE}{name}{END}"
    return name
