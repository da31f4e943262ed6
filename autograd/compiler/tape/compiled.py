"""The compiled tape: `autograd.kernels.cython._tape` replays a program without Python objects."""

import numpy as np

from autograd.compiler.tape.plain import Numbers, arities, check, gate, refusal, rules
from autograd.compiler.tracing.scalar_ir import ScalarProgram
from autograd.kernels.cython._tape import NAMES, Replay, is_program

CODES = {name: code for code, name in enumerate(NAMES)}
FOREIGN = -1  # an operation added since the build: Python's rules serve


class CompiledTape(Replay):
    """Replay a program forward and backward in C.

    Its methods are those of `PlainTape`. One tape may serve several threads at once, each with
    arrays of its own; programs of 10,000 nodes and more leave the interpreter to other threads.
    """

    def __init__(self, program: ScalarProgram, output: int) -> None:
        least, most = arities(program)
        if not (
            len(program.numbers) == len(program.live) == len(program.codes) > output >= 0
            and is_program(program.codes, program.starts, program.inputs, least, most)
        ):
            check(program, output)
        self.program, self.output = program, output
        codes = np.array([CODES.get(op, FOREIGN) for op in program.operations], np.int16)
        codes = codes.take(program.codes)
        ops = {
            k: (*rules(op), gate(op)) for k, op in enumerate(program.operations) if op not in CODES
        }
        foreign = {i: ops[program.codes[i]] for i in np.flatnonzero(codes == FOREIGN).tolist()}
        live = np.ascontiguousarray(program.live).view(np.uint8)
        super().__init__(codes, program.starts, program.inputs, live, output, foreign)

    def refused(self, node: int, numbers: Numbers) -> IndexError:
        """Say which index is none; the loops in C return its node."""
        return refusal(self.program, node, numbers.tolist())
