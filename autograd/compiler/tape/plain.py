"""The tape in plain Python, and what a program must be for either tape."""

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from autograd.compiler.tracing.scalar_ir import ScalarProgram
from autograd.engine.pullbacks import float_vjp
from autograd.errors import shown
from autograd.functions.reductions import compiled, split
from autograd.primitives import CONSTANT, LEAF, TABLE
from autograd.rules.backends import FLOATS, define, execute, local_derivatives
from autograd.rules.parsing import for_floats

MANY = 2**31 - 1  # a list may be of any length
Numbers = NDArray[np.float64]
Rule = Callable[[Sequence[float]], float]
Derivatives = Callable[[Sequence[float], float], Sequence[float]]
Flows = Callable[[Sequence[float], float, float], Sequence[float]]


class Step(NamedTuple):
    """One node that is computed: its rules and its inputs' positions."""

    node: int
    indexed: bool
    rule: Rule
    derivatives: Derivatives
    flows: Flows | None
    inputs: list[int]


class PlainTape:
    """Replay a program forward and backward with Python's floats."""

    def __init__(self, program: ScalarProgram, output: int) -> None:
        check(program, output)
        self.program, self.output = program, output
        self._steps = tuple(_steps(program))

    def run(self, numbers: Numbers) -> float:
        """Fill in all results from the leaves and constants; return the output's number.

        Raises IndexError where an operation that selects gets a number that is no position.
        """
        _expect("numbers", numbers, self.program)
        found = numbers.tolist()
        for node, indexed, rule, _, _, inputs in self._steps:
            xs = [found[k] for k in inputs]
            if indexed and not _is_position(xs[-1], len(xs) - 1):
                raise refusal(self.program, node, found)
            found[node] = rule(xs)
        numbers[:] = found
        return float(numbers[self.output])

    def backward(self, numbers: Numbers, grads: Numbers) -> None:
        """Compute all gradients of the output from the numbers of the last run."""
        _expect("numbers", numbers, self.program)
        _expect("grads", grads, self.program)
        found, live = numbers.tolist(), self.program.live.tolist()
        flows = [0.0] * len(found)
        flows[self.output] = 1.0 if live[self.output] else 0.0
        for node, indexed, _, derivatives, gated, inputs in reversed(self._steps):
            if g := flows[node]:
                xs = [found[k] for k in inputs]
                if indexed and not _is_position(xs[-1], len(xs) - 1):
                    raise refusal(self.program, node, found)
                z = found[node]
                ds, g = (gated(xs, z, g), 1.0) if gated else (derivatives(xs, z), g)
                for k, d in zip(inputs, ds, strict=True):
                    if d and live[k]:
                        flows[k] += g * d
        grads[:] = flows

    def value_and_grad(self, numbers: Numbers, grads: Numbers) -> float:
        """Run forward and backward; return the output's number."""
        value = self.run(numbers)
        self.backward(numbers, grads)
        return value


def rules(op: str) -> tuple[Rule, Derivatives]:
    """Return an operation's rule and that of its local derivatives, as functions of all inputs.

    >>> rule, derivatives = rules("mul")
    >>> rule([2.0, 3.0]), derivatives([2.0, 3.0], 6.0)
    (6.0, [3.0, 2.0])
    """
    if TABLE[op].variadic:
        value, slopes = compiled(TABLE[op])
        return (
            lambda xs: float(value(*split(op, xs))),
            lambda xs, z: [float(d) for d in slopes(*split(op, xs), z)[: len(xs)]],
        )
    return _compiled(op, TABLE[op].rule, TABLE[op].partials)


@cache
def _compiled(
    op: str,
    rule: str,
    partials: tuple[str, ...],  # noqa: ARG001 - tells two of one name apart
) -> tuple[Rule, Derivatives]:
    entry = TABLE[op]
    source = define(op, entry.arguments, for_floats(rule, op))
    forward = execute(source, f"{op} of the tape", FLOATS)[op]
    derivatives = local_derivatives(entry, FLOATS, "floats")
    return (
        lambda xs: float(forward(*xs)),
        lambda xs, z: [float(derivative(*xs, z)) for derivative in derivatives],
    )


def gate(op: str) -> Flows | None:
    """Return what flows back, where that is no multiple of the incoming gradient."""
    return float_vjp(op) if TABLE[op].vjps else None


def check(program: ScalarProgram, output: int) -> None:
    """Refuse a program that is none.

    Raises ValueError where the arrays do not fit together: the compiled tape trusts them.
    """
    size = len(program.codes)
    counts = np.diff(program.starts)
    if not (
        len(counts) == len(program.numbers) == len(program.live) == size
        and program.starts[0] == 0
        and program.starts[-1] == len(program.inputs)
        and (counts >= 0).all()
        and (program.inputs >= 0).all()
        and (program.inputs < np.repeat(np.arange(size), counts)).all()
    ):
        raise ValueError(f"got a program of {size} nodes whose inputs are not earlier nodes")
    if not 0 <= output < size:
        raise ValueError(f"got output {output}; allowed are the nodes 0 to {size - 1}")
    least, most = arities(program)
    kinds = program.codes
    wrong = np.flatnonzero((counts < least[kinds]) | (counts > most[kinds]))
    if wrong.size:
        node = int(wrong[0])
        op = program.operations[kinds[node]]
        raise ValueError(f"node {node}: got {counts[node]} inputs for {op}")


def arities(program: ScalarProgram) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return the least and the largest number of inputs of each operation of a program."""
    least, most = zip(*map(_arity, program.operations), strict=True)
    return np.array(least, np.int32), np.array(most, np.int32)


@cache
def _arity(op: str) -> tuple[int, int]:
    """Return the least and the largest number of inputs."""
    if op in {LEAF, CONSTANT}:
        return 0, 0
    arguments = TABLE[op].arguments
    if TABLE[op].variadic:
        return 1 + ("k" in arguments), MANY
    return len(arguments), len(arguments)


def refusal(program: ScalarProgram, node: int, numbers: Sequence[float]) -> IndexError:
    """Say which index is none, and which are."""
    begin, end = program.starts[node], program.starts[node + 1]
    got, count = numbers[program.inputs[end - 1]], end - begin - 1
    return IndexError(
        f"{program.ops[node]}: got index {float(got)!r} for {count} numbers (node {node} of the "
        f"program); allowed are the whole numbers 0 to {count - 1}"
    )


def _steps(program: ScalarProgram) -> Iterator[Step]:
    starts, inputs = program.starts.tolist(), program.inputs.tolist()
    for node, op in enumerate(program.ops):
        if op not in {LEAF, CONSTANT}:
            indexed = TABLE[op].arguments == ("xs", "k")
            edges = inputs[starts[node] : starts[node + 1]]
            yield Step(node, indexed, *rules(op), gate(op), edges)


def _is_position(k: float, count: int) -> bool:
    return 0 <= k < count and k == int(k)


def _expect(name: str, array: Numbers, program: ScalarProgram) -> None:
    size = len(program.codes)
    if not (
        isinstance(array, np.ndarray)
        and array.dtype == np.float64
        and array.shape == (size,)
        and array.flags.c_contiguous
        and array.flags.writeable
    ):
        raise TypeError(
            f"{name}: got {shown(array)}; allowed is a writable array of {size} float64, one a node"
        )
