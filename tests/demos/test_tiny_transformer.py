import numpy as np
import pytest

import autograd
from autograd import Value
from demos import tiny_transformer as demo


def test_the_words_are_the_elements():
    assert len(demo.WORDS) == len(set(demo.WORDS)) == 118
    assert demo.WORDS[:2] == ["hydrogen", "helium"]
    assert max(map(len, demo.WORDS)) < demo.LONGEST


def test_the_compiled_step_is_the_scalar_one():
    parameters = demo.make_parameters(seed=3)
    tokens = demo.encoded("tin")
    eager = demo.loss(parameters, tokens)
    eager.backward()
    step = autograd.compile(lambda tokens: demo.loss(parameters, tokens))
    value, gradients = step(tokens)
    assert value == pytest.approx(eager.data, rel=1e-13)
    for name, matrix in parameters.items():
        wanted = np.array([[v.grad for v in row] for row in matrix])
        if name == "position":
            wanted = wanted[: len(tokens) - 1]  # positions that a short word does not reach
        assert gradients[name] == pytest.approx(wanted, abs=1e-14), name


def test_the_program_has_no_index_arrays():
    parameters = demo.make_parameters(seed=3)
    step = autograd.compile(lambda tokens: demo.loss(parameters, tokens))
    step(demo.encoded("cobalt"))
    assert set(step.program.kept) == {"mask1"}  # who may look at whom
    assert step.engine in {"blocked", "numpy"}
    assert step.source.count("\n") < 70


def test_no_position_looks_ahead():
    parameters = demo.make_parameters(seed=3)
    short, long = (demo.logits(parameters, demo.encoded(word)) for word in ("tin", "tino"))
    for a, b in zip(short[:4], long[:4], strict=True):
        assert [v.data for v in a] == [v.data for v in b]


def test_it_learns_and_invents(tour):
    text = tour.of("tiny_transformer")
    ((first, last),) = tour.rows(
        "tiny_transformer", r"loss: (\S+) in the first tenth, (\S+) in the last .*"
    )
    assert float(last) < 1.2 < float(first)
    words = text.partition("invented: ")[2].partition("\n\n")[0]
    invented = words.replace("\n", " ").split(", ")
    assert len(invented) > 5
    assert not set(invented) & set(demo.WORDS)


def test_a_sample_ends():
    parameters = demo.make_parameters(seed=0)
    word = demo.invent(parameters, seed=1)
    assert len(word) <= demo.LONGEST
    assert type(parameters["head"][0][0]) is Value
