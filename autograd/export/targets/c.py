"""Write a program as a C function of one sample: C99, with nothing but the mathematics library."""

import re
from collections import Counter, defaultdict
from dataclasses import replace
from typing import Any

from autograd._checks import error_text
from autograd.compiler.ir.array_ir import (
    ArrayProgram,
    Equation,
    Expression,
    Variable,
    occurrences,
)
from autograd.compiler.ir.evaluate import Evaluation
from autograd.compiler.programs.program import CallSpec
from autograd.export.c_arrays import COperations, LazyArray, Writer
from autograd.export.c_functions import C99, WRITTEN, helpers
from autograd.export.program import (
    check_operations,
    equations_of,
    is_batch,
    is_number,
    results_of,
)
from autograd.expressions.dialects import CPrinter
from autograd.expressions.tree import Number
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


def export(form: CallSpec, *, name: str = "") -> str:
    """Return the text of a C file with the program as a function of one sample.

    ``double name(double a, const double *W, ..., double *grad_a, ...)`` returns the value and puts
    the gradients where the last arguments point. Where a comparison comes out differently than it
    was traced, or a position is none, it returns NAN. With several results, or an array, it is
    ``int name(..., double *result_1, ...)`` and returns 0, or 1 in those cases.
    """
    own = safe(form.name) if form.name.isidentifier() else "program"
    check_operations(form.program, "c")
    program = equations_of(form.program)
    name = name or own
    if not name.isidentifier() or name != safe(name):
        raise ValueError(error_text("name", name, "names that neither C nor its library has"))
    function = _Function(form, program, name)
    parameters = function.write()
    constants = [constant_text(each, thing) for each, thing in form.program.kept.items()]
    parts = [
        OPENING.format(title=_title(form, program, name), notes=_notes(form, function.refusal)),
        *helpers(dict.fromkeys(function.writer.printer.calls)),
        _signature(f"{function.returns} {name}", parameters),
    ]
    lines = "\n".join(f"    {line}" for line in [*constants, *function.writer.lines])
    return "\n".join(part for part in parts if part) + f"\n{{\n{lines}\n}}\n"


def _title(form: CallSpec, program: ArrayProgram, name: str) -> str:
    of = ", ".join(array.name for array in form.program.wanted)
    if not is_number(program):
        return f"{name}: the results, where the last pointers say."
    return f"{name}: the value" + (f", and its gradients with respect to {of}." if of else ".")


def _notes(form: CallSpec, refusal: str) -> str:
    count = len(form.program.guards)
    of = "a comparison" if count == 1 else f"{count} comparisons"
    return f" * It holds for one outcome of {of}; elsewhere it returns {refusal}.\n" * bool(count)


def _signature(head: str, parameters: list[str]) -> str:
    """Write the function's head, a line a parameter where one line would be long."""
    line = f"{head}({', '.join(parameters) or 'void'})"
    if len(line) <= 100:
        return line
    return f"{head}(\n    " + ",\n    ".join(parameters) + ")"


def safe(name: str) -> str:
    """Return a name that C takes, and that none of its functions has.

    >>> safe("W1"), safe("double"), safe("exp"), safe("ŵ")
    ('W1', 'double_', 'exp_', 'u175')
    """
    if name in TAKEN:
        return f"{name}_"
    return re.sub(r"[^\x00-\x7f]", lambda found: f"u{ord(found[0]):x}", name)


class _Function:
    """Writes a program's equations as the lines of one function of one sample."""

    def __init__(self, form: CallSpec, program: ArrayProgram, name: str) -> None:
        self.form, self.program = form, program
        one = is_number(program)
        self.returns, self.refusal = ("double", "NAN") if one else ("int", "1")
        results = [variable.name for e in program.equations for variable in e.results]
        given = [variable.name for variable in program.inputs]
        taken = {name, *results, *given, *program.constants, *KEYWORDS}
        self.writer = writer = Writer(taken, self.refusal)
        arrays = [
            writer.array(safe(variable.name), _shape(variable), one=not _sample_shape(variable))
            for variable in program.inputs
        ]
        constants = {
            each: writer.array(each, thing.shape, kind=_kind(thing))
            for each, thing in program.constants.items()
        }
        self.operations = COperations(writer)
        self.run = Evaluation(replace(program, constants=constants), arrays, self.operations, 1)
        self.returned = program.gradients if one else results_of(program)
        names = [f"grad_{safe(array.name)}" for array in form.program.wanted]
        if not one:
            names = [f"result_{i}" for i in range(1, len(self.returned) + 1)]
        self.outputs = [
            self._output(*each)
            for each in zip(names, map(_sample_shape, self.returned), strict=True)
        ]
        self.direct = self._direct()

    def _output(self, name: str, shape: tuple[int, ...]) -> LazyArray:
        """Name where a gradient, or a result, is put."""
        while name in self.writer.taken:
            name += "_"
        self.writer.taken.add(name)
        return self.writer.array(name, shape)

    def _direct(self) -> dict[Variable, LazyArray]:
        """Find what is computed by one equation and read by none: it goes straight out."""
        roots = [*(e.expression for e in self.program.equations), *self.program.results]
        uses = Counter(variable for root in roots for variable in occurrences(root))
        made = {
            e.result for e in self.program.equations
            if e.softmax is None and e.expression.primitive != "accumulate"
        }  # fmt: skip
        return {
            x: output
            for x, output in zip(self.returned, self.outputs, strict=True)
            if isinstance(x, Variable) and uses[x] == 1 and x in made
        }

    def write(self) -> list[str]:
        """Write the lines; return the function's parameters."""
        writer, program = self.writer, self.program
        ready = _ready(program)
        for i, equation in enumerate([None, *program.equations]):
            if equation is not None:
                self._define(equation)
            for k in ready[i]:
                self._check(program.guards[k], self.form.program.guards[k].outcome)
        for x, output in zip(self.returned, self.outputs, strict=True):
            if x not in self.direct:
                self._fill(output, x)
        result = "0"
        if self.returns == "double":
            value = writer.array_of(self.run.of(results_of(program)[0]))
            result = writer.printer.text(value.at(("0",) * value.ndim, writer.lines))
        writer.lines.append(f"return {result};")
        used = set(re.findall(r"\w+", "\n".join(writer.lines)))
        names = [safe(variable.name) for variable in program.inputs]
        unused = [name for name in names if name not in used]
        writer.lines[:0] = [f"(void){name};  /* makes no difference */" for name in unused]
        kinds = ["const double *" if _sample_shape(v) else "double " for v in program.inputs]
        given = [f"{kind}{name}" for kind, name in zip(kinds, names, strict=True)]
        return [*given, *[f"double *{output.name}" for output in self.outputs]]

    def _fill(self, output: LazyArray, x: Expression) -> None:
        """Put a result out: of a batch, its one sample."""
        value = self.writer.array_of(self.run.of(x))
        self.writer.fill(output, value[..., 0] if value.ndim > output.ndim else value)

    def _define(self, equation: Equation) -> None:
        """Write the lines of an equation."""
        output = self.direct.get(equation.result)
        if output is not None:
            self._fill(output, equation.expression)
            return
        accumulates = equation.expression.primitive == "accumulate"
        self.operations.label = safe(equation.result.name) if accumulates else ""
        self.run.define(equation)
        if not accumulates:
            for result in equation.results:
                value = self.writer.assign(safe(result.name), self.run.values[result])
                self.run.values[result] = value

    def _check(self, guard: Expression, wanted: bool) -> None:
        """Return what says so where a comparison comes out differently."""
        outcome = self.writer.array_of(self.run.of(guard))

        def body(index: Any, block: list[str]) -> None:
            text = self.writer.printer.text(outcome.at(index, block))
            test = f"!({text})" if wanted else text
            block.append(f"if ({test}) return {self.refusal};  /* traced with another outcome */")

        self.writer.loop(outcome.shape, self.writer.lines, body)


def _shape(x: Expression) -> tuple[int, ...]:
    """Return the shape of an expression for one sample: the axis of samples has length 1."""
    return tuple([size if isinstance(size, int) else 1 for size in x.shape])


def _sample_shape(x: Expression) -> tuple[int, ...]:
    """Return the shape of a sample."""
    return _shape(x)[: len(x.shape) - is_batch(x.shape)]


def _ready(program: ArrayProgram) -> dict[int, list[int]]:
    """Say after how many equations all that a comparison names is there: its number by theirs."""
    made = {v: i + 1 for i, equation in enumerate(program.equations) for v in equation.results}
    found: dict[int, list[int]] = defaultdict(list)
    for k, guard in enumerate(program.guards):
        found[max([made.get(v, 0) for v in occurrences(guard)], default=0)].append(k)
    return found


def _kind(thing: Any) -> str:
    """Return the type of a constant's elements."""
    return "double" if thing.dtype.kind == "f" else "int"


def constant_text(name: str, thing: Any) -> str:
    """Write an array of the program as C's.

    >>> import numpy as np
    >>> constant_text("index1", np.array([2, 0]))
    'static const int index1[] = {2, 0};'
    """
    kind, printer = _kind(thing), CPrinter()
    numbers = [
        printer.text(Number(x)) if kind == "double" else str(int(x)) for x in thing.ravel().tolist()
    ]
    return f"static const {kind} {name}[] = {{{', '.join(numbers)}}};"
