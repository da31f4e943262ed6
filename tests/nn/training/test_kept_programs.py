"""A model keeps what was compiled for it: the next training traces only what has changed."""

import copy
import gc
import pickle
import weakref

import numpy as np
import pytest

import autograd
import nn
from autograd.compiler.compiled import Compiled
from nn.module import PROGRAMS

X = np.random.default_rng(0).normal(size=(12, 2))
Y = X[:, 0] * X[:, 1]
settings = {"weight": 1.0}


@pytest.fixture
def traces(monkeypatch):
    """Return a list that grows at each trace but those that look whether a program still holds."""
    seen = []
    original = Compiled._traced

    def traced(self, *args):
        seen.append(self.name)
        return original(self, *args)

    monkeypatch.setattr(Compiled, "_traced", traced)
    return seen


def model_of(**options):
    return nn.MLP(2, [3, 1], **{"activation": "tanh", "rng": 0, **options})


def train(model, epochs=5, **options):
    return nn.fit(model, X, Y, **{"epochs": epochs, "progress": False, "rng": 0, **options})["loss"]


def weighted(prediction, target):
    return settings["weight"] * (prediction - target) ** 2


@pytest.mark.parametrize("engine", ["compiled", "eager", "jax", nn.Jax(dtype="float32")])
def test_a_second_training_traces_nothing_and_has_the_same_bits(traces, engine):
    if engine not in ("compiled", "eager"):
        pytest.importorskip("jax")
    model, other = model_of(), model_of()
    first = train(model, 5, engine=engine)
    count = len(traces)
    second = train(model, 2, engine=engine)
    assert len(traces) == count
    assert count or engine == "eager"
    assert first == train(other, 5, engine=engine)
    vars(other).pop(PROGRAMS)
    assert second == train(other, 2, engine=engine)
    assert model.state_dict() == other.state_dict()


def test_a_penalty_written_in_the_call_is_the_same_again(traces):
    model = model_of()
    for count in (0, 1):
        before = len(traces)
        for _ in range(2):
            train(model, penalty=lambda ps: nn.l2_penalty(ps, 0.5))
        assert (len(traces) == before) == bool(count)


def test_penalties_of_equal_strengths_are_the_same_again(traces):
    model = model_of()
    train(model, penalty={"l2": 0.5})
    before = len(traces)
    train(model, penalty={"l2": 0.5})
    assert len(traces) == before
    train(model, penalty={"l2": 0.25})
    assert len(traces) > before


CHANGES = {
    "a parameter": lambda model: setattr(model.layers[0].neurons[0], "b", autograd.Value(0.5)),
    "a frozen one": lambda model: setattr(model.layers[0].neurons[0], "b", autograd.constant(0.5)),
    "a frozen layer": lambda model: model.layers[0].freeze(),
    "a layer more": lambda model: model.layers.append(nn.Layer(1, 1, rng=1)),
    "the activation": lambda model: [
        setattr(neuron, "activation", nn.activations.resolve_activation("sigmoid"))
        for neuron in model.layers[0].neurons
    ],
    "a number that the loss reads": lambda _: settings.update(weight=0.5),
}


@pytest.mark.parametrize("what", CHANGES)
def test_what_has_changed_is_traced_anew(traces, what):
    model, other = model_of(), model_of()
    try:
        for each in (model, other):
            train(each, loss=weighted)
        count = len(traces)
        CHANGES[what](model)
        changed = train(model, loss=weighted)
        assert len(traces) > count
        settings["weight"] = 1.0
        CHANGES[what](other)
        assert changed == pytest.approx(train(other, loss=weighted, engine="eager"), rel=1e-9)
    finally:
        settings["weight"] = 1.0


def test_a_loss_whose_closure_has_changed_is_traced_anew():
    def make():
        weight = 1.0

        def loss(prediction, target):
            return weight * (prediction - target) ** 2

        def change():
            nonlocal weight
            weight = 3.0

        return loss, change

    (one, change), (other, _) = make(), make()
    model = model_of()
    train(model, loss=one)
    change()
    for loss, weight in ((other, 1.0), (one, 3.0)):
        errors = [(y.data - t) ** 2 for y, t in zip(model(X), Y, strict=True)]
        assert train(model, loss=loss)[0] == pytest.approx(weight * np.mean(errors))


def test_other_shapes_and_batches_are_further_programs(traces):
    model = model_of()
    train(model, batch_size=5)
    count = len(traces)
    train(model)
    train(model, batch_size=4)
    assert len(traces) == count == 1


def test_an_interrupted_or_failed_training_keeps_nothing():
    model = model_of()

    def interrupt(_):
        raise KeyboardInterrupt

    assert train(model, callbacks=[interrupt])
    assert PROGRAMS not in vars(model)
    with pytest.raises(ZeroDivisionError):
        train(model, callbacks=[lambda _: 1 / 0])
    assert PROGRAMS not in vars(model)


def test_a_training_in_a_callback_has_programs_of_its_own():
    model, other = model_of(), model_of()
    for each in (model, other):
        nested = [lambda _, each=each: train(each, 1) and None]
        train(each, 3, callbacks=nested, engine="compiled" if each is model else "eager")
    assert list(model.state_dict().values()) == pytest.approx(list(other.state_dict().values()))


def test_copies_train_themselves():
    model = model_of()
    train(model)
    before = model.state_dict()
    for again in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert again.state_dict() == before
        assert repr(again) == repr(model)
        train(again)
        assert model.state_dict() == before
        assert again.state_dict() != before


def test_programs_are_freed_with_the_model():
    model = model_of()
    train(model, penalty=lambda ps: nn.l2_penalty(ps, 0.5))
    train(model, loss=weighted)
    seen = [weakref.ref(model), weakref.ref(vars(model)[PROGRAMS])]
    seen.append(weakref.ref(vars(model)[PROGRAMS].entries[0][0].compiled.program))
    del model
    gc.collect()
    assert [ref() for ref in seen] == [None] * 3
