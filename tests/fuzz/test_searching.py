"""What a search tells, and that plain `pytest` draws the same examples each time."""

from hypothesis import settings
from hypothesis import strategies as st

from tests.fuzz import searching
from tests.fuzz.__main__ import long


def test_a_search_goes_on_and_tells_the_shortest_of_each_kind():
    def failures(text):
        if len(text) > 2:
            raise ValueError(f"{len(text)} letters in {text!r}")
        return [("empty", AssertionError("nothing"))] if not text else ()

    found = searching.search(
        st.sampled_from(["", "a", "abc", "abcd"]), failures, settings(max_examples=20)
    )
    assert found.keys() == {
        "empty",
        "ValueError: # letters in 'abc'",
        "ValueError: # letters in 'abcd'",
    }
    count, program, error = found["ValueError: # letters in 'abc'"]
    assert (count, program, str(error)) == (1, "abc", "3 letters in 'abc'")
    assert "1 x empty\nAssertionError: nothing\n\n" in [*searching.told(found)]


def test_plain_pytest_draws_no_new_examples():
    fixed = settings.get_profile("fixed")
    assert fixed.derandomize
    assert fixed.database is None
    assert not settings.get_profile("random").derandomize


def test_a_long_search_draws_new_ones():
    assert not long(10).derandomize
    assert long(10).max_examples == 10
