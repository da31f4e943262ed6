"""The scalar IR: a traced program as flat arrays, which the tape runs and the passes read."""

from collections.abc import Container, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class ScalarProgram:
    """A traced scalar program: node i computes an operation of earlier nodes; pure data.

    ``operations[codes[i]]`` is the operation of node i: a name of the table, ``"leaf"`` or
    ``"constant"``. Its inputs are ``inputs[starts[i]:starts[i + 1]]``, in order, with repetitions.
    ``numbers`` has every node's number when it was traced; constants keep theirs. ``live`` tells
    which nodes require a gradient: constants and unwanted leaves do not, nor does what depends on
    nothing else.
    """

    operations: tuple[str, ...]
    codes: NDArray[np.int16]
    starts: NDArray[np.int32]
    inputs: NDArray[np.int32]
    numbers: NDArray[np.float64]
    live: NDArray[np.bool_]

    @cached_property
    def ops(self) -> tuple[str, ...]:
        """Each node's operation by name."""
        return tuple([self.operations[code] for code in self.codes.tolist()])

    def is_among(self, names: Container[str]) -> NDArray[np.bool_]:
        """Tell for each node whether its operation is among the names."""
        chosen = np.array([op in names for op in self.operations], np.bool_)
        return chosen.take(self.codes)  # half the time of chosen[codes]

    def __str__(self) -> str:
        """Print a line a node: its number, operation, inputs and number, for debugging."""
        starts, inputs = self.starts.tolist(), self.inputs.tolist()
        rows = zip(self.ops, starts, starts[1:], self.numbers.tolist(), strict=False)
        return "\n".join(
            f"{i}: {op}{tuple(inputs[a:b]) if a < b else ''} = {number:g}"
            for i, (op, a, b, number) in enumerate(rows)
        )

    @classmethod
    def of(
        cls,
        ops: Sequence[str],
        starts: NDArray[np.int32],
        inputs: NDArray[np.int32],
        numbers: NDArray[np.float64],
        live: NDArray[np.bool_],
    ) -> "ScalarProgram":
        """Make a program of each node's operation by name.

        >>> edges = np.array([0, 0, 0, 2], "i4"), np.array([0, 1], "i4")
        >>> ops = ["leaf", "leaf", "mul"]
        >>> program = ScalarProgram.of(ops, *edges, np.zeros(3), np.ones(3, bool))
        >>> program.operations, program.codes
        (('leaf', 'mul'), array([0, 0, 1], dtype=int16))
        """
        index = {op: code for code, op in enumerate(dict.fromkeys(ops))}
        codes = np.fromiter(map(index.__getitem__, ops), np.int16, len(ops))
        return cls(tuple(index), codes, starts, inputs, numbers, live)
