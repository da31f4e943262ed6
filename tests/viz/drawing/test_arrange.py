import autograd
from autograd import Value
from viz.formatting import formatter
from viz.dot import anchors, columns, inlets, nested
from viz.scene import Arrow, Box, Scene
from viz.scene import LabelWriter
from viz.scene import scene
from viz.folding import fold
from viz.graph_model import GraphModel

ALL = frozenset(("values", "gradients", "partials", "constants", "frames"))


def make(J, how="auto"):
    roots = J if isinstance(J, list) else [J]
    graph = GraphModel.build(roots)
    return scene(fold(graph, how, 300), LabelWriter(graph, formatter(4, None), ALL))


def box(key, role="operation", frame=()):
    return Box(key, role, key, (), "", frame)


def test_frames_hold_boxes_and_frames_in_order():
    frame = ("layer 0",)
    inner = ("layer 0", "neuron 0")
    boxes = [box("n0"), box("n1", frame=inner), box("n2", frame=frame), box("n3")]
    found = nested(boxes)
    assert found[frame] == [inner, boxes[2]]
    assert found[inner] == [boxes[1]]
    assert found[()] == [boxes[3], frame, boxes[0]]  # from the last to the first, for Graphviz
    assert nested(boxes[:1]) == {(): boxes[:1]}


def test_arrows_into_frames_pass_an_inlet(graphs):
    made = make(graphs["loss"]((2, 2, 1)))
    points = inlets(made)
    assert len(points) == 2 * 2 + 2
    for k in points:
        arrow = made.arrows[k]
        assert made.boxes[arrow.head].frame
        assert made.boxes[arrow.tail].frame != made.boxes[arrow.head].frame


def test_folded_boxes_need_no_inlets(graphs):
    assert inlets(make(graphs["loss"](), "neurons")) == {}


def test_leaves_stand_in_the_order_of_the_operands(graphs):
    made = make(graphs["lecture"]())
    assert columns(made, {}) == {(): [["n2", "n3"]]}


def test_neurons_stand_in_order_if_no_arrow_joins_them(graphs):
    found = columns(make(graphs["loss"](), "neurons"), {})
    assert [len(column) for column in found["layer 0",]] == [4]
    boxes = (box("n0", "group", ("layer 0",)), box("n1", "group", ("layer 0",)))
    arrow = Arrow(0, 1, "", 0, light=False, tooltip="")
    assert columns(Scene(boxes, ()), {}) == {("layer 0",): [["n0", "n1"]]}
    assert columns(Scene(boxes, (arrow,)), {}) == {}


def test_results_stand_in_a_column():
    x = Value(1.0)
    found = columns(make(autograd.softmax([x, Value(2.0)])), {})
    assert len(found[()][-1]) == 2
    y = x.exp()
    assert columns(make([y, y.log()]), {}) == {}


def test_last_layers_are_kept_in_order_by_anchors(graphs):
    made = make(graphs["network"]((2, 3, 2)))
    ((first, second),) = anchors(made, inlets(made))
    headers = {b.key: (b.header, b.frame[-1:]) for b in made.boxes}
    assert headers[first] == ("σ", ("neuron 0",))
    assert headers[second] == ("σ", ("neuron 1",))
    one = make(graphs["loss"]())
    assert anchors(one, inlets(one)) == []


def test_a_softmax_stands_in_order_and_needs_no_anchors(graphs):
    made = make(autograd.softmax(graphs["network"]((2, 2), None)))
    assert anchors(made, inlets(made)) == []
    (column,) = [c for c in columns(made, {})["layer 0",] if c[0] == made.boxes[-2].key]
    assert column == [made.boxes[-2].key, made.boxes[-1].key]
