"""The call of one specialization: arguments to arrays, the program, and its results' structure.

This file is written once and runs in two ways: as it stands, and compiled, with the C types that
``call_parts.pxd`` declares. What a call costs beside the program matters for small programs: to
flatten arguments of any structure costs 80 us for three layers, where this costs 2.

*Readers* take arguments of one known structure apart; *writers* put arrays into a structure. There
is one class for each kind of node.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

FLOAT = np.float64
ARRAY = np.ndarray
DOUBLE = np.dtype(float)
VDOT = np.vdot
ERRSTATE = np.errstate
LARGEST_SUM = 1e308  # a sum of squares below this is one of finite numbers; 20 times cheaper
# Why a call has no answer: its arguments, or what is not finite; else the number of a guard.
OTHER = -1

# What a call returns.
RESULTS = 0
VALUE_AND_RESULTS = 1
VALUE = 2

# What a program's function returns, in a tuple where it is more than one thing.
ENGINE = 0  # what an engine's `run` does: a value, results, outcomes
FORWARD = 1  # results
WITH_GRADIENTS = 2  # a value, gradients
ALONE = 3  # a value
LISTED = 4  # what a plan's `run` does: a value, if there is one, results, outcomes, finite ones
GUARDED = 5  # and more: the same, and outcomes

# How an array of the program is made of what was read.
AS_IT_IS = 0
NUMBER = 1  # a float of Python's would raise for 1 / 0, and (-2.0) ** 0.5 would be complex
TURNED = 2  # a batch of rows: the samples along the last axis
MOVED = 3  # a batch of arrays with more axes
OWN = 4  # of the parameters


class Reader:
    """Reads what is the same at each call: None, a text, a whole number, a function."""

    def __init__(self, thing: Any) -> None:
        self.thing = thing
        self.compares = type(thing) in {str, int}  # an array would be compared number by number

    def read(self, thing: Any, out: list[Any]) -> bool:
        """Append the arrays of a thing; return whether it has the structure."""
        if thing is self.thing:
            return True
        return self.compares and type(thing) is type(self.thing) and thing == self.thing


class NumberReader(Reader):
    """Reads a number."""

    def __init__(self, whole: bool) -> None:
        self.whole = whole

    def read(self, thing: Any, out: list[Any]) -> bool:
        """Append a number as it is."""
        kind = type(thing)
        if kind is not int if self.whole else kind is not float and kind is not FLOAT:
            return False
        out.append(thing)
        return True


class ArrayReader(Reader):
    """Reads an array; of a batch, ``shape`` is that of one sample."""

    def __init__(self, shape: tuple[int, ...], whole: bool, batch: bool) -> None:
        self.shape, self.whole, self.batch = shape, whole, batch

    def read(self, thing: Any, out: list[Any]) -> bool:
        """Append an array as it is."""
        if type(thing) is not ARRAY:
            return False
        array = thing
        if not has_shape(array, self.shape, self.batch) or (self.batch and not array.shape[0]):
            return False
        if array.dtype.kind not in "biu" if self.whole else array.dtype is not DOUBLE:
            return False
        out.append(thing)
        return True


def has_shape(array: Any, shape: tuple[int, ...], first: int) -> bool:
    """Whether an array's axes have these lengths, from the ``first`` on."""
    if array.ndim != first + len(shape):
        return False
    for axis in range(len(shape)):
        length = shape[axis]
        if array.shape[first + axis] != length:
            return False
    return True


class ListReader(Reader):
    """Reads full nested lists of floats."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.shape = shape

    def read(self, thing: Any, out: list[Any]) -> bool:
        """Append the lists as an array."""
        if not is_full(thing, self.shape, 0):
            return False
        out.append(np.array(thing))
        return True


def is_full(thing: Any, shape: tuple[int, ...], axis: int) -> bool:
    """Whether nested lists of floats have a shape, from one of its axes on."""
    if type(thing) is not list or len(thing) != shape[axis]:
        return False
    if axis == len(shape) - 1:
        for item in thing:
            if type(item) is not float and type(item) is not FLOAT:
                return False
        return True
    for item in thing:
        if not is_full(item, shape, axis + 1):
            return False
    return True


class SequenceReader(Reader):
    """Reads lists and tuples, and classes derived from them that are containers of their own."""

    def __init__(self, cls: Any, children: list[Reader]) -> None:
        self.cls, self.children = cls, children

    def read(self, thing: Any, out: list[Any]) -> bool:
        """Append what the items have."""
        if type(thing) is not self.cls or len(thing) != len(self.children):
            return False
        return read_each(self.children, thing, out)


class DictReader(SequenceReader):
    """Reads dicts with the same keys in the same order."""

    def __init__(self, keys: tuple[Any, ...], children: list[Reader]) -> None:
        self.cls, self.keys, self.children = dict, keys, children

    def read(self, thing: Any, out: list[Any]) -> bool:
        """Append what the items have."""
        if type(thing) is not dict or tuple(thing) != self.keys:
            return False
        return read_each(self.children, thing.values(), out)


class NodeReader(SequenceReader):
    """Reads containers of other classes: ``flatten`` gives children and data."""

    def __init__(
        self,
        cls: Any,
        flatten: Callable[[Any], tuple[Sequence[Any], Any]],
        data: Any,
        children: list[Reader],
    ) -> None:
        self.cls, self.flatten, self.data, self.children = cls, flatten, data, children

    def read(self, thing: Any, out: list[Any]) -> bool:
        """Append what the items have."""
        if type(thing) is not self.cls:
            return False
        items, data = self.flatten(thing)
        if data != self.data or len(items) != len(self.children):
            return False
        return read_each(self.children, items, out)


def read_each(readers: list[Reader], things: Iterable[Any], out: list[Any]) -> bool:
    """Read things, one by each reader."""
    i = 0
    for i, thing in enumerate(things, 1):
        if i > len(readers):  # a class may count its items otherwise
            return False
        reader = readers[i - 1]
        if not reader.read(thing, out):
            return False
    return i == len(readers)


class Writer:
    """Writes what has no numbers: None, or a text."""

    def __init__(self, thing: Any) -> None:
        self.thing = thing

    def write(self, found: Sequence[Any], count: int) -> Any:
        """Return a thing of the arrays found; ``count`` is how many samples there are."""
        return self.thing


class NumberWriter(Writer):
    """Writes a number; 0.0 where nothing reaches it."""

    def __init__(self, place: int) -> None:
        self.place = place

    def write(self, found: Sequence[Any], count: int) -> Any:
        """Return a float."""
        return 0.0 if self.place < 0 else float(found[self.place])


class ArrayWriter(Writer):
    """Writes an array that is the caller's own, or a list; zeros where nothing reaches it."""

    def __init__(self, place: int, shape: tuple[int, ...], owned: bool, is_list: bool) -> None:
        self.place, self.shape, self.is_list = place, shape, is_list
        self.keeps = owned or is_list

    def write(self, found: Sequence[Any], count: int) -> Any:
        """Return an array, or a list."""
        if self.place < 0:
            made = np.zeros(self.shape)
        else:
            made = found[self.place]
            if not (self.keeps and type(made) is ARRAY and has_shape(made, self.shape, 0)):
                made = np.array(np.broadcast_to(made, self.shape))
        return made.tolist() if self.is_list else made


class SampleWriter(Writer):
    """Writes results with the samples along their first axis."""

    def __init__(
        self,
        place: int,
        shape: tuple[int, ...],
        sample: bool,
        batched: bool,
        placed: Callable[..., Any],
    ) -> None:
        self.place, self.shape, self.sample = place, shape, sample
        self.batched, self.placed = batched, placed

    def write(self, found: Sequence[Any], count: int) -> Any:
        """Return an array."""
        batches = (count,) if self.batched else ()
        return self.placed(found[self.place], self.shape, self.sample, batches)


class SequenceWriter(Writer):
    """Writes lists, tuples, and what is built of several arguments."""

    def __init__(self, build: Callable[..., Any], children: list[Writer]) -> None:
        self.build, self.children = build, children

    def write(self, found: Sequence[Any], count: int) -> Any:
        """Return a container."""
        parts = [child.write(found, count) for child in self.children]
        if self.build is list:
            return parts
        return tuple(parts) if self.build is tuple else self.build(*parts)


class DictWriter(SequenceWriter):
    """Writes dicts."""

    def __init__(self, keys: tuple[Any, ...], children: list[Writer]) -> None:
        self.keys, self.children = keys, children

    def write(self, found: Sequence[Any], count: int) -> Any:
        """Return a dict."""
        made = {}
        for i in range(len(self.keys)):
            made[self.keys[i]] = self.children[i].write(found, count)
        return made


class AllWriter(Writer):
    """Writes all arrays as they are, a tuple."""

    def __init__(self) -> None:
        pass

    def write(self, found: Sequence[Any], count: int) -> Any:
        """Return a tuple."""
        return tuple(found)


class ArrayCall:
    """The call of one specialization, for arguments of the structure that it was traced for.

    It returns None where it has no answer; ``failed`` then is the number of the first guard that
    fails, or `OTHER`. ``branches`` are the specializations to go on with, guard by guard.
    ``kinds`` and ``sources`` say how each array of the program is made: of which argument, or as
    which part of the parameters; ``cuts`` are places in the row that ``parameters`` returns, with
    shapes. ``wholes`` are arguments that are to be floats, ``floats`` those that may be inf or nan,
    and ``checks`` say what selects. ``run`` is the engine's, or the program's own function, as
    ``layout`` says; ``outcomes`` are the guards'. ``writer`` puts gradients or results into their
    structure, and ``returns`` says what comes beside. Batches of more than ``most`` samples are
    run by another call, which ``enlarge`` returns; ``limited`` is the specialization that
    has such a limit, else None: it notes how many there are.
    """

    def __init__(
        self,
        reader: Reader,
        batches: list[int],
        checks: list[tuple[Any, list[int], int, int]],
        check: Callable[..., None],
        wholes: list[int],
        kinds: list[int],
        sources: list[int],
        floats: list[int],
        parameters: Callable[[], Any] | None,
        cuts: list[Any],
        run: Callable[..., Any],
        layout: int,
        outcomes: list[bool],
        is_exact: bool,
        returns: int,
        writer: Writer,
        limited: Any,
        most: float,
        enlarge: Callable[[], Any],
    ) -> None:
        self.reader, self.batches = reader, batches
        self.checks, self.check = checks, check
        self.wholes, self.kinds, self.sources, self.floats = wholes, kinds, sources, floats
        self.parameters, self.cuts = parameters, cuts
        self.run, self.layout, self.outcomes = run, layout, outcomes
        self.is_exact, self.returns, self.writer = is_exact, returns, writer
        self.limited, self.most, self.enlarge = limited, most, enlarge
        self.larger: ArrayCall | None = None
        self.branches: Any = None
        self.failed = OTHER

    def __call__(self, args: tuple[Any, ...]) -> Any:
        """Return the answer; None where there is none."""
        given: list[Any] = []
        self.failed = OTHER
        count = self.counted(given) if self.reader.read(args, given) else -1
        if count < 0:
            return None
        if self.limited is not None:
            self.limited.batch_size = count
            if count > self.most:
                return self.many(args)
        for place, positions, bound, size in self.checks:
            self.check(np.asarray(given[place]), positions, bound, size)
        for i in self.wholes:
            given[i] = given[i].astype(float)
        own = self.own()
        found = self.ran(self.numbers(given, own))
        if found is None or not self.is_accepted(found, given, own):
            return None
        value, results, _ = found
        if self.returns == VALUE:
            return float(value)
        made = self.writer.write(results, count)
        return made if self.returns == RESULTS else (float(value), made)

    def counted(self, given: list[Any]) -> int:
        """Return the number of samples; -1 where batches have different numbers."""
        count = 0
        for i in self.batches:
            if count and len(given[i]) != count:
                return -1
            count = len(given[i])
        return count

    def many(self, args: tuple[Any, ...]) -> Any:
        """Return the answer for a large batch."""
        if self.larger is None:
            self.larger = self.enlarge()
        found = self.larger(args)
        self.failed = self.larger.failed
        return found

    def own(self) -> list[Any]:
        """Return the parameters' numbers, as the program has them."""
        if self.parameters is None:
            return self.cuts
        row = self.parameters()
        own = []
        for part, shape in self.cuts:
            own.append(row[part] if shape is None else row[part].reshape(shape))
        return own

    def ran(self, numbers: list[Any]) -> Any:
        """Return the value, results and outcomes."""
        layout = self.layout
        if layout == ENGINE:
            return self.run(numbers)
        if layout == LISTED:
            return self.listed(self.run(numbers))
        with ERRSTATE(all="ignore"):
            found = self.run(*numbers)
        said: Any = ()
        if layout >= GUARDED:
            layout -= GUARDED
            said = found[len(found) - 1]  # compiled, no index is negative
            if layout != WITH_GRADIENTS:
                found = found[0]
        if layout == FORWARD:
            return 0.0, found, said
        return (found[0], found[1], said) if layout == WITH_GRADIENTS else (found, (), said)

    def listed(self, found: list[Any] | None) -> Any:
        """Divide what a plan has found, if anything, into value, results and outcomes."""
        if found is None:
            return None
        end = len(found) - len(self.outcomes)
        if self.returns == RESULTS:
            return 0.0, found[:end], found[end:]
        return found[0], found[1:end], found[end:]

    def numbers(self, given: list[Any], own: list[Any]) -> list[Any]:
        """Return the program's arrays."""
        numbers = []
        for i in range(len(self.kinds)):
            kind = self.kinds[i]
            source = self.sources[i]
            if kind == OWN:
                numbers.append(own[source])
                continue
            array = given[source]
            if kind == NUMBER:
                array = FLOAT(array)
            elif kind == TURNED:
                array = array.T
            elif kind == MOVED:
                array = np.moveaxis(array, 0, -1)
            numbers.append(array)
        return numbers

    def is_accepted(self, found: tuple[Any, ...], given: list[Any], own: list[Any]) -> bool:
        """Whether what was found can be returned."""
        value, results, said = found
        if not self.is_exact and not self.is_sound(value, results, given, own):
            return False
        return not self.outcomes or self.holds(said)

    def holds(self, said: Sequence[Any]) -> bool:
        """Whether all comparisons came out as they did in the trace."""
        for i in range(len(self.outcomes)):
            outcome = said[i]
            if type(outcome) is ARRAY:
                outcome = outcome.all() if self.outcomes[i] else outcome.any()
            if bool(outcome) is not self.outcomes[i]:
                self.failed = i
                return False
        return True

    def is_sound(
        self, value: Any, results: Sequence[Any], given: list[Any], own: list[Any]
    ) -> bool:
        """Whether all numbers are finite: where one is not, the answer is to be looked at again."""
        number = float(value)
        size = number * number
        if self.layout == LISTED:
            results = ()  # they are
        for array in results:
            size += square_sum(array)
        for i in self.floats:
            size += square_sum(given[i])
        if self.outcomes and own is not None:
            for array in own:
                size += square_sum(array)
        if size < LARGEST_SUM:
            return True
        arrays = [value, *results, *[given[i] for i in self.floats]]
        if self.outcomes and own is not None:
            arrays += own
        for array in arrays:
            if not np.isfinite(array).all():
                return False
        return True


def square_sum(array: Any) -> float:
    """Return the sum of an array's squares, or the square of a number."""
    if type(array) is ARRAY:
        return float(VDOT(array, array))
    number = float(array)
    return number * number
