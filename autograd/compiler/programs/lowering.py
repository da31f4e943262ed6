"""Lower a trace to NumPy: group, name, order the lines, write them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from autograd.compiler.ir.lowering import Plan, array_program
from autograd.compiler.ir.numpy_source import numpy_source
from autograd.compiler.layout.buffers import UNLABELLED, Buffers, Operand
from autograd.compiler.layout.names import name_parameters
from autograd.compiler.layout.parameter_arrays import blocks_of
from autograd.compiler.layout.views import PADDING, Array, Ids
from autograd.compiler.programs.program import Labels, Program
from autograd.compiler.tracing.leaves import placed_label
from autograd.compiler.tracing.scalar_ir import ScalarProgram
from autograd.compiler.tracing.trace import Guard, Trace
from autograd.compiler.vectorize.canonicalize import CanonicalProgram, canonicalize
from autograd.compiler.vectorize.instructions import Instruction, TooManyError, lower
from autograd.primitives import CONSTANT, LEAF, TABLE


@dataclass(frozen=True)
class Argument:
    """An array that the program is given: the leaves that it had in the trace."""

    name: str
    ids: Ids
    sample: bool


def lift(
    trace: Trace,
    arguments: Sequence[Argument] = (),
    reduce: str = "",
    *,
    gradients: bool = True,
    exact: bool = False,
    most: int | None = None,
    outputs: Sequence[Ids] | None = None,
) -> Program:
    """Lower a trace to NumPy; one that needs more than ``most`` instructions stays scalar."""
    scalars = trace.scalars
    guards = tuple(guard for guard in trace.guards if _varies(scalars, guard))
    results = [trace.result] if outputs is None else trace.outputs
    normal = canonicalize(scalars, results, [i for guard in guards for i in (guard.x, guard.y)])
    store = _store(trace, normal, arguments)
    try:
        instructions = lower(normal, store, most)
    except TooManyError:
        found = _unlowered(trace, guards, arguments, reduce, gradients=gradients)
        return replace(found, outputs=_returned(outputs, normal, store.sample))

    def read(node: int) -> Operand:
        return store.operand(np.array(normal.same.get(node, node)), "", 0.0)

    root = store.root(normal.same.get(results[0], results[0]))
    returned = _returned(outputs, normal, store.sample)
    read_outputs = None if returned is None else [_read(a, normal, store) for a in returned]
    pairs = [(read(guard.x), guard.sign, read(guard.y)) for guard in guards]
    _name(instructions, store)
    given = [a for a in store.arrays if a.kind in {"parameter", "argument"}]
    live = {
        a
        for a in store.arrays
        if a.kind != "constant" and scalars.live[a.ids[a.ids != PADDING]].any()
    }
    wanted = [a for a in given if gradients and a in live]
    equations = array_program(
        Plan(instructions, store, root, reduce, wanted, live, pairs, exact, read_outputs)
    )
    source = numpy_source(equations)
    return Program(
        scalars, trace.result, reduce, tuple(instructions), tuple(given), tuple(wanted), guards,
        equations, source, dict(store.kept), normal.same, _labels(trace, arguments), returned,
    )  # fmt: skip


def _returned(
    outputs: Sequence[Ids] | None, normal: CanonicalProgram, sample: Any
) -> tuple[Array, ...] | None:
    """Describe the results of a program that is run forward only."""
    if outputs is None:
        return None
    return tuple(
        Array("", ids, any(bool(sample[normal.same.get(i, i)]) for i in ids.ravel().tolist()))
        for ids in outputs
    )


def _read(array: Array, normal: CanonicalProgram, store: Buffers) -> tuple[Operand, str]:
    """Find how to read a result, one letter an axis of it."""
    ids, axes = array.ids, "abcdefghij"[: array.ids.ndim]
    if not ids.size:
        return Operand(None, ""), axes
    same = normal.same
    found = np.array([same.get(i, i) for i in ids.ravel().tolist()]).reshape(ids.shape)
    operand = store.operand(found, axes, 0.0, column=array.sample)
    return operand, axes + "n" * array.sample


def _unlowered(
    trace: Trace,
    guards: tuple[Guard, ...],
    arguments: Sequence[Argument],
    reduce: str,
    *,
    gradients: bool,
) -> Program:
    """Describe a program that only the tape runs: its arrays, and no instructions."""
    scalars = trace.scalars
    arrays = [Array(a.name, a.ids, a.sample, "argument") for a in arguments]
    taken = {int(i) for array in arrays for i in array.ids.ravel()}
    loose = [i for i, op in enumerate(scalars.ops) if op == LEAF and i not in taken]
    if loose:
        arrays.append(Array(UNLABELLED, np.array(loose), kind="parameter"))
    wanted = [a for a in arrays if gradients and a.ids.size and scalars.live[a.ids].any()]
    text = (
        f"# {len(scalars.ops):,} nodes, too irregular for a short NumPy program: replayed one by "
        "one (engine='numpy' writes the long one)\n"
    )
    return Program(
        scalars, trace.result, reduce, (), tuple(arrays), tuple(wanted), guards, None, text, {}, {},
        _labels(trace, arguments),
    )  # fmt: skip


def _labels(trace: Trace, arguments: Sequence[Argument]) -> Labels:
    """Keep the labels that the arguments' names and places do not give: a million would be long."""
    found = {i: label for i, label in trace.labels.items() if label}
    for argument in arguments:
        for place, node in np.ndenumerate(argument.ids):
            if found.get(int(node)) == placed_label(argument.name, place):
                del found[int(node)]
    return Labels(np.array(list(found), np.int32), tuple(found.values()))


def _varies(scalars: ScalarProgram, guard: Guard) -> bool:
    """Whether a comparison can come out differently: not if it is between constants."""
    return not (scalars.ops[guard.x] == CONSTANT and scalars.ops[guard.y] == CONSTANT)


def _store(trace: Trace, normal: CanonicalProgram, arguments: Sequence[Argument]) -> Buffers:
    """Place what the program is given; parameters wait for their first use."""
    scalars = trace.scalars
    constants = np.zeros(len(scalars.ops) + 1, dtype=bool)
    constants[sorted(normal.constants)] = True
    store = Buffers(scalars.numbers, constants, _samples(scalars, normal, arguments))
    for argument in arguments:
        store.add(Array(argument.name, argument.ids, argument.sample, "argument"))
    leaves = [
        (i, trace.labels.get(i))
        for i in normal.order
        if scalars.ops[i] == LEAF and store.where[i] == PADDING
    ]
    for block in blocks_of(leaves):
        store.blocks.update(dict.fromkeys(block.ids.ravel().tolist(), block))
    return store


def _samples(
    scalars: ScalarProgram, normal: CanonicalProgram, arguments: Sequence[Argument]
) -> Any:
    """Tell which nodes differ from sample to sample."""
    sample = np.zeros(len(scalars.ops) + 1, dtype=bool)
    for argument in arguments:
        if argument.sample:
            sample[argument.ids] = True
    if sample.any():
        flags = sample.tolist()
        for i in normal.order:
            flags[i] = flags[i] or any(flags[j] for j in normal.operands(i))
        sample = np.array(flags)
    return sample


def _name(instructions: Sequence[Instruction], store: Buffers) -> None:
    """Name results: Z for products, A for what one function makes of such, T for others."""
    taken = name_parameters(store.arrays, store.kept)
    products = others = 0
    for step in instructions:
        source = step.operands[0].array if len(step.operands) == 1 else None
        if step.is_product:
            products += 1
            name = f"Z{products}"
        elif source is not None and source.name.startswith("Z") and not TABLE[step.op].variadic:
            name = f"A{source.name[1:]}"
        else:
            others += 1
            name = f"T{others}"
        while name in taken:
            others += 1
            name = f"T{others}"
        taken.add(name)
        step.out.name = name
