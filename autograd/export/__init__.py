r"""Take programs elsewhere: ``.to(kind)`` of what `autograd.compile` and `lift` return.

=========  ===================================================================  ==================
kind       what comes                                                           options
=========  ===================================================================  ==================
"numpy"    the text of a Python file that needs only NumPy                      name
"jax"      a `JaxProgram`, called as the compiled function is (extra ``jax``)   dtype
"torch"    a `torch.nn.Module` of the value (extra ``torch``)                   dtype
"onnx"     an `onnx.ModelProto` of the value (extra ``onnx``)                   dtype
"latex"    the equations, as an aligned block of LaTeX                          formula
"c"        the text of a C99 file: a function of one sample                     name
=========  ===================================================================  ==================

What is exported is the program of the last call, for arguments of its shapes. Comparisons that it
made came out in one way: where they come out differently, the NumPy file, the module and the
`JaxProgram` raise ValueError, the C function returns NAN, the model's second output is false, and
the equations state them. A program is read there under another dictionary of names (`words`), or
its lines are rewritten; what a place lacks is an `ExportError` that names it. Numbers that are not
finite are those of the place: only the engines here replay them scalar by scalar. A program that is
run forward only (``gradients=False``, or a derivative) goes wherever its result is one number;
several results, and arrays, go to "numpy", as a tuple in order, to "jax", and to "latex".
"""

import importlib
import inspect
from typing import TYPE_CHECKING, Any

from autograd._checks import one_of, unknown_keyword
from autograd._lazy import attach

if TYPE_CHECKING:
    from autograd.compiler.programs.program import CallSpec
    from autograd.export.jax import JaxProgram
    from autograd.export.lines import ExportError

__all__ = ["ExportError", "JaxProgram"]

__getattr__, __dir__ = attach(
    __name__,
    {"autograd.export.jax": ["JaxProgram"], "autograd.export.lines": ["ExportError"]},
)

TARGETS = ("numpy", "jax", "torch", "onnx", "latex", "c")  # modules: `c.py` has `to_c`


def export(form: "CallSpec", kind: str, options: dict[str, Any]) -> Any:
    """Take a program to a target, whose module is imported now."""
    target = one_of("kind", kind, TARGETS)
    function = getattr(importlib.import_module(f"autograd.export.{target}"), f"to_{target}")
    known = [name for name in inspect.signature(function).parameters if name != "form"]
    for option in options:
        if option not in known:
            raise unknown_keyword(f"to({target!r})", option, known)
    return function(form, **options)
