"""Python functions in rules: traced to the text of a formula if possible, else called by name.

A function that stays Python gets a unique name in the three namespaces in which rules are executed:
for floats it is called directly, for arrays element by element (or in its NumPy form), and for
`Value`s, in second derivatives, under a tracer that forbids conversions to plain numbers.
"""

import inspect
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from autograd._checks import float_or_none
from autograd.context import Tracer, context
from autograd.errors import ConcretizationError, shown
from autograd.expressions.recording import SymbolicNumber, rule_text
from autograd.rules import parsing
from autograd.rules.backends import ARRAYS, FLOATS, OPAQUE, vocabulary
from autograd.value import Value

Function = Callable[..., Any]


class Draft:
    """The functions registered by one definition; removed again unless it succeeds (`keep`)."""

    def __init__(self, name: str, arguments: tuple[str, ...], taken: Iterable[str] = ()) -> None:
        self.name, self.arguments = name, arguments
        self.taken = set(taken)
        self.registered: list[str] = []

    def __enter__(self) -> "Draft":
        return self

    def __exit__(self, *exception: object) -> None:
        for name in self.registered:
            for names in (FLOATS, ARRAYS, OPAQUE):
                names.pop(name, None)

    def keep(self) -> None:
        """Keep the functions registered: the definition has succeeded."""
        self.registered.clear()

    def rule(self, rule: str | Function, arrays: Function | None = None) -> str:
        """Return the text of the rule for the value."""
        return self._text(rule, f"{self.name}_of", self.arguments, arrays)

    def partial(self, argument: str, rule: str | Function) -> str:
        """Return the text of the derivative with respect to an argument."""
        if isinstance(rule, str):
            return rule
        names = (*self.arguments, "z")
        names = names[: _count(self.name, rule, len(self.arguments), len(names))]
        return self._text(rule, f"d{self.name}_d{argument}", names)

    def flow(self, argument: str, rule: str | Function, names: tuple[str, ...]) -> str:
        """Return the text of an argument's vjp; ``names`` are the parameters of a function."""
        return self._text(rule, f"flow_{self.name}_{argument}", names)

    def _text(
        self,
        rule: str | Function,
        called: str,
        names: tuple[str, ...],
        arrays: Function | None = None,
    ) -> str:
        if isinstance(rule, str):
            return rule
        text = None if arrays is not None else _formula(rule, names)
        if text is not None:
            return text
        return f"{self._register(called, rule, arrays)}({', '.join(names)})"

    def _register(self, called: str, function: Function, arrays: Function | None) -> str:
        """Register a function in the namespaces: ``dcubic_dx``, or ``dcubic_dx_2`` if taken."""
        name, number = called, 1
        while name in FLOATS or name in self.taken:
            number += 1
            name = f"{called}_{number}"
        self.registered.append(name)

        def for_floats(*xs: Any) -> Any:
            z = function(*xs)
            if isinstance(z, (list, tuple)) and is_slope:  # one number for each element
                return [checked(x) for x in z]
            return checked(z)

        def checked(z: Any) -> float:
            number = None if type(z) is Value else float_or_none(z, self.name)
            if number is None:
                raise TypeError(
                    f"{self.name}: its function returned {shown(z)} for numbers; it must return "
                    "one: what it depends on, a Value too, has to be an argument"
                )
            return number

        is_list = "xs" in self.arguments
        is_slope = is_list and called.startswith(f"d{self.name}_")
        FLOATS[name] = for_floats
        ARRAYS[name] = arrays or (along if is_list else elementwise)(for_floats)
        OPAQUE[name] = lambda *xs: differentiable(self.name, function, xs)
        return name


def along(function: Function) -> Function:
    """Vectorize a function of a list: the list runs along the first axis of the arrays."""

    def apply(xs: Any, *more: Any) -> Any:
        xs = np.asarray(xs, dtype=float)
        columns = np.broadcast_arrays(*more) if more else []
        results = [
            function(xs[(slice(None), *index)].tolist(), *[float(c[index]) for c in columns])
            for index in np.ndindex(xs.shape[1:])
        ]
        out = np.asarray(results, dtype=float)
        if out.ndim == 1:
            return out.reshape(xs.shape[1:])
        return np.moveaxis(out, 0, -1).reshape(xs.shape)

    return apply


def elementwise(function: Function) -> Function:
    """Vectorize a function of numbers: it is called for each element."""

    def apply(*xs: Any) -> Any:
        return np.asarray(np.frompyfunc(function, len(xs), 1)(*xs), dtype=float)

    return apply


def _count(name: str, function: Function, least: int, most: int) -> int:
    """Return how many of the names a function takes as arguments."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except ValueError:  # a C function without a signature
        return least
    if any(p.kind is p.VAR_POSITIONAL for p in parameters):
        return most
    required = sum(p.default is p.empty for p in parameters if p.kind is not p.KEYWORD_ONLY)
    able = sum(p.kind is not p.KEYWORD_ONLY for p in parameters)
    if able < least or required > most:
        raise TypeError(
            f"{name}: a rule takes {required} arguments; allowed are {least} to {most}: the "
            "operation's own, then what came out of it"
        )
    return min(most, max(least, required))


def _formula(rule: Function, names: tuple[str, ...]) -> str | None:
    """Trace a function to the text of a formula; return None if it is not plain arithmetic."""
    try:
        text = rule_text(rule(*map(SymbolicNumber, names)))
        parsing.check(text, "rule", (*names, *vocabulary()))
    except Exception:  # noqa: BLE001 - a user's function may fail on symbols in any way
        return None
    return text


class _ConversionGuard:
    """A tracer that allows comparisons and forbids conversions to plain numbers."""

    exact = True

    def __init__(self, outer: Tracer | None) -> None:
        self.finite_checks: list[Any] = []
        self.outer = outer

    def on_compare(self, sign: str, x: Any, y: Any, outcome: bool) -> None:
        """Allow it, as a derivative may branch; an outer trace makes it a guard."""
        if self.outer is not None:
            self.outer.on_compare(sign, x, y, outcome)

    def on_sort(self, row: Sequence[Any]) -> None:
        """Pass it on to an outer trace."""
        if self.outer is not None:
            self.outer.on_sort(row)

    def on_concretize(self, what: str, x: Any) -> None:
        """Raise ConcretizationError unless the node is a constant."""
        if not x.is_constant:
            raise ConcretizationError(f"{what} of a Value would lose its derivative")

    def on_mutate(self, what: str, x: Any) -> None:
        """Pass it on to an outer trace, which may refuse it."""
        if self.outer is not None:
            self.outer.on_mutate(what, x)


def differentiable(name: str, function: Function, xs: tuple[Any, ...]) -> Any:
    """Call a derivative on Values, so that the result is a graph; TypeError if that fails."""
    thread = context.thread
    before = thread.tracer
    thread.tracer = _ConversionGuard(before)
    context.enter()
    try:
        return function(*xs)
    except Exception as error:
        what = "differentiated again" if before is None else "a part of a program"
        raise TypeError(
            f"{name}: its derivative cannot be {what}, as it is Python code that "
            f"does not work on Values ({type(error).__name__}: {error}); compute it with "
            "autograd's functions, or with another autograd.custom operation"
        ) from error
    finally:
        thread.tracer = before
        context.leave()
