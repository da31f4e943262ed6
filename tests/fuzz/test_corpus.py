"""The fuzzers' corpus, replayed: each input is fine, whatever it is."""

import pytest

from tests.fuzz import fuzzer

CASES = [(what, name) for what in fuzzer.TARGETS for name in fuzzer.inputs(what)]


@pytest.mark.parametrize(("what", "name"), CASES)
def test_an_input_of_the_corpus_is_handled(what, name):
    fuzzer.TARGETS[what](fuzzer.inputs(what)[name])


def test_there_is_a_corpus_for_each_target():
    assert {what for what, _ in CASES} == set(fuzzer.TARGETS)


def test_a_wrong_loader_is_found(monkeypatch):
    from nn import serialization

    monkeypatch.setattr(serialization, "read", lambda _: ("A()", {"w": 1}))
    with pytest.raises(AssertionError):
        fuzzer.loader(b"anything")
