"""Write names short: cut in the middle, with small digits."""

from collections.abc import Sequence

ELLIPSIS = "…"
_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def shorten(text: str, width: int = 24) -> str:
    """Cut a long name in the middle, where names differ least.

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
