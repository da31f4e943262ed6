"""Argument checks with one wording for all: numbers, labels, options, keywords.

An error names the argument, what it got, what is allowed and, where that is known, what to do:
``rate: got a str ('fast'); allowed: a number above 0``. An argument of the wrong type is a
TypeError; a number out of range or an unknown option is a ValueError.
"""

import functools
import inspect
import math
import sys
from collections.abc import Callable, Collection, Iterable, Mapping
from decimal import Decimal
from difflib import get_close_matches
from fractions import Fraction
from numbers import Number
from operator import index
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from autograd.errors import list_of, shown

T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., Any])
ALLOWED = "one real number: an int, float, bool, Fraction, Decimal, or a scalar or 0-d array"


def as_float(thing: Any, where: str, allowed: str = ALLOWED) -> float:
    """Convert a real number to float; TypeError for anything else, OverflowError for a huge int.

    >>> as_float(True, "Value"), as_float(np.float32(0.5), "Value")
    (1.0, 0.5)
    >>> as_float("abc", "Value")
    Traceback (most recent call last):
    TypeError: Value: got a str ('abc'); allowed: one real number: an int, float, bool, Fraction,
    Decimal, or a scalar or 0-d array
    """
    number = float_or_none(thing, where)
    if number is None:
        raise TypeError(error_text(where, thing, allowed, _advice(thing, where)))
    return number


def is_masked(thing: Any) -> bool:
    """Whether a thing is a masked array. There is none where nothing has imported `numpy.ma`.

    NumPy imports that module when it is first named, which takes 10 ms.
    """
    module = sys.modules.get("numpy.ma")
    return module is not None and isinstance(thing, module.MaskedArray)


def _advice(thing: Any, where: str) -> str:
    """Return a hint at what was probably meant, or an empty str."""
    several = isinstance(thing, (list, tuple)) or (isinstance(thing, np.ndarray) and thing.ndim)
    if where == "Value" and several:
        return "autograd.values makes a Value of each number of a list"
    return "zero_grad() resets a gradient" if where == "grad" and thing is None else ""


def float_or_none(thing: Any, where: str = "operand") -> float | None:
    """Convert a real number to float; return None for anything else.

    >>> from fractions import Fraction
    >>> float_or_none(Fraction(1, 4)), float_or_none(np.array(0.5)), float_or_none("1")
    (0.25, 0.5, None)
    """
    if isinstance(thing, (float, int, Fraction, Decimal)):
        try:
            number = float(thing)
        except OverflowError:
            number = math.inf
        except ValueError:  # a signalling nan
            return None
        if math.isinf(number) and number != thing:
            raise OverflowError(
                f"{where}: got {shown(thing)}, beyond the largest float (1.8e308); scale it down"
            )
        return number
    array = thing if isinstance(thing, np.generic) else as_ndarray(thing)
    if (
        array is not None
        and array.ndim == 0
        and array.dtype.kind in "biuf"
        and not is_masked(array)
    ):
        return float(array)
    return None


def as_ndarray(thing: Any) -> NDArray[Any] | None:
    """Return an array, that of another library as NumPy's; None for anything else.

    A tensor of PyTorch, an array of JAX, a column or table of pandas are such. None also for what
    its library does not hand over, as a tensor whose gradient would be lost.

    >>> as_ndarray(memoryview(b"ab")) is as_ndarray([1.0]) is as_ndarray(1.0) is None
    True
    """
    if isinstance(thing, np.ndarray):
        return thing
    if isinstance(thing, np.generic) or not hasattr(type(thing), "__array__"):
        return None
    try:
        return np.asarray(thing)
    except (TypeError, ValueError, RuntimeError):
        return None


def comparable(thing: Any) -> Any:
    """Return a number that floats can be compared with, or None for what is no number.

    >>> from fractions import Fraction
    >>> comparable(10**400) == 10**400, comparable(Fraction(1, 3)), comparable("1")
    (True, Fraction(1, 3), None)
    """
    if isinstance(thing, (float, int, Fraction, Decimal)):
        return thing  # ints of any size
    number = float_or_none(thing)
    return thing if number is None and isinstance(thing, Number) else number


def real_array(numbers: Any, where: str) -> NDArray[np.float64]:
    """Convert to an array of floats; TypeError for anything but real numbers.

    >>> real_array([1, 2], "set_data")
    array([1., 2.])
    >>> real_array([1j], "set_data")
    Traceback (most recent call last):
    TypeError: set_data: got a list of 1; allowed: real numbers, in rows of one length
    """
    try:
        array = np.asarray(numbers)
        if array.dtype.kind == "O":  # Python ints of any size, among others
            array = np.array([as_float(x, where) for x in array.flat]).reshape(array.shape)
    except OverflowError:
        raise
    except (TypeError, ValueError) as error:
        raise _no_array(numbers, where) from error
    if array.dtype.kind not in "biuf" or is_masked(array):
        raise _no_array(numbers, where)
    with np.errstate(over="ignore"):  # a long double beyond the largest float is inf
        return np.ascontiguousarray(array, dtype=float).reshape(array.shape)


def _no_array(numbers: Any, where: str) -> TypeError:
    return TypeError(error_text(where, numbers, "real numbers, in rows of one length"))


def checked_label(label: Any) -> str:
    """Return the label as a plain str (``np.str_`` is a subclass); TypeError if it is no str."""
    if type(label) is str:
        return label
    check_type("label", label, str, "a str or None")
    return str.__str__(label)


def error_text(name: str, value: object, allowed: str, hint: str = "") -> str:
    """Build the text of an error: what the argument got, what is allowed, and a hint.

    >>> error_text("theme", "neon", "'light' or 'dark'", "dark suits slides")
    "theme: got a str ('neon'); allowed: 'light' or 'dark'; dark suits slides"
    """
    return f"{name}: got {shown(value)}; allowed: {allowed}{'; ' if hint else ''}{hint}"


def check_type(name: str, value: object, kinds: Any, allowed: str, hint: str = "") -> None:
    """Raise TypeError unless the value is an instance of ``kinds``, as for ``isinstance``.

    >>> check_type("schedule", 0.9, Callable, "a function")
    Traceback (most recent call last):
    TypeError: schedule: got a float (0.9); allowed: a function
    """
    if not isinstance(value, kinds):
        raise TypeError(error_text(name, value, allowed, hint))


def whole_number(
    name: str, number: object, least: int = 1, most: int | None = None, *, otherwise: str = ""
) -> int:
    """Return a whole number within bounds as an int; ``otherwise`` names what else is allowed.

    >>> whole_number("nout", np.int64(3))
    3
    >>> whole_number("nout", 0)
    Traceback (most recent call last):
    ValueError: nout: got an int (0); allowed: a whole number of at least 1
    >>> whole_number("limit", 2.5, 0, 500, otherwise="None for all")
    Traceback (most recent call last):
    TypeError: limit: got a float (2.5); allowed: a whole number from 0 to 500, or None for all
    """
    kind: type[Exception] = ValueError
    try:
        whole = index(None if isinstance(number, bool) else number)  # type: ignore[arg-type]
    except TypeError:
        kind = TypeError
    else:
        if least <= whole and (most is None or whole <= most):
            return whole
    bounds = f"of at least {least}" if most is None else f"from {least} to {most}"
    allowed = f"a whole number {bounds}" + (f", or {otherwise}" if otherwise else "")
    raise kind(error_text(name, number, allowed))


def optional_whole_number(
    name: str, number: object, least: int = 1, otherwise: str = "None"
) -> int | None:
    """Like `whole_number`, but None is allowed too; ``otherwise`` describes None.

    >>> optional_whole_number("depth", 2, 0), optional_whole_number("depth", None, 0)
    (2, None)
    """
    return None if number is None else whole_number(name, number, least, otherwise=otherwise)


def real_number(
    name: str,
    number: Any,
    low: float = -math.inf,
    high: float = math.inf,
    *,
    open_low: bool = False,
    finite: bool = True,
    otherwise: str = "",
) -> float:
    """Return a real number in the interval [low, high) as a float.

    With ``open_low`` the interval is (low, high); ``finite=False`` allows any number, inf and nan
    included. Complex numbers are refused, never truncated.

    >>> real_number("momentum", np.float32(0.5), 0, 1)
    0.5
    >>> real_number("momentum", 1.5, 0, 1)
    Traceback (most recent call last):
    ValueError: momentum: got a float (1.5); allowed: a number of at least 0 and below 1
    >>> real_number("lr", 0.0, 0, open_low=True)
    Traceback (most recent call last):
    ValueError: lr: got a float (0.0); allowed: a finite number above 0
    >>> real_number("mean", np.complex128(1j), finite=False)
    Traceback (most recent call last):
    TypeError: mean: got a complex128 (np.complex128(1j)); allowed: a number
    """
    kind: type[Exception] = ValueError
    if type(number) is not float and (
        isinstance(number, bool | str | bytes | np.complexfloating)
        or is_masked(number)
        or getattr(number, "ndim", False)
        or not hasattr(number, "__float__")
    ):
        kind = TypeError
    else:
        try:
            value = float(number)
        except OverflowError:
            kind = OverflowError
        else:
            above = value > low if open_low else value >= low
            if not finite or (math.isfinite(value) and above and value < high):
                return value
    allowed = _interval(low, high, open_low) if finite else "a number"
    raise kind(error_text(name, number, allowed + (f", or {otherwise}" if otherwise else "")))


def _interval(low: float, high: float, open_low: bool) -> str:
    above = [f"above {low:g}" if open_low else f"of at least {low:g}"] if low > -math.inf else []
    below = [f"below {high:g}"] if high < math.inf else []
    number = "a number" if below else "a finite number"
    return f"{number} {' and '.join(above + below)}".rstrip()


def one_of(
    name: str, value: object, allowed: Collection[str], *, otherwise: str = "", hint: str = ""
) -> str:
    """Return an option if it is one of those allowed; ``otherwise`` names what else is allowed.

    >>> one_of("reduce", "mean", ("mean", "sum"))
    'mean'
    >>> one_of("optimiser", "Adma", ["sgd", "adam"], otherwise="an Optimiser")
    Traceback (most recent call last):
    ValueError: optimiser: got a str ('Adma'); allowed: 'sgd', 'adam' or an Optimiser; did you mean
    'adam'?
    """
    if isinstance(value, str) and value in allowed:
        return value
    words = [*map(repr, allowed), *([otherwise] if otherwise else [])]
    kind = ValueError if isinstance(value, str) else TypeError
    raise kind(error_text(name, value, _listed(words), hint or did_you_mean(value, allowed)))


def some_of(
    name: str, value: object, allowed: Collection[str], *, hint: str = ""
) -> tuple[str, ...]:
    """Return one or several options as a tuple, if all are among those allowed.

    >>> some_of("show", "values", ("values", "gradients"))
    ('values',)
    >>> some_of("show", ["value"], ("values", "gradients"))
    Traceback (most recent call last):
    ValueError: show: got a str ('value'); allowed: 'values' or 'gradients'; did you mean 'values'?
    """
    several = not isinstance(value, str) and isinstance(value, Iterable)
    words: Iterable[object] = value if several else (value,)  # type: ignore[assignment]
    return tuple([one_of(name, word, allowed, hint=hint) for word in words])


def entry_of(name: str, value: object, table: Mapping[str, T], *, otherwise: str = "") -> T:
    """Look an entry up in a table by name, checked as in `one_of`.

    >>> entry_of("colour", "red", {"red": 1, "green": 2})
    1
    """
    return table[one_of(name, value, table, otherwise=otherwise)]


def _listed(words: Collection[str]) -> str:
    return list_of(words) if words else "none"


# Names in other libraries, and American spellings, of arguments and options of this library.
SYNONYMS = {
    "batch": "batch_size",
    "color": "colour",
    "criterion": "loss",
    "device": "engine",
    "figsize": "width",
    "generator": "rng",
    "initializer": "init",
    "kernel_initializer": "init",
    "learning_rate": "lr",
    "loss_fn": "loss",
    "lr_scheduler": "schedule",
    "n_epochs": "epochs",
    "nonlinearity": "activation",
    "num_epochs": "epochs",
    "optimizer": "optimiser",
    "patience": "early_stopping",
    "random_state": "rng",
    "scheduler": "schedule",
    "seed": "rng",
    "validation_data": "validation",
    "validation_split": "validation",
    "verbose": "progress",
}


def did_you_mean(value: object, allowed: Iterable[str]) -> str:
    """Return a hint at the nearest word allowed, or an empty str if none is near.

    >>> did_you_mean("learning_rate", ["lr", "momentum"]), did_you_mean("Re-LU", ["relu", "elu"])
    ("did you mean 'lr'?", "did you mean 'relu'?")
    >>> did_you_mean("xyz", ["lr", "momentum"])
    ''
    """
    words = list(allowed)
    if not isinstance(value, str):
        return ""
    plain = value.lower().replace(" ", "_").replace("-", "_")
    near = [*get_close_matches(plain, words, n=1), *get_close_matches(value, words, n=1)]
    guess = next((word for word in (SYNONYMS.get(plain), *near) if word in words), None)
    return f"did you mean {guess!r}?" if guess else ""


def unknown_keyword(function: str, keyword: str, allowed: Iterable[str]) -> TypeError:
    """Build the error for a keyword that a function does not take.

    >>> unknown_keyword("fit", "optimizer", ["optimiser", "lr"])
    TypeError("fit: got the keyword optimizer; allowed: optimiser or lr; did you mean 'optimiser'?")
    """
    words = list(allowed)
    hint = did_you_mean(keyword, words)
    text = f"{function}: got the keyword {keyword}; allowed: {_listed(words)}"
    return TypeError(f"{text}; {hint}" if hint else text)


def checked_keywords(function: F) -> F:
    """Decorate a function or class so that the error for a misspelt keyword suggests the right one.

    Of a class, the ``__init__`` is decorated, so this goes above ``@dataclass``; the error names
    the class of the object, which may be a subclass.

    >>> @checked_keywords
    ... def train(model, *, optimiser="sgd", lr=0.1):
    ...     return optimiser, lr
    >>> train(None, lr=0.2)
    ('sgd', 0.2)
    >>> train(None, learning_rate=0.2)
    Traceback (most recent call last):
    TypeError: train: got the keyword learning_rate; allowed: model, optimiser or lr; did you mean
    'lr'?
    """
    if isinstance(function, type):
        function.__init__ = checked_keywords(function.__init__)  # type: ignore[misc]
        return function
    parameters = inspect.signature(function).parameters.values()
    named = [p.name for p in parameters if p.kind in {p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY}]
    known = frozenset(named)
    is_init = function.__name__ == "__init__"

    @functools.wraps(function)
    def checked(*args: Any, **kwargs: Any) -> Any:
        if kwargs and not known.issuperset(kwargs):
            wrong = next(name for name in kwargs if name not in known)
            name = type(args[0]).__name__ if is_init else function.__name__
            raise unknown_keyword(name, wrong, named[is_init:])
        return function(*args, **kwargs)

    return checked  # type: ignore[return-value]
