"""Derivatives of any order, of a function of one number."""

from collections.abc import Callable
from typing import Any

from autograd.chain.sweeps import floats, pull
from autograd.errors import brief, shown
from autograd.structures import ARRAYS
from autograd.transforms.calls import Transform, recording, run
from autograd.value import Value


def derivative(function: Callable[..., Any], n: int = 1) -> Transform:
    """Return a function that gives the n-th derivative of a function of one number.

    Each order is the gradient of the one before, as a graph; graphs grow with the order.

    Raises ValueError where n is no whole number from 0 on, TypeError where the first argument or
    the result is not one number.

    >>> import autograd
    >>> [derivative(lambda x: x**4, n)(2.0) for n in range(6)]
    [16.0, 32.0, 48.0, 48.0, 24.0, 0.0]
    >>> derivative(autograd.tanh, 3)(0.0)
    -2.0
    """
    if type(n) is not int or n < 0:
        raise ValueError(f"derivative: got n={brief(n)}; allowed are the whole numbers from 0 on")

    def call(args: Any, named: Any) -> Any:
        done = run("derivative", function, args, 0, named=named)
        if done.key[0] not in ARRAYS or done.key[1]:
            raise TypeError(
                f"derivative: got {shown(args[0])}; allowed is one number (grad, jacobian and "
                "hessian take more)"
            )
        node: Any = done.scalar()
        with recording():
            partials_of = done.again(graphs=True).partials_of  # each node's, once for all orders
            for i in range(n):
                order = done.order([node])
                seeds = {node: 1.0} if type(node) is Value else {}
                way = partials_of if done.graphs or i < n - 1 else floats
                (node,) = pull(order, seeds, done.leaves, way, {*order, *done.leaves})
        return done.entry(node)

    return Transform("derivative", function, call)
