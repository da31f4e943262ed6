"""A compiled function: its variants, and the choice among them at each call."""

import sys
import warnings
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import update_wrapper
from math import inf
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd._frames import users_level, users_line
from autograd.anomaly import detect_anomaly
from autograd.compiler.dispatch.array_call import array_call
from autograd.compiler.dispatch.dispatcher import Dispatcher, native_call
from autograd.compiler.dispatch.environment import environment_of
from autograd.compiler.dispatch.flat_parameters import FlatParameters
from autograd.compiler.dispatch.guard_tree import GuardTree
from autograd.compiler.dispatch.nested import NestedCallError, reduced, samples_of_batch
from autograd.compiler.dispatch.settings import Key, Settings, renewed
from autograd.compiler.executors.comparison import compare
from autograd.compiler.executors.engines import TapeEngine
from autograd.compiler.executors.specialization import Result, Specialization, make, total
from autograd.compiler.programs.display import program_html
from autograd.compiler.programs.program import CallSpec, Exportable, Program
from autograd.compiler.programs.table import Table, table_of
from autograd.compiler.tracing.arguments import as_given, check_specs, flatten, samples, static
from autograd.compiler.tracing.leaves import Leaves, count_of, make_leaves
from autograd.compiler.tracing.purity import (
    Fingerprint,
    Lines,
    common_guards,
    described,
    fingerprint,
    first_difference,
    is_reordered,
    is_same_program,
    noting,
)
from autograd.compiler.tracing.trace import Trace, Tracing, one_number, record
from autograd.context import anomaly_detector, context, tracing
from autograd.data import get_data, set_data
from autograd.engine.reverse import floats, vjp
from autograd.errors import ImpureFunctionError, SpecializationWarning
from autograd.graph import topological
from autograd.transforms.evaluation import recording
from autograd.tree_spec import NOTHING, TreeSpec, has_values
from autograd.value import Value
from autograd.value import flatten as flattened

MAX_VARIANTS = 100  # of arguments of one structure; calls that need another one run eagerly
MAX_NEW = 2  # variants made of outcomes that came once; others are traced when they come again
MAX_STRUCTURES = 128  # the least recently used ones are dropped
MAX_RENEWALS = 20  # calls in a row, each of which finds another environment
MAX_QUICK = 16  # structures tried one after another, at 0.3 us each at most
WAYS_OUT = (
    "pass it as an argument, hold it in a Value (whose number is read at each call), or leave the "
    "function uncompiled (in nn.fit: engine='eager')"
)


class Compiled(Dispatcher, Exportable):
    """A compiled function; `autograd.compile` makes it and says what it does."""

    _gives_gradients = True

    def __init__(self, function: Callable[..., Value], settings: Settings) -> None:
        update_wrapper(self, function, updated=())
        self.function = function
        self.settings = settings
        self.name = getattr(function, "__name__", "the function")
        self.variants: OrderedDict[Key, GuardTree] = OrderedDict()
        self.parameters: list[Value] = []  # of all variants, also those only compared
        self.environment = environment_of(function)
        self.by_name = settings.by_name > 0
        self._distance = 1  # calls between the last check and the next
        self._renewals = 0  # calls in a row that found another environment
        self._traces = 0  # runs of the function for a new variant, or one that was known
        self._warned = False

    def __reduce__(self) -> str | tuple[Any, ...]:
        """Copy and pickle by function and settings; by name where it took the function's place.

        That is so of a decorated function at module level, which can only be found there.
        """
        name = getattr(self.function, "__qualname__", "")
        module = sys.modules.get(getattr(self.function, "__module__", None) or "")
        if name and vars(module or object).get(name) is self:
            return str(name)
        return type(self), (self.function, self.settings)

    def bound(self, args: tuple[Any, ...], named: Mapping[str, Any]) -> tuple[Any, ...]:
        """Return all arguments in order: those given by name and by default, too.

        A call begins here: what the function reads beside them, the defaults too, is that of now.
        """
        self._follow_environment()
        return self.settings.bound(self.name, args, named)

    def general(self, args: tuple[Any, ...]) -> Any:
        """Return the value and the gradients of any arguments; of a nested call, a Value."""
        return self._called(args, self.quick, gradients=self._gives_gradients)

    def _called(
        self, args: tuple[Any, ...], pairs: list[tuple[Any, Specialization]], *, gradients: bool
    ) -> Any:
        """Flatten any arguments, run, and structure what was found; ``pairs`` get a quick call."""
        try:
            specs, arrays = self._flat(args)
            key = (gradients, *specs)
            found = self._run(key, arrays)
        except NestedCallError as error:
            if error.owner is not self:  # of a call that the function makes
                raise
            return self._inlined(args)
        except TypeError:
            if has_values(args):
                return self._inlined(args)
            raise
        result = self._returned(key, found)
        self._quicken(key, pairs)
        return result

    def _inlined(self, args: tuple[Any, ...]) -> Any:
        """Run the function itself; return its result, a Value, as part of a larger graph."""
        settings = self.settings
        values = [
            one_number(self.name, settings.call(self.function, some))
            for some in self._each_sample(args)
        ]
        return reduced(values, settings.reduce) if settings.batch else values[0]

    def _each_sample(self, args: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        """Return the arguments of each sample of a batch; all as they are where there is none."""
        pairs = list(zip(self.settings.arguments, args, strict=True))
        batches = {n: samples_of_batch(n, x) for n, x in pairs if n in self.settings.batch}
        if not batches:
            return [args]
        self._check_counts({name: len(batch) for name, batch in batches.items()})
        count = len(next(iter(batches.values())))
        return [
            tuple([batches[n][i] if n in batches else x for n, x in pairs]) for i in range(count)
        ]

    def _quicken(self, key: Key, pairs: list[tuple[Any, Specialization]]) -> None:
        """Put the quick call of the variant that was just run before those that are known.

        Not yet where the next call traces the function again, and so asks no quick call.
        """
        settings, variant, whole = self.settings, self.last, pairs is self.adjoints
        if settings.check or variant is None or key not in self.variants:
            return
        if self.calls_until_check <= 0:
            return
        if whole in variant.quickened:
            return
        variant.quickened |= {whole}
        native = native_call(variant, key, settings, whole=whole)
        call = native or array_call(variant, key, settings, whole=whole)
        if call is None:
            return
        tree = self.variants[key]
        if whole:  # these do not lead to one another
            pairs[:] = [(call, variant), *pairs[: MAX_QUICK - 1]]
            return
        variant.call, call.branches = call, tree.branches(variant)
        root = tree.root(variant)  # from one of a tree, all others are reached
        rest = [pair for pair in pairs if pair[1] not in tree or tree.root(pair[1]) is not root]
        pairs[:] = [(call, variant), *rest[: MAX_QUICK - 1]]

    def value(self, *args: Any, **named: Any) -> Any:
        """Return the value alone; of a nested call, a Value.

        >>> import autograd
        >>> autograd.compile(lambda a: a * a).value(3.0)
        9.0
        """
        return self.dispatch(self.values, args, named, self._value)

    def _value(self, args: tuple[Any, ...]) -> Any:
        """Return the value alone, of any arguments; of a nested call, a Value."""
        return self._called(args, self.values, gradients=False)

    def backward(self, *args: Any, fresh: bool = False, **named: Any) -> float:
        """Add the gradients to the `.grad` of the parameters; return the value.

        Parameters that the result does not depend on stay as they are. ``fresh``: as if `zero_grad`
        had been called before on each parameter that any call has met.

        >>> import autograd
        >>> w = Value(2.0)
        >>> step = autograd.compile(lambda x: w * x * x)
        >>> step.backward(3.0), w.grad
        (18.0, 9.0)
        """
        args = self.bound(args, named)
        quick = self.quickly(self.adjoints, args)
        if quick is None:
            specs, arrays = self._flat(args)
            key = (True, *specs)
            found = self._run(key, arrays)
            self._quicken(key, self.adjoints)
        else:
            value, (variant, *gradients) = quick
            found = variant.result(value, gradients)
        parts = found.parameters
        count = sum(len(nodes) for nodes, _ in parts)
        alone = fresh and not found.divided and count == len(self.parameters)
        if fresh and not alone:
            for node in self.parameters:
                node.zero_grad()
        for nodes, row in parts:
            before = 0.0 if alone else get_data(nodes, grads=True)
            set_data(nodes, before + row, grads=True)
        return found.value

    @property
    def source(self) -> str:
        """The NumPy program of the last call, as text."""
        return self.program.source

    @property
    def program(self) -> Program:
        """The program of the last call, as data."""
        return self._latest().lowered().program

    @property
    def engine(self) -> str:
        """The engine of the last call: "blocked", "numpy" or "tape"."""
        return self._latest().engine_name

    def explain(self) -> Table:
        """Return a table of the last call's program: what each line computes, and for how many."""
        return table_of(self.program)

    def form(self) -> CallSpec:
        """Return the program of the last call, and how it is called."""
        variant, key = self._latest(), self._key()

        def take(args: tuple[Any, ...]) -> list[Any]:
            got, arrays = self._flat(self.settings.bound(self.name, args, {}))
            check_specs(self.name, key[1:], got)
            return arrays

        def give(found: Result) -> Any:
            return self._returned(key, found)

        return variant.form(self.name, take, give)

    def _returned(self, key: Key, found: Result) -> Any:
        """Return what a call returns, of a result that was found elsewhere."""
        return (found.value, self._structured(key[1:], found)) if key[0] else found.value

    def __repr__(self) -> str:
        count = sum(map(len, self.variants.values()))
        variants = f"{count} variant{'' if count == 1 else 's'}"
        return f"<compiled {self.name}({', '.join(self.settings.arguments)}), {variants}>"

    def _repr_html_(self) -> str | None:
        """Show the last call's program, in notebooks; None before a call, or of a long one."""
        last = self.last
        return program_html(repr(self), last.program, lambda: self.program) if last else None

    def _flat(self, args: tuple[Any, ...]) -> tuple[tuple[TreeSpec, ...], list[Any]]:
        """Flatten all arguments: their specs, and their arrays."""
        names = self.settings.arguments
        arrays: list[Any] = []
        batch, given = self.settings.batch, self.settings.static
        specs = []
        for name, argument in zip(names, args, strict=True):
            take = samples if name in batch else static if name in given else flatten
            specs.append(take(name, argument, arrays))
        if len(batch) > 1:
            counts = [len(arrays[i]) for i in self.settings.batches(specs)]
            ordered = [name for name in names if name in batch]
            self._check_counts(dict(zip(ordered, counts, strict=True)))
        return tuple(specs), arrays

    def _check_counts(self, counts: Mapping[str, int]) -> None:
        """Refuse batches of different lengths: NumPy would repeat one sample for all."""
        if len(set(counts.values())) > 1:
            came = ", ".join(f"{n} in {name}" for name, n in counts.items())
            raise ValueError(f"{self.name}: got samples: {came}; give as many in each batch")

    def _run(self, key: Key, arrays: list[Any]) -> Result:
        """Run a call whose arguments are taken apart, and look after what was traced.

        The function is traced again at growing distances: the second, the fourth, the eighth call
        since the last new variant.
        """
        if tracing():
            self._refuse_nested(v for known in self.variants.get(key, ()) for v in known.parameters)
        traces = self._traces
        if self._renewals < MAX_RENEWALS:
            found = self._dispatched(key, arrays)
        else:
            found = self._eagerly(key, arrays)
        if self._traces > traces:
            self._distance, self.calls_until_check = 1, 0
        elif not found.graph:
            self._count(key, arrays)
        watched = anomaly_detector() is not None
        if (watched or self.settings.check) and not found.finite:
            raise FloatingPointError(
                self._anomaly(key, arrays)
                or f"{self.name}: the value or a gradient is not finite, though no operation made "
                "it so"
            )
        if watched and (anomaly := self._anomaly(key, arrays)):  # as where 0 met infinity
            raise FloatingPointError(anomaly)
        return found

    def _count(self, key: Key, arrays: list[Any]) -> None:
        """Count a call; trace the function again where it is time."""
        if self.calls_until_check <= 0:
            self._check(key, arrays)
            self._distance *= 2
            self.calls_until_check = self._distance
        self.calls_until_check -= 1

    def holds_for(self, *args: Any) -> bool:
        """Count a call whose program is run elsewhere; tell whether the program still holds.

        It does not where what the function reads beside its arguments was replaced. Raises
        ImpureFunctionError where it is time to trace the function again, and it has changed.

        >>> import autograd
        >>> step = autograd.compile(lambda x: x * x)
        >>> step(2.0), step.holds_for(3.0)
        ((4.0, 4.0), True)
        """
        if self.environment is not None and not self.environment.same():
            return False
        if self.calls_until_check <= 0:
            specs, arrays = self._flat(args)
            self._count((self._gives_gradients, *specs), arrays)
        else:
            self.calls_until_check -= 1
        return True

    def rows(self) -> FlatParameters | None:
        """Return the program of the last call, to be run on an array of its parameters' numbers.

        It is for callers that change all parameters at every call, as a training does: numbers and
        gradients stay in arrays, and no `Value` is read or written. ``numbers`` is what the program
        reads, one number for each of ``leaves``. Call it as the function, with arrays: it writes
        the gradients into the row ``gradients`` and returns the value, or None where anything is
        unusual, as another program is needed, or a number is not finite: then call the function
        itself.

        None where the tape runs all calls, or the last one was without gradients, where a parameter
        selects, or where some of them get no gradient.

        >>> import autograd, numpy as np
        >>> w, b = autograd.Value(2.0, "w"), autograd.Value(1.0, "b")
        >>> step = autograd.compile(lambda x: (w * x + b) ** 2, batch=["x"], engine="numpy")
        >>> x = np.array([1.0, 2.0])
        >>> step.backward(x)
        17.0
        >>> rows = step.rows()
        >>> rows.numbers[:] = autograd.get_data(rows.leaves)
        >>> rows(x), rows.gradients
        (17.0, array([13.,  8.]))
        >>> rows.numbers -= 0.125 * rows.gradients
        >>> rows(x), w.data
        (0.3515625, 2.0)
        """
        variant, key = self._latest(), self._key()
        if not key[0] or (isinstance(variant.engine, TapeEngine) and variant.most_samples == inf):
            return None
        if variant.reached is not None or variant.beside:
            return None
        if variant.rows is None:
            variant.rows = FlatParameters(variant, key, self.settings, self.holds_for)
        found: FlatParameters = variant.rows
        return None if found.call is None else found

    def _latest(self) -> Specialization:
        if self.last is None:
            raise RuntimeError(
                f"{self.name} was not called yet: a program is made at the first call, from the "
                "shapes of its arguments"
            )
        return self.last

    def _key(self) -> Key:
        """Return the structure of the last call's arguments, and whether it had gradients."""
        latest = self._latest()
        return next(key for key, known in self.variants.items() if any(latest is v for v in known))

    def _follow_environment(self) -> None:
        """Forget all variants where the environment is not what it was when they were traced."""
        if self.environment is None or self.environment.same():
            self._renewals = 0
            return
        self.settings = renewed(self.settings, self.function)
        self.environment = environment_of(self.function)
        self.by_name = self.settings.by_name > 0
        self.variants.clear()
        self.parameters.clear()
        for pairs in (self.quick, self.values, self.adjoints):
            pairs.clear()  # in place: the call that finds the change goes on with them
        self.last, self.missed = None, None
        self._renewals += 1
        if self._renewals == MAX_RENEWALS:
            self._warn(
                f"what it reads beside its arguments was replaced before each of {MAX_RENEWALS} "
                f"calls in a row, and it was traced anew for each; {WAYS_OUT}"
            )

    def _warn(self, why: str) -> None:
        """Warn, once, why calls run eagerly."""
        if not self._warned:
            self._warned = True
            text = f"{self.name}: {why}. Such calls run eagerly, node by node, from now on"
            warnings.warn(text, SpecializationWarning, stacklevel=users_level())

    def _dispatched(self, key: Key, arrays: list[Any]) -> Result:
        """Run the variant whose comparisons come out right; divide a batch among several."""
        known, places = self._known(key), self.settings.batches(key[1:])
        if places:
            for variant in known.starts(self.last)[:1]:
                result = variant.run(arrays)
                if isinstance(result, Result):
                    self.last = variant
                    return result
            return self._divided(key, arrays, places)
        missed, self.missed = self.missed, None
        if missed in known and len(known.roots) == 1:  # the quick calls have searched
            return self._unknown(key, arrays, known)
        results: list[Result] = []

        def fails(variant: Specialization) -> int | None:
            result = variant.run(arrays)
            if isinstance(result, int):
                return result
            results.append(result)
            return None

        found = known.search(self.last, fails)
        if found is not None:
            self.last = found
            return results[0]
        return self._unknown(key, arrays, known)

    def _unknown(self, key: Key, arrays: list[Any], known: GuardTree) -> Result:
        """Run a call whose comparisons come out as in no variant.

        A trace costs some hundred runs, and pays where the same outcome comes again. So once there
        are some variants, a new outcome is run eagerly, which gives the bits of the tape.
        """
        if len(known) >= MAX_VARIANTS:
            return self._beyond(key, arrays)
        if len(known) >= MAX_NEW and known.is_of_tape and not self.settings.check:
            found = self._eagerly(key, arrays)
            if known.is_new(found.graph):
                self.calls_until_check = max(self.calls_until_check, 1)  # no program has answered
                return found
        self.last = self._traced(key, arrays)
        return self.last.accepted(arrays)

    def _known(self, key: Key) -> GuardTree:
        """Return the variants of a structure, and note that it is the one used last."""
        known = self.variants.get(key)
        if known is None:
            known = self.variants[key] = GuardTree()
        self.variants.move_to_end(key)
        while len(self.variants) > MAX_STRUCTURES:
            _, dropped = self.variants.popitem(last=False)
            gone = {id(variant) for variant in dropped}
            for variant in dropped:  # calls lead to the others: not to wait for the collector
                variant.call = None
            for pairs in (self.quick, self.values, self.adjoints):
                pairs[:] = [pair for pair in pairs if id(pair[1]) not in gone]
        return known

    def _beyond(self, key: Key, arrays: list[Any]) -> Result:
        """Run eagerly what would need one variant too many."""
        self._warn(
            f"its comparisons came out in more than {MAX_VARIANTS} ways, each of which is a "
            "program of its own; choose with autograd.where, maximum, max or relu"
        )
        return self._eagerly(key, arrays)

    def _divided(self, key: Key, arrays: list[Any], places: list[int]) -> Result:
        """Run each variant on the samples for which its comparisons hold; trace for the others.

        The parts come in the order of their first samples: the bits of their sum do not depend on
        what was traced when.
        """
        known = self.variants[key]
        count = len(arrays[places[0]])

        def failures(variant: Specialization, chosen: NDArray[np.intp]) -> NDArray[np.intp]:
            return variant.failures(some_samples(arrays, places, chosen), len(chosen))

        found, unknown = known.partition(self.last, np.arange(count), failures)
        while unknown.size and len(known) < MAX_VARIANTS:
            made = self._traced(key, some_samples(arrays, places, unknown[:1]))
            holds = np.ones(len(unknown), bool)  # for the first, whatever rounding says
            if len(unknown) > 1:
                holds[1:] = failures(made, unknown[1:]) < 0
            found.append((made, unknown[holds]))
            unknown = unknown[~holds]
        merged: dict[int, tuple[Specialization, NDArray[np.intp]]] = {}
        for variant, chosen in found:
            _, before = merged.get(id(variant), (variant, chosen[:0]))
            merged[id(variant)] = variant, np.sort(np.concatenate([before, chosen]))
        parts: list[tuple[NDArray[np.intp], Result]] = []
        for variant, chosen in sorted(merged.values(), key=lambda pair: int(pair[1][0])):
            self.last = variant
            parts.append((chosen, variant.accepted(some_samples(arrays, places, chosen))))
        if unknown.size:
            parts.append((unknown, self._beyond(key, some_samples(arrays, places, unknown))))
        return self._joined(parts, count)

    def _joined(self, parts: Sequence[tuple[NDArray[np.intp], Result]], count: int) -> Result:
        """Put the results of a divided batch together."""
        mean = self.settings.reduce == "mean"
        return total([(len(chosen) / count if mean else 1.0, part) for chosen, part in parts])

    def leaves(self, key: Key, arrays: list[Any]) -> tuple[list[Any], list[Leaves]]:
        """Make leaves of the arguments' numbers, of the first sample where they are a batch."""
        settings = self.settings
        parts = [
            (name, spec, name in settings.batch, settings.differentiates(name, spec))
            for name, spec in zip(settings.arguments, key[1:], strict=True)
        ]
        return make_leaves(parts, arrays)

    def _traced(self, key: Key, arrays: list[Any]) -> Specialization:
        """Run the function on leaves, and lower what it did; a program that is known serves."""
        args, leaves = self.leaves(key, arrays)
        traced = self._recorded(args, leaves)
        self._traces += 1
        traced = replace(traced, roots=())  # a graph takes more memory than all that is made of it
        own, variants = fingerprint(traced, count_of(leaves)), self.variants[key]
        known = next((v for v in variants.variants if is_same_program(v.fingerprint, own)), None)
        if known is not None:  # rounding has hidden it
            return known
        made = self._lowered(key, args, traced, leaves, own)
        if self.settings.check:
            lowered = made.lowered()
            compare(lowered.program, lowered.numbers(arrays))
        variants.add(made)
        self._remember([*made.parameters, *made.beside])
        return made

    def _remember(self, nodes: list[Value]) -> None:
        """Add to the parameters those that are new; ``nodes`` are different ones."""
        known = set(self.parameters)
        new = [x for x in nodes if x not in known] if known else nodes
        self.parameters = [*self.parameters, *new]

    def _lowered(
        self,
        key: Key,
        args: list[Any],  # noqa: ARG002 - for a Hessian
        traced: Trace,
        leaves: list[Leaves],
        own: Fingerprint,
    ) -> Specialization:
        """Make a variant of a trace."""
        settings = self.settings
        reduce = settings.reduce if settings.batch else ""
        return make(
            traced, leaves, own, reduce, settings.engine, gradients=key[0], exact=settings.exact
        )

    def _recorded(self, args: list[Any], leaves: list[Leaves], lines: Lines | None = None) -> Trace:
        """Run the function under a tracer, and write down what it did."""
        # of derivatives inside, the exact rules: nothing here watches the short ones
        with Tracing(self.name, exact=True) as tracer, noting(lines):
            tracer.arguments = nodes = [v for leaf in leaves for v in leaf.nodes]
            result = one_number(self.name, self.settings.call(self.function, args))
        frozen = [v for leaf in leaves if not leaf.wanted for v in leaf.nodes]
        traced = record(result, tracer, frozen, nodes)
        self._refuse_nested(traced.closed_over(len(nodes)))
        return traced

    def _refuse_nested(self, nodes: Iterable[Value]) -> None:
        """Refuse to give numbers of what another function differentiates, or is traced with.

        Of nodes that the function closes over, the derivative that is being taken would lose its
        way there, and a program that is being traced would keep the number.
        """
        if tracing():
            lost = [v for v in nodes if v.is_leaf and not v.is_constant]
        else:
            leaves = {v for known in context.thread.transforms for v in known}
            lost = [v for v in nodes if v in leaves] if leaves else []
        if lost:
            raise NestedCallError(
                f"{self.name}: backward() gives numbers, at {users_line()}, and what the function "
                f"closes over ({lost[0]!r}) is part of a function that is being differentiated or "
                f"traced; call {self.name}(...) there, which gives a Value",
                self,
            )

    def _check(self, key: Key, arrays: list[Any]) -> None:
        """Trace the function once more, and refuse one that does something else than before."""
        places = self.settings.batches(key[1:])
        if places:  # another sample each time
            count = len(arrays[places[0]])
            arrays = some_samples(arrays, places, np.array([(self._distance + count // 2) % count]))
        args, leaves = self.leaves(key, arrays)
        traced = self._recorded(args, leaves)
        own = fingerprint(traced, count_of(leaves))
        known = self.variants.get(key)
        if known is None or not known.variants:
            return
        variant = max(known.variants, key=lambda one: common_guards(one.fingerprint, own))
        nearest = variant.fingerprint
        place = first_difference(nearest, own)
        if place is None or (
            is_reordered(nearest, own)
            and variant.accepted(arrays).close_to(self._eagerly(key, arrays))
        ):
            return
        args, leaves = self.leaves(key, arrays)
        lines = Lines()
        nodes = self._recorded(args, leaves, lines).nodes
        raise ImpureFunctionError(
            f"{self.name}: traced again, the function computes something else for arguments of "
            f"the same kind: {described(nearest, own, place, nodes, lines)}. A compiled function "
            "runs in Python once, and what it reads beside its arguments is frozen into the "
            f"program: {WAYS_OUT}"
        )

    def _eagerly(self, key: Key, arrays: list[Any]) -> Result:
        """Run the function itself, sample by sample."""
        each = self._samples(key, arrays)
        weight = 1 / len(each) if self.settings.batch and self.settings.reduce == "mean" else 1.0
        return total([(weight, self._eager_sample(key, some)) for some in each])

    def _samples(self, key: Key, arrays: list[Any]) -> list[list[Any]]:
        """Return the arguments' arrays sample by sample; all as they are where none is a batch."""
        places = self.settings.batches(key[1:])
        if not places:
            return [arrays]
        count = len(arrays[places[0]])
        return [some_samples(arrays, places, np.array([n])) for n in range(count)]

    def _eager_sample(self, key: Key, arrays: list[Any]) -> Result:
        """Run the function on leaves, and walk back through what it did."""
        args, leaves = self.leaves(key, arrays)
        nodes = [v for leaf in leaves for v in leaf.nodes]
        with recording():
            result = one_number(self.name, self.settings.call(self.function, args))
            operations, codes, _, inputs, _, _, ends, _ = flattened([*nodes, result], ())
            given = set(nodes)
            reached = [v for v in ends[1] if v not in given]
            if reached or result.is_constant or any(v.has_grad for v in nodes):
                slopes = np.array(
                    vjp(topological(result), {result: 1.0}, [*nodes, *reached], floats)
                )
            else:  # leaves of this run alone: their own gradients are free
                result.backward()
                slopes = get_data(nodes, grads=True)
        graph = hash((operations, bytes(codes), bytes(inputs), *map(id, reached)))
        found = Result(result.data, graph=graph or 1)
        start = 0
        for i, leaf in enumerate(leaves):
            end = start + len(leaf.nodes)
            if leaf.wanted:
                found.arguments[i] = slopes[start:end].reshape(leaf.shape)
            start = end
        if reached and key[0]:
            self._remember(reached)
            found.parameters.append((reached, slopes[start:]))
            if not found.arguments:
                slopes_of = dict(zip(reached, slopes[start:].tolist(), strict=True))
                found.named = self._named(key, slopes_of)
        return found

    def _named(self, key: Key, slopes: dict[Value, float]) -> dict[str, Any]:
        """Return gradients by the names of the arrays of any variant; others by their labels."""
        found: dict[str, Any] = {}
        for variant in self.variants.get(key, ()):
            start = 0
            for array in variant.program.arrays:
                if array.kind != "parameter":
                    continue
                nodes = variant.parameters[start : (start := start + array.ids.size)]
                if any(node in slopes for node in nodes):
                    row = [slopes.pop(node, 0.0) for node in nodes]
                    found[array.name] = np.array(row).reshape(array.shape)
        for i, (node, slope) in enumerate(slopes.items()):
            found[node.label or f"x{i + 1}"] = np.array(slope)
        return found

    def _anomaly(self, key: Key, arrays: list[Any]) -> str:
        """Find the line of the program and of the user's code that a bad number comes from.

        Return nothing where the function itself, run on each sample, makes none.
        """
        for some in self._samples(key, arrays):
            try:
                with detect_anomaly():
                    self._eager_sample(key, some)
            except FloatingPointError as error:
                lines = self.last if self._gives_gradients else None
                return f"{self.name}: {lines.blamed(some) if lines else ''}{error}"
        return ""

    def _structured(self, specs: Sequence[TreeSpec], found: Result) -> Any:
        """Return gradients as the arguments came; of the parameters where there are no others."""
        spec, places = self.settings.gradients(specs)
        if spec == NOTHING:
            self._check_whole(specs, found)
            return found.named
        arrays = [
            as_given(kind, np.array(np.broadcast_to(found.arguments.get(i, 0.0), shape)))
            for i, (kind, shape, _) in zip(places, spec.arrays, strict=True)
        ]
        return spec.unflatten(arrays)

    def _check_whole(self, specs: Sequence[TreeSpec], found: Result) -> None:
        """Refuse a call in which only whole numbers could have had gradients."""
        names = zip(self.settings.arguments, specs, strict=True)
        whole = [name for name, spec in names if name in self.settings.wrt and spec.arrays]
        if whole and not found.named and not self.settings.batch:
            raise TypeError(
                f"{self.name}: there is no gradient, as only whole numbers came for "
                f"{', '.join(whole)}, and these choose positions; give floats (2.0, not 2), name "
                f"them in compile(..., wrt={whole!r}), or call .value(...) for the value alone"
            )


def some_samples(arrays: list[Any], places: list[int], chosen: NDArray[Any]) -> list[Any]:
    """Return the arguments' arrays with some samples of those that are batches."""
    return [array[chosen] if i in places else array for i, array in enumerate(arrays)]
