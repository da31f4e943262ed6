"""Write a program as a file that needs only NumPy."""

import ast
from collections.abc import Iterator
from textwrap import indent
from typing import Any

import numpy as np

from autograd.compiler.programs.program import CallSpec
from autograd.export.helpers import Helpers
from autograd.export.lines import (
    Body,
    body_of,
    check_operations,
    described,
    is_number,
    names_of,
    text_of,
)

OPENING = '''\
"""{title}

{takes}
{gives}
Numbers that are not finite come as NumPy computes them.
Written by scalar-autograd; this file needs only NumPy.
"""
'''


def to_numpy(form: CallSpec, *, name: str = "program") -> str:
    """Return the text of a Python file with the program as a function, ``name``."""
    check_operations(form.program, "numpy")
    helpers = Helpers()
    body = body_of(form.program).changed(helpers)
    functions = [text for text in helpers.sources.values() if text.startswith("def ")]
    numbers = [text for text in helpers.sources.values() if not text.startswith("def ")]
    numbers += [f"{each} = {_array(thing)}\n" for each, thing in form.program.kept.items()]
    parameters = [f"{each} = {_array(thing)}\n" for each, thing in form.parameters.items()]
    functions += ["".join(parameters)] * bool(parameters)
    parts = [*functions, _function(form, body, name), _example(form, name)]
    code = "\n\n".join(["".join(numbers)] * bool(numbers) + parts)
    return f"{_opening(form)}\n{_imports(code)}\n{'' if numbers else _GAP}{code}"


_GAP = "\n"


def _imports(code: str) -> str:
    """Import what is used, and nothing else."""
    used = set(names_of([ast.parse(code)]))
    names = [name for name in ("inf", "nan") if name in used]
    lines = ["import math\n"] * ("math" in used)
    lines += [f"from math import {', '.join(names)}\n"] * bool(names)
    return "".join([*lines, "\n" * bool(lines), "import numpy as np\n"])


def _opening(form: CallSpec) -> str:
    takes = "\n".join(f"    {line}" for line in described(form.program))
    wanted = [array.name for array in form.program.wanted]
    gives = "Returns the value."
    if wanted:
        gives = f"Returns the value and the gradients with respect to {', '.join(wanted)}."
    outputs = form.program.outputs or ()
    if len(outputs) > 1:
        gives = f"Returns a tuple of {len(outputs)} results, in order."
    return OPENING.format(title=_title(form), takes=f"Takes\n{takes}\n", gives=gives)


def _title(form: CallSpec) -> str:
    of = f" of {form.name}" if form.name.isidentifier() else ""
    return f"The value{of} and its gradients." if form.program.wanted else f"The value{of}."


def _function(form: CallSpec, body: Body, name: str) -> str:
    """Write the function: parameters have their numbers of the export as defaults."""
    head = ", ".join(f"{each}={each}" if each in form.parameters else each
                     for each in body.parameters)  # fmt: skip
    lines = [f"{each} = np.asarray({each}, dtype=float)" for each in body.parameters]
    inner = body.texts()
    for guard, test in zip(form.program.guards, body.guards, strict=True):
        wrong = f"np.all({ast.unparse(test)})" if guard.outcome else f"np.any({ast.unparse(test)})"
        came = ast.unparse(test).replace('"', "'")
        inner += [
            f"if {'not ' * guard.outcome}{wrong}:",
            f'    raise ValueError("written for {came} being {guard.outcome}")',
        ]
    value = _value(form, body)
    inner.append(f"return {value}, {text_of(body.gradients)}" if body.gradients else
                 f"return {value}")  # fmt: skip
    lines += ["with np.errstate(all='ignore'):", *(f"    {line}" for line in inner)]
    return "\n".join([f"def {name}({head}):", *(f"    {line}" for line in lines), ""])


def _value(form: CallSpec, body: Body) -> str:
    """Write the value, or several results: samples along the first axis."""
    outputs = form.program.outputs
    if outputs is None or is_number(form.program):
        return f"float({ast.unparse(body.result)})"
    assert isinstance(body.result, ast.Tuple)
    texts = []
    for output, tree in zip(outputs, body.result.elts, strict=True):
        text = ast.unparse(tree)
        if output.shape or output.sample:
            shown = f"np.moveaxis({text}, -1, 0)" if output.sample and output.shape else text
            texts.append(f"np.array({shown})")
        else:
            texts.append(f"float({text})")
    return texts[0] if len(texts) == 1 else f"({', '.join(texts)})"


def _example(form: CallSpec, name: str) -> str:
    """Write a run with the numbers that the program was traced with."""
    return "\n".join(['if __name__ == "__main__":', *_run(form, name), ""])


def _run(form: CallSpec, name: str) -> Iterator[str]:
    given = []
    for array, numbers in zip(form.program.arrays, form.example(), strict=True):
        if array.name not in form.parameters:
            yield indent(f"{array.name} = {_array(numbers)}", "    ")
            given.append(array.name)
    yield f"    print({name}({', '.join(given)}))"


def _array(thing: Any) -> str:
    """Write an array's numbers, exactly."""
    thing = np.asarray(thing)
    if not thing.ndim:
        return repr(thing.item())
    if thing.ndim == 1:
        return f"np.array({thing.tolist()!r})"
    rows = "".join(f"    {row.tolist()!r},\n" for row in thing)
    return f"np.array([\n{rows}])"
