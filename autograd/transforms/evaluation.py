"""Evaluation of a function on fresh nodes: the common part of all transforms.

Each run differentiates with respect to nodes of its own, so that nested transforms are never
confused: a `Value` of an outer transform is wrapped in a new node, a sum of one term.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import update_wrapper
from typing import Any, NamedTuple

import numpy as np

from autograd._checks import check_type, error_text
from autograd.context import context, tracing, transforming
from autograd.engine.reverse import Derivatives, between, floats
from autograd.errors import shown
from autograd.functions.graph_derivatives import GraphDerivatives
from autograd.tree_spec import TreeSpec, has_values, numbers_for_values, ravel, spec_of
from autograd.value import Value, constant, restore
from autograd.value_array import of_list

Argnums = int | tuple[int, ...]


class Transform:
    """A function derived from another one, such as its gradient, with the same signature."""

    def __init__(
        self,
        name: str,
        function: Callable[..., Any],
        call: Callable[..., Any],
        derivation: "Derivation | None" = None,
    ) -> None:
        checked(name, function)
        self._name, self._call = name, call
        self.function, self.derivation = function, derivation
        update_wrapper(self, function, updated=())
        self.__doc__ = f"Return the {name} of {self.__name__}; see `autograd.{name}`."

    def __call__(self, *args: Any, **named: Any) -> Any:
        """Call with the arguments of the original function."""
        return self._call(args, named)

    def __repr__(self) -> str:
        return f"<{self._name} of {self.__name__}>"

    __name__: str = "a function"


class Derivation(NamedTuple):
    """How a compiler, which has its own backward pass, finds a derivative of one number.

    ``assemble`` returns the derivative's tree of places, as floats, given the spec of the arguments
    at ``argnums``, the place of the number, and what gives the places of a number's derivatives.
    ``order`` is how often it differentiates.
    """

    argnums: Argnums
    assemble: Callable[[TreeSpec, float, Callable[[float], Sequence[float]]], Any]
    order: int = 1


def checked(name: str, function: Any) -> Callable[..., Any]:
    """Return the function; TypeError if it is not callable."""
    check_type(name, function, Callable, "a function")
    result: Callable[..., Any] = function
    return result


@dataclass
class Run:
    """The evaluation of a function on fresh nodes.

    ``spec`` and ``leaves`` are those of the arguments to differentiate with respect to. ``graphs``
    tells whether derivatives are to be graphs rather than floats; ``derivatives`` provides the
    local derivatives accordingly.
    """

    name: str
    spec: TreeSpec
    leaves: list[Value]
    result: Any
    aux: Any
    graphs: bool
    derivatives: Derivatives = field(init=False)

    def __post_init__(self) -> None:
        self.derivatives = GraphDerivatives() if self.graphs else floats

    def again(self, graphs: bool) -> "Run":
        """Return the same run with another value of ``graphs``."""
        return replace(self, graphs=graphs)

    def scalar(self) -> Any:
        """Return the result, which must be one number."""
        result = self.result
        if isinstance(result, np.ndarray) and not result.shape:
            result = result.item()
        if isinstance(result, (list, tuple, dict, np.ndarray)):
            raise TypeError(
                f"{self.name}: the function returned {shown(result)}; give a function that returns "
                "one number, or use autograd.jacobian"
            )
        outputs, _ = ravel(result, "the result", f"{self.name}: the function returned")
        if not outputs:
            raise TypeError(f"{self.name}: the function returned None; return one number")
        return outputs[0]

    def outputs(self) -> tuple[list[Any], TreeSpec]:
        """Return the numbers and nodes of the result, and its spec."""
        return ravel(self.result, "the result", f"{self.name}: the function returned")

    def order(self, results: Sequence[Any]) -> list[Value]:
        """Return the nodes on paths from leaves to results, in topological order."""
        return between(self.leaves, results)

    def unravel(self, spec: TreeSpec, entries: Sequence[Any]) -> Any:
        """Return entries as a tree, of nodes if derivatives are graphs, else of floats."""
        return spec.unravel([self.entry(x) for x in entries])

    def entry(self, x: Any) -> Any:
        """Convert an entry of the output: to a node if derivatives are graphs, else to a float."""
        if not self.graphs:
            return x._data if type(x) is Value else float(x)
        if type(x) is not Value:
            return constant(x)
        return x.detach() if context.thread.no_grad_depth else x


def run(
    name: str,
    function: Callable[..., Any],
    args: Sequence[Any],
    argnums: Argnums,
    *,
    named: dict[str, Any] | None = None,
    has_aux: bool = False,
    as_graphs: bool = False,
) -> Run:
    """Call a function with the numbers of some arguments replaced by fresh nodes."""
    named = named or {}
    indices = positions(argnums, len(args))
    pairs = [ravel(args[i], f"argument {i}", f"{name}: got") for i in indices]
    inner = transforming() or tracing() or as_graphs
    wanted = inner or has_values((*args, *named.values()))
    leaves: list[Value] = []
    with recording(leaves):
        passed = list(args)
        for i, (entries, spec) in zip(indices, pairs, strict=True):
            nodes = [_fresh(x, inner=inner) for x in entries]
            passed[i] = spec.unravel(nodes, of_list)  # without axes, the node itself
            leaves += nodes
        result = function(*passed, **named)
    aux = None
    if has_aux:
        if not isinstance(result, tuple) or len(result) != 2:
            raise TypeError(
                f"{name}: with has_aux the function returns a pair (result, aux); it returned "
                f"{shown(result)}"
            )
        result, aux = result
        aux = aux if wanted else numbers_for_values(aux)
    spec = together(argnums, [spec for _, spec in pairs])
    return Run(name, spec, leaves, result, aux, wanted)


def together(argnums: Argnums, specs: Sequence[TreeSpec]) -> TreeSpec:
    """Return the spec of all arguments to differentiate with respect to."""
    return specs[0] if isinstance(argnums, int) else spec_of(tuple, None, specs)


def _fresh(x: Any, *, inner: bool) -> Value:
    """Return a new node for a number or for a node of an outer transform."""
    if type(x) is Value or inner:  # inside a trace, a leaf would become a parameter
        node = x if type(x) is Value else constant(x)
        fresh = restore("sum", node._data, None, (node,), (1.0,), None)
        if context.thread.recording is not None:  # inside a checkpoint
            context.thread.recording.append(fresh)
        return fresh
    return Value(x)


@contextmanager
def recording(leaves: Sequence[Value] = ()) -> Iterator[None]:
    """Record a graph in this context, even under `no_grad`.

    ``leaves`` are the nodes that the transform differentiates with respect to.
    """
    paused = context.thread.no_grad_depth
    context.thread.no_grad_depth = 0
    context.begin_transform(leaves)
    try:
        yield
    finally:
        context.end_transform()
        context.thread.no_grad_depth = paused


def positions(argnums: Any, count: int | None = None) -> tuple[int, ...]:
    """Check ``argnums`` and return them as a tuple; negative ones count from the end."""
    indices = argnums if isinstance(argnums, tuple) else (argnums,)
    if not indices or not all(type(i) is int for i in indices):
        raise TypeError(error_text("argnums", argnums, "a position, or a tuple of positions"))
    if count is None:
        return indices
    resolved = tuple(i + count if i < 0 else i for i in indices)
    for index, i in zip(indices, resolved, strict=True):
        if not 0 <= i < count:
            allowed = f"a position from 0 to {count - 1}" if count else "arguments by position"
            raise ValueError(error_text("argnums", index, allowed))
    if len(set(resolved)) < len(resolved):
        raise ValueError(error_text("argnums", argnums, "each position once"))
    return resolved
