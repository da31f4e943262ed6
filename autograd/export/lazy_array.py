"""Arrays that know how to write each element in C: loops are written where they end up."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from math import prod
from typing import Any, Protocol

from autograd.export.c_shapes import Index, broadcast, cut, own, rows
from autograd.expressions.dialects import CLevel, CPrinter
from autograd.expressions.printer import Written

Block = list[str]
within = CPrinter().bracketed


class Writer(Protocol):
    """Who writes the loops of arrays: what these ask for (`autograd.export.c_writer`)."""

    def number(self, x: Any) -> "LazyArray":
        """Return a number as an array without axes."""

    def call(self, name: str, *operands: Any) -> "LazyArray":
        """Return what a function of numbers gives for each element."""

    def einsum(self, text: str, *operands: "LazyArray") -> "LazyArray":
        """Return sums of products."""

    def gather(self, array: "LazyArray", index: "LazyArray") -> "LazyArray":
        """Return rows of an array at positions."""

    def keep(self, value: "LazyArray") -> "LazyArray":
        """Store an array that is read more than once."""

    def copied(self, value: "LazyArray") -> "LazyArray":
        """Store an array row after row."""

    def stored(
        self, name: str, shape: tuple[int, ...], start: int, strides: tuple[int, ...]
    ) -> "LazyArray":
        """Return an array that is stored under a name."""


@dataclass(frozen=True, eq=False)
class LazyArray:
    """An array of C: its shape, and what its element at an index is.

    ``at`` may write lines before the element, such as the loop of a sum, into a block; then it is
    ``costly``. ``strides`` (with ``start``) are those of an array that is stored under a name, None
    of one that is not.
    """

    writer: Writer
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
        spread = sum(k is not None and k is not Ellipsis for k in keys)
        if Ellipsis in [k if isinstance(k, type(Ellipsis)) else 0 for k in keys]:
            i = next(i for i, k in enumerate(keys) if k is Ellipsis)
            keys = (*keys[:i], *[slice(None)] * (self.ndim - spread), *keys[i + 1 :])
        else:
            keys = (*keys, *[slice(None)] * (self.ndim - spread))
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


def elementwise(writer: Writer, made: Callable[..., Written], *operands: Any) -> LazyArray:
    """Return what a function makes of elements, broadcast."""
    arrays = [x if isinstance(x, LazyArray) else writer.number(x) for x in operands]
    shape = broadcast([x.shape for x in arrays])
    arrays = [writer.keep(x) if x.costly and x.shape != shape else x for x in arrays]

    def at(index: Index, block: Block) -> Written:
        return made(*[x.at(own(x.shape, index), block) for x in arrays])

    return LazyArray(writer, shape, at, costly=any(x.costly for x in arrays))


def infix(writer: Writer, sign: str, strength: int, x: Any, y: Any) -> LazyArray:
    """Return two arrays with an operator between their elements."""
    return elementwise(
        writer,
        lambda a, b: Written(f"{within(a, strength)} {sign} {within(b, strength + 1)}", strength),
        x,
        y,
    )
