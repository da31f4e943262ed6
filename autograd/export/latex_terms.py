"""Terms of LaTeX: numbers, the names of arrays and of their gradients, brackets."""

from dataclasses import dataclass

import numpy as np

from autograd.expressions.dialects import FormulaLevel
from autograd.expressions.latex import name

_, _, SUM, PRODUCT, POWER, ATOM = FormulaLevel
PLACES = (SUM + PRODUCT) / 2  # a product place by place holds less than one of matrices


@dataclass(frozen=True)
class Term:
    """An expression in LaTeX, and how strongly it holds together."""

    text: str
    strength: float = ATOM

    def within(self, least: float) -> str:
        """Write it in a place that wants one of at least some strength."""
        return self.text if self.strength >= least else rf"\left({self.text}\right)"


def number(x: float) -> Term:
    r"""Write a number, to six digits.

    >>> print(number(3.0).text, number(0.25).text, number(1e-05).text, number(-2.5).text)
    3 0.25 10^{-5} -2.5
    """
    if not np.isfinite(x):
        text = r"\mathrm{nan}" if np.isnan(x) else r"\infty" if x > 0 else r"-\infty"
        return Term(text, SUM if x < 0 else ATOM)
    digits, _, power = f"{x:.6g}".partition("e")
    if power:
        digits = "" if digits == "1" else rf"{digits} \cdot "
        return Term(rf"{digits}10^{{{int(power)}}}", POWER if not digits else PRODUCT)
    return Term(digits, SUM if x < 0 else ATOM)


def label(text: str) -> str:
    r"""Write the name of an array; a gradient is d and its array's name.

    >>> print(label("W1"), label("dZ2"), label("x"))
    W_{1} dZ_{2} x
    """
    if text[:1] == "d" and len(text) > 1 and (text[1].isupper() or not text[1:].isalpha()):
        return gradient_name(text[1:]) if text[1] != "_" else name(f"d{text[2:]}")
    return name(text)


def gradient_name(text: str) -> str:
    """Write the gradient with respect to an array."""
    return f"d{name(text)}"
