"""`grad`, `value_and_grad`, `vjp`: values, structures, nesting, errors."""

from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings

import autograd
from autograd import Value, grad, hvp, jvp, no_grad, value_and_grad, vjp
from tests.helpers.formulas import STRUCTURES, flat, same_structure

JACOBIAN = "give a function that returns one number, or use autograd.jacobian"
ALLOWED = "allowed are real numbers, Values, and lists, tuples, dicts and arrays of them"


class Pair(NamedTuple):
    w: np.ndarray
    b: float


def total(thing):
    return autograd.sum([x * x for x in flat(thing)])


@settings(max_examples=60)
@given(thing=STRUCTURES)
def test_a_gradient_has_the_structure_of_the_argument(thing):
    slopes = grad(total)(thing)
    assert same_structure(thing, slopes)
    assert flat(slopes) == [2 * x for x in flat(thing)]


def test_named_tuples_stay_named_tuples():
    p = Pair(np.array([1.0, 2.0]), 3.0)
    slopes = grad(lambda p: p.w @ p.w * p.b)(p)
    assert type(slopes) is Pair
    assert slopes.w.tolist() == [6.0, 12.0]
    assert slopes.b == 5.0


def test_arrays_come_as_arrays_of_values():
    x = np.arange(6.0).reshape(2, 3)
    A = np.arange(12.0).reshape(3, 4)
    slopes = grad(lambda x: np.sum((x @ A) ** 2))(x)
    assert slopes == pytest.approx(2 * x @ A @ A.T)
    assert grad(lambda x: x * x)(np.array(3.0)).tolist() == 6.0
    assert grad(np.sum)(np.array([1, 2])).dtype == float


def test_argnums_choose_arguments():
    f = lambda x, y, z=1.0: x * y * y * z  # noqa: E731
    assert grad(f)(2.0, 3.0) == 9.0
    assert grad(f, argnums=1)(2.0, 3.0) == 12.0
    assert grad(f, argnums=(1, 0))(2.0, 3.0) == (12.0, 9.0)
    assert grad(f, argnums=-1)(2.0, 3.0) == 12.0
    assert grad(f)(2.0, 3.0, z=10.0) == 90.0


def test_what_does_not_matter_is_zero():
    assert grad(lambda x, y: x, argnums=1)(2.0, 3.0) == 0.0  # noqa: ARG005
    assert grad(lambda x: 5.0)([2.0, np.ones(2)])[0] == 0.0  # noqa: ARG005
    assert value_and_grad(lambda x: 5)(2.0) == (5.0, 0.0)  # noqa: ARG005
    result, pull_back = vjp(lambda x: [x, 1.0, None], 2.0)
    assert result == [2.0, 1.0, None]
    assert pull_back([3.0, 9.0, None]) == (3.0,)


def test_aux_goes_along():
    f = lambda x: (x * x, {"x": x, "list": [x, (x, "text")], "array": np.array([x, 1.0])})  # noqa: E731
    slope, aux = grad(f, has_aux=True)(3.0)
    assert slope == 6.0
    assert aux["x"] == 3.0
    assert aux["list"] == [3.0, (3.0, "text")]
    assert aux["array"].tolist() == [3.0, 1.0]
    assert aux["array"].dtype == float
    (value, aux), slope = value_and_grad(f, has_aux=True)(3.0)
    assert (value, slope, aux["x"]) == (9.0, 6.0, 3.0)
    result, pull_back, aux = vjp(f, 3.0, has_aux=True)
    assert (result, pull_back(1.0), aux["x"]) == (9.0, (6.0,), 3.0)
    traced = grad(f, has_aux=True)(Value(3.0))[1]
    assert isinstance(traced["x"], Value)


def test_derivatives_inside_derivatives_are_not_taken_for_each_other():
    assert grad(lambda x: x * grad(lambda y: x + y)(1.0))(1.0) == 1.0
    assert grad(lambda x: x * grad(lambda y: x + y)(x))(1.0) == 1.0
    assert grad(lambda x: x * grad(lambda y: x * y)(1.0))(3.0) == 6.0
    assert grad(lambda x: x * grad(lambda y: x * y * y)(x))(3.0) == 54.0
    assert grad(lambda x: grad(lambda y: x * y)(x))(3.0) == 1.0
    assert grad(lambda x: jvp(lambda y: x * y, (x,), (1.0,))[1])(3.0) == 1.0
    assert grad(lambda x: jvp(lambda y: x * y, (1.0,), (x,))[1])(3.0) == 6.0
    assert grad(lambda x: vjp(lambda y: x * y, 1.0)[1](x)[0])(3.0) == 6.0
    assert grad(lambda x: hvp(lambda y: x * y**3, (x,), (1.0,))[0])(2.0) == 24.0
    f = lambda z: grad(lambda x: grad(lambda y: x * y * z)(x) * x)(z)  # noqa: E731
    assert grad(f)(2.0) == 8.0  # f(z) = d/dx [x² z] at z = 2 z²... whose derivative is 4 z


def test_orders_nest():
    g = lambda x: x**5  # noqa: E731
    found = []
    for _ in range(6):
        found.append(g(2.0))
        g = grad(g)
    assert found == [32.0, 80.0, 160.0, 240.0, 240.0, 120.0]


def test_values_give_values_that_are_graphs():
    x = Value(2.0, "x")
    slope = grad(lambda v: v**3)(x)
    assert isinstance(slope, Value)
    assert slope.data == 12.0
    slope.backward()
    assert x.grad == 12.0
    slopes = grad(lambda p: p[0] @ p[0] * p[1])([np.array([x, 1.0]), 3.0])
    assert slopes[0].dtype == object
    assert [float(s) for s in slopes[0]] == [12.0, 6.0]
    assert slopes[1].data == 5.0


def test_parameters_that_are_closed_over_are_numbers():
    w = Value(4.0)
    assert grad(lambda x: w * x * x)(3.0) == 24.0
    assert not w.has_grad
    through = grad(lambda x: w * x * x)(Value(3.0))
    through.backward()
    assert w.grad == 6.0


def test_minus_zero_stays():
    assert grad(grad(lambda x: 1 / x))(-0.0) == -np.inf
    assert grad(lambda x: grad(lambda y: 1 / y)(x) * 0 + 1 / x)(-0.0) == -np.inf


def test_under_no_grad():
    with no_grad():
        assert grad(lambda x: x**3)(2.0) == 12.0
        inner = grad(lambda x: x**3)(Value(2.0))
        assert (inner.data, inner.is_constant) == (12.0, True)
        assert (Value(2.0) * 3).is_constant
    assert not (Value(2.0) * 3).is_constant


def test_the_mode_ends_where_a_function_raises():
    def bad(x):
        raise KeyError(x.label)

    with pytest.raises(KeyError):
        grad(bad)(1.0)
    assert type(grad(lambda x: x * x)(1.0)) is float


def test_anomalies_are_found():
    with autograd.detect_anomaly(), pytest.raises(FloatingPointError, match="log"):
        grad(autograd.log)(0.0)


def test_pulling_back_adds_up():
    result, pull_back = vjp(lambda x: {"a": x, "b": [x, x * x]}, 3.0)
    assert result == {"a": 3.0, "b": [3.0, 9.0]}
    assert pull_back({"a": 1.0, "b": [2.0, 4.0]}) == (1.0 + 2.0 + 24.0,)
    (slope,) = pull_back({"a": Value(1.0), "b": [2.0, 4.0]})
    assert slope.data == 27.0
    result, pull_back = vjp(lambda x: x * x, Value(3.0))
    assert isinstance(result, Value)
    assert isinstance(pull_back(1.0)[0], Value)


def test_a_gradient_has_the_functions_signature_and_says_what_it_is():
    def loss(w, x):
        """Say so."""
        return w * x

    import inspect

    assert list(inspect.signature(grad(loss)).parameters) == ["w", "x"]
    assert repr(grad(loss)) == "<grad of loss>"
    assert grad(loss).__doc__ == "Return the grad of loss; see `autograd.grad`."
    assert grad(loss).__name__ == "loss"


def test_nothing_flows_along_a_zero():
    f = lambda v: autograd.where(v > 0, autograd.sqrt(v), 0.0)  # noqa: E731
    assert [grad(f)(x) for x in (-1.0, 0.0)] == [0.0, 0.0]
    assert grad(lambda v: autograd.sqrt(v * v))(0.0) == 0.0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: grad(3.0), "grad: got a float (3.0); allowed: a function"),
        (lambda: vjp("f", 1.0), "vjp: got a str ('f'); allowed: a function"),
        (
            lambda: grad(lambda x: [x, x])(1.0),
            (f"grad: the function returned a list of 2; {JACOBIAN}"),
        ),
        (
            lambda: grad(lambda x: x)(np.ones(3)),
            (f"grad: the function returned a ValueArray of shape (3,); {JACOBIAN}"),
        ),
        (
            lambda: grad(lambda x: "text")(1.0),  # noqa: ARG005
            (f"grad: the function returned a str ('text') at the result; {ALLOWED}"),
        ),
        (
            lambda: grad(lambda x: None)(1.0),  # noqa: ARG005
            "grad: the function returned None; return one number",
        ),
        (
            lambda: grad(total)({"w": [1.0, 2 + 1j]}),
            (f"grad: got a complex ((2+1j)) at argument 0['w'][1]; {ALLOWED}"),
        ),
        (
            lambda: grad(total)([1.0, "a"]),
            (f"grad: got a str ('a') at argument 0[1]; {ALLOWED}"),
        ),
        (
            lambda: grad(total)(np.array([1.0, None], dtype=object)),
            (f"grad: got None at argument 0[1]; {ALLOWED}"),
        ),
        (
            lambda: grad(total)(np.array([1j])),
            (f"grad: got an ndarray of shape (1,) at argument 0; {ALLOWED}"),
        ),
        (
            lambda: grad(total, argnums="x"),
            "argnums: got a str ('x'); allowed: a position, or a tuple of positions",
        ),
        (
            lambda: grad(total, argnums=()),
            "argnums: got a tuple of 0; allowed: a position, or a tuple of positions",
        ),
        (
            lambda: grad(lambda x: x, has_aux=True)(1.0),
            (
                "grad: with has_aux the function returns a pair (result, aux); it returned a Value "
                "(Value(1.0))"
            ),
        ),
        (
            lambda: vjp(lambda x: [x, x], 1.0)[1]([1.0]),
            "vjp: the cotangent is a list of 1; the result has a list of 2 there",
        ),
        (
            lambda: vjp(lambda x: [x, {"a": x}], 1.0)[1]([1.0, {"b": 1.0}]),
            "vjp: the cotangent[1] is a dict of 'b'; the result has a dict of 'a' there",
        ),
    ],
)
def test_type_errors(call, message):
    with pytest.raises(TypeError) as caught:
        call()
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: grad(total, argnums=2)(1.0),
            "argnums: got an int (2); allowed: a position from 0 to 0",
        ),
        (
            lambda: grad(total, argnums=(0, -3))(1.0, 2.0),
            "argnums: got an int (-3); allowed: a position from 0 to 1",
        ),
        (
            grad(total),
            "argnums: got an int (0); allowed: arguments by position",
        ),
        (
            lambda: grad(total, argnums=(0, -1))(1.0),
            "argnums: got a tuple of 2; allowed: each position once",
        ),
    ],
)
def test_value_errors(call, message):
    with pytest.raises(ValueError, match="argnums") as caught:
        call()
    assert str(caught.value) == message
