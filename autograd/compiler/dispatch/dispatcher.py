"""Where calls of a compiled function come in: the quick ways first, one after another.

The call of a program of ten nodes costs more than its numbers do. Where the tape is compiled, a
program that it replays goes straight to C, with whatever numbers, lists and arrays it was traced
for; else `autograd.compiler.dispatch.array_call` takes arguments apart into whole arrays.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from autograd.compiler.dispatch.environment import Environment
from autograd.compiler.dispatch.pattern import Pattern
from autograd.compiler.dispatch.returned import returned
from autograd.compiler.dispatch.settings import Key, Settings
from autograd.compiler.executors.engines import TapeEngine
from autograd.compiler.executors.specialization import Specialization
from autograd.compiler.tape.choice import COMPILED
from autograd.context import context
from autograd.tree_spec import NOTHING, NUMBER, TreeSpec, spec_of
from autograd.value import get_data

__all__ = ["MAX_NATIVE", "Call", "Dispatcher", "native_call"]
Call = Any  # takes all arguments as a tuple; None where it has no answer. Has `branches`, `failed`
MAX_NATIVE = 10_000  # nodes: larger programs let other threads run meanwhile

if TYPE_CHECKING or not COMPILED:

    class Dispatcher:
        """What a compiled function's call goes through; in C where the tape is compiled.

        ``quick`` has pairs of a call and its variant, ``values`` those of the value alone,
        ``adjoints`` those of `Compiled.backward`; ``last`` is the variant that answered last,
        ``missed`` one that has no branch for an outcome.
        Quick calls wait where what the function reads beside its arguments, its ``environment``, is
        not what it was, where ``calls_until_check`` is 0, as the function is to be traced again,
        where anomalies are looked for, and within another function's trace.
        """

        quick: list[tuple[Call, Specialization]]
        values: list[tuple[Call, Specialization]]
        adjoints: list[tuple[Call, Specialization]]
        last: Specialization | None = None
        missed: Specialization | None = None
        environment: Environment | None = None
        calls_until_check = 0
        by_name = False  # whether the function takes arguments by name alone

        def __new__(cls, *_: Any) -> "Dispatcher":
            """Begin without quick calls, as in C."""
            made = object.__new__(cls)
            made.quick, made.values, made.adjoints = [], [], []
            return made

        def __call__(self, *args: Any, **named: Any) -> Any:
            """Return what the function is compiled for."""
            return self.dispatch(self.quick, args, named, self.general)

        def dispatch(
            self,
            pairs: list[tuple[Call, Specialization]],
            args: tuple[Any, ...],
            named: dict[str, Any],
            general: Callable[[tuple[Any, ...]], Any],
        ) -> Any:
            """Return the result of the first of these quick calls that applies, else ``general``'s.

            The arguments' names and defaults are looked at only where no quick call takes them.
            """
            found = None if named or self.by_name else self.quickly(pairs, args)
            if found is not None:
                return found
            whole = self.bound(args, named)
            found = None if whole is args else self.quickly(pairs, whole)
            return general(whole) if found is None else found

        def quickly(self, pairs: list[tuple[Call, Specialization]], args: tuple[Any, ...]) -> Any:
            """Return what the first of these quick calls answers that applies; None if none does.

            Where a guard of a call fails, its ``branches`` say which variant is next.
            """
            for pair in pairs if self.is_settled() else ():
                (call, variant), passed = pair, -1
                while (result := call(args)) is None:
                    if call.branches is None or call.failed <= passed:
                        break
                    passed = call.failed
                    if (following := call.branches[passed]) is None:
                        self.missed = variant
                        break
                    variant, call = following, following.call
                    if call is None:
                        break
                if result is not None:
                    if variant is not pairs[0][1]:
                        pairs[:] = [(call, variant), *(other for other in pairs if other != pair)]
                    self.last = variant
                    self.calls_until_check -= 1
                    return result
            return None

        def is_settled(self) -> bool:
            """Whether what was traced holds for this call, as far as can be seen from outside."""
            if self.calls_until_check <= 0:
                return False
            if context.active and (
                context.thread.anomaly_detectors or context.thread.tracer is not None
            ):
                return False
            return self.environment is None or self.environment.same()

        def bound(self, args: tuple[Any, ...], named: Mapping[str, Any]) -> tuple[Any, ...]:
            """Return all arguments in order: those given by name and by default, too."""
            raise NotImplementedError

        def general(self, args: tuple[Any, ...]) -> Any:
            """Return what the function is compiled for, whatever the arguments."""
            raise NotImplementedError

    SIGNS: tuple[str, ...] = ()
    NativeCall: Any = None
else:
    from autograd.kernels.cython._tape import SIGNS, Dispatcher, NativeCall


def native_call(
    variant: Specialization, key: Key, settings: Settings, *, whole: bool = False
) -> Call | None:
    """Return the call of a program that the tape replays, in C; None where it is no such program.

    ``key`` is that of all arguments, after whether gradients are wanted; ``whole``: these come as
    the program has them, after the variant.
    """
    program, engine = variant.program, variant.engine
    size = len(program.scalars.codes)
    if not COMPILED or not isinstance(engine, TapeEngine) or settings.batch or size > MAX_NATIVE:
        return None
    takes = _taken(variant, key[1:], size)
    gives = _given(variant, key, settings, size, whole=whole)
    if takes is None or gives is None:
        return None
    guards = [(SIGNS.index(g.sign), g.x, g.y, g.outcome) for g in program.guards]
    watched = None
    if program.outputs is not None:
        watched = _row([array.ids.ravel() for array in program.outputs])
    row = np.empty(len(variant.parameters))
    return NativeCall(
        engine.tape, program.scalars.numbers, takes, gives,
        np.array(guards, np.int32).reshape(-1, 4), watched,
        partial(get_data, variant.parameters, row, False) if len(row) else None, row,
        _row([a.ids.ravel() for a in program.arrays if a.kind == "parameter"]),
    )  # fmt: skip


def _row(parts: list[Any]) -> NDArray[np.int32]:
    return np.concatenate([np.zeros(0, np.int32), *parts]).astype(np.int32)


def _taken(variant: Specialization, specs: Sequence[TreeSpec], size: int) -> Any:
    """Describe the arguments, a tuple of them; one that is not used has the node ``size``."""
    if any(place is None or count != 1 for place, _, _, count in variant.bounds):
        return None  # a parameter that selects, or one number among many
    spec = spec_of(tuple, None, specs)
    nodes = dict(zip(variant.sources, variant.program.arrays, strict=True))
    ids = [nodes[i].ids if i in nodes else size for i in range(len(spec.arrays))]
    bounds = {place: bound for place, _, bound, _ in variant.bounds if place is not None}
    return Pattern(spec, ids, bounds, taken=True).made()


def _given(variant: Specialization, key: Key, settings: Settings, size: int, *, whole: bool) -> Any:
    """Describe what is returned: results, a value, or a value with its gradients."""
    program = variant.program
    if program.outputs is None and not key[0]:
        return Pattern(NUMBER, [program.result]).made()
    spec, places = returned(variant, key, settings, whole=whole)
    nodes: list[Any]
    if program.outputs is not None:
        nodes = [program.outputs[i].ids for i in places]
        return None if spec == NOTHING else Pattern(spec, nodes).made()  # None says: no answer
    first, unused = size + 1, 2 * size + 1
    nodes = [program.wanted[i].ids + first if i >= 0 else unused for i in places]
    return Pattern(spec_of(tuple, None, [NUMBER, spec]), [program.result, *nodes]).made()
