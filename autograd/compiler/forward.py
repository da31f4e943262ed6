"""Functions that are compiled to be run forward only, whatever structure they return.

So are the derivatives of `autograd.transforms`: what they compute is a scalar program itself.
A program's lines do not know that nothing flows along a derivative of 0; where a result is not
finite, the function itself is run on the numbers, whose word holds.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd._checks import float_or_none
from autograd.compiler.compiled import Compiled, some_samples
from autograd.compiler.dispatch.nested import different_structures, numbered, stacked
from autograd.compiler.dispatch.settings import Key
from autograd.compiler.executors.outputs import ForwardSpecialization, Outputs, soundness
from autograd.compiler.executors.specialization import (
    Result,
    Specialization,
    arguments_of,
    make,
)
from autograd.compiler.programs.hessian import Derivative
from autograd.compiler.programs.lowering import scalar_program
from autograd.compiler.programs.program import CallSpec
from autograd.compiler.tape.choice import Tape
from autograd.compiler.tracing.arguments import as_given
from autograd.compiler.tracing.leaves import Leaves
from autograd.compiler.tracing.purity import Fingerprint, Lines, noting
from autograd.compiler.tracing.trace import Trace, Tracing, one_number, record, with_live
from autograd.compiler.vectorize.derivatives import Growing, is_derivable
from autograd.transforms import Transform
from autograd.transforms.evaluation import Derivation, positions, together
from autograd.tree_spec import TreeSpec, collapsed, listed, numbers_for_values, ravel, split
from autograd.value import Value, constant
from autograd.value_array import array_of


class Forward(Compiled):
    """A function compiled to be run forward only; `autograd.compile` makes it."""

    _gives_gradients = False

    def _run(self, key: Key, arrays: list[Any]) -> Result:
        """Run a call; where results are not finite, the function itself has the word."""
        found = super()._run(key, arrays)
        assert isinstance(found, Outputs)
        if not found.finite:
            self._repair(found, key, arrays)
        return found

    def _inlined(self, args: tuple[Any, ...]) -> Any:
        """Run the function itself; return its results, as part of a larger graph."""
        results = [self.settings.call(self.function, some) for some in self._each_sample(args)]
        return stacked(results, self.name) if self.settings.batch else results[0]

    def _returned(self, key: Key, found: Result) -> Any:  # noqa: ARG002 - without gradients always
        """Return results in the function's structure."""
        assert isinstance(found, Outputs)
        if self.settings.batch:
            return found.spec.unflatten(found.arrays)
        pairs = zip(found.spec.arrays, found.arrays, strict=True)
        return found.spec.unflatten([as_given(spec.kind, array) for spec, array in pairs])

    def form(self) -> CallSpec:
        """Return the program of the last call, without what is watched, and how it is called."""
        form, variant = super().form(), self._latest()
        assert isinstance(variant, ForwardSpecialization)
        outputs = variant.program.outputs
        assert outputs is not None
        return replace(form, program=replace(form.program, outputs=outputs[: variant.count]))

    def value(self, *args: Any, **named: Any) -> Any:  # noqa: ARG002 - as of a function with gradients
        """Refuse: there is no value beside the results."""
        raise TypeError(f"{self.name} was compiled without gradients: call it for its results")

    def backward(self, *args: Any, fresh: bool = False, **named: Any) -> float:  # noqa: ARG002
        """Refuse: there are no gradients."""
        raise TypeError(
            f"{self.name} was compiled without gradients; compile the function that it is the "
            "derivative of, or without gradients=False"
        )

    def _recorded(self, args: list[Any], leaves: list[Leaves], lines: Lines | None = None) -> Trace:
        """Run the function under a tracer, and write down what it did.

        A derivative is found from the trace of its function, which alone is run, where it can be;
        such a trace has no outputs.
        """
        derivation = self._derivation()
        if derivation is not None and (traced := self._of_function(args, leaves, lines)):
            return traced
        with Tracing(self.name, self._is_exact()) as tracer, noting(lines):
            tracer.arguments = frozen = [v for leaf in leaves for v in leaf.nodes]
            result = self.settings.call(self.function, args)
            entries, spec = ravel(result, "the result", f"{self.name}: the function returned")
            nodes = [x if type(x) is Value else constant(x) for x in entries]
        spec = collapsed(spec)
        watched = list(dict.fromkeys(tracer.finite_checks))
        hidden = listed(len(watched)).arrays if watched else []
        traced = record([*nodes, *watched] or [constant(0.0)], tracer, frozen, frozen)
        self._refuse_nested(traced.closed_over(len(frozen)))
        return replace(traced, spec=spec, arrays=[*spec.arrays, *hidden])

    def _derivation(self) -> Derivation | None:
        """Return how the derivative is found from its function's trace, if it can be."""
        transform = self.function
        if not isinstance(transform, Transform):
            return None
        return transform.derivation

    def _is_hessian(self) -> bool:
        """Whether equations are found by differentiating those of the function twice."""
        derivation = self._derivation()
        return derivation is not None and derivation.order == 2 and not self.settings.batch

    def _is_exact(self) -> bool:
        """Whether derivatives are by the exact rules, not the textbook's."""
        return self.settings.exact or self._is_hessian()

    def _of_function(
        self, args: list[Any], leaves: list[Leaves], lines: Lines | None
    ) -> Trace | None:
        """Trace the function of a derivative; None where its result has no derivation."""
        wrt = self._wrt(args)
        assert isinstance(self.function, Transform)
        with Tracing(self.name, exact=True) as tracer, noting(lines):
            tracer.arguments = nodes = [v for leaf in leaves for v in leaf.nodes]
            result = self.settings.call(self.function.function, args)
        if type(result) is not Value and float_or_none(result) is None:
            return None
        frozen = set(nodes).difference(wrt[0])
        traced = record(one_number(self.name, result), tracer, [*frozen], nodes)
        self._refuse_nested(traced.closed_over(len(nodes)))
        is_known = is_derivable(traced.scalars) and set(nodes).issuperset(wrt[0])
        return traced if is_known else None

    def _wrt(self, args: Sequence[Any]) -> tuple[list[Any], TreeSpec]:
        """Return the numbers with respect to which the function is differentiated, and the spec."""
        derivation = self._derivation()
        assert derivation is not None
        argnums = derivation.argnums
        count = len(args) - self.settings.by_name
        pairs = [ravel(args[i], "an argument", self.name) for i in positions(argnums, count)]
        entries = [x for some, _ in pairs for x in some]
        return entries, together(argnums, [spec for _, spec in pairs])

    def _derived(
        self, function: Trace, args: list[Any], leaves: list[Leaves]
    ) -> tuple[Trace, Derivative | None]:
        """Return the trace of a derivative, which none was run for, and how it is lowered."""
        derivation = self._derivation()
        assert derivation is not None
        nodes = {v: i for i, v in enumerate(v for leaf in leaves for v in leaf.nodes)}
        entries, own = self._wrt(args)
        wrt = [nodes[x] for x in entries]
        growing = Growing(function.scalars, exact=self._is_exact())

        def vjp(place: float) -> Sequence[float]:
            last = derivation.order == 1 or place != function.result
            return growing.vjp(int(place), wrt, last=last)

        tree = derivation.assemble(own, function.result, vjp)
        found, spec = ravel(tree, "the result", self.name)
        spec = collapsed(spec)
        sides = [side for guard in function.guards for side in (guard.x, guard.y)]
        watched = growing.finite_checks()
        hidden = listed(len(watched)).arrays if watched else []
        outputs = [*map(int, found), *watched] or [function.result]
        scalars, places = growing.program([*range(len(nodes)), *sides, *outputs])
        ids = places[outputs].tolist()
        scalars = with_live(scalars, range(len(nodes)))
        Tape(scalars, ids[-1]).run(scalars.numbers)
        kept = {i: int(places[i]) for i in range(len(function.scalars.codes)) if places[i] >= 0}
        trace = Trace(
            scalars,
            ids[-1],
            tuple([replace(g, x=kept[g.x], y=kept[g.y]) for g in function.guards]),
            [],
            function.leaves.moved(places),
            function.labels.moved(places),
            tuple(ids),
            spec,
            [*spec.arrays, *hidden],
        )
        if not self._is_hessian():
            return trace, None
        names = [leaf.name for leaf in leaves if any(v in set(entries) for v in leaf.nodes)]
        return trace, Derivative(
            scalar_program(function, arguments_of(leaves)), names, places, self.settings.exact
        )

    def _lowered(
        self, key: Key, args: list[Any], traced: Trace, leaves: list[Leaves], own: Fingerprint
    ) -> Specialization:
        """Make a variant of a trace."""
        derivative = None
        if not traced.outputs:
            traced, derivative = self._derived(traced, args, leaves)
        ids = np.array(traced.outputs, dtype=np.int64)
        pairs = zip(traced.arrays, split(ids, traced.arrays), strict=True)
        outputs = [part.reshape(spec.shape) for spec, part in pairs]
        made = make(
            traced, leaves, own, "", self.settings.engine, gradients=key[0], outputs=outputs,
            derivative=derivative,
        )  # fmt: skip
        variant = ForwardSpecialization(
            made.program, made.engine, made.sources, made.parameters, made.bounds, own,
            lower=made.lower, most_samples=made.most_samples,
        )  # fmt: skip
        variant.spec = traced.spec
        return variant

    def _eager_sample(self, key: Key, arrays: list[Any]) -> Result:
        """Return what the function gives for one sample."""
        spec, rows = self._eager(key, arrays)
        return Outputs(0.0, arrays=[row[None] for row in rows], spec=spec)

    def _eagerly(self, key: Key, arrays: list[Any]) -> Result:
        """Run the function itself, sample by sample."""
        if not self.settings.batch:
            spec, rows = self._eager(key, arrays)
            return Outputs(0.0, arrays=rows, spec=spec)
        each = [self._eager_sample(key, some) for some in self._samples(key, arrays)]
        return self._joined([(np.array([n]), one) for n, one in enumerate(each)], len(each))

    def _joined(self, parts: Sequence[tuple[NDArray[np.intp], Result]], count: int) -> Result:
        """Put the results of a divided batch together, sample by sample."""
        found = [(chosen, part) for chosen, part in parts if isinstance(part, Outputs)]
        specs = list(dict.fromkeys(numbered(part.spec) for _, part in found))
        if len(specs) > 1:
            raise different_structures(self.name)
        merged = [np.empty((count, *array.shape[1:])) for array in found[0][1].arrays]
        sound = np.empty(count)
        for chosen, part in found:
            for whole, array in zip(merged, part.arrays, strict=True):
                whole[chosen] = array
            sound[chosen] = soundness(part)
        return Outputs(0.0, arrays=merged, spec=specs[0], watched=[sound])

    def _repair(self, found: Outputs, key: Key, arrays: list[Any]) -> None:
        """Run the function itself where results are not finite."""
        places = self.settings.batches(key[1:])
        if not places:
            for array, eager in zip(found.arrays, self._eager(key, arrays)[1], strict=True):
                array[...] = eager
            return
        for n in np.flatnonzero(~np.isfinite(soundness(found))).tolist():
            some = some_samples(arrays, places, np.array([n]))
            for array, eager in zip(found.arrays, self._eager(key, some)[1], strict=True):
                array[n] = eager

    def _eager(self, key: Key, arrays: list[Any]) -> tuple[TreeSpec, list[NDArray[Any]]]:
        """Return what the function gives for one sample: its spec, and array by array."""
        if isinstance(self.function, Transform):
            args = self._numbers(key, arrays)  # on floats it is quicker, and makes no graphs
        else:
            args, _ = self.leaves(key, arrays)
        result = numbers_for_values(self.settings.call(self.function, args))
        entries, spec = ravel(result, "the result", self.name)
        spec = collapsed(spec)
        pairs = zip(spec.arrays, split(entries, spec.arrays), strict=True)
        return spec, [array_of(part, own.shape) for own, part in pairs]

    def _numbers(self, key: Key, arrays: list[Any]) -> list[Any]:
        """Return arguments as they were given; of a batch, its first sample."""
        rest = iter(arrays)
        args = []
        for name, spec in zip(self.settings.arguments, key[1:], strict=True):
            batch = name in self.settings.batch
            numbers = []
            for kind, shape, _ in spec.arrays:
                array = next(rest)
                number = np.asarray(array[0] if batch else array, float)
                numbers.append(as_given(kind if shape or not batch else "number", number))
            args.append(spec.unflatten(numbers))
        return args
