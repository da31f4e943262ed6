"""Functions that are compiled to be run forward only: they return what they return, as NumPy.

So are the derivatives of `autograd.transforms`: what they compute is a scalar program itself.
A program's lines do not know that nothing flows along a derivative of 0; where a result is not
finite, the function itself is run on the numbers, whose word holds.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd.compiler.compiled import Compiled, some_samples
from autograd.compiler.dispatch.nested import different_structures, numbered, stacked
from autograd.compiler.dispatch.settings import Key
from autograd.compiler.executors.outputs import ForwardSpecialization, Outputs, soundness
from autograd.compiler.executors.specialization import Result, Specialization, make
from autograd.compiler.programs.hessian import hessian_lowering
from autograd.compiler.programs.lowering import Argument
from autograd.compiler.programs.program import CallSpec, Program
from autograd.compiler.tracing.arguments import as_given
from autograd.compiler.tracing.leaves import Leaves
from autograd.compiler.tracing.purity import Fingerprint, Lines, noting
from autograd.compiler.tracing.trace import Trace, Tracing, one_number, record
from autograd.transforms import Transform
from autograd.transforms.evaluation import positions
from autograd.tree_spec import TreeSpec, collapsed, listed, numbers_for_values, ravel
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
        """Run the function under a tracer, and write down what it did."""
        with Tracing(self.name, self.settings.exact or self._is_hessian()) as tracer, noting(lines):
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

    def _lowered(
        self, key: Key, args: list[Any], traced: Trace, leaves: list[Leaves], own: Fingerprint
    ) -> Specialization:
        """Make a variant of a trace."""
        ids = np.array(traced.outputs, dtype=np.int64)
        outputs, start = [], 0
        for _, shape, *_ in traced.arrays:
            count = int(np.prod(shape))
            outputs.append(ids[start : start + count].reshape(shape))
            start += count
        made = make(
            traced, leaves, own, "", self.settings.engine, gradients=key[0], outputs=outputs,
            lower=lambda arguments: self._hessian(traced, key, args, leaves, arguments, outputs),
        )  # fmt: skip
        variant = ForwardSpecialization(
            made.program, made.engine, made.sources, made.parameters, made.bounds, own,
            lower=made.lower, most_samples=made.most_samples,
        )  # fmt: skip
        variant.spec = traced.spec
        return variant

    def _is_hessian(self) -> bool:
        """Whether the program can be found by differentiating equations twice."""
        transform = self.function
        is_one = isinstance(transform, Transform) and transform.argnums is not None
        return is_one and not self.settings.batch

    def _hessian(
        self,
        traced: Trace,
        key: Key,
        args: list[Any],
        leaves: list[Leaves],
        arguments: Sequence[Argument],
        outputs: Sequence[NDArray[np.int64]],
    ) -> Program | None:
        """Lower a Hessian by way of its function, whose equations are differentiated twice."""
        transform, settings = self.function, self.settings
        if not self._is_hessian():
            return None
        assert isinstance(transform, Transform)
        rest = iter(leaves)
        parts = [[next(rest) for _ in spec.arrays] for spec in key[1:]]
        count = len(settings.arguments) - settings.by_name
        wrt = [leaf for i in positions(transform.argnums, count) for leaf in parts[i]]
        with Tracing(self.name, exact=True) as tracer:
            tracer.arguments = nodes = [v for leaf in leaves for v in leaf.nodes]
            result = one_number(self.name, settings.call(transform.function, args))
        frozen = [v for leaf in leaves if leaf not in wrt for v in leaf.nodes]
        inner = record(result, tracer, frozen, nodes)
        return hessian_lowering(
            traced, inner, [leaf.name for leaf in wrt], arguments, outputs,
            exact=settings.exact,
        )  # fmt: skip

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
        places = self._places(key)
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
        rows, start = [], 0
        for _, shape, _ in spec.arrays:
            count = int(np.prod(shape))
            rows.append(array_of(entries[start : start + count], shape))
            start += count
        return spec, rows

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

    def _watched(self, key: Key, arrays: list[Any]) -> None:
        """Run the function itself for one sample, so that the first bad number is told of."""
        self._eager(key, arrays)

    def _blamed(self, arrays: list[Any]) -> str:  # noqa: ARG002 - the lines are not looked through
        return ""
