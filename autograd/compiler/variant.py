"""One compiled variant: a trace lowered to a NumPy program, with what it takes to run it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd.compiler import emit, runtime
from autograd.compiler.instructions import Instruction, lower
from autograd.compiler.normalise import Normal, normalise
from autograd.compiler.scalars import Scalars
from autograd.compiler.store import Store, blocks_of
from autograd.compiler.trace import Trace
from autograd.compiler.views import HOLE, Array, Ids
from autograd.ops import LEAF, TABLE
from autograd.readings import execute


@dataclass(frozen=True)
class Argument:
    """An array that the program is given: the leaves that it had in the trace."""

    name: str
    ids: Ids
    sample: bool
    wanted: bool


@dataclass(frozen=True)
class Program:
    """A program as data and as text; engines run it."""

    scalars: Scalars
    result: int
    instructions: tuple[Instruction, ...]
    arrays: tuple[Array, ...]  # parameters and arguments, in the order of the text's parameters
    wanted: tuple[Array, ...]
    source: str
    kept: dict[str, Any]

    def function(self) -> Any:
        """Compile the text."""
        names = {**runtime.FUNCTIONS, **self.kept}
        return execute(self.source, f"program {id(self):x}", names)["program"]


def lift(
    trace: Trace, arguments: Sequence[Argument] = (), reduce: str = "", *, gradients: bool = True
) -> Program:
    """Lower a trace to a NumPy program."""
    scalars = trace.scalars
    guard_nodes = [i for guard in trace.guards for i in (guard.x, guard.y)]
    normal = normalise(scalars, [trace.result, *guard_nodes])
    constants = np.zeros(len(scalars.ops) + 1, dtype=bool)
    constants[sorted(normal.constants)] = True
    store = Store(scalars.numbers, constants, _samples(scalars, arguments))
    for argument in arguments:
        store.add(Array(argument.name, argument.ids, argument.sample, "argument"))
    leaves = [
        (i, trace.nodes[i].label)
        for i in normal.order
        if scalars.ops[i] == LEAF and store.where[i] == HOLE
    ]
    for block in blocks_of(leaves):
        store.blocks.update(dict.fromkeys(block.ids.ravel().tolist(), block))
    instructions = lower(normal, store)
    find = normal.same.get
    root = store.operand(np.array(find(trace.result, trace.result)), "", 0.0)
    if reduce and "n" not in root.axes:
        reduce = ""
    guards = []
    for guard in trace.guards:
        x, y = (store.operand(np.array(find(i, i)), "", 0.0) for i in (guard.x, guard.y))
        guards.append(f"{x.text}")
    _name(instructions, store)
    given = [a for a in store.arrays if a.kind in {"parameter", "argument"}]
    live = {
        a for a in store.arrays if a.kind != "constant" and scalars.live[a.ids[a.ids != HOLE]].any()
    }
    unwanted = {argument.name for argument in arguments if not argument.wanted}
    wanted = [a for a in given if gradients and a in live and a.name not in unwanted]
    guards = [f"({store_text(store, find, guard)})" for guard in trace.guards]
    plan = emit.Plan(instructions, store, root, reduce, wanted, live, guards)
    source = str(emit.write(plan))
    return Program(
        scalars, trace.result, tuple(instructions), tuple(given), tuple(wanted), source,
        dict(store.kept),
    )  # fmt: skip


def store_text(store: Store, find: Any, guard: Any) -> str:
    """Write a guard's comparison."""
    x, y = (store.operand(np.array(find(i, i)), "", 0.0).text() for i in (guard.x, guard.y))
    return f"({x}) {guard.sign} ({y})"


def _samples(scalars: Scalars, arguments: Sequence[Argument]) -> Any:
    """Tell which nodes differ from sample to sample."""
    sample = np.zeros(len(scalars.ops) + 1, dtype=bool)
    for argument in arguments:
        if argument.sample:
            sample[argument.ids] = True
    if sample.any():
        starts = scalars.starts.tolist()
        inputs = scalars.inputs.tolist()
        flags = sample.tolist()
        for i in range(len(scalars.ops)):
            if starts[i] < starts[i + 1]:
                flags[i] = any([flags[j] for j in inputs[starts[i] : starts[i + 1]]])
        sample = np.array(flags)
    return sample


def _name(instructions: Sequence[Instruction], store: Store) -> None:
    """Name results: Z for products, A for what one function makes of such, T for others."""
    taken = {array.name for array in store.arrays if array.name} | set(store.kept)
    for array in store.arrays:  # of parameters, two may have one label
        if array.kind == "parameter":
            same = [a for a in store.arrays if a.name == array.name]
            if len(same) > 1:
                for i, other in enumerate(same):
                    other.name += f"_{i + 1}"
    products = 0
    others = 0
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
