"""JAX's functions, in double precision on the CPU, all points of a primitive in one call."""

from collections.abc import Callable, Sequence
from typing import Any

from autograd.errors import require
from benchmarks.accuracy.library import Found, Library
from benchmarks.accuracy.references import REFERENCES, Numbers, differentiated


def load() -> Library:
    """Bring in JAX, in double precision on the CPU."""
    jax = require("jax", extra="bench")
    jax.config.update("jax_enable_x64", True)
    table = functions(jax)

    def at(name: str, points: Sequence[Numbers]) -> list[Found] | None:
        if name not in table:
            return None
        by_length: dict[int, list[int]] = {}
        for i, xs in enumerate(points):
            by_length.setdefault(len(xs), []).append(i)
        found: list[Any] = [None] * len(points)
        for places in by_length.values():
            some = [points[i] for i in places]
            for i, result in zip(places, _at(jax, table[name], name, some), strict=True):
                found[i] = result
        return found

    return Library("JAX", jax.__version__, at)


def _at(
    jax: Any, function: Callable[..., Any], name: str, points: Sequence[Numbers]
) -> list[Found]:
    wrt = differentiated(name, points[0])
    rows = jax.numpy.array(points)
    if name == "polygamma":
        return [_one_order(jax, function, xs) for xs in points]
    if name in REFERENCES:
        values = jax.jit(jax.vmap(function))(*rows.T)
        grads = jax.jit(jax.vmap(jax.grad(lambda *xs: 1.0 * function(*xs), wrt)))(*rows.T)
        slopes = dict(zip(wrt, grads, strict=True))
    else:
        values = jax.jit(jax.vmap(function))(rows)
        grads = jax.jit(jax.vmap(jax.grad(lambda xs: 1.0 * function(xs))))(rows)
        slopes = {i: grads[:, i] for i in wrt}
    return [
        (float(z), {i: float(g[row]) for i, g in slopes.items()}) for row, z in enumerate(values)
    ]


def _one_order(jax: Any, function: Callable[..., Any], xs: Numbers) -> Found:
    n, x = int(xs[0]), xs[1]
    return float(function(n, x)), {1: float(jax.grad(lambda x: function(n, x))(x))}


def functions(jax: Any) -> dict[str, Callable[..., Any]]:
    """Return JAX's functions by our names."""
    np, nn, special = jax.numpy, jax.nn, jax.scipy.special
    same = (
        *("add", "mul", "div", "pow", "abs", "square", "reciprocal", "sqrt", "cbrt", "hypot"),
        *("exp", "expm1", "log", "log1p", "log2", "log10", "sin", "cos", "tan", "asin", "acos"),
        *("atan", "atan2", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "maximum"),
        *("minimum", "where", "floor", "ceil", "sign", "sum", "mean", "prod", "max", "min"),
    )
    activations = ("sigmoid", "softplus", "relu", "elu", "selu", "silu", "mish", "leaky_relu")
    return {
        **{
            name: getattr(np, {"mul": "multiply", "div": "divide"}.get(name, name)) for name in same
        },
        **{name: getattr(nn, name) for name in activations},
        **{name: getattr(special, name) for name in ("erf", "erfc", "digamma", "polygamma")},
        "sub": np.subtract,
        "neg": np.negative,
        "floordiv": np.floor_divide,
        "mod": np.mod,
        "logsigmoid": nn.log_sigmoid,
        "gelu": lambda x: nn.gelu(x, approximate=False),
        "gelu_tanh": nn.gelu,
        "softsign": nn.soft_sign,
        "normal_pdf": jax.scipy.stats.norm.pdf,
        "normal_cdf": special.ndtr,
        "lgamma": special.gammaln,
        "clip": np.clip,
        "where": lambda c, x, y: np.where(c != 0, x, y),
        "round": lambda x, digits: np.round(x),  # noqa: ARG005 - measured at 0 digits
        "logsumexp": special.logsumexp,
        "norm": np.linalg.norm,
        "softmax": lambda xs: nn.softmax(xs[:-1])[xs[-1].astype(int)],
        "cross_entropy": lambda xs: -nn.log_softmax(xs[:-1])[xs[-1].astype(int)],
        "take": lambda xs: xs[:-1][xs[-1].astype(int)],
        "dot": lambda xs: xs[: len(xs) // 2] @ xs[len(xs) // 2 : -1] + xs[-1],
    }
