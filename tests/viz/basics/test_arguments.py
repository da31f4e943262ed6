import pytest

import autograd
from autograd import Value
from viz._arguments import checked_count, checked_result, checked_results, chosen


def test_what_is_allowed_comes_back():
    x = Value(1.0)
    assert checked_result(x, "f") is x
    assert checked_results(x, "f") == (x,)
    assert checked_results(iter([x, x]), "f") == (x, x)
    assert checked_count("limit", 3, 1, "all") == 3
    assert checked_count("limit", None, 1, "all") is None


def test_a_constant_has_no_derivatives():
    with pytest.raises(ValueError, match=r"f: Value\(1.0, op='constant'\) is a constant and has"):
        checked_result(autograd.constant(1.0), "f")


@pytest.mark.parametrize("thing", [{"J": Value(1.0)}, "J", b"J", None])
def test_no_results(thing):
    with pytest.raises(TypeError, match="f takes a Value or a list of Values, not"):
        checked_results(thing, "f")


def test_a_model_is_not_its_result():
    with pytest.raises(TypeError, match=r"not a Graph \(.*\); give what a call of it returns$"):
        checked_results(type("Graph", (), {"__call__": print})(), "f")


@pytest.mark.parametrize("count", [True, 0, 1.5, "3"])
def test_wrong_counts(count):
    with pytest.raises(
        ValueError, match="limit must be an int of at least 1, or None for all, not"
    ):
        checked_count("limit", count, 1, "all")


def test_chosen_says_what_is_allowed():
    assert chosen("fold", "b", ("a", "b")) == "b"
    with pytest.raises(ValueError, match=r"fold must be 'a' or 'b', not None"):
        chosen("fold", None, ("a", "b"))
