"""The table's operations as JavaScript, for pages that recompute a graph.

Rules are translated from their text. The functions that rules call are written by hand: those of
`autograd.rules.floats` in ``mathematics.js``, those of `autograd.rules.special` in ``special.js``.
A script includes only those that it needs.
"""

import re
from collections.abc import Iterable
from functools import cache

from autograd.expressions.dialects import JavaScriptPrinter, js_name, js_number
from autograd.expressions.tree import UnsupportedSyntaxError, parse
from autograd.primitives import (
    CONSTANT,
    CONSTANTS,
    LEAF,
    LIST_FUNCTIONS,
    TABLE,
    ListFunction,
    Primitive,
)
from autograd.rules.floats import FUNCTIONS
from autograd.rules.loop_lowering import POSITION, kinds
from autograd.rules.parsing import SAFE_BUILTINS
from viz.files import asset

WIDTH = 100


def operations(names: Iterable[str]) -> str:
    """Write the script that defines OPERATIONS, an object of operations by name.

    Only what they need is written. ``leaf`` and ``constant``, which compute nothing, are passed
    over. An operation of fixed arity has ``value``, a function of its arguments, and ``partials``:
    a function of the arguments and the result for each argument. One of a list also has ``split``,
    which divides a node's inputs among the arguments, and a single function for all ``partials``.

    Raises ValueError for a name that is not in the table, and where a rule uses what has no
    form in JavaScript.

    >>> print(operations(["tanh"]))
    const OPERATIONS = (() => {
    const { cosh, tanh } = Math;
    <BLANKLINE>
    const sech = (x) => 1 / cosh(x);
    <BLANKLINE>
    const square = (x) => x * x;
    <BLANKLINE>
    return {
      tanh: { value: (x) => tanh(x), partials: [(x, z) => square(sech(x))] },
    };
    })();
    <BLANKLINE>
    """
    needed: list[str] = []
    written = [_operation(_entry(op), needed) for op in names if op not in (LEAF, CONSTANT)]
    blocks, functions = _needed(needed)
    direct = [name for name in _library()[0] if name in functions]
    parts = [f"const {{ {', '.join(direct)} }} = Math;"] if direct else []
    body = "\n".join(["return {", *dict.fromkeys(written), "};"])
    return "\n".join(
        ["const OPERATIONS = (() => {", "\n\n".join([*parts, *blocks, body]), "})();", ""]
    )


def evaluator(names: Iterable[str]) -> str:
    """Write the script that defines ``evaluate(nodes, values)`` for graphs of these operations.

    ``nodes`` lists a graph's nodes, operands before results and the result last: each an object of
    ``op``, ``inputs`` (positions) and ``constant``. ``values`` has the numbers of those without
    inputs, at their positions. It returns an object of lists: ``values``, ``partials`` (a list a
    node, 0 for constants), ``gradients`` (null for constants) and ``flows``, the steps of the
    backward pass with the fields of `viz.backward_trace.BackwardStep`. Errors are those of
    `operations`.
    """
    return f"{operations(names)}\n{asset('javascript/evaluate.js')}"


def supported(op: str) -> bool:
    """Return whether an operation can be written in JavaScript.

    >>> supported("gelu"), supported("quantum_foam")
    (True, False)
    """
    try:
        operations([op])
    except ValueError:
        return False
    return True


def _entry(op: str) -> Primitive:
    if op not in TABLE:
        raise ValueError(f"{op}: no operation of the table has this name")
    if TABLE[op].vjps:
        raise ValueError(f"{op}: what flows back through it is no multiple of the gradient")
    return TABLE[op]


def _operation(entry: Primitive, needed: list[str]) -> str:
    """Write one operation as a line, or as a block where it is long; add the names it uses."""
    fields = {"value": _value(entry.name, entry, needed)}
    partials = [_function(entry, text, needed, result=True) for text in entry.partials]
    if entry.variadic:
        fields = {"split": _split(entry, needed), **fields, "partials": partials[0]}
    else:
        fields["partials"] = f"[{', '.join(partials)}]"
    line = f"  {entry.name}: {{ {', '.join([f'{k}: {v}' for k, v in fields.items()])} }},"
    if len(line) <= WIDTH and "\n" not in line:
        return line
    fields = {k: v.replace("\n", "\n    ") for k, v in fields.items()}
    if not entry.variadic:
        fields["partials"] = "\n".join(["[", *[f"      {text}," for text in partials], "    ]"])
    return "\n".join(
        [f"  {entry.name}: {{", *[f"    {k}: {v}," for k, v in fields.items()], "  },"]
    )


def _split(entry: Primitive, needed: list[str]) -> str:
    """Write what divides a node's inputs among the arguments, as `reductions.split` does."""
    lists, ends = kinds(entry.arguments)
    if len(lists) == 1 and not ends:
        needed.append("asList")
        return "asList"
    needed.append("divided")
    required = int(POSITION in ends)
    return f"(inputs) => divided(inputs, {len(lists)}, {len(ends)}, {required})"


def _function(entry: Primitive, text: str, needed: list[str], *, result: bool = False) -> str:
    names = (*entry.arguments, "z") if result else entry.arguments
    return f"({', '.join(map(js_name, names))}) => {_rule(text, entry.name, names, needed)}"


def _rule(text: str, owner: str, names: Iterable[str], needed: list[str]) -> str:
    """Write a rule over these names; add what else it uses."""
    printer = JavaScriptPrinter(names, _named)
    try:
        written = printer.text(parse(text, owner))
    except UnsupportedSyntaxError as error:
        raise ValueError(
            f"{owner}: the rule {text!r} cannot be written in JavaScript: it uses {error.what}"
        ) from error
    needed += printer.uses
    return written


def _value(name: str, entry: Primitive | ListFunction, needed: list[str]) -> str:
    """Write the function of a value: of one expression, or of those that come before it, too."""
    names, lines = list(entry.arguments), []
    for line in entry.let:
        target, _, text = line.partition(" = ")
        lines.append(f"const {js_name(target)} = {_rule(text, name, names, needed)};")
        names.append(target)
    result = _rule(entry.rule, name, names, needed)
    head = f"({', '.join(map(js_name, entry.arguments))}) =>"
    if not lines:
        return f"{head} {result}"
    return "\n".join([f"{head} {{", *[f"  {x}" for x in (*lines, f"return {result};")], "}"])


def _named(name: str) -> str:
    """Return how a function or constant that a rule names is called in the script."""
    direct, blocks = _library()
    ready = name in direct or name in blocks
    if name in CONSTANTS or (ready and (name in FUNCTIONS or name in SAFE_BUILTINS)):
        return name
    if name in LIST_FUNCTIONS:
        return name
    if name in TABLE and name not in FUNCTIONS:
        return f"{name}$" if ready else js_name(name)
    raise KeyError(name)


def _needed(names: Iterable[str]) -> tuple[list[str], set[str]]:
    """Return the definitions of names and of all that these use, in order of dependence."""
    direct, library = _library()
    definitions: dict[str, str] = {}
    waiting = list(dict.fromkeys(names))
    for name in waiting:  # grows in the loop
        if name in definitions or name in direct:
            continue
        uses: list[str] = []
        if name in library:
            definitions[name] = library[name]
            uses += _mentioned(library[name])
        elif name in CONSTANTS:
            definitions[name] = f"const {name} = {js_number(CONSTANTS[name])};"
        else:
            entry = LIST_FUNCTIONS.get(name) or TABLE[name.removesuffix("$")]
            definitions[name] = f"const {name} = {_value(name, entry, uses)};"
        waiting += uses
    order = [x for x in (*CONSTANTS, *library) if x in definitions]
    rest = [x for x in definitions if x not in order]
    return [definitions[x] for x in (*order, *rest)], set(waiting)


def _mentioned(block: str) -> list[str]:
    """Return what a definition of the two files names, itself among it."""
    code = re.sub(r"//.*", "", block)
    direct, library = _library()
    words = list(dict.fromkeys(re.findall(r"\b[A-Za-z_]\w*", code)))
    called = set(re.findall(r"\b(\w+)\(", code))
    return [
        word
        for word in words
        if word in direct or word in library or word in CONSTANTS
        or (word in TABLE and word in called)
    ]  # fmt: skip


@cache
def _library() -> tuple[tuple[str, ...], dict[str, str]]:
    """Read both files: the names that JavaScript's Math has, and the definitions."""
    first, *blocks = asset("javascript/mathematics.js").strip().split("\n\n")
    blocks += asset("javascript/special.js").strip().split("\n\n")[1:]  # without its head comment
    matches = [re.search(r"^(?:function|const) (\w+)", block, re.MULTILINE) for block in blocks]
    names = [match[1] for match in matches if match]
    return tuple(re.findall(r"\w+", first)[1:-1]), dict(zip(names, blocks, strict=True))
