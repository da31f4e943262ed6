"""`Value` and the functions that make nodes, from the selected kernel.

Both kernels define the same names with the same behaviour; all other modules import them from here.
Type checkers read the plain kernel.
"""

from typing import TYPE_CHECKING

from autograd.kernels.selection import kernel

if TYPE_CHECKING or kernel == "python":
    from autograd.kernels.python.codegen import NODE
    from autograd.kernels.python.flat_graph import flatten, mark_live
    from autograd.kernels.python.value import (
        APPLY,
        LISTS,
        Recorder,
        Value,
        are_parameters,
        attach,
        constant,
        get_data,
        label_row,
        loaded,
        mark_traced,
        nodes_of,
        operand,
        restore,
        set_constant,
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
        are_parameters,
        attach,
        constant,
        flatten,
        get_data,
        label_row,
        loaded,
        mark_live,
        mark_traced,
        nodes_of,
        operand,
        restore,
        set_constant,
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
    "are_parameters",
    "attach",
    "constant",
    "flatten",
    "get_data",
    "label_row",
    "loaded",
    "mark_live",
    "mark_traced",
    "nodes_of",
    "operand",
    "restore",
    "set_constant",
    "set_data",
    "unattach",
    "watched",
]
