"""Check the arguments that public functions share."""

import math
from collections.abc import Iterable, Mapping

from autograd import Value
from autograd.errors import list_of, shown

MAX_LIMIT = 500  # nodes beside a program: beyond, no reader gets through


def check_result(J: object, function: str) -> Value:
    """Check that a result can be differentiated, and return it."""
    if not isinstance(J, Value):
        raise TypeError(f"{function} takes a Value, not {shown(J)}")
    if J.is_constant:
        raise ValueError(
            f"{function}: {J!r} is a constant and has no derivatives; build it from leaf Values, "
            "outside no_grad() and without detach()"
        )
    return J


def check_count(what: str, count: object, least: int, otherwise: str) -> int | None:
    """Check a count and return it; None means what ``otherwise`` says.

    >>> check_count("limit", 1, 2, "all")
    Traceback (most recent call last):
    ValueError: limit must be an int of at least 2, or None for all, not an int (1)
    """
    if count is None:
        return None
    if isinstance(count, bool) or not isinstance(count, int) or count < least:
        allowed = f"an int of at least {least}, or None for {otherwise}"
        raise ValueError(f"{what} must be {allowed}, not {shown(count)}")
    return count


def check_limit(limit: object) -> int:
    """Check the number of nodes up to which each is drawn beside a program, and return it.

    >>> check_limit(0)
    0
    """
    if isinstance(limit, bool) or not isinstance(limit, int) or not 0 <= limit <= MAX_LIMIT:
        raise ValueError(f"limit must be an int from 0 to {MAX_LIMIT}, not {shown(limit)}")
    return limit


def check_results(J: object, function: str) -> tuple[Value, ...]:
    """Check one or several results, and return them as a tuple."""
    if isinstance(J, Value):
        return (J,)
    if isinstance(J, (str, bytes, Mapping)) or not isinstance(J, Iterable):
        hint = "; give what a call of it returns" if callable(J) else ""  # a model, mostly
        raise TypeError(f"{function} takes a Value or a list of Values, not {shown(J)}{hint}")
    roots = tuple(J)
    for root in roots:
        if not isinstance(root, Value):
            raise TypeError(
                f"{function} takes a Value or a list of Values; the list has {shown(root)}"
            )
    if not roots:
        raise ValueError(f"{function} takes a Value or a list of Values, and this list is empty")
    return roots


def check_positive(name: str, number: object) -> None:
    """Check that an argument is a positive number.

    >>> check_positive("seconds", -1)
    Traceback (most recent call last):
    ValueError: seconds must be a positive number, not an int (-1)
    """
    is_number = isinstance(number, (int, float)) and not isinstance(number, bool)
    if not is_number or not 0 < number < math.inf:  # type: ignore[operator]
        raise ValueError(f"{name} must be a positive number, not {shown(number)}")


def check_choice(what: str, value: object, allowed: tuple[str, ...]) -> str:
    """Check that an argument is one of the texts allowed, and return it.

    >>> check_choice("theme", "neon", ("light", "dark", "auto"))
    Traceback (most recent call last):
    ValueError: theme must be 'light', 'dark' or 'auto', not a str ('neon')
    """
    if isinstance(value, str) and value in allowed:
        return value
    raise ValueError(f"{what} must be {list_of(map(repr, allowed))}, not {shown(value)}")
