import pytest

from autograd import Value
from viz.folding import OpenFrames, layer, named_frames, opening
from viz.graph_model import GraphModel

LAYER, NEURON = ("layer 0",), ("layer 0", "neuron 1")


@pytest.fixture
def graph(graphs):
    return GraphModel.build([graphs["loss"]((2, 3, 2, 1))])


def test_a_frame_of_the_word_alone_counts_as_a_layer():
    assert layer(("net", "layer 0", "neuron 1")) == ("net", "layer 0")
    assert layer(("encoder",)) == ("encoder",)


@pytest.mark.parametrize(
    ("how", "depth", "box"),
    [
        ("none", None, ()),
        ("neurons", None, NEURON),
        ("layers", None, LAYER),
        ("auto", 0, LAYER),
        ("auto", 1, NEURON),
        ("layers", 2, ()),
    ],
)
def test_what_is_open(graph, how, depth, box):
    assert opening(graph, how, depth, []).box(NEURON) == box


def test_modules_above_the_layers_are_open_where_layers_are_boxes():
    graph = GraphModel.build([Value(1.0, "net.layers.0.neurons.0.w") * 2])
    assert opening(graph, "layers", None, []).box(graph.frames[0]) == ("net", "layer 0")
    assert opening(graph, "auto", 0, []).box(graph.frames[0]) == ("net",)


def test_a_named_frame_opens_what_is_around_it(graph):
    found = opening(graph, "layers", None, [NEURON])
    assert found.box(NEURON) == ()
    assert found.box(("layer 0", "neuron 0")) == ("layer 0", "neuron 0")
    assert found.is_aside(("layer 0", "neuron 0"))
    assert found.box(("layer 1", "neuron 0")) == ("layer 1",)
    assert not found.is_aside(("layer 1",))
    assert not opening(graph, "layers", None, [LAYER, NEURON]).is_aside(("layer 0", "neuron 0"))


def test_nothing_is_open_by_itself():
    assert OpenFrames().box(NEURON) == LAYER


@pytest.mark.parametrize(
    ("name", "paths"),
    [
        ("layers.0", [LAYER]),
        ("layer 0", [LAYER]),
        ("layers.0.neurons.1", [NEURON]),
        ("layer 0 / neuron 1", [NEURON]),
        ("neurons.1", [NEURON, ("layer 1", "neuron 1")]),
        (["layers.0", "layer 1/neuron 1"], [LAYER, ("layer 1", "neuron 1")]),
        ((), []),
    ],
)
def test_names(graph, name, paths):
    assert named_frames(graph, name) == paths


def test_a_value_names_its_frame(graph):
    weight = graph.nodes[graph.names.index("layers.0.neurons.1.w.0")]
    assert named_frames(graph, weight) == [NEURON]
    assert named_frames(graph, [weight, graph.nodes[graph.names.index("x[0]")]]) == [NEURON]


def test_wrong_names(graph):
    listed = "there are 'layer 0', 'layer 1', 'layer 2', 'layer 0/neuron 0', .* and 3 more"
    with pytest.raises(ValueError, match=f"open: there is no frame 'layers.7'; {listed}"):
        named_frames(graph, "layers.7")
    with pytest.raises(ValueError, match="this graph has none: frames come from parameters' names"):
        named_frames(GraphModel.build([Value(1.0).exp()]), ["layer 0"])
    with pytest.raises(ValueError, match=r"open: Value\(1.0\) is not in the graph"):
        named_frames(graph, Value(1.0))
    with pytest.raises(TypeError, match=r"open must be names of frames such as 'layers.0', not an"):
        named_frames(graph, [0])
    with pytest.raises(TypeError, match=r"open must be names of frames such as 'layers.0', not an"):
        named_frames(graph, 0)
