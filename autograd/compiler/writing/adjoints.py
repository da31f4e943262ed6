"""Differentiate a program, instruction by instruction, from the result back to what is wanted."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count

from autograd.compiler.layout.buffers import Operand
from autograd.compiler.layout.views import Array
from autograd.compiler.vectorize.instructions import FLAT, INNER, SAMPLES, Addend, Instruction
from autograd.compiler.writing.contract import atom, contract, expanded, scaled, summed_over
from autograd.compiler.writing.rules import gradient_text, list_gradient_text
from autograd.compiler.writing.shares import ViewCotangent, share_of
from autograd.primitives import TABLE

UNIT = "_"  # an axis of length 1
MAX_ADDENDS = 50  # addends of one line; a compiler of expressions recurses over them


@dataclass(frozen=True)
class Cotangent:
    """A gradient as an expression; axes that it lacks make no difference to it."""

    text: str
    axes: str


@dataclass
class Adjoints:
    """The gradients on their way: what has flowed to each array so far, and the lines written."""

    live: set[Array]
    exact: bool = False
    lines: list[str] = field(default_factory=list)
    shares: dict[Array, list[tuple[ViewCotangent, str]]] = field(default_factory=dict)
    axes: dict[Array, str] = field(default_factory=dict)
    taken: frozenset[str] = frozenset()  # names that a gradient may not have

    def start(self, root: Operand, text: str) -> None:
        """Start at the result, one number of an array."""
        self._send(root, Cotangent(text, ""))

    def result(self, array: Array) -> str:
        """Write the gradient that has come home to an array."""
        flow = self.settled(array)
        if flow is None:
            return f"zeros_like({array.name})"
        ndim = len(array.shape) + array.sample
        if len(flow.axes) == ndim:
            return flow.text
        text = expanded(flow.text, flow.axes, self.own(array))
        return f"broadcast_to({text}, shape({array.name}))"

    def back(self, instruction: Instruction) -> None:
        """Send the gradient of an instruction's result to what it read."""
        flow = self.settled(instruction.out)
        if flow is None:
            return
        for operand, sent in _flows(instruction, flow, self.live, exact=self.exact):
            self._send(operand, sent)

    def _send(self, operand: Operand, flow: Cotangent) -> None:
        assert operand.view is not None
        array = operand.view.array
        text, axes, wanted = flow.text, flow.axes, operand.axes
        if operand.unit:
            wanted += UNIT
            if not axes.endswith(UNIT):
                text, axes = expanded(text, axes, wanted), axes + UNIT if axes else ""
        turns = all(step.kind in {"reshape", "transpose"} for step in operand.view.steps)
        if not array.parts and (not operand.view.steps or (turns and not axes)):
            own = self.own(array)
            self._add(
                array, ViewCotangent("whole", text), "".join(own[wanted.index(a)] for a in axes)
            )
            return
        if axes != wanted:
            text = f"broadcast_to({expanded(text, axes, wanted)}, shape({operand.text()}))"
        share = share_of(operand.view, text)
        if array.parts:
            self._cut(array, share)
        else:
            self._add(array, share, self.own(array))

    def name(self, array: Array) -> str:
        """Name an array's gradient: dx; but d_x where dx is an argument."""
        return f"d_{array.name}" if f"d{array.name}" in self.taken else f"d{array.name}"

    def _fresh(self) -> str:
        return next(n for i in count(len(self.lines)) if (n := f"d_{i}") not in self.taken)

    def own(self, array: Array) -> str:
        """Return an array's own axes."""
        return self.axes.get(array) or FLAT[: len(array.shape)] + SAMPLES * array.sample

    def _cut(self, joined: Array, share: ViewCotangent) -> None:
        """Divide the gradient of several arrays, read one after another, among them."""
        text = share.text
        if share.kind == "part":
            name = self._fresh()
            like = f"{joined.ids.size}" + (", n" if joined.sample else "")
            self.lines += [f"{name} = zeros(({like},))", f"{share.at.format(name)} += {text}"]
            text = name
        elif not text.isidentifier():
            name = self._fresh()
            self.lines.append(f"{name} = {text}")
            text = name
        start = 0
        for part in joined.parts:
            end = start + part.ids.size
            if part in self.live:
                cut = f"{text}[{start}:{end}]"
                if joined.sample and not part.sample:
                    cut = f"{cut}.sum(axis=-1)"
                shape = ", ".join(map(str, part.shape))
                sizes = f"{shape}{', ' if shape else ''}-1" if part.sample else shape or "()"
                cut = f"{cut}.reshape({sizes})"
                self._add(part, ViewCotangent("whole", cut), self.own(part))
            start = end

    def _add(self, array: Array, share: ViewCotangent, axes: str) -> None:
        if array in self.live:
            self.shares.setdefault(array, []).append((share, axes))

    def settled(self, array: Array) -> Cotangent | None:
        """Add up what flowed to an array, under a name; None where nothing did."""
        shares = self.shares.pop(array, [])
        if not shares:
            return None
        name, own = self.name(array), self.own(array)
        if len(shares) == 1 and shares[0][0].kind == "whole":
            share, axes = shares[0]
            if _is_short(share.text):
                return Cotangent(share.text, axes)
            self.lines.append(f"{name} = {share.text}")
            return Cotangent(name, axes)
        wholes = [(share.text, axes) for share, axes in shares if share.kind == "whole"]
        parts = [share for share, _ in shares if share.kind == "part"]
        union = "".join(a for a in own if any(a in axes for _, axes in wholes))
        if parts:
            union = own
        addends = [atom(expanded(text, axes, union)) for text, axes in wholes]
        if not parts:
            self._sum(name, addends)
            return Cotangent(name, union)
        self.lines.append(f"{name} = zeros_like({array.name})")
        self.lines += [f"{share.at.format(name)} += {share.text}" for share in parts]
        self.lines += [f"{name} += {' + '.join(some)}" for some in _rows(addends)]
        return Cotangent(name, own)

    def _sum(self, name: str, addends: list[str]) -> None:
        """Write a sum; a long one in several lines, as each addend nests an expression deeper."""
        first, *rest = _rows(addends)
        self.lines.append(f"{name} = {' + '.join(first)}")
        self.lines += [f"{name} = {' + '.join([name, *some])}" for some in rest]


def _rows(addends: list[str]) -> list[list[str]]:
    return [addends[i : i + MAX_ADDENDS] for i in range(0, len(addends), MAX_ADDENDS)]


def _is_short(text: str) -> bool:
    """Whether an expression is a name or a number: nothing is gained by naming it."""
    return text.replace(".", "").replace("_", "").isalnum() or text in {"1 / n", "-1.0"}


def _flows(
    instruction: Instruction, flow: Cotangent, live: set[Array], *, exact: bool
) -> Iterator[tuple[Operand, Cotangent]]:
    """Yield each operand with what flows to it, with no axes but the operand's."""
    axes = instruction.axes + (SAMPLES if instruction.out.sample else "")
    if instruction.op == "sum":
        for part in instruction.parts:
            yield from _sum_flows(part, flow, axes, live, instruction)
    elif TABLE[instruction.op].variadic:
        yield from _list_flows(instruction, flow, axes, live)
    else:
        for i, operand in enumerate(instruction.operands):
            if _wanted(operand, live):
                text, also = gradient_text(instruction, i, flow.text, flow.axes, axes, exact=exact)
                yield (
                    operand,
                    reduced(Cotangent(text, also), axes, operand.axes, instruction, operand),
                )


def _list_flows(
    instruction: Instruction, flow: Cotangent, axes: str, live: set[Array]
) -> Iterator[tuple[Operand, Cotangent]]:
    """Yield what flows to the list of a function of lists."""
    operand, *index = instruction.operands
    if not _wanted(operand, live):
        return
    told = flow.axes + "".join(place.axes for place in index)
    g = full(flow, axes)
    if instruction.op == "take" and not set(index[0].axes) & set(operand.axes):
        size = operand.view.shape[operand.axes.index(INNER)] if operand.view else 0
        hot = f"onehot(whole({index[0].plain()}), {size})"
        have = "".join(axis for axis in operand.axes if axis in INNER + told)
        text = contract(hot, INNER + index[0].axes, flow.text, flow.axes, have)
        yield operand, Cotangent(text, have)
        return
    if instruction.op == "take" and any(axis not in told for axis in axes):
        g = f"broadcast_to({g}, shape({instruction.out.name}))"  # the rule does not name xs
    made = INNER + axes.replace(INNER, "")
    text = list_gradient_text(instruction, g)
    yield operand, reduced(Cotangent(text, made), made, operand.axes, instruction)


def _wanted(operand: Operand, live: set[Array]) -> bool:
    return operand.array is not None and not live.isdisjoint({operand.array, *operand.array.parts})


def _sum_flows(
    part: Addend, flow: Cotangent, axes: str, live: set[Array], instruction: Instruction
) -> Iterator[tuple[Operand, Cotangent]]:
    text = scaled(part.coefficient, flow.text)
    if part.y is None:
        if _wanted(part.x, live):
            yield (
                part.x,
                reduced(Cotangent(text, flow.axes), axes, part.x.axes, instruction, part.x),
            )
        return
    pairs = [(part.x, part.y), (part.y, part.x)]
    both = part.x.view is not None and part.y.view is not None
    if both and (part.x.text(), part.x.axes) == (part.y.text(), part.y.axes):  # x[i] * x[i]
        pairs, text = pairs[:1], scaled(2 * part.coefficient, flow.text)
    for mine, other in pairs:
        if _wanted(mine, live):
            if other.view is None:
                times = Cotangent(scaled(other.number, text), flow.axes)
                yield mine, reduced(times, axes, mine.axes, instruction)
                continue
            g = text
            for axis in axes:
                if axis not in flow.axes + other.axes + mine.axes:
                    g = f"{atom(g)} * {size_of(axis, instruction)}"
            wanted = "".join(a for a in mine.axes if a in flow.axes + other.axes)
            yield mine, Cotangent(contract(g, flow.axes, other.plain(), other.axes, wanted), wanted)


def size_of(axis: str, instruction: Instruction) -> str:
    """Write the length of an axis."""
    if axis == SAMPLES:
        return SAMPLES
    return str(instruction.out.shape[instruction.axes.index(axis)])


def reduced(
    flow: Cotangent,
    axes: str,
    wanted: str,
    instruction: Instruction,
    operand: Operand | None = None,
) -> Cotangent:
    """Sum a gradient over the axes that an operand lacks."""
    text = flow.text
    for axis in axes:
        if axis not in flow.axes and axis not in wanted and axis != INNER:
            text = f"{atom(text)} * {size_of(axis, instruction)}"
    gone = tuple(i for i, axis in enumerate(flow.axes) if axis not in wanted)
    keep = (
        operand is not None
        and operand.unit
        and len(gone) == 1
        and gone[0] == len(flow.axes) - 1
        and flow.axes[:-1] == wanted
    )
    text = summed_over(text, gone, len(flow.axes), keep=keep)
    left = "".join(axis for axis in flow.axes if axis in wanted)
    if keep:
        return Cotangent(text, left + UNIT)
    order = "".join(axis for axis in wanted if axis in left)
    return Cotangent(expanded(text, left, order), order)


def full(flow: Cotangent, axes: str) -> str:
    """Write a gradient with all axes."""
    if flow.axes in ("", axes):
        return flow.text
    return expanded(flow.text, flow.axes, axes)
