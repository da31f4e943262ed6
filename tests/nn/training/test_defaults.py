"""With nothing said but the loss, `nn.fit` learns what beginners try."""

import numpy as np
import pytest

import nn

DEFAULTS = {  # what nn.fit learns with no setting but the loss
    "xor": ("binary_cross_entropy_with_logits", [8, 1], 1.0),
    "moons": ("binary_cross_entropy_with_logits", [16, 16, 1], 0.9),
    "iris": ("cross_entropy", [16, 3], 0.9),
    "diabetes": ("mse", [16, 1], 0.35),
}


@pytest.mark.parametrize("name", DEFAULTS)
def test_the_defaults_learn(name):
    datasets = pytest.importorskip("sklearn.datasets")
    scale = pytest.importorskip("sklearn.preprocessing").scale
    data = {
        "xor": lambda: ([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0, 1, 1, 0]),
        "moons": lambda: datasets.make_moons(200, noise=0.1, random_state=0),
        "iris": lambda: datasets.load_iris(return_X_y=True),
        "diabetes": lambda: tuple(map(scale, datasets.load_diabetes(return_X_y=True))),
    }
    samples, targets = (np.asarray(part) for part in data[name]())
    loss, sizes, least = DEFAULTS[name]
    order = np.random.default_rng(0).permutation(len(samples))
    cut = len(samples) if name == "xor" else 3 * len(samples) // 4
    train, test = order[:cut], order[cut:] if name != "xor" else order
    activation = "tanh" if name == "xor" else "relu"
    model = nn.MLP(samples.shape[1], sizes, activation, rng=0)
    nn.fit(model, samples[train], targets[train], loss=loss, rng=0, progress=False)
    if name == "diabetes":
        assert nn.r2(model.predict(samples[test]), targets[test]) >= least
    else:
        assert (model.predict_classes(samples[test]) == targets[test]).mean() >= least
