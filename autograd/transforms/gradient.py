"""`gradient`: derivatives of one node with respect to others, as numbers or as graphs."""

from collections.abc import Sequence
from typing import Any

from autograd._checks import check_type, checked_keywords, error_text
from autograd.context import context, on_concretize
from autograd.engine.reverse import floats, vjp
from autograd.functions.graph_derivatives import GraphDerivatives
from autograd.graph import topological
from autograd.value import Value, constant


@checked_keywords
def gradient(result: Value, wrt: Sequence[Value], *, create_graph: bool = False) -> list[Any]:
    """Return the derivatives of one node with respect to others, leaving ``grad`` unchanged.

    Parameters
    ----------
    result : Value
        The node to differentiate.
    wrt : sequence of Value
        The nodes to differentiate with respect to: leaves, or intermediate nodes.
    create_graph : bool
        Whether to return graphs, which can be drawn and differentiated again, rather than floats.

    Returns
    -------
    list of float, or of Value
        One for each of ``wrt``; 0 where ``result`` does not depend on it.

    Raises
    ------
    TypeError
        If ``result`` or an element of ``wrt`` is no `Value`. Without ``create_graph`` also while a
        function is traced, as its program would keep the numbers (`autograd.errors`).
    RuntimeError
        With ``create_graph``, if a leaf was changed after ``result`` was computed.

    Examples
    --------
    >>> x = Value(2.0)
    >>> first, = gradient(x**3, [x], create_graph=True)
    >>> first.data, gradient(first, [x])
    (12.0, [12.0])
    """
    _check(result, wrt)
    order = topological(result)
    if create_graph:
        graphs = vjp(order, {result: 1.0}, wrt, GraphDerivatives())
        return [g if type(g) is Value else constant(g) for g in graphs]
    if context.active:
        for node in (result, *wrt):
            on_concretize("gradient", node)
    return vjp(order, {result: 1.0}, wrt, floats)


def _check(result: Any, wrt: Any) -> None:
    check_type("result", result, Value, "a Value")
    check_type("wrt", wrt, (list, tuple), "a list of Values")
    for i, x in enumerate(wrt):
        if type(x) is not Value:
            raise TypeError(error_text(f"wrt[{i}]", x, "a Value"))
