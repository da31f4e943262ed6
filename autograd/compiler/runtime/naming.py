"""Names for what a program is given: the user's, where nothing in the program has them."""

import keyword
import re
import unicodedata
from collections.abc import Collection

from autograd.compiler.runtime import array_functions as runtime
from autograd.rules.backends import ARRAYS

# What programs, here and exported, name themselves. Results (Z1, A1, T1) make way for a name that
# is given; their constants, and what is derived of results, do not.
RESERVED = frozenset({
    *keyword.kwlist, *ARRAYS, *runtime.FUNCTIONS,
    "n", "J", "np", "math", "float", "print", "each", "program",
})  # fmt: skip
GENERATED = re.compile(r"(P|C|mask|index|d_|d[ZATP])\d+")


def unique(name: str, taken: set[str]) -> str:
    """Take a name, with a number added where it is taken or the program needs it itself.

    >>> taken = {"x"}
    >>> [unique(name, taken) for name in ("x", "lambda", "exp", "dx", "y", "y")]
    ['x_2', 'lambda_2', 'exp_2', 'dx_3', 'y', 'y_2']
    """
    name = unicodedata.normalize("NFKC", name)  # as Python reads it
    stem = f"{name}_" if GENERATED.fullmatch(f"{name}_2") else name  # "d_2" is never free
    chosen, i = name, 1
    while _clashes(chosen, taken):
        i += 1
        chosen = f"{stem}_{i}"
    taken.add(chosen)
    return chosen


def _clashes(name: str, taken: Collection[str]) -> bool:
    """Whether something else has the name, or its gradient has, or it has a gradient's."""
    return (
        name in taken
        or f"d{name}" in taken
        or (name.startswith("d") and name[1:] in taken)
        or name in RESERVED
        or name in ARRAYS  # users' own operations, too
        or GENERATED.fullmatch(name) is not None
    )
