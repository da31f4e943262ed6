"""The primitives of programs in C: each makes an array that knows how to write its elements."""

from collections.abc import Callable, Sequence
from typing import Any

from autograd.compiler.ir.evaluate import Operations
from autograd.export.c_shapes import Index, broadcast, own
from autograd.export.c_writer import Block, LazyArray, Writer, elementwise, joined, within
from autograd.export.namespaces import LINES, namespace
from autograd.expressions.dialects import CLevel
from autograd.expressions.printer import Written
from autograd.primitives import TABLE
from autograd.rules.floats import FOLDS, FUNCTIONS

# These have lines for arrays in `namespaces`; the table's others are functions of one number each.
LISTS = {*FOLDS, *(entry.name for entry in TABLE.values() if entry.variadic)} | {
    head.partition("(")[0] for head in LINES if "xs" in head or "parts" in head or "hits" in head
}


class COperations(Operations):
    """What programs do, by a writer of loops."""

    def __init__(self, writer: Writer) -> None:
        numbers = [*FUNCTIONS, *(name for name in TABLE if not TABLE[name].variadic)]
        each = {name: _called(writer, name) for name in numbers if name not in LISTS}
        base = {**each, **_choosing(writer), **_picking(writer), **_lists(writer)}
        super().__init__(namespace(base, "c"))
        self.writer = writer
        self.label = ""

    def einsum(self, spec: str, x: Any, y: Any) -> LazyArray:
        """Return sums of products."""
        return self.writer.einsum(spec, self.writer.array_of(x), self.writer.array_of(y))

    def broadcast_to(self, x: Any, shape: tuple[int, ...]) -> LazyArray:
        """Return an array repeated along axes."""
        x = self.writer.array_of(x)
        x = self.writer.keep(x) if x.costly and x.shape != shape else x
        return LazyArray(
            self.writer, shape, lambda index, block: x.at(own(x.shape, index), block),
            costly=x.costly,
        )  # fmt: skip

    def repeat_samples(self, x: Any, count: int) -> LazyArray:
        """Return an array repeated along a new last axis."""
        x = self.writer.array_of(x)
        return self.broadcast_to(x[..., None], (*x.shape, count))

    def concatenate(self, parts: Sequence[Any]) -> LazyArray:
        """Return arrays one after another along the first axis."""
        return joined(self.writer, parts)

    def accumulate(
        self, shape: tuple[int, ...], values: Sequence[Any], paths: Sequence[Any]
    ) -> LazyArray:
        """Return zeros with values added to parts of them, under the name of ``label``."""
        total = self.writer.zeros(shape, self.label)
        for value, path in zip(values, paths, strict=True):
            part: Any = total
            for primitive, what in path:
                part = getattr(self, primitive)(part, what)
            self.writer.fill(part, value, "+=")
        return total


def _called(writer: Writer, name: str) -> Callable[..., Any]:
    def call(*xs: Any) -> Any:
        defaults = list(TABLE[name].defaults.values()) if name in TABLE else []
        missing = len(TABLE[name].arguments) - len(xs) if name in TABLE else 0
        return writer.call(name, *xs, *(defaults[-missing:] if missing else []))

    return call


def _lists(writer: Writer) -> dict[str, Callable[..., Any]]:
    """Return what runs along the first axis."""

    def along(first: str, name: str) -> Callable[[LazyArray], LazyArray]:
        def reduce(xs: LazyArray) -> LazyArray:
            xs = writer.keep(xs) if xs.costly else xs
            writer.calls[name] = None

            def made(index: Index, inner: Index, block: Block) -> Written:
                return xs.at((*inner, *index), block)

            def step(total: str, term: Written) -> str:
                return f"{total} = {name}({total}, {term.text});"

            return writer.reduced(xs.shape[1:], xs.shape[:1], made, first, step)

        return reduce

    def product(xs: LazyArray) -> LazyArray:
        xs = writer.keep(xs) if xs.costly else xs
        return writer.reduced(
            xs.shape[1:], xs.shape[:1],
            lambda index, inner, block: xs.at((*inner, *index), block),
            "1.0", lambda total, term: f"{total} *= {within(term, CLevel.OR)};",
        )  # fmt: skip

    def others(xs: LazyArray) -> LazyArray:
        xs = writer.keep(xs)
        axis, rest = xs.shape[0], xs.shape[1:]
        parts = [
            product(joined(writer, [x for x in (xs[:i], xs[i + 1 :]) if len(x)]))
            if axis > 1
            else writer.number(1.0)
            for i in range(axis)
        ]
        rows = [elementwise(writer, lambda x, _: x, part, xs[0])[None] for part in parts]
        assert all(row.shape == (1, *rest) for row in rows)
        return joined(writer, rows)

    return {
        "max": along("-INFINITY", "maximum"), "min": along("INFINITY", "minimum"),
        "prod": product, "sum": lambda xs: xs.sum([0]), "others": others,
        "norm": along("0.0", "hypot"),
    }  # fmt: skip


def _choosing(writer: Writer) -> dict[str, Callable[..., Any]]:
    """Return what chooses, and what keeps an array that is read more than once."""

    def where(c: Any, x: Any, y: Any) -> LazyArray:
        def chosen(c: Written, x: Written, y: Written) -> Written:
            text = f"{within(c, CLevel.OR)} ? {within(x, CLevel.OR)} : {within(y, CLevel.CHOICE)}"
            return Written(text, CLevel.CHOICE)

        return elementwise(writer, chosen, c, x, y)

    return {
        "where": where, "asarray": writer.array_of, "whole": writer.array_of,
        "let": lambda x: writer.keep(x) if isinstance(x, LazyArray) else x,
    }  # fmt: skip


def _picking(writer: Writer) -> dict[str, Callable[..., Any]]:
    """Return what reads, and adds, at positions."""

    def take(xs: LazyArray, k: Any) -> LazyArray:
        xs = writer.keep(xs)
        k = writer.positions(writer.array_of(k), xs.shape[0])
        shape = broadcast([xs.shape[1:], k.shape])

        def at(index: Index, block: Block) -> Written:
            place = k.at(own(k.shape, index), block).text
            return xs.at((place, *own(xs.shape[1:], index)), block)

        return LazyArray(writer, shape, at)

    def onehot(k: Any, xs: Any) -> LazyArray:
        k = writer.array_of(k)
        count, ndim = (xs, 1 + k.ndim) if isinstance(xs, int) else (len(xs), xs.ndim)
        rest = broadcast([(1,) * (ndim - 1), k.shape])

        def at(index: Index, block: Block) -> Written:
            return Written(
                f"{index[0]} == {k.at(own(k.shape, index[1:]), block).text}", CLevel.COMPARISON
            )

        return LazyArray(writer, (count, *rest), at)

    def add_at(index: LazyArray, numbers: LazyArray, count: int) -> LazyArray:
        rest = numbers.shape[index.ndim :]
        total = writer.zeros((count, *rest))
        writer.fill(writer.gather(total, index), numbers, "+=")
        return total

    return {"take": take, "onehot": onehot, "add_at": add_at}
