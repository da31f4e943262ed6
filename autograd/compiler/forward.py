"""Functions that are compiled to be run forward only: they return what they return, as NumPy.

So are the derivatives of `autograd.transforms`: what they compute is a scalar program itself.
A program's lines do not know that nothing flows along a derivative of 0; where a result is not
finite, the function itself is run on the numbers, whose word holds.
"""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd.anomaly import detect_anomaly
from autograd.compiler.compiled import Compiled
from autograd.compiler.programs.program import Form
from autograd.compiler.running.outputs import ForwardVariant, Outputs, soundness
from autograd.compiler.running.variant import Result, Variant, make
from autograd.compiler.tracing.arguments import Key, as_given, leaves_of, rebuild
from autograd.compiler.tracing.trace import Tracing, record
from autograd.structures import array_of, collapsed, numbers_for_values, take_apart
from autograd.transforms import Transform
from autograd.value import Value, constant


class Forward(Compiled):
    """A function compiled to be run forward only; `autograd.compile` makes it."""

    def general(self, args: tuple[Any, ...]) -> Any:
        """Return what the function returns, as numbers."""
        key, arrays = self._flat(args)
        found = self._run((False, *key), arrays)
        assert isinstance(found, Outputs)
        if not found.finite:
            self._repair(found, (False, *key), arrays)
        self.quick = self._quickened((False, *key), self.quick)
        return self._rebuilt(found)

    def _rebuilt(self, found: Outputs) -> Any:
        """Return results in the function's structure."""
        batch = bool(self.settings.batch)
        rest = zip(leaves_of(found.structure), found.arrays, strict=True)

        def take() -> Any:
            (kind, *_), array = next(rest)
            return array if batch else as_given(kind, array)

        return rebuild(found.structure, take)

    def _returned(self, key: Key, found: Result) -> Any:  # noqa: ARG002 - without gradients always
        """Return what a call returns, of results that were found elsewhere."""
        assert isinstance(found, Outputs)
        return self._rebuilt(found)

    def form(self) -> Form:
        """Return the program of the last call, without what is watched, and how it is called."""
        form, variant = super().form(), self._latest()
        assert isinstance(variant, ForwardVariant)
        outputs = variant.program.outputs
        assert outputs is not None
        return replace(form, program=replace(form.program, outputs=outputs[: variant.count]))

    def value(self, *args: Any, **named: Any) -> float:  # noqa: ARG002 - as of a function with gradients
        """Refuse: there is no value beside the results."""
        raise TypeError(f"{self.name} was compiled without gradients: call it for its results")

    def backward(self, *args: Any, fresh: bool = False, **named: Any) -> float:  # noqa: ARG002
        """Refuse: there are no gradients."""
        raise TypeError(
            f"{self.name} was compiled without gradients; compile the function that it is the "
            "derivative of, or without gradients=False"
        )

    def _traced(self, key: Key, arrays: list[Any]) -> Variant:
        """Run the function on leaves, and lower what it did."""
        args, leaves = self.leaves(key, arrays)
        with Tracing(self.name, self.settings.exact) as tracing:
            result = self.function(*args)
            entries: list[Any] = []
            structure = take_apart(
                result, "the result", entries, f"{self.name}: the function returned"
            )
            nodes = [x if type(x) is Value else constant(x) for x in entries]
        structure = collapsed(structure)
        watched = list(dict.fromkeys(tracing.watched))
        hidden = (collapsed(("l", *[("n", (), False)] * len(watched))),) if watched else ()
        frozen = [v for leaf in leaves for v in leaf.nodes]
        traced = record([*nodes, *watched] or [constant(0.0)], tracing, frozen, frozen)
        ids = np.array(traced.outputs, dtype=np.int64)
        outputs, start = [], 0
        for _, shape, *_ in (*leaves_of(structure), *hidden):
            count = int(np.prod(shape))
            outputs.append(ids[start : start + count].reshape(shape))
            start += count
        made = make(traced, leaves, "", self.settings.engine, gradients=False, outputs=outputs)
        variant = ForwardVariant(
            made.program, made.engine, made.sources, made.parameters, made.bounds
        )
        variant.structure = structure
        return variant

    def _divided(self, key: Key, arrays: list[Any], places: list[int], holds: Any) -> Result:
        """Run the samples for which a variant's comparisons hold apart from the others."""
        parts = []
        for chosen in (holds, ~holds):
            some = [a[chosen] if i in places else a for i, a in enumerate(arrays)]
            parts.append((chosen, self._run(key, some)))
        (_, one), (_, other) = parts
        assert isinstance(one, Outputs)
        assert isinstance(other, Outputs)
        if one.structure != other.structure:
            raise ValueError(
                f"{self.name}: the samples' results differ in structure, as the comparisons came "
                "out; return the same structure for all"
            )
        merged = []
        for a, b in zip(one.arrays, other.arrays, strict=True):
            whole = np.empty((len(holds), *a.shape[1:]))
            whole[holds], whole[~holds] = a, b
            merged.append(whole)
        sound = np.empty(len(holds))
        sound[holds], sound[~holds] = soundness(one), soundness(other)
        return Outputs(0.0, arrays=merged, structure=one.structure, watched=[sound])

    def _repair(self, found: Outputs, key: Key, arrays: list[Any]) -> None:
        """Run the function itself where results are not finite."""
        places = [i for i, batch in enumerate(self.settings.batches(key[1:])) if batch]
        if not places:
            for array, eager in zip(found.arrays, self._eager(key, arrays), strict=True):
                array[...] = eager
            return
        for n in np.flatnonzero(~np.isfinite(soundness(found))).tolist():
            some = [a[n : n + 1] if i in places else a for i, a in enumerate(arrays)]
            for array, eager in zip(found.arrays, self._eager(key, some), strict=True):
                array[n] = eager

    def _eager(self, key: Key, arrays: list[Any]) -> list[NDArray[Any]]:
        """Return what the function gives for one sample, array by array."""
        if isinstance(self.function, Transform):
            args = self._numbers(key, arrays)  # on floats it is quicker, and makes no graphs
        else:
            args, _ = self.leaves(key, arrays)
        entries: list[Any] = []
        result = numbers_for_values(self.function(*args))
        structure = collapsed(take_apart(result, "the result", entries, self.name))
        rows, start = [], 0
        for _, shape, *_ in leaves_of(structure):
            count = int(np.prod(shape))
            rows.append(array_of(entries[start : start + count], shape))
            start += count
        return rows

    def _numbers(self, key: Key, arrays: list[Any]) -> list[Any]:
        """Return arguments as they were given; of a batch, its first sample."""
        rest = iter(arrays)
        args = []
        for name, part in zip(self.settings.arguments, key[1:], strict=True):
            kinds = iter(leaves_of(part))
            batch = name in self.settings.batch

            def take(kinds: Any = kinds, batch: bool = batch) -> Any:
                array, (kind, shape, *_) = next(rest), next(kinds)
                numbers = np.asarray(array[0] if batch else array, float)
                return as_given(kind if shape or not batch else "n", numbers)

            args.append(rebuild(part, take))
        return args

    def _explained(self, key: Key, variant: Variant, arrays: list[Any]) -> str:  # noqa: ARG002
        """Find the user's line that a bad number comes from."""
        places = [i for i, batch in enumerate(self.settings.batches(key[1:])) if batch]
        for n in range(len(arrays[places[0]]) if places else 1):
            some = [a[n : n + 1] if i in places else a for i, a in enumerate(arrays)]
            try:
                with detect_anomaly():
                    self._eager(key, some)
            except FloatingPointError as error:
                return f"{self.name}: {error}"
        return f"{self.name}: a result is not finite, though no operation made it so"
