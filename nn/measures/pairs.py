"""Apply a loss to single numbers and to equally shaped lists of them alike."""

from collections.abc import Callable, Iterator
from typing import Any

import autograd
from autograd import Value, constant
from autograd.errors import shown
from nn.basics.inputs import plain

Term = Callable[[Any, Any], Any]


def mean_over(name: str, term: Term, prediction: Any, target: Any) -> Value:
    """Return the mean of a term over all pairs; of a single pair, the term itself.

    Raises ValueError where the two have not the same shape.

    Examples
    --------
    >>> mean_over("gap", lambda p, t: p - t, [3.0, 5.0], [1.0, 1.0]).data
    3.0
    """
    terms = [term(p, t) for p, t in _pairs(name, prediction, target)]
    return as_value(terms[0] if len(terms) == 1 else autograd.mean(terms))


def _pairs(name: str, prediction: Any, target: Any) -> Iterator[tuple[Any, Any]]:
    """Yield the numbers of two equally shaped lists, nested to any depth, side by side."""
    stack = [(prediction, target)]
    while stack:
        p, t = (plain(item) for item in stack.pop())
        lists = isinstance(p, list | tuple), isinstance(t, list | tuple)
        if not any(lists):
            yield _numeric(name, p), _numeric(name, t)
        elif not all(lists) or len(p) != len(t) or not p:
            raise ValueError(
                f"{name} needs as many targets as predictions (and at least one), "
                f"got {shown(p)} and as target {shown(t)}{_advice(p, t)}",
            )
        else:
            stack.extend(reversed(list(zip(p, t, strict=True))))


def _advice(prediction: Any, target: Any) -> str:
    """Say what was probably meant where one of the two is a number and the other a list."""
    if isinstance(target, list | tuple) and not isinstance(prediction, list | tuple):
        return "; where a model has one output, a target is a number: Y.ravel() of a column"
    if not isinstance(target, list | tuple):
        return "; for a class number and an output for each class there is cross_entropy"
    return ""


def _numeric(name: str, item: Any) -> Any:
    """Return a Value or number as it is."""
    if isinstance(item, Value | int | float):
        return item
    raise TypeError(f"{name} needs numbers or Values, got {shown(item)}")


def as_value(result: Value | float) -> Value:
    """Return a Value, also where only plain numbers came in.

    Examples
    --------
    >>> as_value(2.0).is_constant
    True
    """
    return result if isinstance(result, Value) else constant(result)
