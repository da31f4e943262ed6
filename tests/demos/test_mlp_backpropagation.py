import numpy as np
import pytest

import nn
from demos import mlp_backpropagation
from demos.mlp_backpropagation import scalar, vectorised

NAMES = list(mlp_backpropagation.NAMES)


def test_every_quantity_is_shown_and_equal(tour):
    rows = tour.rows("mlp_backpropagation", r"(\w+) +\d+x\d+ +(\S+) +(\S+) +(\S+)")
    assert [name for name, *_ in rows] == NAMES
    assert all(float(gap) <= 1e-12 for *_, gap in rows)
    assert all(ours == textbook for _, ours, textbook, _ in rows)
    assert "all equal to 1e-12" in tour.text


def test_equations_agree_for_other_sizes_and_seeds():
    rng = np.random.default_rng(5)
    X, Y = rng.normal(size=(3, 7)), rng.integers(0, 2, (1, 7)).astype(float)
    model = nn.MLP(3, [5, 1], activation="tanh", output="sigmoid", rng=1)
    ours, textbook = scalar(model, X, Y), vectorised(model, X, Y)
    assert list(ours) == list(textbook) == NAMES
    for name in NAMES:
        np.testing.assert_allclose(ours[name], textbook[name], rtol=0, atol=1e-12, err_msg=name)
        assert np.abs(ours[name]).max() > 1e-4


def test_a_wrong_equation_stops_the_demo(tmp_path, monkeypatch):
    def wrong(*arguments):
        right = vectorised(*arguments)
        return {**right, "dW1": right["dW1"] + 1e-11}

    monkeypatch.setattr(mlp_backpropagation, "vectorised", wrong)
    with pytest.raises(SystemExit, match="dW1: scalar and vectorised differ by"):
        mlp_backpropagation.main(tmp_path)
