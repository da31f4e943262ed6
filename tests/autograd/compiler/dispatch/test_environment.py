"""What a function reads beside its arguments, by identity."""

import dis
import functools
import math

import numpy as np
import pytest

import autograd
from autograd.compiler.dispatch import environment as module
from autograd.compiler.dispatch.environment import environment_of

FACTOR = [1.0]


class Model:
    """Called with a number; its method names a global."""

    def __call__(self, x):
        return self.scaled(x)

    def scaled(self, x):
        return FACTOR[0] * x


def test_nothing_is_noted_of_what_is_no_python_function():
    assert environment_of(math.exp) is None
    assert environment_of(lambda x: x * x).same()


def scaled(x, rate=2.0, *, shift=0.0):
    return x * rate + shift


def calls(x):
    return scaled(x)


def replaced_by_name(function):
    function.__kwdefaults__ = {"shift": 1.0}


def replaced_within(function):
    function.__kwdefaults__["shift"] = 2.0


def replaced_by_place(function):
    function.__defaults__ = (3.0,)


def replaced_code(function):
    function.__code__ = (lambda x, rate, *, shift: x - rate - shift).__code__


@pytest.mark.parametrize("of", [scaled, calls, functools.partial(scaled, 1.0)])
@pytest.mark.parametrize(
    "replace", [replaced_by_name, replaced_within, replaced_by_place, replaced_code]
)
def test_defaults_and_code_are_noted(of, replace, monkeypatch):
    for name in ("__defaults__", "__code__"):
        monkeypatch.setattr(scaled, name, getattr(scaled, name))
    monkeypatch.setattr(scaled, "__kwdefaults__", {"shift": 0.0})
    found = environment_of(of)
    assert found.same()
    replace(scaled)
    assert not found.same()


def test_what_partial_holds_by_name_is_noted():
    function = functools.partial(functools.partial(scaled, 1.0), rate=2.0)
    found = environment_of(function)
    function.keywords["rate"] = 3.0
    assert not found.same()


def test_functions_that_are_defaults_are_looked_into(monkeypatch):
    found = environment_of(lambda x, act=named: act(x))
    monkeypatch.setitem(globals(), "FACTOR", [2.0])
    assert not found.same()


def named(_):
    return FACTOR


@pytest.mark.parametrize(
    "function",
    [
        named,
        lambda x: [FACTOR for _ in range(x)],
        lambda x: sum(map(lambda y: y * FACTOR, x)),  # noqa: C417 - of a function inside
        lambda x: named(x) and x,
        functools.partial(named, 1),
        Model(),
        Model().scaled,
        lambda x, model=Model(): model(x) and FACTOR,  # noqa: B008
        autograd.grad(named),
    ],
)
def test_globals_are_noted_wherever_they_are_named(function, monkeypatch):
    found = environment_of(function)
    assert found.same()
    monkeypatch.setitem(globals(), "FACTOR", [1.0])
    assert not found.same()
    monkeypatch.delitem(globals(), "FACTOR")
    assert not found.same()


@pytest.mark.parametrize(
    "code",
    [
        environment_of.__code__,
        dis.dis.__code__,
        compile("\n".join(f"a{i}.b{i}" for i in range(600)), "<many names>", "exec"),
        compile("def f():\n" + "".join(f"  a{i}.b{i}\n" for i in range(600)), "<more>", "exec"),
    ],
    ids=lambda code: code.co_name,
)
def test_the_globals_of_a_code_are_those_that_it_is_shown_to_load(code):
    shown = [
        instruction.argval
        for each in (code, *(c for c in code.co_consts if hasattr(c, "co_code")))
        for instruction in dis.get_instructions(each)
        if instruction.opname in {"LOAD_GLOBAL", "LOAD_NAME"}
    ]
    assert set(module._globals_named(code)) == set(shown)
    assert len(shown) > 2


def test_cells_are_noted_also_empty_ones():
    def outer():
        def inner():
            return late

        found = environment_of(inner)
        before = found.same()
        late = 1
        return before, found.same(), environment_of(inner).same()

    assert outer() == (True, False, True)


def test_defaults_are_noted_also_of_functions_inside():
    def inner(x, rate=0.5, *, plus=1.0):
        return rate * x + plus

    def outer(x, call=inner):
        return call(x)

    found = environment_of(outer)
    assert found.same()
    inner.__defaults__ = (0.25,)
    assert not found.same()
    found = environment_of(outer)
    inner.__kwdefaults__["plus"] = 2.0
    assert not found.same()
    found = environment_of(outer)
    inner.__kwdefaults__ = dict(inner.__kwdefaults__)
    assert not found.same()
    found = environment_of(outer)
    outer.__defaults__ = None
    assert not found.same()


def test_a_name_that_nothing_defines_may_be_defined_later(monkeypatch):
    found = environment_of(lambda: undefined_name)  # noqa: F821
    assert found.same()
    monkeypatch.setitem(globals(), "undefined_name", 1)
    assert not found.same()


def test_equal_is_not_enough():
    rate = 1000.5
    found = environment_of(lambda x: x * rate)
    rate = float("1000.5")
    assert not found.same()


def test_functions_of_installed_packages_are_not_looked_into(monkeypatch):
    found = environment_of(lambda x: np.mean(x) * x)
    monkeypatch.setattr(np, "mean", sum)  # an attribute, which the code does not name as a global
    assert found.same()


def test_no_more_functions_are_looked_into_than_a_few(monkeypatch):
    monkeypatch.setattr(module, "MAX_FUNCTIONS", 1)
    inner = lambda: FACTOR  # noqa: E731
    found = environment_of(lambda: inner)
    monkeypatch.setitem(globals(), "FACTOR", [2.0])
    assert found.same()
