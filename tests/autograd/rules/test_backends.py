"""Rules compiled for floats and arrays: sources on file, the same numbers in every form."""

import gc
import inspect
import linecache
import math
import traceback

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd
from autograd import Value, gradient
from autograd.primitives import TABLE, unary
from autograd.rules import backends

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
    floats = backends.local_derivatives(entry, backends.FLOATS, "floats")
    arrays = backends.local_derivatives(entry, backends.ARRAYS, "arrays")
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
    assert backends.define("f", ("x", "y"), "x + y") == "def f(x, y):\n    return x + y\n"


def test_generated_source_is_on_file():
    made = backends.execute("def half(x):\n    return x / 2\n", "a test", {})
    assert made["half"](3.0) == 1.5
    assert inspect.getsource(made["half"]) == "def half(x):\n    return x / 2\n"
    assert "<autograd a test>" in linecache.cache
    assert "return" in inspect.getsource(backends.FLOATS["sigmoid"])


def test_source_is_on_file_for_as_long_as_a_function_of_it_lives():
    source = "def half(x):\n    return x / 2\n\n\ndef third(x):\n    return x / 3\n"
    made = backends.execute(source, "two functions", {})
    third = made.pop("third")
    made.clear()
    assert inspect.getsource(third) == "def third(x):\n    return x / 3\n"
    del third
    backends.drop_unused()
    assert "<autograd two functions>" not in linecache.cache


def test_nothing_leaves_linecache_while_it_is_read():
    """The collector may run while `linecache.checkcache` goes over the entries."""
    source = "def half(x):\n    return x / 2\n"
    backends.execute(source, "gone while it is read", {})  # its function is gone at once
    assert "<autograd gone while it is read>" in linecache.cache
    backends.execute(source, "the next source", {})
    assert "<autograd gone while it is read>" not in linecache.cache


def test_two_sources_of_one_label_are_told_apart():
    sources = [f"def add(x):\n    return x + {k}\n" for k in range(3)]
    made = [backends.execute(source, "one label", {})["add"] for source in sources]
    assert [inspect.getsource(add) for add in made] == sources
    del made[0]
    assert [inspect.getsource(add) for add in made] == sources[1:]


def test_a_traceback_shows_the_line_after_the_function_is_gone():
    half = backends.execute("def half(x):\n    return x / 2\n", "gone", {})["half"]
    shown = []
    try:
        half("x")
    except TypeError as error:
        del half
        shown = traceback.format_exception(error)
    assert "    return x / 2\n" in "".join(shown)
    gc.collect()
    backends.drop_unused()
    assert "<autograd gone>" not in linecache.cache


def compiled(k, engine):
    step = autograd.compile(lambda x, y: x * y + k * autograd.exp(x), engine=engine)
    assert step(1.0, 2.0)[0] == pytest.approx(2 + k * math.e)
    return step


def called_straight(k, engine):
    step = compiled(k, engine)
    step(2.0, 3.0)
    step(3.0, 4.0)
    return step


def lifted(k, _engine):
    x = Value(1.0, "x")
    return autograd.lift(x * k + autograd.exp(x), wrt=[x])


@pytest.mark.parametrize("engine", ["auto", "numpy"])
@pytest.mark.parametrize("make", [compiled, called_straight, lifted])
def test_programs_leave_nothing_on_file(make, engine):
    make(0.5, engine)
    gc.collect()
    backends.drop_unused()
    before = set(linecache.cache)
    alive = [make(k + 1.5, engine) for k in range(40)]
    assert len(linecache.cache) >= len(before)
    del alive
    gc.collect()
    backends.drop_unused()
    assert set(linecache.cache) <= before


def test_the_source_of_a_living_program_can_be_read():
    step = compiled(2.0, "numpy")
    names = [name for name in linecache.cache if name.startswith("<autograd program ")]
    assert any("exp(" in "".join(linecache.getlines(name)) for name in names)
    assert "exp(" in step.source


@pytest.mark.parametrize("name", [entry.name for entry in TABLE.values() if entry.defaults])
def test_array_functions_know_their_last_arguments(name):
    short = backends.ARRAYS[name](np.array([-1.5, 2.0]))
    assert np.array_equal(
        short, backends.ARRAYS[name](np.array([-1.5, 2.0]), *TABLE[name].defaults.values())
    )
    program = autograd.compile(getattr(autograd, name), engine="numpy")
    call = getattr(autograd, name)
    alone = autograd.compile(lambda x: call(x), engine="numpy")  # noqa: PLW0108 - of x alone
    last = TABLE[name].defaults.values()
    assert alone(-1.5)[0] == program(-1.5, *last)[0] == getattr(autograd, name)(-1.5)


def test_known_names_are_arguments_result_functions_and_constants():
    known = backends.known_names(TABLE["clip"])
    assert {"x", "lo", "hi", "z", "where", "maximum", "product_error", "inf", "LN2"} <= set(known)
    assert "y" not in known


def test_an_entry_with_a_bad_rule_is_not_compiled():
    with pytest.raises(NameError, match="thing: the rule 'x \\* w' names 'w'"):
        backends.extend(unary("thing", "x", "x * w"))
    assert "thing" not in backends.FLOATS
    assert "thing" not in backends.ARRAYS


def test_base_functions_are_not_compiled_again():
    before = backends.FLOATS["exp"], backends.ARRAYS["exp"]
    backends.extend(TABLE["exp"])
    assert (backends.FLOATS["exp"], backends.ARRAYS["exp"]) == before


def test_local_derivatives_one_function_an_argument():
    dx, dy = backends.local_derivatives(TABLE["mul"], backends.FLOATS, "floats")
    assert (dx(2.0, 5.0, 10.0), dy(2.0, 5.0, 10.0)) == (5.0, 2.0)
    assert dx.__name__ == "dmul_dx"
    (ds,) = backends.local_derivatives(TABLE["mean"], backends.FLOATS, "floats")
    assert ds([1.0, 3.0], 2.0) == [0.5, 0.5]
