"""Write loops in C: arrays under names, sums along axes, what is added in place."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from math import prod
from typing import Any

from autograd.export.c_shapes import Index, broadcast, own, rows
from autograd.export.lazy_array import Block, LazyArray, elementwise
from autograd.expressions.dialects import CLevel, CPrinter, c_number
from autograd.expressions.printer import Written

LETTERS = ("i", "j", "k", "l", "m", "p", "q", "r", "s", "t", *(f"i{n}" for n in range(1, 40)))


@dataclass
class Writer:
    """The lines of a C function so far, the names that are taken, the functions that are called."""

    taken: set[str]
    refusal: str = "NAN"  # what the function returns where the program does not hold
    lines: Block = field(default_factory=list)
    calls: dict[str, None] = field(default_factory=dict)
    depth: int = 0

    def fresh(self, stem: str) -> str:
        """Return a name that nothing has."""
        count = 1
        while f"{stem}{count}" in self.taken:
            count += 1
        self.taken.add(f"{stem}{count}")
        return f"{stem}{count}"

    def number(self, x: Any) -> LazyArray:
        """Return a number as an array without axes."""
        term = c_number(float(x))
        return LazyArray(self, (), lambda _, __: term, cheap=True)

    def array_of(self, x: Any) -> LazyArray:
        """Return an array as it is, a number as an array."""
        return x if isinstance(x, LazyArray) else self.number(x)

    def zeros(self, shape: tuple[int, ...], name: str = "") -> LazyArray:
        """Store zeros under a name; a new one where none is given."""
        name = name or self.fresh("t")
        self.lines.append(f"double {name}[{prod(shape)}] = {{0.0}};")
        return self.array(name, shape)

    def call(self, name: str, *operands: Any) -> LazyArray:
        """Return what a function of numbers gives for each element."""
        called = CPrinter.names.get(name, name)
        self.calls[called] = None
        return elementwise(
            self,
            lambda *xs: Written(f"{called}({', '.join(x.text for x in xs)})", CLevel.ATOM),
            *operands,
        )

    def stored(
        self, name: str, shape: tuple[int, ...], start: int, strides: tuple[int, ...]
    ) -> LazyArray:
        """Return an array that is stored under a name."""

        def at(index: Index, _: Block) -> Written:
            terms = [
                i if stride == 1 else f"{i if i.isidentifier() else f'({i})'} * {stride}"
                for i, stride in zip(index, strides, strict=True)
                if i != "0"
            ]
            terms += [str(start)] * bool(start or not terms)
            return Written(f"{name}[{' + '.join(terms)}]", CLevel.ATOM)

        return LazyArray(self, shape, at, cheap=True, name=name, start=start, strides=strides)

    def array(
        self, name: str, shape: tuple[int, ...], *, one: bool = False, kind: str = "double"
    ) -> LazyArray:
        """Return an array that is there under a name; ``one``: as a number, not as an array."""
        if not one:
            return replace(self.stored(name, shape, 0, rows(shape)), kind=kind)
        return LazyArray(
            self, shape, lambda _, __: Written(name, CLevel.ATOM), cheap=True, name=f"(&{name})",
            strides=rows(shape), kind=kind,
        )  # fmt: skip

    def assign(self, name: str, value: Any, kind: str = "double") -> LazyArray:
        """Store an array under a new name."""
        value = self.array_of(value)
        self.taken.add(name)
        one = prod(value.shape) == 1
        if one:
            term = value.at(("0",) * value.ndim, self.lines)
            self.lines.append(f"{kind} {name} = {term.text};")
        else:
            self.lines.append(f"{kind} {name}[{prod(value.shape)}];")
            self.fill(self.array(name, value.shape), value)
        return self.array(name, value.shape, one=one, kind=kind)

    def keep(self, value: LazyArray, stem: str = "t", kind: str = "double") -> LazyArray:
        """Store an array that is read more than once, unless it is stored already."""
        return value if value.name else self.copied(value, stem, kind)

    def copied(self, value: LazyArray, stem: str = "t", kind: str = "double") -> LazyArray:
        """Store an array row after row under a new name."""
        return value.later() if value.later else self.assign(self.fresh(stem), value, kind)

    def fill(self, target: LazyArray, value: Any, sign: str = "=") -> None:
        """Write the loops that give each place of an array its number, or add to it."""
        value = self.array_of(value)
        if value.costly and value.shape != target.shape and prod(value.shape) > 1:
            value = self.keep(value)

        def body(index: Index, block: Block) -> None:
            term = value.at(own(value.shape, index), block)
            block.append(f"{target.at(index, block).text} {sign} {term.text};")

        self.loop(target.shape, self.lines, body)

    def loop(
        self, shape: Sequence[int], block: Block, body: Callable[[Index, Block], None]
    ) -> None:
        """Write loops over a shape; an axis of length 1 has none."""
        names = [name for name in LETTERS if name not in self.taken][self.depth :]
        left = iter(names)
        index = tuple("0" if size == 1 else next(left) for size in shape)
        heads = [
            f"for (int {i} = 0; {i} < {size}; {i}++)"
            for i, size in zip(index, shape, strict=True)
            if i != "0"
        ]
        inner: Block = []
        self.depth += len(heads)
        body(index, inner)
        self.depth -= len(heads)
        if not heads:
            block += inner
            return
        alone = len(inner) == 1
        for level, head in enumerate(heads):
            brace = "" if alone and level == len(heads) - 1 else " {"
            block.append("    " * level + head + brace)
        block += ["    " * len(heads) + line for line in inner]
        closed = len(heads) - 1 if alone else len(heads)
        block += ["    " * level + "}" for level in reversed(range(closed))]

    def reduced(
        self,
        shape: tuple[int, ...],
        inner: tuple[int, ...],
        made: Callable[[Index, Index, Block], Written],
        first: str = "0.0",
        step: Callable[[str, Written], str] = lambda name, term: f"{name} += {term.text};",
    ) -> LazyArray:
        """Return an array each element of which is a loop, over a shape inside, of its own."""

        def at(index: Index, block: Block) -> Written:
            name = self.fresh("s")
            block.append(f"double {name} = {first};")

            def body(within: Index, block: Block) -> None:
                block.append(step(name, made(index, within, block)))

            self.loop(inner, block, body)
            return Written(name, CLevel.ATOM)

        return LazyArray(self, shape, at, costly=True)

    def einsum(self, text: str, *operands: LazyArray) -> LazyArray:
        """Return sums of products: ``einsum("ik,kj->ij", A, B)``."""
        left, _, out = text.partition("->")
        arrays = [x if x.cheap else self.keep(x) for x in operands] if len(operands) > 1 else [
            self.keep(x) if x.costly else x for x in operands
        ]  # fmt: skip
        axes = left.split(",")
        sizes: dict[str, int] = {}
        for letters, x in zip(axes, arrays, strict=True):
            for letter, size in zip(letters, x.shape, strict=True):
                sizes[letter] = max(size, sizes.get(letter, 1))
        gone = [letter for letter in sizes if letter not in out]

        def made(index: Index, inner: Index, block: Block) -> Written:
            at = {**dict(zip(out, index, strict=True)), **dict(zip(gone, inner, strict=True))}
            terms = [
                x.at(own(x.shape, tuple(at[letter] for letter in letters)), block)
                for letters, x in zip(axes, arrays, strict=True)
            ]
            if len(terms) == 1:
                return terms[0]
            return Written(" * ".join(_factor(term) for term in terms), CLevel.SUM)

        shape = tuple(sizes[letter] for letter in out)
        inside = tuple(sizes[letter] for letter in gone)
        if prod(inside) == 1:
            zeros = ("0",) * len(inside)
            return LazyArray(self, shape, lambda index, block: made(index, zeros, block))
        return self.reduced(shape, inside, made)

    def gather(self, array: LazyArray, index: LazyArray) -> LazyArray:
        """Return rows of an array at positions, ``array[index]``."""
        index = self.positions(index, array.shape[0])
        stored = cache(lambda: self.keep(array))

        def at(place: Index, block: Block) -> Written:
            position = index.at(place[: index.ndim], block).text
            return stored().at((position, *place[index.ndim :]), block)

        return LazyArray(self, (*index.shape, *array.shape[1:]), at, cheap=True)

    def positions(self, index: LazyArray, count: int) -> LazyArray:
        """Return positions as whole numbers; at run time, refuse what is none."""
        if index.kind == "int":
            return index
        number = self.keep(index)

        def body(place: Index, block: Block) -> None:
            text = number.at(place, block).text
            block.append(
                f"if (!({text} >= 0 && {text} < {count})) return {self.refusal};  /* no position */"
            )

        self.loop(number.shape, self.lines, body)
        found = LazyArray(
            self, index.shape,
            lambda place, block: Written(f"(int){number.at(place, block).text}", CLevel.ATOM),
        )  # fmt: skip
        return self.keep(found, "place", "int")


def _factor(term: Written) -> str:
    return term.text if term.strength == CLevel.ATOM else f"({term.text})"


def joined(writer: Writer, parts: Sequence[LazyArray]) -> LazyArray:
    """Return arrays one after another along the first axis; stored where they are read."""
    rest = broadcast([part.shape[1:] for part in parts])
    shape = (sum(part.shape[0] for part in parts), *rest)

    @cache
    def stored() -> LazyArray:
        name, start = writer.fresh("t"), 0
        writer.lines.append(f"double {name}[{prod(shape)}];")
        whole = writer.array(name, shape)
        for part in parts:
            writer.fill(whole[start : start + part.shape[0]], part)
            start += part.shape[0]
        return whole

    return LazyArray(writer, shape, lambda index, block: stored().at(index, block), later=stored)
