"""The names of programs, read as C: each makes an array that knows how to write its elements."""

from collections.abc import Callable, Sequence
from math import prod
from typing import Any

import numpy as np

from autograd.export.c_shapes import Index, broadcast, own
from autograd.export.c_writer import Writer, joined
from autograd.export.delayed import Block, Delayed, elementwise, within
from autograd.export.words import LINES, words
from autograd.expressions.dialects import CLevel
from autograd.expressions.printer import Written
from autograd.primitives import TABLE
from autograd.rules.floats import FOLDS, FUNCTIONS

# These have lines for arrays in `words`; the others of the table are functions of one number each.
LISTS = {*FOLDS, *(entry.name for entry in TABLE.values() if entry.variadic)} | {
    head.partition("(")[0] for head in LINES if "xs" in head or "parts" in head or "hits" in head
}


def c_words(writer: Writer) -> dict[str, Any]:
    """Return the dictionary of a writer."""
    numbers = [*FUNCTIONS, *(name for name in TABLE if not TABLE[name].variadic)]
    each = {name: _called(writer, name) for name in numbers if name not in LISTS}
    return words({**each, **_structural(writer), **_picking(writer), **_lists(writer)}, "c")


def _called(writer: Writer, name: str) -> Callable[..., Any]:
    def call(*xs: Any) -> Any:
        defaults = list(TABLE[name].defaults.values()) if name in TABLE else []
        missing = len(TABLE[name].arguments) - len(xs) if name in TABLE else 0
        return writer.call(name, *xs, *(defaults[-missing:] if missing else []))

    return call


def _lists(writer: Writer) -> dict[str, Callable[..., Any]]:
    """Return what runs along the first axis."""

    def along(first: str, name: str) -> Callable[[Delayed], Delayed]:
        def reduce(xs: Delayed) -> Delayed:
            xs = writer.keep(xs) if xs.costly else xs
            writer.calls[name] = None

            def made(index: Index, inner: Index, block: Block) -> Written:
                return xs.at((*inner, *index), block)

            def step(total: str, term: Written) -> str:
                return f"{total} = {name}({total}, {term.text});"

            return writer.reduced(xs.shape[1:], xs.shape[:1], made, first, step)

        return reduce

    def product(xs: Delayed) -> Delayed:
        xs = writer.keep(xs) if xs.costly else xs
        return writer.reduced(
            xs.shape[1:], xs.shape[:1],
            lambda index, inner, block: xs.at((*inner, *index), block),
            "1.0", lambda total, term: f"{total} *= {within(term, CLevel.OR)};",
        )  # fmt: skip

    def others(xs: Delayed) -> Delayed:
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
        "prod": product, "sum": lambda xs: xs.sum(axis=0), "others": others,
        "norm": along("0.0", "hypot"),
    }  # fmt: skip


def _structural(writer: Writer) -> dict[str, Callable[..., Any]]:
    """Return what chooses, spreads, picks and gathers."""

    def as_array(x: Any) -> Delayed:
        return x if isinstance(x, Delayed) else writer.number(x)

    def where(c: Any, x: Any, y: Any) -> Delayed:
        def chosen(c: Written, x: Written, y: Written) -> Written:
            text = f"{within(c, CLevel.OR)} ? {within(x, CLevel.OR)} : {within(y, CLevel.CHOICE)}"
            return Written(text, CLevel.CHOICE)

        return elementwise(writer, chosen, c, x, y)

    def broadcast_to(x: Any, shape: tuple[int, ...]) -> Delayed:
        x = as_array(x)
        x = writer.keep(x) if x.costly and x.shape != shape else x
        return Delayed(writer, shape, lambda index, block: x.at(own(x.shape, index), block),
                       costly=x.costly)  # fmt: skip

    def zeros(shape: Any) -> Delayed:
        return _zeros(writer, shape)

    return {
        "where": where, "broadcast_to": broadcast_to,
        "zeros": zeros, "zeros_like": lambda x: zeros(as_array(x).shape),
        "shape": lambda x: as_array(x).shape, "asarray": as_array,
        "whole": as_array, "let": lambda x: writer.keep(x) if isinstance(x, Delayed) else x,
        "alike": lambda x, n: broadcast_to(as_array(x)[..., None], (*as_array(x).shape, n)),
        "concatenate": lambda parts: joined(writer, parts),
        "einsum": writer.einsum,
        "vdot": lambda x, y: writer.einsum(_same(x), x, y),
    }  # fmt: skip


def _zeros(writer: Writer, shape: Any) -> Delayed:
    shape = shape if isinstance(shape, tuple) else (shape,)
    name = writer.fresh("t")
    writer.lines.append(f"double {name}[{prod(shape)}] = {{0.0}};")
    return writer.array(name, shape)


def _picking(writer: Writer) -> dict[str, Callable[..., Any]]:
    """Return what reads, and adds, at positions."""

    def as_array(x: Any) -> Delayed:
        return x if isinstance(x, Delayed) else writer.number(x)

    def take(xs: Delayed, k: Any) -> Delayed:
        xs = writer.keep(xs)
        k = writer.positions(as_array(k), xs.shape[0])
        shape = broadcast([xs.shape[1:], k.shape])

        def at(index: Index, block: Block) -> Written:
            place = k.at(own(k.shape, index), block).text
            return xs.at((place, *own(xs.shape[1:], index)), block)

        return Delayed(writer, shape, at)

    def onehot(k: Any, xs: Any) -> Delayed:
        k = as_array(k)
        count, ndim = (xs, 1 + k.ndim) if isinstance(xs, int) else (len(xs), xs.ndim)
        rest = broadcast([(1,) * (ndim - 1), k.shape])

        def at(index: Index, block: Block) -> Written:
            return Written(
                f"{index[0]} == {k.at(own(k.shape, index[1:]), block).text}", CLevel.COMPARISON
            )

        return Delayed(writer, (count, *rest), at)

    def add_at(index: Delayed, numbers: Delayed, count: int) -> Delayed:
        rest = numbers.shape[index.ndim :]
        total = _zeros(writer, (count, *rest))
        writer.fill(writer.gather(total, index), numbers, "+=")
        return total

    return {"take": take, "onehot": onehot, "add_at": add_at}


def _same(x: Delayed) -> str:
    letters = "abcdefgh"[: x.ndim]
    return f"{letters},{letters}->"


def constant_text(name: str, thing: Any) -> str:
    """Write an array of the program as C's.

    >>> constant_text("index1", np.array([2, 0]))
    'static const int index1[] = {2, 0};'
    """
    thing = np.asarray(thing)
    kind = "double" if thing.dtype.kind == "f" else "int"
    numbers: Sequence[Any] = thing.ravel().tolist()
    row = ", ".join(repr(x) if kind == "double" else str(int(x)) for x in numbers)
    row = row.replace("-inf", "-INFINITY").replace("inf", "INFINITY").replace("nan", "NAN")
    return f"static const {kind} {name}[] = {{{row}}};"
