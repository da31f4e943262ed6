"""`Value` and what makes nodes, from the kernel that serves.

Both kernels offer the same names with one behaviour; everything above this floor imports them from
here. Type checkers read the plain one.
"""

from typing import TYPE_CHECKING

from autograd.kernels import kernel
from autograd.later import set_sweep

if TYPE_CHECKING or kernel == "python":
    from autograd.plain.backprop import sweep
    from autograd.plain.parts import (
        APPLY,
        LISTS,
        NODE,
        Recorder,
        attach,
        gather,
        nodes_of,
        scatter,
        set_call,
        unattach,
    )
    from autograd.plain.value import Value, constant, loaded, operand, restore, watched
else:
    from autograd.native._kernel import (
        APPLY,
        LISTS,
        NODE,
        Recorder,
        Value,
        attach,
        constant,
        gather,
        loaded,
        nodes_of,
        operand,
        restore,
        scatter,
        set_call,
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
    "gather",
    "loaded",
    "nodes_of",
    "operand",
    "restore",
    "scatter",
    "set_call",
    "sweep",
    "unattach",
    "watched",
]

set_sweep(sweep)
