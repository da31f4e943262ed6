"""Unroll a graph into a tree of lines: each node once with what it is computed from.

Where a node comes a second time, a sign points to the place where its operands stand. What does not
fit is folded, and each fold says how many nodes it hides. All steps take time that grows with what
is shown, but for the counting, which is linear in the graph.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from itertools import pairwise

from viz.graphs.survey import Survey

WIDEST = 10  # operands of one node that are all shown; of more, the first six and the last two
_FIRST, _LAST = 6, 2


class Mark(Enum):
    """What a line says of its node's operands."""

    PLAIN = ""
    ABOVE = "↑"  # they stand with an earlier line of the same node
    BELOW = "↓"  # they stand with a later line
    FOLDED = "…"


@dataclass(slots=True)
class Line:
    """One line: a node, or None for operands left out; ``stem`` has a sign for each level above.

    A level's sign is True where more of that level follows. ``hidden`` counts the nodes that are
    shown nowhere and that this line stands for.
    """

    node: int | None
    stem: tuple[bool, ...]
    mark: Mark = Mark.PLAIN
    folded: tuple[int, ...] = ()
    hidden: int = 0


@dataclass(slots=True)
class Tree:
    """The lines of a graph, how many of its nodes they show and how many there are."""

    lines: list[Line] = field(default_factory=list)
    shown: int = 0
    total: int = 0


def tree(graph: Survey, roots: Sequence[int], limit: int | None, depth: int) -> Tree:
    """Unroll a graph from its results, at most ``limit`` lines and ``depth`` levels of operands."""
    visible = [role != "setting" for role in graph.roles]
    plan = _planned(graph, visible, roots, limit, depth)
    lines = list(_lines(graph, visible, roots, plan, depth))
    _settle(lines)
    printed = {line.node for line in lines if line.node is not None}
    _count(graph, visible, lines, printed)
    return Tree(lines, len(printed), sum(visible))


def _operands(graph: Survey, visible: Sequence[bool], i: int) -> list[int]:
    return [s for s in graph.inputs[i] if visible[s]]


def _planned(
    graph: Survey, visible: Sequence[bool], roots: Sequence[int], limit: int | None, depth: int
) -> set[int]:
    """Choose the nodes whose operands are shown: the nearest to the results, while lines last."""
    plan: set[int] = set()
    room = len(graph.nodes) * 2 if limit is None else limit - len(roots)
    queue = deque((root, 0) for root in roots)
    seen = set(roots)
    while queue:
        i, level = queue.popleft()
        operands = _operands(graph, visible, i)
        lines = min(len(operands), _FIRST + _LAST + 1) if len(operands) > WIDEST else len(operands)
        if not operands or level >= depth or (limit is not None and lines > room):
            continue
        room -= lines
        plan.add(i)
        for s in _some(operands):
            if s is not None and s not in seen:
                seen.add(s)
                queue.append((s, level + 1))
    return plan


def _some(operands: list[int]) -> list[int | None]:
    """Return the operands that are shown, None for those between."""
    if len(operands) <= WIDEST:
        return list(operands)
    return [*operands[:_FIRST], None, *operands[-_LAST:]]


def _lines(
    graph: Survey, visible: Sequence[bool], roots: Sequence[int], plan: set[int], depth: int
) -> Iterator[Line]:
    """Yield the lines from above."""
    opened: set[int | None] = set()
    printed: set[int | None] = set()
    stack = [Line(root, ()) for root in reversed(roots)]
    while stack:
        line = stack.pop()
        operands = [] if line.node is None else _operands(graph, visible, line.node)
        if line.node in printed and (line.node in opened or line.node not in plan):
            line.mark = Mark.ABOVE if _is_live(graph, line.node) else Mark.PLAIN
        elif operands and (line.node not in plan or len(line.stem) >= depth):
            line.mark, line.folded = Mark.FOLDED, tuple(operands)
        elif operands:
            opened.add(line.node)
            stack += reversed(_children(line, operands))
        printed.add(line.node)
        yield line


def _is_live(graph: Survey, i: int | None) -> bool:
    return i is not None and graph.roles[i] != "constant"


def _children(line: Line, operands: list[int]) -> list[Line]:
    """Return the lines of a node's operands."""
    some = _some(operands)
    hidden = tuple(operands[_FIRST:-_LAST])
    return [
        Line(s, (*line.stem, k < len(some) - 1), folded=hidden if s is None else ())
        for k, s in enumerate(some)
    ]


def _settle(lines: Sequence[Line]) -> None:
    """Mark a fold whose node's operands are shown further down."""
    opened = {before.node for before, line in pairwise(lines) if len(line.stem) > len(before.stem)}
    for line in lines:
        if line.mark is Mark.FOLDED and line.node in opened:
            line.mark, line.folded = Mark.BELOW, ()


def _count(
    graph: Survey, visible: Sequence[bool], lines: Sequence[Line], printed: set[int]
) -> None:
    """Count what each fold hides; a node below several folds counts for the first."""
    counted: set[int] = set()
    for line in lines:
        stack = [s for s in line.folded if s not in printed]
        while stack:
            i = stack.pop()
            if i in counted:
                continue
            counted.add(i)
            line.hidden += 1
            stack += [
                s for s in graph.inputs[i] if visible[s] and s not in printed and s not in counted
            ]
