"""Guards as a decision tree: how many specializations a call runs, and that each is found."""

import itertools
import math
import random

import numpy as np
import pytest

import autograd
from autograd import Value
from autograd.compiler.executors.specialization import Specialization

ENGINES = pytest.mark.parametrize("engine", ["numpy", "blocked", "tape"])


def bubble(x):
    """Sort by exchanges, and weigh by rank."""
    x = list(x)
    for end in range(len(x) - 1, 0, -1):
        for j in range(end):
            if x[j] > x[j + 1]:
                x[j], x[j + 1] = x[j + 1], x[j]
    return autograd.sum([k * v * v for k, v in enumerate(x, 1)])


def eager(function, point):
    leaves = [Value(v) for v in point]
    result = function(leaves)
    result.backward()
    return result.data, [leaf.grad for leaf in leaves]


@pytest.fixture
def ran(monkeypatch):
    """Each specialization that is run, by any way but a quick call."""
    calls = []
    run = Specialization.computed

    def counted(self, numbers):
        calls.append(self)
        return run(self, numbers)

    monkeypatch.setattr(Specialization, "computed", counted)
    return calls


@ENGINES
def test_every_order_of_four_numbers_is_found_by_few_runs(engine, ran):
    step = autograd.compile(bubble, engine=engine)
    orders = [[1.0 + i for i in order] for order in itertools.permutations(range(4))]
    random.Random(0).shuffle(orders)
    for point in orders * 2:  # those that came once may have been run eagerly
        before = len(ran)
        value, slopes = eager(bubble, point)
        assert step.general((point,)) == (pytest.approx(value), pytest.approx(slopes))
        assert len(ran) - before <= 6 + 2, "a turn for each comparison at most"
    (known,) = step.variants.values()
    assert (len(known), len(known.roots)) == (math.factorial(4), 1)
    runs = []
    for point in orders:
        before = len(ran)
        found = step.general((point,))
        assert found[0] == pytest.approx(eager(bubble, point)[0])
        runs.append(len(ran) - before)
    assert max(runs) <= 6 + 2
    assert np.mean(runs) < 5
    assert len(known) == math.factorial(4)


@pytest.mark.parametrize("quick", [True, False])
def test_on_the_tape_a_new_outcome_is_traced_when_it_comes_again(quick, monkeypatch):
    w = Value(2.0, "w")
    step = autograd.compile(lambda x: w * bubble(x), engine="tape")
    checked = autograd.compile(lambda x: w * bubble(x), engine="tape", check=True)
    call = step if quick else lambda x: step.general((x,))
    orders = [[1.5 + i for i in order] for order in itertools.permutations(range(3))]
    counts = []
    for point in [*orders, orders[1], *orders[::-1], *orders]:
        found = call(point)
        value, slopes = eager(bubble, point)
        assert found == (2 * value, [2 * s for s in slopes]), "the tape's bits are the eager ones"
        assert step.backward(point, fresh=True) == 2 * value
        assert w.grad == value
        assert checked(point) == found
        counts.append(len(step.variants[True, *step._flat((point,))[0]]))
    assert counts[:6] == [1, 2, 3, 4, 5, 6], "backward is the second time"
    assert len(checked.variants[next(iter(checked.variants))]) == 6, "each is checked at once"
    monkeypatch.setattr("autograd.compiler.dispatch.guard_tree.MAX_SEEN", 1)
    lone = autograd.compile(bubble, engine="tape")
    for point in orders[:5] * 2:
        assert lone(point)[0] == eager(bubble, point)[0]
    assert [len(known) for known in lone.variants.values()] == [2], "all others were forgotten"
    assert [lone(point)[0] for point in [orders[4]] * 2] == [eager(bubble, orders[4])[0]] * 2
    assert [len(known) for known in lone.variants.values()] == [3]


def test_new_outcomes_of_parameters_alone_and_of_constants():
    w, b = Value(2.0, "w"), Value(3.0, "b")

    def f():
        return w * b if w > 1 else w + b if w > 0 else b * b if w > -1 else 7.0

    step = autograd.compile(f, engine="tape")
    for number, wanted in [
        (2.0, (6.0, {"w": 3.0, "b": 2.0})),
        (0.5, (3.5, {"w": 1.0, "b": 1.0})),
        (-0.5, (9.0, {"b": 6.0})),
        (-2.0, (7.0, {})),
    ]:
        w.data = number
        assert step() == wanted
    assert [len(known) for known in step.variants.values()] == [2]


@ENGINES
def test_a_batch_is_divided_along_the_tree(engine, ran):
    w = Value(2.0)
    step = autograd.compile(lambda x: w * bubble(x), batch="x", engine=engine)
    X = np.random.default_rng(0).normal(size=(40, 3))
    for some in (X[:7], X, X[::-1]):
        wanted = [eager(bubble, row)[0] for row in some.tolist()]
        assert step.backward(some, fresh=True) == pytest.approx(2 * np.mean(wanted))
        assert w.grad == pytest.approx(np.mean(wanted))
    (known,) = step.variants.values()
    assert len(known) == 6
    ran.clear()
    step.backward(X)
    assert len(ran) <= 1 + 6 + 6, "the first try, where each group goes, and the groups themselves"


@ENGINES
@pytest.mark.parametrize("forward", [False, True])
def test_quick_calls_follow_the_tree(engine, forward, ran):
    function = autograd.grad(bubble) if forward else bubble
    step = autograd.compile(function, engine=engine, gradients=not forward)
    orders = [[1.0 + i for i in order] for order in itertools.permutations(range(3))]
    wanted = [eager(bubble, point) for point in orders]
    for _ in range(5):  # until none is traced again in between, and all have quick calls
        found = [step(point) for point in orders]
        alone = [] if forward else [step.value(point) for point in orders]
    assert len(step.quick) == 1, "all others are reached from one"
    step.calls_until_check = 1000  # or the function would be traced again
    ran.clear()
    for point, (value, slopes) in zip(orders * 2, wanted * 2, strict=True):
        assert step(point) == pytest.approx(slopes) if forward else (
            step(point) == (pytest.approx(value), pytest.approx(slopes))
            and step.value(point) == pytest.approx(value)
        )  # fmt: skip
    assert (found, alone) == ([step(p) for p in orders], alone and [step.value(p) for p in orders])
    quick = engine == "tape" or step.last.call is not None
    assert len(ran) == 0 or not quick


def test_a_batch_does_not_depend_on_what_was_traced_when():
    X = np.random.default_rng(1).normal(size=(30, 3))
    found = set()
    for first in (X, X[5:6], X[::-1], X[20:]):
        step = autograd.compile(bubble, batch="x", engine="numpy")
        step.value(first)
        found.add(step.value(X))
    assert len(found) == 1


def test_comparisons_that_follow_no_common_order_are_tried_one_after_another():
    turn = [0]

    def f(x, y):
        if turn[0] % 2:
            return x * y if y > 1 else x + y
        return x * y if x > 1 else x - y

    step = autograd.compile(f)
    assert step(2.0, 3.0)[0] == 6.0
    (key,) = step.variants
    turn[0] = 1
    made = step._traced(key, [np.array(0.5), np.array(3.0)])
    known = step.variants[key]
    assert known.roots == [*known.variants[:1], made]
    assert step.general((0.5, 3.0))[0] == 1.5
    assert step.general((2.0, 0.5))[0] == 1.0
    assert step.last is known.variants[0]
