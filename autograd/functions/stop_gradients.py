"""`stop_gradient`, of a Value or of all Values in a tree."""

from typing import Any

from autograd.expressions.recording import SymbolicNumber
from autograd.functions.install import call
from autograd.tree import tree_map
from autograd.value import Value


def stop_gradient(x: Any) -> Any:
    """Return the number itself; its derivative counts as 0, so nothing flows back.

    Takes a Value, or a tree of Values and numbers (`autograd.tree`), and returns a tree of the same
    structure, with numbers unchanged. The result is a node of the graph, which `autograd.compile`
    traces: each call computes it anew. `Value.detach` gives a leaf without the graph beneath;
    in a function that is being compiled, both are the same.

    >>> import autograd
    >>> x = autograd.Value(3.0)
    >>> y = x * autograd.stop_gradient(x)
    >>> y.backward(); y.data, x.grad
    (9.0, 3.0)
    >>> autograd.compile(lambda x: x * autograd.stop_gradient(x))(5.0)
    (25.0, 5.0)
    >>> autograd.stop_gradient({"w": [x, 2.0]})["w"]
    [Value(3.0, op='stop_gradient'), 2.0]
    """
    return tree_map(_stop, x)


stop_gradient.__module__ = "autograd"  # like the table's functions


def _stop(x: Any) -> Any:
    return call("stop_gradient", (x,)) if type(x) in (Value, SymbolicNumber) else x
