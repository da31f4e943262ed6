"""Where gradients stop: eagerly, in pictures, in programs and in second derivatives."""

import numpy as np
import pytest

import autograd
import viz
from autograd import Value, gradient, stop_gradient
from autograd.errors import ConcretizationError


def test_nothing_flows_back_and_the_number_stays():
    x = Value(3.0, "x")
    y = x * stop_gradient(x)
    y.backward()
    assert (y.data, x.grad, y.inputs[1].op, y.inputs[1].partials) == (
        9.0,
        3.0,
        "stop_gradient",
        (0.0,),
    )
    assert "stop" in viz.draw(y).dot


def test_structures_stay_and_numbers_stay_numbers():
    x = Value(3.0)
    tree = {"w": [x, 2.0, (x,)], "b": np.array([x, x], dtype=object), "name": "net"}
    stopped = stop_gradient(tree)
    assert [v.op for v in (stopped["w"][0], stopped["w"][2][0], *stopped["b"])] == [
        "stop_gradient"
    ] * 4
    assert (stopped["w"][1], stopped["name"]) == (2.0, "net")
    assert (stop_gradient(2), autograd.stop_gradient([1, 2])) == (2, [1, 2])
    assert x.stop_gradient().op == "stop_gradient"


@pytest.mark.parametrize("engine", ["numpy", "blocked", "tape"])
@pytest.mark.parametrize("stop", [stop_gradient, Value.detach])
def test_a_program_has_the_number_of_each_call(engine, stop):
    f = autograd.compile(lambda x: x * stop(x), engine=engine)
    assert [f(2.0), f(3.0), f(5.0)] == [(4.0, 2.0), (9.0, 3.0), (25.0, 5.0)]


def test_a_program_does_not_differentiate_what_stops():
    f = autograd.compile(
        lambda xs: autograd.sum([x * stop_gradient(x.exp()) for x in xs]), engine="numpy"
    )
    value, slopes = f(np.array([0.0, 1.0]))
    assert (value, slopes.tolist()) == (np.e, [1.0, np.e])
    assert "* 0" not in f.source
    assert f.source.count("exp(") == 1


def test_a_program_keeps_no_number_that_was_taken_out():
    f = autograd.compile(lambda x: x * x.detach().data)
    with pytest.raises(ConcretizationError, match="would freeze its number"):
        f(2.0)


def test_outside_of_programs_detach_is_a_leaf():
    x = Value(2.0, "x")
    assert (x.detach().is_constant, x.detach().inputs, x.detach().label) == (True, (), "x")
    with autograd.no_grad():
        assert x.detach().is_constant


def test_second_derivatives_stop_too():
    x = Value(3.0)
    (first,) = gradient(stop_gradient(x * x) * x * x, [x], create_graph=True)
    assert (first.data, gradient(first, [x])) == (54.0, [18.0])
