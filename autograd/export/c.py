"""Write a program as a C function of one sample: C99, with nothing but the mathematics library."""

import ast
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from autograd._checks import error_text
from autograd.compiler.programs.program import CallSpec
from autograd.export.c_helpers import C99, WRITTEN, helpers
from autograd.export.c_words import c_words, constant_text
from autograd.export.c_writer import Writer
from autograd.export.delayed import Delayed
from autograd.export.lines import Body, body_of, check_number, check_operations, names_of
from autograd.primitives import TABLE
from autograd.rules.floats import FUNCTIONS

KEYWORDS = frozenset(
    (
        *("auto", "break", "case", "char", "const", "continue", "default", "do", "double", "else"),
        *("enum", "extern", "float", "for", "goto", "if", "inline", "int", "long", "register"),
        *("restrict", "return", "short", "signed", "sizeof", "static", "struct", "switch"),
        *("typedef", "union", "unsigned", "void", "volatile", "while", "main"),
    )
)
MATH = frozenset(
    {"y0", "y1", "yn", "j0", "j1", "jn", "gamma", "signgam", "fmod", "copysign", "rint", "fma",
     "isfinite", "NAN", "INFINITY"}
)  # fmt: skip
TAKEN = KEYWORDS | C99 | set(WRITTEN) | set(TABLE) | set(FUNCTIONS) | MATH
OPENING = """\
/* {title}
 *
 * Written by scalar-autograd: C99, to be linked with the mathematics library (-lm).
 * Arrays are stored row after row.
{notes} */
#include <math.h>
"""


def to_c(form: CallSpec, *, name: str = "") -> str:
    """Return the text of a C file with the program as a function of one sample.

    ``double name(double a, const double *W, ..., double *grad_a, ...)`` returns the value and puts
    the gradients where the last arguments point. Where a comparison comes out differently than it
    was traced, or a position is none, it returns NAN.
    """
    own = safe(form.name) if form.name.isidentifier() else "program"
    check_operations(form.program, "c")
    check_number(form.program, "c")
    body = body_of(form.program)
    name = name or own
    if not name.isidentifier() or name != safe(name):
        raise ValueError(error_text("name", name, "names that neither C nor its library has"))
    writer = Writer(_taken(form, body, name))
    parameters, gradients = _run(form, body, writer)
    constants = [constant_text(each, thing) for each, thing in form.program.kept.items()]
    parts = [
        OPENING.format(title=_title(form, name), notes=_notes(form)),
        *helpers(writer.calls),
        _signature(name, [*parameters, *gradients]),
    ]
    lines = "\n".join(f"    {line}" for line in [*constants, *writer.lines])
    return "\n".join(part for part in parts if part) + f"\n{{\n{lines}\n}}\n"


def _taken(form: CallSpec, body: Body, name: str) -> set[str]:
    """Return the names of the text, which no other may have."""
    words = {
        node.id for line in body.lines for node in ast.walk(line) if isinstance(node, ast.Name)
    }
    own = {array.name for array in form.program.arrays}
    return {name, *words, *own, *form.program.kept, *KEYWORDS}


def _title(form: CallSpec, name: str) -> str:
    of = ", ".join(array.name for array in form.program.wanted)
    return f"{name}: the value" + (f", and its gradients with respect to {of}." if of else ".")


def _notes(form: CallSpec) -> str:
    count = len(form.program.guards)
    of = "a comparison" if count == 1 else f"{count} comparisons"
    return f" * It holds for one outcome of {of}; elsewhere it returns NAN.\n" if count else ""


def _signature(name: str, parameters: list[str]) -> str:
    """Write the function's head, a line a parameter where one line would be long."""
    line = f"double {name}({', '.join(parameters) or 'void'})"
    if len(line) <= 100:
        return line
    return f"double {name}(\n    " + ",\n    ".join(parameters) + ")"


def safe(name: str) -> str:
    """Return a name that C takes, and that none of its functions has.

    >>> safe("W1"), safe("double"), safe("exp"), safe("ŵ")
    ('W1', 'double_', 'exp_', 'u175')
    """
    if name in TAKEN:
        return f"{name}_"
    return re.sub(r"[^\x00-\x7f]", lambda found: f"u{ord(found[0]):x}", name)


def _run(form: CallSpec, body: Body, writer: Writer) -> tuple[list[str], list[str]]:
    """Read the program's lines under C's names; return the function's parameters."""
    names = c_words(writer)
    parameters = _parameters(form, names, writer)
    outputs = _outputs(form, writer)
    direct = _direct(body, outputs)
    lines = list(_own_lines(form, body))
    ready = _ready(lines, body.guards)
    for i, line in enumerate([None, *lines]):
        if line is not None:
            _statement(line, names, writer, direct)
        for k in ready[i]:
            _check(_value(body.guards[k], names), form.program.guards[k].outcome, writer)
    for output, tree in zip(outputs, body.gradients, strict=True):
        if not (isinstance(tree, ast.Name) and tree.id in direct):
            writer.fill(output, _value(tree, names))
    result = _value(body.result, names)
    result = result if isinstance(result, Delayed) else writer.number(result)
    block: list[str] = []
    term = result.at(("0",) * result.ndim, block)
    writer.lines += [*block, f"return {term.text};"]
    own = [output.name for output in outputs]
    used = set(re.findall(r"\w+", "\n".join(writer.lines)))
    unused = [safe(array.name) for array in form.program.arrays if safe(array.name) not in used]
    writer.lines[:0] = [f"(void){name};  /* makes no difference */" for name in unused]
    return parameters, [f"double *{name}" for name in own]


def _ready(lines: Sequence[Any], guards: Sequence[ast.expr]) -> dict[int, list[int]]:
    """Say after how many lines all that a comparison names is there: its number by the lines'."""
    made: dict[str, int] = {}
    for i, line in enumerate(lines):
        for target in line.targets if isinstance(line, ast.Assign) else []:
            for name in names_of([target]):
                made.setdefault(name, i + 1)
    found: dict[int, list[int]] = defaultdict(list)
    for k, guard in enumerate(guards):
        found[max([made.get(name, 0) for name in names_of([guard])], default=0)].append(k)
    return found


def _parameters(form: CallSpec, names: dict[str, Any], writer: Writer) -> list[str]:
    """Name what the function takes, and the program's constants."""
    parameters = []
    for array in form.program.arrays:
        shape = (*array.shape, 1) if array.sample else array.shape
        one, own = array.shape == (), safe(array.name)
        names[array.name] = writer.array(own, shape, one=one)
        parameters.append(f"double {own}" if one else f"const double *{own}")
    for each, thing in form.program.kept.items():
        kind = "int" if thing.dtype.kind == "i" else "double"
        names[each] = writer.array(each, np.shape(thing), kind=kind)
    return parameters


def _outputs(form: CallSpec, writer: Writer) -> list[Delayed]:
    """Name where the gradients are put."""
    outputs = []
    for array in form.program.wanted:
        own = f"grad_{safe(array.name)}"
        while own in writer.taken:
            own += "_"
        writer.taken.add(own)
        outputs.append(writer.array(own, array.shape))
    return outputs


def _direct(body: Body, outputs: list[Delayed]) -> dict[str, Delayed]:
    """Find the gradients that are computed by one line and read by none: they go straight out."""
    trees = [*body.lines, body.result, *body.gradients, *body.guards]
    uses = Counter(names_of(trees))
    return {
        tree.id: output
        for tree, output in zip(body.gradients, outputs, strict=True)
        if isinstance(tree, ast.Name) and uses[tree.id] == 2 and tree.id not in body.parameters
    }


def _own_lines(form: CallSpec, body: Body) -> Iterator[Any]:
    """Yield the lines without those that turn batches: here there is one sample."""
    turned = {array.name for array in form.program.arrays if array.sample and array.shape}
    for line in body.lines:
        if isinstance(line, ast.Assign) and ast.unparse(line.targets[0]) in turned:
            continue
        yield line


def _statement(
    line: Any, names: dict[str, Any], writer: Writer, direct: dict[str, Delayed]
) -> None:
    value = _value(line.value, names)
    if isinstance(line, ast.AugAssign):
        writer.fill(_value(_read(line.target), names), value, "+=")
        return
    target = line.targets[0]
    if isinstance(target, ast.Tuple):
        for part, each in zip(target.elts, value, strict=True):
            _name(ast.unparse(part), each, names, writer)
    elif ast.unparse(target) in direct:
        writer.fill(direct[ast.unparse(target)], value)
    else:
        _name(ast.unparse(target), value, names, writer)


def _name(name: str, value: Any, names: dict[str, Any], writer: Writer) -> None:
    """Give a value its name; what is stored already under a passing name gets this one."""
    own = safe(name)
    if not isinstance(value, Delayed):
        names[name] = value
        return
    declared = f"double {value.name}["
    last = writer.lines[-1] if writer.lines else ""
    if value.name and last.startswith(declared) and last.endswith("{0.0};"):
        writer.lines[-1] = last.replace(declared, f"double {own}[", 1)
        names[name] = writer.array(own, value.shape)
        return
    names[name] = writer.assign(own, value)


def _check(outcome: Any, wanted: bool, writer: Writer) -> None:
    """Return NAN where a comparison comes out differently."""

    def body(index: Any, block: list[str]) -> None:
        text = outcome.at(index, block).text
        test = f"!({text})" if wanted else text
        block.append(f"if ({test}) return NAN;  /* traced with another outcome */")

    writer.loop(outcome.shape, writer.lines, body)


def _value(tree: ast.expr, names: dict[str, Any]) -> Any:
    code = compile(ast.fix_missing_locations(ast.Expression(tree)), "<autograd C>", "eval")
    return eval(code, names)  # noqa: S307 - lines of our own compiler


def _read(tree: ast.expr) -> ast.expr:
    """Read the place that is added to."""
    return ast.parse(ast.unparse(tree), mode="eval").body
