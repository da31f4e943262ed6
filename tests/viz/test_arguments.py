import pytest

import autograd
from autograd import Value
from viz._arguments import check_choice, check_count, check_result, check_results


def test_what_is_allowed_comes_back():
    x = Value(1.0)
    assert check_result(x, "f") is x
    assert check_results(x, "f") == (x,)
    assert check_results(iter([x, x]), "f") == (x, x)
    assert check_count("limit", 3, 1, "all") == 3
    assert check_count("limit", None, 1, "all") is None


def test_a_constant_has_no_derivatives():
    with pytest.raises(ValueError, match=r"f: Value\(1.0, op='constant'\) is a constant and has"):
        check_result(autograd.constant(1.0), "f")


@pytest.mark.parametrize("thing", [{"J": Value(1.0)}, "J", b"J", None])
def test_no_results(thing):
    with pytest.raises(TypeError, match="f takes a Value or a list of Values, not"):
        check_results(thing, "f")


def test_a_model_is_not_its_result():
    with pytest.raises(TypeError, match=r"not a Graph \(.*\); give what a call of it returns$"):
        check_results(type("Graph", (), {"__call__": print})(), "f")


@pytest.mark.parametrize("count", [True, 0, 1.5, "3"])
def test_wrong_counts(count):
    with pytest.raises(
        ValueError, match="limit must be an int of at least 1, or None for all, not"
    ):
        check_count("limit", count, 1, "all")


def test_chosen_says_what_is_allowed():
    assert check_choice("fold", "b", ("a", "b")) == "b"
    with pytest.raises(ValueError, match=r"fold must be 'a' or 'b', not None"):
        check_choice("fold", None, ("a", "b"))
