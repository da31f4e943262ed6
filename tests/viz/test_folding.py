import pytest

import autograd
import viz
from autograd import Value, constant
from tests.helpers.effort import calls
from viz import folding
from viz.folding import (
    OpenFrames,
    fold,
    layer,
    named_frames,
    opening,
    select_around,
    select_between,
)
from viz.graph_model import GraphModel, split

LAYER, NEURON = ("layer 0",), ("layer 0", "neuron 1")


@pytest.fixture
def graph(graphs):
    return GraphModel.build([graphs["loss"]((2, 3, 2, 1))])


def test_a_frame_of_the_word_alone_counts_as_a_layer():
    assert layer(split("net.layers.0.neurons.1.w")[0]) == ("net", "layer 0")
    assert layer(split("block2.dense.w")[0]) == ("block2",)
    assert layer(split("encoder.w")[0]) == ("encoder",)


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
    listed = "'layer 0', 'layer 1', 'layer 2', 'layer 0/neuron 0', .* and 3 more"
    with pytest.raises(ValueError, match=f"open: got a str .'layers.7'.; allowed: {listed}"):
        named_frames(graph, "layers.7")
    with pytest.raises(ValueError, match="allowed: none; frames come from parameters' names"):
        named_frames(GraphModel.build([Value(1.0).exp()]), ["layer 0"])
    with pytest.raises(ValueError, match=r"open: Value\(1.0\) is not in the graph"):
        named_frames(graph, Value(1.0))
    with pytest.raises(
        TypeError, match=r"open: got an .*; allowed: names of frames such as 'layers.0'"
    ):
        named_frames(graph, [0])
    with pytest.raises(
        TypeError, match=r"open: got an .*; allowed: names of frames such as 'layers.0'"
    ):
        named_frames(graph, 0)


def keyed(J):
    graph = GraphModel.build([J])
    return graph, [("node", i) for i in range(len(graph.nodes))]


@pytest.fixture
def batch():
    """Three samples through one neuron, written with + and ×."""
    w, v, b = (Value(0.5, f"layers.0.neurons.0.{name}") for name in ("w.0", "w.1", "b"))
    outs = [(w * k + v * (k + 1) + b).tanh() for k in range(3)]
    return keyed((outs[0] * outs[1] * outs[2]).log())


def kinds(graph, keys):
    """Return what each operation's box holds, by the first of its nodes."""
    boxes = {}
    for node, key in zip(graph.nodes, keys, strict=True):
        if key:
            boxes.setdefault(key, []).append(node.op)
    return [(ops[0], len(ops)) for ops in boxes.values() if len(ops) > 1]


def test_twins_are_what_an_open_frame_repeats(batch):
    graph, keys = batch
    assert kinds(graph, folding.merge_repeats(graph, keys)) == [
        ("mul", 6),
        ("add", 6),
        ("tanh", 3),
        ("mul", 2),
    ]


def test_weights_of_a_frame_are_one_box(batch):
    graph, keys = batch
    assert kinds(graph, folding.merge_parameters(graph, keys)) == [("leaf", 3)]


def test_numbers_that_go_into_frames_are_one_box():
    w = [Value(0.5, f"layers.0.neurons.{k}.w.0") for k in range(2)]
    x = [constant(float(k)) for k in range(4)]
    graph, keys = keyed(autograd.sum([(a * b).tanh() for a in w for b in x]).exp())
    assert kinds(graph, folding.merge_constants(graph, keys)) == [], (
        "each goes first to a product of its own"
    )
    closed = [
        ("frame", path[:1]) if path else k for path, k in zip(graph.frames, keys, strict=True)
    ]
    assert ("constant", 4) in kinds(graph, folding.merge_constants(graph, closed))


def test_nothing_is_a_number_twice(batch):
    graph, keys = batch
    closed = [
        ("frame", path) if path else key for path, key in zip(graph.frames, keys, strict=True)
    ]
    assert folding.merge_constants(graph, closed) == closed  # the constants stand in the frame


def test_bands_keep_what_is_left_out():
    value = Value(1.0, "x")
    for _ in range(30):
        value = (value * 2.0).tanh()
    graph, keys = keyed(value)
    keys = [
        folding.LEFT_OUT if node.op == "mul" else key
        for node, key in zip(graph.nodes, keys, strict=True)
    ]
    found = folding.merge_bands(graph, keys, 5)
    assert all(not key for node, key in zip(graph.nodes, found, strict=True) if node.op == "mul")
    assert len({key for key in found if key}) <= 6


@pytest.fixture
def lecture(graphs):
    return GraphModel.build([graphs["lecture"]()])


def node(graph, name):
    return graph.nodes[graph.names.index(name)]


def names(graph, part):
    return [name or "3" for name, kept in zip(graph.names, part.kept, strict=True) if kept]


@pytest.mark.parametrize(
    ("centre", "hops", "kept"),
    [
        ("v", 0, ["v"]),
        ("v", 1, ["a", "u", "v", "J"]),
        ("v", 2, ["3", "a", "b", "c", "u", "v", "J"]),
        ("b", 2, ["b", "c", "u", "v"]),
    ],
)
def test_around(lecture, centre, hops, kept):
    part = select_around(lecture, node(lecture, centre), hops)
    assert names(lecture, part) == kept
    assert part.size == len(kept)
    assert part.words == f"at most {hops} edge{'s' if hops != 1 else ''} from {centre}"


def test_around_several(lecture):
    part = select_around(lecture, [node(lecture, name) for name in "abcu"], 0)
    assert names(lecture, part) == ["a", "b", "c", "u"]
    assert part.words == "at most 0 edges from a, b, c, …"


def test_between(lecture):
    b, J = node(lecture, "b"), node(lecture, "J")
    for ends in ((b, J), (J, b)):
        part = select_between(lecture, ends)
        assert names(lecture, part) == ["b", "u", "v", "J"]
        assert part.words == "on the paths from b to J"


def test_all_paths_between_are_kept():
    x = Value(1.0, "x")
    u, v, w = x.exp(), x.log(), Value(2.0, "w")
    graph = GraphModel.build([u * v + w])
    part = select_between(graph, (x, graph.nodes[-1]))
    assert [n.op for n, kept in zip(graph.nodes, part.kept, strict=True) if kept] == [
        "leaf", "exp", "log", "mul", "add",
    ]  # fmt: skip
    assert part.words == "on the paths from x to the add node"


def test_wrong_parts(lecture):
    a, b = node(lecture, "a"), node(lecture, "b")
    with pytest.raises(ValueError, match="path: none of a and b depends on the other"):
        select_between(lecture, (a, b))
    with pytest.raises(
        ValueError, match=r"path: got a tuple of 3; allowed: two Values, such as \(x, J\)"
    ):
        select_between(lecture, (a, b, b))
    with pytest.raises(ValueError, match=r"path: Value\(1.0\) is not in the graph that is drawn"):
        select_between(lecture, (a, Value(1.0)))
    with pytest.raises(
        TypeError, match=r"path: got a str \('ab'\); allowed: a Value or a list of Values"
    ):
        select_between(lecture, "ab")
    with pytest.raises(TypeError, match=r"around\[\d\]: got a str \('a'\); allowed: a Value"):
        select_around(lecture, ["a"], 2)
    with pytest.raises(ValueError, match="around: got a list of 0; allowed: a Value or a list"):
        select_around(lecture, [], 2)
    for hops in (-1, 1.5, True):
        with pytest.raises(
            (TypeError, ValueError), match=r"hops: got .*; allowed: a whole number of at least 0"
        ):
            select_around(lecture, a, hops)


def test_a_part_is_around_a_node_or_on_a_path():
    a = Value(1.0, "a")
    J = a.exp()
    with pytest.raises(ValueError, match="draw takes around= or path=, not both"):
        viz.draw(J, around=a, path=(a, J))


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
