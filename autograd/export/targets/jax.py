"""Run a program under JAX: the same equations, compiled by XLA, on the processor or a GPU."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache, partial
from typing import Any

import numpy as np

from autograd._checks import one_of
from autograd.compiler.ir.array_ir import ArrayProgram
from autograd.compiler.ir.evaluate import Operations
from autograd.compiler.ir.numpy_source import numpy_source
from autograd.compiler.programs.program import CallSpec
from autograd.compiler.runtime import array_functions as runtime
from autograd.errors import require
from autograd.export.namespaces import constant, namespace, numpy_name
from autograd.export.program import (
    DTYPES,
    check_guards,
    check_operations,
    equations_of,
    evaluate,
    is_batch,
    is_number,
    one_or_all,
    results_of,
)
from autograd.rules import arrays

JAX_DTYPES = (*DTYPES, "bfloat16")


def export(form: CallSpec, *, dtype: str = "float64") -> "JaxProgram":
    """Return a program as a function under JAX; ``dtype`` is float64, float32 or bfloat16."""
    check_operations(form.program, "jax")
    return JaxProgram(form, one_of("dtype", dtype, JAX_DTYPES))


class JaxProgram:
    """A program under JAX; ``step.to("jax")`` makes it.

    Called as the compiled function is, it returns what that returns; it is compiled by `jax.jit`
    and runs in the precision it was made for, whatever JAX is set to. The functions of flat arrays
    below are for code of your own: pure, not compiled yet (`jax.jit`, `jax.vmap`, `jax.grad` and
    sharding are yours to add), and in the precision that JAX is set to; ``with
    program.precision():`` sets it for a while. Their arrays are those of ``names``, in order; a
    batch has its samples along the first axis. ``source`` is the program as NumPy has it.

    With "bfloat16", the precision is mixed: matrix products take their factors in bfloat16 and add
    up in float32; all else, arguments and results too, is float32, and so is ``dtype``.
    """

    def __init__(self, form: CallSpec, dtype: str) -> None:
        jax = require("jax", extra="jax")
        self.form = form
        self.dtype = "float32" if dtype == "bfloat16" else dtype
        self._jax = jax
        kind = MixedOperations if dtype == "bfloat16" else JaxOperations
        self._operations = kind(namespace(_base(), "jax"))
        whole = equations_of(form.program)
        self.source = numpy_source(whole)
        self.names = tuple(variable.name for variable in whole.inputs)
        self.wanted = tuple(array.name for array in form.program.wanted)
        self._whole = _with_short_positions(whole)
        self._forward = _with_short_positions(equations_of(form.program, gradients=False))
        self._jitted = jax.jit(partial(self._run, self._whole))

    def _run(self, program: ArrayProgram, arrays: Sequence[Any]) -> Any:
        """Return the results, the gradients and the outcomes of comparisons."""
        return evaluate(program, list(map(self._jax.numpy.asarray, arrays)), self._operations)

    def value_and_grad(self, arrays: Sequence[Any]) -> tuple[Any, tuple[Any, ...]]:
        """Return the value, and the gradients with respect to ``wanted``, of flat arrays."""
        results, gradients, _ = self._run(self._whole, arrays)
        return one_or_all(results), gradients

    def value(self, arrays: Sequence[Any]) -> Any:
        """Return the value, or a tuple of several results; JAX can differentiate and map it."""
        return one_or_all(self._run(self._forward, arrays)[0])

    def holds(self, arrays: Sequence[Any]) -> Any:
        """Tell whether all comparisons come out as traced; else the value means nothing."""
        jnp = self._jax.numpy
        outcomes = zip(self._run(self._forward, arrays)[2], self.form.program.guards, strict=True)
        checks = [jnp.all(jnp.asarray(said) == guard.outcome) for said, guard in outcomes]
        return jnp.all(jnp.asarray([True, *checks]))

    def arrays(self, *args: Any) -> list[Any]:
        """Return the flat arrays of a call: its arguments, and the parameters' numbers of now."""
        return [np.asarray(array, self.dtype) for array in self.form.take(args)]

    def precision(self) -> Any:
        """Return a context in which JAX computes in the program's precision."""
        jax = self._jax
        switch = getattr(jax, "enable_x64", None)
        if switch is None:  # before JAX 0.8
            switch = require("jax.experimental", extra="jax").enable_x64
        return switch(self.dtype == "float64")

    def __call__(self, *args: Any) -> Any:
        """Return what the compiled function returns for these arguments."""
        arrays = self.arrays(*args)
        with self.precision():
            results, gradients, outcomes = self._jax.device_get(self._jitted(arrays))
        check_guards(self.form, outcomes)
        found = [np.asarray(g, dtype=float) for g in gradients]
        if is_number(self._whole):
            return self.form.give(float(results[0]), found)
        inside = [
            np.moveaxis(result, 0, -1) if is_batch(x.shape) else result
            for result, x in zip(results, results_of(self._whole), strict=True)
        ]
        return self.form.give(tuple(np.asarray(x, dtype=float) for x in inside), found)

    def __repr__(self) -> str:
        return f"<{self.form.name} for JAX, {self.dtype}: {', '.join(self.names)}>"


class JaxOperations(Operations):
    """Arrays of JAX do not change: adding to a part makes a new array."""

    def accumulate(
        self, shape: tuple[int, ...], values: Sequence[Any], paths: Sequence[Any]
    ) -> Any:
        """Return zeros with values added to parts of them."""
        total = self.zeros(shape)
        for value, path in zip(values, paths, strict=True):
            total = self._added(total, path, value)
        return total

    def _added(self, x: Any, path: Sequence[tuple[str, Any]], value: Any) -> Any:
        """Return an array with a value added to the part that a path leads to."""
        if not path:
            return x + value
        (primitive, what), *rest = path
        if primitive == "reshape":
            return self._added(x.reshape(what), rest, value).reshape(x.shape)
        if primitive == "transpose":
            return self._added(x.transpose(what), rest, value).transpose(np.argsort(what))
        if not rest:
            return x.at[what].add(value)
        return x.at[what].set(self._added(x[what], rest, value))


class MixedOperations(JaxOperations):
    """Matrix products have factors of bfloat16; what they add up to is float32, like all else."""

    def einsum(self, x: Any, y: Any, spec: str) -> Any:
        """Return a sum of products."""
        if not _is_matrix_product(spec):
            return super().einsum(x, y, spec)
        jnp = require("jax", extra="jax").numpy
        x, y = (jnp.asarray(factor, jnp.bfloat16) for factor in (x, y))
        return jnp.einsum(spec, x, y, preferred_element_type=jnp.float32)


def _is_matrix_product(spec: str) -> bool:
    """Tell whether each factor has an axis of its own in the result; sums of squares have none.

    >>> _is_matrix_product("bik,bkj->bij"), _is_matrix_product("ki,ki->i")
    (True, False)
    """
    factors, out = spec.split("->")
    x, y = map(set, factors.split(","))
    return not (x - y).isdisjoint(out) and not (y - x).isdisjoint(out)


def _with_short_positions(program: ArrayProgram) -> ArrayProgram:
    """Return a program with positions of 32 bits: JAX in single precision has no longer ones."""
    constants = {
        name: np.int32(x) if np.asarray(x).dtype.kind == "i" else x
        for name, x in program.constants.items()
    }
    return replace(program, constants=constants)


@cache
def _base() -> dict[str, Any]:
    """Return JAX's own functions: those of NumPy's names, and more."""
    jax = require("jax", extra="jax")
    jnp, special, nn = jax.numpy, require("jax.scipy.special", extra="jax"), jax.nn
    functions = {**arrays.FUNCTIONS, **runtime.FUNCTIONS}.items()
    return {
        **{name: getattr(jnp, own) for name, f in functions if (own := numpy_name(f))},
        **{name: partial(getattr(jnp, name), axis=0) for name in ("sum", "max", "min", "prod")},
        **{name: getattr(special, name) for name in ("erf", "erfc", "digamma")},
        "lgamma": special.gammaln,
        "polygamma": lambda n, x: jnp.where(
            jnp.equal(n, 0),
            special.digamma(x),
            special.polygamma(jnp.maximum(jnp.asarray(n).astype(int), 1), x),
        ),
        "round": lambda x, digits=0.0: jnp.round(
            x, constant(digits, "round", "jax", "its digits have to be a constant")),
        "sigmoid": nn.sigmoid, "softplus": nn.softplus, "stop_gradient": jax.lax.stop_gradient,
        "relu": nn.relu,  # its own derivative at 0 is 0, that of maximum 1/2
        "sech": lambda x: 1 / jnp.cosh(x),
        **_structural(jnp),
    }  # fmt: skip


def _structural(jnp: Any) -> dict[str, Callable[..., Any]]:
    """Return what picks, spreads and gathers."""

    def take(xs: Any, k: Any) -> Any:
        full = jnp.broadcast_shapes(jnp.shape(xs)[1:], jnp.shape(k))
        xs = jnp.broadcast_to(xs, (len(xs), *full))
        return jnp.take_along_axis(xs, jnp.broadcast_to(k, full)[None], 0)[0]

    def onehot(k: Any, xs: Any) -> Any:
        count, ndim = (xs, 1 + jnp.ndim(k)) if isinstance(xs, int) else (len(xs), jnp.ndim(xs))
        return jnp.where(jnp.arange(count).reshape(-1, *[1] * (ndim - 1)) == k, 1.0, 0.0)

    def add_at(index: Any, numbers: Any, count: int) -> Any:
        rest = jnp.shape(numbers)[index.ndim :]
        rows = numbers.reshape(-1, *rest)
        return jnp.zeros((count, *rest), rows.dtype).at[index.ravel()].add(rows)

    def others(xs: Any) -> Any:
        ones = jnp.ones_like(xs[:1])
        before = jnp.concatenate([ones, jnp.cumprod(xs[:-1], axis=0)])
        after = jnp.concatenate([jnp.cumprod(xs[:0:-1], axis=0)[::-1], ones])
        return before * after

    return {
        "take": take, "onehot": onehot, "add_at": add_at, "others": others,
        "whole": lambda k: jnp.asarray(k).astype(int),
        "alike": lambda x, n: jnp.repeat(jnp.asarray(x)[..., None], n, axis=-1),
    }  # fmt: skip
