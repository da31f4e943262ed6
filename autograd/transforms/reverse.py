"""Reverse mode: gradients, and what flows back from many results at once."""

from collections.abc import Callable
from typing import Any

from autograd._checks import checked_keywords
from autograd.engine import reverse
from autograd.transforms.evaluation import (
    Argnums,
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
    """Return a function that gives the gradient of another one.

    Parameters
    ----------
    function
        Takes numbers, arrays, and lists, tuples and dicts of them; returns one number. It is called
        with Values in their place, with arrays of Values for arrays.
    argnums
        The position of the argument to differentiate with respect to; for a tuple of positions,
        the gradient is a tuple.
    has_aux
        The function returns a pair (number, aux); the gradient comes in a pair with aux.

    Returns
    -------
    A function of the same arguments. Its result has the structure of the argument: floats for
    numbers, arrays for arrays; 0 where nothing depends on it. Where an argument has Values in it,
    and inside another derivative, it has `Value`s, which can be differentiated again.

    Raises
    ------
    TypeError
        Where the function does not return one number (see `jacobian`), or an argument has something
        else than real numbers.
    ConcretizationError
        Where a number would leave a Value inside the function, and its gradient be lost:
        ``math.exp(x)``, ``float(x)``, ``a[0] = x`` for an array of floats. ``x.data`` on purpose is
        a constant.

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

    return Transform("grad", function, call)


@checked_keywords
def value_and_grad(
    function: Callable[..., Any], argnums: Argnums = 0, *, has_aux: bool = False
) -> Transform:
    """Return a function that gives another one's result and its gradient; see `grad`.

    With ``has_aux`` it gives ((result, aux), gradient).

    >>> value_and_grad(lambda x, y: x * y, argnums=(0, 1))(2.0, 3.0)
    (6.0, (3.0, 2.0))
    """
    positions(argnums)

    def call(args: Any, named: Any) -> Any:
        done = run("value_and_grad", function, args, argnums, named=named, has_aux=has_aux)
        value, slopes = _gradient(done)
        return ((value, done.aux) if has_aux else value), slopes

    return Transform("value_and_grad", function, call)


def _gradient(done: Run) -> tuple[Any, Any]:
    """Return the result and its gradient, as they are handed back."""
    result = done.scalar()
    with recording():
        slopes = slopes_of(done, result)
    return done.entry(result), done.handed(done.spec, slopes)


def slopes_of(done: Run, result: Any) -> list[Any]:
    """Return the derivatives of one result with respect to each leaf."""
    order = done.order([result])
    seeds = {result: 1.0} if type(result) is Value else {}
    among = {*order, *done.leaves}
    return reverse.vjp(order, seeds, done.leaves, done.derivatives, among)


@checked_keywords
def vjp(function: Callable[..., Any], *primals: Any, has_aux: bool = False) -> tuple[Any, ...]:
    """Return a function's result, and a function that pulls back what flows into it.

    The product of a vector and the Jacobian: for u in the structure of the result, ``pull_back(u)``
    is a tuple with uᵀJ in the structures of the primals. The graph is walked once for each u.

    With ``has_aux``, (result, pull_back, aux).

    Raises TypeError where u has another structure than the result, naming the place.

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
        given, its = ravel(cotangents, "the cotangent", "vjp: got")
        mismatch = difference(spec, its, "the cotangent")
        if mismatch:
            place, wanted, got = mismatch
            raise TypeError(f"vjp: {place} is {got}; the result has {wanted} there")
        way = done if done.graphs else done.again(has_values(given))
        seeds: dict[Value, Any] = {}
        with recording():
            for node, u in zip(outputs, given, strict=True):
                if type(node) is Value:
                    seeds[node] = seeds[node] + u if node in seeds else u
            slopes = reverse.vjp(order, seeds, way.leaves, way.derivatives, among)
        return way.handed(way.spec, slopes)

    result = done.handed(spec, outputs)
    return (result, pull_back, done.aux) if has_aux else (result, pull_back)
