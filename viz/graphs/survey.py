"""Look a graph over once: nodes in order, names, roles, and the frame that each node stands in."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from autograd import Value
from autograd.graph import topological
from autograd.primitives import TABLE
from viz.basics.labels import printable, subscript
from viz.graphs import names as naming
from viz.graphs.names import Path

LIVE = ("input", "parameter", "operation", "result")
INDEX = "k"  # the argument of softmax and its like that picks one of the others


@dataclass(frozen=True, slots=True)
class Survey:
    """Hold what is known of a graph's nodes, all lists in topological order.

    ``inputs`` are positions; ``names`` are full names, empty where a node has none; ``roles`` are
    input, parameter, constant, operation, result, or setting: a constant that is no number of the
    formula. ``frames`` are titles from the outside in.
    """

    nodes: list[Value]
    inputs: list[tuple[int, ...]]
    names: list[str]
    roles: list[str]
    frames: list[Path]


def survey(
    roots: Sequence[Value], names: Mapping[str, object] | None = None, model: object = None
) -> Survey:
    """Look over the graph of the results ``roots``; see `viz.draw` for ``names`` and ``model``."""
    variables, owned = naming.variables(names)
    owned = naming.parameters(model) | owned
    nodes = topological(list(roots))
    position = {node: i for i, node in enumerate(nodes)}
    inputs = [tuple([position[x] for x in node.inputs]) for node in nodes]
    full = [printable(node.label or owned.get(node) or variables.get(node, "")) for node in nodes]
    results = set(roots)
    roles = [
        _role(node, name, is_result=node in results, is_owned=node in owned)
        for node, name in zip(nodes, full, strict=True)
    ]
    return looked_over(nodes, inputs, full, roles)


def looked_over(
    nodes: list[Value], inputs: list[tuple[int, ...]], names: list[str], roles: list[str]
) -> Survey:
    """Finish a survey of nodes in topological order: find settings, place all nodes in frames."""
    frames = [naming.split(name)[0] if name else () for name in names]
    graph = Survey(nodes, inputs, names, roles, frames)
    _mark_settings(graph)
    if any(graph.frames):
        _place_operations(graph)
        _place_constants(graph)
    return graph


def _role(node: Value, name: str, *, is_result: bool, is_owned: bool) -> str:
    if node.is_constant:
        return "constant"
    if is_result:
        return "result"
    if not node.is_leaf:
        return "operation"
    return "parameter" if is_owned or naming.is_dotted(name) else "input"


def _mark_settings(graph: Survey) -> None:
    """Mark the constants that only ever are a default (a slope) or an index (of a class)."""
    optional = {op: _optional(op) for op in {node.op for node in graph.nodes}}
    if not any(optional.values()):
        return
    numbers: set[int] = set()
    settings: set[int] = set()
    for node, sources in zip(graph.nodes, graph.inputs, strict=True):
        defaults = optional[node.op]
        cut = len(sources) - len(defaults)
        numbers.update(sources[:cut])
        for default, source in zip(defaults, sources[cut:], strict=False):
            is_default = default is None or graph.nodes[source].data == default
            fits = graph.roles[source] == "constant" and is_default
            (settings if fits else numbers).add(source)
    for i in settings - numbers:
        graph.roles[i] = "setting"


def _optional(op: str) -> tuple[float | None, ...]:
    """Return the defaults of an operation's last arguments, None for an index."""
    row = TABLE.get(op)
    names = row.arguments if row else ()
    return tuple(
        None if name == INDEX else row.defaults[name]
        for name in names
        if row and (name == INDEX or name in row.defaults)
    )


def _place_operations(graph: Survey) -> None:
    """Put operations into frames.

    1. A node with a dotted name stands where the name says.
    2. An operation on parameters stands in the deepest frame that holds all of them (a neuron's
       sum with its weights; a penalty on all weights in none).
    3. A function of one operation joins it as its activation if it alone uses it, and if what the
       frame does for other samples goes the same way. A second function in a row does not, so that
       a loss stays outside.
    4. An operation on several nodes, all of one frame, stands there too (the further additions of
       a long sum).
    5. Twins, one operation on the same several inputs, stand in the frame that holds the inputs
       (the parts of a softmax).
    """
    frames, roles = graph.frames, graph.roles
    users = Counter(s for sources in graph.inputs for s in dict.fromkeys(sources))
    living = [
        tuple([s for s in dict.fromkeys(sources) if roles[s] in LIVE]) for sources in graph.inputs
    ]
    twins = Counter(zip((node.op for node in graph.nodes), living, strict=True))
    mixed = _mixed(graph, living)
    activations: set[int] = set()
    for i, (node, sources) in enumerate(zip(graph.nodes, graph.inputs, strict=True)):
        if frames[i] or not sources:
            continue
        live = living[i]
        if holder := _holder(graph, live):
            frames[i] = holder
        elif _arity(node) == 1:
            source = sources[0]
            is_last = source in activations or (frames[source], graph.nodes[source].op) in mixed
            if roles[source] == "operation" and users[source] == 1 and not is_last:
                frames[i] = frames[source]
                activations.add(i)
        elif len(live) > 1 and (_same(frames, live) or twins[node.op, live] > 1):
            frames[i] = shared([frames[s] for s in live])


def _holder(graph: Survey, live: Sequence[int]) -> Path:
    """Return the deepest frame that holds all parameters among a node's inputs."""
    holders = [graph.frames[s] for s in live if graph.roles[s] == "parameter" and graph.frames[s]]
    return shared(holders) if holders else ()


def _mixed(graph: Survey, living: Sequence[Sequence[int]]) -> set[tuple[Path, str]]:
    """Find the operations on parameters that different functions follow, as two losses do."""
    following: dict[tuple[Path, str], str] = {}
    mixed: set[tuple[Path, str]] = set()
    kinds = [
        (_holder(graph, live), node.op) for node, live in zip(graph.nodes, living, strict=True)
    ]
    for node, sources in zip(graph.nodes, graph.inputs, strict=True):
        if sources and kinds[sources[0]][0] and _arity(node) == 1:
            kind = kinds[sources[0]]
            if following.setdefault(kind, node.op) != node.op:
                mixed.add(kind)
    return mixed


def _place_constants(graph: Survey) -> None:
    """Put a constant into the frame of its users, where they have one in common."""
    frames: dict[int, Path] = {}
    for i, sources in enumerate(graph.inputs):
        for source in sources:
            if graph.roles[source] == "constant":
                same = frames.setdefault(source, graph.frames[i]) == graph.frames[i]
                frames[source] = graph.frames[i] if same else ()
    for source, frame in frames.items():
        graph.frames[source] = frame


def _same(frames: list[Path], members: Sequence[int]) -> bool:
    return len({frames[m] for m in members}) == 1


def _arity(node: Value) -> int:
    """Count the inputs that the operation cannot do without: a slope has a default."""
    row = TABLE.get(node.op)
    return len(node.inputs) - (len(row.defaults) if row else 0)


def shared(paths: Sequence[Path]) -> Path:
    """Return the longest beginning that all paths have in common.

    >>> shared([("layer 0", "neuron 1"), ("layer 0", "neuron 2")])
    ('layer 0',)
    """
    low, high = min(paths), max(paths)
    end = 0
    while end < min(len(low), len(high)) and low[end] == high[end]:
        end += 1
    return low[:end]


def symbol(node: Value) -> str:
    """Return an operation's symbol from the table, with the index that it picks if it has one.

    >>> import autograd
    >>> symbol(autograd.softmax([Value(1.0), Value(2.0)])[1])
    'softmax₁'
    """
    if not node.inputs:
        return ""
    row = TABLE.get(node.op)
    if row is None:
        return node.op  # a checkpoint
    index = node.inputs[-1]
    picks = row.arguments[-1] == INDEX and index.is_constant
    return (row.symbol or node.op) + (subscript(f"{index.data:.0f}") if picks else "")
