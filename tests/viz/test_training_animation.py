"""An animated training: which panels it has, what they show, and that the model is not changed."""

import copy
import sys
from io import BytesIO

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from PIL import Image

import autograd
import nn
import viz
from autograd.errors import MissingExtraError
from viz import plots, training_animation
from viz.colours import LIGHT
from viz.training_animation import MAX_EDGES, NetworkPlot, network_layout


def names(model):
    return [name for name, _ in model.named_parameters()]


def test_columns_find_each_weight():
    model = nn.MLP(2, [3, 4, 1], rng=0)
    found, numbers = network_layout(names(model)), autograd.get_data(model.parameters())
    assert found.sizes == (2, 3, 4, 1)
    for layer, places, biases in zip(model.layers, found.weights, found.biases, strict=True):
        weights = [[w.data for w in neuron.w] for neuron in layer.neurons]
        assert numbers[places].tolist() == weights
        assert numbers[biases].tolist() == [neuron.b.data for neuron in layer.neurons]


def test_a_layer_alone():
    assert network_layout(names(nn.Layer(3, 2))).sizes == (3, 2)


class Parallel(nn.Module):
    def __init__(self):
        self.left, self.right = nn.Layer(2, 3), nn.Layer(2, 3)


class More(nn.Module):
    def __init__(self):
        self.layer, self.scale = nn.Layer(2, 3), autograd.Value(1.0)


@pytest.mark.parametrize(
    "model",
    [Parallel(), More(), nn.Neuron(2), nn.MLP(2, [MAX_EDGES])],
    ids=["fork", "more", "one", "wide"],
)
def test_what_is_no_chain_of_layers_is_not_drawn(model):
    assert network_layout(names(model)) is None


def test_a_layer_with_a_gap_is_not_drawn():
    assert network_layout(["neurons.0.b", "neurons.0.w.0", "neurons.0.w.2"]) is None
    assert network_layout([]) is None


def test_layers_without_biases_are_drawn():
    model = nn.MLP(2, [3, 1], bias=False, rng=0)
    found = network_layout(names(model))
    assert [places.tolist() for places in found.biases] == [[-1, -1, -1], [-1]]
    drawing = NetworkPlot(Figure().subplots(), found, 1.0)
    drawing.show(autograd.get_data(model.parameters()))
    circles = [to_hex(c) for c in drawing.neurons.get_facecolors()]
    assert circles == [LIGHT.gradients[3]] * 4


def test_edges_have_the_colour_and_width_of_their_weights():
    numbers = np.array([-1.0, 0.001, 1.0, 0.5, 2.0, 0.0])  # two neurons: w.0, w.1, b
    found = network_layout([f"neurons.{k}.{p}" for k in (0, 1) for p in ("w.0", "w.1", "b")])
    drawing = NetworkPlot(Figure().subplots(), found, 2.0)
    drawing.show(numbers)
    colours = [to_hex(c) for c in drawing.edges.get_colors()]
    assert colours == [LIGHT.flows[0], LIGHT.flows[3], LIGHT.flows[5], LIGHT.flows[6]]
    assert drawing.edges.get_linewidths() == [1.5, 0.5, 1.0, 3.0]
    ends = drawing.edges.get_segments()
    assert [segment[0][0] for segment in ends] == [0.0] * 4
    assert ends[0][1].tolist() == ends[1][1].tolist()  # both into the first neuron, on top
    assert ends[0][1][1] > ends[2][1][1]
    circles = [to_hex(c) for c in drawing.neurons.get_facecolors()]
    assert circles == [LIGHT.gradients[6], LIGHT.gradients[3]]


def test_weights_that_are_all_zero():
    found = network_layout(["neurons.0.w.0", "neurons.0.b"])
    drawing = NetworkPlot(Figure().subplots(), found, 0.0)
    drawing.show(np.zeros(2))
    assert drawing.edges.get_linewidths() == [0.5]


X = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]
XOR = [0, 1, 1, 0]


def trained(nin=2, sizes=(3, 1), targets=XOR, samples=X, loss="binary_cross_entropy", **options):
    output = {"binary_cross_entropy": "sigmoid"}.get(loss, "linear")
    model = nn.MLP(nin, list(sizes), activation="tanh", output=output, rng=1)
    options = {"epochs": 4, "lr": 0.05, "record": 1, "progress": False, **options}
    return model, nn.fit(model, samples, targets, loss=loss, **options)


def sizes(film):
    """Return the size of the frames."""
    found = set()
    for paint_png in film.pngs:
        with Image.open(BytesIO(paint_png)) as image:
            found.add(image.size)
    return found


FULL, TWO = (670, 200), (460, 200)  # at half size


@pytest.mark.parametrize(
    ("options", "size"),
    [
        ({}, FULL),
        ({"loss": "hinge", "targets": [-1, 1, 1, -1]}, FULL),
        ({"loss": "cross_entropy", "sizes": (3, 3), "targets": [0, 1, 2, 0]}, FULL),
        ({"loss": "mse", "sizes": (2, 2), "targets": [[0, 1], [1, 0], [1, 0], [0, 1]]}, FULL),
        ({"loss": "mse", "targets": [0.5, 0.25, 1.0, 2.0]}, TWO),
        ({"nin": 3, "samples": [[*x, 1.0] for x in X]}, TWO),
    ],
    ids=["one", "hinge", "classes", "one-hot", "numbers", "three inputs"],
)
def test_panels_are_those_that_a_model_has(options, size):
    model, history = trained(**options)
    before = model.state_dict()
    samples = options.get("samples", X)
    film = history.animate(samples, options.get("targets", XOR), steps=10, frames=2, scale=0.5)
    assert sizes(film) == {size}
    assert len(film.words) == 2
    assert model.state_dict() == before
    assert not np.array_equal(
        *(np.asarray(Image.open(BytesIO(paint_png))) for paint_png in film.pngs)
    )


def test_the_plane_shows_what_the_model_decided_at_that_epoch(monkeypatch):
    shown = []
    show = plots.DecisionPlane.show
    monkeypatch.setattr(
        plots.DecisionPlane, "show", lambda p, out: (shown.append((p.grid, out)), show(p, out))
    )
    _, history = trained(epochs=3)
    assert len(history.animate(X, XOR, steps=5, scale=0.2).pngs) == 4
    for (grid, outputs), (_, past) in zip(shown, history.states(), strict=True):
        np.testing.assert_allclose(outputs, nn.predict(past, grid), rtol=1e-12)


def test_the_curves_end_at_the_epoch(monkeypatch):
    ends = []
    show = training_animation.LossCurves.show

    def spy(curves, epoch):
        show(curves, epoch)
        ends.append([line.get_xydata()[-1:].tolist() for _, line, _ in curves.curves])

    monkeypatch.setattr(training_animation.LossCurves, "show", spy)
    _, history = trained(validation=(X, XOR), epochs=2)
    assert history.animate(X, XOR, steps=3, scale=0.2).pngs
    both = [history["loss"], history["validation_loss"]]
    assert ends[0] == [[], []]
    assert ends[1:] == [[[[k + 1.0, losses[k]]] for losses in both] for k in range(2)]


def test_words_and_times():
    _, history = trained(epochs=10, record=2, validation=(X, XOR))
    film = viz.animate_training(history, X, XOR, frames=3, fps=5)
    assert film.words[0] == "Epoch 0 of 10: as this training began"
    assert film.words[1] == (
        f"Epoch 4 of 10: loss {history['loss'][3]:.4g}, "
        f"validation loss {history['validation_loss'][3]:.4g}"
    )
    assert film.words[2].startswith("Epoch 10 of 10: ")
    assert film.seconds == (0.2, 0.2, 2.0)


def test_a_training_of_no_epochs_is_one_frame():
    _, history = trained(epochs=0)
    film = history.animate(X, XOR, steps=3, scale=0.5)
    assert sizes(film) == {FULL}
    assert film.words == ("Epoch 0 of 0: as this training began",)


def test_losses_over_decades_have_a_logarithmic_axis():
    _, history = trained()
    axes = autograd.errors.require("matplotlib.figure", extra="plot").Figure().subplots
    flat = axes()
    training_animation.LossCurves(flat, history)
    assert flat.get_yscale() == "linear"
    steep = copy.deepcopy(history)
    steep._rows[-1]["loss"] = 1e-6
    ax = axes()
    training_animation.LossCurves(ax, steep)
    assert ax.get_yscale() == "log"


def test_the_model_is_not_changed_by_an_error(monkeypatch):
    model, history = trained()
    before = model.state_dict()
    monkeypatch.setattr(training_animation, "paint_png", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        history.animate(X, XOR, steps=3).gif()
    assert model.state_dict() == before


def test_a_copied_history_needs_the_model():
    model, history = trained()
    other = copy.deepcopy(history)
    with pytest.raises(ValueError, match="give model="):
        viz.animate_training(other, X, XOR)
    assert (
        len(viz.animate_training(other, X, XOR, model=model, frames=2, steps=3, scale=0.2).pngs)
        == 2
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"fps": 0}, "fps: got .*; allowed: a finite number above 0"),
        ({"scale": -1}, "scale: got .*; allowed: a finite number above 0"),
        ({"frames": 1}, "frames: got .*; allowed: a whole number of at least 2"),
        ({"steps": 1}, "steps: got .*; allowed: a whole number of at least 2"),
        ({"model": nn.MLP(2, [9, 1])}, "the snapshots have 13 parameters, the model has 37"),
    ],
)
def test_wrong_arguments(options, message):
    _, history = trained()
    with pytest.raises(ValueError, match=message):
        history.animate(X, XOR, **options)


def test_something_else_than_a_history():
    with pytest.raises(
        TypeError, match=r"history: got a dict of 1; allowed: the History that nn\.fit returns"
    ):
        viz.animate_training({"loss": [1.0]}, X, XOR)


def test_without_matplotlib_one_line_names_the_extra(monkeypatch):
    _, history = trained()
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(MissingExtraError, match=r"scalar-autograd\[plot\]"):
        history.animate(X, XOR)


def test_targets_that_are_classes():
    assert plots.classes_of([[0.0], [1.0]]).tolist() == [0, 1]
    assert plots.classes_of([1, 1]).tolist() == [1, 1]
    for other in ([[0.5, 0.5]], [-2, 1], ["a", "b"], [[1, 1]], [0.5, 1.0]):
        assert plots.classes_of(other) is None


def test_a_model_that_has_learnt_before_is_not_said_to_begin():
    model = nn.MLP(2, [2, 1], output="sigmoid", rng=0)
    for _ in range(2):
        history = nn.fit(model, X, XOR, epochs=2, record=1, progress=False)
    assert history.animate(X, XOR).words[0] == "Epoch 0 of 2: as this training began"
