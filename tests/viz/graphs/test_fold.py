import pytest

import autograd
import viz
from autograd import Value
from tests.effort import calls
from viz.folding import fold
from viz.folding import layer
from viz.graph_model import GraphModel


def boxes(graph, how="auto", limit=300, **options):
    folding = fold(graph, how, limit, **options)
    assert set(folding.box_of) - {-1} == set(range(len(folding.titles)))
    assert len(folding.frames) == len(folding.titles)
    return folding


def test_small_graphs_are_drawn_whole(graphs):
    graph = GraphModel.build([graphs["lecture"]()])
    folding = boxes(graph)
    assert folding.box_of == list(range(7))
    assert folding.note == ""
    assert boxes(graph, "none", limit=1).box_of == list(range(7))


def test_constants_can_be_left_out(graphs):
    folding = boxes(GraphModel.build([graphs["lecture"]()]), constants=False)
    assert folding.box_of == [-1, 0, 1, 2, 3, 4, 5]


def test_neurons_and_layers(graphs):
    graph = GraphModel.build([graphs["loss"]()])
    neurons = boxes(graph, "neurons")
    titles = [title for title in neurons.titles if title]
    assert sorted(titles) == ["neuron 0", "neuron 0", "neuron 1", "neuron 2", "neuron 3"]
    assert set(neurons.frames) == {(), ("layer 0",), ("layer 1",)}
    assert neurons.note == "31 nodes folded into 9 boxes"
    layers = boxes(graph, "layers")
    assert sorted(title for title in layers.titles if title) == ["layer 0", "layer 1"]
    assert set(layers.frames) == {()}


def test_what_stands_in_a_layer_beside_its_neurons_is_not_folded_into_one(graphs):
    p = autograd.softmax(graphs["network"]((2, 3), None))
    folding = boxes(GraphModel.build(p), "neurons")
    assert folding.frames.count(("layer 0",)) == 6  # three neurons and three parts of the softmax


def test_above_the_limit_layers_are_folded(graphs):
    graph = GraphModel.build([graphs["loss"]((4, 16, 1))])
    folding = boxes(graph, limit=100)
    assert sorted(t for t in folding.titles if t) == ["layer 0", "layer 1"]
    assert "nodes folded into" in folding.note


def test_a_frame_of_the_word_alone_counts_as_a_layer():
    assert layer(("net", "layer 0", "neuron 1")) == ("net", "layer 0")
    assert layer(("encoder",)) == ("encoder",)


def test_many_leaves_results_and_alike_operations_become_boxes():
    xs = [Value(float(k)) for k in range(100)]
    logs = [(x + 1).log() for x in xs]
    graph = GraphModel.build([autograd.sum(logs)])
    folding = boxes(graph, limit=50)
    assert len(folding.titles) == 4  # inputs, +, log, Σ
    graph = GraphModel.build(logs)
    assert len(boxes(graph, limit=50).titles) == 3  # inputs, +, results


def test_few_results_stay_apart():
    x = Value(1.0)
    for _ in range(400):
        x = x + 1
    y, z = x.log(), x.exp()
    folding = boxes(GraphModel.build([y, z]), limit=50)
    assert folding.box_of[-2] != folding.box_of[-1]


def test_a_run_of_one_operation_is_one_box():
    value = Value(0.0, "x")
    for _ in range(500):
        value = value + 1.0
    folding = boxes(GraphModel.build([value.exp()]))
    assert len(folding.titles) == 3
    assert folding.box_of.count(-1) == 500  # constants


def test_a_run_ends_where_something_else_uses_it():
    value = Value(0.0, "x")
    kept = []
    for k in range(400):
        value = value + 1.0
        if k == 200:
            kept.append(value.exp())
    folding = boxes(GraphModel.build([value * kept[0]]))
    assert len(folding.titles) == 5  # x, +, exp, +, ×


def test_a_long_mixed_chain_is_folded_in_bands(graphs):
    folding = boxes(GraphModel.build([graphs["chain"](1000)]))
    assert len(folding.titles) == 15  # start, w, twelve bands, end
    assert len(boxes(GraphModel.build([graphs["chain"](100)]), limit=3).titles) <= 5


def test_many_leaves_of_a_long_chain_are_in_boxes_of_their_own():
    value = Value(0.0)
    for _ in range(300):
        value = (value * Value(1.0)).tanh()
    folding = boxes(GraphModel.build([value]))
    assert len(folding.titles) <= 26


def test_too_many_boxes_are_refused():
    graph = GraphModel.build([autograd.sum([Value(0.0) for _ in range(5001)])])
    message = r"fold='none' would draw 5,002 boxes, and at most 5,000 can be laid out; use fold="
    with pytest.raises(ValueError, match=message):
        fold(graph, "none", 300)


def test_the_work_grows_with_the_nodes(graphs):
    short, long = graphs["chain"](2000), graphs["chain"](4000)
    assert calls(lambda: viz.draw(long)) < 2.2 * calls(lambda: viz.draw(short))


def test_a_hundred_thousand_nodes(graphs):
    picture = viz.draw(graphs["chain"](33_333))
    assert picture.nodes == 100_001
    assert "100,001 nodes folded into 15 boxes" in picture.svg()
