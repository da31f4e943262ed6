import pickle

import pytest

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
