"""Say in NumPy which numbers of an array are meant: slices and transposes before index arrays.

A `View` is a list of steps from an array to what an instruction reads. Each step can be written
forwards (``X[:, 0]``) and backwards, for the gradients that come home.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd.compiler.steps import WRITERS, Step

Ids = NDArray[np.int64]
HOLE, ANY = -1, -2  # a place that reads a given number; a place that may read any


@dataclass(eq=False)
class Array:
    """A named array of a program: the scalar nodes that it holds, HOLE where it holds none.

    ``sample``: whether it has one more axis, the last, over the samples of a batch. ``holes`` is
    the number that stands in the holes, None where it may be any.
    """

    name: str
    ids: Ids
    sample: bool = False
    kind: str = "result"  # or "argument", "parameter", "constant"
    holes: float | None = None
    parts: tuple["Array", ...] = ()  # of one without a name: arrays read one after another

    @property
    def shape(self) -> tuple[int, ...]:
        """Return the shape without the samples' axis."""
        return self.ids.shape


@dataclass(eq=False)
class View:
    """What is read of an array; ``shape`` without the samples' axis, which stays last."""

    array: Array
    steps: list[Step] = field(default_factory=list)

    @property
    def shape(self) -> tuple[int, ...]:
        """Return the shape of what is read."""
        return self.steps[-1].after if self.steps else self.array.shape

    def text(self) -> str:
        """Write the view as an expression."""
        text = self.array.name or joined_text(self.array.parts, self.array.sample)
        for step in self.steps:
            text = WRITERS[step.kind](text, step, self.array.sample)
        return text


def joined_text(parts: Sequence[Array], sample: bool) -> str:
    """Write several arrays one after another, each flat; with samples, all along their axis."""
    flat = []
    for part in parts:
        text = part.name
        if sample and not part.sample:
            text = f"alike({text}.ravel(), n)"
        elif sample:
            text = f"{text}.reshape({part.ids.size}, -1)" if len(part.shape) != 1 else text
        elif len(part.shape) != 1:
            text = f"{text}.ravel()" if part.shape else f"{text}[None]"
        flat.append(text)
    return f"concatenate(({', '.join(flat)}))"


def view_of(
    ids: Ids, array: Array, pos: Ids, fill: float | None, keep: Callable[[Any], str]
) -> View:
    """Find the view of an array that has the given nodes in the given shape.

    ``pos`` gives a node's flat position in the array. HOLEs are to read ``fill``, where that is a
    number. ``keep`` names an index array that the program has to bring along.
    """
    view = View(array)
    hole = ids == HOLE
    free = ids < 0
    places = np.where(free, 0, pos[ids])
    if free.any() and not free.all():
        completed = _completed(places, ~free)
        if completed is not None and completed.min() >= 0 and completed.max() < array.ids.size:
            places = completed
    if not _strided(view, places, array):
        _gathered(view, places, keep)
    if hole.any():
        there = array.ids.reshape(-1)[places]
        if fill is None:
            return view
        if array.holes != fill or not (there[hole] == HOLE).all():
            view.steps.append(Step("mask", (keep(~hole), fill), ids.shape, ids.shape))
    return view


def _strided(view: View, places: Ids, array: Array) -> bool:
    """Write the view as reshape, slices, transpose, reshape, where that is possible."""
    if places.shape == array.shape and np.array_equal(
        places.reshape(-1), np.arange(array.ids.size)
    ):
        return True
    axes = [
        _digits(places[_along(axis, places.ndim)] - places.flat[0]) for axis in range(places.ndim)
    ]
    if any(axis is None for axis in axes):
        return False
    digits = [digit for axis in axes if axis is not None for digit in axis]
    if not np.array_equal(_rebuilt(places, digits), places.reshape(-1)):
        return False
    split = _radices(array.ids.size, array.shape, digits)
    if split is None:
        return False
    radices, order = split
    index, offset = [], int(places.flat[0])
    sizes = [1, *np.cumprod(radices[::-1])[:-1].tolist()][::-1]
    used = dict(zip(order, digits, strict=True))
    for i, (radix, size) in enumerate(zip(radices, sizes, strict=True)):
        start, offset = divmod(offset, size)
        if i not in used:
            index.append(start)
            continue
        extent = used[i][0]
        if start + extent > radix:
            return False
        index.append(slice(None) if extent == radix else slice(start, start + extent))
    _append(view, radices, index, order, places.shape)
    return True


def _append(
    view: View,
    radices: list[int],
    index: list[Any],
    order: list[int],
    shape: tuple[int, ...],
) -> None:
    """Add the steps: split axes, cut, turn, join axes; those that do nothing are left out."""
    now = view.shape

    def step(kind: str, what: Any, after: tuple[int, ...]) -> None:
        nonlocal now
        view.steps.append(Step(kind, what, now, after))
        now = after

    if tuple(radices) != now:
        step("reshape", tuple(radices), tuple(radices))
    if any(part != slice(None) for part in index):
        cut = tuple(
            radix if part == slice(None) else part.stop - part.start
            for radix, part in zip(radices, index, strict=True)
            if isinstance(part, slice)
        )
        step("index", tuple(index), cut)
    kept = [i for i, part in enumerate(index) if isinstance(part, slice)]
    turn = tuple(kept.index(i) for i in order)
    if turn != tuple(range(len(turn))):
        step("transpose", turn, tuple(now[i] for i in turn))
    if now != shape:
        step("reshape", shape, shape)


def _gathered(view: View, places: Ids, keep: Callable[[Any], str]) -> None:
    """Read places by an index array: whole rows of the array where it can be, else one by one."""
    array = view.array
    width = array.shape[-1] if len(array.shape) > 1 else 0
    if (
        width
        and len(array.shape) == 2
        and places.ndim >= 2
        and places.shape[-1] == width
        and (places[..., 0] % width == 0).all()
        and (places == places[..., :1] + np.arange(width)).all()
    ):
        rows = places[..., 0] // width
        view.steps.append(Step("gather", (keep(rows), rows, width), array.shape, places.shape))
        return
    size = array.ids.size
    if array.shape != (size,):
        view.steps.append(Step("reshape", (size,), array.shape, (size,)))
    view.steps.append(Step("gather", (keep(places), places, 0), (size,), places.shape))


def _completed(places: Ids, valid: NDArray[np.bool_]) -> Ids | None:
    """Guess the places of holes from what each axis adds; None where that does not hold."""
    base = places.reshape(-1)[int(np.argmax(valid))]
    total = np.full(places.shape, int(base), dtype=np.int64)
    first = np.unravel_index(int(np.argmax(valid)), places.shape)
    for axis in range(places.ndim):
        here = np.moveaxis(places, axis, 0).reshape(places.shape[axis], -1)
        known = np.moveaxis(valid, axis, 0).reshape(places.shape[axis], -1)
        at = first[axis]
        both = known & known[at]
        if not both.any(axis=1).all():
            return None
        column = both.argmax(axis=1)
        adds = here[np.arange(len(here)), column] - here[at, column]
        shape = [1] * places.ndim
        shape[axis] = -1
        total = total + adds.reshape(shape)
    return total if np.array_equal(total[valid], places[valid]) else None


def _along(axis: int, ndim: int) -> tuple[Any, ...]:
    return tuple(slice(None) if i == axis else 0 for i in range(ndim))


def _digits(line: Ids) -> list[tuple[int, int]] | None:
    """Write a line of offsets as nested counting: (extent, stride) pairs, the slowest first.

    >>> _digits(np.array([0, 1, 10, 11, 20, 21]))
    [(3, 10), (2, 1)]
    """
    count = len(line)
    if count == 1:
        return []
    stride = int(line[1])
    breaks = np.flatnonzero(line != np.arange(count) * stride)
    if not len(breaks):
        return [(count, stride)]
    run = int(breaks[0])
    if count % run or not np.array_equal(line, (line[::run, None] + line[:run]).reshape(-1)):
        return None
    outer = _digits(line[::run])
    return None if outer is None else [*outer, (run, stride)]


def _rebuilt(places: Ids, digits: Sequence[tuple[int, int]]) -> Ids:
    total = np.array([int(places.flat[0])])
    for extent, stride in digits:
        total = (total[:, None] + np.arange(extent) * stride).reshape(-1)
    return total


def _radices(
    size: int, shape: tuple[int, ...], digits: list[tuple[int, int]]
) -> tuple[list[int], list[int]] | None:
    """Split an array's axes so that each digit is one of them; say which digit is which axis."""
    strides = sorted((stride for _, stride in digits), reverse=True)
    if any(s <= 0 for s in strides) or len(set(strides)) < len(strides):
        return None
    own = [int(np.prod(shape[i + 1 :])) for i in range(len(shape))]
    cuts = sorted({*strides, *(o for o in own if _fits(o, strides, size)), 1}, reverse=True)
    if cuts[0] == size and size > 1:
        cuts = cuts[1:]
    radices = []
    above = size
    for cut in cuts:
        if above % cut:
            return None
        radices.append(above // cut)
        above = cut
    if 1 in radices and len(radices) > 1:
        kept = [(r, c) for r, c in zip(radices, cuts, strict=True) if r > 1 or c in strides]
        radices, cuts = [r for r, _ in kept], [c for _, c in kept]
    order = [cuts.index(stride) for _, stride in digits]
    for (extent, _), i in zip(digits, order, strict=True):
        if extent > radices[i]:
            return _radices(size, (size,), digits) if len(shape) > 1 else None
    return radices, order


def _fits(own: int, strides: list[int], size: int) -> bool:
    """Whether an array's own axis can stay: the digits' strides nest with it."""
    return 0 < own < size and all(s % own == 0 or own % s == 0 for s in strides)
