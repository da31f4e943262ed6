"""Steps on rows give the bits of steps on `Value`s, and leave these as those would."""

import importlib
import signal

import numpy as np
import pytest

import autograd
import nn
from autograd import Value
from nn.engines import arrays
from nn.engines.steps import CompiledStep
from nn.optim import ClipNorm
from tests.nn.trainings import EXTRAS, HELD, OPTIMISERS, STEPS, X, Y, endless, pairs, train

FIT = importlib.import_module("nn.training.fit")


@pytest.fixture
def both(monkeypatch):
    """Return what a function gives, asserted to be the same where no step is on rows."""

    def run(function):
        found = function()
        with monkeypatch.context() as here:
            here.setattr(FIT, "resident_state", lambda *_: None)
            assert function() == found
        return found

    return run


@pytest.fixture
def on_rows(monkeypatch):
    """Return a list that grows by the samples of each step that is done on rows."""
    seen, real = [], arrays.NumpyBackend.end

    def end(self):
        seen.append(self.optimiser.steps)
        return real(self)

    monkeypatch.setattr(arrays.NumpyBackend, "end", end)
    return seen


def bits(model):
    """Return parameters and gradients to the last bit, and whether there are gradients."""
    return [
        (p.data.hex(), p.grad.hex() if p.has_grad else None) for p in model.parameters()
    ]  # fmt: skip


@pytest.mark.parametrize("extra", sorted(EXTRAS))
@pytest.mark.parametrize("optimiser", sorted(OPTIMISERS))
def test_bits_are_those_of_steps_on_values(optimiser, extra, both, on_rows):
    both(lambda: train(optimiser, extra))
    assert len(on_rows) > 7


@pytest.mark.parametrize("ahead", [0, 2])
def test_batches_of_an_iterable(ahead, both, on_rows):
    both(lambda: train("adam", "plain", data=(pairs(),), batch_size=None, prefetch=ahead))
    assert on_rows == list(range(1, STEPS))


class Hoarder(nn.Optimiser):
    """An optimiser that keeps what it is given and what it gives, and writes over all of it."""

    state_names = ("norms",)

    def update(self, p, g):
        g *= 1 + np.sqrt(np.sum(g * g))  # all numbers at a time: their order counts
        if "before" in self.state:
            g += 0.5 * self.state["before"]
            self.state["given"] *= 0.0
        p -= self.lr * g
        self.state["before"], self.state["given"] = g, p
        self.state["norms"] = self.state["norms"] + np.abs(p)
        return p


class Listing(nn.Optimiser):
    """An optimiser that returns a list."""

    def update(self, p, g):
        return (p - self.lr * g).tolist()


@pytest.mark.parametrize("kind", [Hoarder, Listing])
def test_optimisers_of_one_s_own_are_given_rows_and_may_do_what_they_like(kind, both, on_rows):
    def run():
        model = nn.MLP(2, [3, 1], activation="tanh", rng=0)
        optimiser = kind(model.parameters()[::-1], lr=0.01)
        history = nn.fit(model, X, Y, optimiser=optimiser, epochs=4, batch_size=4, rng=0,
                         clip=0.5, progress=False)  # fmt: skip
        return bits(model), history["loss"], str(optimiser.state_dict())

    both(run)
    assert on_rows == list(range(1, 12))


def test_a_change_of_the_wrong_shape_is_refused_as_ever(both):
    class Short(nn.SGD):
        def update(self, p, g):
            return super().update(p, g)[: len(p) if self.steps < 3 else -1]

    def run():
        model = nn.Neuron(2, rng=0)
        optimiser = Short(model.parameters())
        with pytest.raises(
            ValueError, match=r"set_data: got .* shape \(2,\) for 3 nodes"
        ) as caught:
            nn.fit(model, X, Y, optimiser=optimiser, batch_size=4, rng=0, progress=False)
        return str(caught.value), bits(model), optimiser.steps

    assert both(run)[2] == 3


def test_a_change_that_fails_changes_nothing(both):
    class Failing(nn.Optimiser):
        def update(self, p, g):
            p -= self.lr * g
            return p if self.steps < 6 else 1 / 0

    def run():
        model = nn.Neuron(2, rng=0)
        with pytest.raises(ZeroDivisionError):
            nn.fit(model, X, Y, optimiser=Failing(model.parameters(), 0.1), batch_size=4, rng=0,
                   progress=False)  # fmt: skip
        return model.state_dict()

    both(run)


def test_an_interrupt_within_a_change_comes_after_it(both, on_rows):
    class Ringing(nn.SGD):
        def update(self, p, g):
            if self.steps == 5:
                signal.raise_signal(signal.SIGINT)
            return super().update(p, g)

    def run():
        model = nn.Neuron(2, rng=0)
        optimiser = Ringing(model.parameters())
        history = nn.fit(model, X, Y, optimiser=optimiser, batch_size=4, rng=0, progress=False)
        assert history.interrupted
        return bits(model), optimiser.steps

    assert both(run)[1] == 5
    assert on_rows == [1, 2, 3, 4]


@pytest.mark.parametrize("optimiser", ["adam", "sgd"])
def test_whoever_looks_sees_the_numbers_of_now_and_may_change_them(optimiser, both, on_rows):
    def run():
        model = nn.MLP(2, [3, 1], activation="tanh", output="sigmoid", rng=0)
        made = nn.OPTIMISERS[optimiser](model.parameters(), 0.1)
        seen = []

        def look(history):
            seen.append((bits(model), made.state_dict(), history["validation_loss"][-1]))
            model.layers[0].neurons[0].b.data /= 2
            made.lr *= 0.5

        nn.fit(model, X, Y, loss="binary_cross_entropy", optimiser=made, epochs=4, batch_size=4,
               rng=0, validation=HELD, metrics="accuracy", record=2, callbacks=[look],
               progress=False)  # fmt: skip
        return str(seen)

    both(run)
    assert len(on_rows) == 11


def test_what_the_loss_does_not_reach_has_no_gradient_and_is_not_moved(both):
    def run():
        model = nn.MLP(2, [3, 1], rng=0)
        lone = Value(5.0)
        lone.grad = 2.0  # of something before the training
        optimiser = nn.SGD([lone, *model.parameters()[:4]], lr=0.1)
        nn.fit(model, X, Y, loss=lambda p, t: nn.mse(p, t) + 0 * model.layers[0].neurons[0].b,
               optimiser=optimiser, epochs=2, batch_size=4, rng=0, progress=False)  # fmt: skip
        return bits(model), lone.data

    assert both(run)[1] == 5.0


def test_bad_numbers_are_explained_as_ever(both, on_rows):
    def run():
        model = nn.Neuron(2, activation="linear", rng=0)
        poisoned = np.vstack([X, [[1e200, 1.0]]])
        with pytest.raises(FloatingPointError) as caught:
            nn.fit(model, poisoned, [*Y, 0.0], batch_size=4, shuffle=False, progress=False)
        return str(caught.value), bits(model)

    text, _ = both(run)
    assert text.startswith("training stopped in epoch 1, step 3: the loss is inf. ")
    assert on_rows == [1]


def piecewise(prediction, target):
    """Return a loss of two pieces."""
    gap = prediction - target
    return gap**2 if gap < 0.5 else gap


def test_a_batch_for_which_comparisons_come_out_differently_goes_through_the_values(both, on_rows):
    alike = np.zeros(8)

    def run():
        model = nn.Neuron(1, activation="linear", init="zeros")
        batches = [(alike[:, None], alike + i) for i in (1, 2, -1, 1, 2, -2, -1)]
        mixed = [(alike[:, None], np.arange(8) - 4.0)]
        history = nn.fit(model, lambda: iter(batches + mixed), loss=piecewise, epochs=3,
                         optimiser="sgd", lr=0.01, progress=False)  # fmt: skip
        return bits(model), history["loss"]

    both(run)
    assert len(on_rows) > 5


def test_a_program_that_is_always_refused_is_not_tried_again(both, monkeypatch):
    tried, real = [], arrays.NumpyBackend.begin
    monkeypatch.setattr(arrays.NumpyBackend, "begin", lambda *a: tried.append(1) or real(*a))

    def run():
        model = nn.Neuron(1, activation="linear", init="zeros")
        data = np.zeros((8, 1)), np.arange(8) - 4.0
        history = nn.fit(model, *data, loss=piecewise, epochs=60, lr=0.01, progress=False)
        return bits(model), history["loss"]

    both(run)
    assert len(tried) <= 2 * (arrays.MAX_REFUSED + 1)


def test_batches_of_several_structures(both, on_rows):
    whole, real = (X[:8], np.arange(8)), (X[8:], X[8:, 0])
    lists = [[1.0, 2.0], (3, 4)], [1.0, Value(2.0)]

    def run():
        model = nn.Neuron(2, activation="linear", rng=0)
        batches = [whole, whole, real, real, lists, whole, whole]
        history = nn.fit(model, lambda: iter(batches), epochs=2, progress=False)
        return bits(model), history["loss"]

    both(run)
    assert 4 <= len(on_rows) < 14


@pytest.mark.parametrize(("ahead", "different"), [(0, 12), (1, 3)])
def test_an_iterable_sees_the_model_of_each_step_or_of_each_epoch_s_start(ahead, different):
    model = nn.Neuron(2, activation="linear", rng=0)
    seen = []

    def batches():
        for _ in range(4):
            seen.append(model.b.data)
            yield X, Y

    optimiser = nn.SGD(model.parameters(), lr=0.01)
    nn.fit(model, batches, optimiser=optimiser, epochs=3, prefetch=ahead, progress=False)
    assert len(set(seen if ahead == 0 else seen[::4])) == different


def test_clipping_by_a_function_and_a_step_of_one_s_own_see_the_values(both, on_rows):
    class Own(nn.SGD):
        def step(self):
            seen.append([p.grad for p in self.parameters])
            super().step()

    def run():
        model = nn.Neuron(2, rng=0)
        nn.fit(model, X, Y, optimiser=Own(model.parameters()), epochs=3, progress=False)
        nn.fit(model, X, Y, clip=lambda ps: nn.clip_value(ps, 0.01), epochs=3, progress=False)
        return bits(model)

    seen = []
    both(run)
    assert len(seen) == 2 * 3
    assert on_rows == []


def test_numbers_do_not_go_through_the_values_at_each_step(monkeypatch):
    moved = []
    for name in ("get_data", "set_data"):
        real = getattr(autograd, name)
        monkeypatch.setattr(
            autograd, name, lambda *a, real=real, **k: moved.append(1) or real(*a, **k)
        )
    counts = []
    for size in (4, 2):
        moved.clear()
        nn.fit(nn.Neuron(2, rng=0), X, Y, epochs=5, batch_size=size, progress=False)
        counts.append(len(moved))
    assert counts[0] == counts[1] < 12


def test_a_carrier_is_that_of_the_program_run_last():
    model = nn.Neuron(2, activation="linear", rng=0)
    step = CompiledStep(model, nn.mse)
    backends = arrays.NumpyBackends(step, nn.SGD(model.parameters()), None)
    assert backends(X, Y) is None
    step(X, Y)
    first, _ = backends(X, Y)
    assert type(first) is arrays.FlatNumpyBackend
    step(X, np.arange(len(X)))
    assert backends(X, Y)[0] is not first
    step(X, Y)
    assert backends(X, Y)[0] is first
    limited = arrays.NumpyBackends(step, nn.SGD(model.parameters()), ClipNorm(1.0))
    assert type(limited(X, Y)[0]) is arrays.FlatNumpyBackend
    some = arrays.NumpyBackends(step, nn.SGD([*model.parameters(), Value(1.0)]), None)
    assert type(some(X, Y)[0]) is arrays.NumpyBackend


def test_endless_batches_that_are_resumed(tmp_path, both):
    def run():
        kept = {"checkpoint": tmp_path / "run.ckpt", "batch_size": None, "steps_per_epoch": 3}
        whole = train("adam", "plain", data=(endless(),), **kept)
        train("adam", "plain", 5, data=(endless(),), **kept)
        resumed = train("adam", "plain", data=(endless(),), resume=True, **kept)
        assert resumed == whole
        return whole

    both(run)
