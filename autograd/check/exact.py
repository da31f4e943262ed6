"""Derivatives of a recorded graph in 60 digits: the table's rules, evaluated with mpmath."""

from collections.abc import Callable, Sequence
from math import isfinite
from typing import Any

from autograd.errors import require
from autograd.finite_differences import EPSILON, Estimate
from autograd.functions import reductions
from autograd.graph import topological
from autograd.primitives import (
    CONSTANT,
    CONSTANTS,
    LEAF,
    LIST_FUNCTIONS,
    TABLE,
    ListFunction,
    Primitive,
)
from autograd.rules.backends import OPAQUE, execute, written
from autograd.rules.floats import others
from autograd.rules.parsing import for_values
from autograd.value import Value

DIGITS = 60  # decimal
_STEPS = 15, 18  # negative decimal exponents
Rule = Callable[[Sequence[Any]], Any]


class ExactDerivatives:
    """What derivatives should be, by differences of the recorded graph in 60 digits."""

    def __init__(self, result: Value, leaves: Sequence[Value]) -> None:
        self.mp = require("mpmath", extra="check").mp
        self.nodes = topological(result)
        self.leaves = leaves
        for node in self.nodes:
            if node.op not in TABLE and node.op not in {LEAF, CONSTANT}:
                raise TypeError(f"mpmath: {node!r} has no rule that could be computed with mpmath")
        self.rules = rules_of([node.op for node in self.nodes if node.inputs])

    def __call__(self, numbers: Sequence[Any]) -> Any:
        """Compute the result from numbers for the leaves."""
        known: dict[Value, Any] = dict(zip(self.leaves, numbers, strict=True))
        for node in self.nodes:
            if node.inputs:
                known[node] = self.rules[node.op]([known[x] for x in node.inputs])
            elif node not in known:
                known[node] = self.mp.mpf(node.data)
        return known[self.nodes[-1]]

    def first(self, i: int) -> Estimate | None:
        """Return the derivative with respect to leaf i."""
        return self.along(self._unit(i))

    def second(self, i: int, steps: Sequence[float]) -> Estimate | None:
        """Return the derivative of derivative i along a direction."""
        return self.along(self._unit(i), steps)

    def _unit(self, i: int) -> list[float]:
        return [float(k == i) for k in range(len(self.leaves))]

    def along(self, *directions: Sequence[float]) -> Estimate | None:
        """Return the derivative along one direction, or the mixed one along two.

        Central differences with steps of 1e-15 in 60 digits have a relative error of 1e-30; where a
        higher derivative jumps, a second step of 1e-18 measures it. None outside the domain.
        """
        with self.mp.workdps(DIGITS):
            coarse, fine = (
                float(self._difference(self.mp.mpf(10) ** -k, directions)) for k in _STEPS
            )
        if not isfinite(coarse - fine):
            return None
        return Estimate(coarse, max(EPSILON * abs(coarse), abs(coarse - fine)))

    def _difference(self, step: Any, directions: Sequence[Sequence[float]]) -> Any:
        total = self.mp.zero
        for signs in range(2 ** len(directions)):
            point = [self.mp.mpf(x.data) for x in self.leaves]
            weight = 1
            for k, direction in enumerate(directions):
                sign = 1 if signs >> k & 1 else -1
                weight *= sign
                point = [p + sign * step * d for p, d in zip(point, direction, strict=True)]
            total += weight * self._real(point)
        return total / (2 * step) ** len(directions)

    def _real(self, point: Sequence[Any]) -> Any:
        """Compute the result; nan outside the domain, where mpmath raises or returns a complex."""
        try:
            result = self(point)
        except (ArithmeticError, ValueError):
            return self.mp.nan
        return self.mp.nan if isinstance(result, self.mp.mpc) else result


def rules_of(ops: Sequence[str]) -> dict[str, Rule]:
    """Compile the rules of operations for mpmath, as functions of a list of inputs."""
    names = _names()
    compiled: dict[str, Rule] = {}
    for op in dict.fromkeys(ops):
        entry = TABLE[op]
        source = written(op, entry.arguments, entry, for_values)
        rule = execute(source, f"{op} in mpmath", names)[op]
        compiled[op] = _reduction(op, rule) if entry.variadic else _elementwise(rule)
    return compiled


def _reduction(op: str, rule: Callable[..., Any]) -> Rule:
    return lambda xs: rule(*reductions.split(op, xs))


def _elementwise(rule: Callable[..., Any]) -> Rule:
    return lambda xs: rule(*xs)


def _names() -> dict[str, Any]:
    """Return what rules may name: mpmath's functions, and the table's written in terms of them."""
    names = {**CONSTANTS, **_mpmath_functions(), **{name: _refusal(name) for name in OPAQUE}}
    entries: dict[str, Primitive | ListFunction] = {**TABLE, **LIST_FUNCTIONS}
    for name, entry in entries.items():
        if name not in names:
            source = written(name, entry.arguments, entry, for_values)
            names.update(execute(source, f"{name} in mpmath", names))
    return names


def _refusal(name: str) -> Callable[..., Any]:
    def refuse(*xs: Any) -> Any:
        raise TypeError(f"mpmath: {name} is a Python function for {len(xs)} floats, not a rule")

    return refuse


def _mpmath_functions() -> dict[str, Any]:
    mp = require("mpmath", extra="check").mp
    same = ("exp", "expm1", "sqrt", "sin", "cos", "tan", "asin", "acos", "atan", "atan2", "sinh",
            "cosh", "tanh", "asinh", "acosh", "atanh", "log", "log1p", "log10", "erf", "erfc",
            "floor", "ceil", "digamma", "sign", "hypot")  # fmt: skip
    return {name: getattr(mp, name) for name in same} | {
        "number": lambda x: x,
        "int": int,
        "len": len,
        "enumerate": enumerate,
        "range": range,
        "zip": zip,
        "div": lambda x, y: x / y,
        "pow": mp.power,
        "floordiv": lambda x, y: mp.floor(x / y),
        "mod": lambda x, y: x - y * mp.floor(x / y),
        "abs": abs,
        "log2": lambda x: mp.log(x, 2),
        "cbrt": lambda x: mp.sign(x) * mp.cbrt(abs(x)),
        "lgamma": lambda x: mp.re(mp.loggamma(x)),
        "polygamma": lambda n, x: mp.psi(int(n), x),
        "round": lambda x, digits: mp.nint(x * mp.mpf(10) ** digits) / mp.mpf(10) ** digits,
        "product_error": lambda *_: mp.zero,
        "sum": mp.fsum,
        "prod": mp.fprod,
        "max": max,
        "min": min,
        "others": others,
        "norm": lambda xs: mp.sqrt(mp.fsum([x * x for x in xs])),
        "same": lambda x, y: x == y,
        "sum_except": lambda xs, y: mp.fsum(xs) - (y if y in xs else 0),
        "exp_difference": lambda x, y: mp.exp(x - y),
    }
