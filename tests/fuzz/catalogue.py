"""Functions that may be given Values, and in which ways they are tried: the material of `leaks`."""

import builtins
import cmath
import copy
import functools
import importlib
import inspect
import itertools
import math
import operator
import statistics
import struct
from array import array as c_array
from decimal import Decimal
from fractions import Fraction

import numpy as np

from tests.fuzz.leaks import Use

W = (0.5, -1.25, 2.0)
GRID = (0.0, 0.5, 10.0)


def A(v):
    """Return three numbers as an array."""
    return v if isinstance(v, np.ndarray) else np.array(list(v))


def M(v):
    """Return a matrix that is well conditioned."""
    return np.array([[2.0 + v[0], 0.3 * v[1]], [0.1, 3.0 + v[2]]])


def S(v):
    """Return a symmetric matrix, positive definite for small numbers."""
    return np.array([[5.0 + v[0], 0.3 * v[1]], [0.3 * v[1], 3.0 + v[2]]])


B = np.array([1.0, -2.0])
PATTERNS = {
    "x": lambda f, v: f(v[0]),
    "x, y": lambda f, v: f(v[0], v[1]),
    "x, 0.3": lambda f, v: f(v[0], 0.3),
    "0.3, x": lambda f, v: f(0.3, v[0]),
    "2, x": lambda f, v: f(2, v[0]),
    "x, 2": lambda f, v: f(v[0], 2),
    "x, y, z": lambda f, v: f(v[0], v[1], v[2]),
    "0.3, 0.4, x": lambda f, v: f(0.3, 0.4, v[0]),
    "1, 2, x": lambda f, v: f(1, 2, v[0]),
    "0.3, 0.4, 0.9, x": lambda f, v: f(0.3, 0.4, 0.9, v[0]),
    "1, 1, 1, x": lambda f, v: f(1, 1, 1, v[0]),
    "v": lambda f, v: f(A(v)),
    "[x, y, z]": lambda f, v: f([v[0], v[1], v[2]]),
    "v, w": lambda f, v: f(A(v), np.array(W)),
    "w, v": lambda f, v: f(np.array(W), A(v)),
    "[v], [w]": lambda f, v: f([v[0], v[1], v[2]], list(W)),
    "v, x": lambda f, v: f(A(v), v[0]),
    "x, v": lambda f, v: f(v[0], A(v)),
    "v, 1": lambda f, v: f(A(v), 1),
    "v, 0": lambda f, v: f(A(v), 0),
    "v, (3, 1)": lambda f, v: f(A(v), (3, 1)),
    "(3,), x": lambda f, v: f((3,), v[0]),
    "x, w, v": lambda f, v: f(0.7, np.array(GRID), A(v)),
    "x, grid, w": lambda f, v: f(v[0], np.array(GRID), np.array(W)),
    "v, w, w": lambda f, v: f(A(v), np.array(W), np.array(W)),
    "bools, v, w": lambda f, v: f(np.array([True, False, True]), A(v), np.array(W)),
    "v, bools": lambda f, v: f(A(v), np.array([True, False, True])),
    "v, -1, 0.5": lambda f, v: f(A(v), -1.0, 0.5),
    "w, x, 2": lambda f, v: f(np.array(W), v[0], 2.0),
    "w, 1, x": lambda f, v: f(np.array(W), 1, v[0]),
    "M": lambda f, v: f(M(v)),
    "S": lambda f, v: f(S(v)),
    "M, b": lambda f, v: f(M(v), B),
    "M, M": lambda f, v: f(M(v), S(v)),
    "M, 2": lambda f, v: f(M(v), 2),
    "[v, w]": lambda f, v: f([A(v), np.array(W)]),
    "(v, w)": lambda f, v: f((A(v), np.array(W))),
    "x, (3,)": lambda f, v: f(v[0], (3,)),
    "x, y, 4": lambda f, v: f(v[0], v[1], 4),
    "v, [0, 2]": lambda f, v: f(A(v), [0, 2]),
    "'i,i', v, w": lambda f, v: f("i,i", A(v), np.array(W)),
    "sum, v": lambda f, v: f(np.sum, 0, M(v)),
    "exp, xs": lambda f, v: f(math.exp, [v[0], v[1]]),
}
# They read or write files, change the process, wait, ask for much memory, or are no functions.
DENIED = {
    *("save", "savez", "savez_compressed", "savetxt", "load", "loadtxt", "fromfile", "memmap"),
    *("DataSource", "genfromtxt", "fromregex", "test", "info", "show_config", "show_runtime"),
    *("seterr", "seterrcall", "setbufsize", "set_printoptions", "printoptions", "errstate"),
    *("open_memmap", "get_include", "lookfor", "tofile", "dump", "dumps", "setflags", "resize"),
    *("frombuffer",),  # reads memory, where objects are addresses: nobody can see that it is asked
    *("input", "print", "open", "exec", "eval", "compile", "exit", "quit", "help", "breakpoint"),
    *("id", "hash", "memoryview", "may_share_memory", "shares_memory", "byte_bounds", "empty"),
    *("empty_like", "ndarray", "get_array_wrap", "bytes", "void", "object_", "seed"),
    *("splint", "splev", "spalde", "sproot", "splder", "splantider", "insert"),  # these hang
    "distance_transform_cdt",
    "ellip_harm_2",  # writes thousands of lines, from C
    "squareform",  # copies the addresses of objects without counting them, of any kind: a crash
    "isscalar",  # asks for the type of an object, not for its number
    *("perm", "comb", "factorial", "factorial2", "factorialk", "errprint", "geterr", "factorials"),
}
BUILTINS = ("abs", "round", "pow", "sum", "max", "min", "sorted", "divmod", "complex", "float",
            "int", "bool", "list", "tuple", "reversed", "map", "filter", "bytearray")  # fmt: skip
DISTRIBUTIONS = ("norm", "expon", "gamma", "beta", "t", "chi2", "uniform", "laplace", "poisson")


def public(module, prefix):
    """Give the functions of a module by name."""
    for name in sorted(getattr(module, "__all__", None) or dir(module)):
        thing = getattr(module, name, None)
        if name.startswith("_") or name in DENIED or not callable(thing):
            continue
        if inspect.isclass(thing) and (
            issubclass(thing, BaseException) or not issubclass(thing, np.generic)
        ):
            continue
        yield f"{prefix}.{name}", thing


def functions():
    """Give every function by its dotted name."""
    yield from public(np, "np")
    for name in ("linalg", "fft", "emath", "polynomial.polynomial", "polynomial.chebyshev"):
        yield from public(importlib.import_module(f"numpy.{name}") if name != "emath" else np.emath,
                          f"np.{name}")  # fmt: skip
    yield from numpy_methods()
    for module in (math, cmath, operator, statistics):
        yield from public(module, module.__name__)
    for name in BUILTINS:
        yield f"builtins.{name}", getattr(builtins, name)
    yield from scipy_functions()


def numpy_methods():
    """Give the methods of arrays, of random generators, and of ufuncs."""
    for name in sorted(dir(np.ndarray)):
        if not name.startswith("_") and name not in DENIED and callable(getattr(np.ndarray, name)):
            yield f"ndarray.{name}", functools.partial(_method, name)
    for name in sorted(dir(np.random.Generator)):
        if not name.startswith("_") and name not in {*DENIED, "bit_generator", "spawn"}:
            yield f"np.random.{name}", functools.partial(_drawn, name)
    for name in sorted(dir(np)):
        for kind in ("reduce", "accumulate", "outer", "at", "reduceat"):
            if isinstance(getattr(np, name), np.ufunc) and name in {"add", "multiply", "maximum"}:
                yield f"np.{name}.{kind}", getattr(getattr(np, name), kind)


def scipy_functions():
    """Give SciPy's functions, where it is installed."""
    try:
        from scipy import stats
    except ImportError:
        return
    for name in ("special", "linalg", "integrate", "interpolate", "stats", "fft", "signal",
                 "ndimage", "spatial.distance"):  # fmt: skip
        yield from public(importlib.import_module(f"scipy.{name}"), f"scipy.{name}")
    for name in DISTRIBUTIONS:
        for kind in ("pdf", "logpdf", "pmf", "cdf", "sf", "ppf", "mean", "entropy"):
            method = getattr(getattr(stats, name), kind, None)
            if method is not None:
                yield f"scipy.stats.{name}.{kind}", method


def _method(name, a, *rest):
    return getattr(np.asanyarray(a).copy(), name)(*rest)


def _drawn(name, *args):
    return getattr(np.random.default_rng(0), name)(*args)


def _with(make, change):
    """Return what an array is after something was done to it."""

    def call(v):
        a = make()
        change(a, v)
        return a

    return call


def _zeros():
    return np.zeros(3)


def _set(a, index, what):
    a[index] = what


def _iadd(a, what):
    a += what


STATEMENTS = {
    "assignment.a[0] = x": _with(_zeros, lambda a, v: _set(a, 0, v[0])),
    "assignment.a[0] = x * x": _with(_zeros, lambda a, v: _set(a, 0, v[0] * v[0])),
    "assignment.a[:] = v": _with(_zeros, lambda a, v: _set(a, slice(None), A(v))),
    "assignment.a[:] = [x, y, z]": _with(
        _zeros, lambda a, v: _set(a, slice(None), [v[0], v[1], v[2]])
    ),
    "assignment.a[mask] = x": _with(
        _zeros, lambda a, v: _set(a, np.array([True, False, True]), v[0])
    ),
    "assignment.a[...] = x": _with(_zeros, lambda a, v: _set(a, ..., v[0])),
    "assignment.a += x": _with(_zeros, lambda a, v: _iadd(a, v[0])),
    "assignment.a += v": _with(_zeros, lambda a, v: _iadd(a, A(v))),
    "assignment.a.flat[1] = x": _with(_zeros, lambda a, v: _set(a.flat, 1, v[0])),
    "assignment.a.real = x": _with(_zeros, lambda a, v: setattr(a, "real", v[0])),
    "assignment.a.T[0] = x": _with(lambda: np.zeros((2, 2)), lambda a, v: _set(a.T, 0, v[0])),
    "assignment.record": _with(
        lambda: np.zeros(2, dtype=[("u", float)]), lambda a, v: _set(a["u"], 0, v[0])
    ),
    "assignment.fill": _with(_zeros, lambda a, v: a.fill(v[0])),
    "assignment.put": _with(_zeros, lambda a, v: a.put([0], v[0])),
    "assignment.itemset": _with(_zeros, lambda a, v: np.put(a, 1, v[0])),
    "assignment.np.put_along_axis": _with(
        _zeros, lambda a, v: np.put_along_axis(a, np.array([0, 1]), A(v)[:2], 0)
    ),
    "assignment.np.copyto": _with(_zeros, lambda a, v: np.copyto(a, A(v))),
    "assignment.np.copyto unsafe": _with(_zeros, lambda a, v: np.copyto(a, A(v), casting="unsafe")),
    "assignment.np.place": _with(
        _zeros, lambda a, v: np.place(a, np.array([True, False, True]), [v[0], v[1]])
    ),
    "assignment.np.putmask": _with(
        _zeros, lambda a, v: np.putmask(a, np.array([True, False, True]), [v[0], v[1], v[2]])
    ),
    "assignment.np.fill_diagonal": _with(
        lambda: np.zeros((2, 2)), lambda a, v: np.fill_diagonal(a, v[0])
    ),
    "assignment.np.add.at": _with(_zeros, lambda a, v: np.add.at(a, [0, 0], v[0])),
    "assignment.np.add out": _with(_zeros, lambda a, v: np.add(A(v), 1.0, out=a)),
    "assignment.np.multiply out unsafe": _with(
        _zeros, lambda a, v: np.multiply(A(v), 2.0, out=a, casting="unsafe")
    ),
    "assignment.np.sum out": _with(lambda: np.zeros(()), lambda a, v: np.sum(A(v), out=a)),
    "assignment.np.dot out": _with(
        lambda: np.zeros(()), lambda a, v: np.dot(A(v), np.array(W), out=a)
    ),
    "assignment.array.array": _with(lambda: c_array("d", [0.0]), lambda a, v: _set(a, 0, v[0])),
    "assignment.list": _with(lambda: [0.0, 1.0], lambda a, v: _set(a, 0, v[0])),
    "conversions.float": lambda v: float(v[0]),
    "conversions.int": lambda v: int(1000 * v[0]) / 1000,
    "conversions.complex": lambda v: complex(v[0]).real,
    "conversions.complex two": lambda v: abs(complex(v[0], v[1])),
    "conversions.percent": lambda v: float("%.17g" % v[0]),  # noqa: UP031 - this is what is tried
    "conversions.format": lambda v: float(format(v[0], ".17g")),
    "conversions.f-string": lambda v: float(f"{v[0]:.17g}"),
    "conversions.Fraction": lambda v: float(Fraction(v[0])),
    "conversions.Decimal": lambda v: float(Decimal(v[0])),
    "conversions.struct": lambda v: struct.unpack("d", struct.pack("d", v[0]))[0],
    "conversions.array.array": lambda v: c_array("d", [v[0], v[1]]),
    "conversions.np.array dtype": lambda v: np.array([v[0], v[1]], dtype=float),
    "conversions.np.asarray float": lambda v: np.asarray(A(v), float),
    "conversions.np.array of number": lambda v: np.array(v[0], dtype=float),
    "conversions.np.float64": lambda v: np.float64(v[0]),
    "conversions.np.complex128": lambda v: np.complex128(v[0]).real,
    "conversions.astype float": lambda v: A(v).astype(float),
    "conversions.astype complex": lambda v: A(v).astype(complex).real,
    "conversions.np.fromiter": lambda v: np.fromiter((x * x for x in v), float),
    "conversions.np.full": lambda v: np.full(2, v[0]),
    "conversions.np.full float": lambda v: np.full(2, v[0], float),
    "conversions.np.full_like": lambda v: np.full_like(np.zeros(2), v[0]),
    "conversions.np.vectorize": lambda v: np.vectorize(lambda t: t * t)(A(v)),
    "conversions.np.vectorize float": lambda v: np.vectorize(lambda t: t * t, [float])(A(v)),
    "conversions.np.frompyfunc": lambda v: np.frompyfunc(lambda t: t * t, 1, 1)(A(v)),
    "conversions.np.piecewise": lambda v: np.piecewise(
        A(v), [A(v) > 0.5], [lambda t: t * t, lambda t: 3 * t]
    ),
    "conversions.np.piecewise floats": lambda v: np.piecewise(
        np.array([0.0, 1.0]), [np.array([True, False])], [v[0], v[1]]
    ),
    "conversions.np.select": lambda v: np.select([A(v) > 0.5], [A(v)], default=0.0),
    "conversions.np.apply_along_axis": lambda v: np.apply_along_axis(
        lambda r: r[0] * r[1], 0, M(v)
    ),
    "conversions.np.fromfunction": lambda v: np.fromfunction(lambda i: i * v[0], (3,)),
    "conversions.np.block": lambda v: np.block([[A(v)], [np.array(W)]]),
    "conversions.np.r_": lambda v: np.r_[v[0], 1.0, v[1]],
    "conversions.np.c_": lambda v: np.c_[A(v), A(v)],
    "conversions.np.poly1d": lambda v: np.poly1d([v[0], v[1]])(2.0),
    "conversions.np.poly1d at": lambda v: np.poly1d([1.0, 2.0])(v[0]),
    "conversions.Polynomial": lambda v: np.polynomial.Polynomial([1.0, 2.0, 3.0])(v[0]),
    "conversions.Polynomial of": lambda v: np.polynomial.Polynomial([v[0], v[1]])(2.0),
    "conversions.np.matrix": lambda v: np.asmatrix(M(v)) * 2,
    "conversions.np.ma": lambda v: np.ma.array(A(v)).sum(),
    "conversions.np.ma float": lambda v: np.ma.array([1.0, v[0]], dtype=float).sum(),
    "conversions.np.nditer": lambda v: sum(t * t for t in np.nditer(A(v), ["refs_ok"])),
    "conversions.np.broadcast": lambda v: [p * q for p, q in np.broadcast(A(v), np.array(W))],
    "conversions.tolist": lambda v: A(v).tolist(),
    "conversions.copy": lambda v: copy.copy(v[0]) * v[1],
    "conversions.deepcopy": lambda v: copy.deepcopy([v[0]])[0] * v[1],
    "itertools.accumulate": lambda v: list(itertools.accumulate(v, operator.mul)),
    "itertools.chain": lambda v: sum(itertools.chain(v, [1.0])),
    "itertools.starmap": lambda v: list(itertools.starmap(math.pow, [(v[0], 2.0)])),
    "itertools.groupby": lambda v: [sum(g) for _, g in itertools.groupby(v)],
    "functools.reduce": lambda v: functools.reduce(operator.mul, v),
    "functools.partial": lambda v: functools.partial(math.exp)(v[0]),
    "functools.partial second": lambda v: functools.partial(math.pow, 2.0)(v[0]),
    "functools.lru_cache": lambda v: functools.lru_cache(lambda t: t * t)(v[0]),
    "functools.cached math": lambda v: functools.lru_cache(math.exp)(v[0]),
    "functools.map": lambda v: list(map(math.exp, v)),
    "functools.map float": lambda v: list(map(float, v)),
    "functools.sorted key": lambda v: sorted(v, key=math.exp)[:2],
    "functools.max key": lambda v: max(v, key=math.sin),
    "functools.methodcaller": lambda v: operator.methodcaller("__float__")(v[0]),
    "functools.getattr": lambda v: v[0].__float__(),
    "functools.comprehension": lambda v: sum(math.exp(t) for t in v),
    "functools.starred": lambda v: math.hypot(*v),
    "functools.aliased": lambda v, f=math.exp: f(v[0]),
    "functools.in a dict": lambda v: {"e": math.exp}["e"](v[0]),
    "functools.conditional": lambda v: (math.exp if v is not None else math.sin)(v[0]),
    "functools.sumprod": lambda v: math.sumprod(v, W) if hasattr(math, "sumprod") else math.fsum(v),
    "functools.fsum": math.fsum,
    "functools.dist": lambda v: math.dist(v, W),
    "functools.prod": math.prod,
}


def scipy_uses():
    """Give uses of SciPy's routines that take functions, or make them."""
    try:
        from scipy import integrate, interpolate, linalg, optimize, sparse, stats
    except ImportError:
        return {}
    xs = np.linspace(0.0, 5.0, 6)
    return {
        "scipy.uses.quad": lambda v: integrate.quad(lambda t: v[0] * t * t, 0.0, 1.0)[0],
        "scipy.uses.quad to": lambda v: integrate.quad(lambda t: t * t, 0.0, v[0])[0],
        "scipy.uses.quad args": lambda v: integrate.quad(lambda t, a: a * t, 0, 1, (v[0],))[0],
        "scipy.uses.solve_ivp": lambda v: integrate.solve_ivp(
            lambda _, y: -v[0] * y, (0, 1), [1.0], rtol=1e-10, atol=1e-10).y[:, -1],
        "scipy.uses.solve_ivp from": lambda v: integrate.solve_ivp(
            lambda _, y: -y, (0, 1), [v[0]], rtol=1e-10, atol=1e-10).y[:, -1],
        "scipy.uses.odeint": lambda v: integrate.odeint(
            lambda y, _: -v[0] * y, 1.0, [0, 1], rtol=1e-11, atol=1e-11)[-1],
        "scipy.uses.interp1d": lambda v: interpolate.interp1d(xs, xs**2)(v[0]),
        "scipy.uses.interp1d of": lambda v: interpolate.interp1d(xs[:3], A(v))(0.7),
        "scipy.uses.CubicSpline": lambda v: interpolate.CubicSpline(xs, xs**2)(v[0]),
        "scipy.uses.CubicSpline of": lambda v: interpolate.CubicSpline(xs[:3], A(v))(0.7),
        "scipy.uses.PchipInterpolator": lambda v: interpolate.PchipInterpolator(xs, xs**2)(v[0]),
        "scipy.uses.RegularGridInterpolator": lambda v: interpolate.RegularGridInterpolator(
            (xs,), xs**2)([v[0]]),
        "scipy.uses.splrep": lambda v: interpolate.splev(v[0], interpolate.splrep(xs, xs**2)),
        "scipy.uses.brentq": lambda v: optimize.brentq(lambda t: t**3 - v[0], 0.01, 9, xtol=1e-13),
        "scipy.uses.newton": lambda v: optimize.newton(lambda t: t * t - v[0], 1.0, tol=1e-12),
        "scipy.uses.root": lambda v: optimize.root(lambda t: t * t - v[0], [1.0], tol=1e-13).x,
        "scipy.uses.minimize": lambda v: optimize.minimize(
            lambda t: (t[0] - v[0]) ** 2 + 1.0 + v[0], [0.0]).fun,
        "scipy.uses.minimize_scalar": lambda v: optimize.minimize_scalar(
            lambda t: (t - v[0]) ** 2 + v[1]).fun,
        "scipy.uses.least_squares": lambda v: optimize.least_squares(
            lambda t: t - v[0], [0.0]).x,
        "scipy.uses.linprog": lambda v: optimize.linprog([1.0], bounds=[(v[0], 9.0)]).fun,
        "scipy.uses.solve": lambda v: linalg.solve(M(v), B),
        "scipy.uses.expm": lambda v: linalg.expm(M(v)),
        "scipy.uses.csr_matrix": lambda v: (sparse.csr_matrix(M(v)) @ B),
        "scipy.uses.norm frozen": lambda v: stats.norm(v[0], 1.0).pdf(0.2),
        "scipy.uses.norm loc": lambda v: stats.norm.logpdf(0.2, loc=v[0], scale=v[1]),
        "scipy.uses.rvs": lambda v: stats.norm.rvs(loc=v[0], random_state=0),
    }  # fmt: skip


def pandas_uses():
    """Give uses of pandas, where it is installed."""
    try:
        import pandas as pd
    except ImportError:
        return {}
    return {
        "pandas.Series": lambda v: pd.Series(A(v)) * 2,
        "pandas.Series float": lambda v: pd.Series(A(v), dtype=float),
        "pandas.Series astype": lambda v: pd.Series(A(v)).astype(float),
        "pandas.Series.sum": lambda v: pd.Series(A(v)).sum(),
        "pandas.Series.mean": lambda v: pd.Series(A(v)).mean(),
        "pandas.Series.std": lambda v: pd.Series(A(v)).std(),
        "pandas.Series.median": lambda v: pd.Series(A(v)).median(),
        "pandas.Series.max": lambda v: pd.Series(A(v)).max(),
        "pandas.Series.prod": lambda v: pd.Series(A(v)).prod(),
        "pandas.Series.cumsum": lambda v: pd.Series(A(v)).cumsum(),
        "pandas.Series.diff": lambda v: pd.Series(A(v)).diff().iloc[1:],
        "pandas.Series.rolling": lambda v: pd.Series(A(v)).rolling(2).mean().iloc[1:],
        "pandas.Series.ewm": lambda v: pd.Series(A(v)).ewm(alpha=0.5).mean(),
        "pandas.Series.apply": lambda v: pd.Series(A(v)).apply(lambda t: t * t),
        "pandas.Series.map": lambda v: pd.Series([1.0, 2.0]).map(lambda t: t * v[0]),
        "pandas.Series * x": lambda v: pd.Series([1.0, 2.0]) * v[0],
        "pandas.Series.iloc": _with(
            lambda: pd.Series([0.0, 1.0]), lambda s, v: _set(s.iloc, 0, v[0])),
        "pandas.Series.fillna": lambda v: pd.Series([1.0, np.nan]).fillna(v[0]),
        "pandas.Series.clip": lambda v: pd.Series([0.0, 9.0]).clip(upper=v[0]),
        "pandas.Series.dot": lambda v: pd.Series(A(v)).dot(pd.Series(W)),
        "pandas.Series.quantile": lambda v: pd.Series(A(v)).quantile(0.3),
        "pandas.to_numeric": lambda v: pd.to_numeric(pd.Series(A(v))),
        "pandas.DataFrame": lambda v: pd.DataFrame({"a": A(v)})["a"],
        "pandas.DataFrame float": lambda v: pd.DataFrame({"a": A(v)}, dtype=float)["a"],
        "pandas.DataFrame.sum": lambda v: pd.DataFrame({"a": A(v), "b": W}).sum(),
        "pandas.DataFrame.mean": lambda v: pd.DataFrame({"a": A(v), "b": W}).mean(),
        "pandas.DataFrame.corr": lambda v: pd.DataFrame({"a": A(v), "b": W}).corr(),
        "pandas.DataFrame.loc": _with(
            lambda: pd.DataFrame({"a": [0.0, 1.0]}), lambda d, v: _set(d.loc, (0, "a"), v[0])),
        "pandas.DataFrame.assign": lambda v: pd.DataFrame({"a": W}).assign(b=A(v))["b"],
        "pandas.DataFrame.groupby": lambda v: pd.DataFrame(
            {"k": [0, 1, 0], "a": A(v)}).groupby("k")["a"].sum(),
        "pandas.DataFrame.groupby mean": lambda v: pd.DataFrame(
            {"k": [0, 1, 0], "a": A(v)}).groupby("k")["a"].mean(),
        "pandas.DataFrame.eval": lambda v: pd.DataFrame({"a": A(v)}).eval("a * 2"),
        "pandas.DataFrame.to_numpy": lambda v: pd.DataFrame({"a": A(v)}).to_numpy(float),
        "pandas.DataFrame @": lambda v: pd.DataFrame(M(v)) @ B,
    }  # fmt: skip


def everything():
    """Return the uses of every function, by its name."""
    found = {
        name: [
            Use(name, pattern, functools.partial(call, function))
            for pattern, call in PATTERNS.items()
        ]
        for name, function in functions()
    }
    for name, call in {**STATEMENTS, **scipy_uses(), **pandas_uses()}.items():
        found[name] = [Use(name, "", call)]
    return found
