"""Select the kernel: the compiled one if it is installed, else the plain one.

The environment variable ``AUTOGRAD_KERNEL`` (``python`` or ``native``) overrides the selection.
"""

import importlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from autograd._checks import error_text
from autograd.errors import list_of
from autograd.primitives import table_digest, text_digest

REASON = Path(__file__).parent / "cython" / "reason.txt"


class KernelInfo(NamedTuple):
    """The kernel in use, those that are available, and why there is no compiled one."""

    kernel: str
    available: tuple[str, ...]
    reason: str


def missing(
    module: str = "autograd.kernels.cython._kernel", reason: Path = REASON, text: Path | None = None
) -> str:
    """Return why the compiled kernel cannot be used; an empty string if it can.

    A kernel that was built from another table is not used: it would compute by that table's rules.
    Nor is a module that was compiled from a Python file, ``text``, which has changed since.

    >>> missing("autograd.kernels.cython._no_such_kernel", Path("no_such_file"))
    "ModuleNotFoundError: No module named 'autograd.kernels.cython._no_such_kernel'"
    """
    try:
        built = importlib.import_module(module)
    except ImportError as error:
        if reason.is_file():
            return f"the build failed: {reason.read_text(encoding='utf-8')}"
        return f"{type(error).__name__}: {error}"
    if getattr(built, "TABLE_DIGEST", 0) != table_digest():
        return "it was built from another table of primitives; build it again: pip install -e ."
    if text is not None and getattr(built, "TEXT_DIGEST", 0) != text_digest(text):
        return f"it was built from another {text.name}; build it again: pip install -e ."
    return ""


def chosen(variable: str, available: Sequence[str], reason: str = "") -> str:
    """Return what an environment variable names, by default the first that is available.

    >>> os.environ["NAME"] = "python"
    >>> chosen("NAME", ("native", "python")), chosen("NO_SUCH_NAME", ("native", "python"))
    ('python', 'native')
    >>> chosen("NAME", ("native",), "no reason")
    Traceback (most recent call last):
    ImportError: NAME: got a str ('python'); allowed: 'native'; no reason; unset it
    """
    wish = os.environ.get(variable)
    if not wish:
        return available[0]
    if wish not in available:
        hint = f"{reason}; unset it" if reason else "unset it"
        raise ImportError(error_text(variable, wish, list_of(map(repr, available)), hint))
    return wish


def kernel_info() -> KernelInfo:
    """Return the kernel in use, those that are available, and why there is no compiled one.

    >>> kernel_info().kernel in kernel_info().available
    True
    """
    return KernelInfo(kernel, KERNELS, _reason)


_reason = missing()
KERNELS = ("python",) if _reason else ("native", "python")
kernel = chosen("AUTOGRAD_KERNEL", KERNELS, _reason)
