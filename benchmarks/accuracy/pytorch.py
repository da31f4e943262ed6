"""PyTorch's functions, measured one point at a time: its vector loops use other approximations."""

from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any

from autograd.errors import require
from benchmarks.accuracy.library import Found, Library
from benchmarks.accuracy.references import REFERENCES, Numbers, differentiated

# What PyTorch takes as a plain number: it has no derivative with respect to it.
SETTINGS = {"leaky_relu": (1,), "elu": (1,)}


def load() -> Library:
    """Bring in PyTorch."""
    torch = require("torch", extra="bench")
    table = functions(torch)

    def at(name: str, points: Sequence[Numbers]) -> list[Found] | None:
        return [_at(torch, table[name], name, xs) for xs in points] if name in table else None

    return Library("PyTorch", torch.__version__, at)


def _at(torch: ModuleType, function: Callable[..., Any], name: str, xs: Numbers) -> Found:
    leaves = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in xs]
    z = function(*leaves) if name in REFERENCES else function(torch.stack(leaves))
    try:
        if z.requires_grad:
            z.backward()
    except RuntimeError as error:
        if "not implemented" not in str(error):
            raise
        return z.item(), {}
    places = [i for i in differentiated(name, xs) if i not in SETTINGS.get(name, ())]
    slopes = {i: leaves[i].grad for i in places}
    return z.item(), {i: 0.0 if g is None else g.item() for i, g in slopes.items()}


def functions(torch: Any) -> dict[str, Callable[..., Any]]:
    """Return PyTorch's functions by our names."""
    f = torch.nn.functional
    same = (
        *("add", "sub", "mul", "div", "pow", "neg", "abs", "square", "reciprocal", "sqrt", "hypot"),
        *("exp", "expm1", "log", "log1p", "log2", "log10", "sin", "cos", "tan", "asin", "acos"),
        *("atan", "atan2", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "sigmoid", "erf"),
        *("erfc", "lgamma", "digamma", "maximum", "minimum", "floor", "ceil", "sign"),
        *("sum", "mean", "prod", "max", "min", "norm"),
    )
    position = {
        "softmax": lambda xs, k: torch.softmax(xs, 0)[k],
        "cross_entropy": lambda xs, k: f.cross_entropy(xs, torch.tensor(k)),
        "take": lambda xs, k: xs[k],
    }
    return {
        **{name: getattr(torch, name) for name in same},
        **{
            name: lambda xs, g=g: g(xs[:-1], int(xs[-1].item()))
            for name, g in position.items()
        },
        "floordiv": torch.floor_divide,
        "mod": torch.remainder,
        "softplus": f.softplus,
        "sigmoid_cross_entropy": f.binary_cross_entropy_with_logits,
        "logsigmoid": f.logsigmoid,
        "relu": f.relu,
        "leaky_relu": lambda x, slope: f.leaky_relu(x, slope.item()),
        "elu": lambda x, alpha: f.elu(x, alpha.item()),
        "selu": f.selu,
        "silu": f.silu,
        "gelu": f.gelu,
        "gelu_tanh": lambda x: f.gelu(x, approximate="tanh"),
        "mish": f.mish,
        "softsign": f.softsign,
        "normal_cdf": torch.special.ndtr,
        "polygamma": lambda n, x: torch.polygamma(int(n.item()), x),
        "clip": torch.clamp,
        "where": lambda c, x, y: torch.where(c != 0, x, y),
        "round": lambda x, digits: torch.round(x, decimals=int(digits.item())),
        "logsumexp": lambda xs: torch.logsumexp(xs, 0),
        "dot": lambda xs: xs[: len(xs) // 2] @ xs[len(xs) // 2 : -1] + xs[-1],
    }  # fmt: skip
