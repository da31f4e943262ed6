"""The tape: replay a traced scalar program node by node over flat arrays, forward and backward.

For small, thin and irregular programs, where array calls would cost more than they save. Values and
gradients are the eager engine's, bit by bit: the same rules, the same sums in the same order.
The compiled tape touches no Python object a node; where the install has none, plain Python serves.

>>> import numpy as np
>>> from autograd.compiler.tracing.scalar_ir import ScalarProgram
>>> edges = np.array([0, 0, 0, 2], "i4"), np.array([0, 1], "i4")
>>> program = ScalarProgram.of(["leaf", "leaf", "mul"], *edges, np.zeros(3), np.ones(3, bool))
>>> tape, numbers, grads = Tape(program, 2), np.array([2.0, 3.0, 0.0]), np.zeros(3)
>>> tape.run(numbers)
6.0
>>> tape.backward(numbers, grads); grads
array([3., 2., 1.])
"""

from typing import TYPE_CHECKING

from autograd.kernels.selection import kernel, missing

__all__ = ["COMPILED", "Tape"]
COMPILED = kernel == "native" and not missing("autograd.kernels.cython._tape")

if TYPE_CHECKING or not COMPILED:
    from autograd.compiler.tape.plain import PlainTape as Tape
else:
    from autograd.compiler.tape.compiled import CompiledTape as Tape
