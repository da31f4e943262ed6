"""Forward mode: Jacobian-vector and Hessian-vector products."""

from collections.abc import Callable, Sequence
from typing import Any

from autograd._checks import check_type, checked_keywords
from autograd.engine import forward
from autograd.engine.reverse import between
from autograd.transforms.evaluation import Run, checked, recording, run
from autograd.transforms.reverse import slopes_of
from autograd.tree_spec import difference, has_values, ravel


@checked_keywords
def jvp(
    function: Callable[..., Any],
    primals: Sequence[Any],
    tangents: Sequence[Any],
    *,
    has_aux: bool = False,
) -> tuple[Any, ...]:
    """Return a function's result and its Jacobian-vector product Jv, in forward mode.

    One forward pass over the recorded graph, whatever the number of results.

    Parameters
    ----------
    function
        As for `jacobian`.
    primals
        A tuple of arguments.
    tangents
        A tuple of tangents, each with the structure of its argument.
    has_aux
        The function returns a pair (result, aux); aux comes third.

    Returns
    -------
    A pair of the result and its tangent, which has the structure of the result; with `Value`s in
    the same cases as for `grad`.

    Raises
    ------
    TypeError
        If the structure of a tangent differs from that of its argument; names the position.

    Examples
    --------
    >>> jvp(lambda x, y: [x * y, x + y], (2.0, 3.0), (1.0, 0.0))
    ([6.0, 5.0], [3.0, 1.0])
    """
    done, vector = _run_with_tangents("jvp", function, primals, tangents, has_aux=has_aux)
    outputs, spec = done.outputs()
    with recording():
        seeds = dict(zip(done.leaves, vector, strict=True))
        tangents_out = forward.jvp(done.order(outputs), seeds, outputs, done.derivatives)
    pair = done.unravel(spec, outputs), done.unravel(spec, tangents_out)
    return (*pair, done.aux) if has_aux else pair


@checked_keywords
def hvp(
    function: Callable[..., Any],
    primals: Sequence[Any],
    tangents: Sequence[Any],
    *,
    has_aux: bool = False,
) -> Any:
    """Return the product of a function's Hessian and a vector, without forming the Hessian.

    Forward over reverse: the tangent is pushed forward through the graph of the gradient. It costs
    as much as a few gradients, however many arguments there are.

    Parameters
    ----------
    function
        Returns one number.
    primals, tangents
        Tuples, as for `jvp`.
    has_aux
        The function returns a pair (number, aux); the product comes in a pair with aux.

    Returns
    -------
    Hv, a tuple with the structure of the primals.

    Examples
    --------
    >>> hvp(lambda x: x[0] ** 2 * x[1], ([3.0, 4.0],), ([1.0, 0.0],))
    ([8.0, 6.0],)
    """
    done, vector = _run_with_tangents("hvp", function, primals, tangents, has_aux=has_aux)
    with recording():
        slopes = slopes_of(done.again(graphs=True), done.scalar())
        seeds = dict(zip(done.leaves, vector, strict=True))
        tangents_out = forward.jvp(between(done.leaves, slopes), seeds, slopes, done.derivatives)
    product = done.unravel(done.spec, tangents_out)
    return (product, done.aux) if has_aux else product


def _run_with_tangents(
    name: str, function: Callable[..., Any], primals: Any, tangents: Any, *, has_aux: bool
) -> tuple[Run, list[Any]]:
    """Run the function; return the run and the tangents as a flat list, checked."""
    checked(name, function)
    for role, vectors in (("primals", primals), ("tangents", tangents)):
        check_type(role, vectors, (list, tuple), "a tuple, one for each argument: (x,) for one")
    if len(primals) != len(tangents):
        raise TypeError(
            f"{name}: got {len(primals)} primals and {len(tangents)} tangents; give one for each"
        )
    pairs = [ravel(x, f"tangent {i}", f"{name}: got") for i, x in enumerate(tangents)]
    vector = [x for entries, _ in pairs for x in entries]
    as_graphs = has_values(vector)
    everything = tuple(range(len(primals)))
    done = run(name, function, primals, everything, has_aux=has_aux, as_graphs=as_graphs)
    for i, (spec, (_, tangent_spec)) in enumerate(zip(done.spec.children(), pairs, strict=True)):
        mismatch = difference(spec, tangent_spec, f"tangent {i}")
        if mismatch:
            position, wanted, got = mismatch
            raise TypeError(f"{name}: {position} is {got}; the primal has {wanted} there")
    return done, vector
