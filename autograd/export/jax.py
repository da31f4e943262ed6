"""Run a program under JAX: the same lines, compiled by XLA, on the processor or a GPU."""

import ast
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from typing import Any

import numpy as np

from autograd._checks import one_of
from autograd.compiler.programs.program import CallSpec
from autograd.errors import require
from autograd.export.lines import Body, base_name, body_of, check_operations
from autograd.export.words import Functions, words
from autograd.rules.backends import execute

DTYPES = ("float64", "float32")


class JaxProgram:
    """A program under JAX; ``step.to("jax")`` makes it.

    Called as the compiled function is, it returns what that returns; it is compiled by `jax.jit`
    and runs in the precision it was made for, whatever JAX is set to. The functions of flat arrays
    below are for code of your own: pure, not compiled yet (`jax.jit`, `jax.vmap`, `jax.grad` and
    sharding are yours to add), and in the precision that JAX is set to; ``with
    program.precision():`` sets it for a while. Their arrays are those of ``names``, in order; a
    batch has its samples along the first axis.
    """

    def __init__(self, form: CallSpec, dtype: str) -> None:
        jax = require("jax", extra="jax")
        self.form = form
        self.dtype = dtype
        self._jax = jax
        body = body_of(form.program).changed(_Functional()).changed(Functions(["item"]))
        self.names = body.parameters
        self.wanted = tuple(array.name for array in form.program.wanted)
        self.source = body.text("program")
        self._whole = _function(body, form.program.kept)
        forward = body.forward()
        self._forward = _function(forward, form.program.kept)
        self._jitted = jax.jit(self._whole if self.wanted else self._forward)

    def value_and_grad(self, arrays: Sequence[Any]) -> tuple[Any, tuple[Any, ...]]:
        """Return the value, and the gradients with respect to ``wanted``, of flat arrays."""
        value, *rest = self._whole(*arrays)
        return value, rest[0] if self.wanted else ()

    def value(self, arrays: Sequence[Any]) -> Any:
        """Return the value alone; JAX can differentiate and map it."""
        return self._forward(*arrays)[0]

    def holds(self, arrays: Sequence[Any]) -> Any:
        """Tell whether all comparisons come out as traced; else the value means nothing."""
        jnp = self._jax.numpy
        found = self._forward(*arrays)
        outcomes = zip(found[1] if len(found) > 1 else (), self.form.program.guards, strict=True)
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
            value, *rest = self._jitted(*arrays)
            found = self._jax.device_get(rest)
        guards = self.form.program.guards
        check_guards(self.form, found.pop() if guards else ())
        gradients = [np.asarray(g, dtype=float) for g in (found[0] if found else ())]
        several = isinstance(value, tuple)
        result = tuple(np.asarray(x, float) for x in value) if several else float(value)
        return self.form.give(result, gradients)

    def __repr__(self) -> str:
        return f"<{self.form.name} for JAX, {self.dtype}: {', '.join(self.names)}>"


def to_jax(form: CallSpec, *, dtype: str = "float64") -> JaxProgram:
    """Return a program as a function under JAX; ``dtype`` is float64 or float32."""
    check_operations(form.program, "jax")
    return JaxProgram(form, one_of("dtype", dtype, DTYPES))


def check_guards(form: CallSpec, outcomes: Sequence[Any]) -> None:
    """Refuse arguments for which a comparison comes out differently than it was traced."""
    for guard, said in zip(form.program.guards, outcomes, strict=bool(outcomes)):
        if not (np.asarray(said) == guard.outcome).all():
            raise ValueError(
                f"{form.name}: the comparison {guard.sign} at {guard.line} was {guard.outcome} "
                "when traced, and is not now; call the compiled function with these arguments, and "
                "export again"
            )


class _Functional(ast.NodeTransformer):
    """Arrays of JAX do not change: adding in place makes a new array."""

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AST:
        self.generic_visit(node)
        name, value = base_name(node.target), ast.unparse(node.value)
        if isinstance(node.target, ast.Name):
            made = f"{name} + {value}"
        else:
            assert isinstance(node.target, ast.Subscript)
            whole, place = ast.unparse(node.target.value), ast.unparse(node.target.slice)
            place = place[1:-1] if isinstance(node.target.slice, ast.Tuple) else place
            made = f"{whole}.at[{place}].add({value})"
            if whole != name:
                made = f"{made}.reshape(shape({name}))"
        return ast.parse(f"{name} = {made}").body[0]


def _function(body: Body, kept: Mapping[str, Any]) -> Callable[..., Any]:
    """Compile lines under JAX's names; what is returned is a tuple, of the value first."""
    text = body.text("program")
    head, _, last = text.rstrip().rpartition("return ")
    positions = {name: np.int32(x) for name, x in kept.items() if np.asarray(x).dtype.kind == "i"}
    names = {**_names(), **kept, **positions}  # JAX in single precision has no longer ones
    found: Callable[..., Any] = execute(f"{head}return ({last},)\n", "program for JAX", names)[
        "program"
    ]
    return found


def _names() -> dict[str, Any]:
    """Return the names of programs as JAX has them; users' own operations, too."""
    return words(_base(), "jax")


@cache
def _base() -> dict[str, Any]:
    """Return JAX's own functions."""
    jax = require("jax", extra="jax")
    jnp, special, nn = jax.numpy, require("jax.scipy.special", extra="jax"), jax.nn
    return {
        **{name: getattr(jnp, own) for name, own in NUMPY_NAMES.items()},
        **{name: partial(getattr(jnp, name), axis=0) for name in ("sum", "max", "min", "prod")},
        **{name: getattr(special, name) for name in ("erf", "erfc", "digamma")},
        "lgamma": special.gammaln,
        "polygamma": lambda n, x: jnp.where(
            jnp.equal(n, 0),
            special.digamma(x),
            special.polygamma(jnp.maximum(jnp.asarray(n).astype(int), 1), x),
        ),
        "round": lambda x, digits=0.0: jnp.round(x, int(digits)),
        "sigmoid": nn.sigmoid,
        "softplus": nn.softplus,
        "stop_gradient": jax.lax.stop_gradient,
        "relu": nn.relu,  # its own derivative at 0 is 0, that of maximum 1/2
        "sech": lambda x: 1 / jnp.cosh(x),
        **_structural(jax),
    }  # fmt: skip


NUMPY_NAMES = {
    **{name: name for name in ("where", "abs", "exp", "expm1", "log", "log1p", "log2", "log10")},
    **{name: name for name in ("sqrt", "cbrt", "hypot", "floor", "ceil", "sign", "square", "mod")},
    **{name: name for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh", "maximum", "minimum")},
    **{f"a{name}": f"arc{name}" for name in ("sin", "cos", "tan", "tan2", "sinh", "cosh", "tanh")},
    "div": "divide", "pow": "power", "floordiv": "floor_divide",
    **{name: name for name in ("einsum", "vdot", "concatenate", "broadcast_to", "asarray")},
    **{name: name for name in ("shape", "zeros")},
}  # fmt: skip


def _structural(jax: Any) -> dict[str, Callable[..., Any]]:
    """Return what picks, spreads and gathers."""
    jnp = jax.numpy

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
        "item_of": lambda x: x.reshape(()),
        "zeros_like": lambda x: jnp.zeros(jnp.shape(x)),
        "alike": lambda x, n: jnp.repeat(jnp.asarray(x)[..., None], n, axis=-1),
    }  # fmt: skip
