"""Make the call of one specialization: what it reads, runs and returns, from the specs.

The same call serves values with gradients, values alone, results without gradients, batches, and
programs on rows of parameters, on every engine.
"""

from collections.abc import Callable, Sequence
from functools import partial
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograd.compiler.dispatch.returned import returned
from autograd.compiler.dispatch.settings import Key, Settings
from autograd.compiler.executors.blocked_engine import BlockedEngine
from autograd.compiler.executors.engines import NumpyEngine
from autograd.compiler.executors.index_bounds import check_index
from autograd.compiler.executors.outputs import ForwardSpecialization, placed
from autograd.compiler.executors.specialization import Specialization, numbers_of
from autograd.compiler.ir.attributes import is_read_as_numbers, owned
from autograd.kernels.selection import kernel, missing
from autograd.tree import builder, flattener, is_sequence
from autograd.tree_spec import NOTHING, ArraySpec, Static, TreeSpec

TEXT = Path(__file__).with_name("call_parts.py")
COMPILED = kernel == "native" and not missing("autograd.kernels.cython._calls", text=TEXT)
if TYPE_CHECKING or not COMPILED:
    from autograd.compiler.dispatch import call_parts as parts
else:
    from autograd.kernels.cython import _calls as parts

AS_IT_IS, NUMBER, TURNED, MOVED, OWN = range(5)
ENGINE, FORWARD, WITH_GRADIENTS, ALONE, LISTED, GUARDED = range(6)
RESULTS, VALUE_AND_RESULTS, VALUE = range(3)


def array_call(
    variant: Specialization,
    key: Key,
    settings: Settings,
    own: Sequence[Any] | None = None,
    into: Sequence[Any] | None = None,
    *,
    whole: bool = False,
) -> Any:
    """Return the call of a variant; None where there is no quick way.

    ``key`` is that of all arguments, after whether gradients are wanted. ``own`` are arrays for the
    parameters' numbers, in place of the `Value`s'; gradients then come as the program has them, and
    by blocks they are written ``into`` arrays of the caller's.
    ``whole``: they come after the variant, which knows whose they are.
    """
    program = variant.program
    specs = [leaf for spec in key[1:] for leaf in spec.arrays]
    if any(x.kind == "tuple" or (x.kind == "list" and x.integer) for x in specs):
        return None
    if any(place is None for place, *_ in variant.bounds):  # a parameter that selects
        return None
    is_forward = isinstance(variant, ForwardSpecialization)
    if isinstance(variant, ForwardSpecialization) and variant.spec == NOTHING:
        return None  # None says that there is no answer
    is_exact = variant.engine.is_exact
    floats = [i for i, spec in enumerate(specs) if not spec.integer]
    kinds, sources = _sources(variant)
    bounds = [] if isinstance(variant.engine, BlockedEngine) else variant.bounds  # in the records
    cuts = _cuts(variant) if own is None else list(own)
    parameters = partial(numbers_of, variant.parameters) if own is None and cuts else None
    returns = RESULTS if is_forward else VALUE_AND_RESULTS if key[0] else VALUE
    return parts.ArrayCall(
        _arguments(key[1:], settings),
        settings.batches(key[1:]),
        bounds, check_index, [] if is_exact else _wholes(variant, specs), kinds, sources,
        floats if is_forward or program.guards else [],
        parameters, cuts, _runner(variant, into), _layout(variant),
        [guard.outcome for guard in program.guards], is_exact and not is_forward, returns,
        parts.AllWriter() if own is not None or returns == VALUE
        else _results(variant, key, settings, whole=whole),
        None if variant.most_samples == inf else variant, variant.most_samples,
        lambda: array_call(variant.larger(), key, settings, whole=whole),
    )  # fmt: skip


def _runner(variant: Specialization, into: Sequence[Any] | None) -> Callable[..., Any]:
    """Return what runs the program; where it has nothing to say, neither has the call."""
    engine = variant.engine
    if isinstance(engine, NumpyEngine):
        return engine.function
    if not isinstance(engine, BlockedEngine):
        return engine.run
    run = engine.plan.run
    if into is None:
        return run
    return partial(run, into=[None, *into, *[None] * len(variant.program.guards)])


def _layout(variant: Specialization) -> int:
    """Say what is returned by what runs the program."""
    program = variant.program
    if not isinstance(variant.engine, NumpyEngine):
        return LISTED if isinstance(variant.engine, BlockedEngine) else ENGINE
    plain = FORWARD if program.outputs is not None else WITH_GRADIENTS if program.wanted else ALONE
    return plain + GUARDED * bool(program.guards)


def _sources(variant: Specialization) -> tuple[list[int], list[int]]:
    """Say how each of the program's arrays is made."""
    kinds, sources, count = [], [], 0
    for array, source in zip(variant.program.arrays, variant.sources, strict=True):
        if source is None:
            kinds.append(OWN)
            sources.append(count)
            count += 1
            continue
        turned = {0: AS_IT_IS, 1: TURNED}.get(len(array.shape), MOVED)
        kinds.append(turned if array.sample else AS_IT_IS if array.shape else NUMBER)
        sources.append(source)
    return kinds, sources


def _cuts(variant: Specialization) -> list[Any]:
    """Return for each array of parameters its place in their row, and its shape if not flat."""
    cuts: list[Any] = []
    start = 0
    for array, source in zip(variant.program.arrays, variant.sources, strict=True):
        if source is None:
            end = start + array.ids.size
            part = slice(start, end) if array.shape else start
            cuts.append((part, array.shape if len(array.shape) > 1 else None))
            start = end
    return cuts


def _wholes(variant: Specialization, specs: Sequence[ArraySpec]) -> list[int]:
    """Return the arrays of whole numbers that are reckoned with."""
    equations = variant.program.equations
    if equations is None:
        return []
    return [
        source
        for array, source in zip(variant.program.arrays, variant.sources, strict=True)
        if source is not None
        and specs[source].kind == "array"
        and specs[source].integer
        and is_read_as_numbers(equations, array.name)
    ]


def _arguments(specs: Sequence[TreeSpec], settings: Settings) -> Any:
    pairs = zip(settings.arguments, specs, strict=True)
    readers = [_reader(spec, batch=name in settings.batch) for name, spec in pairs]
    return parts.SequenceReader(tuple, readers)


def _reader(spec: TreeSpec, *, batch: bool = False) -> Any:
    """Return the reader of a tree."""
    data: Any
    cls, data, _ = treedef = spec.treedef
    if cls is type(None):
        return parts.Reader(None)
    if cls is None:
        return _leaf_reader(*spec.leaves, batch=batch)
    inner = list(map(_reader, spec.children()))
    if cls is dict:
        return parts.DictReader(tuple(data), inner)
    if is_sequence(treedef):
        return parts.SequenceReader(cls, inner)
    return parts.NodeReader(cls, flattener(treedef), data, inner)


def _leaf_reader(leaf: ArraySpec | Static, *, batch: bool) -> Any:
    if isinstance(leaf, Static):
        return parts.Reader(leaf.value)
    if leaf.kind == "array":
        return parts.ArrayReader(leaf.shape, leaf.integer, batch)
    return (
        parts.NumberReader(leaf.integer) if leaf.kind == "number" else parts.ListReader(leaf.shape)
    )


def _results(variant: Specialization, key: Key, settings: Settings, *, whole: bool) -> Any:
    """Return the writer of what a call returns, beside a value."""
    spec, places = returned(variant, key, settings, whole=whole)
    program, left = variant.program, iter(places)
    equations = program.equations if isinstance(variant.engine, NumpyEngine) else None
    fresh = None if equations is None or whole else owned(equations)

    def writer(leaf: ArraySpec) -> Any:
        place = next(left)
        if program.outputs is not None and settings.batch:
            sample, batched = program.outputs[place].sample, any(a.sample for a in program.arrays)
            return parts.SampleWriter(place, leaf.shape, sample, batched, placed)
        if leaf.kind == "number":
            return parts.NumberWriter(place)
        is_own = fresh is None or (place >= 0 and fresh[place])
        return parts.ArrayWriter(place, leaf.shape, is_own, leaf.kind == "list")

    return _writer(spec, writer)


def _writer(spec: TreeSpec, of_array: Callable[[ArraySpec], Any]) -> Any:
    """Return the writer of a tree."""
    data: Any
    cls, data, _ = spec.treedef
    if cls is type(None):
        return parts.Writer(None)
    if cls is None:
        (leaf,) = spec.leaves
        return parts.Writer(leaf.value) if isinstance(leaf, Static) else of_array(leaf)
    inner = [_writer(child, of_array) for child in spec.children()]
    if cls is dict:
        return parts.DictWriter(tuple(data), inner)
    return parts.SequenceWriter(cls if cls in {list, tuple} else builder(spec.treedef), inner)
