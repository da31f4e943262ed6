"""Custom vjps: nodes whose input cotangents are not the cotangent times a local derivative.

Clipping a gradient is one. A rule that is a multiple of the cotangent, such as a straight-through
estimator's, needs none of this: it has a local derivative (`autograd.custom_ops.custom_vjp`).
"""

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any

from autograd.engine.reverse import (
    CotangentSink,
    PendingCotangents,
    Pullback,
    is_symbolic_zero,
    scaled,
)
from autograd.graph import Node
from autograd.primitives import TABLE
from autograd.rules.backends import FLOATS, vjp_rules

FloatVjp = Callable[[Sequence[float], float, float], list[float]]


class CustomPullback(Pullback):
    """The pullback of an operation whose vjp has rules of its own in the cotangent ``g``."""

    __slots__ = ("op", "xs", "z")

    def __init__(self, op: str, xs: tuple[float, ...], z: float) -> None:
        super().__init__()
        self.op, self.xs, self.z = op, xs, z

    def apply(
        self,
        node: Node,
        cotangent: Any,
        sink: CotangentSink,
        pending: PendingCotangents,  # noqa: ARG002 - see the base class
    ) -> None:
        """Send what the rules make of the cotangent."""
        if is_symbolic_zero(cotangent):
            return
        with sink.unlocked():
            terms = sink.derivatives.vjp(node, cotangent)
        for x, term in zip(node._inputs, terms, strict=True):
            if sink.accepts(x):
                sink.receive(node, x, cotangent, None, term)

    def vjp(self, cotangent: float) -> list[float]:
        """Return the input cotangents, in numbers."""
        return float_vjp(self.op)(self.xs, self.z, cotangent)

    def why_no_jvp(self, node: Node, *, graphs: bool) -> str:  # noqa: ARG002 - see the base class
        """Say that the rules know what comes back, not what goes forward."""
        return (
            f"{node!r} has a rule for the way back alone (custom_vjp), and forward mode "
            "cannot pass it; use grad, vjp or jacobian, and grad of grad for second derivatives"
        )

    def for_copy(self) -> "CustomPullback":
        """Return itself: it holds numbers alone."""
        return self

    def __iter__(self) -> Iterator[float]:
        return iter(self.vjp(1.0))


def input_cotangents(node: Node, cotangent: float) -> list[float]:
    """Return what one node sends to each of its inputs, in numbers: 0 where nothing flows.

    >>> from autograd import Value
    >>> input_cotangents(Value(2.0) * Value(3.0), 5.0)
    [15.0, 10.0]
    """
    pullback = node._pullback
    if not isinstance(pullback, CustomPullback):
        return [scaled(cotangent, d) for d in node._partials]
    return pullback.vjp(cotangent) if cotangent else [0.0] * len(node._inputs)


def float_vjp(op: str) -> FloatVjp:
    """Return an operation's custom vjp: a function of its inputs, result and cotangent."""
    return _compiled(op, TABLE[op].vjps)


@cache
def _compiled(op: str, texts: tuple[str, ...]) -> FloatVjp:  # noqa: ARG001 - tells two of a name apart
    rules = vjp_rules(TABLE[op], FLOATS, "floats")
    return lambda xs, z, g: [float(rule(*xs, z, g)) for rule in rules]
