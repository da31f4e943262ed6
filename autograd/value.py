"""`Value` and the functions that make nodes, from the selected kernel.

Both kernels define the same names with the same behaviour; all other modules import them from here.
Type checkers read the plain kernel.
"""

from typing import TYPE_CHECKING

from autograd.kernels.selection import kernel

if TYPE_CHECKING or kernel == "python":
    from autograd.kernels.python.codegen import NODE
    from autograd.kernels.python.flat_graph import flatten, mark_live, mark_reached
    from autograd.kernels.python.value import (
        APPLY,
        LISTS,
        Recorder,
        Value,
        attach,
        constant,
        get_data,
        loaded,
        mark_traced,
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
        flatten,
        get_data,
        loaded,
        mark_live,
        mark_reached,
        mark_traced,
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
    "flatten",
    "get_data",
    "loaded",
    "mark_live",
    "mark_reached",
    "mark_traced",
    "nodes_of",
    "operand",
    "restore",
    "set_data",
    "unattach",
    "watched",
]
