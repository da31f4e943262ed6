"""Copies and pickles of graphs are whole and separate, and keep what was shared."""

import copy
import io
import multiprocessing
import pickle

import pytest

import autograd
from autograd import Value, constant
from autograd.graph import topological


def deep(thing):
    return copy.deepcopy(thing)


def by_c(protocol):
    return lambda thing: pickle.loads(pickle.dumps(thing, protocol))


def by_python(protocol):
    def cycle(thing):
        file = io.BytesIO()
        pickle._Pickler(file, protocol).dump(thing)
        return pickle._loads(file.getvalue())

    return cycle


PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)
WAYS = [
    pytest.param(deep, id="deepcopy"),
    *[pytest.param(by_c(p), id=f"pickle {p}") for p in PROTOCOLS],
    *[pytest.param(by_python(p), id=f"python pickle {p}") for p in PROTOCOLS],
]


def sample():
    a, b = Value(2.0, "a"), Value(-3.0, "b")
    u = a * b
    J = autograd.dot([a, u, 2.0], [u, b, constant(0.5, "k")], a) + u.tanh() + autograd.clip(a, 0, 9)
    J.label = "J"
    return a, b, u, J


def fields(node):
    return (node.op, node.data, node._grad, node.partials, node.label)


@pytest.mark.parametrize("way", WAYS)
def test_whole_and_separate(way):
    a, _, _, J = sample()
    J.backward()
    twin = way(J)
    originals, twins = topological(J), topological(twin)
    assert [fields(x) for x in twins] == [fields(x) for x in originals]
    assert not {id(x) for x in twins} & {id(x) for x in originals}
    places = {node: i for i, node in enumerate(originals)}
    twin_places = {node: i for i, node in enumerate(twins)}
    for x, y in zip(originals, twins, strict=True):
        assert [places[i] for i in x.inputs] == [twin_places[i] for i in y.inputs]
    before = a.grad
    twin.backward()
    assert a.grad == before
    assert twins[0].grad == 2 * before


@pytest.mark.parametrize("way", WAYS)
def test_backward_in_the_copy_alone(way):
    a = Value(2.0)
    b = 3 * a
    twin = way(b)
    twin.backward()
    assert twin.inputs[1].grad == 3.0
    assert (a.grad, a.has_grad, b.has_grad) == (0.0, False, False)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0), (2, 3, 0, 1), (2, 0, 2, 3)])
def test_sharing_within_one_copy(way, order):
    nodes = sample()
    picked = [nodes[i] for i in order]
    extended = (*picked, nodes[3] * 2 + nodes[2])
    twins = way(extended)
    for i, x in enumerate(picked):
        for k, y in enumerate(picked):
            assert (x is y) == (twins[i] is twins[k])
    everything = set(topological(twins[-1]))
    assert everything >= set(twins)
    assert len(everything) == len(topological(extended[-1]))


@pytest.mark.parametrize("way", WAYS)
def test_a_list_of_all_nodes(way):
    _, _, _, J = sample()
    nodes = topological(J)
    for listed in (nodes, nodes[::-1], nodes[1::2] + nodes[::2]):
        twins = way(listed)
        assert {id(x) for x in topological(way([J]))}.isdisjoint(map(id, nodes))
        last = twins[listed.index(J)]
        assert set(topological(last)) == set(twins)


@pytest.mark.parametrize("way", WAYS)
def test_leaves_and_constants(way):
    a = Value(float("inf"), "a")
    a.grad = 2.5
    twin = way(a)
    assert fields(twin) == fields(a)
    assert twin is not a
    k = way(constant(-0.0, "k"))
    assert (k.is_constant, str(k.data), k.label) == (True, "-0.0", "k")


@pytest.mark.parametrize("way", WAYS)
def test_a_node_in_objects_of_others(way):
    a, _, u, J = sample()
    twins = way({"leaf": a, "more": [J, {"u": u}]})
    nodes = topological(twins["more"][0])
    assert twins["leaf"] in nodes
    assert twins["more"][1]["u"] in nodes


def test_shallow_copy_shares_its_inputs():
    a, _, u, _ = sample()
    u.backward()
    twin = copy.copy(u)
    assert twin is not u
    assert fields(twin) == fields(u)
    assert twin.inputs == u.inputs
    leaf = copy.copy(a)
    leaf.data = 7.0
    assert a.data == 2.0


def test_copies_do_not_depend_on_a_collector_that_is_off():
    import gc

    _, _, _, J = sample()
    for off in (False, True):
        if off:
            gc.disable()
        try:
            copy.deepcopy(J)
            assert gc.isenabled() is not off
        finally:
            gc.enable()


def test_a_memo_may_give_replacements():
    a, b = Value(2.0), Value(3.0)
    c = a * b
    other = Value(5.0)
    twin = copy.deepcopy(c, {id(a): other})
    assert twin.inputs[0] is other
    assert twin.inputs[1] is not b
    twin.backward()
    assert (other.grad, a.grad) == (3.0, 0.0)


def chain(length):
    a = Value(0.5)
    x = a
    nodes = []
    for _ in range(length):
        x = x * a
        nodes.append(x)
    return nodes


class Broken(io.BytesIO):
    """A file that fails after so many bytes."""

    def __init__(self, limit):
        super().__init__()
        self.limit = limit

    def write(self, data):
        self.limit -= len(data)
        if self.limit < 0:
            raise OSError("disk full")
        return super().write(data)


@pytest.mark.parametrize("make", [pickle.Pickler, pickle._Pickler])
@pytest.mark.parametrize("limit", [0, 1000, 100_000, 400_000])
def test_a_dump_that_failed_midway_spoils_nothing(make, limit):
    nodes = chain(20_000)
    broken = make(Broken(limit))
    with pytest.raises(OSError, match="disk full"):
        broken.dump(nodes[-1])
    for k in (-1, 10_000, 500):  # the broken pickler is alive still
        loaded = pickle.loads(pickle.dumps(nodes[k]))
        assert len(topological(loaded)) == len(topological(nodes[k]))
    with pytest.raises(OSError, match="disk full"):
        broken.dump(nodes[-1])


@pytest.mark.parametrize("make", [pickle.Pickler, pickle._Pickler])
def test_two_picklers_in_turn(make):
    """What one pickler was told is not taken for known to another; nothing recurses."""
    nodes = chain(5_000)
    files = [io.BytesIO(), io.BytesIO()]
    picklers = [make(file) for file in files]
    sequence = [(0, 4000), (1, 2000), (0, 1000), (1, 4999), (0, 4999), (1, 10), (0, 4500)]
    for which, k in sequence:
        picklers[which].dump(nodes[k])
    for which, file in enumerate(files):
        file.seek(0)
        unpickler = pickle.Unpickler(file)
        loaded = {k: unpickler.load() for w, k in sequence if w == which}
        everything = set(topological(loaded[4999]))
        assert len(everything) == 5001
        assert everything >= set(loaded.values())


def test_a_pickle_inside_a_pickle():
    _, _, u, J = sample()

    class Inner:
        def __reduce__(self):
            return bytes, (pickle.dumps((u, J)),)

    _, inner, twin = pickle.loads(pickle.dumps((u, Inner(), J)))
    inner_u, inner_J = pickle.loads(inner)
    assert inner_u in topological(inner_J)
    assert len(topological(twin)) == len(topological(inner_J)) == len(topological(J))


@pytest.mark.parametrize("way", [deep, by_c(5)])
def test_a_list_of_all_nodes_takes_linear_time(way):
    nodes = chain(30_000)
    twins = way(nodes)  # quadratic: minutes
    assert len(topological(twins[-1])) == 30_001
    assert twins[-1].inputs[0] is twins[-2]


def test_other_processes():
    a, _, _, J = sample()
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        returned = pool.apply(copy.copy, [J])
    returned.backward()
    assert returned.data == J.data
    assert topological(returned)[0].grad != 0
    assert a.has_grad is False
