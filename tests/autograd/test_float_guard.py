"""C code that reads a number is an error; `float(v)` in a line is none outside derivatives."""
# ruff: noqa: PLW0108, PLC3002 - lambdas that only call something are what is tested here

import array
import cmath
import functools
import math
import math as m
import operator
import re
import types
from concurrent.futures import ThreadPoolExecutor
from math import exp
from math import exp as renamed

import numpy as np
import pytest

import autograd
from autograd import Value, constant, float_guard
from autograd.errors import ConcretizationError

package = types.SimpleNamespace(inner=types.SimpleNamespace(math=math))


class Model:
    activation = math.tanh

    def __init__(self):
        self.math = math
        self.function = math.sin

    @property
    def net(self):
        raise AssertionError("a property must not run a second time")

    def method(self, v):
        return math.exp(v)


def on_lines(v):
    return math.exp(
        v
    )  # fmt: skip


def dotted_on_lines(v):
    return (
        package
        .inner
        .math.
        exp(v)
    )  # fmt: skip


def parameter_on_lines(v, module=math):
    return (module
            .exp(v))  # fmt: skip


def module_on_a_line_of_its_own(v):
    return (math.
            exp(
                v))  # fmt: skip


def by_default(v, function=math.exp):
    return function(v)


def in_closure(v):
    local = math.exp

    def inner():
        return local(v)

    return inner()


def in_finally(v):
    try:
        return 0
    finally:
        math.exp(v)


def in_generator(v):
    return next(math.exp(x) for x in [v])


def beside_others(v):
    return math.exp(1) + abs(-2) + math.exp(v) + float(v)


def starred(v):
    return math.pow(*[v, 2.0])


def keyword(v):
    none = {}
    return math.dist([v], [1.0], **none)


def on_a_deep_line(v):
    return [math.exp(1), {"a": (math.cos(0), math.exp(v))}]


LOSING = [
    lambda v: math.exp(v),
    lambda v: m.exp(v),
    lambda v: exp(v),
    lambda v: renamed(v),
    lambda v: package.inner.math.exp(v),
    lambda v: [math.exp(x) for x in [v]],
    lambda v: {math.exp(x): 1 for x in [v]},
    lambda v: (lambda x: math.exp(x))(v),
    lambda v: Model().method(v),
    lambda v: math.exp(math.exp(v)),
    lambda v: math.exp(v) if v > 0 else 0,
    lambda v: math.exp(v if v > 0 else -v),
    lambda v: f"{math.exp(v):.2f}",
    lambda v: eval("math.exp(v)", globals(), {"v": v}),
    on_lines,
    dotted_on_lines,
    parameter_on_lines,
    module_on_a_line_of_its_own,
    by_default,
    in_closure,
    in_finally,
    in_generator,
    beside_others,
    starred,
    keyword,
    on_a_deep_line,
]


@pytest.mark.parametrize("program", LOSING)
def test_losing_the_gradient_is_an_error(program):
    with pytest.raises(
        TypeError, match=r"^math\.\w+ would lose the gradient of a Value, at .*: use "
    ):
        program(Value(0.5))


def test_message():
    with pytest.raises(TypeError) as caught:
        math.exp(Value(0.5))
    assert re.fullmatch(
        r"math\.exp would lose the gradient of a Value, at test_float_guard\.py:\d+: "
        r"math\.exp\(Value\(0\.5\)\): use autograd\.exp\(v\), or math\.exp\(v\.data\) for the "
        "number alone",
        str(caught.value),
    )


def test_instance_and_class_attributes_are_found():
    model = Model()
    with pytest.raises(TypeError, match=r"math\.exp would"):
        model.math.exp(Value(0.5))
    with pytest.raises(TypeError, match=r"math\.sin would"):
        model.function(Value(0.5))
    with pytest.raises(TypeError, match=r"math\.tanh would"):
        model.activation(Value(0.5))


NAMESAKES = ["acos", "asinh", "cbrt", "erf", "expm1", "lgamma", "log2", "sqrt", "tan"]


@pytest.mark.parametrize("name", [*NAMESAKES, "log", "fabs", "gamma", "degrees", "radians", "exp2"])
def test_each_function_names_its_replacement(name):
    function = getattr(math, name)
    expected = f"autograd.{name}(v)" if name in NAMESAKES else float_guard.INSTEAD[name]
    with pytest.raises(TypeError) as caught:
        function(Value(0.5))
    assert f"use {expected}, or math.{name}(v.data)" in str(caught.value)


@pytest.mark.parametrize("name", ["fmod", "remainder", "copysign", "hypot", "atan2", "pow"])
def test_functions_of_two_numbers(name):
    function = getattr(math, name)
    with pytest.raises(TypeError, match=rf"math\.{name} would lose"):
        function(2.0, Value(0.5))


def test_cmath_is_caught_too():
    with pytest.raises(TypeError, match=r"cmath\.exp would lose .* use autograd\.exp\(v\)"):
        cmath.exp(Value(0.5))


def test_sums_of_values():
    with pytest.raises(TypeError, match=r"use autograd\.sum\(values\)"):
        math.fsum([Value(0.5)])


def test_products_keep_their_gradient():
    a = Value(3.0)
    math.prod([a, a]).backward()
    assert a.grad == 6.0


def test_predicates_are_harmless():
    v = Value(0.5)
    assert math.isfinite(v)
    assert not math.isnan(v)
    assert not math.isinf(v)
    assert math.isclose(v, 0.5)


def own_exp(x):
    return float(x) + 1


def test_a_function_of_the_same_name_passes():
    exp = own_exp
    assert exp(Value(0.5)) == 1.5


def f(x):
    return lambda y: float(y) + x


def get_float():
    return types.SimpleNamespace(exp=own_exp)


def what_has_no_name_on_lines(v):
    return (get_float()
            .exp(v))  # fmt: skip


HARMLESS = [
    (what_has_no_name_on_lines, 1.5),
    (lambda v: float(v), 0.5),
    (lambda v: math.exp(0) + float(v), 1.5),
    (lambda v: math.exp(float(v)), math.exp(0.5)),
    (lambda v: math.exp(v.data), math.exp(0.5)),
    (lambda v: [float(x) + math.exp(0) for x in [v]], [1.5]),
    (lambda v: f(math.exp(0))(v), 1.5),
    (lambda v: "exp %.1f" % v, "exp 0.5"),  # noqa: UP031 - old formatting asks for __float__ too
    (lambda v: (lambda exp: exp(v))(float), 0.5),
    (lambda v: float(*[v]), 0.5),
    (lambda v: v.__float__(), 0.5),
    (lambda v: eval("float(v)", {"v": v}), 0.5),
    (lambda v: autograd.exp(v).data, math.exp(0.5)),
]


@pytest.mark.parametrize(("program", "expected"), HARMLESS)
def test_reading_the_number_passes(program, expected):
    assert program(Value(0.5)) == expected


def assigned(v):
    a = np.zeros(2)
    a[0] = v
    return a


def sliced(v):
    a = np.zeros(2)
    a[:] = v
    return a


def put(v):
    a = np.zeros(2)
    np.put(a, [0], [v])
    return a


C_CODE = [
    assigned,
    sliced,
    lambda v: array.array("d", [v]),
    lambda v: np.array([v], float),
    lambda v: np.array([math.exp(0), v], float),
    lambda v: np.array([v], int),
    lambda v: np.array([v]).astype(float),
    lambda v: np.asarray([v, 1.0], dtype=np.float32),
    lambda v: np.fromiter([v], float),
    lambda v: np.i0(np.array([v])),
    lambda v: complex(v),
    lambda v: complex(1.0, v),
    lambda v: np.complex128(v),
    lambda v: list(map(float, [v])),
    lambda v: list(map(math.exp, [v])),
    lambda v: functools.partial(math.exp)(v),
    lambda v: sum(map(float, (v, math.exp(0)))),
    lambda v: (math.exp, float)[1](v),
    lambda v: {"exp": math.exp}["exp"](v),
    lambda v: getattr(v, "__float__")(),  # noqa: B009 - called through no name
]


@pytest.mark.parametrize("transform", [lambda f: f, autograd.grad, autograd.hessian])
@pytest.mark.parametrize(
    ("program", "message"),
    [
        (lambda v: np.interp(v, [0.0, 1.0], [0.0, 2.0]), "np.interp has no derivative here"),
        (lambda v: np.full(2, v, float), r"np.copyto into an ndarray .*, which holds no Values"),
        (lambda v: np.copyto(np.zeros(2), v), "holds no Values: make it one of dtype object"),
        (put, r"lose its gradient.*np\.put"),
    ],
)
def test_functions_of_numpy_that_would_lose_a_gradient_are_refused(program, message, transform):
    with pytest.raises(ConcretizationError, match=message):
        transform(program)(Value(0.5))


def test_lines_of_scientific_libraries_are_not_the_users():
    signal = pytest.importorskip("scipy.signal")
    with pytest.raises(ConcretizationError, match=r"behind your back.*, at test_float_guard\.py:"):
        signal.chirp(1.0, Value(0.5), 1.0, 2.0)
    assert signal.chirp(1.0, 0.5, 1.0, 2.0) == signal.chirp(1.0, constant(0.5), 1.0, 2.0)


@pytest.mark.parametrize("program", C_CODE)
def test_c_code_gets_no_number(program):
    message = r"(behind your back|gradient of a Value|is no whole number)"
    with pytest.raises(ConcretizationError, match=message) as caught:
        program(Value(0.5, "v"))
    assert ", at test_float_guard.py:" in str(caught.value) or "math." in str(caught.value)
    program(constant(0.5))  # which has no gradient to lose


def test_a_plot_of_values_names_the_users_line():
    figure = pytest.importorskip("matplotlib.figure", reason="the extra plot is not installed")
    axes = figure.Figure().subplots()
    with pytest.raises(ConcretizationError) as caught:
        axes.plot([Value(0.5), Value(0.25)])
    assert ", at test_float_guard.py:" in str(caught.value)
    assert "or write v.data, [v.data for v in values]," in str(caught.value)


@pytest.mark.parametrize("program", [*C_CODE, *(program for program, _ in HARMLESS[1:3])])
@pytest.mark.parametrize("transform", [autograd.grad, autograd.jacobian, autograd.hessian])
def test_derivatives_lose_no_gradient(program, transform):
    with pytest.raises(ConcretizationError, match=r"would lose"):
        transform(lambda x: program(x) * x)(0.5)


@pytest.mark.parametrize("ask", [float, int, lambda v: np.float64(v), lambda v: math.frexp(v)])
def test_a_derivative_takes_numbers_on_purpose_alone(ask):
    with pytest.raises(
        ConcretizationError, match=r"would lose .* write v\.data|math\.frexp\(v\.data"
    ):
        autograd.grad(lambda x: x * ask(x))(0.5)
    assert autograd.grad(lambda x: x * math.floor(x.data + 1.5))(0.5) == 2.0
    assert autograd.grad(lambda x: x * float(autograd.stop_gradient(x)))(0.5) == 0.5
    assert autograd.grad(lambda x: x if math.isfinite(x) else -x)(0.5) == 1.0
    assert autograd.grad(lambda x: x * len(f"{x!r} {x:.3f} " + "%.1f" % x))(0.5) == 20.0  # noqa: UP031


def test_other_threads_read_while_a_derivative_is_taken():
    w = Value(3.0)
    with ThreadPoolExecutor(1) as pool:
        f = autograd.grad(lambda x: x * pool.submit(float, w.data).result())
        read = autograd.grad(lambda x: x * pool.submit(lambda: float(w)).result())
        assert f(1.0) == read(1.0) == 3.0


PLACES = [
    lambda v: range(v),
    lambda v: [1.0, 2.0][v],
    lambda v: [1.0, 2.0][:v],
    lambda v: "ab" * v,
    lambda v: round(v, v),
    lambda v: operator.index(v),
    lambda v: math.factorial(v),
]


@pytest.mark.parametrize("program", PLACES)
def test_a_value_is_no_whole_number(program):
    with pytest.raises(TypeError, match=r"take\(rows, i\).* rows\[i\], .*plain int to range"):
        program(Value(1.0))


@pytest.mark.parametrize(
    ("x", "y"), [(5.5, 2.0), (-5.5, 2.0), (5.5, -2.0), (-5.0, 3.0), (7.5, 5.0)]
)
def test_the_advice_for_functions_of_math_is_right(x, y):
    for name in ("fmod", "remainder", "copysign"):
        scope = {"v": Value(x), "y": y, "math": math, "autograd": autograd}
        found = eval(float_guard.INSTEAD[name], scope)
        assert found.data == getattr(math, name)(x, y), name
    rest, whole = eval(
        float_guard.INSTEAD["modf"].replace(" and ", ", "), {"v": Value(x), "math": math}
    )
    assert (rest.data, whole.data) == math.modf(x)
    assert eval(
        float_guard.INSTEAD["hypot"], {"v": Value(x), "w": y, "autograd": autograd}
    ) == math.hypot(x, y)


def test_no_property_runs_a_second_time():
    class Counting:
        reads = 0

        @property
        def function(self):
            self.reads += 1
            return float

    counting = Counting()
    assert counting.function(Value(0.5)) == 0.5
    assert counting.reads == 1


def test_unknown_names_pass():
    code = compile("number(v)", "<nowhere>", "eval")
    assert eval(code, {"v": Value(0.5), "__builtins__": {"number": float}}) == 0.5


def test_code_without_positions_passes():
    def reads(v):
        return float(v)

    positions_gone = reads.__code__.replace(co_linetable=b"")
    assert types.FunctionType(positions_gone, {"float": float})(Value(0.5)) == 0.5


def test_warm_code_is_caught_as_cold_code_is():
    v = Value(0.5)
    caught = 0
    for _ in range(200):
        try:
            math.exp(v)
        except TypeError:
            caught += 1
    assert caught == 200


NAN, ONE = Value(math.nan), Value(1.0)
EXTREMES = {
    "max of a list": lambda v, w: np.max([v, w]),
    "min of a list": lambda v, w: np.min([v, w]),
    "maximum of lists": lambda v, w: np.maximum([v], [w]),
    "fmax of lists": lambda v, w: np.fmax([v], [w]),
    "a plain array's max": lambda v, w: np.array([v, w]).max(),
    "a plain array's min": lambda v, w: np.array([v, w]).min(),
    "reduce": lambda v, w: np.minimum.reduce([v, w]),
    "accumulate": lambda v, w: np.maximum.accumulate([v, w]),
    "clip": lambda v, w: np.clip([v, w], 0.0, 2.0),
    "ptp": lambda v, w: np.ptp([v, w]),
}


@pytest.mark.parametrize("name", EXTREMES)
@pytest.mark.parametrize("order", [(NAN, ONE), (ONE, NAN)])
def test_numpy_loses_no_nan_among_objects(name, order):
    with pytest.raises(ConcretizationError, match=r"would lose a NaN.*ValueArray\(\[v, w\]\)"):
        EXTREMES[name](*order)


@pytest.mark.parametrize("name", EXTREMES)
def test_numpys_extremes_of_objects_without_nan_work(name):
    v, w = 0.5, 1.5
    found = np.asarray(EXTREMES[name](Value(v), Value(w)), dtype=object).ravel()
    assert [x.data for x in found] == np.ravel(EXTREMES[name](v, w)).tolist()


def test_comparisons_with_a_nan_are_pythons():
    assert not NAN >= ONE
    assert not ONE <= NAN
    assert max(ONE, NAN) is ONE
    with np.errstate(invalid="ignore"):
        assert not np.greater_equal([NAN], [ONE]).any()


@pytest.mark.parametrize("engine", ["numpy", "blocked", "tape"])
def test_a_program_of_numpys_extremes_meets_a_nan_later(engine):
    largest = autograd.compile(lambda x: np.max([x[0], x[1]]) * 1.0, engine=engine)
    assert largest([1.0, 2.0]) == (2.0, [0.0, 1.0])
    assert largest([2.0, 1.0]) == (2.0, [1.0, 0.0])
    for xs in ([math.nan, 1.0], [1.0, math.nan]):
        with pytest.raises(ConcretizationError, match="would lose a NaN"):
            largest(xs)
