"""Find how numbers of an array are read: slices and transposes before index arrays.

A `View` is a list of steps from an array to what an instruction reads.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd.compiler.layout.strides import along, digits, rebuilt, split_axes, without_holes

Ids = NDArray[np.int64]
PADDING, DONT_CARE = -1, -2  # a place that reads a given number; a place that may read any


@dataclass(frozen=True)
class Step:
    """One operation on the way from an array to a view, which then has the shape ``after``.

    Shapes are without the samples' axis.
    """

    kind: str  # reshape, index, transpose, gather, mask
    what: Any
    after: tuple[int, ...]


@dataclass(eq=False)
class Array:
    """A named array of a program: the scalar nodes that it holds, PADDING where it holds none.

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


def view_of(
    ids: Ids, array: Array, pos: NDArray[np.int32], fill: float | None, keep: Callable[[Any], str]
) -> View:
    """Find the view of an array that has the given nodes in the given shape.

    ``pos`` gives a node's flat position in the array. HOLEs are to read ``fill``, where that is a
    number. ``keep`` names an index array that the program has to bring along.
    """
    if not ids.shape and len(array.shape) == 1 and ids >= 0:  # one place of a row
        return View(array, [Step("index", (int(pos[ids]),), ())])
    view = View(array)
    hole = ids == PADDING
    free = ids < 0
    places = np.where(free, 0, pos[ids]).astype(np.int64)
    if free.any() and not free.all():
        guessed = without_holes(places, ~free)
        if guessed is not None and guessed.min() >= 0 and guessed.max() < array.ids.size:
            places = guessed
    if not _strided(view, places, array):
        _gathered(view, places, keep)
    if hole.any():
        there = array.ids.reshape(-1)[places]
        if fill is None:
            return view
        if array.holes != fill or not (there[hole] == PADDING).all():
            view.steps.append(Step("mask", (keep(~hole), fill), ids.shape))
    return view


def _strided(view: View, places: Ids, array: Array) -> bool:
    """Write the view as reshape, slices, transpose, reshape, where that is possible."""
    if places.shape == array.shape and np.array_equal(
        places.reshape(-1), np.arange(array.ids.size)
    ):
        return True
    axes = [
        digits(places[along(axis, places.ndim)] - places.flat[0]) for axis in range(places.ndim)
    ]
    if any(axis is None for axis in axes):
        return False
    counting = [digit for axis in axes if axis is not None for digit in axis]
    if not np.array_equal(rebuilt(places, counting), places.reshape(-1)):
        return False
    size = array.ids.size
    for shape in dict.fromkeys([array.shape, (size,)]):  # its own axes, else as if it were flat
        split = split_axes(size, shape, counting)
        index = _cuts(*split, counting, int(places.flat[0])) if split else None
        if split and index:
            _append(view, *split, index, places.shape)
            return True
    return False


def _cuts(
    radices: list[int], order: list[int], counting: list[tuple[int, int]], offset: int
) -> list[Any] | None:
    """Write what is taken of each axis; None where that goes over an axis's end."""
    index: list[Any] = []
    sizes = [1, *np.cumprod(radices[::-1])[:-1].tolist()][::-1]
    used = dict(zip(order, counting, strict=True))
    for i, (radix, size) in enumerate(zip(radices, sizes, strict=True)):
        start, offset = divmod(offset, size)
        if i not in used:
            index.append(start)
            continue
        extent = used[i][0]
        if start + extent > radix:
            return None
        index.append(slice(None) if extent == radix else slice(start, start + extent))
    return index


def _append(
    view: View,
    radices: list[int],
    order: list[int],
    index: list[Any],
    shape: tuple[int, ...],
) -> None:
    """Add the steps: split axes, cut, turn, join axes; those that do nothing are left out."""

    def step(kind: str, what: Any, after: tuple[int, ...]) -> None:
        view.steps.append(Step(kind, what, after))

    if tuple(radices) != view.shape:
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
        step("transpose", turn, tuple(view.shape[i] for i in turn))
    if view.shape != shape:
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
        view.steps.append(Step("gather", keep(rows), places.shape))
        return
    size = array.ids.size
    if array.shape != (size,):
        view.steps.append(Step("reshape", (size,), (size,)))
    view.steps.append(Step("gather", keep(places), places.shape))
