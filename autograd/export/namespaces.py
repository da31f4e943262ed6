"""The functions of a target by name: its own, and what the table makes of these.

A target brings the base functions (``exp``, ``where``, ``max`` along the first axis, ...); what it
lacks is compiled from the lines below and from the table's own rules.
"""

import builtins
from collections.abc import Iterable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any

import numpy as np

from autograd.export.program import refuse
from autograd.primitives import CONSTANTS, LIST_FUNCTIONS, TABLE
from autograd.rules import parsing
from autograd.rules.backends import define, execute, signature, written
from autograd.rules.parsing import for_arrays

# What programs call beside the table's functions, and shorter forms of a few of these. ``let`` is
# for targets that write text: it gives what follows a name.
LINES = {
    "softmax(xs)": "shifted(let(exp(xs - let(max(xs)))))",
    "shifted(parts)": "parts / let(sum(parts))",
    "logsumexp(xs)": "above(xs, let(max(xs)))",
    "above(xs, m)": "m + log(sum(exp(xs - m)))",
    "cross_entropy(xs, k)": "logsumexp(xs) - take(xs, k)",
    "cross_entropy_softmax(xs, k)": "(cross_entropy(xs, k), softmax(xs))",
    "sigmoid(x)": "1 / (1 + exp(-x))",
    "softplus(x)": "maximum(x, 0.0) + log1p(exp(-abs(x)))",
    "sigmoid_cross_entropy(x, y)": "softplus(x) - x * y",
    "relu(x)": "maximum(x, 0.0)",
    "hypot(x, y)": "sqrt(x * x + y * y)",
    "norm(xs)": "sqrt(sum(xs * xs))",
    "shares(xs, z)": "shared(let(where(xs == z, 1.0, 0.0)))",
    "shared(hits)": "hits / let(sum(hits))",
    "product_error(x, y)": "0.0",
    "same(x, y)": "where(x == y, 1.0, 0.0)",
    "exp_difference(x, m)": "exp(x - m)",
    "asarray(x)": "x",
}

REFUSED = ("complements", "positions", "sum_except")  # what is left: the table does without


def namespace(
    base: Mapping[str, Any],
    label: str,
    refused: Iterable[str] = (),
    formulas: Mapping[str, str] = MappingProxyType({}),
) -> dict[str, Any]:
    """Return all functions of programs by name, from the base functions of a place.

    ``refused`` are names that it has no function for, ``formulas`` lines as those above.
    """
    names: dict[str, Any] = {
        **{name: getattr(builtins, name) for name in sorted(parsing.SAFE_BUILTINS)},
        **CONSTANTS,
        "let": lambda x: x,
        **{name: partial(refuse, name, label) for name in (*REFUSED, *refused)},
        **base,
    }
    sources = {  # what comes later is in the place of what came before
        name: written(name, entry.arguments, entry, for_arrays)
        for name, entry in LIST_FUNCTIONS.items()
    }
    for entry in TABLE.values():
        sources[entry.name] = written(entry.name, signature(entry), entry, for_arrays)
    for head, body in {**LINES, **formulas}.items():
        name, _, arguments = head[:-1].partition("(")
        sources[name] = define(name, (arguments,), body)
    for name, source in sources.items():
        if name not in names:
            names.update(execute(source, f"{name} for {label}", names))
    return names


def constant(x: Any, name: str, kind: str, why: str) -> int:
    """Return a whole number that a place wants to know when the program is taken there."""
    if not isinstance(x, (int, float)):
        refuse(name, kind, why=why)
    return int(x)


def numpy_name(function: Any) -> str:
    """Return the name of a function that is NumPy's own, "" of another.

    >>> numpy_name(np.arctan2), numpy_name(len)
    ('arctan2', '')
    """
    own = getattr(function, "__name__", "")
    return own if getattr(np, own, None) is function else ""
