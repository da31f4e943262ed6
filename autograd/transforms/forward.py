"""Forward mode: what results change by when inputs change by a tangent."""

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
    """Return a function's result, and what it changes by along a tangent: Jv, in forward mode.

    One walk from operands to results over the recorded graph, whatever the number of results.

    Parameters
    ----------
    function
        As for `jacobian`.
    primals
        A tuple of its arguments.
    tangents
        A tuple of their changes, each in the structure of the argument.
    has_aux
        The function returns a pair (result, aux); aux comes third.

    Returns
    -------
    A pair of the result and its change, in the structure of the result; `Value`s as for `grad`.

    Raises
    ------
    TypeError
        Where a tangent has another structure than its argument, naming the place.

    Examples
    --------
    >>> jvp(lambda x, y: [x * y, x + y], (2.0, 3.0), (1.0, 0.0))
    ([6.0, 5.0], [3.0, 1.0])
    """
    done, vector = _started("jvp", function, primals, tangents, has_aux=has_aux)
    outputs, spec = done.outputs()
    with recording():
        seeds = dict(zip(done.leaves, vector, strict=True))
        moved = forward.jvp(done.order(outputs), seeds, outputs, done.derivatives)
    pair = done.handed(spec, outputs), done.handed(spec, moved)
    return (*pair, done.aux) if has_aux else pair


@checked_keywords
def hvp(
    function: Callable[..., Any],
    primals: Sequence[Any],
    tangents: Sequence[Any],
    *,
    has_aux: bool = False,
) -> Any:
    """Return the product of a function's Hessian and a vector, without the Hessian.

    The tangent is pushed forward through the graph of the gradient, so that it costs as much as a
    few gradients, however many arguments there are.

    Parameters
    ----------
    function
        Returns one number.
    primals, tangents
        Tuples, as for `jvp`.
    has_aux
        The function returns a pair (number, aux), and the product comes in a pair with aux.

    Returns
    -------
    A tuple of Hv in the structure of the primals.

    Examples
    --------
    >>> hvp(lambda x: x[0] ** 2 * x[1], ([3.0, 4.0],), ([1.0, 0.0],))
    ([8.0, 6.0],)
    """
    done, vector = _started("hvp", function, primals, tangents, has_aux=has_aux)
    with recording():
        slopes = slopes_of(done.again(graphs=True), done.scalar())
        seeds = dict(zip(done.leaves, vector, strict=True))
        moved = forward.jvp(between(done.leaves, slopes), seeds, slopes, done.derivatives)
    product = done.handed(done.spec, moved)
    return (product, done.aux) if has_aux else product


def _started(
    name: str, function: Callable[..., Any], primals: Any, tangents: Any, *, has_aux: bool
) -> tuple[Run, list[Any]]:
    """Check the tangents against the primals, and run the function."""
    checked(name, function)
    for role, given in (("primals", primals), ("tangents", tangents)):
        check_type(role, given, (list, tuple), "a tuple, one for each argument: (x,) for one")
    if len(primals) != len(tangents):
        raise TypeError(
            f"{name}: got {len(primals)} primals and {len(tangents)} tangents; give one for each"
        )
    pairs = [ravel(x, f"tangent {i}", f"{name}: got") for i, x in enumerate(tangents)]
    vector = [x for entries, _ in pairs for x in entries]
    as_graphs = has_values(vector)
    everything = tuple(range(len(primals)))
    done = run(name, function, primals, everything, has_aux=has_aux, as_graphs=as_graphs)
    for i, (spec, (_, its)) in enumerate(zip(done.spec.children(), pairs, strict=True)):
        mismatch = difference(spec, its, f"tangent {i}")
        if mismatch:
            place, wanted, got = mismatch
            raise TypeError(f"{name}: {place} is {got}; the primal has {wanted} there")
    return done, vector
