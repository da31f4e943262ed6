"""Lower a trace to NumPy: group, name, order the lines, write them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from autograd.compiler.ir.lowering import Plan, array_program
from autograd.compiler.ir.numpy_source import numpy_source
from autograd.compiler.layout.buffers import UNLABELLED, Buffers, Operand
from autograd.compiler.layout.names import name_parameters
from autograd.compiler.layout.parameter_arrays import blocks_of
from autograd.compiler.layout.views import PADDING, Array, Ids
from autograd.compiler.programs.program import DeferredProgram, Labels, Program
from autograd.compiler.tracing.leaves import placed_label
from autograd.compiler.tracing.scalar_ir import ScalarProgram
from autograd.compiler.tracing.trace import Guard, Trace
from autograd.compiler.vectorize.canonicalize import CanonicalProgram, canonicalize, samples
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
    deferred: Callable[[CanonicalProgram], bool] | None = None,
) -> Program:
    """Lower a trace to NumPy; one that needs more than ``most`` instructions stays scalar.

    ``deferred`` tells of a canonical program whether it is to be lowered only when its text is
    asked for. Its parameters' arrays are found on the way, so it must have none.
    """
    scalars = trace.scalars
    guards = varying(trace)
    arrays = [Array(a.name, a.ids, a.sample, "argument") for a in arguments]
    bare = _bare(trace, guards, arrays, reduce, gradients=gradients)
    results = [trace.result] if outputs is None else trace.outputs
    compared = [i for guard in guards for i in (guard.x, guard.y)]
    normal = canonicalize(scalars, results, compared)
    lowering = _Lowering(bare, arrays, results, outputs, trace.labels, gradients, exact, most)
    if deferred is None or outputs is not None or len(bare.arrays) > len(arrays):
        return lowering.run(normal)
    if not deferred(normal):
        return lowering.run(normal)
    later = replace(lowering, labels={})
    # what is canonical is found again: it is as large as the program
    return DeferredProgram(bare, lambda: later.run(canonicalize(scalars, results, compared)))


@dataclass(frozen=True)
class _Lowering:
    """What is to be lowered: a program without instructions, and how it is to be read.

    ``labels`` are those of parameters.
    """

    bare: Program
    arrays: Sequence[Array]
    results: Sequence[int]
    outputs: Sequence[Ids] | None
    labels: Mapping[int, str | None]
    gradients: bool
    exact: bool
    most: int | None

    def run(self, normal: CanonicalProgram) -> Program:
        """Return the program with its instructions; without, where these are too many."""
        bare, scalars = self.bare, self.bare.scalars
        store = _store(scalars, self.labels, normal, self.arrays)
        returned = _returned(self.outputs, normal, store.sample)
        try:
            instructions = lower(normal, store, self.most)
        except TooManyError:
            return replace(bare, outputs=returned)

        def read(node: int) -> Operand:
            return store.operand(np.array(normal.same[node], np.int64), "", 0.0)

        root = store.root(int(normal.same[self.results[0]]))
        read_outputs = None if returned is None else [_read(a, normal, store) for a in returned]
        pairs = [(read(guard.x), guard.sign, read(guard.y)) for guard in bare.guards]
        _name(instructions, store)
        given = [a for a in store.arrays if a.kind in {"parameter", "argument"}]
        live = {
            a
            for a in store.arrays
            if a.kind != "constant" and scalars.live[a.ids[a.ids != PADDING]].any()
        }
        wanted = [a for a in given if self.gradients and a in live]
        equations = array_program(
            Plan(
                instructions, store, root, bare.reduce, wanted, live, pairs, self.exact,
                read_outputs,
            )
        )  # fmt: skip
        return replace(
            bare, instructions=tuple(instructions), arrays=tuple(given), wanted=tuple(wanted),
            equations=equations, source=numpy_source(equations), kept=dict(store.kept),
            same=normal.same, outputs=returned,
        )  # fmt: skip


def _returned(
    outputs: Sequence[Ids] | None, normal: CanonicalProgram, sample: Any
) -> tuple[Array, ...] | None:
    """Describe the results of a program that is run forward only."""
    if outputs is None:
        return None
    return tuple(Array("", ids, bool(sample[normal.same[ids.ravel()]].any())) for ids in outputs)


def _read(array: Array, normal: CanonicalProgram, store: Buffers) -> tuple[Operand, str]:
    """Find how to read a result, one letter an axis of it."""
    ids, axes = array.ids, "abcdefghij"[: array.ids.ndim]
    if not ids.size:
        return Operand(None, ""), axes
    found = normal.same[ids].astype(np.int64)
    operand = store.operand(found, axes, 0.0, column=array.sample)
    return operand, axes + "n" * array.sample


def _bare(
    trace: Trace,
    guards: tuple[Guard, ...],
    arguments: Sequence[Array],
    reduce: str,
    *,
    gradients: bool,
) -> Program:
    """Describe a program that only the tape runs: its arrays, and no instructions."""
    scalars = trace.scalars
    leaf = np.array([op == LEAF for op in scalars.operations], np.bool_)[scalars.codes]
    for array in arguments:
        leaf[array.ids] = False
    arrays = list(arguments)
    if leaf.any():
        arrays.append(Array(UNLABELLED, np.flatnonzero(leaf), kind="parameter"))
    wanted = [a for a in arrays if gradients and a.ids.size and scalars.live[a.ids].any()]
    text = (
        f"# {len(scalars.codes):,} nodes, too irregular for a short NumPy program: replayed one by "
        "one (engine='numpy' writes the long one)\n"
    )
    return Program(
        scalars, trace.result, reduce, (), tuple(arrays), tuple(wanted), guards, None, text, {},
        labels=_labels(trace, arguments),
    )  # fmt: skip


def _labels(trace: Trace, arguments: Sequence[Array]) -> Labels:
    """Keep the labels that the arguments' names and places do not give: a million would be long."""
    found = {i: label for i, label in trace.labels.items() if label}
    for argument in arguments:
        for place, node in np.ndenumerate(argument.ids):
            if found.get(int(node)) == placed_label(argument.name, place):
                del found[int(node)]
    return Labels(np.array(list(found), np.int32), tuple(found.values()))


def varying(trace: Trace) -> tuple[Guard, ...]:
    """Return the comparisons that can come out differently: not those between constants."""
    ops = trace.scalars.ops
    return tuple([g for g in trace.guards if {ops[g.x], ops[g.y]} != {CONSTANT}])


def _store(
    scalars: ScalarProgram,
    labels: Mapping[int, str | None],
    normal: CanonicalProgram,
    arguments: Sequence[Array],
) -> Buffers:
    """Place what the program is given; parameters wait for their first use."""
    sample = np.zeros(len(scalars.codes) + 1, np.bool_)
    for array in arguments:
        if array.sample:
            sample[array.ids] = True
    if sample.any():
        sample = samples(normal, sample)
    store = Buffers(scalars.numbers, np.append(normal.constants, False), sample)
    for array in arguments:
        store.add(array)
    leaf = np.array([op == LEAF for op in scalars.operations], np.bool_)[scalars.codes]
    loose = normal.order[leaf[normal.order] & (store.where[normal.order] == PADDING)]
    for block in blocks_of((i, labels.get(i)) for i in loose.tolist()):
        store.blocks.update(dict.fromkeys(block.ids.ravel().tolist(), block))
    return store


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
