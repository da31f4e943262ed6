from viz.formatting import formatter
from viz.scene import LabelWriter
from viz.scene import scene
from viz.folding import fold
from viz.graph_model import GraphModel

ALL = frozenset(("values", "gradients", "partials", "constants", "frames"))


def make(J, how="auto", show=ALL):
    graph = GraphModel.build([J])
    return scene(fold(graph, how, 300), LabelWriter(graph, formatter(4, None), show))


def test_one_box_a_node_and_one_arrow_an_edge(graphs):
    made = make(graphs["lecture"]())
    assert [box.key for box in made.boxes] == [f"n{i}" for i in range(7)]
    assert [(a.tail, a.head) for a in made.arrows] == [
        (2, 4), (3, 4), (1, 5), (4, 5), (0, 6), (5, 6),
    ]  # fmt: skip


def test_a_square_has_two_arrows(graphs):
    a = graphs["lecture"]().inputs[1]
    made = make(a * a)
    assert sum(arrow.head == len(made.boxes) - 1 for arrow in made.arrows) == 2


def test_bundles_count_edges_and_keep_the_strongest_flow(graphs):
    made = make(graphs["loss"](), "layers")
    titles = [box.header for box in made.boxes]
    first, second = titles.index("layer 0"), titles.index("layer 1")
    (bundle,) = [a for a in made.arrows if (a.tail, a.head) == (first, second)]
    assert bundle.tooltip.startswith("4 edges\nstrongest flow back ")
    assert bundle.label == ""
    assert bundle.step != 0


def test_groups_know_what_goes_out_of_them(graphs):
    made = make(graphs["loss"](), "neurons")
    neuron = next(box for box in made.boxes if box.header == "neuron 2")
    assert [row.title for row in neuron.rows] == ["out", "grad", "max |grad|", "params"]
    assert neuron.frame == ("layer 0",)


def test_frames_are_left_out_on_demand(graphs):
    made = make(graphs["loss"](), show=ALL - {"frames"})
    assert {box.frame for box in made.boxes} == {()}


def test_labels_are_left_out_where_they_would_hide_each_other(graphs):
    few, many = make(graphs["loss"]((2, 4, 1))), make(graphs["loss"]((4, 8, 1)))
    assert all(arrow.label for arrow in few.arrows)
    assert not any(arrow.label for arrow in many.arrows)
