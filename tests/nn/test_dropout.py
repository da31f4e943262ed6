"""Dropout: what is dropped, under which engine, and when nothing is."""

import copy
import pickle

import numpy as np
import pytest

import autograd
import nn
from autograd.errors import ConcretizationError
from nn.dropout import drawn

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(30, 4))
Y = (X @ RANDOM.normal(size=(4, 3))).argmax(axis=1)
ENGINES = ["compiled", "eager", "jax"]


class Net(nn.Module):
    """Two hidden layers with dropout after each, and before the first."""

    def __init__(self, rates=(0.2, 0.5, 0.4)):
        rng = np.random.default_rng(0)
        self.drops = [nn.Dropout(rate, rng=1) for rate in rates]
        self.first = nn.Layer(4, 8, "tanh", rng=rng)
        self.second = nn.Layer(8, 6, "relu", rng=rng)
        self.last = nn.Layer(6, 3, "linear", rng=rng)

    def __call__(self, x):
        x = self.first(self.drops[0](x))
        return self.last(self.drops[2](self.second(self.drops[1](x))))


def fitted(engine="compiled", model=None, **options):
    if engine == "jax":
        pytest.importorskip("jax", reason="the extra jax is not installed")
    model = Net() if model is None else model
    options = {"epochs": 3, "batch_size": 8, "rng": 5, "lr": 0.05, "progress": False, **options}
    options = {"X": X, "Y": Y, "loss": "cross_entropy", **options}
    history = nn.fit(model, engine=engine, **options)
    return history, autograd.get_data(model.parameters()), model


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("options", [{}, {"clip": 0.1}, {"shuffle": False}, {"batch_size": None}])
def test_engines_drop_the_same(engine, options):
    eager, expected, _ = fitted("eager", **options)
    history, numbers, _ = fitted(engine, **options)
    assert history["loss"] == pytest.approx(eager["loss"], rel=1e-12)
    np.testing.assert_allclose(numbers, expected, rtol=1e-8)


def test_one_step_is_the_step_with_the_masks_drawn():
    """A step by hand: the masks of step 0 belong to the first numbers of the generator."""
    seed = int(np.random.default_rng(5).integers(1 << 63))
    rng = np.random.Generator(np.random.Philox(key=np.array([seed, 0], np.uint64)))
    rates = np.repeat([0.2, 0.5, 0.4], [4, 8, 6])
    masks = drawn(rng, 30, rates)
    model = Net()
    W1, W2, W3 = (layer.W for layer in (model.first, model.second, model.last))
    hidden = np.tanh((X * masks[:, :4]) @ W1.T) * masks[:, 4:12]
    hidden = np.maximum(hidden @ W2.T, 0) * masks[:, 12:]
    logits = hidden @ W3.T
    losses = np.log(np.exp(logits).sum(axis=1)) - logits[np.arange(30), Y]
    history, _, _ = fitted(epochs=1, batch_size=None)
    assert history["loss"][0] == pytest.approx(losses.mean(), rel=1e-13)


def test_masks_have_the_rate_and_the_mean_of_ones():
    masks = drawn(np.random.default_rng(0), 20_000, np.array([0.0, 0.1, 0.5, 0.9]))
    assert np.unique(masks[:, 1]) == pytest.approx([0, 1 / 0.9])
    assert (masks == 0).mean(axis=0) == pytest.approx([0, 0.1, 0.5, 0.9], abs=0.01)
    assert masks.mean(axis=0) == pytest.approx([1] * 4, abs=0.05)


def test_each_sample_and_step_has_a_mask_of_its_own():
    seen = []

    class Seen(nn.Module):
        def __init__(self):
            self.drop = nn.Dropout(0.5)
            self.w = nn.Layer(8, 1, "linear", init="zeros")

        def __call__(self, x):
            dropped = self.drop([1.0] * 8)
            seen.append(tuple(dropped))
            return self.w([a * x[0] for a in dropped])

    fitted("eager", Seen(), Y=X[:, 0], loss="mse", epochs=4)
    assert len(seen) == 121  # one sample was run to count its signals
    assert len(set(seen)) > 80  # of the 256 that there are


def test_what_predicts_drops_nothing():
    history, _, model = fitted(validation=(X, Y), metrics="accuracy", lr=1e-300)
    plain = Net(rates=(0.0, 0.0, 0.0))
    plain.load_state_dict(model.state_dict())
    expected = np.mean([nn.cross_entropy(plain(x), int(y)).data for x, y in zip(X, Y, strict=True)])
    assert history["validation_loss"] == pytest.approx([expected] * 3)
    assert history["loss"][0] != pytest.approx(expected)
    np.testing.assert_allclose(model.predict(X), plain.predict(X), rtol=1e-13)
    np.testing.assert_allclose(model.train().predict(X), plain.predict(X), rtol=1e-13)
    assert [y.data for y in model.eval()(X[0])] == pytest.approx(list(plain.predict(X)[0]))
    assert history["validation_accuracy"][0] == nn.accuracy(plain.predict(X), Y)


def test_a_call_drops_when_the_model_was_told_to_train():
    model = Net()
    still = [y.data for y in model(X[0])]
    assert not model.training
    assert model.train() is model
    assert all(part.training for part in (model, model.first, model.first.neurons[0], *model.drops))
    moving = {tuple(y.data for y in model(X[0])) for _ in range(10)}
    assert len(moving) > 5
    assert [y.data for y in model.eval()(X[0])] == still


def test_masks_outside_of_fit_come_from_the_layers_seed():
    one, other = nn.Dropout(0.5, rng=3).train(), nn.Dropout(0.5, rng=3).train()
    draws = [one([1.0] * 6) for _ in range(3)]
    assert draws == [other([1.0] * 6) for _ in range(3)]
    assert draws[0] != draws[1]
    assert one([[1.0] * 6, [1.0] * 6])[0] != draws[2]
    assert nn.Dropout(0.0).train()([1.0, 2.0]) == [1.0, 2.0]
    assert nn.Dropout(0.5, rng=0).train()(3.0) in (0.0, 6.0)


def test_gradients_flow_where_nothing_is_dropped():
    x = [autograd.Value(1.0) for _ in range(20)]
    kept = nn.Dropout(0.75, rng=0).train()(x)
    autograd.sum(kept).backward()
    assert [v.grad for v in x] == [k.data for k in kept]
    assert {v.grad for v in x} == {0.0, 4.0}


def test_a_module_of_ones_own_may_ask_whether_it_trains():
    class Noisy(nn.Module):
        def __init__(self):
            self.w = autograd.Value(1.0)
            self.asked = set()

        def __call__(self, x):
            self.asked.add(self.training)
            return self.w * x[0]

    for engine in ("eager", "compiled"):
        model = Noisy()
        fitted(engine, model, Y=X[:, 0], loss="mse", validation=(X, X[:, 0]))
        assert model.asked == {True, False}
        assert not model.training


def test_an_iterable_and_samples_of_several_lengths_have_masks():
    class Bag(nn.Module):
        def __init__(self):
            self.drop = nn.Dropout(0.5)
            self.last = nn.Neuron(1, "linear", rng=0)

        def __call__(self, x):
            return self.last(autograd.sum(self.drop(x)))

    bags, sums = [[1.0], [1.0, 2.0], [3.0, 1.0, 2.0]] * 4, [1.0, 3.0, 6.0] * 4
    results = [
        fitted(engine, Bag(), X=bags, Y=sums, loss="mse")[1].tobytes()
        for engine in ("compiled", "eager")
    ]
    assert results[0] == results[1]

    def batches():
        return iter([(X[:16], Y[:16]), (X[16:], Y[16:])])

    _, numbers, _ = fitted(X=batches, Y=None, batch_size=None)
    _, expected, _ = fitted(batch_size=16, shuffle=False)
    assert numbers.tobytes() == expected.tobytes()


def test_the_seed_decides():
    assert fitted()[1].tobytes() == fitted()[1].tobytes()
    assert fitted(shuffle=False)[1].tobytes() != fitted(shuffle=False, rng=6)[1].tobytes()
    assert fitted(shuffle=False, rng=None)[1].tobytes() != fitted(shuffle=False)[1].tobytes()
    assert fitted(prefetch=3)[1].tobytes() == fitted()[1].tobytes()


def test_other_rates_are_another_training(tmp_path):
    path = tmp_path / "run.ckpt"
    fitted(checkpoint=path)
    with pytest.raises(ValueError, match=r"dropout was \['Dropout\(0.2\)', .* and is"):
        fitted(model=Net(rates=(0.2, 0.2, 0.2)), checkpoint=path, resume=True)


def test_a_layer_that_is_not_found_in_the_model():
    hidden = nn.Dropout(0.5)

    class Net(nn.Module):
        def __init__(self):
            self.last = nn.Neuron(4, "linear")

        def __call__(self, x):
            return self.last(hidden(x))

    with pytest.raises(RuntimeError, match=r"Dropout\(0.5\) is not found in the model that is tr"):
        fitted(model=Net(), Y=X[:, 0], loss="mse")


@pytest.mark.parametrize("engine", ["compiled", "eager"])
def test_another_way_through_the_layers_is_refused(engine):
    class Forked(nn.Module):
        def __init__(self):
            self.drop = nn.Dropout(0.5)
            self.last = nn.Neuron(4, "linear")

        def __call__(self, x):
            return self.last(self.drop(x) if x[0] > X[0][0] else x)

    with pytest.raises(RuntimeError, match="the same way through them for all samples of one sha"):
        fitted(engine, Forked(), Y=X[:, 0], loss="mse")


def test_a_program_would_repeat_one_draw():
    layer = nn.Dropout(0.5).train()
    compiled = autograd.compile(lambda x: autograd.sum(layer(x)))
    with pytest.raises(ConcretizationError, match=r"train with nn.fit, .* or call model.eval()"):
        compiled([1.0, 2.0])
    layer.eval()
    assert compiled([1.0, 2.0])[0] == 3.0


@pytest.mark.parametrize("rate", [1.0, -0.1, 1.5])
def test_wrong_rates(rate):
    with pytest.raises(ValueError, match=r"rate: got a float .*; allowed: .*0"):
        nn.Dropout(rate)
    with pytest.raises(TypeError, match="rate: got a str"):
        nn.Dropout("half")


def test_a_model_with_dropout_is_copied_saved_and_shown(tmp_path):
    _, _, model = fitted()
    assert "drops.1" in model.summary()
    assert "Dropout(0.5)" in model.summary()
    expected = model.predict(X).tobytes()
    for other in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert other.predict(X).tobytes() == expected
    model.save(tmp_path / "net.safetensors")
    other = Net()
    other.load(tmp_path / "net.safetensors")
    assert other.predict(X).tobytes() == expected


def test_programs_of_a_model_with_dropout_are_kept():
    _, _, model = fitted()
    before = model._programs.entries[-1][0].compiled
    fitted(model=model)
    assert any(loan.compiled is before for loan, _ in model._programs.entries)
