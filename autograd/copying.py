"""Copy and pickle whole graphs without recursion, however deep they are."""

import gc
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import repeat
from operator import is_
from typing import Any, TypeVar

from autograd._checks import as_float, checked_label
from autograd._frames import users_line
from autograd.context import context, is_traced, on_concretize, transforming
from autograd.engine.reverse import Pullback
from autograd.errors import ConcretizationError, shown
from autograd.graph import Node, walk
from autograd.primitives import CHECKPOINT, CONSTANT, DETACHED, LEAF, TABLE

N = TypeVar("N", bound=Node)
Maker = Callable[..., N]
_SEEN = object()  # its id is the key, in a deepcopy's memo, of the nodes copied so far


def deep(root: N, memo: dict[int, Any], make: Maker[N]) -> N:
    """Copy the graph beneath a node, sharing what this deepcopy has copied already.

    The gradient flows on into what a function copies of its arguments: while it is traced, a copy
    is the node itself; while it is differentiated, the leaves are, and what depends on them alone.
    """
    if is_traced(root):
        return root
    own = _differentiated()
    seen = memo.setdefault(id(_SEEN), set())  # also keeps the nodes, hence their ids, in use
    with _collector_paused():
        for node in walk([root], seen):
            if id(node) in memo:  # the caller gave a replacement
                continue
            inputs = tuple([memo[id(x)] for x in node._inputs])
            if own and _is_own(node, inputs, own):
                memo[id(node)] = node
                continue
            memo[id(node)] = make(node._op, node._data, node._grad, inputs, kept(node), node._label)
    made: N = memo[id(root)]
    return made


def shallow(node: N, make: Maker[N]) -> N:
    """Copy one node: its inputs are those of the original; see `deep` for functions' arguments."""
    if is_traced(node) or (transforming() and (node._inputs or node in _differentiated())):
        return node
    return make(node._op, node._data, node._grad, node._inputs, kept(node), node._label)


def _differentiated() -> set[Any]:
    """Return the leaves of the derivatives that are being taken in this thread."""
    return {x for leaves in context.thread.transforms for x in leaves} if transforming() else set()


def _is_own(node: Node, inputs: tuple[Any, ...], own: set[Any]) -> bool:
    """Whether a node is its own copy: a leaf, or computed from nothing else."""
    if not inputs:
        return node in own or node._op == CONSTANT
    return all(x is y for x, y in zip(inputs, node._inputs, strict=True))


def kept(node: Node) -> Any:
    """Return a node's local derivatives as a copy has them: numbers, or a rule without a graph."""
    return node._partials if node._pullback is None else node._pullback.for_copy()


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
    # the search takes the list on as far as the node
    if session is not None and any(map(is_, session.pending, repeat(node))):
        return make, fields
    if session is None or node in session.seen:
        session = _Session()
        _latest.session = weakref.ref(session)
    ancestors = [x for x in walk([node], session.seen)[:-1] if x._inputs]
    session.pending = iter(ancestors)
    return _make_last, ((session, *ancestors), make, *fields)


def check_free(node: Node) -> None:
    """Refuse to pickle a node whose gradient, or place in a program, would be lost by it."""
    if context.active:
        on_concretize("pickle", node)
    if transforming() and node._op not in DETACHED:
        raise ConcretizationError(
            f"pickle of {node!r} would lose its gradient while a derivative is being taken, at "
            f"{users_line()}; pickle v.detach(), or v.data where the number alone is meant"
        )


def checked(
    kind: type, op: Any, data: Any, grad: Any, label: Any, partials: Any, inputs: tuple[Any, ...]
) -> tuple[float, float | None, tuple[Any, ...], Any, str | None]:
    """Check the fields of a node that comes from a pickle; return them as `restore` takes them.

    Raises TypeError or ValueError, naming what is wrong: a pickle may be forged.
    """
    _check_known(op)
    for x in inputs:
        if type(x) is not kind:
            raise TypeError(f"the pickle has {shown(x)} among the inputs of {op!r}, not a Value")
    if not isinstance(partials, Pullback):
        partials = tuple([as_float(d, "the pickle's partials") for d in _row(partials)])
        if len(partials) != len(inputs):
            raise ValueError(
                f"the pickle has {len(inputs)} inputs and {len(partials)} partials of {op!r}"
            )
    if not _fits(op, len(inputs)):
        raise ValueError(f"the pickle has {len(inputs)} inputs of {op!r}, which takes others")
    data = as_float(data, "the pickle's data")
    grad = None if grad is None else as_float(grad, "the pickle's grad")
    return data, grad, inputs, partials, None if label is None else checked_label(label)


def _row(partials: Any) -> tuple[Any, ...]:
    if type(partials) is not tuple:
        raise TypeError(f"the pickle has {shown(partials)} for partials, not a tuple")
    return partials


def _fits(op: str, count: int) -> bool:
    """Whether an operation can have so many inputs."""
    if op in {LEAF, CONSTANT}:
        return count == 0
    if op == CHECKPOINT:
        return True
    entry = TABLE[op]
    return count > 0 if entry.variadic else count == len(entry.arguments)


def _check_known(op: Any) -> None:
    """Raise ValueError where a pickle has an operation that nothing defines."""
    if not isinstance(op, str) or (op not in TABLE and op not in {LEAF, CONSTANT, CHECKPOINT}):
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
