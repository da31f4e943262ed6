"""A compiled function: its variants, and the choice among them at each call."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from autograd.anomaly import detect_anomaly
from autograd.compiler.calls import straight
from autograd.compiler.calls.front import Call, Front, small_call
from autograd.compiler.calls.rows import Rowed
from autograd.compiler.calls.settings import Settings
from autograd.compiler.programs.program import Exportable, Form, Program
from autograd.compiler.programs.table import Table, table_of
from autograd.compiler.running.variant import Result, Variant, make, total
from autograd.compiler.tracing.arguments import (
    Key,
    check_key,
    flatten,
    leaves_of,
    put_together,
    samples,
)
from autograd.compiler.tracing.leaves import Leaves, make_leaves
from autograd.compiler.tracing.trace import record, trace
from autograd.construct import gather, scatter
from autograd.numbers import CONTAINERS, checked_nesting
from autograd.value import Value

MOST_VARIANTS = 100
MOST_QUICK = 16  # variants tried one after another, at 0.3 us each at most


class Compiled(Front, Exportable, Rowed):
    """A compiled function; `autograd.compile` makes it and says what it does."""

    def __init__(self, function: Callable[..., Value], settings: Settings) -> None:
        self.function = function
        self.settings = settings
        self.name = getattr(function, "__name__", "the function")
        self.variants: dict[Key, list[Variant]] = {}
        self._values: list[tuple[Call, Variant]] = []  # quick calls of the value alone

    def bound(self, args: tuple[Any, ...], named: Mapping[str, Any]) -> tuple[Any, ...]:
        """Return all arguments in order: those given by name and by default, too."""
        return self.settings.bound(self.name, args, named)

    def general(self, args: tuple[Any, ...]) -> tuple[float, Any]:
        """Return the value and the gradients of any arguments."""
        key, arrays = self._flat(args)
        found = self._run((True, *key), arrays)
        gradients = self._structured(key, found)
        self.quick = self._quickened((True, *key), self.quick)
        return found.value, gradients

    def _quickened(self, key: Key, known: list[tuple[Call, Variant]]) -> list[tuple[Call, Variant]]:
        """Put the quick call of the variant that was just run before those that are known."""
        settings, variant = self.settings, self._latest()
        if settings.check or variant.quickened:
            return known
        variant.quickened = True
        call = small_call(variant, key, settings) or straight.write(variant, key, settings)
        return known if call is None else [(call, variant), *known[: MOST_QUICK - 1]]

    def value(self, *args: Any, **named: Any) -> float:
        """Return the value alone.

        >>> import autograd
        >>> autograd.compile(lambda a: a * a).value(3.0)
        9.0
        """
        args = self.bound(args, named)
        for call, variant in self._values:
            found: float | None = call(args)
            if found is not None:
                self.last = variant
                return found
        key, arrays = self._flat(args)
        value = self._run((False, *key), arrays).value
        self._values = self._quickened((False, *key), self._values)
        return value

    def backward(self, *args: Any, fresh: bool = False, **named: Any) -> float:
        """Add the gradients to the `.grad` of the parameters; return the value.

        ``fresh``: set them instead, as if `zero_grad` had been called on each before.

        >>> import autograd
        >>> w = Value(2.0)
        >>> step = autograd.compile(lambda x: w * x * x)
        >>> step.backward(3.0), w.grad
        (18.0, 9.0)
        """
        key, arrays = self._flat(self.bound(args, named))
        found = self._run((True, *key), arrays)
        for i, (nodes, gradient) in enumerate(found.parameters):
            row = np.broadcast_to(gradient, np.shape(gradient) or (1,)).reshape(-1)
            seen = any(nodes is other for other, _ in found.parameters[:i])  # a divided batch
            before = 0.0 if fresh and not seen else gather(nodes, grads=True)
            scatter(nodes, before + row, grads=True)
        return found.value

    @property
    def source(self) -> str:
        """The NumPy program of the last call, as text."""
        return self.program.source

    @property
    def program(self) -> Program:
        """The program of the last call, as data."""
        return self._latest().program

    @property
    def engine(self) -> str:
        """The engine of the last call: "numpy" or "tape"."""
        return self._latest().engine.name

    def explain(self) -> Table:
        """Return a table of the last call's program: what each line computes, and for how many."""
        return table_of(self.program)

    def form(self) -> Form:
        """Return the program of the last call, and how it is called."""
        variant, key = self._latest(), self._key()

        def take(args: tuple[Any, ...]) -> list[Any]:
            came, arrays = self._flat(self.bound(args, {}))
            check_key(self.name, key[1:], came)
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

    def _flat(self, args: tuple[Any, ...]) -> tuple[Key, list[Any]]:
        """Take all arguments apart: their structures, and their arrays."""
        names = self.settings.arguments
        for name, argument in zip(names, args, strict=True):
            if isinstance(argument, CONTAINERS):
                checked_nesting(argument, name)
        arrays: list[Any] = []
        batch = self.settings.batch
        key = [
            samples(name, argument, arrays) if name in batch else flatten(name, argument, arrays)
            for name, argument in zip(names, args, strict=True)
        ]
        if len(batch) > 1:
            self._check_counts(tuple(key), arrays)
        return tuple(key), arrays

    def _check_counts(self, key: Key, arrays: list[Any]) -> None:
        """Refuse batches of different lengths: NumPy would repeat one sample for all."""
        batches = self.settings.batches(key)
        names = [name for name in self.settings.arguments if name in self.settings.batch]
        counts = [len(array) for array, is_batch in zip(arrays, batches, strict=True) if is_batch]
        if len(set(counts)) > 1:
            came = ", ".join(f"{n} in {name}" for n, name in zip(counts, names, strict=True))
            raise ValueError(f"{self.name}: got samples: {came}; give as many in each batch")

    def _run(self, key: Key, arrays: list[Any]) -> Result:
        """Run the variant whose comparisons come out right; make it where there is none."""
        known = self.variants.setdefault(key, [])
        for variant in known:
            found = variant.run(arrays)
            if found is not None:
                self.last = variant
                if self.settings.check and not found.finite:
                    raise FloatingPointError(self._explained(key, variant, arrays))
                return found
        places = [i for i, batch in enumerate(self.settings.batches(key[1:])) if batch]
        for variant in known if places else ():
            holds = variant.holds(arrays)
            if holds[0]:  # parts in the order of their samples, not of what was traced when
                return self._divided(key, arrays, places, holds)
        if len(known) == MOST_VARIANTS:
            raise RuntimeError(
                f"{self.name}: {MOST_VARIANTS} variants for arguments of one structure, as its "
                "comparisons came out in so many ways; choose with autograd.where, maximum or max"
            )
        known.append(self._traced(key, arrays))
        return self._run(key, arrays)

    def _divided(self, key: Key, arrays: list[Any], places: list[int], holds: Any) -> Result:
        """Run the samples for which a variant's comparisons hold apart from the others."""
        parts = []
        for chosen in (holds, ~holds):
            some = [a[chosen] if i in places else a for i, a in enumerate(arrays)]
            weight = float(chosen.mean()) if self.settings.reduce == "mean" else 1.0
            parts.append((weight, self._run(key, some)))
        return total(parts)

    def leaves(self, key: Key, arrays: list[Any]) -> tuple[list[Any], list[Leaves]]:
        """Make leaves of the arguments' numbers, of the first sample where they are a batch."""
        settings = self.settings
        parts = [
            (name, part, name in settings.batch, name in settings.wrt)
            for name, part in zip(settings.arguments, key[1:], strict=True)
        ]
        return make_leaves(parts, arrays)

    def _traced(self, key: Key, arrays: list[Any]) -> Variant:
        """Run the function on leaves, and lower what it did."""
        args, leaves = self.leaves(key, arrays)
        # of derivatives inside, the exact rules: nothing here watches the short ones
        result, tracing = trace(self.name, lambda: self.function(*args), exact=True)
        frozen = [v for leaf in leaves if not leaf.wanted for v in leaf.nodes]
        nodes = [v for leaf in leaves for v in leaf.nodes]
        traced = record(result, tracing, frozen, nodes)
        settings = self.settings
        reduce = settings.reduce if settings.batch else ""
        return make(traced, leaves, reduce, settings.engine, gradients=key[0], exact=settings.exact)

    def _explained(self, key: Key, variant: Variant, arrays: list[Any]) -> str:
        """Find the line of the program and of the user's code that a bad number comes from."""
        places = [i for i, batch in enumerate(self.settings.batches(key[1:])) if batch]
        count = len(arrays[places[0]]) if places else 1
        for n in range(count):
            some = [a[n : n + 1] if i in places else a for i, a in enumerate(arrays)]
            args, _ = self.leaves(key, some)
            try:
                with detect_anomaly():
                    self.function(*args).backward()
            except FloatingPointError as error:
                return f"{self.name}: {variant.blamed(some)}{error}"
        return f"{self.name}: the value or a gradient is not finite, though no operation made it so"

    def _structured(self, key: Key, found: Result) -> Any:
        """Return gradients as the arguments came; of the parameters where there are no others."""
        results = put_together(key, self.settings.arguments, self.settings.wrt, found.arguments)
        if not results:
            self._check_whole(key, found)
            return found.named
        return results[0] if len(results) == 1 else tuple(results)

    def _check_whole(self, key: Key, found: Result) -> None:
        """Refuse a call in which only whole numbers could have had gradients."""
        names = zip(self.settings.arguments, key, strict=True)
        whole = [name for name, part in names if name in self.settings.wrt and leaves_of(part)]
        if whole and not found.named and not self.settings.batch:
            raise TypeError(
                f"{self.name}: there is no gradient, as only whole numbers came for "
                f"{', '.join(whole)}, and these choose positions; give floats (2.0, not 2), or "
                "call .value(...) for the value alone"
            )
