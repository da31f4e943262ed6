"""Hand a scalar program to scipy.optimize: its value, its gradient and its second derivatives."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd._checks import as_float, check_type, checked_keywords, entry_of, one_of, real_array
from autograd.compiler import compile
from autograd.functions import dot
from autograd.transforms import hvp
from autograd.transforms.gradient import gradient
from autograd.tree import tree_flatten, tree_unflatten
from autograd.value import Value

Array = NDArray[np.float64]
# What each method of scipy.optimize.minimize takes: it warns of more.
TAKES: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("nelder-mead", "powell", "cobyla", "cobyqa"), ()),
    **dict.fromkeys(("cg", "bfgs", "l-bfgs-b", "tnc", "slsqp"), ("jac",)),
    **dict.fromkeys(
        ("newton-cg", "trust-ncg", "trust-krylov", "trust-constr"), ("jac", "hessp", "hess")
    ),
    **dict.fromkeys(("dogleg", "trust-exact"), ("jac", "hess")),
}

LARGEST = 50_000  # nodes of a function up to which its second derivatives are compiled


@checked_keywords
def scipy(
    f: Callable[..., Value],
    x0: Any,
    *,
    method: str | None = None,
    second: str | None = None,
) -> "Problem":
    """Make the arguments of scipy.optimize.minimize, in one line: ``minimize(**scipy(f, x0))``.

    A dictionary of ``fun``, ``x0``, ``method`` and what of ``jac``, ``hess``, ``hessp`` the method
    takes. Value and gradient are one run of a compiled program (`autograd.compile`), and so is the
    Hessian times a vector, of which the Hessian is made. Where a function has more than 50,000
    nodes or cannot be traced (it reads numbers), and where a second derivative is not finite, the
    graph of the gradient is built at each point.

    Parameters
    ----------
    f : function of one argument, which has the structure of ``x0``; returns one Value
    x0 : where to start: a list or array of numbers, or lists, tuples, dicts and arrays, nested
    method : as scipy names it; None for scipy's choice
    second : "hess" or "hessp" where a method takes either; "hessp", the Hessian times a vector, by
        default: its cost does not grow with the number of unknowns

    Raises
    ------
    ValueError
        If the method is unknown, or takes no such second derivative.

    Examples
    --------
    >>> import autograd
    >>> def rosen(x):
    ...     return 100 * (x[1] - x[0] ** 2) ** 2 + (1 - x[0]) ** 2
    >>> problem = autograd.scipy(rosen, [-1.0, 2.0], method="trust-ncg")
    >>> sorted(problem)
    ['fun', 'hessp', 'jac', 'method', 'x0']
    >>> problem.fun([-1.0, 2.0]), problem.jac([-1.0, 2.0]), problem.hessp([-1.0, 2.0], [1.0, 0.0])
    (104.0, array([396., 200.]), array([402., 400.]))

    With SciPy, ``minimize(**problem, tol=1e-9)`` finds the minimum at (1, 1). Of a structure,
    ``problem.structured(result.x)`` is the result in the form of ``x0``.
    """
    return Problem(f, x0, method, second)


class Problem(Mapping[str, Any]):
    """The arguments of scipy.optimize.minimize; see `scipy`."""

    def __init__(
        self, f: Callable[..., Value], x0: Any, method: str | None, second: str | None
    ) -> None:
        check_type("f", f, Callable, "a function that returns a Value")
        self.f = f
        self.like, self._treedef = tree_flatten(x0, _is_leaf)
        self.x0 = np.array([number for part in self.like for number in _numbers(part)])
        self._compiled = compile(self._of_row)
        self._product = compile(
            lambda x, p: hvp(self._of_row, (x,), (p,))[0], gradients=False, exact=True
        )
        self._is_eager = False  # whether second derivatives are graphs
        self._runs: dict[str, tuple[bytes, Any]] = {}  # what was computed last, and where
        chosen = _taken(method, second)
        self._arguments: dict[str, Any] = {"fun": self.fun if chosen else self.value}
        self._arguments |= {"x0": self.x0, "method": method}
        self._arguments |= {name: getattr(self, name) for name in chosen}

    def value(self, x: Any) -> float:
        """Return the value alone."""
        return self._compiled.value(self._row("x", x).tolist())

    def fun(self, x: Any) -> float:
        """Return the value; the gradient at the same place is known from now on."""
        value: float = self._first(self._row("x", x))[0]
        return value

    def jac(self, x: Any) -> Array:
        """Return the gradient."""
        return np.array(self._first(self._row("x", x))[1])

    def hessp(self, x: Any, p: Any) -> Array:
        """Return the Hessian times a vector."""
        x, p = self._row("x", x), self._row("p", p)
        found = self._products(x, [p])
        if found is not None:
            return found.reshape(-1)
        leaves, slopes = self._second(x)
        return np.array(gradient(dot(slopes, p.tolist()), leaves), dtype=float)

    def hess(self, x: Any) -> Array:
        """Return the Hessian."""
        x = self._row("x", x)
        found = self._products(x, np.eye(x.size))
        if found is not None:
            return found
        leaves, slopes = self._second(x)
        return np.array([gradient(slope, leaves) for slope in slopes], dtype=float)

    def structured(self, x: Any) -> Any:
        """Return a vector's numbers in the form of ``x0``."""
        return self._filled(self._row("x", x).tolist())

    def _row(self, name: str, x: Any) -> Array:
        row = real_array(x, f"scipy: {name}")
        if row.shape != self.x0.shape:
            raise ValueError(
                f"scipy: {name} has shape {row.shape}; allowed is a row of {self.x0.size}, "
                "a number for each of x0"
            )
        return row

    def _of_row(self, x: Any) -> Any:
        return self.f(self._filled(x))

    def _filled(self, x: Iterable[Any]) -> Any:
        """Return a tree like ``x0`` of other numbers, or of Values."""
        rest = iter(x)
        return tree_unflatten(self._treedef, [_filled(part, rest) for part in self.like])

    def _first(self, x: Array) -> tuple[float, Array]:
        def run() -> tuple[float, Array]:
            value, slopes = self._compiled(x.tolist())
            return value, np.array(slopes)

        made: tuple[float, Array] = self._once("first", x, run)
        return made

    def _products(self, x: Array, vectors: Iterable[Array]) -> Array | None:
        """Return the Hessian times each of some vectors; None where graphs are to be built."""
        if self._is_eager:
            return None
        try:
            self._first(x)
            self._is_eager = len(self._compiled.program.scalars.ops) > LARGEST
            if self._is_eager:
                return None
            found = np.array([self._product(x, p) for p in vectors])
        except (TypeError, ValueError, RuntimeError):
            # Not to be traced, or wrong: in a graph, the function runs as it is, or says what is.
            self._is_eager = True
            return None
        return found if np.isfinite(found).all() else None

    def _second(self, x: Array) -> tuple[list[Value], list[Value]]:
        def run() -> tuple[list[Value], list[Value]]:
            leaves = [Value(number) for number in x.tolist()]
            result = self._of_row(leaves)
            return leaves, gradient(result, leaves, create_graph=True)

        made: tuple[list[Value], list[Value]] = self._once("second", x, run)
        return made

    def _once(self, order: str, x: Array, run: Callable[[], Any]) -> Any:
        """Run at a new place only; SciPy asks for value and gradient one after the other."""
        place = x.tobytes()
        if self._runs.get(order, (b"",))[0] != place or not place:
            self._runs[order] = place, run()
        return self._runs[order][1]

    def __getitem__(self, name: str) -> Any:
        return self._arguments[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._arguments)

    def __len__(self) -> int:
        return len(self._arguments)


def _taken(method: str | None, second: str | None) -> tuple[str, ...]:
    """Return which derivatives a method takes, and of the second ones one."""
    takes: tuple[str, ...] = ("jac",)
    if method is not None:
        name = method.lower() if isinstance(method, str) else method
        takes = entry_of("method", name, TAKES, otherwise="None")
    if second is not None:
        hint = f"that is what the method {method!r} takes"
        one_of("second", second, takes[1:], otherwise="None", hint=hint)
    return (*takes[:1], *((second,) if second else takes[1:2]))


def _numbers(part: Any) -> Sequence[float]:
    """Return the numbers of what is no list, tuple or dict: a number, or an array."""
    if isinstance(part, np.ndarray):
        return [as_float(x, "scipy: x0") for x in part.reshape(-1)]
    return [part.data if type(part) is Value else as_float(part, "scipy: x0")]


def _is_leaf(part: Any) -> bool:
    return part is None  # which is no number


def _filled(part: Any, numbers: Iterator[Any]) -> Any:
    """Return a number, or an array of them, in the place of another one."""
    if not isinstance(part, np.ndarray):
        return next(numbers)
    flat = [next(numbers) for _ in range(part.size)]
    kind = object if any(type(x) is Value for x in flat) else float
    return np.array(flat, dtype=kind).reshape(part.shape)
