"""A small character model in plain lists and loops, as one writes it for eager Values."""

import numpy as np
import pytest

import autograd
from autograd import Value
from autograd.errors import ConcretizationError

WORDS = ["ada", "bea", "abe", "dea"]
LETTERS = sorted(set("".join(WORDS)))
END, WIDTH, LENGTH = len(LETTERS), 4, 5


def matrix(rng, rows, columns):
    return [[Value(x) for x in row] for row in rng.normal(0.0, 0.3, (rows, columns)).tolist()]


@pytest.fixture
def weights():
    rng = np.random.default_rng(1)
    shapes = {"token": END + 1, "place": LENGTH, "query": WIDTH, "key": WIDTH, "value": WIDTH}
    shapes |= {"up": 2 * WIDTH, "head": END + 1}
    state = {name: matrix(rng, rows, WIDTH) for name, rows in shapes.items()}
    return {**state, "down": matrix(rng, WIDTH, 2 * WIDTH)}


def linear(x, rows):
    return [sum(w * xi for w, xi in zip(row, x, strict=True)) for row in rows]


def softmax(logits, largest):
    top = largest(logits)
    powers = [(v - top).exp() for v in logits]
    total = sum(powers)
    return [p / total for p in powers]


def normed(x):
    scale = (sum(xi * xi for xi in x) / len(x) + 1e-5) ** -0.5
    return [xi * scale for xi in x]


def logits_of(state, token, place, keys, values, select, largest):
    x = [a + b for a, b in zip(select(state["token"], token), state["place"][place], strict=True)]
    x = normed(x)
    query = linear(x, state["query"])
    keys.append(linear(x, state["key"]))
    values.append(linear(x, state["value"]))
    scores = [sum(q * k for q, k in zip(query, key, strict=True)) / WIDTH**0.5 for key in keys]
    shares = softmax(scores, largest)
    x = [a + sum(s * v[i] for s, v in zip(shares, values, strict=True)) for i, a in enumerate(x)]
    hidden = [h.relu() for h in linear(normed(x), state["up"])]
    x = [a + b for a, b in zip(x, linear(hidden, state["down"]), strict=True)]
    return linear(x, state["head"])


def loss_of(state, select, largest):
    def loss(tokens):
        keys, values, losses = [], [], []
        for place in range(len(tokens) - 1):
            logits = logits_of(state, tokens[place], place, keys, values, select, largest)
            chances = softmax(logits, largest)
            losses.append(-select(chances, tokens[place + 1]).log())
        return sum(losses) / len(losses)

    return loss


def as_written(rows, i):
    return rows[i]


def largest_number(values):
    return max(v.data for v in values)


TOKENS = [[END, *map(LETTERS.index, word), END] for word in WORDS]


def parameters(state):
    return [v for rows in state.values() for row in rows for v in row]


def test_two_changes_let_it_compile(weights):
    eager = loss_of(weights, as_written, largest_number)
    step = autograd.compile(loss_of(weights, autograd.take, autograd.max))
    leaves = parameters(weights)
    for tokens in TOKENS:
        for leaf in leaves:
            leaf.zero_grad()
        wanted = eager(tokens)
        wanted.backward()
        slopes = autograd.get_data(leaves, grads=True)
        for leaf in leaves:
            leaf.zero_grad()
        assert step.backward(tokens) == pytest.approx(wanted.data, rel=1e-12)
        np.testing.assert_allclose(autograd.get_data(leaves, grads=True), slopes, atol=1e-12)
    assert "1 variant" in repr(step), "one program for all words of one length"


def test_the_errors_name_the_changes(weights):
    with pytest.raises(TypeError, match=r"choose with autograd\.take\(rows, i\)") as caught:
        autograd.compile(loss_of(weights, as_written, autograd.max)).backward(TOKENS[0])
    assert "compile(..., static=...)" in str(caught.value)
    with pytest.raises(ConcretizationError, match=r"autograd\.max\(values\) instead of max\(v\.da"):
        autograd.compile(loss_of(weights, autograd.take, largest_number)).backward(TOKENS[0])
    by_int = autograd.compile(loss_of(weights, lambda rows, i: rows[int(i)], autograd.max))
    with pytest.raises(ConcretizationError, match=r"autograd\.take\(rows, i\) instead of rows\[in"):
        by_int.backward(TOKENS[0])


def test_a_static_index_needs_no_change(weights):
    def loss(token, target):
        chances = softmax(
            logits_of(weights, token, 0, [], [], as_written, autograd.max), autograd.max
        )
        return -chances[target].log()

    step = autograd.compile(loss, static=["token", "target"])
    for token, target in ((0, 1), (1, 0), (0, 1)):
        assert step.value(token, target) == pytest.approx(loss(token, target).data)
