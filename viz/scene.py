"""The scene of a picture: boxes with rows of labels, arrows, and a note, without any layout.

`scene` makes it from a folded graph. `LabelWriter` makes the labels of boxes and arrows: texts,
colours, tooltips. A box of one node shows its value and gradient; a box of several shows ranges
and counts. Pictures of compiled programs have scenes of their own.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from viz.backward_trace import UNEXPLAINED, flow, has_custom_vjp, unexplained_gradients
from viz.colours import step
from viz.folding import Folding
from viz.formatting import DASH, Formatter, shorten
from viz.graph_model import FramePath, GraphModel, common_prefix, op_symbol, plural_kind, split

ALARM = 4  # the step of an arrow along which a number flows that is not finite


@dataclass(frozen=True, slots=True)
class LabelRow:
    """A title and a number on a card. ``step`` shades it, -3 to 3; ``alarm`` marks a bad number.

    ``is_live`` gives it a cell of its own, with room for another number.
    """

    title: str
    text: str
    step: int = 0
    alarm: bool = False
    is_live: bool = False


@dataclass(frozen=True, slots=True)
class Box:
    """A box of a picture; ``role`` is a node's, or ``group`` for a box of several nodes.

    ``is_final`` marks a box that holds a result. ``badge`` is a number at its side, in the colour
    ``hue`` of the palette's.
    """

    key: str
    role: str
    header: str
    rows: tuple[LabelRow, ...]
    tooltip: str
    frame: FramePath
    is_final: bool = False
    badge: str = ""
    hue: int = 0


@dataclass(frozen=True, slots=True)
class Arrow:
    """An edge of a picture; ``step`` colours the gradient contribution; `ALARM` marks a bad one."""

    tail: int
    head: int
    label: str
    step: int
    light: bool
    tooltip: str


@dataclass(frozen=True, slots=True)
class Scene:
    """Boxes in order, arrows between their positions, and a note for the reader.

    ``hues`` has the frames with a colour of their own. ``ties`` are pairs of boxes that are to be
    placed beside each other.
    """

    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    note: str = ""
    hues: Mapping[FramePath, int] = field(default_factory=dict)
    ties: tuple[tuple[int, int], ...] = ()


def count_parts(graph: GraphModel, members: Sequence[int]) -> tuple[str, int]:
    """Return the kind of the frames within a box, and how many there are: neurons, 16."""
    paths = {graph.frames[i] for i in members}
    depth = len(common_prefix(tuple(paths)))
    inner = {path[: depth + 1] for path in paths if len(path) > depth}
    return plural_kind(inner), len(inner)


def count_repeats(graph: GraphModel, members: Sequence[int]) -> int:
    """Return how often a box repeats itself, as for the samples of a batch; 1 if it does not.

    >>> from autograd import Value
    >>> from viz.graph_model import GraphModel
    >>> w = Value(0.5, "layers.0.w")
    >>> graph = GraphModel.build([(w * 1.0).tanh(), (w * 2.0).tanh()])
    >>> count_repeats(graph, [i for i, node in enumerate(graph.nodes) if graph.frames[i]])
    2
    """
    times = Counter(
        (graph.frames[i], graph.nodes[i].op, _parameters(graph, i))
        for i in members
        if graph.frames[i] and graph.inputs[i]
    )
    return max(1, math.gcd(*times.values()))


def _parameters(graph: GraphModel, i: int) -> tuple[int, ...]:
    """Return the parameters among a node's inputs, which are the same for all samples."""
    return tuple([s for s in graph.inputs[i] if graph.roles[s] == "parameter"])


def mean(numbers: Sequence[float]) -> float:
    """Return the mean of finite numbers, even where their sum overflows."""
    try:
        return math.fsum(numbers) / len(numbers)
    except OverflowError:
        return math.fsum(x / len(numbers) for x in numbers)


def spread_text(what: str, numbers: Sequence[float]) -> str:
    r"""Write a tooltip's line about several finite numbers; empty for others.

    >>> spread_text("value", [1.0, 2.0, 6.0])
    '\nvalue 1.0 … 6.0, mean 3.0'
    """
    if len(numbers) < 2 or not all(map(math.isfinite, numbers)):
        return ""
    return f"\n{what} {min(numbers)!r} … {max(numbers)!r}, mean {mean(numbers)!r}"


@dataclass(slots=True)
class LabelWriter:
    """Describes nodes and edges in one style: number format, what is shown, scale of the colours.

    ``live`` is for pages in which numbers change: cells have room for them, and there are no
    tooltips, which would keep the old ones.
    """

    graph: GraphModel
    number: Formatter
    show: frozenset[str]
    largest: float = 0.0
    live: bool = False
    unexplained: dict[int, float] = field(init=False)

    def __post_init__(self) -> None:
        """Compute the gradients that the arrows do not explain, and the largest one.

        A result's own gradient, 1 by definition, counts only where there are no others.
        """
        self.unexplained = unexplained_gradients(self.graph) if "gradients" in self.show else {}
        inner, results = 0.0, 0.0
        for node, role in zip(self.graph.nodes, self.graph.roles, strict=True):
            size = abs(node.grad) if node.has_grad else 0.0
            if math.isfinite(size):
                if role == "result":
                    results = max(results, size)
                else:
                    inner = max(inner, size)
        self.largest = inner or results

    def card(self, i: int, frame: FramePath) -> Box:
        """Describe one node."""
        node, role = self.graph.nodes[i], self.graph.roles[i]
        name = self._name(i)
        if role == "constant":
            written = self.number(node.data)
            header = f"{name} = {written}" if name else written
            return Box(f"n{i}", role, header, (), self._tooltip(i), frame)
        sign = op_symbol(node)
        rows = []
        if "values" in self.show:
            rows.append(LabelRow("val", self.number(node.data), alarm=not math.isfinite(node.data)))
        if "gradients" in self.show:
            title = "grad" + "*" * (i in self.unexplained)
            rows.append(self._shaded(title, node.grad if node.has_grad else None))
        header = f"{sign} {name}".strip() or role
        if self.live:
            rows = [replace(row, is_live=True) for row in rows]
        return Box(f"n{i}", role, header, tuple(rows), self._tooltip(i), frame, role == "result")

    def group(
        self, members: Sequence[int], outputs: Sequence[int], title: str, frame: FramePath
    ) -> Box:
        """Describe several nodes by their outputs, gradients and counts."""
        nodes = [self.graph.nodes[i] for i in members]
        going = [self.graph.nodes[i] for i in outputs]
        learnt = [self.graph.nodes[i] for i in members if self.graph.roles[i] == "parameter"]
        rows = []
        if "values" in self.show:
            what = "out" if any(node.inputs for node in nodes) else "val"
            rows += self._range(what, [node.data for node in going], is_outer=not frame)
        if "gradients" in self.show and not all(node.is_constant for node in nodes):
            known = [node.grad for node in going if node.has_grad]
            star = "*" * any(i in self.unexplained for i in members)
            rows += self._range(f"grad{star}", known, is_outer=not frame, shaded=True)
            if learnt and len(learnt) < len(nodes):
                size = [abs(node.grad) for node in learnt if node.has_grad]
                rows.append(
                    self._shaded(f"max |grad|{star}", max(size, key=magnitude, default=None))
                )
        rows += self._counts(members, len(learnt), is_wide=len(going) > 1 and not frame)
        header = title or self._kinds(members)
        tip = f"{header}: {len(nodes):,} nodes, of which {len(learnt):,} parameters"
        tip += spread_text("value", [node.data for node in going])
        tip += spread_text("gradient", [node.grad for node in going if node.has_grad])
        final = [i for i in members if self.graph.roles[i] == "result"]
        if len(final) == 1 and self.graph.names[final[0]]:
            header += f" → {self._name(final[0])}"
        return Box(f"n{members[-1]}", "group", header, tuple(rows), tip, frame, bool(final))

    def _counts(self, members: Sequence[int], learnt: int, *, is_wide: bool) -> list[LabelRow]:
        """Count the contents of a group: parts, parameters, repetitions, nodes."""
        rows = []
        kind, parts = count_parts(self.graph, members)
        if parts > 1 and any(self.graph.inputs[i] for i in members):
            rows.append(LabelRow(kind, f"{parts:,}"))
        if learnt:
            rows.append(LabelRow("params", f"{learnt:,}"))
        times = count_repeats(self.graph, members)
        if 1 < times < len(members):
            rows.append(LabelRow("repeated", f"{times:,} ×"))
        is_leaves = learnt == len(members)
        if (is_wide or not learnt) and not is_leaves:  # a neuron: its parameters and two more
            rows.append(LabelRow("nodes", f"{len(members):,}"))
        return rows

    def _kinds(self, members: Sequence[int]) -> str:
        """Return the symbols of a box's operations, or the role of its leaves."""
        kinds = {self.graph.nodes[i].op: i for i in reversed(members)}
        ops = [
            op_symbol(self.graph.nodes[i]) for i in sorted(kinds.values()) if self.graph.inputs[i]
        ]
        if not ops:
            return f"{self.graph.roles[members[0]]}s"
        few = ops[:4]
        return " ".join(few) + (" …" if len(ops) > len(few) else "")

    def _shaded(self, title: str, grad: float | None) -> LabelRow:
        if grad is None:
            return LabelRow(title, DASH)
        good = math.isfinite(grad)
        return LabelRow(title, self.number(grad), step(grad, self.largest) if good else 0, not good)

    def _range(
        self, title: str, numbers: Sequence[float], *, is_outer: bool, shaded: bool = False
    ) -> list[LabelRow]:
        """Format the minimum and maximum of numbers, and their mean if there is room."""
        if not numbers:
            return [LabelRow(title, DASH)]
        low, high = min(numbers, key=_order), max(numbers, key=_order)
        strongest = max(numbers, key=magnitude)
        good = math.isfinite(strongest)
        ends = list(dict.fromkeys((self.number(low), self.number(high))))
        shade = step(strongest, self.largest) if shaded and good else 0
        rows = [LabelRow(title, " … ".join(ends), shade, not good)]
        if is_outer and len(numbers) > 2 and len(ends) > 1 and good:
            rows.append(LabelRow("mean", self.number(mean(numbers))))
        return rows

    def _name(self, i: int) -> str:
        name = self.graph.names[i]
        return shorten(split(name)[1] if "frames" in self.show else name)

    def _tooltip(self, i: int) -> str:
        """Describe a node in full."""
        if self.live:
            return ""
        node, name = self.graph.nodes[i], self.graph.names[i]
        what = node.op if node.inputs else self.graph.roles[i]
        lines = [f"{name}: {what}" if name else what, f"value {node.data!r}"]
        if not node.is_constant:
            lines.append(f"gradient {node.grad!r}" if node.has_grad else "gradient not computed")
        if i in self.unexplained:
            lines.append(f"what flows back here: {self.unexplained[i]!r}")
        return "\n".join(lines)

    def arrow(self, ends: tuple[int, int], i: int, index: int) -> Arrow:
        """Describe the edge into node ``i`` from its input at ``index``."""
        node = self.graph.nodes[i]
        source, partial = node.inputs[index], node.partials[index]
        if source.is_constant:
            tip = "" if self.live else "a constant: no gradient flows"
            return Arrow(*ends, "", 0, light=True, tooltip=tip)
        gate = has_custom_vjp(node.op)
        label = f"×{self.number(partial)}" if "partials" in self.show and not gate else ""
        tip = "a rule of its own for what flows back" if gate else f"local derivative {partial!r}"
        back = self.flow(i, index)
        if back is None:
            return Arrow(*ends, label, 0, light=False, tooltip=tip)
        if self.live:
            return Arrow(*ends, label, self._flow_step(back), light=False, tooltip="")
        tip += (
            f"\nflows back {back!r} of {node.grad!r}"
            if gate
            else (f"\nflows back {partial!r} · {node.grad!r} = {back!r}")
        )
        return Arrow(*ends, label, self._flow_step(back), light=False, tooltip=tip)

    def flow(self, i: int, index: int) -> float | None:
        """Return the contribution of node ``i`` to its input at ``index``, None if not known."""
        return flow(self.graph.nodes[i], index)

    def bundle(self, ends: tuple[int, int], count: int, strongest: float | None) -> Arrow:
        """Describe all edges between two boxes, one of them a group."""
        tip = f"{count:,} edges" if count > 1 else "1 edge"
        if strongest is None:
            return Arrow(*ends, "", 0, light=False, tooltip=tip)
        tip += f"\nstrongest flow back {strongest!r}"
        return Arrow(*ends, "", self._flow_step(strongest), light=False, tooltip=tip)

    def _flow_step(self, flow: float) -> int:
        return step(flow, self.largest) if math.isfinite(flow) else ALARM


def magnitude(x: float) -> float:
    """Return the magnitude for ordering, nan above all."""
    return math.inf if math.isnan(x) else abs(x)


def _order(x: float) -> float:
    """Return the number for ordering, nan above all: it shows at the upper end of a range."""
    return math.inf if math.isnan(x) else x


MAX_LABELS = 80  # beyond, the labels on the arrows would hide each other


@dataclass(slots=True)
class _Bundle:
    """All edges between two boxes: their number, and the largest contribution if it is known."""

    count: int = 0
    strongest: float | None = None

    def add(self, flow: float | None) -> None:
        self.count += 1
        if flow is not None and (
            self.strongest is None or magnitude(flow) > magnitude(self.strongest)
        ):
            self.strongest = flow


def scene(folding: Folding, writer: LabelWriter) -> Scene:
    """Return the boxes and arrows of a folded graph; a box of one node is that node's card."""
    graph, box_of = writer.graph, folding.box_of
    members: list[list[int]] = [[] for _ in folding.titles]
    for i, box in enumerate(box_of):
        if box >= 0:
            members[box].append(i)
    single = [
        len(inside) == 1 and title is None
        for inside, title in zip(members, folding.titles, strict=True)
    ]
    arrows, outgoing = _arrows(graph, box_of, single, writer)
    boxes: list[Box] = []
    for box, (inside, frame) in enumerate(zip(members, folding.frames, strict=True)):
        shown = frame if "frames" in writer.show else ()
        if single[box]:
            boxes.append(writer.card(inside[0], shown))
        else:
            outputs = [i for i in inside if i in outgoing or graph.roles[i] == "result"]
            title = folding.titles[box] or ""
            boxes.append(writer.group(inside, outputs or inside, title, shown))
    if sum(bool(arrow.label) for arrow in arrows) > MAX_LABELS:
        arrows = [replace(arrow, label="") for arrow in arrows]
    notes = [folding.note] * bool(folding.note) + [UNEXPLAINED] * bool(writer.unexplained)
    return Scene(tuple(boxes), tuple(arrows), "\n".join(notes))


def _arrows(
    graph: GraphModel, box_of: list[int], single: list[bool], writer: LabelWriter
) -> tuple[list[Arrow], set[int]]:
    """Collect the arrows, and the nodes that are used outside their box."""
    arrows: list[Arrow | tuple[int, int]] = []
    bundles: dict[tuple[int, int], _Bundle] = {}
    outgoing: set[int] = set()
    for i, sources in enumerate(graph.inputs):
        for index, source in enumerate(sources):
            ends = box_of[source], box_of[i]
            if -1 in ends or (ends[0] == ends[1]):
                continue
            outgoing.add(source)
            if single[ends[0]] and single[ends[1]]:
                arrows.append(writer.arrow(ends, i, index))
                continue
            if ends not in bundles:
                bundles[ends] = _Bundle()
                arrows.append(ends)
            bundles[ends].add(writer.flow(i, index))
    complete = [
        a if isinstance(a, Arrow) else writer.bundle(a, bundles[a].count, bundles[a].strongest)
        for a in arrows
    ]
    return complete, outgoing
