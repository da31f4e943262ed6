"""Copy and pickle whole graphs without recursion, however deep they are."""

import gc
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from autograd.graph import walk
from autograd.node import Node
from autograd.ops import CHECKPOINT, CONSTANT, LEAF, TABLE

N = TypeVar("N", bound=Node)
Maker = Callable[..., N]
_SEEN = object()  # its id is the key, in a deepcopy's memo, of the nodes copied so far


def deep(root: N, memo: dict[int, Any], make: Maker[N]) -> N:
    """Copy the graph beneath a node, sharing what this deepcopy has copied already."""
    seen = memo.setdefault(id(_SEEN), set())  # also keeps the nodes, hence their ids, in use
    with _collector_paused():
        for node in walk([root], seen):
            if id(node) in memo:  # the caller gave a replacement
                continue
            inputs = tuple([memo[id(x)] for x in node._inputs])
            memo[id(node)] = make(node._op, node._data, node._grad, inputs, kept(node), node._label)
    made: N = memo[id(root)]
    return made


def shallow(node: N, make: Maker[N]) -> N:
    """Copy one node: its inputs are those of the original."""
    return make(node._op, node._data, node._grad, node._inputs, kept(node), node._label)


def kept(node: Node) -> Any:
    """Return a node's local derivatives as a copy has them: numbers, or a rule without a graph."""
    return node._partials if node._later is None else node._later.kept()


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Pause the garbage collector: a graph has no cycles, and walking it takes half of the time."""
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


class _Session:
    """What one pickler was told so far; lives for as long as the pickler remembers it."""

    __slots__ = ("__weakref__", "pending", "seen")

    def __init__(self) -> None:
        self.seen: set[Node] = set()
        self.pending: Iterator[Node] = iter(())

    def __reduce__(self) -> tuple[Callable[[], None], tuple[()]]:
        return _no_session, ()


_latest = threading.local()  # .session: a weak reference


def reduce(node: Node, make: Maker[Any]) -> tuple[Maker[Any], tuple[Any, ...]]:
    """Describe a node to pickle: its ancestors first, in order, then its own fields.

    Pickle asks each node in turn how to pickle it. The first one asked answers with the whole list
    of its ancestors. These are asked next, in the list's order, and answer with their fields
    alone, since pickle has met their inputs; without the list, each would recurse into its inputs.

    Pickle does not say which pickler asks. A node that is asked a second time, or out of order,
    shows that it is another one: a new session begins. So an answer can be longer than needed,
    never wrong, and nothing recurses.
    """
    inputs = node._inputs
    fields = (node._op, node._data, node._grad, node._label, kept(node), *inputs)
    if not inputs:
        return make, fields
    session: _Session | None = getattr(_latest, "session", lambda: None)()
    if session is not None and node in session.pending:  # takes the list on as far as the node
        return make, fields
    if session is None or node in session.seen:
        session = _Session()
        _latest.session = weakref.ref(session)
    ancestors = [x for x in walk([node], session.seen)[:-1] if x._inputs]
    session.pending = iter(ancestors)
    return _make_last, ((session, *ancestors), make, *fields)


def check_known(op: str) -> None:
    """Raise ValueError where a pickle has an operation that nothing defines."""
    if op not in TABLE and op not in {LEAF, CONSTANT, CHECKPOINT}:
        raise ValueError(
            f"the pickle has a node of operation {op!r}, which is not defined here: define it "
            "first (autograd.custom), or import the module that does"
        )


def _no_session() -> None:
    """Load a session: it has served."""


def _make_last(
    before: tuple[Any, ...],  # noqa: ARG001 - loaded first, so that the inputs exist
    make: Maker[N],
    *fields: Any,
) -> N:
    """Rebuild a node once its ancestors are there."""
    return make(*fields)
