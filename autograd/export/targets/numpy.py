"""Write a program as a file that needs only NumPy."""

import re
from textwrap import indent
from typing import Any

import numpy as np

from autograd.compiler.ir.array_ir import ArrayProgram, Expression
from autograd.compiler.ir.numpy_source import (
    NumpyPrinter,
    source_lines,
    transpose_text,
    tuple_text,
)
from autograd.compiler.layout.views import Array
from autograd.compiler.programs.program import CallSpec
from autograd.export.program import (
    check_operations,
    equations_of,
    is_batch,
    results_of,
    samples_last,
)
from autograd.export.runtime_source import Helpers

OPENING = '''\
"""{title}

{takes}
{gives}
Numbers that are not finite come as NumPy computes them.
Written by scalar-autograd; this file needs only NumPy.
"""
'''


class FilePrinter(NumpyPrinter):
    """Writes expressions for a file that has only NumPy; ``helpers`` is what it has to define."""

    def __init__(self) -> None:
        super().__init__()
        self.helpers = Helpers()

    def call(self, name: str, *arguments: str) -> str:
        """Write a function's call."""
        return self.helpers.call(name, *arguments)


def export(form: CallSpec, *, name: str = "program") -> str:
    """Return the text of a Python file with the program as a function, ``name``."""
    check_operations(form.program, "numpy")
    printer = FilePrinter()
    function = _function(form, equations_of(form.program), name, printer)
    example = _example(form, name)
    helpers = printer.helpers
    functions = [text for text in helpers.sources.values() if text.startswith("def ")]
    numbers = [text for text in helpers.sources.values() if not text.startswith("def ")]
    numbers += [f"{each} = {_array(thing)}\n" for each, thing in form.program.kept.items()]
    parameters = [f"{each} = {_array(thing)}\n" for each, thing in form.parameters.items()]
    written = re.findall(r"\w+", "".join([*numbers, *parameters, function, example]))
    functions += ["".join(parameters)] * bool(parameters)
    code = "\n\n".join(["".join(numbers)] * bool(numbers) + [*functions, function, example])
    imports = _imports(helpers.names.union(written))
    return "\n".join([_opening(form), imports, *[""] * (not numbers), code])


def _imports(used: set[str]) -> str:
    """Import what is used, and nothing else."""
    names = [name for name in ("inf", "nan") if name in used]
    lines = ["import math\n"] * ("math" in used)
    lines += [f"from math import {', '.join(names)}\n"] * bool(names)
    return "".join([*lines, "\n" * bool(lines), "import numpy as np\n"])


def _opening(form: CallSpec) -> str:
    """Write what the file is for: what the function takes, and what it returns."""
    takes = "\n".join(f"    {_described(array)}" for array in form.program.arrays)
    wanted = [array.name for array in form.program.wanted]
    of = f" of {form.name}" if form.name.isidentifier() else ""
    title, gives = f"The value{of}.", "Returns the value."
    if wanted:
        title = f"The value{of} and its gradients."
        gives = f"Returns the value and the gradients with respect to {', '.join(wanted)}."
    if len(form.program.outputs or ()) > 1:
        gives = f"Returns a tuple of {len(form.program.outputs or ())} results, in order."
    return OPENING.format(title=title, takes=f"Takes\n{takes}\n", gives=gives)


def _described(array: Array) -> str:
    """Describe an array of the program: name, shape, and what it is."""
    sizes = ["n"] * array.sample + list(map(str, array.shape))
    shape = tuple_text(sizes) if sizes else "a number"
    return (
        f"{array.name}: {shape}, {'samples along the first axis' if array.sample else array.kind}"
    )


def _function(form: CallSpec, program: ArrayProgram, name: str, printer: NumpyPrinter) -> str:
    """Write the function: parameters have their numbers of the export as defaults."""
    names = [variable.name for variable in program.inputs]
    head = ", ".join(f"{each}={each}" if each in form.parameters else each for each in names)
    lines = [f"{each} = np.asarray({each}, dtype=float)" for each in names]
    inner = [
        f"{variable.name} = {variable.name}.{transpose_text(samples_last(len(variable.shape)))}"
        for variable in program.inputs
        if is_batch(variable.shape) and len(variable.shape) > 1
    ]
    inner += [line for _, line in source_lines(program, printer)]
    for guard, test in zip(form.program.guards, map(printer.text, program.guards), strict=True):
        wrong = f"np.all({test})" if guard.outcome else f"np.any({test})"
        inner += [
            f"if {'not ' * guard.outcome}{wrong}:",
            f'    raise ValueError("written for {test} being {guard.outcome}")',
        ]
    results = [_result(x, printer) for x in results_of(program)]
    value = results[0] if len(results) == 1 else tuple_text(results)
    gradients = [tuple_text([printer.text(x) for x in program.gradients])]
    inner.append(f"return {', '.join([value, *gradients * bool(program.gradients)])}")
    lines += ["with np.errstate(all='ignore'):", *(f"    {line}" for line in inner)]
    return "\n".join([f"def {name}({head}):", *(f"    {line}" for line in lines), ""])


def _result(x: Expression, printer: NumpyPrinter) -> str:
    """Write a result: a batch's with the samples along the first axis."""
    text = printer.text(x)
    if is_batch(x.shape) and len(x.shape) > 1:
        text = f"np.moveaxis({text}, -1, 0)"
    return f"np.array({text})" if x.shape else f"float({text})"


def _example(form: CallSpec, name: str) -> str:
    """Write a run with the numbers that the program was traced with."""
    given = {
        array.name: _array(numbers)
        for array, numbers in zip(form.program.arrays, form.example(), strict=True)
        if array.name not in form.parameters
    }
    lines = [f"{each} = {text}" for each, text in given.items()]
    run = indent("\n".join([*lines, f"print({name}({', '.join(given)}))"]), "    ")
    return f'if __name__ == "__main__":\n{run}\n'


def _array(thing: Any) -> str:
    """Write an array's numbers, exactly."""
    thing = np.asarray(thing)
    if not thing.ndim:
        return repr(thing.item())
    if thing.ndim == 1:
        return f"np.array({thing.tolist()!r})"
    rows = "".join(f"    {row.tolist()!r},\n" for row in thing)
    return f"np.array([\n{rows}])"
