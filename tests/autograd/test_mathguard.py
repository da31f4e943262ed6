"""`math.exp(v)` is an error wherever it is written; `float(v)` never is."""
# ruff: noqa: PLW0108, PLC3002 - lambdas that only call something are what is tested here

import cmath
import dis
import math
import math as m
import types
from math import exp
from math import exp as renamed

import numpy as np
import pytest

import autograd
from autograd import Value, mathguard

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
    with pytest.raises(TypeError, match=r"^math\.\w+ would lose the gradient of a Value: use "):
        program(Value(0.5))


def test_message():
    with pytest.raises(TypeError) as caught:
        math.exp(Value(0.5))
    assert str(caught.value) == (
        "math.exp would lose the gradient of a Value: use autograd.exp(v), or math.exp(v.data) for "
        "the number alone"
    )


def test_instance_and_class_attributes_are_found():
    model = Model()
    with pytest.raises(TypeError, match=r"math\.exp would"):
        model.math.exp(Value(0.5))
    with pytest.raises(TypeError, match=r"math\.sin would"):
        model.function(Value(0.5))
    with pytest.raises(TypeError, match=r"math\.tanh would"):
        model.activation(Value(0.5))


NAMESAKES = ["acos", "asinh", "cbrt", "erf", "expm1", "lgamma", "log", "log2", "sqrt", "tan"]


@pytest.mark.parametrize("name", [*NAMESAKES, "fabs", "gamma", "degrees", "radians", "exp2"])
def test_each_function_names_its_replacement(name):
    function = getattr(math, name)
    expected = f"autograd.{name}(v)" if name in NAMESAKES else mathguard.INSTEAD[name]
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
    assert math.frexp(v) == (0.5, 0)


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
    (lambda v: list(map(float, [v])), [0.5]),
    (lambda v: [float(x) + math.exp(0) for x in [v]], [1.5]),
    (lambda v: np.array([v], float)[0] * math.exp(0), 0.5),
    (lambda v: np.array([math.exp(0), v], float).tolist(), [1.0, 0.5]),
    (lambda v: f(math.exp(0))(v), 1.5),
    (lambda v: (math.exp, float)[1](v), 0.5),
    (lambda v: {"exp": float}["exp"](v), 0.5),
    (lambda v: "exp %.1f" % v, "exp 0.5"),  # noqa: UP031 - old formatting asks for __float__ too
    (lambda v: complex(v), 0.5 + 0j),
    (lambda v: (lambda exp: exp(v))(float), 0.5),
    (lambda v: sum(map(float, (v, math.exp(0)))), 1.5),
    (lambda v: float(*[v]), 0.5),
    (lambda v: v.__float__(), 0.5),
    (lambda v: getattr(v, "__float__")(), 0.5),  # noqa: B009 - called through no name
    (lambda v: eval("float(v)", {"v": v}), 0.5),
    (lambda v: autograd.exp(v).data, math.exp(0.5)),
]


@pytest.mark.parametrize(("program", "expected"), HARMLESS)
def test_reading_the_number_passes(program, expected):
    assert program(Value(0.5)) == expected


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


def test_a_part_of_no_name_has_no_dotted_name():
    instructions = list(dis.get_instructions(compile("f().exp", "<f>", "eval")))
    places = [i for i, x in enumerate(instructions) if x.opname == "LOAD_ATTR"]
    assert mathguard._dotted(instructions[: places[-1] + 1]) is None
    assert mathguard._dotted(instructions[:1]) is None


def test_an_analysis_is_kept_and_the_store_is_bounded(monkeypatch):
    v = Value(0.5)
    analysed, analyse = [], mathguard._analysed
    monkeypatch.setattr(
        mathguard, "_analysed", lambda *place: analysed.append(place) or analyse(*place)
    )

    def often():
        return float(v) + math.exp(0)

    for _ in range(1000):
        often()
    assert len(analysed) == len(set(analysed)) > 0
    for i in range(1100):
        eval(compile(f"float(v) + {i}", "<generated>", "eval"))
    assert len(mathguard._found) <= 1001


def test_warm_code_is_caught_as_cold_code_is():
    v = Value(0.5)
    caught = 0
    for _ in range(200):
        try:
            math.exp(v)
        except TypeError:
            caught += 1
    assert caught == 200
