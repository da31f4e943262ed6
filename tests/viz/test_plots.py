import sys

import numpy as np
import pytest
from matplotlib.figure import Figure

from autograd import Value
from autograd.errors import MissingExtraError
from viz.plots import plot_activations, plot_decision_boundary, plot_history

SAMPLES, CLASSES = [[0.0, 0.0], [1.0, 1.0], [0.0, 1.0]], [0, 1, 1]


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


@pytest.mark.parametrize(
    ("history", "names", "message"),
    [
        ({}, None, "the history has no loss; it is empty"),
        ({"lr": [1]}, None, "the history has no loss; it has lr"),
        ({"loss": [1]}, ["los", "acc"], "the history has no los or acc; it has loss"),
    ],
)
def test_history_says_what_it_lacks(history, names, message):
    with pytest.raises(ValueError, match=message):
        plot_history(history, names)


def test_boundary_colours_the_class_that_wins():
    figure = plot_decision_boundary(lambda x: Value(x[0]), SAMPLES, CLASSES, steps=9)
    mesh = figure.axes[0].collections[0]
    assert np.unique(mesh.get_array()[:, 0]).tolist() == [0]  # left: x1 < 0.5
    assert np.unique(mesh.get_array()[:, -1]).tolist() == [1]
    assert legend(figure) == ["class 0", "class 1"]
    vertices = figure.axes[0].collections[1].get_paths()[0].vertices
    assert vertices[:, 0] == pytest.approx(0.5)


def test_boundary_keeps_no_graph():
    seen = []

    def model(x):
        seen.append(Value(x[0]) * 2)
        return seen[-1]

    plot_decision_boundary(model, SAMPLES, CLASSES, steps=2)
    assert {y.op for y in seen} == {"constant"}


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
    with pytest.raises(ValueError, match="no function of one number called"):
        plot_activations([name])


def test_activations_refuse_no_name():
    with pytest.raises(ValueError, match="names is empty"):
        plot_activations([])


@pytest.mark.parametrize(
    "plot",
    [
        lambda ax: plot_history({"loss": [1.0]}, ax=ax),
        lambda ax: plot_decision_boundary(lambda _: 0.0, SAMPLES, CLASSES, steps=2, ax=ax),
    ],
)
def test_plots_draw_into_given_axes(plot):
    ax = Figure().subplots()
    assert plot(ax) is ax.figure


def test_figures_show_in_notebooks_without_pyplot(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    assert plot_history({"loss": [1.0]})._repr_png_().startswith(b"\x89PNG")


def test_missing_matplotlib_is_one_line_that_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(MissingExtraError, match=r'pip install "scalar-autograd\[plot\]"') as caught:
        plot_history({"loss": [1.0]})
    assert "\n" not in str(caught.value)
