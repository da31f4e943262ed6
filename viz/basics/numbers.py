"""Write numbers as pictures, tables and pages show them."""

from collections.abc import Callable

from autograd.errors import shown
from autograd.expressions.dialects import MINUS

Formatter = Callable[[float], str]
DASH = "\N{EN DASH}"  # for a number that is not known


def formatter(digits: int, format: str | Formatter | None) -> Formatter:
    """Make the function that writes numbers: significant digits, a format, or a callable.

    >>> write = formatter(4, None)
    >>> write(-0.61594), write(30.0), write(1e-5), write(float("-inf"))
    ('−0.6159', '30', '1e−5', '−inf')
    >>> formatter(4, ".2f")(-84)
    '−84.00'
    """
    if isinstance(digits, bool) or not isinstance(digits, int) or not 1 <= digits <= 17:
        raise ValueError(f"digits must be an int from 1 to 17, not {shown(digits)}")
    if format is None:
        return lambda x: _tidy(f"{x + 0.0:.{digits}g}")  # -0.0 + 0.0 is 0.0
    if callable(format):
        return lambda x: str(format(x))
    if not isinstance(format, str):
        raise TypeError(f"format must be text such as '.2f' or a function, not {shown(format)}")
    try:
        f"{1.5:{format}}"
    except ValueError as cause:
        raise ValueError(
            f"format must be a format of floats such as '.2f' or '.3g', not {format!r}"
        ) from cause
    return lambda x: _tidy(f"{x:{format}}")


def _tidy(text: str) -> str:
    """Shorten an exponent (1e-05 becomes 1e−5) and use the true minus sign."""
    head, mark, exponent = text.partition("e")
    if mark and exponent[:1] in ("+", "-"):
        text = f"{head}e{int(exponent)}"
    return text.replace("-", MINUS)
