import autograd
from autograd import Value
from viz.graph_model import GraphModel
from viz.reports.tree import Mark, tree


def lines(root, limit=60, depth=20):
    graph = GraphModel.build([root])
    made = tree(graph, [len(graph.nodes) - 1], limit, depth)
    names = [node.label or node.op for node in graph.nodes]
    return [
        (
            "".join("|" if follows else "." for follows in line.stem)
            + ("" if line.node is None else names[line.node])
            + line.mark.value,
            line.hidden,
        )
        for line in made.lines
    ], made


def test_a_tree():
    a, b = Value(1.0, "a"), Value(2.0, "b")
    found, made = lines((a * b).exp())
    assert found == [("exp", 0), (".mul", 0), (".|a", 0), ("..b", 0)]
    assert (made.shown, made.total) == (4, 4)


def test_a_node_is_unrolled_once():
    a = Value(1.0, "a")
    u = a.exp()
    found, _ = lines(u * u + 1)
    assert [text for text, _ in found] == [
        "add", "|mul", "||exp", "||.a", "|.exp↑", ".constant",
    ]  # fmt: skip


def test_settings_are_left_out():
    found, made = lines(Value(1.0, "a").leaky_relu())
    assert [text for text, _ in found] == ["leaky_relu", ".a"]
    assert made.total == 2


def test_what_lies_too_deep_is_folded_and_counted():
    x = Value(1.0, "x")
    found, made = lines(x.exp().log().tanh().sin(), depth=2)
    assert found == [("sin", 0), (".tanh", 0), ("..log…", 2)]
    assert (made.shown, made.total) == (3, 5)


def test_lines_are_spent_near_the_result():
    x, y = Value(1.0, "x"), Value(2.0, "y")
    deep = x.exp().log().tanh().sin()
    found, made = lines(deep * y.exp(), limit=5)
    assert [text for text, _ in found] == ["mul", "|sin", "|.tanh…", ".exp", "..y"]
    assert made.shown + sum(hidden for _, hidden in found) == made.total


def test_a_node_below_two_folds_counts_for_the_first():
    x = Value(1.0, "x")
    u = x.exp()
    found, _ = lines(u.sin() * u.cos(), limit=3)
    assert found == [("mul", 0), ("|sin…", 2), (".cos…", 0)]


def test_a_folded_node_that_comes_again():
    u = Value(1.0, "x").exp().log()
    found, _ = lines(u * u, depth=1)
    assert found == [("mul", 0), ("|log…", 2), (".log↑", 0)]


def test_a_node_too_deep_here_may_be_unrolled_further_down():
    u = Value(1.0, "x").exp()
    found, made = lines(u.sin().cos() * u, depth=3)
    assert [text for text, _ in found] == ["mul", "|cos", "|.sin", "|..exp↓", ".exp", "..x"]
    assert made.lines[3].mark is Mark.BELOW
    assert made.shown == made.total


def test_many_operands_are_left_out_in_the_middle():
    xs = [Value(float(k), f"x{k}").exp() for k in range(100)]
    found, _ = lines(autograd.sum(xs), limit=10)
    assert [text for text, _ in found] == [
        "sum", "|exp…", "|exp…", "|exp…", "|exp…", "|exp…", "|exp…", "|", "|exp…", ".exp…",
    ]  # fmt: skip
    assert [hidden for _, hidden in found] == [0, 1, 1, 1, 1, 1, 1, 184, 1, 1]


def test_without_limit_all_is_shown():
    xs = [Value(float(k)).exp().log() for k in range(10)]
    found, made = lines(autograd.sum(xs), limit=None)
    assert len(found) == made.shown == made.total == 31
