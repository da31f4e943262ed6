"""Jacobians, Hessians, and derivatives of any order of functions of one number."""

from collections.abc import Callable, Sequence
from itertools import accumulate, pairwise
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd._checks import checked_keywords, whole_number
from autograd.engine.forward import jvp, why_no_jvp
from autograd.engine.reverse import floats, vjp
from autograd.errors import shown
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
from autograd.tree_spec import NUMBER, ArraySpec, TreeSpec, ravel
from autograd.value import Value
from autograd.value_array import array_of


@checked_keywords
def jacobian(
    function: Callable[..., Any], argnums: Argnums = 0, *, has_aux: bool = False
) -> Transform:
    """Return a function that computes the Jacobian of another one.

    Forward mode, with one pass for each input, if there are fewer inputs than results; else reverse
    mode, with one pass for each result, over the part of the graph that the result depends on.

    Parameters
    ----------
    function, argnums
        As for `grad`; the result may be a number, an array, or a list, tuple or dict of these.
    has_aux
        The function returns a pair (result, aux); the Jacobian comes in a pair with aux.

    Returns
    -------
    A function of the same arguments. Its result has the structure of the function's result, with
    each number replaced by the structure of the argument. For a result of shape R and an argument
    of shape A it is one array of shape R + A.

    Examples
    --------
    >>> jacobian(lambda x: [x[0] * x[1], x[0] ** 2])([2.0, 3.0])
    [[3.0, 2.0], [4.0, 0.0]]
    >>> import numpy as np
    >>> jacobian(lambda x: np.array([[1.0, 2.0], [3.0, 4.0]]) @ x)(np.array([5.0, 6.0]))
    array([[1., 2.],
           [3., 4.]])
    """
    positions(argnums)

    def call(args: Any, named: Any) -> Any:
        done = run("jacobian", function, args, argnums, named=named, has_aux=has_aux)
        matrix = matrix_of(done)
        return (matrix, done.aux) if has_aux else matrix

    return Transform("jacobian", function, call)


@checked_keywords
def hessian(function: Callable[..., Any], argnums: Argnums = 0) -> Transform:
    """Return a function that computes the Hessian of another one; see `jacobian`.

    >>> hessian(lambda x: x[0] ** 2 * x[1])([3.0, 4.0])
    [[8.0, 6.0], [6.0, 0.0]]
    >>> import numpy as np
    >>> hessian(lambda x: np.sum(x**3))(np.array([1.0, 2.0]))
    array([[ 6.,  0.],
           [ 0., 12.]])
    """
    checked("hessian", function)
    positions(argnums)
    first = jacobian(function, argnums)

    def call(args: Any, named: Any) -> Any:
        return matrix_of(run("hessian", first, args, argnums, named=named))

    return Transform("hessian", function, call, Derivation(argnums, _hessian_of, order=2))


def _hessian_of(spec: TreeSpec, result: float, vjp: Callable[[float], Sequence[float]]) -> Any:
    """Return the Hessian of one number in its output structure, by the places of its entries."""
    first = _blocks(NUMBER, spec, np.array([vjp(result)]))
    entries, outer = ravel(first, "the result", "")
    return _blocks(outer, spec, np.array([vjp(entry) for entry in entries]))


def matrix_of(done: Run) -> Any:
    """Return the Jacobian of a run in its output structure."""
    outputs, spec = done.outputs()
    count = len(done.leaves)
    with recording():
        graphs = done.derivatives is not floats
        if count < len(outputs) and not why_no_jvp(done.order(outputs), graphs=graphs):
            columns = _columns(done, outputs)
            entries = [column[i] for i in range(len(outputs)) for column in columns]
        else:
            entries = [entry for row in _rows(done, outputs) for entry in row]
    matrix = array_of([done.entry(x) for x in entries], (len(outputs), count))
    return _blocks(spec, done.spec, matrix)


def _rows(done: Run, outputs: Sequence[Any]) -> list[list[Any]]:
    """Compute the rows of the Jacobian, in reverse mode."""
    rows = []
    for node in outputs:
        seeds = {node: 1.0} if type(node) is Value else {}
        order = done.order([node])
        rows.append(vjp(order, seeds, done.leaves, done.derivatives, {*order, *done.leaves}))
    return rows


def _columns(done: Run, outputs: Sequence[Any]) -> list[list[Any]]:
    """Compute the columns of the Jacobian, in forward mode."""
    order = done.order(outputs)
    return [jvp(order, {leaf: 1.0}, outputs, done.derivatives) for leaf in done.leaves]


def _blocks(outer: TreeSpec, inner: TreeSpec, matrix: NDArray[Any]) -> Any:
    """Split a matrix into blocks, one for each array of the result and each of the argument."""
    rows = [matrix[part] for part in _parts(outer)]
    return outer.unflatten([_row(*pair, inner) for pair in zip(outer.arrays, rows, strict=True)])


def _row(result: ArraySpec, rows: NDArray[Any], inner: TreeSpec) -> Any:
    """Split the rows of one array of the result into blocks, in the structure of the argument."""
    pairs = zip(inner.arrays, _parts(inner), strict=True)
    return inner.unflatten([_block(result, spec, rows[:, part]) for spec, part in pairs])


def _parts(spec: TreeSpec) -> list[slice]:
    """Return where the numbers of each array of a spec are, one array after another."""
    ends = list(accumulate([prod(array.shape) for array in spec.arrays], initial=0))
    return [slice(*pair) for pair in pairwise(ends)]


def _block(result: ArraySpec, argument: ArraySpec, block: NDArray[Any]) -> Any:
    if result.kind == argument.kind == "number":
        return block.item()
    return _fresh_array(block.reshape(result.shape + argument.shape))


def _fresh_array(block: NDArray[Any]) -> NDArray[Any]:
    """Copy a block, as a plain float array if it has no Values."""
    return array_of(block.ravel().tolist(), block.shape)


@checked_keywords
def derivative(function: Callable[..., Any], n: int = 1) -> Transform:
    """Return a function that computes the n-th derivative of a function of one number.

    Each order is the gradient of the previous one, as a graph; graphs grow with the order.

    Raises ValueError if n is below 0; TypeError if it is no whole number, or if the first argument
    or the result is not one number.

    >>> import autograd
    >>> [derivative(lambda x: x**4, n)(2.0) for n in range(6)]
    [16.0, 32.0, 48.0, 48.0, 24.0, 0.0]
    >>> derivative(autograd.tanh, 3)(0.0)
    -2.0
    """
    n = whole_number("n", n, 0)

    def call(args: Any, named: Any) -> Any:
        done = run("derivative", function, args, 0, named=named)
        if done.spec.treedef.node_type is not None or done.spec.arrays[0].shape:
            raise TypeError(
                f"derivative: got {shown(args[0])}; allowed is one number (grad, jacobian and "
                "hessian take more)"
            )
        node: Any = done.scalar()
        with recording():
            graphs = done.again(graphs=True).derivatives  # shared by all orders
            for i in range(n):
                order = done.order([node])
                seeds = {node: 1.0} if type(node) is Value else {}
                derivatives = graphs if done.graphs or i < n - 1 else floats
                (node,) = vjp(order, seeds, done.leaves, derivatives, {*order, *done.leaves})
        return done.entry(node)

    return Transform("derivative", function, call)
