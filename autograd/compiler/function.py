"""`compile`: a scalar function, traced once, runs as NumPy from then on."""

from collections.abc import Callable, Iterable

from autograd.compiler.compiled import Compiled
from autograd.compiler.settings import settings_of
from autograd.value import Value


def compile(
    function: Callable[..., Value],
    *,
    wrt: Iterable[str] | None = None,
    batch: Iterable[str] = (),
    reduce: str = "mean",
    engine: str = "auto",
    check: bool = False,
    exact: bool = False,
) -> Compiled:
    """Turn a scalar function into a NumPy program of its value and gradients.

    The function runs once on `Value`s; what it did is lifted into matrix products and element-wise
    lines, which run at every further call. A new structure or shape of arguments, or a comparison
    that comes out differently, makes a new variant.

    Parameters
    ----------
    function : takes positional arguments, returns one `Value`. Leaf Values that it closes over are
        parameters: their numbers are read at each call.
    wrt : names of the arguments towards which gradients are wanted; None for all of numbers that
        are not whole and not a batch.
    batch : names of arguments that are given as an array of samples, along the first axis. The
        function is written for one sample.
    reduce : "mean" or "sum" of the samples' values.
    engine : "numpy", "tape" (node by node, in C), or "auto" for the one that costs less.
    check : raise FloatingPointError where the value or a gradient is not finite, naming the
        instruction, the operation and your line.
    exact : print the derivatives that keep their last digits also where they are tiny, such as
        ``square(sech(x))``, rather than the textbook's ``1 - A * A``.

    Returns
    -------
    A function of the same arguments: numbers, arrays, and lists, tuples and dicts of them. It
    returns the value and the gradients, these in the structure of the arguments (a tuple of them
    for several); of a function that has parameters alone, a dict of arrays by name. ``.source`` is
    the program, ``.explain()`` a table of it, ``.value(...)`` the value alone, and
    ``.backward(...)`` adds to the parameters' ``grad``.

    Raises
    ------
    TypeError
        Where the function reads a number (``v.data``, ``float(v)``), which would be frozen.

    Examples
    --------
    >>> step = compile(lambda a, b, c: 3 * (a + b * c))
    >>> step(2.0, -3.0, 10.0)
    (-84.0, (3.0, 30.0, -9.0))
    """
    return Compiled(function, settings_of(function, wrt, batch, reduce, engine, check, exact))
