"""Write names so that they can be shown, and short: cut in the middle, with small digits."""

import re
from collections.abc import Sequence

from autograd.expressions.latex import END, ISOLATE

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
    r"""Exchange what cannot be shown for the replacement character; all else stays as typed.

    Lines stay apart, and a tab is a space, as SVG and HTML have it. A text that is isolated from
    the direction of its surroundings as a whole stays so.

    >>> printable("\\Gamma\t\x07 \ud800\u200d")
    '\\Gamma � �\u200d'
    """
    text = _ISOLATED_OR_HIDDEN.sub(lambda match: match[1] or "\N{REPLACEMENT CHARACTER}", text)
    return _LINE_END.sub("\n", text).replace("\t", " ")


def encodable(text: str) -> str:
    r"""Exchange halves of surrogate pairs, which no file can hold.

    >>> encodable("a\ud800")
    'a�'
    """
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


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
