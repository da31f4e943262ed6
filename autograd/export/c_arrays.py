"""Arrays that know how to write each element in C, a writer of loops, and programs' primitives.

An element is an expression tree, which C's printer writes where the element ends up.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, partial
from math import prod
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin
from numpy.typing import NDArray

from autograd.compiler.ir.array_ir import full_parts
from autograd.compiler.ir.evaluate import Operations
from autograd.export.namespaces import namespace
from autograd.export.program import with_defaults
from autograd.expressions.dialects import CPrinter
from autograd.expressions.printer import Written
from autograd.expressions.tree import Expression, Number, Operation, Symbol
from autograd.primitives import TABLE
from autograd.rules.floats import FOLDS, FUNCTIONS

Index = tuple[str, ...]
Shape = tuple[int, ...]
Block = list[str]
LETTERS = ("i", "j", "k", "l", "m", "p", "q", "r", "s", "t", *(f"i{n}" for n in range(1, 40)))
# NumPy's operators by the names that expression trees have for them.
OPERATORS = {
    "add": "add", "subtract": "sub", "multiply": "mul", "divide": "div", "power": "pow",
    "negative": "neg", "less": "<", "less_equal": "<=", "greater": ">", "greater_equal": ">=",
    "equal": "==", "not_equal": "!=", "bitwise_and": "&", "bitwise_or": "|",
}  # fmt: skip
# How a loop starts, and the assignment that takes a further term in; "": a function's call.
REDUCTIONS = {
    "add": ("0.0", "+="), "mul": ("1.0", "*="), "maximum": ("-INFINITY", ""),
    "minimum": ("INFINITY", ""), "hypot": ("0.0", ""),
}  # fmt: skip
ALONG = {"sum": "add", "prod": "mul", "max": "maximum", "min": "minimum", "norm": "hypot"}


def own(shape: Shape, index: Index) -> Index:
    """Return the index into an array that is broadcast."""
    last = index[len(index) - len(shape) :] if shape else ()
    return tuple("0" if size == 1 else i for size, i in zip(shape, last, strict=True))


class ElementPrinter(CPrinter):
    """Prints elements of arrays, which may be named as the table's constants are."""

    def symbol(self, name: str) -> Written:
        """Print an element."""
        return Written(name, self.atom)


@dataclass(frozen=True, eq=False)
class LazyArray(NDArrayOperatorsMixin):
    """An array of C: its shape, and what its element at an index is.

    ``at`` may write lines before the element, such as the loop of a sum, into a block; then it is
    ``costly``. ``places`` says where the elements are of an array that is stored under a name: it
    is cut and turned as NumPy cuts and turns arrays. ``later`` stores an array, where it is used.
    """

    writer: "Writer"
    shape: Shape
    at: Callable[[Index, Block], Expression]
    costly: bool = False
    cheap: bool = False
    kind: str = "double"
    name: str = ""
    places: NDArray[np.intp] | None = None
    later: "Callable[[], LazyArray] | None" = None

    def __array_ufunc__(self, ufunc: Any, _: str, *operands: Any) -> "LazyArray":
        return self.writer.infix(OPERATORS[ufunc.__name__], *operands)

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    def __len__(self) -> int:
        return self.shape[0]

    def transpose(self, axes: Sequence[int]) -> "LazyArray":
        """Return the array with its axes in another order."""
        if self.places is not None:
            return self.view(self.places.transpose(axes))
        turned = np.argsort(axes)
        shape = tuple(self.shape[a] for a in axes)
        return replace(
            self, shape=shape, later=None,
            at=lambda index, block: self.at(tuple(index[i] for i in turned), block),
        )  # fmt: skip

    def reshape(self, shape: Shape) -> "LazyArray":
        """Return the elements, row after row, in another shape."""
        if self.places is None or not self.places.flags.c_contiguous:
            return self.writer.copied(self).reshape(shape)
        return self.view(self.places.reshape(shape))

    def view(self, places: Any) -> "LazyArray":
        """Return other elements of a stored array, or these in another order."""
        return self.writer.stored(self.name, np.asarray(places), self.kind)

    def sum(self, axis: Sequence[int], keepdims: bool = False) -> "LazyArray":
        """Add up along axes."""
        total = self.writer.along("add", self, axis)
        if not keepdims:
            return total
        return total[tuple(None if i in axis else slice(None) for i in range(self.ndim))]

    def mean(self) -> "LazyArray":
        """Return the mean of all."""
        total: LazyArray = self.sum(range(self.ndim)) / float(prod(self.shape))
        return total

    def __getitem__(self, key: Any) -> "LazyArray":
        keys = key if isinstance(key, tuple) else (key,)
        if isinstance(keys[0], LazyArray):
            return self.writer.gather(self, keys[0])
        if self.places is not None:
            return self.view(self.places[keys])
        shape = np.broadcast_to(0, self.shape)[keys].shape
        full = full_parts(keys, self.ndim)
        if all(k is None or k == slice(None) for k in full):
            kept = [i for i, k in enumerate(full) if k is not None]
            return replace(
                self, shape=shape, later=None,
                at=lambda index, block: self.at(tuple(index[i] for i in kept), block),
            )  # fmt: skip
        part = cache(lambda: self.writer.copied(self)[keys])
        return LazyArray(self.writer, shape, lambda i, block: part().at(i, block), later=part)


@dataclass
class Writer:
    """The lines of a C function so far, and the names that are taken."""

    taken: set[str]
    refusal: str = "NAN"  # what the function returns where the program does not hold
    lines: Block = field(default_factory=list)
    printer: CPrinter = field(default_factory=ElementPrinter)  # knows which functions are called
    depth: int = 0

    def fresh(self, stem: str) -> str:
        """Return a name that nothing has."""
        count = 1
        while f"{stem}{count}" in self.taken:
            count += 1
        self.taken.add(f"{stem}{count}")
        return f"{stem}{count}"

    def array_of(self, x: Any) -> LazyArray:
        """Return an array as it is, a number as an array without axes."""
        return x if isinstance(x, LazyArray) else LazyArray(
            self, (), lambda _, __: Number(float(x)), cheap=True)  # fmt: skip

    def elementwise(self, op: str, *operands: Any) -> LazyArray:
        """Return an operation on each element, broadcast."""
        arrays = list(map(self.array_of, operands))
        shape = np.broadcast_shapes(*[x.shape for x in arrays])
        arrays = [self.once(x, shape) for x in arrays]

        def at(index: Index, block: Block) -> Expression:
            return Operation(op, tuple(x.at(own(x.shape, index), block) for x in arrays))

        return LazyArray(self, shape, at, costly=any(x.costly for x in arrays))

    def infix(self, op: str, *operands: Any) -> LazyArray:
        """Return an operator between elements; a factor of 1 is left out."""
        ones = [not isinstance(x, LazyArray) and x == 1 for x in operands]
        if op in {"mul", "div"} and ones[1]:
            return self.array_of(operands[0])
        if op == "mul" and ones[0]:
            return self.array_of(operands[1])
        return self.elementwise(op, *operands)

    def stored(self, name: str, places: NDArray[Any], kind: str = "double") -> LazyArray:
        """Return an array that is stored under a name, a number under ``(&name)``."""
        start = int(places.flat[0]) if places.size else 0
        steps = [stride // places.itemsize for stride in places.strides]
        axes = sorted(range(places.ndim), key=lambda axis: -steps[axis])

        def at(index: Index, _: Block) -> Expression:
            if name.startswith("(&"):
                return Symbol(name[2:-1])
            terms = []
            for i, step in ((index[axis], steps[axis]) for axis in axes if index[axis] != "0"):
                whole = i if step == 1 or i.isidentifier() else f"({i})"
                terms.append(whole if step == 1 else f"{whole} * {step}")
            terms += [str(start)] * bool(start or not terms)
            return Symbol(f"{name}[{' + '.join(terms)}]")

        return LazyArray(self, places.shape, at, cheap=True, kind=kind, name=name, places=places)

    def array(
        self, name: str, shape: Shape, *, one: bool = False, kind: str = "double"
    ) -> LazyArray:
        """Return an array that is there under a name; ``one``: as a number, not as an array."""
        places = np.arange(prod(shape)).reshape(shape)
        return self.stored(f"(&{name})" if one else name, places, kind)

    def zeros(self, shape: Shape, name: str = "") -> LazyArray:
        """Store zeros under a name; a new one where none is given."""
        name = name or self.fresh("t")
        self.lines.append(f"double {name}[{prod(shape)}] = {{0.0}};")
        return self.array(name, shape)

    def assign(self, name: str, value: Any, kind: str = "double") -> LazyArray:
        """Store an array under a new name."""
        value = self.array_of(value)
        self.taken.add(name)
        one = prod(value.shape) == 1
        if one:
            term = value.at(("0",) * value.ndim, self.lines)
            self.lines.append(f"{kind} {name} = {self.printer.text(term)};")
        else:
            self.lines.append(f"{kind} {name}[{prod(value.shape)}];")
            self.fill(self.array(name, value.shape), value)
        return self.array(name, value.shape, one=one, kind=kind)

    def keep(self, value: LazyArray) -> LazyArray:
        """Store an array that is read more than once, unless it is stored already."""
        return value if value.name else self.copied(value)

    def once(self, x: LazyArray, shape: Shape) -> LazyArray:
        """Store an array that would be computed for each of several places of a shape."""
        return self.keep(x) if x.costly and x.shape != shape else x

    def copied(self, value: LazyArray) -> LazyArray:
        """Store an array row after row under a new name."""
        return value.later() if value.later else self.assign(self.fresh("t"), value)

    def fill(self, target: LazyArray, value: Any, sign: str = "=") -> None:
        """Write the loops that give each place of an array its number, or add to it."""
        value = self.array_of(value)
        value = self.once(value, target.shape) if prod(value.shape) > 1 else value

        def body(index: Index, block: Block) -> None:
            term = self.printer.text(value.at(own(value.shape, index), block))
            block.append(f"{self.printer.text(target.at(index, block))} {sign} {term};")

        self.loop(target.shape, self.lines, body)

    def loop(
        self, shape: Sequence[int], block: Block, body: Callable[[Index, Block], None]
    ) -> None:
        """Write loops over a shape; an axis of length 1 has none."""
        left = iter([name for name in LETTERS if name not in self.taken][self.depth :])
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
        braces = len(heads) - (len(inner) == 1)  # a loop over one line has none
        for level, head in enumerate(heads):
            block.append("    " * level + head + " {" * (level < braces))
        block += ["    " * len(heads) + line for line in inner]
        block += ["    " * level + "}" for level in reversed(range(braces))]

    def reduced(
        self, op: str, shape: Shape, inner: Shape,
        made: Callable[[Index, Index, Block], Expression],
    ) -> LazyArray:  # fmt: skip
        """Return an array each element of which is a loop, over a shape inside, of its own."""
        first, sign = REDUCTIONS[op]
        if prod(inner) == 1 and op != "hypot":  # which gives the absolute value of one number
            zeros = ("0",) * len(inner)
            return LazyArray(self, shape, lambda index, block: made(index, zeros, block))

        def at(index: Index, block: Block) -> Expression:
            name = self.fresh("s")
            block.append(f"double {name} = {first};")

            def body(within: Index, block: Block) -> None:
                term = made(index, within, block)
                term = term if sign else Operation(op, (Symbol(name), term))
                block.append(f"{name} {sign or '='} {self.printer.text(term)};")

            self.loop(inner, block, body)
            return Symbol(name)

        return LazyArray(self, shape, at, costly=True)

    def along(self, op: str, xs: LazyArray, axes: Sequence[int] = (0,)) -> LazyArray:
        """Reduce an array along axes."""
        xs = self.keep(xs) if xs.costly else xs
        left = [axis for axis in range(xs.ndim) if axis not in axes]

        def made(index: Index, inner: Index, block: Block) -> Expression:
            at = {**dict(zip(left, index, strict=True)), **dict(zip(axes, inner, strict=True))}
            return xs.at(tuple(at[axis] for axis in range(xs.ndim)), block)

        shape, inner = (tuple(xs.shape[axis] for axis in each) for each in (left, axes))
        return self.reduced(op, shape, inner, made)

    def einsum(self, spec: str, *operands: LazyArray) -> LazyArray:
        """Return sums of products: ``einsum("ik,kj->ij", A, B)``."""
        left, _, out = spec.partition("->")
        pairs = [
            (letters, x if x.cheap else self.keep(x))
            for letters, x in zip(left.split(","), operands, strict=True)
        ]
        sizes: dict[str, int] = {}
        for letters, x in pairs:
            sizes.update(zip(letters, x.shape, strict=True))
        gone = [letter for letter in sizes if letter not in out]

        def made(index: Index, inner: Index, block: Block) -> Expression:
            at = {**dict(zip(out, index, strict=True)), **dict(zip(gone, inner, strict=True))}
            factors = [
                x.at(own(x.shape, tuple(at[letter] for letter in letters)), block)
                for letters, x in pairs
            ]
            return Operation("mul", tuple(factors))

        shape, inner = (tuple(sizes[letter] for letter in each) for each in (out, gone))
        return self.reduced("add", shape, inner, made)

    def gather(self, array: LazyArray, index: LazyArray) -> LazyArray:
        """Return rows of an array at positions, ``array[index]``."""
        index = self.positions(index, array.shape[0])
        stored = cache(lambda: self.keep(array))

        def at(place: Index, block: Block) -> Expression:
            position = self.printer.text(index.at(place[: index.ndim], block))
            return stored().at((position, *place[index.ndim :]), block)

        return LazyArray(self, (*index.shape, *array.shape[1:]), at, cheap=True)

    def positions(self, index: LazyArray, count: int) -> LazyArray:
        """Return positions as whole numbers; at run time, refuse what is none."""
        if index.kind == "int":
            return index
        number = self.keep(index)

        def text(place: Index, block: Block) -> str:
            return self.printer.text(number.at(place, block))

        def body(place: Index, block: Block) -> None:
            x = text(place, block)
            block.append(
                f"if (!({x} >= 0 && {x} < {count})) return {self.refusal};  /* no position */"
            )

        self.loop(number.shape, self.lines, body)
        found = replace(number, at=lambda place, block: Symbol(f"(int){text(place, block)}"))
        return self.assign(self.fresh("place"), found, "int")

    def joined(self, parts: Sequence[LazyArray]) -> LazyArray:
        """Return arrays one after another along the first axis; stored where they are read."""
        rest = np.broadcast_shapes(*[part.shape[1:] for part in parts])
        shape = (sum(map(len, parts)), *rest)

        @cache
        def stored() -> LazyArray:
            name, start = self.fresh("t"), 0
            self.lines.append(f"double {name}[{prod(shape)}];")
            whole = self.array(name, shape)
            for part in parts:
                self.fill(whole[start : start + len(part)], part)
                start += len(part)
            return whole

        return LazyArray(self, shape, lambda index, block: stored().at(index, block), later=stored)


class COperations(Operations):
    """What programs do, by a writer of loops; ``label`` names what is accumulated next."""

    def __init__(self, writer: Writer) -> None:
        self.writer = writer
        self.label = ""
        # Functions of one number each; the others have lines for arrays in `namespaces`.
        lists = {*FOLDS, *(entry.name for entry in TABLE.values() if entry.variadic)}
        functions = {
            **{name: partial(self._each, name) for name in {**FUNCTIONS, **TABLE}
               if name not in lists},
            **{name: partial(writer.along, op) for name, op in ALONG.items()},
            "asarray": writer.array_of, "whole": writer.array_of, "take": self._take,
            "others": self._others,
            "let": lambda x: writer.keep(x) if isinstance(x, LazyArray) else x,
        }  # fmt: skip
        super().__init__(namespace(functions, "c"))

    def _each(self, name: str, *xs: Any) -> LazyArray:
        """Call a function of numbers for each element."""
        return self.writer.elementwise(name, *with_defaults(name, xs))

    def _take(self, xs: LazyArray, k: Any) -> LazyArray:
        """Return one number for each of k."""
        writer = self.writer
        xs = writer.keep(xs)
        k = writer.positions(writer.array_of(k), len(xs))

        def at(index: Index, block: Block) -> Expression:
            place = writer.printer.text(k.at(own(k.shape, index), block))
            return xs.at((place, *own(xs.shape[1:], index)), block)

        return LazyArray(writer, np.broadcast_shapes(xs.shape[1:], k.shape), at)

    def _others(self, xs: LazyArray) -> LazyArray:
        """Return for each x the product of all the others, along the first axis."""
        writer, xs = self.writer, self.writer.keep(xs)
        rows = []
        for i in range(len(xs)):
            parts = [x for x in (xs[:i], xs[i + 1 :]) if len(x)]
            row = writer.along("mul", writer.joined(parts)) if parts else writer.array_of(1.0)
            rows.append(self.broadcast_to(row, xs.shape[1:])[None])
        return writer.joined(rows)

    def onehot(self, k: Any, like: Any) -> LazyArray:
        """Return 1 in place k of the first axis, like an array or of a given length."""
        k = self.writer.array_of(k)
        count, ndim = (like, 1 + k.ndim) if isinstance(like, int) else (len(like), like.ndim)
        rest = np.broadcast_shapes((1,) * (ndim - 1), k.shape)

        def at(index: Index, block: Block) -> Expression:
            return Operation("==", (Symbol(index[0]), k.at(own(k.shape, index[1:]), block)))

        return LazyArray(self.writer, (count, *rest), at)

    def add_at(self, index: Any, numbers: Any, count: int) -> LazyArray:
        """Return numbers added up by index."""
        total = self.writer.zeros((count, *numbers.shape[index.ndim :]))
        self.writer.fill(self.writer.gather(total, index), numbers, "+=")
        return total

    def einsum(self, x: Any, y: Any, spec: str) -> LazyArray:
        """Return sums of products."""
        return self.writer.einsum(spec, *map(self.writer.array_of, (x, y)))

    def broadcast_to(self, x: Any, shape: Shape) -> LazyArray:
        """Return an array repeated along axes."""
        x = self.writer.once(self.writer.array_of(x), shape)
        return LazyArray(
            self.writer, shape, lambda index, block: x.at(own(x.shape, index), block),
            costly=x.costly,
        )  # fmt: skip

    def repeat_samples(self, x: Any, count: int) -> LazyArray:
        """Return an array repeated along a new last axis."""
        x = self.writer.array_of(x)
        return self.broadcast_to(x[..., None], (*x.shape, count))

    def concatenate(self, *parts: Any) -> LazyArray:
        """Return arrays one after another along the first axis."""
        return self.writer.joined(parts)

    def accumulate(self, shape: Shape, values: Sequence[Any], paths: Sequence[Any]) -> LazyArray:
        """Return zeros with values added to parts of them, under the name of ``label``."""
        total = self.writer.zeros(shape, self.label)
        for value, path in zip(values, paths, strict=True):
            part: Any = total
            for primitive, what in path:
                part = getattr(self, primitive)(part, what)
            self.writer.fill(part, value, "+=")
        return total
