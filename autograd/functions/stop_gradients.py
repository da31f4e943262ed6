"""Stop gradients: in a Value, or in all Values of a structure."""

from typing import Any

from autograd.expressions.recording import SymbolicNumber
from autograd.functions.install import call
from autograd.tree import tree_map
from autograd.value import Value


def stop_gradient(x: Any) -> Any:
    """Return the number itself; its derivative counts as 0, so nothing flows back.

    Takes a Value, or a tree of Values and numbers (`autograd.tree`); the structure stays, and
    numbers stay numbers. The result is a node that is drawn, and lifted by `autograd.compile`: its
    number is that of each call. `Value.detach` gives a leaf without the graph beneath; in a
    function that is being compiled, both are the same.

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
    return tree_map(_stopped, x)


stop_gradient.__module__ = "autograd"  # as those of the table


def _stopped(x: Any) -> Any:
    return call("stop_gradient", (x,)) if type(x) in (Value, SymbolicNumber) else x
