"""Names for what a program is given: the user's, where nothing in the program has them."""

import keyword
import re
import unicodedata
from collections.abc import Collection

from autograd.compiler import runtime
from autograd.readings import ARRAYS

# A program's own: the number of samples, the loss; then its constants, and gradients by number.
# Results (Z1, A1, T1) make way for a name that is given, what is derived of them does not.
OWN = frozenset({"n", "J", *ARRAYS, *runtime.FUNCTIONS})
GENERATED = re.compile(r"(P|C|mask|index|d_|d[ZATP])\d+")


def unique(name: str, taken: Collection[str]) -> str:
    """Add a number to a name that is taken, or that the program needs itself.

    >>> unique("x", {"x"}), unique("lambda", ()), unique("exp", ()), unique("dx", {"x"})
    ('x_2', 'lambda_2', 'exp_2', 'dx_2')
    """
    name = unicodedata.normalize("NFKC", name)  # as Python reads it
    chosen, i = name, 1
    while _clashes(chosen, taken):
        i += 1
        chosen = f"{name}_{i}"
    return chosen


def _clashes(name: str, taken: Collection[str]) -> bool:
    """Whether something else has the name, or its gradient has, or it has a gradient's."""
    return (
        name in taken
        or f"d{name}" in taken
        or (name.startswith("d") and name[1:] in taken)
        or name in OWN
        or keyword.iskeyword(name)
        or GENERATED.fullmatch(name) is not None
    )
