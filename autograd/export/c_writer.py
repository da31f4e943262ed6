"""Arrays that know how to write each element in C, and a writer of loops where they end up."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from math import prod
from typing import Any

from autograd.compiler.ir.array_ir import full_parts
from autograd.export.c_shapes import Index, broadcast, cut, own, rows
from autograd.expressions.dialects import CLevel, CPrinter, c_number
from autograd.expressions.printer import Written

Block = list[str]
LETTERS = ("i", "j", "k", "l", "m", "p", "q", "r", "s", "t", *(f"i{n}" for n in range(1, 40)))
within = CPrinter().bracketed


@dataclass(frozen=True, eq=False)
class LazyArray:
    """An array of C: its shape, and what its element at an index is.

    ``at`` may write lines before the element, such as the loop of a sum, into a block; then it is
    ``costly``. ``strides`` (with ``start``) are those of an array that is stored under a name, None
    of one that is not.
    """

    writer: "Writer"
    shape: tuple[int, ...]
    at: Callable[[Index, Block], Written]
    costly: bool = False
    cheap: bool = False
    kind: str = "double"
    name: str = ""
    start: int = 0
    strides: tuple[int, ...] | None = None
    later: "Callable[[], LazyArray] | None" = None  # stores it, where it is used at all

    __array_ufunc__ = None

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    def __len__(self) -> int:
        return self.shape[0]

    def __add__(self, other: Any) -> "LazyArray":
        return infix(self.writer, "+", CLevel.SUM, self, other)

    def __radd__(self, other: Any) -> "LazyArray":
        return infix(self.writer, "+", CLevel.SUM, other, self)

    def __sub__(self, other: Any) -> "LazyArray":
        return infix(self.writer, "-", CLevel.SUM, self, other)

    def __rsub__(self, other: Any) -> "LazyArray":
        return infix(self.writer, "-", CLevel.SUM, other, self)

    def __mul__(self, other: Any) -> "LazyArray":
        return self if _is_one(other) else infix(self.writer, "*", CLevel.PRODUCT, self, other)

    def __rmul__(self, other: Any) -> "LazyArray":
        return self if _is_one(other) else infix(self.writer, "*", CLevel.PRODUCT, other, self)

    def __truediv__(self, other: Any) -> "LazyArray":
        return self if _is_one(other) else infix(self.writer, "/", CLevel.PRODUCT, self, other)

    def __rtruediv__(self, other: Any) -> "LazyArray":
        return infix(self.writer, "/", CLevel.PRODUCT, other, self)

    def __pow__(self, other: Any) -> "LazyArray":
        return self.writer.call("pow", self, other)

    def __rpow__(self, other: Any) -> "LazyArray":
        return self.writer.call("pow", other, self)

    def __neg__(self) -> "LazyArray":
        return elementwise(
            self.writer, lambda x: Written(f"-{within(x, CLevel.SIGN)}", CLevel.SIGN), self
        )

    def __lt__(self, other: Any) -> "LazyArray":
        return infix(self.writer, "<", CLevel.COMPARISON, self, other)

    def __le__(self, other: Any) -> "LazyArray":
        return infix(self.writer, "<=", CLevel.COMPARISON, self, other)

    def __gt__(self, other: Any) -> "LazyArray":
        return infix(self.writer, ">", CLevel.COMPARISON, self, other)

    def __ge__(self, other: Any) -> "LazyArray":
        return infix(self.writer, ">=", CLevel.COMPARISON, self, other)

    def __eq__(self, other: object) -> "LazyArray":  # type: ignore[override]
        return infix(self.writer, "==", CLevel.COMPARISON, self, other)

    def __ne__(self, other: object) -> "LazyArray":  # type: ignore[override]
        return infix(self.writer, "!=", CLevel.COMPARISON, self, other)

    __hash__ = None  # type: ignore[assignment]

    def __and__(self, other: Any) -> "LazyArray":
        return infix(self.writer, "&&", CLevel.AND, self, other)

    def __or__(self, other: Any) -> "LazyArray":
        return infix(self.writer, "||", CLevel.OR, self, other)

    def transpose(self, axes: Sequence[int]) -> "LazyArray":
        """Return the array with its axes in another order."""

        def at(index: Index, block: Block) -> Written:
            return self.at(tuple(index[axes.index(a)] for a in range(self.ndim)), block)

        strides = self.strides and tuple(self.strides[a] for a in axes)
        shape = tuple(self.shape[a] for a in axes)
        return replace(self, shape=shape, at=at, strides=strides, later=None)

    def reshape(self, shape: tuple[int, ...]) -> "LazyArray":
        """Return the elements, row after row, in another shape."""
        stored = self if self.strides == rows(self.shape) else self.writer.copied(self)
        return self.writer.stored(stored.name, shape, stored.start, rows(shape))

    def sum(self, axis: Sequence[int], keepdims: bool = False) -> "LazyArray":
        """Add up along axes."""
        letters = "abcdefgh"[: self.ndim]
        left = "".join(c for i, c in enumerate(letters) if i not in axis)
        total = self.writer.einsum(f"{letters}->{left}", self)
        if not keepdims:
            return total
        return total[tuple(None if i in axis else slice(None) for i in range(self.ndim))]

    def mean(self) -> "LazyArray":
        """Return the mean of all."""
        return self.sum(range(self.ndim)) / float(prod(self.shape))

    def __getitem__(self, key: Any) -> "LazyArray":
        keys = key if isinstance(key, tuple) else (key,)
        if isinstance(keys[0], LazyArray):
            return self.writer.gather(self, keys[0])
        keys = tuple(full_parts(keys, self.ndim))
        if all(k is None or k == slice(None) for k in keys):
            return self._spread(keys)
        if self.strides is not None:
            return self.cut(keys)
        shape = self.writer.stored("", self.shape, 0, rows(self.shape)).cut(keys).shape
        part = cache(lambda: self.writer.copied(self).cut(keys))
        return LazyArray(self.writer, shape, lambda i, block: part().at(i, block), later=part)

    def _spread(self, keys: Sequence[Any]) -> "LazyArray":
        sizes = iter(self.shape)
        own = [i for i, k in enumerate(keys) if k is not None]
        shape = tuple(1 if k is None else next(sizes) for k in keys)
        return replace(
            self,
            shape=shape,
            at=lambda index, block: self.at(tuple(index[i] for i in own), block),
            name="",
            strides=None,
            later=None,
        )

    def cut(self, keys: Sequence[Any]) -> "LazyArray":
        """Take slices and positions of a stored array."""
        assert self.strides is not None
        return self.writer.stored(self.name, *cut(self.shape, self.start, self.strides, keys))


def _is_one(other: Any) -> bool:
    return isinstance(other, (int, float)) and other == 1


def elementwise(writer: "Writer", made: Callable[..., Written], *operands: Any) -> LazyArray:
    """Return what a function makes of elements, broadcast."""
    arrays = [x if isinstance(x, LazyArray) else writer.number(x) for x in operands]
    shape = broadcast([x.shape for x in arrays])
    arrays = [writer.keep(x) if x.costly and x.shape != shape else x for x in arrays]

    def at(index: Index, block: Block) -> Written:
        return made(*[x.at(own(x.shape, index), block) for x in arrays])

    return LazyArray(writer, shape, at, costly=any(x.costly for x in arrays))


def infix(writer: "Writer", sign: str, strength: int, x: Any, y: Any) -> LazyArray:
    """Return two arrays with an operator between their elements."""
    return elementwise(
        writer,
        lambda a, b: Written(f"{within(a, strength)} {sign} {within(b, strength + 1)}", strength),
        x,
        y,
    )


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


def joined(writer: "Writer", parts: Sequence[LazyArray]) -> LazyArray:
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
