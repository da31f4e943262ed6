import re

import pytest

from autograd import Value
from demos.logistic_regression import cross_entropy, predict, share_right


def test_the_gradient_is_the_error_times_the_input(tour):
    rows = tour.rows("logistic_regression", r"  dL/d(\w+) +(\S+) +(\S+)")
    assert [name for name, _, _ in rows] == ["w1", "w2", "w3", "w4", "b"]
    assert all(float(ours) == float(formula) != 0 for _, ours, formula in rows)


def test_training_lowers_the_loss_and_finds_the_species(tour):
    text = tour.of("logistic_regression")
    losses = [float(x) for x in re.findall(r"^ +\d+ +(0\.\d+) +\d+\.\d%$", text, re.MULTILINE)]
    assert losses[0] == pytest.approx(0.6931)  # log 2: no weight, no opinion
    assert losses == sorted(losses, reverse=True)
    assert losses[-1] < 0.1
    shares = [float(x) for x in re.findall(r"(\d+\.\d)%", text)]
    assert shares[-2] > 95  # training
    assert shares[-1] > 80  # flowers not seen


def test_cross_entropy_is_the_lecture_s():
    assert cross_entropy(Value(0.25), 1).data == pytest.approx(1.3862943611)  # -log(1/4)
    assert cross_entropy(Value(0.25), 0).data == pytest.approx(0.2876820724)  # -log(3/4)


def test_accuracy_counts_both_sides():
    w, b = [Value(1.0)], Value(0.0)
    assert predict(w, b, [0.0]).data == 0.5
    assert share_right(w, b, [[1.0], [-1.0], [2.0], [-2.0]], [1, 0, 0, 0]) == 0.75
