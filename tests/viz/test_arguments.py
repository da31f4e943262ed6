import pytest

import autograd
from autograd import Value
from viz._arguments import check_result, check_values


def test_what_is_allowed_comes_back():
    x = Value(1.0)
    assert check_result(x, "f") is x
    assert check_values("J", x) == (x,)
    assert check_values("J", iter([x, x])) == (x, x)


def test_a_constant_has_no_derivatives():
    with pytest.raises(ValueError, match=r"f: Value\(1.0, op='constant'\) is a constant and has"):
        check_result(autograd.constant(1.0), "f")


@pytest.mark.parametrize("thing", [{"J": Value(1.0)}, "J", b"J", None])
def test_no_results(thing):
    with pytest.raises(TypeError, match=r"J: got .*; allowed: a Value or a list of Values$"):
        check_values("J", thing)


def test_a_list_says_which_is_no_value():
    with pytest.raises(TypeError, match=r"^J\[1\]: got a float \(2\.0\); allowed: a Value$"):
        check_values("J", [Value(1.0), 2.0])


def test_a_model_is_not_its_result():
    with pytest.raises(TypeError, match=r"^J: got a Graph \(.*; give what a call of it returns$"):
        check_values("J", type("Graph", (), {"__call__": print})())
