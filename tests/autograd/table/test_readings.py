"""Rules compiled for floats and arrays: sources on file, the same numbers in every form."""

import inspect
import linecache
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd
from autograd import Value, gradient
from autograd.ops import TABLE, unary
from autograd.table import readings

FIXED = [entry for entry in TABLE.values() if not entry.variadic]
EACH = pytest.mark.parametrize("entry", FIXED, ids=lambda entry: entry.name)
# NumPy has its own exp, sin, ...: 4 ulp. A rounded condition number multiplies that here.
ULPS = {"gelu_tanh": 60, "pow": 8, "sech": 8, "tanh": 8, "gaussian": 8, "mish": 8}


def draw(entry, data):
    return [data.draw(st.floats(low, high)) for low, high in entry.domain]


def close(got, want, ulps):
    return abs(got - want) <= ulps * math.ulp(max(abs(want), 1e-3)) or (got != got and want != want)


@EACH
@given(data=st.data())
@settings(max_examples=25)
def test_float_value_list_and_array_agree(entry, data):
    numbers = draw(entry, data)
    function = getattr(autograd, entry.name)
    z = function(*numbers)
    assert isinstance(z, float)
    assert math.isfinite(z)
    assert function(*map(Value, numbers)).data == z
    assert function(*([x] for x in numbers)) == [z]
    (from_array,) = function(*map(np.array, ([x] for x in numbers)))
    assert close(from_array, z, ULPS.get(entry.name, 4))


@EACH
@given(data=st.data())
@settings(max_examples=15)
def test_derivatives_of_value_float_array_and_graph_agree(entry, data):
    numbers = draw(entry, data)
    leaves = [Value(x) for x in numbers]
    z = getattr(autograd, entry.name)(*leaves)
    floats = readings.local_derivatives(entry, readings.FLOATS, "floats")
    arrays = readings.local_derivatives(entry, readings.ARRAYS, "arrays")
    wanted = [rule(*numbers, z.data) for rule in floats]
    assert np.array_equal(z.partials, wanted, equal_nan=True)
    assert np.array_equal(gradient(z, leaves), wanted, equal_nan=True)
    graphs = gradient(z, leaves, create_graph=True)
    columns = [np.array([x]) for x in (*numbers, z.data)]
    for rule, graph, want in zip(arrays, graphs, wanted, strict=True):
        assert close(graph.data, want, 4)
        with np.errstate(all="ignore"):
            assert close(np.broadcast_to(rule(*columns), 1)[0], want, 64)


def test_define():
    assert readings.define("f", ("x", "y"), "x + y") == "def f(x, y):\n    return x + y\n"


def test_generated_source_is_on_file():
    made = readings.execute("def half(x):\n    return x / 2\n", "a test", {})
    assert made["half"](3.0) == 1.5
    assert inspect.getsource(made["half"]) == "def half(x):\n    return x / 2\n"
    assert "<autograd a test>" in linecache.cache
    assert "return" in inspect.getsource(readings.FLOATS["sigmoid"])


@pytest.mark.parametrize("name", [entry.name for entry in TABLE.values() if entry.defaults])
def test_array_functions_know_their_last_arguments(name):
    short = readings.ARRAYS[name](np.array([-1.5, 2.0]))
    assert np.array_equal(
        short, readings.ARRAYS[name](np.array([-1.5, 2.0]), *TABLE[name].defaults.values())
    )
    program = autograd.compile(getattr(autograd, name), engine="numpy")
    call = getattr(autograd, name)
    alone = autograd.compile(lambda x: call(x), engine="numpy")  # noqa: PLW0108 - of x alone
    last = TABLE[name].defaults.values()
    assert alone(-1.5)[0] == program(-1.5, *last)[0] == getattr(autograd, name)(-1.5)


def test_known_names_are_arguments_result_functions_and_constants():
    known = readings.known_names(TABLE["clip"])
    assert {"x", "lo", "hi", "z", "where", "maximum", "product_error", "inf", "LN2"} <= set(known)
    assert "y" not in known


def test_an_entry_with_a_bad_rule_is_not_compiled():
    with pytest.raises(NameError, match="thing: the rule 'x \\* w' names 'w'"):
        readings.extend(unary("thing", "x", "x * w"))
    assert "thing" not in readings.FLOATS
    assert "thing" not in readings.ARRAYS


def test_base_functions_are_not_compiled_again():
    before = readings.FLOATS["exp"], readings.ARRAYS["exp"]
    readings.extend(TABLE["exp"])
    assert (readings.FLOATS["exp"], readings.ARRAYS["exp"]) == before


def test_local_derivatives_one_function_an_argument():
    dx, dy = readings.local_derivatives(TABLE["mul"], readings.FLOATS, "floats")
    assert (dx(2.0, 5.0, 10.0), dy(2.0, 5.0, 10.0)) == (5.0, 2.0)
    assert dx.__name__ == "dmul_dx"
    (ds,) = readings.local_derivatives(TABLE["mean"], readings.FLOATS, "floats")
    assert ds([1.0, 3.0], 2.0) == [0.5, 0.5]
