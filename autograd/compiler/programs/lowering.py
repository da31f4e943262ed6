"""Lower a trace to NumPy: group, name, order the lines, write them."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from autograd.compiler.ir.lowering import array_program
from autograd.compiler.layout.buffers import UNLABELLED, Buffers, Operand
from autograd.compiler.layout.parameter_arrays import blocks_of
from autograd.compiler.layout.views import PADDING, Array, Ids
from autograd.compiler.programs.program import Program
from autograd.compiler.runtime.naming import unique
from autograd.compiler.tracing.labels import ALONE, Labels
from autograd.compiler.tracing.leaves import placed_labels
from autograd.compiler.tracing.trace import Guard, Trace
from autograd.compiler.vectorize.canonicalize import CanonicalProgram, canonicalize, samples
from autograd.compiler.vectorize.instructions import Instruction, lower
from autograd.primitives import CONSTANT, LEAF, TABLE


def scalar_program(
    trace: Trace,
    arguments: Sequence[Array] = (),
    reduce: str = "",
    *,
    gradients: bool = True,
    outputs: Sequence[Ids] | None = None,
) -> Program:
    """Describe a trace as the tape runs it: its arrays, and no instructions.

    ``arguments`` are the arrays that it is given, of the leaves that they had in the trace.
    """
    scalars = trace.scalars
    is_loose = scalars.is_among({LEAF})
    for array in arguments:
        is_loose[array.ids.astype(np.int64)] = False
    labels = _labels(trace, arguments)
    arrays = [*arguments, *_parameters(np.flatnonzero(is_loose), labels, arguments)]
    wanted = [a for a in arrays if gradients and a.ids.size and scalars.live[a.ids].any()]
    program = Program(
        scalars, trace.result, reduce, (), tuple(arrays), tuple(wanted), varying(trace), None,
        {}, np.zeros(0, np.int32), labels,
        None if outputs is None else tuple([Array("", ids) for ids in outputs]),
    )  # fmt: skip
    if not outputs or not any(argument.sample for argument in arguments):
        return program
    normal = canonical(program)
    sample = differing(normal, arrays)
    return replace(program, outputs=tuple([
        Array("", ids, bool(sample[normal.same[ids.astype(np.int64)]].any())) for ids in outputs
    ]))  # fmt: skip


def _parameters(loose: Ids, labels: Labels, arguments: Sequence[Array]) -> list[Array]:
    """Make arrays of a program's parameters: those that labels name, and one of all others."""
    found = blocks_of(labels.among(loose))
    named = np.concatenate([loose[:0], *(array.ids.ravel() for array in found)])
    if len(named) < len(loose):
        rest = loose[~np.isin(loose, named)]
        found.append(
            Array(UNLABELLED, rest if len(rest) > 1 else rest.reshape(()), kind="parameter")
        )
    _name_parameters([*arguments, *found], {})
    return found


def canonical(program: Program) -> CanonicalProgram:
    """Canonicalize a program for its results and its comparisons."""
    compared = [i for guard in program.guards for i in (guard.x, guard.y)]
    return canonicalize(program.scalars, results(program), compared)


def results(program: Program) -> list[int]:
    """Return the nodes that a program returns."""
    outputs = [i for array in program.outputs or () for i in array.ids.ravel().tolist()]
    return outputs or [program.result]


def lower_program(
    program: Program, *, exact: bool = False, normal: CanonicalProgram | None = None
) -> Program:
    """Lower a scalar program to NumPy; ``normal`` is its canonical form, if it is known."""
    scalars, guards = program.scalars, program.guards
    normal = normal or canonical(program)
    store = _store(program, normal)
    instructions = lower(normal, store)

    def read(node: int) -> Operand:
        return store.operand(np.array(normal.same[node], np.int64), "", 0.0)

    root = store.root(int(normal.same[results(program)[0]]))
    returned = program.outputs
    read_outputs = None if returned is None else [_read(a, normal, store) for a in returned]
    pairs = [(read(guard.x), guard.sign, read(guard.y)) for guard in guards]
    _name(instructions, store)
    given = [a for a in store.arrays if a.kind in {"parameter", "argument"}]
    live = {
        a
        for a in store.arrays
        if a.kind != "constant" and scalars.live[a.ids[a.ids != PADDING]].any()
    }
    wanted = [a for a in given if program.wanted and a in live]
    equations = array_program(
        instructions, store, root, program.reduce, wanted, live, pairs, read_outputs, exact=exact
    )
    return replace(
        program, instructions=tuple(instructions), arrays=tuple(given), wanted=tuple(wanted),
        equations=equations, kept=dict(store.kept),
        same=normal.same,
    )  # fmt: skip


def _read(array: Array, normal: CanonicalProgram, store: Buffers) -> tuple[Operand, str]:
    """Find how to read a result, one letter an axis of it."""
    ids, axes = array.ids, "abcdefghij"[: array.ids.ndim]
    if not ids.size:
        return Operand(None, ""), axes
    operand = store.operand(normal.same[ids].astype(np.int64), axes, 0.0, column=array.sample)
    return operand, axes + "n" * array.sample


def _labels(trace: Trace, arguments: Sequence[Array]) -> Labels:
    """Keep the labels that the arguments' names and places do not give: a million would be long."""
    labels = trace.labels
    is_empty = np.array([not text for text in labels.texts], np.bool_)
    wanted = (labels.places != ALONE) | ~is_empty[labels.numbers]
    given: dict[int, str] = {}
    for argument in arguments:
        texts = placed_labels(argument.name, argument.ids.shape)
        given.update(zip(argument.ids.ravel().tolist(), texts, strict=True))
    if given:
        own = labels.among(np.array(list(given), np.int32)).by_node()
        implied = [node for node, text in own.items() if given[node] == text]
        wanted &= ~np.isin(labels.nodes, implied)
    return labels.chosen(wanted).compact()


def varying(trace: Trace) -> tuple[Guard, ...]:
    """Return the comparisons that can come out differently: not those between constants."""
    codes = trace.scalars.codes
    fixed: list[bool] = [op == CONSTANT for op in trace.scalars.operations]
    return tuple([g for g in trace.guards if not (fixed[codes[g.x]] and fixed[codes[g.y]])])


def _store(program: Program, normal: CanonicalProgram) -> Buffers:
    """Place what the program is given; parameters wait for their first use."""
    constants = np.append(normal.constants, False)
    arguments = [array for array in program.arrays if array.kind == "argument"]
    store = Buffers(program.scalars.numbers, constants, differing(normal, arguments))
    for array in arguments:
        store.add(array)
    loose = normal.order[program.scalars.is_among({LEAF})[normal.order]]
    loose = loose[store.where[loose] == PADDING]
    for block in blocks_of(program.labels.among(loose)):
        store.expect(block)
    return store


def differing(normal: CanonicalProgram, arguments: Sequence[Array]) -> Any:
    """Tell which nodes differ from sample to sample."""
    sample = np.zeros(len(normal.same) + 1, np.bool_)
    for argument in arguments:
        if argument.sample:
            sample[argument.ids] = True
    return samples(normal, sample) if sample.any() else sample


def _name_parameters(arrays: Sequence[Array], kept: Iterable[str]) -> set[str]:
    """Give each parameter a name of its own; return all names that are given or kept."""
    parameters = [array for array in arrays if array.kind == "parameter"]
    count = Counter(array.name for array in parameters)
    number: Counter[str] = Counter()
    for array in parameters:  # two may have one label
        stem = array.name
        number[stem] += 1
        if count[stem] > 1:
            array.name = f"{stem}_{number[stem]}"
    given = {array.name for array in arrays if array.kind == "argument"}
    for array in parameters:
        array.name = unique(array.name, given)
    return given | set(kept)


def _name(instructions: Sequence[Instruction], store: Buffers) -> None:
    """Name results: Z for products, A for what one function makes of such, T for others."""
    taken = _name_parameters(store.arrays, store.kept)
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
