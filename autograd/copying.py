"""Copy and pickle whole graphs without recursion, however deep they are."""

import threading
import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from autograd.graph import topological

if TYPE_CHECKING:
    from autograd.value import Value


def deep(root: "Value", memo: dict[int, Any], shallow: Callable[["Value"], "Value"]) -> "Value":
    """Copy the graph beneath a node, sharing what this deepcopy has copied already."""
    for node in topological(root):
        if id(node) not in memo:
            twin = shallow(node)
            twin._inputs = tuple(memo[id(x)] for x in node._inputs)  # noqa: SLF001
            memo[id(node)] = twin
            memo.setdefault(id(memo), []).append(node)  # as copy does: keep the id in use
    made: Value = memo[id(root)]
    return made


class _Header:
    """Stands before a pickled graph's nodes; lives for as long as the pickler remembers it.

    It holds the nodes of one graph that are being pickled in topological order. Each of them
    finds its inputs in the pickler's memory already, so none needs to list its own ancestors.
    """

    def __init__(self, nodes: list["Value"]) -> None:
        self.nodes = set(nodes)

    def __reduce__(self) -> tuple[Callable[[], None], tuple[()]]:
        return _no_header, ()


_pickling = threading.local()


def reduce(
    node: "Value", restore: Callable[..., "Value"]
) -> tuple[Callable[..., "Value"], tuple[Any, ...]]:
    """Describe a node to pickle: its ancestors first, in order, then its own fields.

    Pickle asks every node how to pickle it. The first one asked answers with the whole list of its
    ancestors. These, asked in turn, see that they belong to a list under way and answer with
    their fields alone; without that, each would recurse into its inputs.
    """
    header = getattr(_pickling, "header", lambda: None)()
    before: tuple[Any, ...] = ()
    if header is None or node not in header.nodes:
        ancestors = topological(node)[:-1]
        if ancestors:
            header = _Header(ancestors)
            _pickling.header = weakref.ref(header)
            before = (header, *ancestors)
    fields = (node._op, node._data, node._grad, node._inputs, node._partials, node._label)  # noqa: SLF001
    return _restore_last, (before, restore, *fields)


def _no_header() -> None:
    """Load a header: it has served."""


def _restore_last(
    before: tuple[Any, ...],  # noqa: ARG001 - loaded first, so that the inputs exist
    restore: Callable[..., "Value"],
    *fields: Any,
) -> "Value":
    """Rebuild a node once its ancestors are there."""
    return restore(*fields)
