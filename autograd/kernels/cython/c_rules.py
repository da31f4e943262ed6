"""Rules for C, as Cython writes it: division is C's own, every number a double."""

from autograd.expressions.dialects import CythonPrinter
from autograd.expressions.tree import Operation, parse, walk


def for_c(rule: str, owner: str = "rule") -> str:
    """Write a rule for C.

    >>> for_c("where(x < 0, nan, 1 / exp(x))")
    'nan if x < 0.0 else 1.0 / c_exp(x)'
    """
    return CythonPrinter().text(parse(rule, owner))


def called(rule: str) -> set[str]:
    """Return the functions that a rule calls in C.

    >>> called("where(x < 0, nan, 1 / exp(x))")
    {'exp'}
    """
    ops = {x.op for x in walk(parse(rule)) if isinstance(x, Operation)}
    return ops.difference(CythonPrinter.operators)
