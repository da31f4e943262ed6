"""Distributions of activations and gradients: quantiles of the right numbers, on shared axes."""

import numpy as np
import pytest

import nn
import viz
from viz.plots import SHARES

X = np.random.default_rng(0).normal(size=(20, 2))
Y = (X[:, 0] > 0).astype(float)


def trained(epochs=3, **options):
    options = {"activation": "tanh", "output": "sigmoid", "rng": 0, **options}
    model = nn.MLP(2, [5, 4, 1], **options)
    return nn.fit(model, X, Y, loss="binary_cross_entropy", epochs=epochs, record=1, progress=False)


def test_lines_are_medians_and_bands_quantiles():
    history = trained()
    figure = viz.plot_distributions(history, X, Y)
    assert len(figure.axes) == 6
    for row in range(3):
        left, right = figure.axes[2 * row : 2 * row + 2]
        layer = [observed[row] for _, observed in history.signals(X, Y)]
        for ax, numbers in ((left, [s.A for s in layer]), (right, [abs(s.dZ) for s in layer])):
            table = np.array([np.quantile(n, SHARES) for n in numbers])
            np.testing.assert_allclose(ax.lines[0].get_ydata(), table[:, 2], rtol=1e-12)
            outer, inner = (c.get_paths()[0].vertices for c in ax.collections)
            assert outer[:, 1].max() == pytest.approx(table[:, 4].max())
            assert inner[:, 1].min() == pytest.approx(table[:, 1].min())
    assert figure.axes[4].get_xlabel() == "epoch"


def test_gradients_of_all_layers_share_a_logarithmic_axis():
    figure = viz.plot_distributions(trained(), X, Y)
    right = figure.axes[1::2]
    assert {ax.get_yscale() for ax in right} == {"log"}
    assert len({ax.get_ylim() for ax in right}) == 1
    low, high = right[0].get_ylim()
    assert all(low < ax.dataLim.ymin and ax.dataLim.ymax < high for ax in right)


def test_zeros_are_counted(tmp_path):
    figure = viz.plot_distributions(trained(epochs=0, init="zeros"), X, Y)
    notes = [[text.get_text() for text in ax.texts] for ax in figure.axes]
    assert notes == [["100% zero"], ["100% zero"], ["100% zero"], ["100% zero"], [], []]
    figure.savefig(tmp_path / "zeros.png", dpi=30)


def test_gradients_that_are_all_zero_can_be_drawn(tmp_path):
    history = trained(epochs=1)
    figure = viz.plot_distributions(history, X, Y, loss=lambda p, _: 0.0 * p)
    figure.savefig(tmp_path / "flat.png", dpi=30)
    assert figure.axes[1].texts[0].get_text() == "100% zero"


def test_something_else_than_a_history():
    with pytest.raises(TypeError, match=r"takes the History that nn\.fit returns, not a dict of 0"):
        viz.plot_distributions({}, X, Y)
