"""Arguments as nested lists of leaves, and numbers out of nested results."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from autograd import Value


def plain(argument: Any) -> Any:
    """Return arrays as nested lists, so that making leaves of them is not timed with arrays."""
    if isinstance(argument, dict):
        return {key: plain(item) for key, item in argument.items()}
    if isinstance(argument, (list, tuple)):
        return [plain(item) for item in argument]
    return argument.tolist() if isinstance(argument, np.ndarray) else argument


def leaves(argument: Any) -> Any:
    """Make leaves of all numbers but whole ones, in nested lists."""
    kind = type(argument)
    if kind is list:
        if type(argument[0]) is float:
            return [Value(x) for x in argument]  # as one would write it
        return [leaves(item) for item in argument]
    if kind is dict:
        return {key: leaves(item) for key, item in argument.items()}
    return Value(argument) if kind is float else argument


def nodes_of(given: Any) -> Iterator[Value]:
    """Give the leaves of nested lists and dicts, in order."""
    if isinstance(given, dict):
        given = list(given.values())
    if isinstance(given, list):
        for item in given:
            yield from nodes_of(item)
    elif isinstance(given, Value):
        yield given


def grads(given: Any) -> Any:
    """Read the gradients of leaves, in their structure without what is no leaf."""
    if type(given) is dict:
        given = list(given.values())
    if type(given) is list:
        if type(given[0]) is Value:
            return [leaf.grad for leaf in given]
        return [grads(item) for item in given if type(item) is not int]
    return given.grad


def flat(found: Any) -> Iterator[float]:
    """Give all numbers of nested lists, tuples, dicts and arrays, in order.

    >>> list(flat((1.0, {"w": np.array([[2.0], [3.0]]), "b": 4.0})))
    [1.0, 2.0, 3.0, 4.0]
    """
    if isinstance(found, dict):
        found = list(found.values())
    if isinstance(found, (list, tuple)):
        for item in found:
            yield from flat(item)
    else:
        yield from np.asarray(found, dtype=float).ravel().tolist()
