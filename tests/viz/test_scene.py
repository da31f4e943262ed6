import math

import pytest

import autograd
from autograd import Value
from viz.folding import fold
from viz.formatting import formatter
from viz.graph_model import GraphModel
from viz.scene import (
    ALARM,
    LabelRow,
    LabelWriter,
    count_parts,
    count_repeats,
    magnitude,
    mean,
    scene,
    spread_text,
)


def batch(graphs, samples):
    """The sum of a network's outputs for several samples, on shared parameters."""
    first = GraphModel.build([graphs["loss"]((1, 2, 1))])
    owned = {name: node for name, node in zip(first.names, first.nodes, strict=True) if name}
    total = Value(0.0, "start")
    for k in range(samples):
        hidden = [
            (owned[f"layers.0.neurons.{j}.w.0"] * k + owned[f"layers.0.neurons.{j}.b"]).tanh()
            for j in range(2)
        ]
        out = [owned[f"layers.1.neurons.0.w.{j}"] * h for j, h in enumerate(hidden)]
        total = total + (out[0] + out[1]).exp().log()
    return GraphModel.build([total])


def test_parts(graphs):
    graph = batch(graphs, 3)
    members = [i for i, path in enumerate(graph.frames) if path[:1] == ("layer 0",)]
    assert count_parts(graph, members) == ("neurons", 2)
    assert count_parts(graph, [i for i in members if graph.frames[i][1] == "neuron 0"])[1] == 0
    assert count_parts(graph, [i for i, path in enumerate(graph.frames) if path]) == ("layers", 2)
    mixed = GraphModel.build([Value(1.0, "encoder.w") * Value(1.0, "decoder.w")])
    assert count_parts(mixed, [0, 1]) == ("parts", 2)


def test_repeats(graphs):
    graph = batch(graphs, 3)
    hidden = [i for i, path in enumerate(graph.frames) if path[:1] == ("layer 0",)]
    assert count_repeats(graph, hidden) == 3
    assert count_repeats(graph, [i for i, path in enumerate(graph.frames) if not path]) == 1
    single = batch(graphs, 1)
    assert count_repeats(single, range(len(single.nodes))) == 1


def test_what_differs_is_no_repetition():
    w = [Value(1.0, f"layers.0.w.{k}") for k in range(2)]
    graph = GraphModel.build([w[0] * 2 - w[1] * 3])
    assert count_repeats(graph, range(len(graph.nodes))) == 1


def test_means():
    assert mean([1.0, 2.0, 6.0]) == 3.0
    assert mean([1e308, 1e308, -1e308]) == pytest.approx(1e308 / 3)
    assert mean([1e308, 1e308, 1e308]) == pytest.approx(1e308)
    assert spread_text("value", [1.0]) == ""
    assert spread_text("value", [1.0, math.inf]) == ""


ALL = frozenset(("values", "gradients", "partials", "constants", "frames"))


def writer(*roots, show=ALL, names=None):
    return LabelWriter(GraphModel.build(roots, names), formatter(4, None), show)


def test_a_card_of_each_role(graphs):
    w = writer(graphs["lecture"]())
    assert w.largest == 30
    constant, a, b, c, u, _, J = (w.card(i, ()) for i in range(7))
    assert (constant.header, constant.rows, constant.role) == ("3", (), "constant")
    assert a.header == "a"
    assert a.rows == (LabelRow("val", "2"), LabelRow("grad", "3", 2))
    assert b.rows[1] == LabelRow("grad", "30", 3)
    assert c.rows[1] == LabelRow("grad", "−9", -2)
    assert (u.key, u.header, u.role) == ("n4", "× u", "operation")
    assert u.tooltip == "u: mul\nvalue -30.0\ngradient 3.0"
    assert (J.role, J.is_final) == ("result", True)


def test_a_gradient_not_computed_is_a_dash():
    w = writer(Value(2.0, "a") * 3)
    assert w.card(0, ()).rows[1] == LabelRow("grad", "–")
    assert w.card(0, ()).tooltip == "a: input\nvalue 2.0\ngradient not computed"
    assert w.card(1, ()).tooltip == "constant\nvalue 3.0"


def test_a_result_alone_sets_the_scale():
    a = Value(2.0)
    a.backward()
    assert writer(a).largest == 1


def test_nodes_without_names():
    w = writer(Value(2.0) * Value(1.0, "layers.0.w"))
    assert [w.card(i, ()).header for i in range(3)] == ["input", "w", "×"]


def test_names_are_whole_where_frames_are_not_shown():
    w = writer(Value(1.0, "layers.0.neurons.1.w.2") * 2, show=frozenset())
    card = w.card(0, ())
    assert card.header == "layers.0.neurons.1.w.2"
    assert card.rows == ()


def test_a_named_constant():
    y = autograd.constant(1.0)
    y.label = "y"
    assert writer(y * Value(2.0)).card(0, ()).header == "y = 1"


def test_numbers_that_are_not_finite_are_marked():
    a = Value(0.0, "a")
    J = a.log()
    J.backward()
    w = writer(J)
    assert w.card(0, ()).rows == (LabelRow("val", "0"), LabelRow("grad", "inf", 0, alarm=True))
    assert w.card(1, ()).rows[0] == LabelRow("val", "−inf", 0, alarm=True)


def test_arrows(graphs):
    w = writer(graphs["lecture"]())
    arrow = w.arrow((2, 4), 4, 0)
    assert (arrow.label, arrow.step, arrow.light) == ("×10", 3, False)
    assert arrow.tooltip == "local derivative 10.0\nflows back 10.0 · 3.0 = 30.0"
    light = w.arrow((0, 6), 6, 0)
    assert (light.label, light.light) == ("", True)


def test_arrows_before_backward_and_without_partials():
    J = Value(2.0) * Value(3.0)
    arrow = writer(J, show=frozenset()).arrow((0, 2), 2, 0)
    assert (arrow.label, arrow.step, arrow.tooltip) == ("", 0, "local derivative 3.0")


def test_what_flows_is_what_backward_adds():
    a = Value(0.0, "a")
    J = a.log() * 0.0
    J.backward()
    w = writer(J)
    log = next(i for i, node in enumerate(w.graph.nodes) if node.op == "log")
    assert w.flow(log, 0) == 0 == a.grad
    a = Value(0.0, "a")
    a.log().backward()
    J = a.log()
    J.backward()
    assert writer(J).arrow((0, 1), 1, 0).step == ALARM


def test_groups_say_ranges_and_counts():
    w = [Value(0.5, "layers.0.w.0"), Value(0.25, "layers.0.w.1")]
    J = w[0] * 2 - w[1] * 8
    J.backward()
    write = writer(J)
    members = list(range(len(write.graph.nodes)))
    products = [i for i, node in enumerate(write.graph.nodes) if node.op == "mul"]
    box = write.group(members[:-1], products, "layer 0", ())
    assert (box.header, box.role, box.is_final) == ("layer 0", "group", False)
    assert box.rows == (
        LabelRow("out", "1 … 2"),
        LabelRow("grad", "−1 … 1", 2),
        LabelRow("max |grad|", "8", 3),
        LabelRow("params", "2"),
        LabelRow("nodes", "6"),
    )
    assert box.tooltip == (
        "layer 0: 6 nodes, of which 2 parameters\nvalue 1.0 … 2.0, mean 1.5\n"
        "gradient -1.0 … 1.0, mean 0.0"
    )


def test_groups_before_backward_with_little_shown():
    a, b = Value(0.5, "l.a"), Value(0.25, "l.b")
    J = a * b
    box = writer(J).group([0, 1, 2], [2], "l", ())
    assert box.rows[1:3] == (LabelRow("grad", "–"), LabelRow("max |grad|", "–"))
    box = writer(J, show=frozenset()).group([0, 1, 2], [2], "l", ())
    assert [row.title for row in box.rows] == ["params"]
    assert writer(J).group([0, 1], [], "", ()).rows[0] == LabelRow("val", "–")


def test_groups_name_their_result_operations_or_leaves():
    a, b = Value(1.0, "a"), Value(2.0, "b")
    J = ((a + b) * a - b).exp().log()
    J.label = "J"
    write = writer(J)
    assert write.group(range(7), [6], "", ()).header == "+ × − exp … → J"
    assert write.group(range(7), [6], "", ()).is_final
    assert write.group([0, 1], [0, 1], "", ()).header == "inputs"


def test_ranges_with_nan_are_alarming():
    a, b = Value(1.0), Value(math.nan)
    row = writer(a + b).group([0, 1], [0, 1], "", ()).rows[0]
    assert row == LabelRow("val", "1 … nan", 0, alarm=True)
    assert magnitude(math.nan) == math.inf


@pytest.mark.parametrize(("count", "tip"), [(1, "1 edge"), (1200, "1,200 edges")])
def test_bundles(count, tip):
    w = writer(Value(1.0))
    assert w.bundle((0, 1), count, None).tooltip == tip
    assert w.bundle((0, 1), count, -2.0).tooltip == f"{tip}\nstrongest flow back -2.0"
    assert w.bundle((0, 1), count, math.inf).step == ALARM


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
