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

from autograd.compiler.programs.program import EXPORTERS
from autograd.export.c_source import to_c
from autograd.export.jaxed import JaxProgram, to_jax
from autograd.export.latex_text import to_latex
from autograd.export.lines import ExportError
from autograd.export.numpy_file import to_numpy
from autograd.export.onnxed import to_onnx
from autograd.export.torched import to_torch

EXPORTERS.update(
    {
        "numpy": to_numpy,
        "jax": to_jax,
        "torch": to_torch,
        "onnx": to_onnx,
        "latex": to_latex,
        "c": to_c,
    }
)

__all__ = ["ExportError", "JaxProgram"]
