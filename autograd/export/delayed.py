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

    def number(self, x: Any) -> "Delayed":
        """Return a number as an array without axes."""

    def call(self, name: str, *operands: Any) -> "Delayed":
        """Return what a function of numbers gives for each element."""

    def einsum(self, text: str, *operands: "Delayed") -> "Delayed":
        """Return sums of products."""

    def gather(self, array: "Delayed", index: "Delayed") -> "Delayed":
        """Return rows of an array at positions."""

    def keep(self, value: "Delayed") -> "Delayed":
        """Store an array that is read more than once."""

    def copied(self, value: "Delayed") -> "Delayed":
        """Store an array row after row."""

    def stored(
        self, name: str, shape: tuple[int, ...], start: int, strides: tuple[int, ...]
    ) -> "Delayed":
        """Return an array that is stored under a name."""


@dataclass(frozen=True, eq=False)
class Delayed:
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
    later: "Callable[[], Delayed] | None" = None  # stores it, where it is used at all

    __array_ufunc__ = None

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    def __len__(self) -> int:
        return self.shape[0]

    def __add__(self, other: Any) -> "Delayed":
        return infix(self.writer, "+", CLevel.SUM, self, other)

    def __radd__(self, other: Any) -> "Delayed":
        return infix(self.writer, "+", CLevel.SUM, other, self)

    def __sub__(self, other: Any) -> "Delayed":
        return infix(self.writer, "-", CLevel.SUM, self, other)

    def __rsub__(self, other: Any) -> "Delayed":
        return infix(self.writer, "-", CLevel.SUM, other, self)

    def __mul__(self, other: Any) -> "Delayed":
        return self if _is_one(other) else infix(self.writer, "*", CLevel.PRODUCT, self, other)

    def __rmul__(self, other: Any) -> "Delayed":
        return self if _is_one(other) else infix(self.writer, "*", CLevel.PRODUCT, other, self)

    def __truediv__(self, other: Any) -> "Delayed":
        return self if _is_one(other) else infix(self.writer, "/", CLevel.PRODUCT, self, other)

    def __rtruediv__(self, other: Any) -> "Delayed":
        return infix(self.writer, "/", CLevel.PRODUCT, other, self)

    def __pow__(self, other: Any) -> "Delayed":
        return self.writer.call("pow", self, other)

    def __rpow__(self, other: Any) -> "Delayed":
        return self.writer.call("pow", other, self)

    def __neg__(self) -> "Delayed":
        return elementwise(
            self.writer, lambda x: Written(f"-{within(x, CLevel.SIGN)}", CLevel.SIGN), self
        )

    def __lt__(self, other: Any) -> "Delayed":
        return infix(self.writer, "<", CLevel.COMPARISON, self, other)

    def __le__(self, other: Any) -> "Delayed":
        return infix(self.writer, "<=", CLevel.COMPARISON, self, other)

    def __gt__(self, other: Any) -> "Delayed":
        return infix(self.writer, ">", CLevel.COMPARISON, self, other)

    def __ge__(self, other: Any) -> "Delayed":
        return infix(self.writer, ">=", CLevel.COMPARISON, self, other)

    def __eq__(self, other: object) -> "Delayed":  # type: ignore[override]
        return infix(self.writer, "==", CLevel.COMPARISON, self, other)

    def __ne__(self, other: object) -> "Delayed":  # type: ignore[override]
        return infix(self.writer, "!=", CLevel.COMPARISON, self, other)

    __hash__ = None  # type: ignore[assignment]

    def __and__(self, other: Any) -> "Delayed":
        return infix(self.writer, "&&", CLevel.AND, self, other)

    def __or__(self, other: Any) -> "Delayed":
        return infix(self.writer, "||", CLevel.OR, self, other)

    def __matmul__(self, other: "Delayed") -> "Delayed":
        batch = "uvw"[: max(self.ndim, other.ndim) - 2]
        left = batch[len(batch) - max(self.ndim - 2, 0) :] + ("ik" if self.ndim > 1 else "k")
        right = batch[len(batch) - max(other.ndim - 2, 0) :] + ("kj" if other.ndim > 1 else "k")
        out = batch + "i" * (self.ndim > 1) + "j" * (other.ndim > 1)
        return self.writer.einsum(f"{left},{right}->{out}", self, other)

    @property
    def T(self) -> "Delayed":
        """The array with its axes in reverse."""
        return self.transpose(*range(self.ndim)[::-1])

    def transpose(self, *axes: int) -> "Delayed":
        """Return the array with its axes in another order."""

        def at(index: Index, block: Block) -> Written:
            return self.at(tuple(index[axes.index(a)] for a in range(self.ndim)), block)

        strides = self.strides and tuple(self.strides[a] for a in axes)
        shape = tuple(self.shape[a] for a in axes)
        return replace(self, shape=shape, at=at, strides=strides, later=None)

    def reshape(self, *shape: Any) -> "Delayed":
        """Return the elements, row after row, in another shape."""
        sizes = tuple(shape[0]) if shape and isinstance(shape[0], tuple) else shape
        known = prod(size for size in sizes if size >= 0)
        sizes = tuple(prod(self.shape) // known if size < 0 else size for size in sizes)
        stored = self if self.strides == rows(self.shape) else self.writer.copied(self)
        return self.writer.stored(stored.name, sizes, stored.start, rows(sizes))

    def ravel(self) -> "Delayed":
        """Return the elements in one row."""
        return self.reshape(prod(self.shape))

    def item(self) -> "Delayed":
        """Return the only element."""
        return self.reshape(())

    def sum(self, axis: Any = None, keepdims: bool = False) -> "Delayed":
        """Add up along axes."""
        axes = range(self.ndim) if axis is None else (axis,) if isinstance(axis, int) else axis
        gone = {a % self.ndim for a in axes}
        letters = "abcdefgh"[: self.ndim]
        left = "".join(c for i, c in enumerate(letters) if i not in gone)
        total = self.writer.einsum(f"{letters}->{left}", self)
        if not keepdims:
            return total
        return total[tuple(None if i in gone else slice(None) for i in range(self.ndim))]

    def mean(self) -> "Delayed":
        """Return the mean of all."""
        return self.sum() / float(prod(self.shape))

    def __getitem__(self, key: Any) -> "Delayed":
        keys = key if isinstance(key, tuple) else (key,)
        if isinstance(keys[0], Delayed):
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
        return Delayed(self.writer, shape, lambda i, block: part().at(i, block), later=part)

    def _spread(self, keys: Sequence[Any]) -> "Delayed":
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

    def cut(self, keys: Sequence[Any]) -> "Delayed":
        """Take slices and positions of a stored array."""
        assert self.strides is not None
        return self.writer.stored(self.name, *cut(self.shape, self.start, self.strides, keys))


def _is_one(other: Any) -> bool:
    return isinstance(other, (int, float)) and other == 1


def elementwise(writer: Writer, made: Callable[..., Written], *operands: Any) -> Delayed:
    """Return what a function makes of elements, broadcast."""
    arrays = [x if isinstance(x, Delayed) else writer.number(x) for x in operands]
    shape = broadcast([x.shape for x in arrays])
    arrays = [writer.keep(x) if x.costly and x.shape != shape else x for x in arrays]

    def at(index: Index, block: Block) -> Written:
        return made(*[x.at(own(x.shape, index), block) for x in arrays])

    return Delayed(writer, shape, at, costly=any(x.costly for x in arrays))


def infix(writer: Writer, sign: str, strength: int, x: Any, y: Any) -> Delayed:
    """Return two arrays with an operator between their elements."""
    return elementwise(
        writer,
        lambda a, b: Written(f"{within(a, strength)} {sign} {within(b, strength + 1)}", strength),
        x,
        y,
    )
