"""Check arguments: numbers, labels, one of these words, keywords. One wording for all.

An error names the argument, says what came, what is allowed and, where that is known, what to do:
``rate: got a str ('fast'); allowed: a number above 0``. A thing of the wrong kind is a TypeError; a
number out of range, or an unknown word, is a ValueError.
"""

import functools
import inspect
import math
from collections.abc import Callable, Collection, Iterable, Mapping
from difflib import get_close_matches
from numbers import Number
from operator import index
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from autograd.errors import list_of, shown

T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., Any])
ALLOWED = "one int, float, bool, or a real NumPy scalar or 0-d array"


def as_float(thing: Any, where: str, allowed: str = ALLOWED) -> float:
    """Return the float; TypeError for what is no real number, OverflowError for a huge int.

    >>> as_float(True, "Value"), as_float(np.float32(0.5), "Value")
    (1.0, 0.5)
    >>> as_float("abc", "Value")
    Traceback (most recent call last):
    TypeError: Value: got a str ('abc'); allowed: one int, float, bool, or a real NumPy scalar or
    0-d array
    """
    number = float_or_none(thing, where)
    if number is None:
        raise TypeError(error_text(where, thing, allowed, _advice(thing, where)))
    return number


def _advice(thing: Any, where: str) -> str:
    """Say what does what was probably meant."""
    several = isinstance(thing, (list, tuple)) or (isinstance(thing, np.ndarray) and thing.ndim)
    if where == "Value" and several:
        return "autograd.values makes a Value of each number of a list"
    return "zero_grad() resets a gradient" if where == "grad" and thing is None else ""


def float_or_none(thing: Any, where: str = "operand") -> float | None:
    """Return the float, or None for what is no real number."""
    if isinstance(thing, (float, int)):
        try:
            return float(thing)
        except OverflowError:
            raise OverflowError(
                f"{where}: got {shown(thing)}, beyond the largest float (1.8e308); scale it down"
            ) from None
    if (
        isinstance(thing, (np.generic, np.ndarray))
        and thing.ndim == 0
        and thing.dtype.kind in "biuf"
        and not isinstance(thing, np.ma.MaskedArray)
    ):
        return float(thing)
    return None


def comparable(thing: Any) -> Any:
    """Return what a float can be compared with, as itself or as a float; None for no number.

    >>> from fractions import Fraction
    >>> comparable(10**400) == 10**400, comparable(Fraction(1, 3)), comparable("1")
    (True, Fraction(1, 3), None)
    """
    if isinstance(thing, (float, int)):
        return thing  # ints of any size
    number = float_or_none(thing)
    return thing if number is None and isinstance(thing, Number) else number


def real_array(numbers: Any, where: str) -> NDArray[np.float64]:
    """Return an array of floats; TypeError for what is none, complex numbers included.

    >>> real_array([1, 2], "set_data")
    array([1., 2.])
    >>> real_array([1j], "set_data")
    Traceback (most recent call last):
    TypeError: set_data: got a list of 1; allowed: real numbers, in rows of one length
    """
    try:
        array = np.asarray(numbers)
        if array.dtype.kind == "O":  # Python's whole numbers of any size, among others
            array = np.array([as_float(x, where) for x in array.flat]).reshape(array.shape)
    except OverflowError:
        raise
    except (TypeError, ValueError) as error:
        raise _no_array(numbers, where) from error
    if array.dtype.kind not in "biuf" or isinstance(array, np.ma.MaskedArray):
        raise _no_array(numbers, where)
    with np.errstate(over="ignore"):  # a long double beyond all floats is inf
        return np.ascontiguousarray(array, dtype=float).reshape(array.shape)


def _no_array(numbers: Any, where: str) -> TypeError:
    return TypeError(error_text(where, numbers, "real numbers, in rows of one length"))


def checked_label(label: Any) -> str:
    """Return the label as a plain str, as a `np.str_` is one; TypeError for what is none."""
    check_type("label", label, str, "a str or None")
    return str.__str__(label)


def error_text(name: str, given: object, allowed: str, hint: str = "") -> str:
    """Say what came and what is allowed, as every error of this module does.

    >>> error_text("theme", "neon", "'light' or 'dark'", "dark suits slides")
    "theme: got a str ('neon'); allowed: 'light' or 'dark'; dark suits slides"
    """
    return f"{name}: got {shown(given)}; allowed: {allowed}{'; ' if hint else ''}{hint}"


def check_type(name: str, given: object, kinds: Any, allowed: str, hint: str = "") -> None:
    """Raise TypeError for what is no instance of ``kinds``, a class or several as in `isinstance`.

    >>> check_type("schedule", 0.9, Callable, "a function")
    Traceback (most recent call last):
    TypeError: schedule: got a float (0.9); allowed: a function
    """
    if not isinstance(given, kinds):
        raise TypeError(error_text(name, given, allowed, hint))


def whole_number(
    name: str, number: object, least: int = 1, most: int | None = None, *, otherwise: str = ""
) -> int:
    """Return a whole number within bounds as an int; ``otherwise`` is what else may come.

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
    """Like `whole_number`, but None is allowed too; ``otherwise`` says what None means.

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
    """Return a real number from ``low`` up to, but without, ``high``, as a float.

    ``low`` itself is allowed unless ``open_low`` is set; ``finite=False`` allows any number, inf
    and nan too. An imaginary part is never dropped.

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
    odd = isinstance(number, bool | str | bytes | np.complexfloating | np.ma.MaskedArray)
    if odd or getattr(number, "ndim", False) or not hasattr(number, "__float__"):
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
    name: str, given: object, allowed: Collection[str], *, otherwise: str = "", hint: str = ""
) -> str:
    """Return a word that is one of those allowed; ``otherwise`` is what else may come.

    >>> one_of("reduce", "mean", ("mean", "sum"))
    'mean'
    >>> one_of("optimiser", "Adma", ["sgd", "adam"], otherwise="an Optimiser")
    Traceback (most recent call last):
    ValueError: optimiser: got a str ('Adma'); allowed: 'sgd', 'adam' or an Optimiser; did you mean
    'adam'?
    """
    if isinstance(given, str) and given in allowed:
        return given
    words = [*map(repr, allowed), *([otherwise] if otherwise else [])]
    kind = ValueError if isinstance(given, str) else TypeError
    raise kind(error_text(name, given, _listed(words), hint or did_you_mean(given, allowed)))


def some_of(
    name: str, given: object, allowed: Collection[str], *, hint: str = ""
) -> tuple[str, ...]:
    """Return one or several words as a tuple, each of which is one of those allowed.

    >>> some_of("show", "values", ("values", "gradients"))
    ('values',)
    >>> some_of("show", ["value"], ("values", "gradients"))
    Traceback (most recent call last):
    ValueError: show: got a str ('value'); allowed: 'values' or 'gradients'; did you mean 'values'?
    """
    several = not isinstance(given, str) and isinstance(given, Iterable)
    words: Iterable[object] = given if several else (given,)  # type: ignore[assignment]
    return tuple([one_of(name, word, allowed, hint=hint) for word in words])


def entry_of(name: str, given: object, table: Mapping[str, T], *, otherwise: str = "") -> T:
    """Return a table's entry by its name, as `one_of` checks it.

    >>> entry_of("colour", "red", {"red": 1, "green": 2})
    1
    """
    return table[one_of(name, given, table, otherwise=otherwise)]


def _listed(words: Collection[str]) -> str:
    return list_of(words) if words else "none"


# What other libraries, and American English, call what is an argument or a setting here.
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


def did_you_mean(given: object, allowed: Iterable[str]) -> str:
    """Return the hint for a word that is not allowed; an empty str where none is near.

    >>> did_you_mean("learning_rate", ["lr", "momentum"]), did_you_mean("Re-LU", ["relu", "elu"])
    ("did you mean 'lr'?", "did you mean 'relu'?")
    >>> did_you_mean("xyz", ["lr", "momentum"])
    ''
    """
    words = list(allowed)
    if not isinstance(given, str):
        return ""
    plain = given.lower().replace(" ", "_").replace("-", "_")
    near = [*get_close_matches(plain, words, n=1), *get_close_matches(given, words, n=1)]
    guess = next((word for word in (SYNONYMS.get(plain), *near) if word in words), None)
    return f"did you mean {guess!r}?" if guess else ""


def unknown_keyword(function: str, keyword: str, allowed: Iterable[str]) -> TypeError:
    """Return the error of a keyword that a function does not take.

    >>> unknown_keyword("fit", "optimizer", ["optimiser", "lr"])
    TypeError("fit: got the keyword optimizer; allowed: optimiser or lr; did you mean 'optimiser'?")
    """
    words = list(allowed)
    hint = did_you_mean(keyword, words)
    text = f"{function}: got the keyword {keyword}; allowed: {_listed(words)}"
    return TypeError(f"{text}; {hint}" if hint else text)


def checked_keywords(function: F) -> F:
    """Decorate a function or class so that a misspelt keyword is answered by what was meant.

    Of a class, the ``__init__`` is checked, so this stands above ``@dataclass``; the error names
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
