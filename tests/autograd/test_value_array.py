"""Arrays of Values: NumPy's functions on them are the operations of single Values."""

import copy
import math
import pickle
import re
from fractions import Fraction

import numpy as np
import pytest

import autograd
from autograd import Value, ValueArray
from autograd.primitives import TABLE
from tests.helpers.numerics import finite_differences

UFUNCS = [
    (alias, entry)
    for entry in TABLE.values()
    for alias in entry.numpy
    if isinstance(getattr(np, alias, None), np.ufunc)
]
BORDERS = (0.0, -0.0, 1.0, 0.5, -2.0, math.nan, math.inf)
X = np.array([[0.7, -1.3, 0.2], [0.4, 2.1, -0.6]])
OTHER = np.array([[0.3, 1.5, 2.0], [-0.4, 0.5, 0.6]])


def leaves():
    return autograd.values(X, "x")


def same(a, b):
    return np.array_equal(np.asarray(a, dtype=float), np.asarray(b, dtype=float), equal_nan=True)


def alone(function, points):
    """Value and gradients of a function of single Values."""
    nodes = [Value(x) for x in points]
    result = function(*nodes)
    result.backward()
    return result.data, [v.grad for v in nodes]


def weighted(result):
    """One number that tells all elements of a result apart."""
    array = np.ravel(result)
    return autograd.dot(array.tolist(), (np.arange(array.size) + 1.3).tolist())


@pytest.mark.parametrize(("alias", "entry"), UFUNCS, ids=[alias for alias, _ in UFUNCS])
def test_every_ufunc_in_an_array_is_that_of_a_single_value(alias, entry):
    ufunc = getattr(np, alias)
    for first in BORDERS:
        for second in BORDERS if ufunc.nin == 2 else (None,):
            points = [first] if second is None else [first, second]
            expected = alone(ufunc, points)
            arrays = [ValueArray([Value(x), 0.25]) for x in points]
            result = ufunc(*arrays)
            assert type(result) is ValueArray
            result[0].backward()
            assert same(result[0].data, expected[0])
            assert same([a[0].grad for a in arrays], expected[1])
            plain = [np.asarray(0.25)] * ufunc.nin
            with np.errstate(all="ignore"):
                assert float(getattr(result[1], "data", result[1])) == pytest.approx(
                    float(ufunc(*plain)), nan_ok=True
                )
            assert entry.name in TABLE


@pytest.mark.parametrize("order", ["values first", "numbers first", "a list"])
@pytest.mark.parametrize("name", ["add", "subtract", "multiply", "divide", "maximum", "arctan2"])
def test_plain_numbers_in_any_order(name, order):
    ufunc, numbers = getattr(np, name), [2.0, 0.25, 0.5]
    x = autograd.values(np.array([1.0, 0.25, -3.0]))
    other = numbers if order == "a list" else np.array(numbers)
    operands = (other, x) if order == "numbers first" else (x, other)
    single = [
        ufunc(*((n, v) if order == "numbers first" else (v, n)))
        for v, n in zip(x, numbers, strict=True)
    ]
    found = ufunc(*operands)
    assert type(found) is ValueArray
    assert same([v.data for v in found], [v.data for v in single])
    assert [v.partials for v in found] == [v.partials for v in single]


def test_plain_numbers_beside_values():
    v = Value(0.5)
    mixed = np.hstack([1.0, v, ValueArray([v, -2.0])])
    assert type(mixed) is ValueArray
    assert [(x.data if type(x) is Value else x) for x in np.exp(mixed)] == pytest.approx(
        np.exp([1, 0.5, 0.5, -2])
    )
    assert np.divide(ValueArray([1.0, v]), 0.0)[0] == math.inf
    assert math.isnan(np.power(ValueArray([-1.0, v]), 0.5)[0])


REDUCTIONS = ["sum", "prod", "mean", "max", "min", "std", "var"]


@pytest.mark.parametrize("axis", [None, 0, 1, -1, (0, 1)])
@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("name", REDUCTIONS)
def test_reductions(name, axis, keepdims):
    function = getattr(np, name)
    for call in (
        lambda x: function(x, axis=axis, keepdims=keepdims),
        lambda x: getattr(x, name)(axis=axis, keepdims=keepdims),
    ):
        expected = np.asarray(call(X))
        found = call(leaves())
        assert np.shape(found) == expected.shape
        assert np.ravel([v.data for v in np.ravel(found)]) == pytest.approx(expected.ravel())
        slopes = autograd.grad(lambda x, call=call: weighted(call(x)))(X)
        assert slopes == pytest.approx(
            finite_differences(lambda x, call=call: weighted(call(x)), X), abs=1e-6
        )


def test_each_line_is_one_operation():
    x = leaves()
    for result, op in [
        (x.sum(), "sum"), (np.mean(x), "mean"), (np.max(x), "max"), (x.min(), "min"),
        (np.prod(x), "prod"), (np.dot(x[0], x[1]), "dot"), ((OTHER @ x.T)[0, 0], "dot"),
        (np.linalg.norm(x), "norm"), (np.clip(x, 0, 1)[0, 0], "clip"),
        (np.tensordot(x, OTHER), "dot"), (np.einsum("ij,ij->i", x, OTHER)[0], "dot"),
        (np.add.reduce(x)[0], "sum"), (np.trace(x), "sum"),
    ]:  # fmt: skip
        assert type(result) is Value
        assert result.op == op


FUNCTIONS = {
    "ptp": lambda x: np.ptp(x, axis=1),
    "average": lambda x: np.average(x, axis=1, weights=[1.0, 2.0, 0.5]),
    "cumsum": lambda x: np.cumsum(x, axis=1),
    "cumprod": lambda x: x.cumprod(),
    "diff": lambda x: np.diff(x, axis=0),
    "diff with ends": lambda x: np.diff(x, prepend=0.0, append=1.0),
    "trapezoid": lambda x: np.trapezoid(x, dx=0.5),
    "norm 1": lambda x: np.linalg.norm(x, 1, axis=1),
    "norm inf": lambda x: np.linalg.norm(x, np.inf),
    "norm 3": lambda x: np.linalg.norm(x, 3, axis=0),
    "outer": lambda x: np.outer(x[0], x[1]),
    "inner": lambda x: np.inner(x, OTHER),
    "vdot": lambda x: np.vdot(x, OTHER),
    "matmul": lambda x: OTHER.T @ x,
    "batch": lambda x: np.matmul(np.stack([x, 2 * x]), OTHER.T),
    "tensordot": lambda x: np.tensordot(x, OTHER, axes=([1], [1])),
    "kron": lambda x: np.kron(x, OTHER),
    "einsum": lambda x: np.einsum("ij,kj->ik", x, OTHER),
    "einsum diagonal": lambda x: np.einsum("ii->i", x[:, :2]),
    "cross": lambda x: np.cross(x, OTHER),
    "median": lambda x: np.median(x, axis=1),
    "quantile": lambda x: np.quantile(x, [0.1, 0.6]),
    "percentile": lambda x: np.percentile(x, 30, axis=0),
    "sort": lambda x: np.sort(x, axis=0),
    "where": lambda x: np.where(x > 0, x * x, -x),
    "mask": lambda x: x[x > 0] * 2,
    "select": lambda x: np.select([x > 1, x > 0], [x * x, x], -x),
    "pad": lambda x: np.pad(x, 1) * 2,
    "tril": np.tril,
    "roll": lambda x: np.roll(x, 1, axis=1),
    "concatenate": lambda x: np.concatenate([x, OTHER]),
    "insert": lambda x: np.insert(x, 1, 5.0, axis=1),
    "meshgrid": lambda x: np.meshgrid(x[0], OTHER[0])[0],
    "convolve": lambda x: np.convolve(x[0], OTHER[1]),
    "polyval": lambda x: np.polyval(x[0], 1.5),
    "round": lambda x: x.round(1) + x,
    "clip": lambda x: x.clip(-1.0, None),
    "take_along_axis": lambda x: np.take_along_axis(x, np.argsort(x), -1),
    "nan_to_num": np.nan_to_num,
    "split": lambda x: np.split(x, 2)[1],
    "argmax": lambda x: x[0, np.argmax(x, axis=1)],
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_against_numpy_and_differences(name):
    function = FUNCTIONS[name]
    expected = np.asarray(function(X), dtype=float)
    found = function(leaves())
    assert np.shape(found) == expected.shape
    numbers = [(v.data if type(v) is Value else v) for v in np.ravel(found).tolist()]
    assert numbers == pytest.approx(expected.ravel(), rel=1e-12, abs=1e-15)
    slopes = autograd.grad(lambda x: weighted(function(x)))(X)
    assert slopes == pytest.approx(finite_differences(lambda x: weighted(function(x)), X), abs=1e-6)
    value, compiled = autograd.compile(lambda x: weighted(function(x)))(X)
    assert value == pytest.approx(weighted(expected), rel=1e-12)
    assert compiled == pytest.approx(slopes, rel=1e-12)


def test_a_nan_is_not_lost():
    x = ValueArray([Value(2.0), Value(math.nan), 0.5])
    for result in (np.max(x), np.min(x), np.ptp(x), np.median(x), np.quantile(x, 0.2), x.sum()):
        assert math.isnan(result.data)
    assert math.isnan(np.maximum(x, 1.0)[1].data)
    assert np.argmax(x) == 1
    assert math.isnan(np.sort(x)[-1].data)


def test_comparisons_are_bools_by_number():
    x, nan = leaves(), ValueArray([Value(math.nan)])
    assert (x > 0).dtype == bool
    assert (x > 0).tolist() == (X > 0).tolist()
    assert (x == 0.4).tolist() == (X == 0.4).tolist()
    assert [bool(test[0]) for test in (nan < 1, nan >= 1, nan == nan, nan != nan)] == [
        False, False, False, True,
    ]  # fmt: skip
    assert (x == leaves()).all()
    assert np.array_equal(x, X)
    assert np.allclose(x, X + 1e-12)
    assert np.isnan(nan).tolist() == [True]


def test_what_is_no_number_is_unequal():
    x = ValueArray([Value(1.0), Value(2.0)])
    for other in (None, "1", b"1", ["1", None], np.array(["1", "2"])):
        assert (x == other).tolist() == [False, False]
        assert (x != other).tolist() == [True, True]
    assert (x == np.array([Fraction(1), "2"], dtype=object)).tolist() == [True, False]
    with pytest.raises(TypeError, match="not supported between"):
        _ = x < "1"


@pytest.mark.parametrize("engine", ["numpy", "blocked", "tape"])
def test_what_is_no_number_is_unequal_in_a_program(engine):
    f = autograd.compile(lambda x: (x * x).sum() if (x != None).all() else x[0], engine=engine)  # noqa: E711 - asked of an array
    assert f(np.array([1.0, 2.0]))[0] == 5.0


IDIOMS = {
    "maximum": lambda p: np.maximum(0, p).sum(),
    "where": lambda p: np.where(p > 0, p * p, 3.0 * p).sum(),
    "product": lambda p: (p * (p > 0)).sum(),
    "both": lambda p: (p * ((p > 0) & (p < 0.5))).sum(),
    "either": lambda p: (p * ((p > 0.5) | (p < -0.5))).sum(),
    "not": lambda p: (p * ~(p >= 0.1)).sum(),
    "xor": lambda p: (p * ((p > 0) ^ (p > 0.5))).sum(),
    "share": lambda p: (p > 0).mean() * p.sum(),
    "astype": lambda p: (p * (p <= 0).astype(float)).sum(),
    "largest": lambda p: np.exp(p - p.max(axis=1, keepdims=True)).sum(),
    "clip": lambda p: np.clip(p, -0.5, 0.5).sum(),
    "logical": lambda p: (p * np.logical_and(p > 0, np.logical_not(p > 1))).sum(),
    "set": lambda p: set_to_zero(p).sum(),
    "sign": lambda p: (np.sign(p) * p + abs(p)).sum(),
    "equal": lambda p: (p * (p != 0.25)).sum() + (p == p.max()).sum() * p.sum(),
}


def set_to_zero(p):
    p = p * 2
    p[p < 0] = 0
    return p


@pytest.mark.parametrize("name", IDIOMS)
def test_one_program_for_all_signs(name):
    idiom = IDIOMS[name]
    step = autograd.compile(idiom)
    rng = np.random.default_rng(0)
    for _ in range(30):
        p = rng.normal(size=(2, 3)).round(2)
        value, slopes = step(p)
        eager, expected = autograd.value_and_grad(idiom)(p)
        assert value == pytest.approx(float(idiom(p)), abs=1e-12)
        assert value == pytest.approx(eager, abs=1e-12)
        assert slopes == pytest.approx(expected, abs=1e-12)
    assert "1 variant" in repr(step)


@pytest.mark.parametrize("engine", ["numpy", "blocked", "tape"])
@pytest.mark.parametrize(
    "test",
    [lambda p: p > 0, lambda p: p >= 0, lambda p: p < 0, lambda p: p <= 0, lambda p: p == 0,
     lambda p: p != 0, lambda p: ~(p > 0), np.isnan, np.isfinite, np.isinf],
)  # fmt: skip
def test_truths_of_a_program_are_those_of_numpy(test, engine):
    step = autograd.compile(
        lambda p: (
            (np.where(test(p), 1.0, 2.0) * np.array([1.0, 10.0, 100.0, 1000.0])).sum() + 0 * p[0]
        ),
        engine=engine,
    )
    step(np.zeros(4))
    for p in ([1.0, 0.0, -1.0, math.nan], [1.0, math.inf, math.nan, -math.inf]):
        expected = np.where(test(np.array(p)), 1.0, 2.0) @ [1.0, 10.0, 100.0, 1000.0]
        assert step(np.array(p))[0] == expected


def test_decisions_are_guarded():
    step = autograd.compile(lambda p: p.sum() if (p > 0).all() else p[p > 0].sum() * 2)
    for p in ([1.0, 2.0], [1.0, -2.0], [-1.0, 2.0], [3.0, 4.0]):
        expected = sum(p) if min(p) > 0 else 2 * sum(x for x in p if x > 0)
        assert step(np.array(p))[0] == expected
    ordered = autograd.compile(lambda p: (np.sort(p) * np.arange(3.0)).sum() + p[np.argmax(p)])
    rng = np.random.default_rng(1)
    for _ in range(20):
        p = rng.normal(size=3)
        assert ordered(p)[0] == pytest.approx(np.sort(p) @ np.arange(3.0) + p.max())


S = np.arange(24.0).reshape(2, 3, 4) / 7


@pytest.mark.parametrize(
    ("index", "number"),
    [
        (lambda y: (range(2), y), 2), (lambda y: y, 2), (lambda y: (slice(None), y), 2),
        (lambda y: (..., y), 3), (lambda y: (y, 1), 2), (lambda y: (y, y), 2),
        (lambda y: (y[0], y[1]), 2), (lambda y: y[0], 2),
        (lambda y: (slice(1), None, y[:, None]), 2),
        (lambda y: (y, slice(None), y), 2), (lambda y: [y[0], y[1]], 2),
    ],
)  # fmt: skip
def test_an_argument_as_an_index(index, number):
    step = autograd.compile(lambda S, y: np.sum(np.ravel(S[index(y)]) ** 2) + S[0, 0, 0], wrt="S")
    for y in np.array([[0, 1], [1, 1], [1, 0], [0, 0]]):
        expected = np.sum(np.ravel(S[index(y)]) ** 2) + S[0, 0, 0]
        assert step(S, y)[0] == pytest.approx(expected)
        assert step(S, y)[1] == pytest.approx(
            autograd.grad(lambda S, y=y: np.sum(np.ravel(S[index(y)]) ** 2) + S[0, 0, 0])(S)
        )
    assert "1 variant" in repr(step)
    assert number > 1


def test_positions_out_of_range_are_refused():
    step = autograd.compile(lambda S, y: S[y].sum(), wrt="S")
    for y in ([0, 2], [-1, 0]):
        with pytest.raises((ValueError, IndexError)):
            step(S, np.array(y))


@pytest.mark.parametrize("y", [2, np.array([2, 0])])
@pytest.mark.parametrize("engine", ["numpy", "blocked", "tape"])
def test_a_plain_array_is_indexed_by_an_argument_as_an_array_of_values(engine, y):
    with pytest.raises(IndexError) as refused:
        autograd.compile(lambda x, y: (x * np.eye(3)[y]).sum(), engine=engine)(np.ones(3), y)
    assert "autograd.take(rows, i)" in refused.value.__notes__[0]
    step = autograd.compile(lambda x, y: (x * ValueArray(np.eye(3))[y]).sum(), engine=engine)
    assert step(np.ones(3), y)[1].tolist() == np.eye(3)[y].reshape(-1, 3).sum(axis=0).tolist()


def test_a_division_of_plain_numbers_beside_values_is_ieee():
    x = ValueArray([1.0, 0.0, Value(1.0)])
    with np.errstate(all="raise"):
        found = [float(v) for v in np.array(x / 0.0)]
        assert found[0] == found[2] == math.inf
        assert math.isnan(found[1])
        assert [float(v) for v in np.array(2 / x)] == [2.0, math.inf, 2.0]


def test_setting_an_array_up():
    w = autograd.values(X, "w")
    assert type(w) is ValueArray
    assert [v.label for v in w[0]] == ["w[0][0]", "w[0][1]", "w[0][2]"]
    w[0, 0] = 5.0
    w[1] = w[0] * 2
    assert w[1, 0] == 10.0
    assert w[1, 1].op == "mul"
    w += 1
    assert w[0, 0] == 6.0
    with pytest.raises(TypeError, match="cannot hold Values"):
        np.add(w, 1, out=np.zeros((2, 3)))
    numbers = np.ones((2, 3))
    with pytest.raises(TypeError, match="cannot hold Values"):
        numbers *= w


def test_as_an_array():
    w = autograd.values(X, "w")
    assert [type(v) for v in (w.T, w[0], w.reshape(3, 2), w.ravel(), w[:, None])] == [
        ValueArray
    ] * 5
    assert w.tolist()[1][2] is w[1, 2]
    assert w.item(0) is w[0, 0]
    assert w[:1, :1].squeeze() is w[0, 0]
    assert [len(row) for row in w] == [3, 3]
    assert type(np.array(w)) is np.ndarray
    assert np.array(w)[0, 0] is w[0, 0]
    assert "ValueArray" in repr(w)
    assert w.copy()[0, 0] is w[0, 0]
    for other in (pickle.loads(pickle.dumps(w)), copy.deepcopy(w)):
        assert type(other) is ValueArray
        assert [v.data for v in other[0]] == X[0].tolist()
        assert other[0, 0] is not w[0, 0]


REFUSED = {
    "interp": lambda x: np.interp(x, [0.0, 1.0], [0.0, 2.0]),
    "gradient": np.gradient,
    "i0": np.i0,
    "inv": lambda x: np.linalg.inv(x[:, :2]),
    "qr": np.linalg.qr,
    "fft": np.fft.fft,
    "interp of one": lambda x: np.interp(x[0, 0], [0.0, 1.0], [0.0, 2.0]),
    "full_like": lambda x: np.full_like(OTHER, x[0, 0]),
    "copyto": lambda x: np.copyto(np.zeros((2, 3)), x),
    "astype": lambda x: x.astype(float),
    "bitwise": lambda x: x & True,
    "where=": lambda x: np.sum(x, where=X > 0),
    "tobytes": lambda x: x.tobytes(),
    "at": lambda x: np.add.at(x, [0], 1.0),
    "q": lambda x: np.quantile(X, x[0, 0]),
    "index to set": lambda x: x.__setitem__(x[0], 1.0),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_has_no_derivative_is_refused(name):
    with pytest.raises(TypeError, match=re.compile(".+")):
        REFUSED[name](leaves())


def test_the_refusal_names_the_function():
    with pytest.raises(
        TypeError, match=r"np\.interp has no derivative here: it would .*, at test_value_array\.py:"
    ):
        np.interp(leaves(), [0.0, 1.0], [0.0, 2.0])


@pytest.mark.parametrize("other", [1j, np.complex128(0.5 + 1j), [0.5, 1j], np.array([0.5, 1j])])
def test_complex_numbers_are_not_compared_by_their_real_part(other):
    numbers = np.array([0.5, 1.0])
    a = ValueArray([Value(x) for x in numbers])
    assert np.equal(a, other).tolist() == np.equal(numbers, other).tolist()
    assert np.not_equal(a, other).tolist() == np.not_equal(numbers, other).tolist()
    with pytest.raises(TypeError, match="not supported between"):
        np.less(a, other)


def test_lists_that_hold_themselves_are_refused():
    a, rows = ValueArray([Value(0.5), Value(1.0)]), [1.0]
    rows.append(rows)
    with pytest.raises(ValueError, match=r"np\.concatenate: .*holding itself"):
        np.concatenate([a, rows])


@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("ddof", [0, 0.5, 1])
@pytest.mark.parametrize(
    ("shape", "axis"),
    [((5,), None), ((5,), -1), ((3, 4), None), ((3, 4), 0), ((2, 3, 4), (0, 2))],
)
def test_the_variance_with_fewer_degrees_of_freedom(shape, axis, ddof, keepdims):
    x = np.random.default_rng(0).normal(size=shape)
    for function in (np.var, np.std):
        found = function(ValueArray(x), axis=axis, ddof=ddof, keepdims=keepdims)
        expected = function(x, axis=axis, ddof=ddof, keepdims=keepdims)
        assert np.shape(found) == np.shape(expected)
        assert np.allclose(np.asarray(found, dtype=float), expected, rtol=1e-14)


def test_the_variance_of_one_number():
    """It is 0, over less than one degree of freedom."""
    assert float(np.var(ValueArray(2.0), ddof=0.5)) == np.var(2.0, ddof=0.5) == 0.0
