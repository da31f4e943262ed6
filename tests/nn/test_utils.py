import pytest

from nn._utils import count, in_range, resolve


def test_pick_without_a_near_name():
    with pytest.raises(ValueError, match=r"^there is no colour 'x'\. It can be red or green$"):
        resolve("colour", "x", {"red": 1, "green": 2})


def test_pick_says_what_else_could_come():
    with pytest.raises(TypeError, match=r"^the colour can be red or a number, got None$"):
        resolve("colour", None, {"red": 1}, "a number")


def test_count_from_zero():
    assert count("epochs", 0, least=0) == 0
    with pytest.raises(ValueError, match="epochs must be at least 0, got -1"):
        count("epochs", -1, least=0)


@pytest.mark.parametrize("wrong", [True, "1", b"1", None, [1.0]])
def test_in_range_takes_numbers(wrong):
    with pytest.raises(TypeError, match="lr must be a number, got "):
        in_range("lr", wrong)
