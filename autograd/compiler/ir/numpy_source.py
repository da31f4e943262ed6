"""Print an array program as NumPy source: one line an equation, as few brackets as Python needs."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from autograd.compiler.ir.array_ir import (
    BINARY,
    COMPARISONS,
    LOGIC,
    SAMPLES,
    VIEWS,
    ArrayProgram,
    Equation,
    Expression,
    Shape,
    Variable,
    index_text,
    shape_text,
    walk,
)

CMP, OR, AND, ARITH, TERM, FACTOR, POWER, ATOM = range(1, 9)
LEVELS = {  # an operator's own strength, and the least of its left and its right side
    **dict.fromkeys(COMPARISONS, (CMP, CMP + 1, CMP + 1)),
    **dict.fromkeys(("add", "sub"), (ARITH, ARITH, ARITH + 1)),
    **dict.fromkeys(("mul", "div"), (TERM, TERM, TERM + 1)),
    "or": (OR, OR, OR + 1), "and": (AND, AND, AND + 1), "pow": (POWER, POWER + 1, POWER),
}  # fmt: skip
SIGNS = {**BINARY, **LOGIC, **COMPARISONS}
Order = tuple[int, ...]  # of axes
Factor = tuple[int, Order]  # which operand, and the order of its axes


class NumpyPrinter:
    """Writes expressions as Python; texts are kept, as equal expressions are one object."""

    def __init__(self) -> None:
        self._known: dict[Expression, tuple[str, int]] = {}

    def text(self, x: Expression, least: int = 0) -> str:
        """Write an expression in a place that wants one of at least some strength."""
        known = self._known.get(x)
        if known is None:
            known = self._known[x] = self._written(x)
        text, level = known
        return text if level >= least else f"({text})"

    def atom(self, x: Expression) -> str:
        """Write an expression of which a part, or a method, is named next."""
        return self.text(x, ATOM)

    def call(self, name: str, *arguments: str) -> str:
        """Write a function's call; a target may have it under another name."""
        return f"{name}({', '.join(arguments)})"

    def _written(self, x: Expression) -> tuple[str, int]:
        if isinstance(x, Variable):
            return x.name, ATOM
        if x.primitive in SIGNS:
            return self._infix(x)
        if x.primitive == "neg":
            return f"-{self.text(x.operands[0], FACTOR)}", FACTOR
        if x.primitive == "einsum":
            return self.einsum(x)
        if x.primitive in _METHODS:
            return self.atom(x.operands[0]) + _METHODS[x.primitive](self, x), ATOM
        if x.primitive in _OTHERS:
            text = _OTHERS[x.primitive](self, x)
        else:
            text = self.call(x.primitive, *map(self.text, x.operands), *map(str, x.attributes))
        return text, ATOM

    def _infix(self, x: Expression) -> tuple[str, int]:
        left, right = x.operands
        sign = SIGNS[x.primitive]
        level, least, other = LEVELS[x.primitive]
        return f"{self.text(left, least)} {sign} {self.text(right, other)}", level

    def einsum(self, x: Expression) -> tuple[str, int]:
        """Write a product of two arrays, summed over some axes, as short NumPy.

        Axes are named by letters: ``ik,kj->ij`` is a matrix product.
        """
        a, b = x.operands
        order = as_inner(x.attributes[0])
        if order is not None:
            return self.call("vdot", self.text(a), self.turned(b, order, 0)), ATOM
        product = as_matmul(x.attributes[0])
        if product is not None:
            (i, rows), (j, columns) = product
            left = self.turned(x.operands[i], rows, TERM)
            return f"{left} @ {self.turned(x.operands[j], columns, FACTOR)}", TERM
        return self.call("einsum", repr(x.attributes[0]), self.text(a), self.text(b)), ATOM

    def turned(self, x: Expression, order: Order, least: int) -> str:
        """Write an operand with its axes in another order, where it has one."""
        if order == tuple(range(len(order))):
            return self.text(x, least)
        return f"{self.atom(x)}.{transpose_text(order)}"

    def equation(self, equation: Equation) -> list[str]:
        """Write the lines of an equation."""
        x, name = equation.expression, equation.result.name
        if equation.softmax is not None:
            return [f"{name}, {equation.softmax.name} = {self.text(x)}"]
        if x.primitive != "accumulate":
            return [f"{name} = {self.text(x)}"]
        lines = [f"{name} = {self.text(x)}"]
        for operand, path in zip(x.operands, x.attributes[0], strict=True):
            lines.append(f"{path_text(name, path, x.shape)} += {self.text(operand)}")
        return lines


def as_inner(spec: str) -> Order | None:
    """Return the order of the second operand's axes in an ``einsum`` that is an inner product.

    >>> as_inner("ij,ji->"), as_inner("ij,jk->ik")
    ((1, 0), None)
    """
    left, _, out = spec.partition("->")
    a_axes, b_axes = left.split(",")
    return _order(b_axes, a_axes) if not out and sorted(a_axes) == sorted(b_axes) else None


def as_matmul(spec: str) -> tuple[Factor, Factor] | None:
    """Return the factors of an ``einsum`` that is a matrix product, and how to turn each.

    >>> as_matmul("ki,kj->ij"), as_matmul("i,i->i")
    (((0, (1, 0)), (1, (0, 1))), None)
    """
    left, _, out = spec.partition("->")
    a_axes, b_axes = left.split(",")
    summed = [axis for axis in a_axes if axis in b_axes and axis not in out]
    rows = "".join(axis for axis in a_axes if axis not in b_axes)
    columns = "".join(axis for axis in b_axes if axis not in a_axes)
    batch = "".join(axis for axis in out if axis in a_axes and axis in b_axes)
    if len(summed) != 1 or len(rows) > 1 or len(columns) > 1:
        return None
    if batch and not (rows and columns):
        return None
    (k,) = summed
    if out == batch + rows + columns:
        return (0, _order(a_axes, batch + rows + k)), (1, _order(b_axes, batch + k + columns))
    if out == batch + columns + rows:
        return (1, _order(b_axes, batch + columns + k)), (0, _order(a_axes, batch + k + rows))
    return None


def _order(axes: str, wanted: str) -> Order:
    return tuple([axes.index(axis) for axis in wanted])


def path_text(text: str, path: Sequence[tuple[str, Any]], shape: Shape) -> str:
    """Write the part of an array to which something is added."""
    texts = [
        f"[{what.name}]" if primitive == "gather"
        else _step_text(primitive, what, sample=SAMPLES in shape)
        for primitive, what in path
    ]  # fmt: skip
    return "".join([text, *texts])


def _step_text(primitive: str, what: Any, *, sample: bool = False) -> str:
    if primitive == "index":
        return f"[{index_text(what)}]"
    is_reshape = primitive == "reshape"
    return f".{_reshape_text(what) if is_reshape else transpose_text(what, sample=sample)}"


def _reshape_text(shape: Shape) -> str:
    if len(shape) == 1 and shape[0] != SAMPLES:
        return "ravel()"
    sizes = ["-1" if size == SAMPLES else str(size) for size in shape]
    return f"reshape({', '.join(sizes) or '()'})"


def transpose_text(order: Sequence[int], *, sample: bool = False) -> str:
    """Write the attribute that has the axes in another order; rows of a batch have no ``T``.

    >>> transpose_text((1, 0)), transpose_text((0, 2, 1))
    ('T', 'transpose(0, 2, 1)')
    """
    if tuple(order) == (1, 0) and not sample:
        return "T"
    return f"transpose({', '.join(map(str, order))})"


def _reduce_sum(_: NumpyPrinter, x: Expression) -> str:
    axes, keepdims = x.attributes
    if len(axes) == len(x.operands[0].shape) and not keepdims:
        return ".sum()"
    more = ", keepdims=True" if keepdims else ""
    return f".sum(axis={axes[0] if len(axes) == 1 else axes}{more})"


_METHODS: dict[str, Callable[[NumpyPrinter, Expression], str]] = {  # behind the first operand
    "reduce_sum": _reduce_sum,
    "mean": lambda _, __: ".mean()",
    "item": lambda _, __: ".item()",
    **dict.fromkeys(VIEWS, lambda _, x: _step_text(x.primitive, x.attributes[0])),
    "gather": lambda printer, x: f"[{printer.text(x.operands[1])}]",
}
_OTHERS: dict[str, Callable[[NumpyPrinter, Expression], str]] = {
    "broadcast_to": lambda printer, x: printer.call(
        "broadcast_to", printer.text(x.operands[0]), shape_text(x.shape)),
    "repeat_samples": lambda printer, x: printer.call(
        "alike", printer.text(x.operands[0]), SAMPLES),
    "concatenate": lambda printer, x: printer.call(
        "concatenate", tuple_text([printer.text(y) for y in x.operands])),
    "accumulate": lambda printer, x: printer.call("zeros", shape_text(x.shape)),
    "number": lambda _, x: repr(x.value),
    "size": lambda _, __: SAMPLES,
}  # fmt: skip


def tuple_text(texts: Sequence[str]) -> str:
    """Write a tuple.

    >>> tuple_text(["a"]), tuple_text(["a", "b"])
    ('(a,)', '(a, b)')
    """
    return f"({', '.join(texts)}{',' * (len(texts) == 1)})"


def size_lines(program: ArrayProgram) -> list[str]:
    """Write the line that names the number of samples, where it is written anywhere."""
    every = walk([*(equation.expression for equation in program.equations), *program.results])
    if not any(
        x.primitive in {"size", "repeat_samples"}
        or (x.primitive in {"broadcast_to", "accumulate"} and SAMPLES in x.shape)
        for x in every
    ):
        return []
    sample = next(v for v in program.inputs if v.shape[-1:] == (SAMPLES,))
    return [f"{SAMPLES} = {sample.name}.shape[-1]"]


def numpy_source(program: ArrayProgram) -> str:
    """Write a program as the text of a NumPy function."""
    printer = NumpyPrinter()
    lines = [f"def program({', '.join(variable.name for variable in program.inputs)}):"]
    lines += [f"    {line}" for _, line in source_lines(program, printer)]
    return "\n".join([*lines, f"    return {returned(program, printer)}", ""])


def source_lines(
    program: ArrayProgram, printer: NumpyPrinter
) -> Iterator[tuple[Sequence[Variable], str]]:
    """Yield the lines of a program's body, each with the variables to which it gives a value."""
    yield from (((), line) for line in size_lines(program))
    for equation in program.equations:
        for line in printer.equation(equation):
            yield equation.results, line


def returned(program: ArrayProgram, printer: NumpyPrinter) -> str:
    """Write what a program returns: the value or the outputs, the gradients, the outcomes."""

    def group(results: Sequence[Expression]) -> list[str]:
        return [tuple_text([printer.text(x) for x in results])] if results else []

    rest = [*group(program.gradients), *group(program.guards)]
    if program.value is None:
        first = tuple_text([printer.text(x) for x in program.outputs])
        return ", ".join([first, *rest])
    parts = [printer.text(program.value), *rest]
    return parts[0] if len(parts) == 1 else f"({', '.join(parts)})"
