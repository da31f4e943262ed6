"""Topological order, and graphs a million nodes deep."""

import copy
import gc
import pickle
import sys
from pathlib import Path

import pytest

import autograd
from autograd import Value
from autograd.graph import topological, walk

MILLION = 1_000_000


def test_operands_before_results():
    a, b = Value(1.0), Value(2.0)
    c = a * b
    d = c + a
    assert topological(d) == [a, b, c, d]
    assert topological(a) == [a]


def test_several_roots():
    a, b = Value(1.0), Value(2.0)
    c, d = a * b, b + a
    assert topological([c, d]) == [a, b, c, d]
    assert topological((d, c)) == [b, a, d, c]
    assert topological([]) == []
    assert topological([c, c]) == [a, b, c]


def test_repeated_inputs_come_once():
    a = Value(1.0)
    b = a * a
    total = autograd.sum([b, b, a])
    assert topological(total) == [a, b, total]


def test_walk_leaves_out_what_was_seen():
    a, b = Value(1.0), Value(2.0)
    c = a * b
    seen = set()
    assert walk([c], seen) == [a, b, c]
    d = c + a
    assert walk([d], seen) == [d]
    assert walk([d], seen) == []
    assert seen == {a, b, c, d}


def chain(length=MILLION):
    a = Value(0.5)
    x = a
    for _ in range(length // 2):
        x = x * a
        x = x + a
    return a, x


@pytest.fixture(scope="module")
def million():
    a, x = chain()
    yield a, x
    del x


def test_million_backward(million):
    a, x = million
    a.zero_grad()
    x.backward()
    assert x.data == 1.0  # the fixed point of x/2 + 1/2
    assert a.grad == pytest.approx(4.0)  # x = x a + a = a / (1 - a), so 1 / (1 - a)^2


def test_million_gradient(million):
    a, x = million
    assert autograd.gradient(x, [a]) == pytest.approx([4.0])


def test_million_repr(million):
    _, x = million
    assert repr(x).startswith("Value(1.0, op='add'")


def test_million_deepcopy(million):
    _, x = million
    twin = copy.deepcopy(x)
    nodes = topological(twin)
    assert len(nodes) == MILLION + 1
    nodes[0].zero_grad()
    twin.backward()
    assert nodes[0].grad == pytest.approx(4.0)


def test_million_pickle(million):
    _, x = million
    assert len(topological(pickle.loads(pickle.dumps(x)))) == MILLION + 1


def test_create_graph_of_a_deep_chain():
    a, x = chain(50_000)
    (first,) = autograd.gradient(x, [a], create_graph=True)
    (second,) = autograd.gradient(first, [a])
    assert first.data == pytest.approx(4.0)
    assert second == pytest.approx(16.0)  # 2 / (1 - a)^3


def held_by_a_local(build):
    _, x = build()
    return x.data


def held_by_a_list(build):
    nodes = topological(build()[1])
    while len(nodes) > 1:
        nodes.pop(0 if len(nodes) < 3 else -1)
    return 1.0


def held_by_a_list_freed_at_once(build):
    nodes = topological(build()[1])
    nodes.clear()
    return 1.0


def held_by_an_exception(build):
    def fail():
        _, x = build()
        raise ValueError(x.data)

    try:
        fail()
    except ValueError as error:
        kept = error
    data = kept.args[0]
    kept = None
    return data


def held_by_a_generator(build):
    def generate():
        _, x = build()
        yield x.data
        yield x

    generator = generate()
    data = next(generator)
    generator.close()
    return data


def held_by_a_cycle(build):
    class Holder: ...

    holder = Holder()
    holder.itself = holder
    holder.node = build()[1]
    data = holder.node.data
    del holder
    gc.collect()
    return data


def held_by_its_gradient(build):
    a, x = build()
    (g,) = autograd.gradient(x, [a], create_graph=True)
    del x, a
    return 1.0 if g.data > 0 else 0.0


@pytest.mark.parametrize(
    "hold",
    [
        held_by_a_local,
        held_by_a_list,
        held_by_a_list_freed_at_once,
        held_by_an_exception,
        held_by_a_generator,
        held_by_a_cycle,
        held_by_its_gradient,
    ],
)
def test_freeing_a_deep_graph(hold):
    assert hold(lambda: chain(200_000)) == 1.0


def test_freeing_a_million():
    _, x = chain()
    before = sys.getrefcount(x.inputs[1])
    del x
    assert before > MILLION


def resident():
    """Resident memory in kB."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    raise AssertionError("no VmRSS in /proc/self/status")


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux's /proc")
def test_memory_stays_flat_over_a_thousand_steps():
    weights = [[Value(0.1 * (i - j)) for i in range(4)] for j in range(6)]
    parameters = [w for row in weights for w in row]
    data = [([0.5, -1.0, 2.0, 0.1 * k], 0.3) for k in range(4)]

    def step():
        losses = []
        for xs, y in data:
            hidden = [autograd.dot(row, xs).tanh() for row in weights]
            losses.append((autograd.sum(hidden) - y) ** 2)
        loss = autograd.mean(losses)
        for p in parameters:
            p.zero_grad()
        loss.backward()
        for p in parameters:
            p.data -= 0.01 * p.grad
        return loss.data

    gc.collect()
    gc.disable()  # a graph has no cycles: reference counts alone free it
    try:
        first = max(step() for _ in range(100))
        before = resident()
        last = [step() for _ in range(1000)][-1]
        grown = resident() - before
    finally:
        gc.enable()
    assert last < first
    assert grown < 1000  # 1,100 steps of 90 nodes of 250 bytes would be 20,000 kB
