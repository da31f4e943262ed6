import numpy as np
import pytest
from matplotlib.figure import Figure

from autograd import Value
from viz.plots import plot_decision_boundary

SAMPLES, CLASSES = [[0.0, 0.0], [1.0, 1.0], [0.0, 1.0]], [0, 1, 1]


def legend(figure):
    return [text.get_text() for text in figure.axes[0].get_legend().get_texts()]


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
