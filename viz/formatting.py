"""Formatting of names and numbers for pictures, tables and pages."""

import re
from collections.abc import Callable, Sequence

from autograd._checks import check_type, error_text, whole_number
from autograd.expressions import END, ISOLATE, MINUS

ELLIPSIS = "…"
_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")

# What no page, picture or terminal can show, or what would turn the text around it: control
# characters, halves of surrogate pairs, noncharacters, and marks that begin or end a direction.
_HIDDEN = (
    r"\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069"
    r"\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff"
)
_LINE_END = re.compile(r"\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_ISOLATED_OR_HIDDEN = re.compile(rf"({ISOLATE}[^{_HIDDEN}]*{END})|[{_HIDDEN}]")


def printable(text: str) -> str:
    r"""Replace what cannot be shown by the replacement character.

    Line breaks are kept, and a tab becomes a space, as in SVG and HTML. A text that is
    isolated from the direction of its surroundings stays isolated.

    >>> printable("\\Gamma\t\x07 \ud800\u200d")
    '\\Gamma � �\u200d'
    """
    text = _ISOLATED_OR_HIDDEN.sub(lambda match: match[1] or "\N{REPLACEMENT CHARACTER}", text)
    return _LINE_END.sub("\n", text).replace("\t", " ")


def encodable(text: str) -> str:
    r"""Replace lone surrogates, which cannot be encoded.

    >>> encodable("a\ud800")
    'a�'
    """
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def shorten(text: str, width: int = 24) -> str:
    """Truncate a long name in the middle, where names differ least.

    >>> shorten("a_very_long_name_of_a_value", 12)
    'a_very…value'
    """
    text = " ".join(text.split())
    if len(text) <= width:
        return text
    return f"{text[: width // 2]}{ELLIPSIS}{text[-((width - 1) // 2) :]}"


def subscript(number: str) -> str:
    """Write decimal digits as subscripts.

    >>> subscript("12")
    '₁₂'
    """
    return number.translate(_SUBSCRIPTS)


def superscript(numbers: Sequence[str]) -> str:
    """Write numbers as a superscript.

    >>> superscript(["0", "3"])
    '⁽⁰·³⁾'
    """
    return f"⁽{'·'.join(n.translate(_SUPERSCRIPTS) for n in numbers)}⁾"


Formatter = Callable[[float], str]
DASH = "\N{EN DASH}"  # for a number that is not known


def formatter(digits: int, format: str | Formatter | None) -> Formatter:
    """Return the function that formats numbers, from significant digits, a format, or a callable.

    >>> write = formatter(4, None)
    >>> write(-0.61594), write(30.0), write(1e-5), write(float("-inf"))
    ('−0.6159', '30', '1e−5', '−inf')
    >>> formatter(4, ".2f")(-84)
    '−84.00'
    """
    digits = whole_number("digits", digits, 1, 17)
    if format is None:
        return lambda x: _tidy(f"{x + 0.0:.{digits}g}")  # -0.0 + 0.0 is 0.0
    if callable(format):
        return lambda x: str(format(x))
    allowed = "a format of floats such as '.2f', a function, or None"
    check_type("format", format, str, allowed)
    try:
        f"{1.5:{format}}"
    except ValueError as cause:
        raise ValueError(error_text("format", format, allowed)) from cause
    return lambda x: _tidy(f"{x:{format}}")


def _tidy(text: str) -> str:
    """Shorten an exponent (1e-05 becomes 1e−5) and use the true minus sign."""
    head, mark, exponent = text.partition("e")
    if mark and exponent[:1] in ("+", "-"):
        text = f"{head}e{int(exponent)}"
    return text.replace("-", MINUS)
