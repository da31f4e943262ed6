"""Programs that are kept on what they were compiled for: a model, or a function.

A program refers to the function that it was traced from, so a weak dictionary would keep both for
ever. In the thing itself it makes a cycle, which the collector frees with the thing.
"""

from collections.abc import Callable, Sequence
from types import MethodType
from typing import Any, Generic, TypeVar

from autograd.compiler.captured import Captured, captured, same_callable

T = TypeVar("T")
MAX_PROGRAMS = 4  # of one thing; the least recently used are dropped


class Uncaptured:
    """What a thing holds beside what it computes with: programs go on to hold when it changes."""


class ProgramCache(Uncaptured):
    """What was compiled for one thing. A copy of it, or what is unpickled, is empty."""

    def __init__(self) -> None:
        self.entries: list[tuple[Loan[Any], Captured]] = []  # the last used last

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), ()


class Loan(Generic[T]):
    """What was compiled for a thing, in the hands of who uses it.

    Programs hold for what the functions capture, so `give_back` keeps them only if that is what it
    was when they were borrowed.
    """

    def __init__(self, owner: Any, functions: Sequence[Any], settings: Any, compiled: T) -> None:
        self.owner, self.functions, self.settings = owner, tuple(functions), settings
        self.compiled = compiled
        self.before: Captured | None = None

    def give_back(self, attribute: str, *, recheck: bool = True) -> None:
        """Keep what was compiled for the next who asks for it.

        Without ``recheck`` nothing else ran since it was borrowed that could change the state.
        """
        held, state = _attributes(self.owner), self.before
        if held is None or state is None:
            return
        if recheck and not state.holds():
            now = self._captured()
            if now is None or not now.same(state):
                return
            state = now
        cache: ProgramCache = held.setdefault(attribute, ProgramCache())
        cache.entries = [*cache.entries[1 - MAX_PROGRAMS :], (self, state)]

    def suits(self, other: "Loan[T]") -> bool:
        """Whether what was compiled is what another one asks for, if the state is the same."""
        return (
            self.owner is other.owner
            and self.settings == other.settings
            and len(self.functions) == len(other.functions)
            and all(map(same_callable, self.functions, other.functions))
        )

    def _captured(self) -> Captured | None:
        return captured(self.owner, self.functions, without=(Uncaptured,))


def borrow(
    owner: Any,
    attribute: str,
    functions: Sequence[Any],
    settings: Any,
    make: Callable[[], T],
) -> Loan[T]:
    """Return what was compiled for a thing, its functions and settings, or make it.

    ``attribute`` is the name under which the thing holds its programs; a thing without attributes
    holds none. Who borrows programs has them alone, until they are given back.

    >>> def f(x):
    ...     return x
    >>> loan = borrow(f, "_programs", (), "numpy", list)
    >>> loan.give_back("_programs")
    >>> borrow(f, "_programs", (), "numpy", list).compiled is loan.compiled
    True
    """
    loan: Loan[Any] = Loan(owner, functions, settings, None)
    known: Loan[T]
    held = _attributes(owner)
    cache: ProgramCache | None = None if held is None else held.get(attribute)
    suited = [] if cache is None else [x for x in reversed(cache.entries) if x[0].suits(loan)]
    entry = next((entry for entry in suited if entry[1].holds()), None)
    if entry is None:
        loan.before = None if held is None else loan._captured()  # noqa: SLF001 - its own module
        entry = next((entry for entry in suited if entry[1].same(loan.before)), None)
    if cache is None or entry is None:
        loan.compiled = make()
        return loan
    cache.entries = [other for other in cache.entries if other is not entry]
    known, state = entry
    known.before = loan.before or state
    return known


def _attributes(owner: Any) -> dict[str, Any] | None:
    """Return the attributes of a thing, to be written to; None where it cannot have any."""
    held = getattr(owner.__self__ if isinstance(owner, MethodType) else owner, "__dict__", None)
    return held if isinstance(held, dict) else None
