"""`Value`: its constructor, its fields, its arithmetic, its likeness to a float."""

import math
import re
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from autograd import Value, constant

ALLOWED = (
    "allowed: one real number: an int, float, bool, Fraction, Decimal, or a scalar or 0-d array"
)


def gradients(result, *leaves):
    result.backward()
    return [leaf.grad for leaf in leaves]


ACCEPTED = [
    3,
    -2.5,
    True,
    np.float16(0.5),
    np.float32(0.5),
    np.float64(0.5),
    np.longdouble(0.5),
    np.int8(-3),
    np.uint8(200),
    np.int64(2**40),
    np.bool_(True),
    np.array(2.5),
    np.array(7, dtype=np.int16),
    float("inf"),
    5e-324,
    -0.0,
    Fraction(1, 3),
    Decimal("0.1"),
    Decimal("-Infinity"),
]


@pytest.mark.parametrize("number", ACCEPTED, ids=repr)
@pytest.mark.parametrize("make", [Value, constant])
def test_accepts_every_real_number(make, number):
    node = make(number)
    assert type(node.data) is float
    assert repr(node.data) == repr(float(number))


REFUSED = [
    ("abc", "a str ('abc')"),
    (b"1", "a bytes (b'1')"),
    (None, "None"),
    (1j, "a complex (1j)"),
    (np.complex64(1), "a complex64 ("),
    ([1.0], "a list of 1"),
    ((), "a tuple of 0"),
    ({"a": 1}, "a dict of 1"),
    ({1}, "a set of 1"),
    (np.array([1.0]), "an ndarray of shape (1,)"),
    (np.array("a"), "an ndarray (array('a'"),
    (np.array(None, dtype=object), "an ndarray (array(None"),
    (np.datetime64("2020-01-01"), "a datetime64 ("),
    (Decimal("sNaN"), "a Decimal (Decimal('sNaN'))"),
    (Value(1.0, "w"), "a Value (Value(1.0, label='w'))"),
    (object, "a type (<class 'object'>)"),
]

MANY = {"a list of 1", "a tuple of 0", "an ndarray of shape (1,)"}
SEVERAL = "; autograd.values makes a Value of each number of a list"


@pytest.mark.parametrize(("thing", "described"), REFUSED, ids=lambda x: repr(x)[:30])
@pytest.mark.parametrize("make", [Value, constant])
def test_refuses_everything_else(make, thing, described):
    with pytest.raises(TypeError) as caught:
        make(thing)
    text = str(caught.value)
    assert text.startswith(f"{make.__name__}: got {described}")
    assert text.removesuffix(SEVERAL).endswith(ALLOWED)
    assert text.endswith(SEVERAL) == (make is Value and described in MANY)


@pytest.mark.parametrize(
    "number", [Fraction(10**400), Decimal("1e400"), Decimal("-1e400")], ids=repr
)
def test_refuses_what_is_beyond_the_floats(number):
    with pytest.raises(OverflowError, match=r"^Value: got a .*, beyond the largest float"):
        Value(number)


def test_refuses_an_int_beyond_the_floats():
    message = re.escape("Value: got an int (of 1329 bits), beyond the largest float (1.8e308)")
    with pytest.raises(OverflowError, match=message):
        Value(10**400)
    with pytest.raises(OverflowError, match="operand: got an int"):
        Value(1.0) + 10**400


def test_labels():
    a = Value(1.0, "a")
    assert a.label == "a"
    a.label = "b"
    assert repr(a) == "Value(1.0, label='b')"
    a.label = None
    assert a.label is None
    for make in (Value, constant):
        with pytest.raises(TypeError, match=r"label: got an int \(3\); allowed: a str or None"):
            make(1.0, 3)
    with pytest.raises(TypeError, match="label: got a list of 0"):
        a.label = []
    assert constant(2, "two").label == "two"


def test_is_final():
    with pytest.raises(TypeError, match=r"Value is final: hold one in|not an acceptable base type"):
        type("Mine", (Value,), {})


def test_has_no_stray_attributes():
    with pytest.raises(AttributeError):
        Value(1.0).name = "a"


def test_leaf():
    a = Value(2.0)
    assert (a.data, a.grad, a.has_grad, a.op, a.inputs, a.partials) == (
        2.0,
        0.0,
        False,
        "leaf",
        (),
        (),
    )
    assert a.is_leaf
    assert not a.is_constant


def test_result_knows_its_operation_inputs_and_partials():
    a, b = Value(2.0), Value(5.0)
    c = a * b
    assert (c.op, c.inputs, c.partials) == ("mul", (a, b), (5.0, 2.0))
    assert not c.is_leaf
    square = a * a
    assert square.inputs == (a, a)
    assert square.partials == (2.0, 2.0)


def test_plain_numbers_become_constants():
    a = Value(2.0)
    c = 3 * a
    three = c.inputs[0]
    assert c.inputs == (three, a)
    assert (three.op, three.data, three.is_constant, three.is_leaf) == ("constant", 3.0, True, True)
    assert c.partials == (0.0, 3.0)
    c.backward()
    assert (three.grad, three.has_grad) == (0.0, False)


def test_a_constant_value_gets_no_gradient():
    a, k = Value(2.0), constant(5.0)
    c = a * k + k
    c.backward()
    assert (a.grad, k.grad, k.has_grad) == (5.0, 0.0, False)
    assert (a * k).partials == (5.0, 0.0)
    k.grad = 3.0  # as loops over all nodes do: harmless
    assert (k.grad, k.has_grad) == (0.0, False)


def test_data_can_be_set_on_leaves_only():
    a = Value(2.0)
    a.data = np.float32(0.5)
    assert a.data == 0.5
    a.data -= 0.25
    assert a.data == 0.25
    b = 3 * a
    with pytest.raises(
        AttributeError, match=r"data of Value\(0\.75, op='mul'\) was computed by 'mul'"
    ):
        b.data = 1.0
    with pytest.raises(TypeError, match=r"data: got a str \('1'\); allowed: one real number"):
        a.data = "1"
    assert (a.data, b.data) == (0.25, 0.75)


def test_grad_can_be_set():
    a = Value(2.0)
    a.grad = 1
    assert (a.grad, a.has_grad) == (1.0, True)
    (3 * a).backward()
    assert a.grad == 4.0
    with pytest.raises(TypeError, match="grad: got None"):
        a.grad = None
    a.zero_grad()
    assert (a.grad, a.has_grad) == (0.0, False)


def test_a_leaf_changed_after_forward_keeps_the_gradient_of_that_forward():
    a, b = Value(2.0), Value(3.0)
    c = a * b + a**2 + a.exp()
    before = c.data
    a.data = 100.0
    assert gradients(c, a, b) == [3.0 + 4.0 + math.exp(2.0), 2.0]
    assert c.data == before


def test_detach():
    a = Value(3.0, "a")
    b = a.detach()
    assert (b.data, b.label, b.is_constant) == (3.0, "a", True)
    assert gradients(a * b, a) == [3.0]
