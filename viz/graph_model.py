"""The graph model: a graph's nodes in order, with their names, roles and frames.

A node's name is its own label, else the model's name of a parameter, else the first variable that
holds it. A dotted name such as ``layers.0.neurons.3.w.1`` also tells where a node is: in the
frame *layer 0*, in the frame *neuron 3*, under the name *w₁*. Operations have no such names; they
are placed by their operands.

`node_names` gives every node a short unique name, for formulas and tables. Parameters of a network
share their last names, so the numbers of their frames become a superscript. Nodes without a name
are numbered in topological order, as textbooks number intermediate results: v₁, v₂, ...
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from autograd import Value
from autograd._checks import check_type, error_text
from autograd.expressions import END, ISOLATE
from autograd.graph import topological
from autograd.primitives import TABLE
from viz.formatting import Formatter, printable, shorten, subscript, superscript


class Frame(str):
    """The title of a frame, such as *neuron 3*, which knows its kind and its numbers.

    >>> frame = Frame("neuron", "3")
    >>> frame, frame.kind, frame.is_numbered
    ('neuron 3', 'neuron', True)
    """

    __slots__ = ("kind", "numbers")
    kind: str
    numbers: tuple[str, ...]

    def __new__(cls, kind: str, *numbers: str) -> "Frame":
        """Make the title from a kind and numbers."""
        self = super().__new__(cls, " ".join([kind, *numbers]))
        self.kind, self.numbers = kind, numbers
        return self

    @property
    def is_numbered(self) -> bool:
        """Whether it is one of several: *layer 0*, and *block2* too."""
        return bool(self.numbers) or self.kind[-1].isdecimal()


FramePath = tuple[Frame, ...]
_MAX_DEPTH = 6  # levels of frames
_DOTTED = re.compile(r"[^\W\d]\w*(\.\w+)+")
_INDEXED = re.compile(r"(.+?)((?:\[\d+\])+)")


def split(name: str) -> tuple[FramePath, str]:
    """Split a parameter's dotted name into the titles of its frames and its own short name.

    Numbers belong to the word before them, whose plural s is dropped. Any other name has no
    frames.

    >>> split("layers.0.neurons.3.w.1")
    (('layer 0', 'neuron 3'), 'w₁')
    >>> split("encoder.b"), split("J = 3(a + bc)")
    ((('encoder',), 'b'), ((), 'J = 3(a + bc)'))
    """
    if not is_dotted(name):
        return (), with_subscripts(name)
    parts: list[list[str]] = []
    for word in name.split("."):
        if word.isdecimal() and parts:
            parts[-1].append(word)
        else:
            parts.append([word])
    *frames, (own, *numbers) = parts
    return tuple(map(_frame, frames[:_MAX_DEPTH])), own + _indices(numbers)


def is_dotted(name: str) -> bool:
    """Return whether a name has the form of a parameter's: words and numbers joined by dots."""
    return _DOTTED.fullmatch(name) is not None


def with_subscripts(name: str) -> str:
    """Write the positions in a name as subscripts.

    >>> with_subscripts("x[0]"), with_subscripts("W[1][12]"), with_subscripts("u")
    ('x₀', 'W₁,₁₂', 'u')
    """
    match = _INDEXED.fullmatch(name)
    if not match:
        return name
    return match[1] + _indices(re.findall(r"\d+", match[2]))


def _indices(numbers: Sequence[str]) -> str:
    short = all(len(number) == 1 for number in numbers)
    return ("" if short else ",").join(map(subscript, numbers))


def _frame(part: list[str]) -> Frame:
    word, *numbers = part
    singular = word[:-1] if numbers and word.endswith("s") and len(word) > 2 else word
    return Frame(singular, *numbers)


def plural_kind(paths: Iterable[FramePath]) -> str:
    """Return what several frames are: *neurons*, or *parts* where they differ.

    >>> plural_kind([(Frame("neuron", "0"),), (Frame("neuron", "1"),)])
    'neurons'
    """
    kinds = {path[-1].kind for path in paths}
    return f"{kinds.pop()}s" if len(kinds) == 1 else "parts"


def model_parameters(model: object) -> dict[Value, str]:
    """Return a model's parameters with their names, in order.

    A model is anything with a method ``named_parameters()`` that yields pairs of name and `Value`,
    or a plain sequence of `Value`s (which have no names then).
    """
    if model is None:
        return {}
    if is_model(model):
        pairs = [(name, value) for name, value in model.named_parameters()]  # type: ignore[attr-defined]
    elif isinstance(model, Iterable) and not isinstance(model, (str, bytes, Mapping, Value)):
        pairs = [("", value) for value in model]
    else:
        allowed = "a model with named_parameters(), as in nn, or a list of its Values"
        raise TypeError(error_text("model", model, allowed))
    parameters: dict[Value, str] = {}
    for name, value in pairs:
        check_type("a parameter of the model", value, Value, "a Value")
        parameters.setdefault(value, name)
    return parameters


def is_model(thing: object) -> bool:
    """Return whether an object (not a class) has ``named_parameters()``."""
    return not isinstance(thing, type) and callable(getattr(thing, "named_parameters", None))


def named_variables(
    names: Mapping[str, object] | None,
) -> tuple[dict[Value, str], dict[Value, str]]:
    """Name the `Value`s in a mapping such as ``locals()``; return variables and parameters.

    Values in lists, tuples and arrays are named by their position, ``x[0]``; models bring the names
    of their parameters. Names that begin with an underscore, and all other objects, are skipped.
    Of several names of a node, the first counts.

    >>> a, b = Value(1.0), Value(2.0)
    >>> list(named_variables({"a": a, "x": [a, b], "_": b, "n": 3})[0].values())
    ['a', 'x[1]']
    """
    variables: dict[Value, str] = {}
    parameters: dict[Value, str] = {}
    if names is None:
        return variables, parameters
    check_type("names", names, Mapping, "a mapping of names to Values, as locals() is")
    for name, thing in list(names.items()):
        check_type("a key of names", name, str, "a str")
        if name.startswith("_"):
            continue
        if is_model(thing):
            for value, dotted in model_parameters(thing).items():
                parameters.setdefault(value, dotted)
        else:
            for name_of_value, value in _values_in(name, thing):
                variables.setdefault(value, name_of_value)
    return variables, parameters


def _values_in(name: str, thing: object) -> Iterator[tuple[str, Value]]:
    """Walk nested lists in order, each list once: a list may hold itself."""
    stack: list[tuple[str, Any]] = [(name, thing)]
    seen: set[int] = set()
    while stack:
        path, item = stack.pop()
        if isinstance(item, Value):
            yield path, item
            continue
        if getattr(getattr(item, "dtype", None), "kind", "") == "O":  # an array of objects
            item = item.tolist()
        if isinstance(item, (list, tuple)) and id(item) not in seen:
            seen.add(id(item))
            stack += [(f"{path}[{i}]", item[i]) for i in reversed(range(len(item)))]


OWN = ("parameter", "constant")  # in a frame by their names
LIVE = ("input", "parameter", "operation", "result")
INDEX = "k"  # the argument that selects a component, as in softmax


@dataclass(frozen=True, slots=True)
class GraphModel:
    """A graph's nodes and what is known of each; all lists are in topological order.

    ``inputs`` are positions; ``names`` are full names, empty where a node has none; ``roles`` are
    input, parameter, constant, operation, result, or setting: a constant that is not a number of
    the formula, such as an index. ``frames`` are the frames around a node, outermost first.
    """

    nodes: list[Value]
    inputs: list[tuple[int, ...]]
    names: list[str]
    roles: list[str]
    frames: list[FramePath]

    @classmethod
    def build(
        cls,
        roots: Sequence[Value],
        names: Mapping[str, object] | None = None,
        model: object = None,
    ) -> "GraphModel":
        """Build the model of the graph of ``roots``; see `viz.draw` for ``names`` and ``model``."""
        variables, parameters = named_variables(names)
        parameters = model_parameters(model) | parameters
        nodes = topological(list(roots))
        index = {node: i for i, node in enumerate(nodes)}
        inputs = [tuple([index[x] for x in node.inputs]) for node in nodes]
        full = [
            printable(node.label or parameters.get(node) or variables.get(node, ""))
            for node in nodes
        ]
        results = set(roots)
        roles = [
            _role(node, name, is_result=node in results, is_parameter=node in parameters)
            for node, name in zip(nodes, full, strict=True)
        ]
        return cls.from_nodes(nodes, inputs, full, roles)

    @classmethod
    def from_nodes(
        cls,
        nodes: list[Value],
        inputs: list[tuple[int, ...]],
        names: list[str],
        roles: list[str],
    ) -> "GraphModel":
        """Complete the model of nodes in topological order: find settings, assign frames."""
        frames = [split(name)[0] if name else () for name in names]
        graph = cls(nodes, inputs, names, roles, frames)
        _mark_settings(graph)
        if any(graph.frames):
            _place_operations(graph)
            _place_constants(graph)
        return graph


def _role(node: Value, name: str, *, is_result: bool, is_parameter: bool) -> str:
    if node.is_constant:
        return "constant"
    if is_result:
        return "result"
    if not node.is_leaf:
        return "operation"
    return "parameter" if is_parameter or is_dotted(name) else "input"


def _mark_settings(graph: GraphModel) -> None:
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


def _place_operations(graph: GraphModel) -> None:
    """Assign operations to frames.

    1. A node with a dotted name is in the frame of its name.
    2. An operation on parameters is in the deepest frame that holds all of them (a neuron's sum is
       with its weights; a penalty on all weights is in no frame).
    3. A function of a single operation joins that operation's frame as its activation if it is the
       only user, and if the same function follows for all other samples. A second function in a
       row does not, so that a loss stays outside.
    4. An operation on several nodes of one frame is in that frame too (the further additions of a
       long sum).
    5. Twins, the same operation on the same several inputs, are in the frame that holds the inputs
       (the components of a softmax).
    """
    frames, roles = graph.frames, graph.roles
    users = Counter(s for sources in graph.inputs for s in dict.fromkeys(sources))
    living = [
        tuple([s for s in dict.fromkeys(sources) if roles[s] in LIVE or frames[s]])
        for sources in graph.inputs
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
            frames[i] = common_prefix([frames[s] for s in live])


def _holder(graph: GraphModel, live: Sequence[int]) -> FramePath:
    """Return the deepest frame that holds all parameters among a node's inputs, frozen or not."""
    holders = [graph.frames[s] for s in live if graph.roles[s] in OWN and graph.frames[s]]
    return common_prefix(holders) if holders else ()


def _mixed(graph: GraphModel, living: Sequence[Sequence[int]]) -> set[tuple[FramePath, str]]:
    """Return the operations on parameters that different functions follow, as two losses do."""
    following: dict[tuple[FramePath, str], str] = {}
    mixed: set[tuple[FramePath, str]] = set()
    kinds = [
        (_holder(graph, live), node.op) for node, live in zip(graph.nodes, living, strict=True)
    ]
    for node, sources in zip(graph.nodes, graph.inputs, strict=True):
        if sources and kinds[sources[0]][0] and _arity(node) == 1:
            kind = kinds[sources[0]]
            if following.setdefault(kind, node.op) != node.op:
                mixed.add(kind)
    return mixed


def _place_constants(graph: GraphModel) -> None:
    """Assign a constant without a frame of its own to that of its users, where they share one."""
    frames: dict[int, FramePath] = {}
    for i, sources in enumerate(graph.inputs):
        for source in sources:
            if graph.roles[source] == "constant" and not is_dotted(graph.names[source]):
                same = frames.setdefault(source, graph.frames[i]) == graph.frames[i]
                frames[source] = graph.frames[i] if same else ()
    for source, frame in frames.items():
        graph.frames[source] = frame


def _same(frames: list[FramePath], members: Sequence[int]) -> bool:
    return len({frames[m] for m in members}) == 1


def _arity(node: Value) -> int:
    """Count the inputs without a default; a slope has one."""
    row = TABLE.get(node.op)
    return len(node.inputs) - (len(row.defaults) if row else 0)


def common_prefix(paths: Sequence[FramePath]) -> FramePath:
    """Return the longest common prefix of paths.

    >>> common_prefix([("layer 0", "neuron 1"), ("layer 0", "neuron 2")])
    ('layer 0',)
    """
    low, high = min(paths), max(paths)
    end = 0
    while end < min(len(low), len(high)) and low[end] == high[end]:
        end += 1
    return low[:end]


def op_symbol(node: Value) -> str:
    """Return an operation's symbol from the table, with the index of the component if it has one.

    >>> import autograd
    >>> op_symbol(autograd.softmax([Value(1.0), Value(2.0)])[1])
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


LETTERS = {  # for nodes without a name; the first that no node's name begins with
    "result": "JLFR",
    "operation": "vtshq",
    "parameter": "wpb",
    "input": "xn",
}
_RIGHT_TO_LEFT = {"R", "AL"}


def node_names(graph: GraphModel, number: Formatter) -> list[str]:
    """Return a name for each node, different for all but constants without a name.

    >>> from autograd import Value
    >>> from viz.formatting import formatter
    >>> from viz.graph_model import GraphModel
    >>> a, b = Value(2.0, "a"), Value(3.0)
    >>> node_names(GraphModel.build([3 * (a + b * a)]), formatter(4, None))
    ['3', 'a', 'x₁', 'v₁', 'v₂', 'J']
    """
    full = [one_line(name) for name in graph.names]
    dotted = {name: _short_forms(name) for name in full if is_dotted(name)}
    form = 0 if _differ([own for own, _ in dotted.values()]) else 1
    counts = Counter(forms[form] for forms in dotted.values())
    result = [
        dotted[name][form]
        if name in dotted and counts[dotted[name][form]] == 1
        else shorten(with_subscripts(name))
        for name in full
    ]
    taken = {name[:1] for name in result if name[1:].strip("0123456789₀₁₂₃₄₅₆₇₈₉") == ""}
    _number(graph, result, taken, number)
    return [_isolated(name) for name in _told_apart(graph, result)]


def one_line(text: str) -> str:
    r"""Write a label in one line, with the replacement character for control characters.

    >>> one_line(" two\n lines \x00")
    'two lines �'
    """
    return printable(" ".join(text.split()))


def legend(graph: GraphModel, names: Sequence[str], shown: Sequence[int]) -> str:
    """Spell out the first short name of a parameter that is shown; empty if there is none."""
    for i in shown:
        name = graph.names[i]
        if is_dotted(name) and names[i] not in (name, shorten(name)):
            return f"{names[i]} is {shorten(one_line(name), 60)}"
    return ""


def _short_forms(name: str) -> tuple[str, str]:
    """Return the last part of a dotted name without and with the numbers of its frames."""
    frames, own = split(name)
    numbers = [number for title in frames for number in re.findall(r" (\d+)", title)]
    return own, own + (superscript(numbers) if numbers else "")


def _differ(names: Sequence[str]) -> bool:
    return len(set(names)) == len(names)


def _number(graph: GraphModel, result: list[str], taken: set[str], number: Formatter) -> None:
    """Assign numbered names to the nodes without a name."""
    letters = {
        role: next((c for c in choice if c not in taken), choice[-1] * 2)
        for role, choice in LETTERS.items()
    }
    count: Counter[str] = Counter()
    single = graph.roles.count("result") == 1
    for i, role in enumerate(graph.roles):
        if result[i]:
            continue
        if role not in letters:
            result[i] = number(graph.nodes[i].data)
            continue
        count[role] += 1
        one = role == "result" and single
        result[i] = letters[role] + ("" if one else subscript(str(count[role])))


def _told_apart(graph: GraphModel, names: list[str]) -> Iterator[str]:
    """Yield names, with a number after the first of several equal ones."""
    count: Counter[str] = Counter()
    for i, name in enumerate(names):
        if graph.nodes[i].is_constant and not graph.names[i]:
            yield name
            continue
        count[name] += 1
        yield f"{name}#{count[name]}" if count[name] > 1 else name


def _isolated(name: str) -> str:
    """Isolate a right-to-left name, so that it does not reorder the line around it."""
    if any(unicodedata.bidirectional(c) in _RIGHT_TO_LEFT for c in name):
        return f"{ISOLATE}{name}{END}"
    return name
