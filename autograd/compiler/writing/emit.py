"""Write a program as NumPy source: a line an instruction forwards, then the gradients."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from autograd.compiler.layout.buffers import Buffers, Operand
from autograd.compiler.layout.views import Array
from autograd.compiler.vectorize.instructions import INNER, SAMPLES, Addend, Instruction
from autograd.compiler.writing.adjoints import Adjoints
from autograd.compiler.writing.contract import atom, contract, expanded, scaled, summed_over
from autograd.compiler.writing.rules import broadcast, list_text, value_text
from autograd.compiler.writing.tidy import names_in, tidy
from autograd.primitives import TABLE

_N = re.compile(r"\bn\b")  # the number of samples, or an axis in the text of an einsum


@dataclass(frozen=True)
class Source:
    """A program's text: the function's parameters and its lines."""

    parameters: tuple[str, ...]
    lines: tuple[str, ...]

    def __str__(self) -> str:
        body = "\n".join(f"    {line}" for line in self.lines)
        return f"def program({', '.join(self.parameters)}):\n{body}\n"


@dataclass(frozen=True)
class Plan:
    """What to write: the instructions, the result, and the arrays whose gradients are wanted."""

    instructions: Sequence[Instruction]
    store: Buffers
    root: Operand
    reduce: str  # "" for one sample; "mean" or "sum" over samples
    wanted: Sequence[Array]
    live: set[Array]
    guards: Sequence[str] = ()
    exact: bool = False
    outputs: Sequence[tuple[Operand, str]] | None = None  # run forward only: results, their axes


def forward(instruction: Instruction) -> str:
    """Write an instruction's expression."""
    axes = instruction.axes + (SAMPLES if instruction.out.sample else "")
    if instruction.op == "sum":
        return " + ".join(f"({_addend(part, axes, instruction)})" for part in instruction.parts)
    if TABLE[instruction.op].variadic:
        return list_text(instruction, axes)
    return value_text(instruction, axes)


def _line(step: Instruction, plan: Plan, names: Collection[str]) -> str:
    """Write an instruction's line; cross-entropy keeps the softmax that its gradient needs."""
    text = _with_all_axes(forward(step), step)
    if step.op == "cross_entropy" and plan.wanted and step.out in plan.live:
        name = step.out.name
        kept = f"P{name[1:]}"
        if kept in names:
            kept = f"P_{name[1:]}"
        return f"{name}, {kept} = {text.replace('cross_entropy', 'cross_entropy_softmax', 1)}"
    return f"{step.out.name} = {text}"


def _with_all_axes(text: str, step: Instruction) -> str:
    """Add the axes that no operand has: of length 1, or along which the result is the same.

    The text of a function of lists has all axes, those that no operand has of length 1; any other
    text has the axes that follow the first one that an operand has.
    """
    read = [*step.operands, *(x for part in step.parts for x in (part.x, part.y) if x is not None)]
    present = "".join(operand.axes for operand in read)
    axes = step.axes + SAMPLES * step.out.sample
    if all(axis in present for axis in axes):
        return text
    sizes = dict(zip(axes, [*map(str, step.out.shape), "n"], strict=False))
    spread = f"broadcast_to({text}, ({', '.join(sizes[axis] for axis in axes)},))"
    long = any(sizes[axis] != "1" for axis in axes if axis not in present)
    if TABLE[step.op].variadic and step.op not in {"sum", "take"}:
        return spread if long else text
    first = min((axes.index(axis) for axis in present if axis in axes), default=len(axes))
    if any(sizes[a] != "1" for a in axes[:first]) or any(a not in present for a in axes[first:]):
        return spread
    index = [":" if axis in present else "None" for axis in axes.removesuffix(SAMPLES)]
    return f"{atom(text)}[{', '.join(index)}]"


def _addend(part: Addend, axes: str, instruction: Instruction) -> str:
    x, y = part.x, part.y
    if y is None:
        if INNER not in x.axes:
            return scaled(part.coefficient, broadcast(x, axes))
        place = x.axes.index(INNER)
        left = x.axes.replace(INNER, "")
        text = expanded(summed_over(x.plain(), (place,), len(x.axes)), left, axes)
    elif x.view is None or y.view is None:
        number, other = (x.number, y) if x.view is None else (y.number, x)
        return _addend(Addend(part.coefficient * number, other), axes, instruction)
    else:
        have = "".join(axis for axis in axes if axis in x.axes + y.axes)
        text = expanded(contract(x.plain(), x.axes, y.plain(), y.axes, have), have, axes)
    return scaled(part.coefficient, text)


def _ending(plan: Plan, lines: list[str]) -> tuple[str, str]:
    """Write what is returned, over all samples, and the gradient that the way back starts with."""
    text = plan.root.text()
    if plan.reduce and SAMPLES in plan.root.axes:
        lines.append(f"J = {atom(text)}.{plan.reduce}()")
        return "J", "1 / n" if plan.reduce == "mean" else "1.0"
    if plan.root.array is not None and plan.root.array.shape:
        text = f"{text}.item()"
    if plan.reduce == "sum":  # each sample has the same value
        return f"{atom(text)} * n", "n"
    return text, "1.0"


def write(plan: Plan) -> Source:
    """Write the function: parameters, the forward pass, the backward pass, the results."""
    names = frozenset(a.name for a in plan.store.arrays if a.name)
    lines = [_line(step, plan, names) for step in plan.instructions]
    adjoints = Adjoints(plan.live, plan.exact, taken=names | set(plan.store.kept))
    for step in plan.instructions:
        adjoints.axes[step.out] = step.axes + (SAMPLES if step.out.sample else "")
    if plan.outputs is not None:
        return _closed(plan, lines, [_forward_return(plan)])
    result, seed = _ending(plan, lines)
    if plan.wanted and plan.root.array in plan.live:
        adjoints.start(plan.root, seed)
    for step in reversed(plan.instructions):
        if plan.wanted and step.out in plan.live:
            adjoints.back(step)
    returned = f"return {result}"
    if plan.wanted:
        gradients = [adjoints.result(array) for array in plan.wanted]
        returned += f", ({', '.join(gradients)},)"
    if plan.guards:
        returned += f", ({', '.join(plan.guards)},)"
    return _closed(plan, lines, [*adjoints.lines, returned])


def _forward_return(plan: Plan) -> str:
    """Write what a program returns that is run forward only: its results."""
    assert plan.outputs is not None
    texts = [broadcast(operand, axes) for operand, axes in plan.outputs]
    returned = f"return ({''.join(f'{text}, ' for text in texts)})"
    return returned + (f", ({', '.join(plan.guards)},)" if plan.guards else "")


def _closed(plan: Plan, lines: Sequence[str], more: Sequence[str]) -> Source:
    """Shorten the lines, and put the parameters before them."""
    lines = tidy([*lines, *more])
    inputs = [a for a in plan.store.arrays if a.kind in {"parameter", "argument"}]
    samples = [a.name for a in inputs if a.sample]
    if any("n" in names_in(line) for line in lines if _N.search(line)):
        lines.insert(0, f"n = {samples[0]}.shape[-1]")
    return Source(tuple(a.name for a in inputs), tuple(lines))
