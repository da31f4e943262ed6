"""Reverse mode: gradients and vector-Jacobian products."""

from collections.abc import Callable
from typing import Any

from autograd._checks import checked_keywords
from autograd.engine import reverse
from autograd.transforms.evaluation import (
    Argnums,
    Derivation,
    Run,
    Transform,
    checked,
    positions,
    recording,
    run,
)
from autograd.tree_spec import difference, has_values, ravel
from autograd.value import Value


@checked_keywords
def grad(function: Callable[..., Any], argnums: Argnums = 0, *, has_aux: bool = False) -> Transform:
    """Return a function that computes the gradient of another one.

    Parameters
    ----------
    function
        Takes numbers, arrays, and trees of them (lists, tuples, dicts); returns one number. It is
        called with Values in the place of numbers, and arrays of Values in the place of arrays.
    argnums
        The position of the argument to differentiate with respect to; for a tuple of positions,
        the gradient is a tuple.
    has_aux
        The function returns a pair (number, aux); the gradient comes in a pair with aux.

    Returns
    -------
    A function of the same arguments. Its result has the structure of the argument: floats for
    numbers, arrays for arrays, 0 where the result does not depend on it. If an argument contains
    Values, and inside another transform, its entries are Values, which can be differentiated again.

    Raises
    ------
    TypeError
        If the function does not return one number (see `jacobian`), or an argument contains
        anything but real numbers.
    ConcretizationError
        If the function turns a Value into a plain number, which would lose its gradient:
        ``math.exp(x)``, ``float(x)``, ``a[0] = x`` for an array of floats. To treat it as a
        constant, write ``x.data``.

    Examples
    --------
    >>> grad(lambda x: x**3)(2.0), grad(grad(lambda x: x**3))(2.0)
    (12.0, 12.0)
    >>> grad(lambda p, x: p["w"] * x + p["b"])({"w": 2.0, "b": 0.5}, 3.0)
    {'w': 3.0, 'b': 1.0}
    >>> import numpy as np
    >>> grad(lambda x: np.sum(x * x))(np.array([1.0, 2.0]))
    array([2., 4.])
    """
    positions(argnums)

    def call(args: Any, named: Any) -> Any:
        done = run("grad", function, args, argnums, named=named, has_aux=has_aux)
        _, slopes = _gradient(done)
        return (slopes, done.aux) if has_aux else slopes

    derivation = Derivation(argnums, lambda spec, result, vjp: spec.unravel(vjp(result)))
    return Transform("grad", function, call, None if has_aux else derivation)


@checked_keywords
def value_and_grad(
    function: Callable[..., Any], argnums: Argnums = 0, *, has_aux: bool = False
) -> Transform:
    """Return a function that computes the result of another one and its gradient; see `grad`.

    With ``has_aux`` it returns ((result, aux), gradient).

    >>> value_and_grad(lambda x, y: x * y, argnums=(0, 1))(2.0, 3.0)
    (6.0, (3.0, 2.0))
    """
    positions(argnums)

    def call(args: Any, named: Any) -> Any:
        done = run("value_and_grad", function, args, argnums, named=named, has_aux=has_aux)
        value, slopes = _gradient(done)
        return ((value, done.aux) if has_aux else value), slopes

    derivation = Derivation(argnums, lambda spec, result, vjp: (result, spec.unravel(vjp(result))))
    return Transform("value_and_grad", function, call, None if has_aux else derivation)


def _gradient(done: Run) -> tuple[Any, Any]:
    """Return the result of a run and its gradient, in their output structures."""
    result = done.scalar()
    with recording():
        slopes = slopes_of(done, result)
    return done.entry(result), done.unravel(done.spec, slopes)


def slopes_of(done: Run, result: Any) -> list[Any]:
    """Return the derivatives of one result with respect to each leaf."""
    order = done.order([result])
    seeds = {result: 1.0} if type(result) is Value else {}
    among = {*order, *done.leaves}
    return reverse.vjp(order, seeds, done.leaves, done.derivatives, among)


@checked_keywords
def vjp(function: Callable[..., Any], *primals: Any, has_aux: bool = False) -> tuple[Any, ...]:
    """Return a function's result, and a function that computes vector-Jacobian products.

    For a cotangent u with the structure of the result, ``pull_back(u)`` is uᵀJ, a tuple with the
    structures of the primals. Each call is one backward pass over the recorded graph.

    With ``has_aux`` it returns (result, pull_back, aux).

    ``pull_back`` raises TypeError if the structure of u differs from that of the result.

    >>> result, pull_back = vjp(lambda x, y: [x * y, x + y], 2.0, 3.0)
    >>> result, pull_back([1.0, 0.0]), pull_back([0.0, 1.0])
    ([6.0, 5.0], (3.0, 2.0), (1.0, 1.0))
    """
    checked("vjp", function)
    everything = tuple(range(len(primals)))
    done = run("vjp", function, primals, everything, has_aux=has_aux)
    outputs, spec = done.outputs()
    order = done.order(outputs)
    among = {*order, *done.leaves}

    def pull_back(cotangents: Any) -> Any:
        entries, cotangent_spec = ravel(cotangents, "the cotangent", "vjp: got")
        mismatch = difference(spec, cotangent_spec, "the cotangent")
        if mismatch:
            position, wanted, got = mismatch
            raise TypeError(f"vjp: {position} is {got}; the result has {wanted} there")
        pulled = done if done.graphs else done.again(has_values(entries))
        seeds: dict[Value, Any] = {}
        with recording():
            for node, u in zip(outputs, entries, strict=True):
                if type(node) is Value:
                    seeds[node] = seeds[node] + u if node in seeds else u
            slopes = reverse.vjp(order, seeds, pulled.leaves, pulled.derivatives, among)
        return pulled.unravel(pulled.spec, slopes)

    result = done.unravel(spec, outputs)
    return (result, pull_back, done.aux) if has_aux else (result, pull_back)
