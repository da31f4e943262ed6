"""Python functions in rules: written down as text where they are mathematics, else called by name.

A function that stays Python gets a name of its own in the three dictionaries that rules are read
under: for floats it is called as it is, for arrays element by element (or in the form given), and
for `Value`s, in the derivative of a derivative, under a tracer that lets no number out.
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
    """The functions of one definition; unless they are kept, they are forgotten at its end."""

    def __init__(self, name: str, arguments: tuple[str, ...], taken: Iterable[str] = ()) -> None:
        self.name, self.arguments = name, arguments
        self.taken = set(taken)
        self.made: list[str] = []

    def __enter__(self) -> "Draft":
        return self

    def __exit__(self, *exception: object) -> None:
        for name in self.made:
            for names in (FLOATS, ARRAYS, OPAQUE):
                names.pop(name, None)

    def keep(self) -> None:
        """Keep what was named: the definition holds."""
        self.made.clear()

    def rule(self, rule: str | Function, arrays: Function | None = None) -> str:
        """Return the text of the value's rule."""
        return self._text(rule, f"{self.name}_of", self.arguments, arrays)

    def partial(self, argument: str, rule: str | Function) -> str:
        """Return the text of the derivative with respect to an argument."""
        if isinstance(rule, str):
            return rule
        names = (*self.arguments, "z")
        names = names[: _count(self.name, rule, len(self.arguments), len(names))]
        return self._text(rule, f"d{self.name}_d{argument}", names)

    def flow(self, argument: str, rule: str | Function, names: tuple[str, ...]) -> str:
        """Return the text of what flows to an argument, of a function that takes these names."""
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
        found = None if arrays is not None else _written(rule, names)
        if found is not None:
            return found
        return f"{self._named(called, rule, arrays)}({', '.join(names)})"

    def _named(self, called: str, function: Function, arrays: Function | None) -> str:
        """Name a function in the dictionaries: ``dcubic_dx``, later on ``dcubic_dx_2``."""
        name, number = called, 1
        while name in FLOATS or name in self.taken:
            number += 1
            name = f"{called}_{number}"
        self.made.append(name)

        def for_floats(*xs: Any) -> Any:
            z = function(*xs)
            if isinstance(z, (list, tuple)) and is_slope:  # one number an element
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
    """Return a function of arrays that calls one of a list for each list along the first axis."""

    def apply(xs: Any, *more: Any) -> Any:
        xs = np.asarray(xs, dtype=float)
        columns = np.broadcast_arrays(*more) if more else []
        found = [
            function(xs[(slice(None), *place)].tolist(), *[float(c[place]) for c in columns])
            for place in np.ndindex(xs.shape[1:])
        ]
        made = np.asarray(found, dtype=float)
        if made.ndim == 1:
            return made.reshape(xs.shape[1:])
        return np.moveaxis(made, 0, -1).reshape(xs.shape)

    return apply


def elementwise(function: Function) -> Function:
    """Return a function of arrays that calls one of numbers for each element."""

    def apply(*xs: Any) -> Any:
        return np.asarray(np.frompyfunc(function, len(xs), 1)(*xs), dtype=float)

    return apply


def _count(name: str, function: Function, least: int, most: int) -> int:
    """Return how many of the names a function takes."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except ValueError:  # of a function in C, which says nothing
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


def _written(rule: Function, names: tuple[str, ...]) -> str | None:
    """Write down what a function computes; None where it is no plain mathematics."""
    try:
        found = rule_text(rule(*map(SymbolicNumber, names)))
        parsing.check(found, "rule", (*names, *vocabulary()))
    except Exception:  # noqa: BLE001 - a user's function may fail on such numbers in any way
        return None
    return found


class _Watch:
    """A tracer that lets comparisons pass and keeps numbers in the graph."""

    exact = True

    def __init__(self, outer: Tracer | None) -> None:
        self.finite_checks: list[Any] = []
        self.outer = outer

    def on_compare(self, sign: str, x: Any, y: Any, outcome: bool) -> None:
        """Let it pass: a derivative may have branches. A program has to hold for one of them."""
        if self.outer is not None:
            self.outer.on_compare(sign, x, y, outcome)

    def on_sort(self, row: Sequence[Any]) -> None:
        """Tell a program that is traced around."""
        if self.outer is not None:
            self.outer.on_sort(row)

    def on_concretize(self, what: str, x: Any) -> None:
        """Refuse to give a number away."""
        if not x.is_constant:
            raise ConcretizationError(f"{what} of a Value would lose its derivative")

    def on_mutate(self, what: str, x: Any) -> None:
        """Let it pass, unless a program would not do it again."""
        if self.outer is not None:
            self.outer.on_mutate(what, x)


def differentiable(name: str, function: Function, xs: tuple[Any, ...]) -> Any:
    """Call a derivative on Values, so that what comes out is a graph; TypeError if it is none."""
    thread = context.thread
    before = thread.tracer
    thread.tracer = _Watch(before)
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
