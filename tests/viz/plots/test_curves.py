import numpy as np
import pytest
from matplotlib.figure import Figure

import viz
from viz.plots import plot_activations, plot_history


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
        TypeError, match=r"got a list of 2; give what nn\.fit .* \{\"loss\": losses"
    ):
        plot_history([0.5, 0.25])


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


def test_activations_of_one_name():
    assert [ax.get_title() for ax in plot_activations("tanh").axes] == ["tanh"]


def test_activations_refuse_no_name():
    with pytest.raises(ValueError, match="names is empty"):
        plot_activations([])


def test_history_draws_into_given_axes():
    ax = Figure().subplots()
    assert plot_history({"loss": [1.0]}, ax=ax) is ax.figure


def test_plots_are_named_beside_all_else_that_draws():
    assert all(getattr(viz, name) is getattr(viz.plots, name) for name in viz.plots.__all__)
