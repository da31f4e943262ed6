import pytest

import viz
from autograd import Value
from viz.folding import select_around, select_between
from viz.graph_model import GraphModel


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
    with pytest.raises(ValueError, match=r"path must be two Values, such as \(x, J\), not 3"):
        select_between(lecture, (a, b, b))
    with pytest.raises(ValueError, match=r"path: Value\(1.0\) is not in the graph that is drawn"):
        select_between(lecture, (a, Value(1.0)))
    with pytest.raises(TypeError, match=r"path must be a Value or several, not a str \('ab'\)"):
        select_between(lecture, "ab")
    with pytest.raises(TypeError, match=r"around must be Values of the graph, not a str \('a'\)"):
        select_around(lecture, ["a"], 2)
    with pytest.raises(ValueError, match="around must be a Value or several, and this list is emp"):
        select_around(lecture, [], 2)
    for hops in (-1, 1.5, True):
        with pytest.raises(ValueError, match="hops must be an int of at least 0, not"):
            select_around(lecture, a, hops)


def test_a_part_is_around_a_node_or_on_a_path():
    a = Value(1.0, "a")
    J = a.exp()
    with pytest.raises(ValueError, match="draw takes around= or path=, not both"):
        viz.draw(J, select_around=a, path=(a, J))
