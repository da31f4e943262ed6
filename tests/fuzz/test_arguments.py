"""Compiled functions of any arguments; `python -m tests.fuzz programs` draws more."""

import pytest
from hypothesis import HealthCheck, Phase, settings

from tests.fuzz import arguments
from tests.fuzz.arguments import Batch, Call, Point

FEW = settings(
    max_examples=20,
    phases=[Phase.generate],  # what fails is told as it was drawn
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],  # nested structures
)


def call_of(term, first="plain", engine="auto", wrt=("p",)):
    """Return a program of one term, with the same three calls for all."""
    calls = [
        {
            "p": {
                "w": [0.5 * i, -1.5], "b": 1.2 * i, "n": i, "rows": [[0.3 * i], [1.0, 2.0, -i / 2]],
                "t": (0.7, i / 4), "pt": Point(i / 3, 2.0), "d": {"deep": [(0.1, 0.6 * i)]},
                "A": [[0.2 * i, 1.0], [2.0, 3.0]],
            },
            "q": [1.5, i], "s": i / 2, "k": i % 2, "o": {"mode": "soft", "none": None},
        }
        for i in (1, 2, 3)
    ]  # fmt: skip
    source = f'{arguments.FROZEN}def f(p, q, s, k, o):\n    return {term} + 0.1 * p["b"]\n'
    return Call(source, calls, named=False, first=first, engine=engine, wrt=wrt)


@pytest.mark.parametrize("term", arguments.TERMS)
def test_a_part_of_a_structure_is_read_as_eagerly(term):
    arguments.check_call(call_of(term, wrt=("p", "q")))


@pytest.mark.parametrize("engine", arguments.ENGINES)
@pytest.mark.parametrize("first", arguments.FIRST)
def test_the_mode_of_the_first_call_freezes_nothing(first, engine):
    arguments.check_call(call_of('autograd.dot(p["w"], q)', first, engine))


@pytest.mark.parametrize("kind", arguments.CHECKS)
def test_random_calls_agree_with_eager_ones(kind):
    FEW(arguments.test_of(kind))()


def test_a_wrong_number_is_found(monkeypatch):
    monkeypatch.setattr(arguments, "eager", lambda *_: [0.0])
    with pytest.raises(AssertionError, match="call 0, the first one was plain"):
        arguments.check_call(call_of('p["b"]'))


@pytest.mark.parametrize("engine", arguments.ENGINES)
def test_a_batch_with_nan_is_nan_and_one_without_is_not(engine):
    nan = float("nan")
    program = Batch("def f(w, x):\n    return w * x[0]\n", 2.0, [[[nan]], [[1.0]]], engine)
    arguments.check_batch(program)
