"""`compile`: a scalar function, traced once, runs as a program from then on."""

from collections.abc import Callable, Iterable
from typing import Any, Literal, overload

from autograd._checks import checked_keywords
from autograd.compiler.compiled import Compiled
from autograd.compiler.dispatch.settings import settings_of
from autograd.compiler.forward import Forward
from autograd.transforms import Transform
from autograd.value import Value


@overload
def compile(
    function: Transform,
    *,
    wrt: None = None,
    batch: Iterable[str] = (),
    static: Iterable[str] = (),
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
    static: Iterable[str] = (),
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
    static: Iterable[str] = (),
    reduce: str = "mean",
    engine: str = "auto",
    check: bool = False,
    exact: bool = False,
    gradients: Literal[True] | None = None,
) -> Compiled: ...
@checked_keywords
def compile(
    function: Callable[..., Any],
    *,
    wrt: Iterable[str] | None = None,
    batch: Iterable[str] = (),
    static: Iterable[str] = (),
    reduce: str = "mean",
    engine: str = "auto",
    check: bool = False,
    exact: bool = False,
    gradients: bool | None = None,
) -> Compiled:
    """Compile a scalar function to a program of its value and gradients, which reads as NumPy.

    The function is traced: it runs once on `Value`s, and what it did is lifted into matrix products
    and element-wise lines, which run at every further call. A new structure or shape of arguments,
    or a comparison that comes out differently, makes a new variant. What Python reads beside the
    arguments is frozen: where a name that the function uses means another object, it is traced
    anew, and it is traced again at the second, fourth, eighth, ... call to see whether it still
    does the same. docs/how-to/compile.md tells more.

    Parameters
    ----------
    function
        Takes arguments that have names, returns one `Value`. Arrays come to it as arrays of
        `Value`s, lists as lists. Leaf Values that it closes over are parameters: their numbers are
        read at each call.
    wrt
        Names of the arguments whose gradients are wanted, whole numbers or not; not those of a
        batch. None for all that have a float in them: whole numbers alone are positions or classes.
    batch
        Names of arguments that are given as an array of samples, along the first axis. The function
        is written for one sample.
    static
        Names of arguments that come to the function as they are, as ints: whole numbers that say
        how often a loop runs, or which element of a list to take. Each value is a program of its
        own; for an index of many values, `autograd.take` makes one of all.
    reduce
        "mean" or "sum" of the samples' values.
    engine
        "numpy" runs the text of ``.source``; "blocked" the same in C, by blocks of samples (as
        "numpy" on the plain kernel, or where it lacks an operation); "tape" node by node, in C, to
        the eager engine's bits; "auto" the one that is estimated to cost least. For a batch that is
        mostly "blocked", and "numpy" where samples are multiplied with a large matrix.
    check
        Raise FloatingPointError where the value or a gradient is not finite, naming the
        instruction, the operation and your line. Run each new program on all engines once, and
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
    ConcretizationError
        By a call, where the function reads a number (``v.data``, ``float(v)``, ``math.exp(v)``),
        which would be frozen.
    ImpureFunctionError
        By a call, where the function, traced again, computes something else for arguments of the
        same kind: by random numbers, a counter, an attribute. It names the line and the ways out.
    LoweringError
        By a call, with ``check``, where the program is not what was traced.
    TypeError
        By a call that wants gradients, where all that could have one are whole numbers which
        ``wrt`` does not name: ``step(2.0)``, not ``step(2)``.

    Warns
    -----
    SpecializationWarning
        Once, where calls run eagerly from then on, as each would need a program of its own:
        comparisons that come out in more than 100 ways, a name given another object all the time.

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
    settings = settings_of(function, wrt, batch, reduce, engine, check, exact, static)
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
