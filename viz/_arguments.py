"""Checks of the results passed to public functions; `autograd._checks` has all other checks."""

from collections.abc import Iterable, Mapping

from autograd import Value
from autograd._checks import check_type, error_text


def check_result(J: object, function: str) -> Value:
    """Check that a result can be differentiated, and return it."""
    check_type("J", J, Value, "a Value")
    assert isinstance(J, Value)
    if J.is_constant:
        raise ValueError(
            f"{function}: {J!r} is a constant and has no derivatives; build it from leaf Values, "
            "outside no_grad() and without detach()"
        )
    return J


def check_values(name: str, things: object) -> tuple[Value, ...]:
    """Check one or several Values, and return them as a tuple.

    >>> check_values("path", [])
    Traceback (most recent call last):
    ValueError: path: got a list of 0; allowed: a Value or a list of Values
    """
    if isinstance(things, Value):
        return (things,)
    allowed = "a Value or a list of Values"
    if isinstance(things, (str, bytes, Mapping)) or not isinstance(things, Iterable):
        hint = "give what a call of it returns" if callable(things) else ""  # a model, mostly
        raise TypeError(error_text(name, things, allowed, hint))
    values = tuple(things)
    for i, value in enumerate(values):
        check_type(f"{name}[{i}]", value, Value, "a Value")
    if not values:
        raise ValueError(error_text(name, things, allowed))
    return values
