"""Arguments for ``scipy.optimize.minimize``: value, gradient and second derivatives."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd._checks import as_float, check_type, checked_keywords, entry_of, one_of, real_array
from autograd.compiler import compile
from autograd.compiler.cache import Loan, borrow
from autograd.functions import dot
from autograd.transforms import hvp
from autograd.transforms.gradient import gradient
from autograd.tree import TreeDef, tree_flatten, tree_unflatten
from autograd.value import Value

Array = NDArray[np.float64]
# The derivatives that each method of minimize takes; it warns about others.
TAKES: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("nelder-mead", "powell", "cobyla", "cobyqa"), ()),
    **dict.fromkeys(("cg", "bfgs", "l-bfgs-b", "tnc", "slsqp"), ("jac",)),
    **dict.fromkeys(
        ("newton-cg", "trust-ncg", "trust-krylov", "trust-constr"), ("jac", "hessp", "hess")
    ),
    **dict.fromkeys(("dogleg", "trust-exact"), ("jac", "hess")),
}

PROGRAMS = "_programs"  # the attribute of a function that holds its programs
MAX_COMPILED = 50_000  # nodes; second derivatives of larger functions are not compiled


@checked_keywords
def scipy(
    f: Callable[..., Value],
    x0: Any,
    *,
    method: str | None = None,
    second: str | None = None,
) -> "Problem":
    """Make the arguments of ``scipy.optimize.minimize``: ``minimize(**scipy(f, x0))``.

    A mapping with ``fun``, ``x0``, ``method`` and those of ``jac``, ``hess``, ``hessp`` that the
    method takes. One run of a compiled program (`autograd.compile`) computes value and gradient,
    another one Hessian-vector products, from which the Hessian is assembled. If the function has
    more than 50,000 nodes or cannot be traced, or if a second derivative is not finite, the graph
    of the gradient is built at each point instead.

    Parameters
    ----------
    f : function
        Of one argument, which has the structure of ``x0``; returns one `Value`.
    x0 : tree of numbers
        The starting point: a list or array of numbers, or nested lists, tuples, dicts and arrays.
    method : str or None
        The name of a method of SciPy; None for SciPy's choice.
    second : "hess" or "hessp"
        Which of the two to pass, where a method takes either; by default the Hessian-vector product
        "hessp", whose cost does not grow with the number of unknowns.

    Raises
    ------
    ValueError
        If the method is unknown, or does not take that second derivative.

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

    With SciPy, ``minimize(**problem, tol=1e-9)`` finds the minimum at (1, 1), and
    ``problem.structured(result.x)`` returns it in the structure of ``x0``.
    """
    return Problem(f, x0, method, second)


class Problem(Mapping[str, Any]):
    """The arguments of ``scipy.optimize.minimize``, as a mapping; see `scipy`."""

    def __init__(
        self, f: Callable[..., Value], x0: Any, method: str | None, second: str | None
    ) -> None:
        check_type("f", f, Callable, "a function that returns a Value")
        parts, treedef = tree_flatten(x0, _is_leaf)
        self.x0 = np.array([number for part in parts for number in _numbers(part)])
        shapes = tuple([np.shape(part) if isinstance(part, np.ndarray) else None for part in parts])
        self._loan: Loan[Programs] | None = borrow(
            f, PROGRAMS, (f,), (treedef, shapes), lambda: Programs(f, treedef, shapes)
        )
        self._programs = self._loan.compiled
        self._is_eager = False  # whether second derivatives are computed on graphs
        self._runs: dict[str, tuple[bytes, Any]] = {}  # by order: last point, result
        chosen = _choose_derivatives(method, second)
        self._arguments: dict[str, Any] = {"fun": self.fun if chosen else self.value}
        self._arguments |= {"x0": self.x0, "method": method}
        self._arguments |= {name: getattr(self, name) for name in chosen}

    def value(self, x: Any) -> float:
        """Return the value, without computing the gradient."""
        value: float = self._programs.value.value(self._row("x", x).tolist())
        self._share()
        return value

    def fun(self, x: Any) -> float:
        """Return the value; cache the gradient at the same point."""
        value: float = self._first(self._row("x", x))[0]
        return value

    def jac(self, x: Any) -> Array:
        """Return the gradient."""
        return np.array(self._first(self._row("x", x))[1])

    def hessp(self, x: Any, p: Any) -> Array:
        """Return the product of the Hessian and a vector."""
        x, p = self._row("x", x), self._row("p", p)
        products = self._products(x, [p])
        if products is not None:
            return products.reshape(-1)
        leaves, slopes = self._second(x)
        return np.array(gradient(dot(slopes, p.tolist()), leaves), dtype=float)

    def hess(self, x: Any) -> Array:
        """Return the Hessian."""
        x = self._row("x", x)
        products = self._products(x, np.eye(x.size))
        if products is not None:
            return products
        leaves, slopes = self._second(x)
        return np.array([gradient(slope, leaves) for slope in slopes], dtype=float)

    def structured(self, x: Any) -> Any:
        """Return the numbers of a vector in the structure of ``x0``."""
        return self._programs.unravel(self._row("x", x).tolist())

    def _row(self, name: str, x: Any) -> Array:
        row = real_array(x, f"scipy: {name}")
        if row.shape != self.x0.shape:
            raise ValueError(
                f"scipy: {name} has shape {row.shape}; allowed is a row of {self.x0.size}, "
                "a number for each of x0"
            )
        return row

    def _share(self) -> None:
        """Leave the programs to the next problem of the function, after the first call alone.

        By then they are traced: what the function reads is still that of the beginning, or they are
        not kept.
        """
        if self._loan is not None:
            self._loan.give_back(PROGRAMS)
            self._loan = None

    def _first(self, x: Array) -> tuple[float, Array]:
        def run() -> tuple[float, Array]:
            value, slopes = self._programs.value(x.tolist())
            self._share()
            return value, np.array(slopes)

        result: tuple[float, Array] = self._once("first", x, run)
        return result

    def _products(self, x: Array, vectors: Iterable[Array]) -> Array | None:
        """Return Hessian-vector products; None if graphs are to be used instead."""
        if self._is_eager:
            return None
        try:
            self._first(x)
            self._is_eager = len(self._programs.value.program.scalars.ops) > MAX_COMPILED
            if self._is_eager:
                return None
            products = np.array([self._programs.product(x, p) for p in vectors])
        except (TypeError, ValueError, RuntimeError):
            # It cannot be traced, or fails; run eagerly, it works or raises its own error.
            self._is_eager = True
            return None
        return products if np.isfinite(products).all() else None

    def _second(self, x: Array) -> tuple[list[Value], list[Value]]:
        def run() -> tuple[list[Value], list[Value]]:
            leaves = [Value(number) for number in x.tolist()]
            result = self._programs.of_row(leaves)
            return leaves, gradient(result, leaves, create_graph=True)

        graph: tuple[list[Value], list[Value]] = self._once("second", x, run)
        return graph

    def _once(self, order: str, x: Array, run: Callable[[], Any]) -> Any:
        """Run unless the point is the last one: SciPy asks for value and gradient separately."""
        point = x.tobytes()
        if self._runs.get(order, (b"",))[0] != point or not point:
            self._runs[order] = point, run()
        return self._runs[order][1]

    def __getitem__(self, name: str) -> Any:
        return self._arguments[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._arguments)

    def __len__(self) -> int:
        return len(self._arguments)


class Programs:
    """The programs of a function and of its Hessian-vector products, on rows of numbers."""

    def __init__(
        self, f: Callable[..., Value], treedef: TreeDef, shapes: Sequence[tuple[int, ...] | None]
    ) -> None:
        self.f, self.treedef, self.shapes = f, treedef, shapes
        self.value = compile(self.of_row)
        self.product = compile(
            lambda x, p: hvp(self.of_row, (x,), (p,))[0], gradients=False, exact=True
        )

    def of_row(self, x: Any) -> Any:
        """Call the function with a row's numbers or Values."""
        return self.f(self.unravel(x))

    def unravel(self, x: Iterable[Any]) -> Any:
        """Return a tree with the structure of ``x0`` from a flat row of numbers or Values."""
        rest = iter(x)
        return tree_unflatten(self.treedef, [_take(shape, rest) for shape in self.shapes])


def _choose_derivatives(method: str | None, second: str | None) -> tuple[str, ...]:
    """Return the derivatives to pass to a method, at most one of them of second order."""
    takes: tuple[str, ...] = ("jac",)
    if method is not None:
        name = method.lower() if isinstance(method, str) else method
        takes = entry_of("method", name, TAKES, otherwise="None")
    if second is not None:
        hint = f"that is what the method {method!r} takes"
        one_of("second", second, takes[1:], otherwise="None", hint=hint)
    return (*takes[:1], *((second,) if second else takes[1:2]))


def _numbers(part: Any) -> Sequence[float]:
    """Return the numbers of a leaf of the tree: a number or an array."""
    if isinstance(part, np.ndarray):
        return [as_float(x, "scipy: x0") for x in part.reshape(-1)]
    return [part.data if type(part) is Value else as_float(part, "scipy: x0")]


def _is_leaf(part: Any) -> bool:
    return part is None  # an error for `as_float`, not an empty subtree


def _take(shape: tuple[int, ...] | None, numbers: Iterator[Any]) -> Any:
    """Take a number, or an array of a shape, from an iterator."""
    if shape is None:
        return next(numbers)
    flat = [next(numbers) for _ in range(prod(shape))]
    kind = object if any(type(x) is Value for x in flat) else float
    return np.array(flat, dtype=kind).reshape(shape)
