import math

import pytest

import autograd
from autograd import Value
from viz.formatting import formatter
from viz.scene import ALARM, Row
from viz.scene import LabelWriter, badness
from viz.graph_model import GraphModel

ALL = frozenset(("values", "gradients", "partials", "constants", "frames"))


def writer(*roots, show=ALL, names=None):
    return LabelWriter(GraphModel.build(roots, names), formatter(4, None), show)


def test_a_card_of_each_role(graphs):
    w = writer(graphs["lecture"]())
    assert w.largest == 30
    constant, a, b, c, u, _, J = (w.card(i, ()) for i in range(7))
    assert (constant.header, constant.rows, constant.role) == ("3", (), "constant")
    assert a.header == "a"
    assert a.rows == (Row("val", "2"), Row("grad", "3", 2))
    assert b.rows[1] == Row("grad", "30", 3)
    assert c.rows[1] == Row("grad", "−9", -2)
    assert (u.key, u.header, u.role) == ("n4", "× u", "operation")
    assert u.tooltip == "u: mul\nvalue -30.0\ngradient 3.0"
    assert (J.role, J.is_final) == ("result", True)


def test_a_gradient_not_computed_is_a_dash():
    w = writer(Value(2.0, "a") * 3)
    assert w.card(0, ()).rows[1] == Row("grad", "–")
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
    assert w.card(0, ()).rows == (Row("val", "0"), Row("grad", "inf", 0, alarm=True))
    assert w.card(1, ()).rows[0] == Row("val", "−inf", 0, alarm=True)


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
        Row("out", "1 … 2"),
        Row("grad", "−1 … 1", 2),
        Row("max |grad|", "8", 3),
        Row("params", "2"),
        Row("nodes", "6"),
    )
    assert box.tooltip == (
        "layer 0: 6 nodes, of which 2 parameters\nvalue 1.0 … 2.0, mean 1.5\n"
        "gradient -1.0 … 1.0, mean 0.0"
    )


def test_groups_before_backward_with_little_shown():
    a, b = Value(0.5, "l.a"), Value(0.25, "l.b")
    J = a * b
    box = writer(J).group([0, 1, 2], [2], "l", ())
    assert box.rows[1:3] == (Row("grad", "–"), Row("max |grad|", "–"))
    box = writer(J, show=frozenset()).group([0, 1, 2], [2], "l", ())
    assert [row.title for row in box.rows] == ["params"]
    assert writer(J).group([0, 1], [], "", ()).rows[0] == Row("val", "–")


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
    assert row == Row("val", "1 … nan", 0, alarm=True)
    assert badness(math.nan) == math.inf


@pytest.mark.parametrize(("count", "tip"), [(1, "1 edge"), (1200, "1,200 edges")])
def test_bundles(count, tip):
    w = writer(Value(1.0))
    assert w.bundle((0, 1), count, None).tooltip == tip
    assert w.bundle((0, 1), count, -2.0).tooltip == f"{tip}\nstrongest flow back -2.0"
    assert w.bundle((0, 1), count, math.inf).step == ALARM
