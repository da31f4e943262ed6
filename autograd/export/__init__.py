"""Take programs elsewhere: ``step.to(kind)`` of what `autograd.compile` and `lift` return."""

from autograd.compiler.form import EXPORTERS
from autograd.export.jaxed import JaxProgram, to_jax
from autograd.export.lines import ExportError

EXPORTERS.update({"jax": to_jax})

__all__ = ["ExportError", "JaxProgram"]
