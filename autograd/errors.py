"""Exceptions and warnings, helpers for their texts, and the import of optional packages."""

import importlib
from types import ModuleType
from typing import Any


class MissingExtraError(ImportError):
    """Raised when an optional package is needed that is not installed."""


class ConcretizationError(TypeError):
    """Raised where a `Value` would become a plain number, which has no gradient and is not traced.

    docs/how-to/numbers.md has a table of which conversions are allowed where.
    """


class ImpureFunctionError(TypeError):
    """Raised when a compiled function, traced again, behaves differently than before.

    docs/how-to/compile.md explains what a program assumes, and what to do.
    """


class SpecializationWarning(UserWarning):
    """Warns that a compiled function runs eagerly, as it would need too many specializations.

    The results are right, but slow; docs/how-to/compile.md has alternatives.
    """


class CollectiveError(RuntimeError):
    """Raised when a step that several processes share fails, mostly because one of them has ended.

    docs/scale.md says how soon the others end, and how all go on from a checkpoint.
    """


class LoweringError(AssertionError):
    """Raised when a compiled program differs from its trace: a bug of the compiler."""


def shown(thing: object) -> str:
    """Describe the value of a wrong argument briefly.

    >>> shown("abc"), shown([1, 2, 3]), shown(None), shown(2.5)
    ("a str ('abc')", 'a list of 3', 'None', 'a float (2.5)')
    """
    if thing is None:
        return "None"
    kind = type(thing).__name__
    article = _article(kind)
    shape = getattr(thing, "shape", None)
    if isinstance(shape, tuple) and shape:
        return f"{article} {kind} of shape {shape}"
    if isinstance(thing, (list, tuple, dict, set, frozenset)):
        return f"{article} {kind} of {len(thing)}"
    return f"{article} {kind} ({brief(thing)})"


def _article(kind: str) -> str:
    """Return "a" or "an", by the pronunciation: an int, a uint8, an ndarray, an MLP."""
    spelt = kind[:2].isupper() or kind.startswith("nd")
    vowels = "AEFHILMNORSX" if spelt else "AEIO" if kind.startswith("uint") else "AEIOU"
    return "an" if kind[0].upper() in vowels else "a"


def brief(thing: object, width: int = 40) -> str:
    """Return a short repr that never fails; the digits of a huge int are not computed.

    >>> brief("abc"), brief(10**400)
    ("'abc'", 'of 1329 bits')
    """
    if isinstance(thing, int) and thing.bit_length() > 4 * width:
        return f"of {thing.bit_length()} bits"
    try:
        text = repr(thing)
    except Exception:  # noqa: BLE001 - a foreign repr may fail in any way, our message must not
        return "whose repr fails"
    return text if len(text) <= width else text[: width - 1] + "…"


def require(module: str, *, extra: str) -> ModuleType:
    """Import an optional package, or raise an error that names the extra to install.

    >>> require("math", extra="plot").__name__
    'math'
    >>> require("no_such_package", extra="plot")
    Traceback (most recent call last):
    autograd.errors.MissingExtraError: this needs no_such_package: pip install
    "scalar-autograd[plot]"
    """
    try:
        return importlib.import_module(module)
    except ImportError as cause:
        name = module.partition(".")[0]
        raise MissingExtraError(
            f'this needs {name}: pip install "scalar-autograd[{extra}]"'
        ) from cause


def list_of(names: Any) -> str:
    """Join names for a message: ``a, b or c``.

    >>> list_of(["svg", "png", "pdf"])
    'svg, png or pdf'
    """
    *most, last = names
    return f"{', '.join(most)} or {last}" if most else str(last)
