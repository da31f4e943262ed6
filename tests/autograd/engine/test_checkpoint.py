"""Blocks that are computed again: the same gradients from fewer nodes."""

import copy
import gc
import pickle
import tracemalloc
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import autograd
import viz
from autograd import Value, checkpoint, gradient
from autograd.graph import topological


def chain(count, length, wrap):
    """Return the last of a chain of blocks with a parameter each, and all leaves."""
    ws = [Value(0.9 + 0.001 * i, f"w{i}") for i in range(count)]
    x = leaf = Value(0.3, "x")

    def block(w):
        def steps(x):
            for _ in range(length):
                x = autograd.tanh(w * x) + 0.1 * x
            return x

        return steps

    for w in ws:
        x = wrap(block(w))(x)
    return x, [leaf, *ws]


def test_gradients_are_the_same_bit_for_bit():
    plain, leaves = chain(8, 10, lambda f: f)
    plain.backward()
    again, others = chain(8, 10, checkpoint)
    again.backward()
    assert (again.data, [v.grad for v in others]) == (plain.data, [v.grad for v in leaves])
    assert len(topological(plain)) > 300
    assert len(topological(again)) == 8 + 9


@pytest.mark.parametrize("call", [Value.backward, lambda y: gradient(y, list(y.inputs))])
def test_nodes_in_use_at_once_go_from_n_squared_to_n(call):
    peaks = []
    for wrap in (lambda f: f, checkpoint):
        gc.collect()
        tracemalloc.start()
        y, _ = chain(20, 20, wrap)
        call(y)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    if autograd.kernel == "python":  # the compiled kernel's nodes come from a list of free ones
        assert peaks[1] < 0.5 * peaks[0]
    assert peaks[1] < peaks[0]


def both(f, numbers):
    """Return results and leaves of f as it is and with checkpoint."""
    found = []
    for wrap in (lambda f: f, checkpoint):
        leaves = autograd.values(numbers)
        found.append((wrap(f)(*leaves), leaves))
    return found


def test_structures_of_arguments_and_results():
    w = Value(0.5, "w")

    def f(x, y):
        return {"a": autograd.sin(x * w), "b": [x * y, x, (3.0, "text")]}

    found = []
    for made, (x, y) in both(f, [1.2, 2.0]):
        w.zero_grad()
        J = made["a"] * made["b"][0] + made["b"][1]
        J.backward()
        assert made["b"][2] == (3.0, "text")
        assert made["b"][1] is x  # passed through
        found.append((J.data, x.grad, y.grad, w.grad))
    assert found[0] == found[1]
    named = checkpoint(lambda p, *, scale: [v * scale for v in p["v"]])
    x = Value(2.0)
    total = autograd.sum(named({"v": [x, x * x]}, scale=3))
    total.backward()
    assert x.grad == 3.0 + 3 * 4.0


def test_one_run_again_for_all_results():
    runs = []

    def f(x):
        runs.append(1)
        return [x * k for k in range(2, 7)]

    made, (x,) = both(f, [3.0])[1]
    assert len(runs) == 2
    (made[0] * made[3] + made[4]).backward()
    assert (len(runs), x.grad) == (3, 2 * 2 * 5 * 3.0 + 6)
    made[1].backward()
    assert (len(runs), x.grad) == (4, 66.0 + 3.0)
    (0 * made[1]).backward()
    assert len(runs) == 4  # nothing came to it


def test_results_from_outside_are_inputs_and_differentiated_once():
    x = Value(0.7)
    h = autograd.exp(x)
    y = checkpoint(lambda: autograd.sin(h) * h)()
    assert y.inputs == (h,)
    (y * h).backward()
    expected = gradient(autograd.sin(h) * h * h, [x])
    assert x.grad == pytest.approx(expected[0], rel=1e-15)
    assert h.grad == pytest.approx(gradient(autograd.sin(h) * h * h, [h])[0], rel=1e-15)


def test_blocks_within_blocks():
    def inner(x, y):
        return autograd.tanh(x * y) + x

    def outer(x, y):
        t = checkpoint(inner)(x, y)
        return checkpoint(inner)(t, x) * y

    (plain, leaves), (again, others) = both(lambda x, y: inner(inner(x, y), x) * y, [0.4, 0.9])
    again = checkpoint(outer)(*others)
    plain.backward()
    again.backward()
    assert [v.grad for v in others] == [v.grad for v in leaves]
    assert len(topological(again)) == 3


def test_partials_and_pictures():
    x = Value(0.5, "x")
    y = checkpoint(lambda x: autograd.exp(x) * 2)(x)
    assert (y.op, y.partials) == ("checkpoint", (2 * np.exp(0.5),))
    assert "<B>checkpoint</B>" in viz.draw(y).dot
    assert "dy/dx = 3.297" in str(viz.explain(y, x, names={"x": x, "y": y}))
    assert not x.has_grad


def test_second_derivatives():
    def f(x, y):
        return autograd.sin(x * y) * autograd.exp(x)

    rows = []
    for made, leaves in both(f, [0.3, 1.7]):
        firsts = gradient(made, leaves, create_graph=True)
        rows.append([gradient(first, leaves) for first in firsts])
    assert rows[0] == rows[1]


def test_within_programs_it_is_not_there():
    f = autograd.compile(checkpoint(lambda x: x * x * x))
    assert f(2.0) == (8.0, 12.0)
    assert "checkpoint" not in f.source
    y = checkpoint(lambda x: x * x)(Value(2.0))
    with pytest.raises(TypeError, match="is the result of a checkpoint, whose nodes are not kept;"):
        autograd.lift(y, wrt=[])


def test_where_there_is_nothing_to_keep():
    square = checkpoint(lambda x: x * x)
    assert square(3.0) == 9.0
    x = Value(3.0)
    with autograd.no_grad():
        assert square(x).is_constant
    assert checkpoint(lambda x: [x])(x) == [x]
    assert checkpoint(Value.detach)(x).is_constant
    assert square(x.detach()).inputs == ()


def test_a_copy_keeps_numbers():
    x = Value(3.0, "x")
    y = checkpoint(lambda x: x * x)(x) * 2
    for copied in (copy.deepcopy(y), pickle.loads(pickle.dumps(y))):
        copied.backward()
        leaf = copied.inputs[0].inputs[0]
        assert (leaf.grad, copied.inputs[0].partials, x.has_grad) == (12.0, (6.0,), False)
        with pytest.raises(RuntimeError, match="is the copy of a checkpoint's result, which keeps"):
            gradient(copied, [leaf], create_graph=True)


def test_what_changed_meanwhile_is_an_error():
    x = Value(3.0)
    y = checkpoint(lambda x: [x * x, x * x * x, x + 1, x + 2])(x)
    x.data = 4.0
    message = (
        r"checkpoint: <lambda> gave 9\.0, 27\.0, 4\.0, … \(4 numbers\) and, computed again, 16\.0, "
        r"64\.0, 5\.0, … \(4 numbers\); it must compute the same each time, and leaves must not"
    )
    with pytest.raises(RuntimeError, match=message):
        y[0].backward()
    x.data = 3.0
    y[0].backward()
    assert x.grad == 6.0
    ends = iter([4, 5])
    made = checkpoint(lambda x: [x * k for k in range(3, next(ends))])(x)
    with pytest.raises(RuntimeError, match=r"gave 9\.0 and, computed again, 9\.0, 12\.0;"):
        made[0].backward()


def test_watched_for_bad_numbers():
    x = Value(0.0, "x")
    with autograd.detect_anomaly(), pytest.raises(FloatingPointError, match=r"log\(x=0\.0\) gave"):
        checkpoint(lambda x: x.log() + 1)(x)
    with autograd.detect_anomaly():
        y = checkpoint(lambda x: x.exp() + 1)(x)
        y.backward()
    assert x.grad == 1.0


def test_a_long_chain_is_built_differentiated_and_freed():
    x = t = Value(0.5)
    step = checkpoint(lambda t: t * 0.9999 + 0.00001)
    for _ in range(5000):
        t = step(t)
    t.backward()
    assert x.grad == pytest.approx(0.9999**5000)
    del t


def test_only_functions():
    with pytest.raises(TypeError, match=r"checkpoint: got a Value .*; allowed is a function"):
        checkpoint(Value(1.0))


def test_derivatives_within_a_block_read_its_arguments_alone():
    def block(y):
        return autograd.grad(lambda z: z**3)(y) * autograd.jvp(lambda z: z * z, (y,), (1.0,))[1]

    x = Value(2.0, "x")
    result = checkpoint(block)(x)
    assert result.inputs == (x,)
    assert result.partials == (6 * 3 * 2.0**2,)


def test_blocks_in_two_threads_do_not_wait_for_each_other():
    """No lock is held while a block runs, and each takes its own thread's nodes for its own."""
    w = Value(3.0)
    with ThreadPoolExecutor(1) as pool:

        def outer(a):
            return a * pool.submit(checkpoint(lambda b: b * b * b), w).result(10)

        y = checkpoint(outer)(w)
        y.backward()
    assert (y.data, w.grad) == (81.0, 108.0)


def test_a_way_back_may_wait_for_another_thread_s():
    v, w = Value(2.0), Value(3.0)

    def slope():
        (v * v).backward()
        return v.grad

    with ThreadPoolExecutor(1) as pool:

        def block(a):
            return a * (0 * pool.submit(slope).result(10) + 1)

        checkpoint(block)(w * 1.0).backward()
    assert (v.grad, w.grad) == (8.0, 1.0)


def test_a_node_of_another_thread_is_read_and_not_made_inside():
    w, made = Value(3.0), []
    with ThreadPoolExecutor(1) as pool:

        def block(a):
            if not made:
                made.append(pool.submit(lambda: w * w).result(10))
            return a * made[0]

        y = checkpoint(block)(w)
        (y + made[0] * 2).backward()
    assert w.grad == 3 * 9.0 + 2 * 6.0


def test_a_block_s_numbers_are_not_those_of_blocks_within():
    w, kept = Value(2.0), []

    def inner(a):
        kept.append(a * a)
        return kept[-1] * a

    def outer(a):
        return checkpoint(inner)(a) + kept[-1]

    checkpoint(outer)(w).backward()
    assert w.grad == 3 * 4.0 + 4.0
