"""`Value` and what makes nodes, from the kernel that serves.

Both kernels offer the same names with one behaviour; everything above this floor imports them from
here. Type checkers read the plain one.
"""

from typing import TYPE_CHECKING

from autograd.kernels.selection import kernel

if TYPE_CHECKING or kernel == "python":
    from autograd.kernels.python.codegen import NODE
    from autograd.kernels.python.value import (
        APPLY,
        LISTS,
        Recorder,
        Value,
        attach,
        constant,
        get_data,
        loaded,
        nodes_of,
        operand,
        restore,
        set_data,
        unattach,
        watched,
    )
else:
    from autograd.kernels.cython._kernel import (
        APPLY,
        LISTS,
        NODE,
        Recorder,
        Value,
        attach,
        constant,
        get_data,
        loaded,
        nodes_of,
        operand,
        restore,
        set_data,
        unattach,
        watched,
    )

__all__ = [
    "APPLY",
    "LISTS",
    "NODE",
    "Recorder",
    "Value",
    "attach",
    "constant",
    "get_data",
    "loaded",
    "nodes_of",
    "operand",
    "restore",
    "set_data",
    "unattach",
    "watched",
]
