"""Distributions of activations and gradients: quantiles of the right numbers, on shared axes."""

import sys

import numpy as np
import pytest
from matplotlib.figure import Figure

import nn
import viz
from autograd import Value
from autograd.errors import MissingExtraError
from viz import plots
from viz.plots import (
    SHARES,
    axes,
    figure_of,
    plot_activations,
    plot_decision_boundary,
    plot_history,
)


def test_figures_show_in_notebooks_without_pyplot(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    assert figure_of(axes(None))._repr_png_().startswith(b"\x89PNG")


def test_missing_matplotlib_is_one_line_that_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(MissingExtraError, match=r'pip install "scalar-autograd\[plot\]"') as caught:
        axes(None)
    assert "\n" not in str(caught.value)


def lines(ax):
    return {line.get_label(): line for line in ax.lines if not line.get_label().startswith("_")}


def legend(figure):
    return [text.get_text() for text in figure.axes[0].get_legend().get_texts()]


def test_history_draws_every_loss_over_its_epoch_and_nothing_else():
    figure = plot_history({"loss": [3.0, 2.0], "validation_loss": [4.0, 5.0], "lr": [0.1, 0.1]})
    drawn = lines(figure.axes[0])
    assert list(drawn) == ["training loss", "validation loss"]
    assert drawn["training loss"].get_xydata().tolist() == [[1, 3], [2, 2]]
    assert figure.axes[0].get_xlabel() == "epoch"
    assert figure.axes[0].get_ylabel() == "loss"


def test_history_marks_the_lowest_finite_validation_loss():
    figure = plot_history({"loss": [1, 1, 1], "validation_loss": [float("nan"), 0.5, 0.75]})
    assert figure.axes[0].lines[-1].get_xydata().tolist() == [[2, 0.5]]
    hopeless = plot_history({"loss": [1.0], "validation_loss": [float("inf")]})
    assert len(hopeless.axes[0].lines) == 2


def test_history_draws_chosen_names():
    figure = plot_history({"loss": [1.0], "accuracy": [0.5]}, ["accuracy"])
    assert legend(figure) == ["accuracy"]
    assert figure.axes[0].lines[0].get_marker() == "o"  # one point makes no line
    assert not figure.axes[0].get_ylabel()


def test_a_list_of_losses_is_refused():
    with pytest.raises(
        TypeError, match=r"history: got a list of 2; allowed: what nn\.fit .* \{\"loss\": losses"
    ):
        plot_history([0.5, 0.25])


@pytest.mark.parametrize(
    ("history", "names", "message"),
    [
        ({}, None, "history: got a dict of 0; allowed: one with a loss"),
        ({"lr": [1]}, None, "history: got a dict of 1; allowed: one with a loss"),
        (
            {"loss": [1]},
            ["los", "acc"],
            "names: got a str .'los'.; allowed: 'loss'; did you mean 'loss'",
        ),
    ],
)
def test_history_says_what_it_lacks(history, names, message):
    with pytest.raises(ValueError, match=message):
        plot_history(history, names)


def test_activations_show_the_derivative_that_autograd_computes():
    figure = plot_activations(["tanh"], span=2)
    x, slope = lines(figure.axes[0])["g'(x)"].get_data()
    assert slope == pytest.approx(1 - np.tanh(x) ** 2, rel=1e-12)
    assert (x[0], x[-1]) == (-2, 2)


def test_activations_have_a_panel_each():
    names = ["sigmoid", "tanh", "relu", "elu", "gelu"]
    figure = plot_activations(names)
    assert [ax.get_title() for ax in figure.axes] == names


def test_activations_share_given_axes():
    ax = Figure().subplots()
    assert plot_activations(["relu", "tanh"], ax=ax) is ax.figure
    assert list(lines(ax)) == ["relu", "relu, derivative", "tanh", "tanh, derivative"]
    assert lines(ax)["relu"].get_color() == lines(ax)["relu, derivative"].get_color()


@pytest.mark.parametrize("name", ["tahn", "softmax", "maximum", "add", None])
def test_activations_refuse_what_is_no_function_of_one_number(name):
    with pytest.raises((TypeError, ValueError), match=r"names: got .*; allowed: .*'tanh'"):
        plot_activations([name])


def test_activations_of_one_name():
    assert [ax.get_title() for ax in plot_activations("tanh").axes] == ["tanh"]


def test_activations_refuse_no_name():
    with pytest.raises(ValueError, match="names: got a list of 0; allowed: one function at least"):
        plot_activations([])


def test_history_draws_into_given_axes():
    ax = Figure().subplots()
    assert plot_history({"loss": [1.0]}, ax=ax) is ax.figure


def test_plots_are_named_beside_all_else_that_draws():
    assert all(getattr(viz, name) is getattr(plots, name) for name in plots.__all__)


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
    with pytest.raises(
        TypeError, match=r"history: got a dict of 0; allowed: the History that nn\.fit returns"
    ):
        viz.plot_distributions({}, X, Y)


SAMPLES, CLASSES = [[0.0, 0.0], [1.0, 1.0], [0.0, 1.0]], [0, 1, 1]


def test_boundary_colours_the_class_that_wins():
    figure = plot_decision_boundary(lambda x: Value(x[0]), SAMPLES, CLASSES, steps=9)
    mesh = figure.axes[0].collections[0]
    assert np.unique(mesh.get_array()[:, 0]).tolist() == [0]  # left: x1 < 0.5
    assert np.unique(mesh.get_array()[:, -1]).tolist() == [1]
    assert legend(figure) == ["class 0", "class 1"]
    vertices = figure.axes[0].collections[1].get_paths()[0].vertices
    assert vertices[:, 0] == pytest.approx(0.5)


def test_boundary_of_a_model_that_looks_at_its_numbers():
    figure = plot_decision_boundary(lambda x: float(x[0]), SAMPLES, CLASSES, steps=2)
    traced = plot_decision_boundary(lambda x: x[0], SAMPLES, CLASSES, steps=2)
    one, other = (f.axes[0].collections[0].get_array() for f in (figure, traced))
    assert (one == other).all()


def test_boundary_of_three_classes_takes_the_largest_output():
    def model(x):
        return [x[0], x[1], Value(0.5)]

    figure = plot_decision_boundary(
        model, SAMPLES, [0, 1, 2], steps=11, classes=["a", "b", "c"], names=("left", "up")
    )
    area = figure.axes[0].collections[0].get_array()
    assert area[0, 0] == 2  # both inputs below 0.5
    assert area[0, -1] == 0
    assert area[-1, 0] == 1
    assert legend(figure) == ["a", "b", "c"]
    assert figure.axes[0].get_ylabel() == "up"


def test_boundary_of_one_answer_everywhere_has_no_line():
    figure = plot_decision_boundary(lambda _: 0.9, [[2.0, 2.0]], [1], steps=3)
    assert len(figure.axes[0].collections) == 1
    assert figure.axes[0].get_xlim() == (1.5, 2.5)  # samples all alike still get room


def test_boundary_threshold_is_an_argument():
    figure = plot_decision_boundary(lambda _: 0.2, SAMPLES, CLASSES, steps=3, threshold=0)
    assert figure.axes[0].collections[0].get_array().min() == 1


@pytest.mark.parametrize(
    ("X", "y", "message"),
    [
        ([[1, 2, 3]], [0], r"needs samples of shape \(n, 2\), got \(1, 3\)"),
        ([], [], r"needs samples of shape \(n, 2\), got \(0,\)"),
        (SAMPLES, [0, 1], r"y must be one class a sample, \(3,\), got \(2,\)"),
        (SAMPLES, [0, 1, 0.5], "classes must be whole numbers from 0"),
        (SAMPLES, [-1, 1, 1], r"classes must be whole numbers from 0, got \[-1, 1\]"),
    ],
)
def test_boundary_refuses_other_shapes(X, y, message):
    with pytest.raises(ValueError, match=message):
        plot_decision_boundary(lambda _: 0.0, X, y)


def test_boundary_draws_into_given_axes():
    ax = Figure().subplots()
    drawn = plot_decision_boundary(lambda _: 0.0, SAMPLES, CLASSES, steps=2, ax=ax)
    assert drawn is ax.figure


def test_boundary_can_do_without_a_legend():
    figure = plot_decision_boundary(lambda _: 0.0, SAMPLES, CLASSES, steps=2, legend=False)
    assert figure.axes[0].get_legend() is None


def test_the_legend_of_an_own_figure_hides_no_sample():
    figure = plot_decision_boundary(lambda _: 0.0, SAMPLES, CLASSES, steps=2)
    figure.draw_without_rendering()
    ax = figure.axes[0]
    assert ax.get_legend().get_window_extent().y0 >= ax.get_window_extent().y1 - 1
