"""Operators, conversions, comparisons: a `Value` where Python expects a float."""
# ruff: noqa: ARG005 - functions of one table have one signature

import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from autograd import Value, constant


def gradients(result, *leaves):
    result.backward()
    return [leaf.grad for leaf in leaves]


def test_zero_plus_value_is_the_value():
    v, w = Value(1.0), Value(2.0)
    assert 0 + v is v
    assert 0.0 + v is v
    assert False + v is v
    total = sum([v, w])
    assert total.inputs == (v, w)
    assert (1 + v).inputs[1] is v
    assert (v + 0).op == "add"


def test_in_place_operators_make_new_nodes():
    a = Value(2.0)
    c = a
    c += 3
    (c * c).backward()
    assert (a.grad, a.data, c.data) == (10.0, 2.0, 5.0)
    d = a
    d -= 1
    d *= 4
    d /= 2
    d **= 2
    d //= 3
    d %= 1
    assert (d.data, a.data) == (0.0, 2.0)


OPERATORS = {
    "+": (lambda x, y: x + y, lambda x, y: (1.0, 1.0)),
    "-": (lambda x, y: x - y, lambda x, y: (1.0, -1.0)),
    "*": (lambda x, y: x * y, lambda x, y: (y, x)),
    "/": (lambda x, y: x / y, lambda x, y: (1 / y, -x / y / y)),
    "**": (lambda x, y: x**y, lambda x, y: (y * x ** (y - 1), x**y * math.log(x))),
    "//": (lambda x, y: x // y, lambda x, y: (0.0, 0.0)),
    "%": (lambda x, y: x % y, lambda x, y: (1.0, -(x // y))),
}
KINDS = [float, int, np.float64, np.float32, np.int64, np.int8, np.array, bool]


@pytest.mark.parametrize("sign", OPERATORS)
@pytest.mark.parametrize("kind", [Value, *KINDS], ids=lambda k: k.__name__)
def test_operators_with_every_kind_of_operand(sign, kind):
    apply, derivatives = OPERATORS[sign]
    a = Value(2.5)
    other = 1 if kind is bool else 3
    right = apply(a, kind(other))
    assert type(right) is Value
    assert right.data == apply(2.5, float(other))
    assert gradients(right, a) == pytest.approx([derivatives(2.5, other)[0]], rel=1e-15)
    a.zero_grad()
    left = apply(kind(other), a)
    assert type(left) is Value
    assert left.data == apply(float(other), 2.5)
    assert gradients(left, a) == pytest.approx([derivatives(other, 2.5)[1]], rel=1e-15)


def test_unary_operators():
    a = Value(-2.5)
    assert (-a).data == 2.5
    assert +a is a
    assert abs(a).data == 2.5
    assert gradients(abs(a), a) == [-1.0]


@pytest.mark.parametrize("other", ["a", [1.0], (1.0,), None, {}, 1j])
@pytest.mark.parametrize("sign", ["+", "-", "/", "//", "**"])
def test_wrong_operands(sign, other):
    apply, _ = OPERATORS[sign]
    with pytest.raises(TypeError, match=r"Value' and|not \"Value\"|and 'Value'"):
        apply(Value(1.0), other)
    with pytest.raises(TypeError, match="Value"):
        apply(other, Value(1.0))


@pytest.mark.parametrize("half", [Fraction(1, 2), Decimal("0.5")], ids=repr)
@pytest.mark.parametrize("sign", ["+", "-", "*", "/", "//", "**", "%"])
def test_fractions_and_decimals_are_numbers(sign, half):
    apply, _ = OPERATORS[sign]
    assert apply(Value(9.0), half).data == apply(9.0, 0.5)
    assert apply(half, Value(9.0)).data == apply(0.5, 9.0)


def test_product_with_a_sequence_is_an_error():
    for other in ("a", [1.0], (1.0,)):
        with pytest.raises(TypeError, match=r"Value\(2\.0\) is no whole number to count"):
            other * Value(2.0)


def test_power_with_a_modulus_is_an_error():
    with pytest.raises(TypeError, match="pow"):
        pow(Value(2.0), 2, 5)


def test_divmod():
    a, b = Value(7.5), Value(2.0)
    quotient, rest = divmod(a, b)
    assert (quotient.data, rest.data) == (3.0, 1.5)
    assert gradients(rest, a, b) == [1.0, -3.0]
    assert [x.data for x in divmod(a, 2)] == [3.0, 1.5]
    assert [x.data for x in divmod(-7.5, b)] == [-4.0, 0.5]
    assert [x.data for x in divmod(np.float64(7.5), b)] == [3.0, 1.5]
    with pytest.raises(TypeError, match="unsupported operand"):
        divmod(a, "x")


def test_rounding():
    a = Value(-2.567)
    for rounded, expected in [
        (round(a), -3.0),
        (round(a, 1), -2.6),
        (round(a, None), -3.0),
        (round(Value(1234.0), -2), 1200.0),
        (round(Value(2.5)), 2.0),
        (math.floor(a), -3.0),
        (math.ceil(a), -2.0),
        (math.trunc(a), -2.0),
        (math.trunc(Value(2.9)), 2.0),
    ]:
        assert type(rounded) is Value
        assert rounded.data == expected
        assert gradients(rounded, a) == [0.0]
    with pytest.raises(TypeError, match="cannot be interpreted as an integer"):
        round(a, 1.5)


def test_conversions():
    assert float(Value(2.5)) == 2.5
    assert int(Value(-2.5)) == -2
    assert [bool(Value(x)) for x in (0.0, -0.0, 1e-300, float("nan"))] == [False, False, True, True]
    with pytest.raises(ValueError, match="NaN"):
        int(Value(float("nan")))


def test_formatting():
    v = Value(2.5, "v")
    assert f"{v:.3f} {v:+.1e} {v:>6.1f}|{v!s:.8}" == "2.500 +2.5e+00    2.5|Value(2."
    assert f"{v}" == str(v) == repr(v) == "Value(2.5, label='v')"
    assert "%.2f %d" % (v, v) == "2.50 2"  # noqa: UP031 - it must work too
    with pytest.raises(ValueError, match="format"):
        f"{v:q}"


def test_repr_shows_operation_and_gradient():
    a = Value(3.0)
    b = a * a
    assert repr(b) == "Value(9.0, op='mul')"
    b.backward()
    assert repr(b) == "Value(9.0, op='mul', grad=1.0)"
    assert repr(a) == "Value(3.0, grad=6.0)"
    assert repr(constant(1)) == "Value(1.0, op='constant')"


@pytest.mark.parametrize(
    "other", [2.0, 2, np.float32(2), np.int8(2), np.array(2), Value(2.0)], ids=repr
)
def test_comparisons_are_by_number(other):
    small, same = Value(1.0), Value(2.0)
    for found, expected in [
        (small < other, True),
        (small <= other, True),
        (small > other, False),
        (small >= other, False),
        (other < small, False),
        (other >= small, True),
        (same < other, False),
        (same <= other, True),
        (other <= same, True),
        (other > same, False),
    ]:
        assert type(found) is bool or isinstance(found, np.bool_)
        assert found == expected


def test_comparisons_at_the_edges():
    nan = Value(float("nan"))
    assert not nan < 1
    assert not nan >= nan
    assert Value(1.0) < 10**400
    assert Value(1.0) > -(10**400)
    for other in ("a", None, [1.0], 1j):
        for compare in (Value.__lt__, Value.__le__, Value.__gt__, Value.__ge__):
            assert compare(Value(1.0), other) is NotImplemented
        with pytest.raises(
            TypeError, match=r"'<' not supported between instances of '(autograd\.)?Value'"
        ):
            Value(1.0) < other  # noqa: B015 - it raises


def test_equality_is_by_number_and_the_hash_is_the_node_s():
    a, b, c = Value(2.0), Value(2.0), Value(3.0)
    assert [a == b, a != b, a == c, a != c] == [True, False, False, True]
    assert [a == 2, a == 2.0, a == np.float32(2), a == True, a != 2] == [True] * 3 + [False] * 2  # noqa: E712
    assert [a == "2", a == None, a != [2.0], a == 10**400] == [False, False, True, False]  # noqa: E711
    assert [c in [a, b], 3 in [a, c], [a, c].index(3.0), [a, b].count(2)] == [False, True, 1, 2]
    assert len({a, b, a}) == 2
    assert {a: 1, b: 2}[b] == 2
    assert b not in {a, c}


def test_a_nan_equals_nothing():
    v = Value(float("nan"))
    assert [v == v, v != v, v == Value(float("nan")), v == 1.0] == [False, True, False, False]


def test_sorting_and_extremes():
    a, b, c = Value(3.0), Value(1.0), Value(2.0)
    assert sorted([a, b, c]) == [b, c, a]
    assert max(a, b, c) is a
    assert min([a, b, c]) is b
    assert max([b, 2.5, c]) == 2.5
