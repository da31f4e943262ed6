"""Check each operation of a graph: local derivatives against differences of its own rule."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from math import inf

from autograd.anomaly import formula
from autograd.check.report import FINE, KINK, PURPOSE, UNKNOWN, WRONG, Row
from autograd.compiler.tape.plain import rules
from autograd.finite_differences import Estimate, has_kink, slope
from autograd.graph import topological
from autograd.primitives import TABLE
from autograd.value import Value

Case = tuple[float, Estimate | None, Value]


def operations(results: Sequence[Value]) -> list[Row]:
    """Return a row for each operation of some graphs, about the worst of its nodes."""
    groups: dict[str, list[Value]] = {}
    for node in topological(results):
        if node.inputs:
            groups.setdefault(node.op, []).append(node)
    return [_row(op, nodes) for op, nodes in groups.items()]


def _row(op: str, nodes: Sequence[Value]) -> Row:
    """Describe the worst local derivative of one operation."""
    if op not in TABLE:
        return Row("operation", op, nodes[0].data, None, UNKNOWN, f"{len(nodes)} without a rule")
    cases = [case for node in nodes for case in _cases(node)]
    if not cases:
        return Row("operation", op, nodes[0].data, None, UNKNOWN, f"{len(nodes)} of constants")
    claimed, expected, node = max(cases, key=_badness)
    verdict = FINE if expected is not None else UNKNOWN
    if expected is not None and not expected.agrees(claimed):
        verdict = WRONG if TABLE[op].exact else PURPOSE
    if TABLE[op].vjps:  # for a gradient of 1 it may agree, as clipping does
        verdict = PURPOSE
    what = KINK if expected is None else f"worst of {len(nodes)}"
    return Row("operation", op, claimed, expected, verdict, f"{what}: {formula(node)}")


def _cases(node: Value) -> Iterator[Case]:
    """Yield each local derivative with what it should be."""
    rule, _ = rules(node.op)
    xs = [x.data for x in node.inputs]
    for k, (x, claimed) in enumerate(zip(node.inputs, node.partials, strict=True)):
        if not x.is_constant:
            at = partial(_moved, rule, xs, k)
            yield claimed, None if has_kink(at, xs[k]) else slope(at, xs[k]), node


def _moved(rule: Callable[[Sequence[float]], float], xs: list[float], k: int, x: float) -> float:
    """Compute an operation with another number as its k-th operand."""
    return rule([*xs[:k], x, *xs[k + 1 :]])


def _badness(case: Case) -> float:
    """Return how many times its bound a local derivative is off."""
    claimed, expected, _ = case
    if expected is None:
        return -1.0
    off = abs(claimed - expected.value)
    return inf if off != off else off / (expected.bound or 1e-300)
