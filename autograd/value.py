"""`Value` and what makes nodes, from the kernel that serves.

Both kernels offer the same names with one behaviour; everything above this floor imports them from
here. Type checkers read the plain one.
"""

from typing import TYPE_CHECKING

from autograd.engine.pullbacks import set_sweep
from autograd.kernels.selection import kernel

if TYPE_CHECKING or kernel == "python":
    from autograd.kernels.python.backprop import sweep
    from autograd.kernels.python.parts import (
        APPLY,
        LISTS,
        NODE,
        Recorder,
        attach,
        get_data,
        nodes_of,
        set_call,
        set_data,
        unattach,
    )
    from autograd.kernels.python.value import Value, constant, loaded, operand, restore, watched
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
        set_call,
        set_data,
        sweep,
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
    "set_call",
    "set_data",
    "sweep",
    "unattach",
    "watched",
]

set_sweep(sweep)
