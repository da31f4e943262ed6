"""A number that selects is checked at each call, whether it is an argument or a parameter."""

import pytest

import autograd
from autograd import Value

WRONG = (1e9, -1e9, float("nan"), 1e300, 0.5, -1.0, 3.0)


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("engine", ["numpy", "blocked", "tape"])
def test_a_parameter_that_selects_is_checked_at_each_call(engine, wrong):
    rows = [Value(1.0, "r0"), Value(2.0, "r1"), Value(3.0, "r2")]
    k = Value(1.0, "k")
    program = autograd.lift(autograd.take(rows, k) * 2, rows, engine=engine)
    step = autograd.compile(lambda x: autograd.take(rows, k) * x, engine=engine)
    for _ in range(2):
        assert program(1.0, 2.0, 3.0) == (4.0, [0.0, 2.0, 0.0])
        assert step(5.0) == (10.0, 2.0)
    k.data = wrong
    with pytest.raises(IndexError, match="allowed are the whole numbers 0 to 2"):
        program(1.0, 2.0, 3.0)
    with pytest.raises(IndexError, match="allowed are the whole numbers 0 to 2"):
        step(5.0)
    k.data = 2.0
    assert program(1.0, 2.0, 3.0) == (6.0, [0.0, 0.0, 2.0])
    assert step(5.0) == (15.0, 3.0)


@pytest.mark.parametrize("engine", ["numpy", "blocked", "tape"])
def test_only_parameters_that_select_are_checked(engine):
    rows = [Value(-1.5, "a"), Value(7.5, "b")]
    step = autograd.compile(lambda k: autograd.take(rows, k), engine=engine)
    assert step.value(0) == -1.5
    assert step.value(1) == 7.5
