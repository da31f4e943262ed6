"""Where each scalar node lives: the arrays of a program, and the views that read them."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd.compiler.layout.views import DONT_CARE, PADDING, Array, Ids, View, view_of
from autograd.compiler.runtime.sets import are_distinct, distinct, first_places

UNLABELLED = "x"  # leaves without a label: parameters or samples, the graph does not say


@dataclass(frozen=True)
class Operand:
    """What an instruction reads: a view with the axes that it has, or one number.

    ``axes`` are letters of the instruction's axes, the samples' among them. ``unit``: it has one
    more axis, of length 1, at its end, as a column of parameters has.
    """

    view: View | None
    axes: str
    number: float = 0.0
    unit: bool = False

    @property
    def array(self) -> Array | None:
        """Return the array that it reads, if it reads one."""
        return None if self.view is None else self.view.array


@dataclass
class Buffers:
    """The arrays so far, and for each node its array and flat place."""

    numbers: NDArray[np.float64]
    constants: NDArray[np.bool_]
    sample: NDArray[np.bool_]
    arrays: list[Array] = field(default_factory=list)
    kept: dict[str, Any] = field(default_factory=dict)  # index arrays and constants, by name
    blocks: list[Array] = field(default_factory=list)  # of parameters, placed at their first use

    def __post_init__(self) -> None:
        self.where = np.full(len(self.numbers) + 1, PADDING, dtype=np.int32)
        self.pos = np.zeros(len(self.numbers) + 1, dtype=np.int32)
        self._block = np.full(len(self.numbers) + 1, PADDING, dtype=np.int32)
        self._joint = np.zeros_like(self.pos)  # scratch: places in arrays read one after another
        self._taken: set[str] = set()
        self._count: Counter[str] = Counter()
        self._named: dict[tuple[Any, ...], list[str]] = {}  # constants of one shape and content

    def add(self, array: Array) -> Array:
        """Place the nodes of an array."""
        ids = array.ids.reshape(-1)
        places = np.flatnonzero(ids != PADDING).astype(np.int32)
        nodes = ids if len(places) == len(ids) else ids[places]
        self.where[nodes] = len(self.arrays)
        self.pos[nodes] = places
        self.arrays.append(array)
        self._taken.add(array.name)
        return array

    def expect(self, block: Array) -> None:
        """Take parameters for an array that is placed where one of them is used first."""
        self._block[block.ids] = len(self.blocks)
        self.blocks.append(block)

    def block_of(self, node: int) -> Array | None:
        """Return the block of a parameter."""
        number = int(self._block[node])
        return None if number == PADDING else self.blocks[number]

    def keep(self, thing: Any, stem: str = "index") -> str:
        """Keep a constant array under a name; equal ones have one name."""
        thing = np.asarray(thing)
        content = thing.tobytes()  # 0.0 equals -0.0, but 1 / x tells
        alike = self._named.setdefault((thing.shape, thing.dtype.str, hash(content)), [])
        for name in alike:
            if self.kept[name].tobytes() == content:
                return name
        stem = {"b": "mask", "f": "C"}.get(thing.dtype.kind, stem)
        self._count[stem] += 1
        count = self._count[stem]
        while f"{stem}{count}" in self._taken:
            count += 1
        name = f"{stem}{count}"
        self._taken.add(name)
        self.kept[name] = thing
        alike.append(name)
        return name

    def sources(self) -> NDArray[np.int32]:
        """Name where each node comes from: an array, a block of parameters, or the constants."""
        size = len(self.numbers)
        found = np.full(size, -3, np.int32)
        found[self.constants[:size]] = -2
        np.subtract(-4, self._block[:size], out=found, where=self._block[:size] != PADDING)
        np.copyto(found, self.where[:size], where=self.where[:size] != PADDING)
        return found

    def operand(
        self, ids: Ids, axes: str, fill: float | None, *, column: bool = False, keep: str = ""
    ) -> Operand:
        """Find how to read nodes, one letter an axis of ``ids``; axes without effect are left out.

        ``column``: the operand meets one more axis than it has (the samples'); parameters of a
        column are then stored as one, as textbooks do. ``keep``: an axis that stays in any case.
        """
        if not ids.shape and ids >= 0 and self.where[ids] != PADDING and not self.constants[ids]:
            array = self.arrays[int(self.where[ids])]
            if array.ids.size > 1 or not array.shape:  # one of many, or a number by itself
                view = (
                    view_of(ids, array, self.pos, fill, self.keep) if array.shape else View(array)
                )
                return Operand(view, "n" * array.sample)
        kept = _varying(ids, axes.find(keep) if keep else PADDING)
        core = _core(ids, kept)
        letters = "".join(axes[a] for a in kept)
        if self.constants[ids[ids >= 0]].all():
            return self._constant(core, letters, fill, keep)
        last = kept == list(range(len(kept)))
        self._place(core, spare=(ids.ndim - len(kept) if last else 0) + column)
        slim = [a for a in range(ids.ndim) if ids.shape[a] == 1 or a in kept]
        whole = self._whole(_core(ids, slim), "".join(axes[a] for a in slim))
        if whole is not None:
            return whole
        sources = distinct(self.where[core[core >= 0]])
        if len(sources) == 1 and sources[0] != PADDING:
            array = self.arrays[int(sources[0])]
            letters += "n" if array.sample else ""
            if array.kind == "parameter" and np.array_equal(array.ids, core[..., None]):
                return Operand(View(array), letters, unit=True)
            return _unturned(view_of(core, array, self.pos, fill, self.keep), letters)
        view = self._joined(core, fill)
        return Operand(view, letters + ("n" if view.array.sample else ""))

    def _whole(self, ids: Ids, axes: str) -> Operand | None:
        """Read the array that holds just these nodes in this shape, or as a column."""
        place = int(self.where[ids.flat[0]]) if ids.flat[0] >= 0 else PADDING
        if place == PADDING:
            return None
        array = self.arrays[place]
        letters = axes + "n" * array.sample
        if np.array_equal(array.ids, ids):
            return Operand(View(array), letters)
        if array.kind == "parameter" and np.array_equal(array.ids, ids[..., None]):
            return Operand(View(array), letters, unit=True)
        return None

    def root(self, node: int) -> Operand:
        """Read one node; an array that holds it alone is read as it is."""
        place = int(self.where[node])
        if place != PADDING and self.arrays[place].ids.size == 1:
            array = self.arrays[place]
            return Operand(View(array), "abcdefghij"[: len(array.shape)] + "n" * array.sample)
        return self.operand(np.array(node), "", 0.0)

    def _constant(self, core: Ids, letters: str, fill: float | None, keep: str) -> Operand:
        first = float(self.numbers[core[core >= 0][0]])
        numbers = np.where(core < 0, first, self.numbers[core])
        if fill is not None:
            numbers[core == PADDING] = fill
        if not keep and (numbers.view(np.int64) == np.float64(first).view(np.int64)).all():
            return Operand(None, "", first)
        name = self.keep(numbers)
        array = Array(name, core, kind="constant", holes=fill)
        return Operand(View(array), letters)

    def _place(self, core: Ids, spare: int) -> None:
        """Give the parameters among some nodes their arrays."""
        new = core[core >= 0]
        new = new[(self.where[new] == PADDING) & ~self.constants[new]]
        if not len(new):
            return
        whole = len(new) == core.size and are_distinct(new, self._joint)
        firsts = np.sort(first_places(self._block[new]))
        touched = [self.block_of(int(new[i])) for i in firsts]
        first = touched[0]
        if whole and len(touched) == 1 and (first is None or first.ids.size == core.size):
            ids = core if first is None or first.ids.ndim == core.ndim else first.ids
            name = UNLABELLED if first is None else first.name
            column = spare and ids.ndim == 1
            self.add(Array(name, ids[:, None] if column else ids, kind="parameter"))
            return
        for block in touched:
            if block is not None:
                self.add(block)
        loose = new[self.where[new] == PADDING]
        if len(loose):
            loose = distinct(loose)
            self.add(Array(UNLABELLED, loose, kind="parameter"))

    def _joined(self, core: Ids, fill: float | None) -> View:
        """Read from several arrays: one after another, then by an index array."""
        nodes = core.reshape(-1)
        fixed = [i for i in dict.fromkeys(nodes.tolist()) if i >= 0 and self.where[i] == PADDING]
        if fixed:  # constants among others
            name = self.keep(self.numbers[fixed])
            self.add(Array(name, np.array(fixed), kind="constant"))
        sources = [self.arrays[i] for i in dict.fromkeys(self.where[nodes[nodes >= 0]].tolist())]
        sample = any(source.sample for source in sources)
        total = np.concatenate([source.ids.reshape(-1) for source in sources])
        joined = Array("", total, sample)
        there = total != PADDING
        self._joint[total[there]] = np.flatnonzero(there)
        joined.parts = tuple(sources)
        return view_of(core, joined, self._joint, fill, self.keep)


def _unturned(view: View, letters: str) -> Operand:
    """Leave a last transpose out: the order of the letters says the same."""
    if view.steps and view.steps[-1].kind == "transpose":
        turn = view.steps.pop().what
        own = [""] * len(turn)
        for letter, axis in zip(letters, turn, strict=False):
            own[axis] = letter
        letters = "".join(own) + letters[len(turn) :]
    return Operand(view, letters)


def _varying(ids: Ids, keep: int) -> list[int]:
    """Return the axes that make a difference, and one that is to stay.

    An axis without effect is taken out before the next one is looked at: where places may be
    DONT_CARE, each of two axes can seem to make no difference, and only one of them makes none.

    >>> _varying(np.array([[1, DONT_CARE], [DONT_CARE, 2]]), PADDING)
    [1]
    >>> _varying(np.array([[1, 1], [2, DONT_CARE]]), PADDING)
    [0]
    """
    kept = []
    for axis in range(ids.ndim):
        most = ids.max(axis=axis, keepdims=True)
        if axis == keep or not ((ids == most) | (ids == DONT_CARE)).all():
            kept.append(axis)
        else:
            ids = most
    return kept


def _core(ids: Ids, kept: list[int]) -> Ids:
    """Take one of each axis that makes no difference."""
    gone = tuple(a for a in range(ids.ndim) if a not in kept)
    return ids.max(axis=gone) if gone else ids
