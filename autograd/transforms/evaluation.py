"""Run a function on fresh nodes: what all derivatives begin with, and what they hand back.

Each run differentiates with respect to nodes of its own, so that derivatives inside derivatives
cannot be taken for each other: what an outer one passes in comes through a new node, a sum of it
alone.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import update_wrapper
from typing import Any

import numpy as np

from autograd._checks import check_type, error_text
from autograd.context import context, tracing, transforming
from autograd.engine.reverse import Derivatives, between, floats
from autograd.errors import shown
from autograd.functions.partials import GraphDerivatives
from autograd.tree_spec import TreeSpec, has_values, numbers_for_values, ravel, spec_of
from autograd.value import Value, constant, restore
from autograd.value_array import of_list

Argnums = int | tuple[int, ...]


class Transform:
    """A function made of another one, such as its gradient; it has the signature of that one."""

    def __init__(self, name: str, function: Callable[..., Any], call: Callable[..., Any]) -> None:
        checked(name, function)
        self._name, self._call = name, call
        update_wrapper(self, function, updated=())
        self.__doc__ = f"Return the {name} of {self.__name__}; see `autograd.{name}`."

    def __call__(self, *args: Any, **named: Any) -> Any:
        """Call with the arguments of the function that it was made of."""
        return self._call(args, named)

    def __repr__(self) -> str:
        return f"<{self._name} of {self.__name__}>"

    __name__: str = "a function"


def checked(name: str, function: Any) -> Callable[..., Any]:
    """Return a function; TypeError for what cannot be called."""
    check_type(name, function, Callable, "a function")
    called: Callable[..., Any] = function
    return called


@dataclass
class Run:
    """What a function did on fresh nodes.

    ``spec`` and ``leaves`` are the arguments whose derivatives are wanted; ``graphs`` whether these
    are wanted as graphs, and ``derivatives`` gives local derivatives accordingly.
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
        """Return the same run, for derivatives of the given kind."""
        return replace(self, graphs=graphs)

    def scalar(self) -> Any:
        """Return the result, one number."""
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
        """Return the result's numbers and nodes, and its spec."""
        return ravel(self.result, "the result", f"{self.name}: the function returned")

    def order(self, results: Sequence[Any]) -> list[Value]:
        """Return the nodes through which leaves reach results, operands first."""
        return between(self.leaves, results)

    def handed(self, spec: TreeSpec, entries: Sequence[Any]) -> Any:
        """Return numbers, or graphs where these are wanted, as a tree."""
        return spec.unravel([self.entry(x) for x in entries])

    def entry(self, x: Any) -> Any:
        """Return a number, or a node where graphs are wanted."""
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
    """Call a function with fresh nodes in the place of the numbers of some arguments."""
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
            passed[i] = spec.unravel(nodes, of_list)  # of no axes: the number itself
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
    specs = [spec for _, spec in pairs]
    spec = specs[0] if isinstance(argnums, int) else spec_of(tuple, None, specs)
    return Run(name, spec, leaves, result, aux, wanted)


def _fresh(x: Any, *, inner: bool) -> Value:
    """Return a node that nothing else knows, for a number or for a node of an outer function."""
    if type(x) is Value or inner:  # beneath a trace, a leaf would be taken for a parameter
        node = x if type(x) is Value else constant(x)
        fresh = restore("sum", node._data, None, (node,), (1.0,), None)
        if context.thread.recording is not None:  # in a checkpoint's block
            context.thread.recording.append(fresh)
        return fresh
    return Value(x)


@contextmanager
def recording(leaves: Sequence[Value] = ()) -> Iterator[None]:
    """Record, also under `no_grad`: derivatives are asked for. Inside, results are graphs.

    ``leaves`` are what a function that is called inside is differentiated with respect to.
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
    """Check which arguments are meant; negative positions count from the last."""
    places = argnums if isinstance(argnums, tuple) else (argnums,)
    if not places or not all(type(i) is int for i in places):
        raise TypeError(error_text("argnums", argnums, "a position, or a tuple of positions"))
    if count is None:
        return places
    resolved = tuple(i + count if i < 0 else i for i in places)
    for place, i in zip(places, resolved, strict=True):
        if not 0 <= i < count:
            allowed = f"a position from 0 to {count - 1}" if count else "arguments by position"
            raise ValueError(error_text("argnums", place, allowed))
    if len(set(resolved)) < len(resolved):
        raise ValueError(error_text("argnums", argnums, "each position once"))
    return resolved
