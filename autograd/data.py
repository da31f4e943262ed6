"""Bulk access to nodes: create leaves from arrays, read nodes into arrays, write arrays back."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd import value as kernel
from autograd._checks import as_ndarray, checked_keywords, checked_label, error_text, real_array
from autograd.context import context, on_concretize, on_mutate
from autograd.tree import check_depth
from autograd.value import Value, are_parameters
from autograd.value_array import of_list

# Holds a new object whenever leaves become constants, or these leaves, or their numbers change.
CONSTANTS: dict[str, object] = {"changed": object()}


@checked_keywords
def values(numbers: Any, label: str | None = None) -> Any:
    """Create leaves: nested lists of `Value` from nested lists, a `ValueArray` from an array.

    ``label`` names them by position: ``w[0]``, ``w[1][2]``. Rows of a list may differ in length.

    >>> values([[1, 2], [3, 4]], "w")[1][0]
    Value(3.0, label='w[1][0]')
    >>> w = values(np.ones((2, 3)), "w")
    >>> w.shape, (w @ w.T)[0, 1]
    ((2, 3), Value(3.0, op='dot'))
    """
    if label is not None:
        checked_label(label)
    if isinstance(numbers, (list, tuple, np.ndarray)):
        check_depth(numbers, "values")
    return _values(numbers, label)


def _values(numbers: Any, label: str | None) -> Any:
    array = as_ndarray(numbers)
    if array is not None and array.ndim:
        leaves = [
            Value(number, label and label + "".join(f"[{i}]" for i in index))
            for index, number in np.ndenumerate(array)
        ]
        return of_list(leaves, array.shape)
    if isinstance(numbers, (list, tuple)):
        return [
            _values(row, None if label is None else f"{label}[{i}]")
            for i, row in enumerate(numbers)
        ]
    return Value(numbers, label)


def get_data(nodes: Sequence[Value], *, grads: bool = False) -> NDArray[np.float64]:
    """Return the data of many nodes, or their gradients, as an array.

    >>> a, b = Value(2.0), Value(3.0)
    >>> (a * b).backward()
    >>> get_data([a, b]), get_data([a, b], grads=True)
    (array([2., 3.]), array([3., 2.]))
    """
    nodes = _checked("get_data", nodes)
    if context.active:
        for node in nodes:
            on_concretize("get_data", node)
    out = np.empty(len(nodes))
    kernel.get_data(nodes, out, grads)
    return out


def set_data(nodes: Sequence[Value], numbers: Any, *, grads: bool = False) -> None:
    """Set the data of many leaves, or the gradients of many nodes, from an array.

    Raises TypeError if something is no `Value` or no real number, ValueError if the lengths differ,
    and AttributeError if a node is a result, whose data is computed; nothing is set then.

    >>> a, b = Value(2.0), Value(3.0)
    >>> set_data([a, b], get_data([a, b]) * 10); a.data, b.data
    (20.0, 30.0)
    """
    nodes = _checked("set_data", nodes)
    array = real_array(numbers, "set_data")
    array = array if array.flags.writeable else array.copy()  # kernels take such alone
    if array.shape != (len(nodes),):
        raise ValueError(
            f"set_data: got numbers of shape {array.shape} for {len(nodes)} nodes; give one each"
        )
    if context.active:
        for node in nodes:
            on_mutate("set_data", node)
    kernel.set_data(nodes, array, grads)
    if not are_parameters(nodes) and any(node.is_constant for node in nodes):
        CONSTANTS["changed"] = object()


def set_constant(nodes: Sequence[Value], *, constant: bool) -> None:
    """Make leaves constants, which nothing is differentiated by, or constants leaves again.

    The nodes stay themselves, wherever they are used; compiled functions trace again.

    >>> a, b = Value(2.0), Value(3.0)
    >>> set_constant([a], constant=True)
    >>> (a * b).backward()
    >>> a.has_grad, b.grad
    (False, 2.0)
    """
    kernel.set_constant(_checked("set_constant", nodes), constant)
    CONSTANTS["changed"] = object()


def _checked(name: str, nodes: Any) -> list[Value]:
    checked: list[Value] = list(nodes)
    if not are_parameters(checked) and not {Value}.issuperset(map(type, checked)):
        other = next(node for node in checked if type(node) is not Value)
        raise TypeError(error_text(f"{name}, nodes", other, "Values"))
    return checked
