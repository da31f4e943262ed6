"""Take programs elsewhere: ``step.to(kind)`` of what `autograd.compile` and `lift` return."""

from autograd.compiler.form import EXPORTERS
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
