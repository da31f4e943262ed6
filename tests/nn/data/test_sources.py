import itertools

import numpy as np
import pytest

import nn
from nn.data import sources

PAIRS = [([[0.0], [1.0]], [1.0, 3.0]), ([[2.0]], [5.0]), ([[-1.0], [3.0]], [-1.0, 7.0])]


class Endless:
    """Batches without an end, the same ones for each iteration."""

    def __iter__(self):
        return itertools.cycle(PAIRS)


class Again:
    """Batches that can be iterated again and again."""

    def __iter__(self):
        return iter(PAIRS)


def trained(X, **settings):
    model = nn.Neuron(1, activation="linear", init="zeros")
    history = nn.fit(model, X, progress=False, lr=0.1, **{"epochs": 3} | settings)
    return model.state_dict(), history["loss"]


@pytest.mark.parametrize("engine", ["compiled", "eager"])
@pytest.mark.parametrize("prefetch", [None, 0, 1, 5])
def test_an_iterable_trains_as_a_loop_over_its_batches(engine, prefetch):
    model = nn.Neuron(1, activation="linear", init="zeros")
    optimiser, losses = nn.Adam(model.parameters(), lr=0.1), []
    for _ in range(3):
        batches = [
            nn.fit(model, *pair, optimiser=optimiser, epochs=1, engine=engine, progress=False)
            for pair in PAIRS
        ]
        total = sum(len(Y) * b["loss"][0] for (_, Y), b in zip(PAIRS, batches, strict=True))
        losses.append(total / 5)
    expected = model.state_dict(), losses
    assert trained(Again(), engine=engine, prefetch=prefetch) == expected
    assert trained(lambda: iter(PAIRS), engine=engine, prefetch=prefetch) == expected
    assert trained(Endless(), engine=engine, prefetch=prefetch, steps_per_epoch=3) == expected
    endless = itertools.cycle(PAIRS)
    assert trained(endless, engine=engine, prefetch=prefetch, steps_per_epoch=3) == expected
    assert next(endless) == PAIRS[0], "no batch is drawn beyond the last step"


def test_a_function_may_take_the_number_of_the_epoch():
    asked = []

    def batches(epoch):
        asked.append(epoch)
        yield PAIRS[epoch % 3]

    trained(batches, prefetch=0)
    assert asked == [1, 2, 3]


def test_a_function_of_optional_arguments_gets_none():
    assert trained(lambda pairs=PAIRS: pairs) == trained(Again())


def test_arrays_in_batches_are_widened():
    narrow = [(np.array(X, "f4"), np.array(Y, "i2")) for X, Y in PAIRS]
    assert trained(lambda: narrow) == trained(Again())


def test_batches_that_are_not_regular_are_computed_one_by_one():
    model = nn.Neuron(1, activation="linear", init="zeros")

    def loss(_prediction, target):
        return model.b * sum(target)

    nn.fit(
        model,
        lambda: [([[1.0], [1.0]], [[1.0], [2.0, 3.0]])],
        loss=loss,
        optimiser="sgd",
        lr=1.0,
        epochs=1,
        progress=False,
    )
    assert model.b.data == -3.0


def test_a_generator_serves_one_epoch():
    assert trained((pair for pair in PAIRS), epochs=1) == trained(Again(), epochs=1)


def test_validation_and_metrics_of_an_iterable(XOR):
    model = nn.MLP(2, [1], output="sigmoid", rng=0)
    history = nn.fit(
        model, lambda: [XOR], epochs=1, validation=XOR, metrics="accuracy", progress=False
    )
    assert list(history) == ["loss", "validation_loss", "validation_accuracy", "lr", "seconds"]


@pytest.mark.parametrize(
    ("X", "settings", "error", "message"),
    [
        (
            iter(PAIRS),
            {},
            ValueError,
            r"a list_iterator gives its batches once: .* second of 3 epochs\. Give a function that",
        ),
        (PAIRS, {}, TypeError, r"the targets Y are missing: a list of 3 holds samples\. Batches"),
        (
            np.eye(2),
            {},
            TypeError,
            r"the targets Y are missing: an ndarray of shape \(2, 2\) holds",
        ),
        ("abc", {}, TypeError, r"the training samples must be a list or an array, got a str"),
        (3.0, {}, TypeError, r"the training samples must be a list or an array, got a float"),
        (Again(), {"batch_size": 2}, ValueError, "batch_size goes with samples: an iterable makes"),
        (Again(), {"steps_per_epoch": 0}, ValueError, "steps_per_epoch must be at least 1, got 0"),
        (Again(), {"prefetch": -1}, ValueError, "prefetch must be at least 0, got -1"),
        (Again(), {"metrics": "accuracy"}, ValueError, "metrics of an iterable of batches are"),
        (
            [[1.0]],
            {"Y": [1.0], "steps_per_epoch": 2},
            ValueError,
            "steps_per_epoch goes with an iterable of batches: give batch_size",
        ),
        (
            Again(),
            {"steps_per_epoch": 4},
            ValueError,
            "the Again gave 3 batches in epoch 1, steps_per_epoch is 4",
        ),
        (list, {}, ValueError, "the type gave no batches in epoch 1"),
        (lambda: None, {}, TypeError, r"the function must return an iterable .*\(X, Y\), got None"),
        (
            lambda: [[[1.0]]],
            {},
            TypeError,
            r"batch 1 of epoch 1 must be a pair \(samples, targets\), got a list of 1",
        ),
        (
            lambda: [*PAIRS, ([[1.0]], [1.0, 2.0])],
            {},
            ValueError,
            r"batch 4 of epoch 1 needs as many targets as samples .* got 1 samples and 2 targets",
        ),
        (lambda: [(1.0, [1.0])], {}, TypeError, "the batch 1 of epoch 1 samples must be a list or"),
    ],
)
def test_what_is_no_iterable_of_batches(X, settings, error, message):
    with pytest.raises(error, match=message):
        trained(X, **settings)


def test_an_iterable_that_got_shorter_cannot_be_gone_on_with():
    source = sources.find(lambda: PAIRS, None, None, None)
    with pytest.raises(ValueError, match="gave 3 batches in epoch 2, where 5 were used before"):
        list(source.epoch(2, None, skip=5))
