import pickle

import numpy as np
import pytest

import nn
from nn.schedules import Constant, Cosine, Exponential, OneCycle, StepDecay, WarmUp


@pytest.mark.parametrize(
    ("schedule", "factors"),
    [
        (Constant(), [1, 1, 1, 1, 1]),
        (StepDecay(2, 0.1), [1, 1, 0.1, 0.1, 0.01]),
        (Exponential(0.9), [1, 0.9, 0.81, 0.729, 0.6561]),
        (Cosine(4), [1, 0.8535533905932737, 0.5, 0.14644660940672627, 0]),
        (Cosine(2, floor=0.5), [1, 0.75, 0.5, 0.5, 0.5]),
        # PyTorch's OneCycleLR(max_lr=1.0, total_steps=4, pct_start=0.5), and of 3 steps, then still
        (OneCycle(4, peak=0.5), [0.04, 1, 0.500002, 4e-6, 4e-6]),
        (OneCycle(3, peak=0.0, end=0.1), [1, 0.55, 0.1, 0.1, 0.1]),
        (WarmUp(2), [0.5, 1, 1, 1, 1]),
        (WarmUp(2, then=StepDecay(1, 0.5)), [0.5, 1, 1, 0.5, 0.25]),
    ],
)
def test_factors(schedule, factors):
    assert [schedule(step) for step in range(5)] == pytest.approx(factors, abs=1e-15)
    assert pickle.loads(pickle.dumps(schedule)) == schedule


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: StepDecay(0), "every: got an int .0.; allowed: a whole number of at least 1"),
        (lambda: StepDecay(1, factor=-1), "factor: got .*; allowed: a finite number of at least 0"),
        (lambda: Exponential(-0.1), "rate: got .*; allowed: a finite number of at least 0"),
        (lambda: Cosine(0), "total: got .*; allowed: a whole number of at least 1"),
        (lambda: Cosine(1, floor=-1), "floor: got .*; allowed: a finite number of at least 0"),
        (lambda: OneCycle(1), "total: got .*; allowed: a whole number of at least 2"),
        (lambda: OneCycle(9, peak=1.0), "peak: got .*; allowed: .* at least 0 and below 1"),
        (lambda: OneCycle(9, start=-1), "start: got .*; allowed: a finite number of at least 0"),
        (lambda: WarmUp(0), "steps: got .*; allowed: a whole number of at least 1"),
    ],
)
def test_wrong_settings(make, message):
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize("name", ["loss", "validation_loss"])
@pytest.mark.parametrize(
    "options",
    [{}, {"patience": 2}, {"patience": 0, "factor": 0.5}, {"patience": 1, "threshold": 0.2},
     {"patience": 0, "factor": 0.5, "floor": 0.2}],
)  # fmt: skip
def test_plateaus_are_those_of_pytorch(name, options):
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    losses = (1 / np.arange(1, 41) + 0.1 * rng.random(40)).tolist()
    optimiser = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    given = dict(options)
    theirs = torch.optim.lr_scheduler.ReduceLROnPlateau(
        optimiser, min_lr=given.pop("floor", 0.0), eps=0.0, **given
    )
    schedule_after = nn.schedules.ReduceOnPlateau(**options).follow()
    for epoch in range(len(losses)):
        history = {"loss": [9.0] * epoch, name: losses[:epoch]}
        assert schedule_after(history)(0) == pytest.approx(optimiser.param_groups[0]["lr"])
        theirs.step(losses[epoch])


@pytest.mark.parametrize("engine", ["compiled", "eager", "jax"])
def test_a_training_slows_down_on_a_plateau_and_is_resumed(engine, tmp_path):
    if engine == "jax":
        pytest.importorskip("jax")
    schedule = nn.schedules.ReduceOnPlateau(factor=0.5, patience=1)
    X, Y = [[1.0], [-1.0]], [0.0, 0.0]  # nothing to learn but the bias: a plateau at once

    def trained(epochs, **options):
        model = nn.Neuron(1, "linear", init="zeros")
        model.b.data = 1.0
        return nn.fit(
            model, X, Y, optimiser="sgd", lr=1.0, epochs=epochs, schedule=schedule,
            engine=engine, progress=False, **options,
        )  # fmt: skip

    history = trained(8)
    assert history["lr"][:4] == [1.0, 1.0, 1.0, 0.5]
    assert history["lr"] == sorted(history["lr"], reverse=True)
    trained(5, checkpoint=tmp_path / "run")
    resumed = trained(8, checkpoint=tmp_path / "run", resume=True)
    assert (resumed["lr"], resumed["loss"]) == (history["lr"], history["loss"])


def test_a_warm_up_goes_on_with_what_follows_the_history():
    then = nn.schedules.ReduceOnPlateau(factor=0.5, patience=0)
    options = {"optimiser": "sgd", "lr": 1.0, "epochs": 6, "progress": False}

    def rates(schedule):
        model = nn.Neuron(1, "linear", init="zeros")  # nothing to learn: a plateau at once
        return nn.fit(model, [[1.0]], [0.0], schedule=schedule, **options)["lr"]

    plain = rates(then)
    assert plain == [1.0, 1.0, 0.5, 0.25, 0.125, 0.0625]
    assert rates(nn.schedules.WarmUp(2, then=then)) == [0.5, 1.0, *plain[2:]]
    assert rates(nn.schedules.WarmUp(1, then=nn.schedules.WarmUp(1, then=then))) == plain


def test_one_schedule_serves_several_trainings():
    schedule = nn.schedules.ReduceOnPlateau(factor=0.5, patience=0)
    first, second = schedule.follow(), schedule.follow()
    assert first({"loss": [1.0, 1.0, 1.0]})(0) == 0.25
    assert second({"loss": [1.0]})(0) == 1.0
    assert first({"loss": [1.0, 1.0, 1.0, 1.0]})(0) == 0.125
