"""Every primitive computed by mpmath, with as many digits as that takes.

Derivatives of the references are central differences with steps of 1e-30 of the argument; nothing
here shares a formula with the table's derivative rules.
"""

import math
import sys
from collections.abc import Callable, Sequence
from typing import Any

from mpmath import mp

from autograd.primitives import TABLE

Numbers = tuple[float, ...]


def _gelu_tanh(x: Any) -> Any:
    u = mp.sqrt(2 / mp.pi) * (x + mp.mpf("0.044715") * x**3)
    return x / (1 + mp.exp(-2 * u))


def _erfc(x: Any) -> Any:
    """Return the complement of erf: below 1e-690 from 40 on."""
    return mp.erfc(x) if abs(x) < 40 else mp.mpf(0 if x > 0 else 2)


def _softplus(x: Any) -> Any:
    return mp.log1p(mp.exp(x)) if x < 0 else x + mp.log1p(mp.exp(-x))


def _tanh(x: Any) -> Any:
    return mp.sign(x) * -mp.expm1(-2 * abs(x)) / (1 + mp.exp(-2 * abs(x)))


SCALE, ALPHA = mp.mpf(1.0507009873554805), mp.mpf(1.6732632423543772)  # selu's, as floats

REFERENCES: dict[str, Callable[..., Any]] = {
    "add": lambda x, y: x + y,
    "sub": lambda x, y: x - y,
    "mul": lambda x, y: x * y,
    "div": lambda x, y: x / y,
    "pow": mp.power,
    "floordiv": lambda x, y: mp.floor(x / y),
    "mod": lambda x, y: x - y * mp.floor(x / y),
    "neg": lambda x: -x,
    "abs": abs,
    "square": lambda x: x * x,
    "reciprocal": lambda x: 1 / x,
    "sqrt": mp.sqrt,
    "cbrt": lambda x: mp.sign(x) * mp.cbrt(abs(x)),
    "hypot": lambda x, y: mp.sqrt(x * x + y * y),
    "exp": mp.exp,
    "expm1": mp.expm1,
    "log": mp.log,
    "log1p": mp.log1p,
    "log2": lambda x: mp.log(x) / mp.ln2,
    "log10": lambda x: mp.log(x) / mp.ln10,
    "sin": mp.sin,
    "cos": mp.cos,
    "tan": mp.tan,
    "asin": mp.asin,
    "acos": mp.acos,
    "atan": mp.atan,
    "atan2": mp.atan2,
    "sinh": mp.sinh,
    "cosh": mp.cosh,
    "tanh": _tanh,
    "sech": lambda x: 2 * mp.exp(-abs(x)) / (1 + mp.exp(-2 * abs(x))),
    "asinh": lambda x: mp.sign(x) * mp.log(abs(x) + mp.sqrt(x * x + 1)),
    "acosh": mp.acosh,
    "atanh": lambda x: (mp.log1p(x) - mp.log1p(-x)) / 2,
    "sigmoid": lambda x: 1 / (1 + mp.exp(-x)),
    "softplus": _softplus,
    "sigmoid_cross_entropy": lambda x, y: y * _softplus(-x) + (1 - y) * _softplus(x),
    "logsigmoid": lambda x: -_softplus(-x),
    "relu": lambda x: max(x, mp.zero),
    "leaky_relu": lambda x, slope: x if x > 0 else slope * x,
    "elu": lambda x, alpha: x if x > 0 else alpha * mp.expm1(max(x, mp.mpf(-2000))),
    "selu": lambda x: SCALE * (x if x > 0 else ALPHA * mp.expm1(x)),
    "silu": lambda x: x / (1 + mp.exp(-x)),
    "gelu": lambda x: x * _erfc(-x / mp.sqrt(2)) / 2,
    "gelu_tanh": _gelu_tanh,
    "mish": lambda x: x * _tanh(_softplus(x)),
    "softsign": lambda x: x / (1 + abs(x)),
    "gaussian": lambda x, c: mp.exp(-c * x * x) if c * x * x < 5000 else mp.zero,
    "normal_pdf": lambda x: mp.exp(-x * x / 2) / mp.sqrt(2 * mp.pi),
    "normal_cdf": lambda x: _erfc(-x / mp.sqrt(2)) / 2,
    "erf": lambda x: mp.erf(x) if abs(x) < 40 else mp.sign(x),
    "erfc": _erfc,
    "lgamma": lambda x: mp.re(mp.loggamma(x)),
    "digamma": mp.digamma,
    "polygamma": lambda n, x: mp.psi(int(n), x),
    "maximum": max,
    "minimum": min,
    "clip": lambda x, lo, hi: min(max(x, lo), hi),
    "where": lambda c, x, y: x if c else y,
    "less": lambda x, y: mp.mpf(x < y),
    "equal": lambda x, y: mp.mpf(x == y),
    "floor": mp.floor,
    "ceil": mp.ceil,
    "round": lambda x, digits: mp.nint(x * 10**digits) / 10**digits,
    "sign": mp.sign,
}


def _norm(xs: Sequence[Any]) -> Any:
    return mp.sqrt(mp.fsum([x * x for x in xs]))


def _logsumexp(xs: Sequence[Any]) -> Any:
    m = max(xs)
    return m + mp.log(mp.fsum([mp.exp(x - m) for x in xs]))


# Functions of a list; the last operand of the last four is a position, or dot's bias.
LISTS: dict[str, Callable[[Sequence[Any]], Any]] = {
    "sum": mp.fsum,
    "mean": lambda xs: mp.fsum(xs) / len(xs),
    "prod": mp.fprod,
    "max": max,
    "min": min,
    "logsumexp": _logsumexp,
    "norm": _norm,
    "dot": lambda xs: mp.fdot(xs[: len(xs) // 2], xs[len(xs) // 2 : -1]) + xs[-1],
    "softmax": lambda xs: mp.exp(xs[int(xs[-1])] - _logsumexp(xs[:-1])),
    "cross_entropy": lambda xs: _logsumexp(xs[:-1]) - xs[int(xs[-1])],
    "take": lambda xs: xs[int(xs[-1])],
}

# Derivatives of these are known, and differences of them slow: name -> order of psi, and arguments.
PSI: dict[str, Callable[[Numbers], int]] = {
    "lgamma": lambda xs: -1,  # noqa: ARG005
    "digamma": lambda xs: 0,  # noqa: ARG005
    "polygamma": lambda xs: int(xs[0]),
}

# Near a root, terms of some size cancel; errors are then counted in ulp of that size.
# name -> interval, sizes for value, derivative, second derivative.
TERMS = {
    "sigmoid_cross_entropy": ((-math.inf, math.inf), (1.0, 1.0, 1.0)),  # sigmoid(x) - y cancels
    "silu": ((-4, 4), (0, 0.5, 0.5)),
    "gelu": ((-4, 4), (0, 0.5, 0.5)),
    "gelu_tanh": ((-4, 4), (0, 0.5, 0.5)),
    "mish": ((-4, 4), (0, 0.5, 0.5)),
    "sigmoid": ((-1, 1), (0, 0, 0.1)),
    "sech": ((-1, 1), (0, 0, 1)),
    "normal_pdf": ((-4, 4), (0, 0, 0.5)),
    "lgamma": ((-40, 0), (40, 4, 1)),  # by reflection: log sin(pi x) less lgamma(1 - x)
    "digamma": ((-40, 0), (4, 0, 1)),
}
# Of lists: the value's terms.
SUMS: dict[str, Callable[[Numbers], float]] = {
    "sum": lambda xs: sum(map(abs, xs)),
    "mean": lambda xs: sum(map(abs, xs)) / len(xs),
    "logsumexp": lambda xs: max(map(abs, xs)),
    "cross_entropy": lambda xs: max(map(abs, xs)),
    "dot": lambda xs: (
        abs(xs[-1])
        + sum(abs(x * y) for x, y in zip(xs[: len(xs) // 2], xs[len(xs) // 2 :], strict=False))
    ),
}
FLOOR = 2.3e-308  # smallest normal float: below it digits are lost
LARGEST = mp.mpf(sys.float_info.max)
STEP = 30


def digits(xs: Numbers) -> int:
    """Return the digits that a second difference takes, beside x and beside exp(-x)."""
    sizes = [abs(x) for x in xs if x]
    big = max((abs(math.log10(x)) for x in sizes), default=0)
    tail = max((x * x if x <= 40 else 2 * x for x in sizes if x <= 1000), default=0)
    return int(3 * (STEP + big * (1 if len(sizes) < 2 else 1.5)) + 60 + tail)


def reference(name: str, xs: Numbers, *wrt: int) -> Any:
    """Return the value, or the derivative with respect to one or two arguments."""
    f = REFERENCES[name] if name in REFERENCES else lambda *numbers: LISTS[name](numbers)
    if name in PSI:
        order = PSI[name](xs) + len(wrt)
        return f(*map(mp.mpf, xs)) if order < 0 else mp.psi(order, mp.mpf(xs[-1]))
    h = [mp.mpf(10) ** -STEP * min(1, abs(mp.mpf(x)) or 1) for x in xs]

    def at(*shifts: tuple[int, int]) -> Any:
        moved = [mp.mpf(x) for x in xs]
        for i, sign in shifts:
            moved[i] += sign * h[i]
        return f(*moved)

    if not wrt:
        return at()
    i, j = wrt[0], wrt[-1]
    if len(wrt) == 1:
        return (at((i, 1)) - at((i, -1))) / (2 * h[i])
    if i == j:
        return (at((i, 1)) - 2 * at() + at((i, -1))) / h[i] ** 2
    up = at((i, 1), (j, 1)) + at((i, -1), (j, -1))
    return (up - at((i, 1), (j, -1)) - at((i, -1), (j, 1))) / (4 * h[i] * h[j])


def differentiable(name: str) -> tuple[int, ...]:
    """Return the arguments with derivatives: all but orders and numbers of digits."""
    arguments = TABLE[name].arguments
    return tuple(i for i, argument in enumerate(arguments) if argument not in {"n", "digits"})


def differentiated(name: str, xs: Numbers) -> tuple[int, ...]:
    """Return where a point has derivatives: of a list, at all but the position in it."""
    if name in REFERENCES:
        return differentiable(name)
    return tuple(range(len(xs) - (TABLE[name].arguments == ("xs", "k"))))


def terms(name: str, xs: Numbers, order: int) -> float:
    """Return the size of the terms that cancel, of which errors are counted in ulp."""
    if name in SUMS:
        return 0.0 if order else SUMS[name](xs)
    (low, high), sizes = TERMS.get(name, ((0, 0), (0, 0, 0)))
    return sizes[order] if low < xs[0] < high else 0.0


def ulps(got: float, want: Any, size: float) -> float:
    """Return the error in units of the last place, of the true number or of the terms' size."""
    if abs(want) > LARGEST:
        return 0.0 if abs(got) >= LARGEST and (got > 0) == (want > 0) else math.inf
    if not math.isfinite(got):
        return math.inf
    error = abs(mp.mpf(got) - want)
    return 0.0 if error <= FLOOR else float(error / math.ulp(max(abs(float(want)), size)))
