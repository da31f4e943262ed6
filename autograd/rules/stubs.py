"""Write the type stubs of what is generated from the table: ``python -m autograd.rules.stubs``.

The stubs are kept in the repository, for type checkers and editors; a test fails where they lag
behind the table.
"""

from collections.abc import Mapping
from pathlib import Path

from autograd import files
from autograd.primitives import TABLE, Primitive
from autograd.rules.loop_lowering import POSITION, kinds

PACKAGE = Path(__file__).parent.parent
OWN = ("take",)  # reductions whose functions are written by hand
HEAD = """\
# Written by `python -m autograd.rules.stubs` from the table of primitives; do not edit.
"""
OPERATIONS = (
    HEAD
    + """\
from typing import Any, Self, TypeAlias, overload

import numpy as np
from numpy.typing import NDArray

Number: TypeAlias = float | np.floating[Any] | np.integer[Any] | np.bool[builtins.bool]
Operand: TypeAlias = Operations | Number

class Operations:
"""
).replace("from typing", "import builtins\nfrom typing")
FUNCTIONS = (
    HEAD
    + """\
from collections.abc import Sequence
from typing import Any, overload

from autograd.functions.reductions import {own}
from autograd.kernels.python.operations import Number, Operand
from autograd.value import Value

__all__ = [
{names}
]
"""
)
OPERATOR = """\
    @overload
    def {method}(self, other: Operand) -> Self: ...
    @overload
    def {method}(self, other: NDArray[Any]) -> NDArray[Any]: ...
"""
FUNCTION = """\
@overload
def {name}({values}) -> Value: ...
@overload
def {name}({numbers}) -> float: ...
@overload
def {name}({anything}) -> Any: ...
"""


def operations() -> str:
    """Return the stub of `Operations`: the methods of `Value`."""
    return OPERATIONS + "".join(_methods(entry) for entry in TABLE.values() if not entry.variadic)


def functions() -> str:
    """Return the stub of the module-level functions."""
    own = ", ".join(f"{name} as {name}" for name in OWN)
    names = "\n".join(f'    "{name}",' for name in TABLE)
    written = [entry for entry in TABLE.values() if entry.name not in OWN]
    texts = [_reduction(entry) if entry.variadic else _function(entry) for entry in written]
    return FUNCTIONS.format(own=own, names=names) + "".join(texts)


def stale(files: Mapping[str, str]) -> list[str]:
    """Return the names of the stubs that differ from what the table says."""
    return [
        name
        for name, text in files.items()
        if not (PACKAGE / name).is_file() or (PACKAGE / name).read_text(encoding="utf-8") != text
    ]


def stubs() -> dict[str, str]:
    """Return each stub's text by its file name."""
    return {"kernels/python/operations.pyi": operations(), "functions/__init__.pyi": functions()}


def _methods(entry: Primitive) -> str:
    lines = [_method(name, entry) for name in dict.fromkeys((entry.name, *entry.numpy))]
    if entry.operator and len(entry.arguments) == 1:
        lines.append(f"    def __{entry.operator}__(self) -> Self: ...\n")
    elif entry.operator:
        lines += [OPERATOR.format(method=f"__{side}{entry.operator}__") for side in ("", "r")]
    return "".join(lines)


def _method(name: str, entry: Primitive) -> str:
    rest = "".join(f", {text}" for text in _parameters(entry, "Operand")[1:])
    return f"    def {name}(self{rest}) -> Self: ...\n"


def _function(entry: Primitive) -> str:
    first, *rest = _parameters(entry, "Operand")
    return FUNCTION.format(
        name=entry.name,
        values=", ".join([first.replace("Operand", "Value"), *rest]),
        numbers=", ".join(_parameters(entry, "Number")),
        anything=", ".join(_parameters(entry, "Any")),
    )


def _reduction(entry: Primitive) -> str:
    """Write the signature of a reduction's function."""
    lists, ends = kinds(entry.arguments)
    parameters = []
    for argument, name in zip(entry.arguments, entry.parameters or entry.arguments, strict=False):
        optional = argument in ends and argument != POSITION
        kind = "Sequence[Any]" if argument in lists else "Any"
        parameters.append(f"{name}: {kind}{' | None = ...' if optional else ''}")
    is_list = len(parameters) < len(entry.arguments)
    result = "list[Any]" if is_list else "Any"
    return f"def {entry.name}({', '.join(parameters)}) -> {result}: ...\n"


def _parameters(entry: Primitive, kind: str) -> list[str]:
    return [
        f"{name}: {kind}{' = ...' if name in entry.defaults else ''}" for name in entry.arguments
    ]


def main() -> None:
    """Write the stubs that are out of date."""
    texts = stubs()
    for name in stale(texts):
        files.write(PACKAGE / name, texts[name].encode(), action="write the stubs")


if __name__ == "__main__":
    main()
