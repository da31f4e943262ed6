r"""Take programs elsewhere: ``.to(kind)`` of what `autograd.compile` and `lift` return.

=========  ===================================================================  ==================
kind       what comes                                                           options
=========  ===================================================================  ==================
"numpy"    the text of a Python file that needs only NumPy                      name
"jax"      a `JaxProgram`, called as the compiled function is (extra ``jax``)   dtype
"torch"    a `torch.nn.Module` of the results (extra ``torch``)                 dtype
"onnx"     an `onnx.ModelProto` of the results (extra ``onnx``)                 dtype
"latex"    the equations, as an aligned block of LaTeX                          formula
"c"        the text of a C99 file: a function of one sample                     name
=========  ===================================================================  ==================

What is exported is the program of the last call, for arguments of its shapes. Comparisons that it
made came out in one way: where they come out differently, the NumPy file, the module and the
`JaxProgram` raise ValueError, the C function returns NAN, the model's output ``holds`` is false,
and the equations state them. Each target is a module of `autograd.export.targets` that visits the
equations (`autograd.compiler.ir`); what a place lacks is an `ExportError` that names it. Numbers
that are not finite are those of the place: only the engines here replay them scalar by scalar.

A program that is run forward only (``gradients=False``, or a derivative) can have several results,
arrays, and a batch. They come in order, a batch's samples along the first axis: as a tuple, as the
model's outputs ``result_1``, ..., through the C function's last pointers (it then returns 0, or 1
where a comparison comes out differently).
"""

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from autograd._checks import one_of, unknown_keyword
from autograd._lazy import attach
from autograd.export import targets

if TYPE_CHECKING:
    from autograd.compiler.programs.program import CallSpec
    from autograd.export.program import ExportError
    from autograd.export.targets.jax import JaxProgram

__all__ = ["ExportError", "JaxProgram"]

__getattr__, __dir__ = attach(
    __name__,
    {"autograd.export.targets.jax": ["JaxProgram"], "autograd.export.program": ["ExportError"]},
)


def kinds() -> list[str]:
    """Return the targets: the modules beside each other in `autograd.export.targets`.

    >>> kinds()
    ['c', 'jax', 'latex', 'numpy', 'onnx', 'torch']
    """
    return sorted(module.name for module in pkgutil.iter_modules(targets.__path__))


def export(form: "CallSpec", kind: str, options: dict[str, Any]) -> Any:
    """Take a program to a target, whose module is imported now."""
    target = one_of("kind", kind, kinds())
    function = importlib.import_module(f"{targets.__name__}.{target}").export
    check_options(target, function, options)
    return function(form, **options)


def check_options(kind: str, function: Callable[..., Any], options: dict[str, Any]) -> None:
    """Refuse options that a function has no keyword for; ``kind`` is where the export goes.

    >>> check_options("onnx", lambda form, *, dtype: None, {"dtyp": "float32"})
    Traceback (most recent call last):
    TypeError: to('onnx'): got the keyword dtyp; allowed: dtype; did you mean 'dtype'?
    """
    parameters = inspect.signature(function).parameters.values()
    known = [each.name for each in parameters if each.kind is each.KEYWORD_ONLY]
    for option in options:
        if option not in known:
            raise unknown_keyword(f"to({kind!r})", option, known)
