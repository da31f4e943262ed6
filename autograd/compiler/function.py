"""`compile`: a scalar function, traced once, runs as NumPy from then on."""

from collections.abc import Callable, Iterable
from typing import Any, Literal, overload

from autograd.compiler.calls.settings import settings_of
from autograd.compiler.compiled import Compiled
from autograd.compiler.forward import Forward
from autograd.transforms import Transform
from autograd.value import Value


@overload
def compile(
    function: Transform,
    *,
    wrt: None = None,
    batch: Iterable[str] = (),
    engine: str = "auto",
    check: bool = False,
    exact: bool = False,
    gradients: Literal[False] | None = None,
) -> Forward: ...
@overload
def compile(
    function: Callable[..., Any],
    *,
    wrt: None = None,
    batch: Iterable[str] = (),
    engine: str = "auto",
    check: bool = False,
    exact: bool = False,
    gradients: Literal[False],
) -> Forward: ...
@overload
def compile(
    function: Callable[..., Value],
    *,
    wrt: Iterable[str] | None = None,
    batch: Iterable[str] = (),
    reduce: str = "mean",
    engine: str = "auto",
    check: bool = False,
    exact: bool = False,
    gradients: Literal[True] | None = None,
) -> Compiled: ...
def compile(
    function: Callable[..., Any],
    *,
    wrt: Iterable[str] | None = None,
    batch: Iterable[str] = (),
    reduce: str = "mean",
    engine: str = "auto",
    check: bool = False,
    exact: bool = False,
    gradients: bool | None = None,
) -> Compiled:
    """Turn a scalar function into a NumPy program of its value and gradients.

    The function runs once on `Value`s; what it did is lifted into matrix products and element-wise
    lines, which run at every further call. A new structure or shape of arguments, or a comparison
    that comes out differently, makes a new variant.

    Parameters
    ----------
    function
        Takes positional arguments, returns one `Value`. Arrays come to it as arrays of `Value`s,
        lists as lists. Leaf Values that it closes over are parameters: their numbers are read at
        each call.
    wrt
        Names of the arguments whose gradients are wanted; None for all of numbers that are
        not whole and not a batch.
    batch
        Names of arguments that are given as an array of samples, along the first axis. The function
        is written for one sample.
    reduce
        "mean" or "sum" of the samples' values.
    engine
        "numpy", "tape" (node by node, in C), or "auto" for the one that costs less.
    check
        Raise FloatingPointError where the value or a gradient is not finite, naming the
        instruction, the operation and your line. Run each new program on both engines once, and
        raise LoweringError where they differ by more than rounding: a fault of the compiler.
    exact
        Print the derivatives that keep their last digits also where they are tiny, such as
        ``square(sech(x))``, rather than the textbook's ``1 - A * A``.
    gradients
        False for a program that is run forward only, of a function that returns any structure of
        numbers; with a batch, its results have the samples along their first axis (``reduce`` is
        for values with gradients). None, the default, is False for derivatives, such as
        ``grad(f)``, else True.

    Returns
    -------
    A function of the same arguments, by place, name or default: numbers, arrays, and lists, tuples
    and dicts of them. It returns the value and the gradients, these in the structure of the
    arguments (a tuple of them for several); of a function that has parameters alone, a dict of
    arrays by name. ``.source`` is the program, ``.explain()`` a table of it, ``.value(...)`` the
    value alone, and ``.backward(...)`` adds to the parameters' ``grad``.

    Raises
    ------
    TypeError
        Where the function reads a number (``v.data``, ``float(v)``), which would be frozen; where a
        call wants gradients, and all that could have one are whole numbers: ``step(2.0)``, not
        ``step(2)``.

    Examples
    --------
    >>> step = compile(lambda a, b, c: 3 * (a + b * c))
    >>> step(2.0, -3.0, 10.0)
    (-84.0, (3.0, 30.0, -9.0))
    >>> from autograd import hessian
    >>> second = compile(hessian(lambda x: x[0] ** 2 * x[1]))
    >>> second([3.0, 4.0])
    [[8.0, 6.0], [6.0, 0.0]]
    """
    if gradients is None:
        gradients = not isinstance(function, Transform)
    settings = settings_of(function, wrt, batch, reduce, engine, check, exact)
    if gradients:
        return Compiled(function, settings)
    if wrt is not None:
        way = "leave it out"
        if isinstance(function, Transform):
            way = "choose the arguments of a derivative there, as in grad(f, argnums=1)"
        raise ValueError(f"compile: got wrt={wrt!r} for a program without gradients; {way}")
    if reduce != "mean":
        raise ValueError(
            f"compile: got reduce={reduce!r} for a program without gradients, whose results have "
            "the samples along their first axis; leave it out"
        )
    return Forward(function, settings)
