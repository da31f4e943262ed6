"""Both tapes give the eager engine's numbers and gradients, bit by bit."""

import math
import random
import signal
import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd
from autograd import Value, constant
from autograd.compiler.tape.choice import COMPILED, Tape
from autograd.compiler.tape.plain import PlainTape
from autograd.compiler.tracing.scalar_ir import ScalarProgram
from autograd.functions.reductions import _apply
from autograd.graph import topological
from autograd.kernels.selection import missing
from autograd.primitives import CONSTANT, LEAF, TABLE

TAPES = [PlainTape]
if not missing("autograd.kernels.cython._tape"):
    from autograd.compiler.tape.compiled import CompiledTape

    TAPES.append(CompiledTape)
INDEXED = ("softmax", "cross_entropy", "take")
INF, NAN = math.inf, math.nan
SPECIAL = (
    0.0,
    -0.0,
    1.0,
    -1.0,
    0.5,
    -2.5,
    3.0,
    1e-310,
    1e200,
    -1e200,
    800.0,
    -800.0,
    INF,
    -INF,
    NAN,
)


@pytest.fixture(params=TAPES, ids=lambda tape: tape.__name__)
def make(request):
    """Give each tape that this install has."""
    return request.param


def program_of(result, dead=()):
    """Write a graph as a program; no gradient is wanted of the leaves ``dead``."""
    nodes = topological(result)
    position = {node: i for i, node in enumerate(nodes)}
    inputs = [[position[x] for x in node.inputs] for node in nodes]
    live = []
    for node, xs in zip(nodes, inputs, strict=True):
        is_wanted = node.op == LEAF and not any(node is x for x in dead)
        live.append(is_wanted or any(live[k] for k in xs))
    program = ScalarProgram.of(
        tuple(node.op for node in nodes),
        np.cumsum([0, *map(len, inputs)], dtype=np.int32),
        np.fromiter((k for xs in inputs for k in xs), np.int32),
        np.array([node.data for node in nodes]),
        np.array(live),
    )
    return program, nodes


def started(program):
    """Return numbers of which only leaves and constants are right."""
    given = [op in {LEAF, CONSTANT} for op in program.ops]
    return np.where(given, program.numbers, 123.0)


def same(found, expected, ulps=0):
    """Whether numbers have the same bits, or differ by few; one nan is as good as another."""
    found, expected = np.asarray(found), np.asarray(expected)
    if ulps:
        with np.errstate(invalid="ignore"):
            off = np.abs(found - expected) <= ulps * np.spacing(np.abs(expected))
        return bool(np.all(off | (found == expected) | np.isnan(found) & np.isnan(expected)))
    bits = found.view(np.int64) == expected.view(np.int64)
    return bool(np.all(bits | np.isnan(found) & np.isnan(expected)))


def compare(make, result):
    """Run a graph on a tape and hold all numbers and gradients to the eager engine's."""
    program, nodes = program_of(result)
    for node in nodes:
        node.zero_grad()
    result.backward()
    tape = make(program, len(nodes) - 1)
    numbers, grads = started(program), np.full(len(nodes), 7.0)
    value = tape.run(numbers)
    tape.backward(numbers, grads)
    kin = (make is PlainTape) == (autograd.kernel == "python")
    ulps = 0 if kin else 4  # between compiled and plain code a few units, see test_agreement
    expected = np.where(program.live, [node.grad for node in nodes], 0.0)
    assert same(numbers, program.numbers, ulps)
    assert same(grads, expected, ulps)
    assert same(value, result.data, ulps)
    once_more = np.full(len(nodes), 9.0)
    assert same(tape.value_and_grad(started(program), once_more), value)
    assert same(once_more, grads)


def one_node(op, xs):
    """Apply an operation to leaves, whatever its arguments mean."""
    entry = TABLE[op]
    if op in INDEXED:
        return _apply(op, [*xs, constant(float(len(xs) // 2))])
    if entry.variadic:
        return _apply(op, xs)
    return autograd.value.APPLY[op](*xs)


@pytest.mark.parametrize("op", sorted(TABLE))
def test_each_primitive(make, op):
    entry = TABLE[op]
    rng = np.random.default_rng(5)
    for _ in range(20):
        if entry.variadic:
            xs = rng.uniform(-3, 3, rng.integers(1, 8)).tolist()
        else:
            xs = [rng.uniform(*entry.domain[k]) for k in range(len(entry.arguments))]
        compare(make, one_node(op, [Value(x) for x in xs]))


@pytest.mark.parametrize("op", sorted(TABLE))
def test_each_primitive_at_special_numbers(make, op):
    entry = TABLE[op]
    rng = np.random.default_rng(6)
    for _ in range(60):
        count = rng.integers(1, 5) if entry.variadic else len(entry.arguments)
        compare(make, one_node(op, [Value(x) for x in rng.choice(SPECIAL, count)]))


@pytest.mark.parametrize("op", sorted(TABLE))
def test_each_primitive_of_constants_and_of_one_leaf_many_times(make, op):
    entry = TABLE[op]
    count = 4 if entry.variadic else len(entry.arguments)
    x = Value(0.5)
    compare(make, one_node(op, [x] * count))
    for k in range(count):
        xs = [constant(0.75)] * count
        xs[k] = x
        compare(make, one_node(op, xs))


@st.composite
def graphs(draw):
    """Draw a graph of up to 30 nodes over all primitives, with shared nodes and constants."""
    numbers = st.one_of(st.floats(-3, 3), st.sampled_from(SPECIAL))
    nodes = [Value(draw(numbers)) for _ in range(draw(st.integers(1, 4)))]
    for _ in range(draw(st.integers(1, 30))):
        op = draw(st.sampled_from(sorted(TABLE)))
        entry = TABLE[op]
        count = draw(st.integers(1, 6)) if entry.variadic else len(entry.arguments)
        operand = st.one_of(st.sampled_from(nodes), st.sampled_from(nodes), numbers.map(constant))
        nodes.append(one_node(op, [draw(operand) for _ in range(count)]))
    return nodes[-1]


@given(result=graphs())
@settings(max_examples=200)
@pytest.mark.parametrize("make", TAPES, ids=lambda tape: tape.__name__)
def test_random_graphs(make, result):
    compare(make, result)


SHORT = sorted(
    name for name, e in TABLE.items() if not e.variadic and len(e.arguments) <= 2 and e.smooth
)


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("ops", [("add", "sub", "mul", "neg"), ("mul", "div", "tanh"), SHORT])
def test_long_thin_graphs(make, ops, seed):
    rng = random.Random(seed)
    leaves = [Value(rng.choice((0.5, 2.0, -1.5, 0.0, INF) if seed > 8 else (0.9, -1.1, 1.3)))
              for _ in range(4)]  # fmt: skip
    lanes = leaves[: 1 + seed % 4]
    for _ in range(300):
        k = rng.randrange(len(lanes))
        op = rng.choice(ops)
        xs = [lanes[k], rng.choice([*lanes, *leaves, constant(0.75)])]
        rng.shuffle(xs)
        lanes[k] = autograd.value.APPLY[op](*xs[: len(TABLE[op].arguments)])
        if not 1e-9 < abs(lanes[k].data) < 1e9 and seed <= 8:
            lanes[k] = rng.choice(leaves) - lanes[k] * 0.0
    compare(make, autograd.sum(lanes))


def test_gradients_below_the_normal_numbers(make):
    rng = random.Random(4)
    leaves = [Value(rng.uniform(0.3, 0.99) * rng.choice((1, -1))) for _ in range(5)]
    y = leaves[0]
    for k in range(2500):  # far below 1e-308 from the middle on
        y = y * rng.choice(leaves) if k % 3 else y - rng.choice(leaves)
    compare(make, y)
    assert 0 < abs(leaves[1].grad) < INF


def test_products_of_subnormal_numbers_round_to_even(make):
    rng = random.Random(8)
    for _ in range(100):
        factor = rng.choice((0.5, 1.5, -0.75, 2.0**51, 1e300, *[rng.uniform(0.5, 1.0)] * 5))
        y = Value(1.0) * factor * (rng.getrandbits(rng.choice((3, 30, 52, 52))) * 5e-324)
        for _ in range(40):
            y = y * 1.0
        compare(make, y)


def test_a_softmax_and_parts_of_it(make):
    xs = [Value(k / 3) for k in range(5)]
    ps = autograd.softmax(xs)
    qs = autograd.softmax([x * 2 for x in xs])
    compare(make, autograd.dot([*ps, *qs], [*qs, *ps]) + autograd.logsumexp(ps) - ps[2] * qs[4])
    compare(make, autograd.sum([ps[0], autograd.prod(xs), ps[1], ps[3] * 0.0]))
    compare(make, autograd.cross_entropy([*ps, autograd.norm(qs)], 1))


def test_nothing_flows_through_a_zero(make):
    x, y = Value(0.0), Value(INF)
    compare(make, (x * y) * 0.0)
    compare(make, autograd.sum([(x * 0.0) / 0.0, y * x, x]))


def test_unwanted_leaves_get_nothing(make):
    a, b = Value(2.0), Value(3.0)
    result = autograd.dot([a, b], [b, a], a) * autograd.clip(b, a, 9.0) * b**a
    program, nodes = program_of(result, dead=[b])
    numbers, grads = started(program), np.ones(len(nodes))
    make(program, len(nodes) - 1).value_and_grad(numbers, grads)
    result.backward()
    assert grads[nodes.index(b)] == 0.0
    assert grads[nodes.index(a)] == pytest.approx(a.grad, rel=1e-15)


def test_a_dead_output_has_no_gradients(make):
    a = Value(2.0)
    program, _ = program_of(a * a, dead=[a])
    grads = np.ones(2)
    assert make(program, 1).value_and_grad(started(program), grads) == 4.0
    assert grads.tolist() == [0.0, 0.0]


def test_an_output_in_the_middle(make):
    a = Value(3.0)
    inner = a * a
    program, nodes = program_of(inner.exp())
    numbers, grads = started(program), np.ones(3)
    assert make(program, nodes.index(inner)).value_and_grad(numbers, grads) == 9.0
    assert grads.tolist() == [6.0, 1.0, 0.0]
    assert numbers[2] == math.exp(9.0)  # all nodes are computed


def test_new_numbers_for_leaves(make):
    a, b = Value(2.0), Value(3.0)
    program, _ = program_of(3 * (a + b * a))
    tape, numbers, grads = make(program, len(program.ops) - 1), started(program), np.ones(6)
    leaves = [i for i, op in enumerate(program.ops) if op == LEAF]
    for x, y in ((1.0, 5.0), (4.0, -1.0)):
        numbers[leaves] = x, y
        assert tape.value_and_grad(numbers, grads) == 3 * (x + y * x)
        assert grads[leaves].tolist() == [3 + 3 * y, 3 * x]


@pytest.mark.parametrize("op", INDEXED)
def test_an_index_may_be_a_leaf(make, op):
    xs, k = [Value(0.5), Value(2.0), Value(-1.0)], Value(0.0)
    program, nodes = program_of(_apply(op, [*xs, k]))
    tape, numbers, grads = make(program, 4), started(program), np.zeros(5)
    for index in (0.0, 1.0, 2.0):
        numbers[nodes.index(k)] = index
        expected = _apply(op, [*xs, constant(index)])
        for x in xs:
            x.zero_grad()
        expected.backward()
        assert tape.value_and_grad(numbers, grads) == pytest.approx(expected.data, rel=1e-15)
        assert grads[:3] == pytest.approx([x.grad for x in xs], rel=1e-15)
        assert grads[nodes.index(k)] == 0.0


@pytest.mark.parametrize("op", INDEXED)
@pytest.mark.parametrize("index", [-1.0, 3.0, 0.5, NAN, INF, 1e300])
def test_an_index_that_is_none(make, op, index):
    program, _ = program_of(_apply(op, [Value(0.5), Value(2.0), Value(-1.0), Value(0.0)]))
    tape, numbers, grads = make(program, 4), started(program), np.zeros(5)
    tape.run(numbers)
    numbers[3] = index
    text = f"{op}: got index {index!r} for 3 numbers (node 4 of the program); allowed are the whole"
    for call in (
        lambda: tape.run(numbers),
        lambda: tape.backward(numbers, grads),
        lambda: tape.value_and_grad(numbers, grads),
    ):
        with pytest.raises(IndexError) as raised:
            call()
        assert str(raised.value) == f"{text} numbers 0 to 2"


@pytest.mark.parametrize(
    "array",
    [[1.0] * 3, np.zeros(4), np.zeros(3, np.float32), np.zeros((1, 3)), np.zeros(6)[::2], None,
     np.zeros(3, np.int64), b"123", np.broadcast_to(0.0, 3)],
    ids=lambda x: type(x).__name__,
)  # fmt: skip
def test_arrays_must_fit(make, array):
    program, _ = program_of(Value(1.0) * Value(2.0))
    tape, right = make(program, 2), np.ones(3)
    what = "allowed is a writable array of 3 float64, one a node"
    for name, call in (
        ("numbers", lambda: tape.run(array)),
        ("numbers", lambda: tape.backward(array, right)),
        ("grads", lambda: tape.backward(right, array)),
        ("grads", lambda: tape.value_and_grad(right, array)),
    ):
        with pytest.raises(TypeError, match=rf"^{name}: got .*; {what}"):
            call()


def test_a_program_must_be_one(make):
    def attempt(ops=("leaf", "exp"), starts=(0, 0, 1), inputs=(0,), output=1, live=(1, 1)):
        return make(
            ScalarProgram.of(ops, np.array(starts, np.int32), np.array(inputs, np.int32),
                             np.zeros(2), np.array(live, bool)), output,
        )  # fmt: skip

    assert attempt().run(np.zeros(2)) == 1.0
    for wrong in (
        {"inputs": (1,)}, {"inputs": (-1,)}, {"starts": (0, 1, 1)}, {"starts": (0, 0, 2)},
        {"starts": (0, 1)}, {"live": (1,)}, {"starts": (1, 1, 1)},
    ):  # fmt: skip
        with pytest.raises(ValueError, match="a program of 2 nodes whose inputs are not earlier"):
            attempt(**wrong)
    with pytest.raises(ValueError, match=r"got output 2; allowed are the nodes 0 to 1"):
        attempt(output=2)
    with pytest.raises(ValueError, match=r"node 1: got 1 inputs for mul"):
        attempt(ops=("leaf", "mul"))
    with pytest.raises(ValueError, match=r"node 1: got 1 inputs for softmax"):
        attempt(ops=("leaf", "softmax"))


ARITHMETIC = (
    lambda x, y: x + y,
    lambda x, y: x - y,
    lambda x, y: y - x,
    lambda x, y: x * y,
    lambda x, y: 0.5 * x + y,
    lambda x, y: -x - y,
    lambda x, _: x * x,
    lambda x, _: -x,
)
OTHERS = (
    lambda x, _: autograd.tanh(x),
    lambda x, y: x / (y * y + 1.0),
    lambda x, y: autograd.sum([x, y, x]),
    lambda x, y: autograd.where(x, y, x),
)


@pytest.mark.parametrize("size", [15, 400, 7_000])  # from 5,000 steps on without branches
@pytest.mark.parametrize("previous", [0.2, 0.8, 1.0], ids=["free", "linked", "chain"])
@pytest.mark.parametrize("operations", [ARITHMETIC, ARITHMETIC + OTHERS], ids=["few", "all"])
def test_programs_of_all_sizes_and_shapes(make, operations, previous, size):
    """What the steps use: the previous result, at either place, or others; constants too."""
    rng = random.Random(size)
    nodes = [*map(Value, (0.3, -0.7, 1.1)), constant(0.4), constant(-0.9)]
    while len(nodes) < size:
        x = nodes[-1] if rng.random() < previous else rng.choice(nodes[-9:])
        y = rng.choice(nodes[:5]) if previous == 1.0 else rng.choice([*nodes[:5], *nodes[-9:]])
        z = rng.choice(operations)(x, y)
        nodes.append(z if abs(z.data) < 3 else z * 0.25)
    compare(make, nodes[-1] + nodes[-2] * nodes[-3])


@pytest.mark.parametrize("dead", range(3))
def test_gradients_that_are_not_wanted_stay_zero(make, dead):
    leaves = [Value(0.5), Value(-2.0), Value(3.0)]
    a, b, c = leaves
    result = (a - b * c) * -(c - a) + (a * b - (b - a)) * (c + (-b) * a)
    program, nodes = program_of(result, [leaves[dead]])
    for node in nodes:
        node.zero_grad()
    result.backward()
    numbers, grads = started(program), np.full(len(nodes), 7.0)
    assert same(make(program, len(nodes) - 1).value_and_grad(numbers, grads), result.data)
    for leaf in leaves:
        expected = 0.0 if leaf is leaves[dead] else leaf.grad
        assert same([grads[nodes.index(leaf)]], [expected])


@pytest.mark.parametrize("make", TAPES[-1:], ids=lambda tape: tape.__name__)
def test_a_chain_of_a_million(make):
    y = factor = Value(0.9999999)
    for _ in range(1_000_000):
        y = y * factor
    compare(make, y)


def test_a_wide_sum(make):
    xs = [Value(float(k % 7) / 3) for k in range(20_000)]
    compare(make, autograd.sum(xs) * autograd.mean(xs) + autograd.dot(xs, xs[::-1]))


def test_an_operation_added_at_run_time(make):
    from autograd.functions import install as primitives
    from autograd.primitives import binary

    entry = binary("twist", "x * sin(y)", ("sin(y)", "x * cos(y)"))
    primitives.install(entry)
    try:
        a, b = Value(0.75), Value(-1.25)
        compare(make, autograd.functions.install.FUNCTIONS["twist"](a * b, b) * a)
    finally:
        primitives.uninstall(entry)


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="this system has no timer signals")
@pytest.mark.parametrize("make", TAPES[-1:], ids=lambda tape: tape.__name__)
def test_a_long_run_can_be_interrupted(make):
    size = 3_000_001  # 60 ms; looks come after a million
    program = ScalarProgram.of(
        ("leaf", *["tanh"] * (size - 1)),
        np.array([0, *range(size)], np.int32),
        np.arange(size - 1, dtype=np.int32),
        np.zeros(size),
        np.ones(size, bool),
    )
    tape, numbers, grads = make(program, size - 1), np.full(size, 0.5), np.zeros(size)

    def interrupt(*_):
        raise InterruptedError("enough")

    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        for call in (lambda: tape.run(numbers), lambda: tape.backward(numbers, grads)):
            numbers[:] = 0.5
            with pytest.raises(InterruptedError, match="enough"):  # noqa: PT012 - from here on
                signal.setitimer(signal.ITIMER_REAL, 0.002)
                call()
            assert numbers[-1] == 0.5
            assert grads[0] == 0.0
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)


def test_threads(make):
    size = 15_000  # long enough to run without the interpreter's lock
    y = x = Value(1.0)
    for _ in range(size):
        y = (y * 0.5 + x).tanh()
    program, nodes = program_of(y)
    tape, found = make(program, len(nodes) - 1), {}

    def work(number):
        for _ in range(2):
            numbers, grads = started(program), np.zeros(len(nodes))
            numbers[nodes.index(x)] = number
            found.setdefault(number, set()).add((tape.value_and_grad(numbers, grads), grads[0]))

    threads = [threading.Thread(target=work, args=(number,)) for number in (0.5, 1.0, 1.5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    alone = make(program, len(nodes) - 1)
    for number, results in found.items():
        numbers, grads = started(program), np.zeros(len(nodes))
        numbers[nodes.index(x)] = number
        assert results == {(alone.value_and_grad(numbers, grads), grads[0])}


@pytest.mark.skipif(not COMPILED, reason="this install has the plain tape alone")
def test_a_tape_is_made_once():
    program, _ = program_of(Value(1.0) * Value(2.0))
    tape = Tape(program, 2)
    with pytest.raises(RuntimeError, match="a tape is made once"):
        tape.__init__(program, 2)


def test_the_right_tape_is_chosen():
    assert Tape is (TAPES[-1] if COMPILED else PlainTape)
    assert (autograd.kernel == "native" and len(TAPES) == 2) == COMPILED
