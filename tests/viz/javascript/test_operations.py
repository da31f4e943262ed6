"""The script that computes graphs in a browser agrees with Python, operation by operation."""

import functools
import itertools
import json
import math
import random
import re
import shutil
import subprocess

import pytest

from autograd import Value
from autograd.expressions.dialects import JavaScriptPrinter
from autograd.expressions.tree import parse
from autograd.functions import reductions
from autograd.functions.install import APPLY, install, uninstall
from autograd.primitives import TABLE, binary, unary, variadic
from autograd.rules import floats
from autograd.rules.backends import FLOATS
from autograd.rules.parsing import SAFE_BUILTINS
from autograd.value import constant
from viz.backward_trace import backward_trace
from viz.graph_model import GraphModel
from viz.javascript.operations import _named, evaluator, operations, supported

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
NODE = shutil.which("node")
EDGES = (
    0.0, -0.0, math.inf, -math.inf, math.nan, 1.0, -1.0, 0.5, -0.5, 1.5, -2.5, 3.0, 20.0, -30.0,
    709.0, -740.0, 1000.0, -1000.0, 1e-9, -1e-9, 1e-300, 5e-324, -5e-324, 1e200, -1e200,
    1.7e308, -1.7e308,
)  # fmt: skip
FEW = (0.0, -0.0, math.inf, -math.inf, math.nan, 1.0, -1.5, 1000.0, -1e-300, 1e200)
# JSON has neither infinities nor nan, nor (in Python) a sign of every zero: numbers are text.
ANSWER = """
const read = (text) => Number(text.replace("inf", "Infinity"));
const say = (x) => x === null ? null : Object.is(x, -0) ? "-0.0" : String(x);
const answer = (text) => JSON.stringify(JSON.parse(text).map(({ nodes, values }) => {
  const found = evaluate(nodes, values.map(read));
  return [found.values.map(say), found.partials.map((each) => each.map(say)),
    found.gradients.map(say), found.flows.map((flow) => Object.values(flow).map(say))];
}));
"""


@pytest.fixture(scope="module")
def run():
    """Run a script's ``evaluate`` on graphs: in Node where there is one, else in Chromium."""
    if NODE:
        yield in_node
        return
    api = pytest.importorskip("playwright.sync_api", reason="needs Node.js, or the extra test")
    if CHROMIUM is None:
        pytest.skip("there is neither Node.js nor Chromium on this machine")
    with api.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        tab = chromium.new_page()
        yield functools.partial(in_tab, tab)
        chromium.close()


def in_tab(tab, script, graphs):
    function = f"(text) => {{ 'use strict'; {script}{ANSWER} return answer(text); }}"
    return json.loads(tab.evaluate(function, json.dumps(graphs)))


def in_node(script, graphs):
    end = "process.stdout.write(answer(require('fs').readFileSync(0, 'utf8')));"
    done = subprocess.run(
        [NODE, "-e", f"'use strict'; {script}{ANSWER}{end}"],
        input=json.dumps(graphs), capture_output=True, text=True, check=False, timeout=100,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


def described(graph):
    """Write a graph as the script takes it."""
    nodes = [
        {"op": node.op, "inputs": list(inputs), "constant": node.is_constant}
        for node, inputs in zip(graph.nodes, graph.inputs, strict=True)
    ]
    return {"nodes": nodes, "values": [repr(node.data) for node in graph.nodes]}


def same(found, expected, scale=0.0):
    """Compare two numbers: infinities, nan and the sign of zero exactly, the others to 1e-12."""
    found, expected = float(found), float(expected)
    if math.isnan(expected) or math.isinf(expected) or expected == 0.0:
        return repr(found) == repr(expected)
    return abs(found - expected) <= 1e-12 * max(abs(expected), scale) + 1e-321


def points(entry):
    """Return arguments for an operation: edges, points of its domain, and points anywhere."""
    draw = random.Random(entry.name)
    count = len(entry.arguments)
    if entry.variadic:
        return lists(entry, draw)
    found = list(itertools.product(EDGES if count < 2 else FEW, repeat=count))
    found += [[draw.choice(EDGES) for _ in range(count)] for _ in range(100 * (count > 1))]
    found += [[draw.uniform(*ends) for ends in entry.domain] for _ in range(100)]
    found += [[draw.uniform(-40, 40) for _ in range(count)] for _ in range(100)]
    found += [[draw.choice((-1, 1)) * 10 ** draw.uniform(-12, 12) for _ in range(count)]
              for _ in range(50)]  # fmt: skip
    found += [[draw.randrange(-99, 99) / 4, *(float(draw.randrange(-5, 5)),) * (count - 1)]
              for _ in range(50)]  # fmt: skip
    if entry.name == "polygamma":
        found += [[float(n), draw.uniform(-20, 20)] for n in (*range(12), 50, 99, 100, 101)]
    if entry.name == "round":
        found += [[draw.uniform(-1e9, 1e9), float(draw.randrange(-12, 12))] for _ in range(50)]
        found += [[1 / 3, 400.0], [1 / 3, -400.0], [1e308, -307.0], [2.675, 2.9]]
    return found


def lists(entry, draw):
    found = [list(pair) for pair in itertools.product(FEW, repeat=2)]
    found += [[draw.choice(FEW) for _ in range(3)] for _ in range(100)]
    found += [[draw.uniform(-8, 8) for _ in range(n)] for n in (1, 2, 3, 8, 30) for _ in range(10)]
    if entry.arguments == ("xs", "k"):
        return [[*xs, float(draw.randrange(len(xs)))] for xs in found]
    if entry.arguments == ("xs", "ys", "b"):
        return [[*xs, *xs[::-1], *xs[:odd]] for xs in found for odd in (0, 1)]
    return found


def apply(op, nodes):
    return reductions._apply(op, nodes) if TABLE[op].variadic else APPLY[op](*nodes)


@pytest.fixture(scope="module")
def everything(run):
    """Compute each operation at each of its points, there and here."""
    nodes = [apply(op, [Value(x) for x in xs]) for op in TABLE for xs in points(TABLE[op])]
    found = run(evaluator(TABLE), [described(GraphModel.build([node])) for node in nodes])
    by_name = {op: [] for op in TABLE}
    for node, (values, partials, *_) in zip(nodes, found, strict=True):
        by_name[node.op].append((node, values[-1], partials[-1]))
    return by_name


@pytest.mark.parametrize("op", TABLE)
def test_values_and_local_derivatives_are_those_of_python(everything, op):
    # Left of 0 they have roots, near which both lose digits to the same cancellation.
    scale = 1.0 if op in ("lgamma", "digamma", "polygamma") else 0.0
    assert len(everything[op]) >= 250
    for node, value, partials in everything[op]:
        where = [x.data for x in node.inputs]
        assert same(value, node.data, scale), (where, value, node.data)
        for found, expected in zip(partials, node.partials, strict=True):
            assert same(found, expected, scale), (where, partials, node.partials)


EXACT = (  # made of what IEEE 754 defines to the last bit
    "add", "sub", "mul", "div", "floordiv", "mod", "neg", "abs", "square", "reciprocal", "sqrt",
    "relu", "leaky_relu", "softsign", "maximum", "minimum", "clip", "where", "floor", "round",
    "sign", "sum", "mean", "prod", "dot", "max", "min",
)  # fmt: skip


def random_graph(seed):
    """Return a result of some twenty operations; constants and special numbers are among them."""
    draw = random.Random(seed)
    numbers = (*FEW[: 3 if seed % 2 else 10], *[draw.uniform(-3, 3) for _ in range(10)])
    nodes = [draw.choice((Value, constant))(draw.choice(numbers)) for _ in range(6)]
    nodes.append(Value(0.5))
    for _ in range(20):
        op = draw.choice(EXACT)
        count = draw.randrange(2, 6) if TABLE[op].variadic else len(TABLE[op].arguments)
        operands = [draw.choice(nodes[-8:]) for _ in range(count)]
        if op == "round":
            operands[1] = constant(draw.randrange(4))
        nodes.append(apply(op, operands))
    return nodes[-1] + nodes[-2]


def test_both_passes_of_random_graphs_are_those_of_python_bit_by_bit(run):
    graphs = [GraphModel.build([random_graph(seed)]) for seed in range(300)]
    expected = []
    for graph in graphs:
        graph.nodes[-1].backward()
        expected.append([
            [node.data for node in graph.nodes],
            [list(node.partials) for node in graph.nodes],
            [None if node.is_constant else node.grad for node in graph.nodes],
            [list(step) for step in backward_trace(graph)],
        ])  # fmt: skip
    found = run(evaluator(EXACT), [described(graph) for graph in graphs])
    assert repr(plain(found)) == repr(plain(expected))
    gradients = [g for _, _, each, _ in expected for g in each if g is not None]
    assert sum(g != 0 and math.isfinite(g) for g in gradients) > 1000
    assert sum(math.isnan(g) for g in gradients) > 100


def plain(part):
    """Read numbers that are written as text, at any depth."""
    if isinstance(part, list):
        return [plain(each) for each in part]
    return part if part is None else float(part)


@pytest.mark.parametrize("name", ["lecture", "loss", "logistic"])
def test_an_input_may_be_changed(run, graphs, name):
    built = graphs[name]()
    J = built[0] if isinstance(built, tuple) else built
    graph = GraphModel.build([J])
    moved = described(graph)
    leaf = next(i for i, node in enumerate(graph.nodes) if node.is_leaf and not node.is_constant)
    graph.nodes[leaf].data = 0.75
    moved["values"] = ["0.75" if i == leaf else text for i, text in enumerate(moved["values"])]
    ((values, _, gradients, _),) = run(evaluator({node.op for node in graph.nodes}), [moved])
    computed = {i: Value(node.data) for i, node in enumerate(graph.nodes) if node.is_leaf}
    computed = [constant(node.data) if node.is_constant else computed.get(i) for i, node in
                enumerate(graph.nodes)]  # fmt: skip
    for i, inputs in enumerate(graph.inputs):
        if inputs:
            computed[i] = apply(graph.nodes[i].op, [computed[k] for k in inputs])
    computed[-1].backward()
    for node, value, gradient in zip(computed, values, gradients, strict=True):
        assert same(value, node.data)
        assert gradient is None if node.is_constant else same(gradient, node.grad)


def test_a_result_that_nothing_computed(run):
    leaf = {"op": "leaf", "inputs": [], "constant": False}
    graphs = [{"nodes": [leaf], "values": ["2"]},
              {"nodes": [{**leaf, "constant": True}], "values": ["2"]}]  # fmt: skip
    assert run(evaluator(["leaf"]), graphs) == [
        [["2"], [[]], ["1"], []],
        [["2"], [[]], [None], []],
    ]


@pytest.fixture
def installed():
    entries = []

    def add(entry):
        install(entry)
        entries.append(entry)

    yield add
    for entry in entries:
        uninstall(entry)


NEW = (
    unary("cube", "x * x * x", "3 * x * x"),
    unary("truth", "where(x, -(-x), 2e22)", "(x > 1) * (0 < abs(x) < inf) + (x != x)"),
    binary("lae", "logsumexp([x, y])", ("sigmoid(x - y)", "sigmoid(y - x)")),
    binary("of_new", "delete - (this + -1.5 * (delete - 1)) / 2", ("1.75", "-0.5"),
           arguments=("delete", "this")),
    unary("horner", "lgamma(cbrt(x))", "digamma(cbrt(x)) / (3 * square(cbrt(x)))"),
    unary("trunc", "x + 1", "1"),
    unary("both", "2 * horner(x) + trunc(x)", "2 * digamma(cbrt(x)) / (3 * square(cbrt(x))) + 1"),
    variadic("sumsq", "sum(x * x for x in xs)", "[+2 * x for x in xs]"),
    variadic("ends", "at[int(0)] - at[int(-1)]", "[1, *[0 for x in range(int(len(at) - 2))], -1]",
             arguments=("at",)),
    variadic("first", "xs[int(0)] + hypot(*xs)", "[where(i == 0, 1, 0) + x / hypot(*xs)"
             " for i, x in zip(range(len(xs)), xs)]"),
)  # fmt: skip


def test_operations_added_at_run_time_are_translated(run, installed):
    for entry in NEW:
        installed(entry)
    cases = [
        apply(entry.name, [Value(draw) for draw in xs])
        for entry in NEW
        for xs in (
            [[2.5], [-1.0], [0.0], [math.nan], [math.inf]]
            if len(entry.arguments) == 1 and not entry.variadic
            else [[2.5, -1.0], [0.5, 3.0]]
        )
    ]
    script = evaluator([entry.name for entry in NEW])
    found = run(script, [described(GraphModel.build([node])) for node in cases])
    for node, (values, partials, *_) in zip(cases, found, strict=True):
        assert same(values[-1], node.data), (node, values)
        assert [same(d, x) for d, x in zip(partials[-1], node.partials, strict=True)] == [
            True for _ in node.inputs
        ], (node, partials)


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("foreign(x)", "'foreign', which has no form there"),
        ("abs(x - foreign(x))", "'foreign', which has no form there"),
        ("sum([x, 1][1:])", "'1:'"),
        ("x.real", "'x.real'"),
        ("pow(x, y=2)", "'pow(x, y=2)'"),
        ("len('ab') * x", "'ab'"),
        ("x * (~len([x]))", "'~len([x])'"),
        ("x * (1 << 2)", "'1 << 2'"),
        ("x * (x in [1])", "'x in [1]'"),
        ("sum([a * b for a in [x] for b in [x]])", "'[a * b for a in [x] for b in [x]]'"),
        ("sum([a for a in [x] if a > 0])", "'[a for a in [x] if a > 0]'"),
    ],
)
def test_what_cannot_be_translated_is_said(installed, monkeypatch, rule, message):
    monkeypatch.setitem(floats.FUNCTIONS, "foreign", abs)
    monkeypatch.setitem(FLOATS, "foreign", abs)
    installed(unary("odd", rule, "1"))
    installed(unary("odder", "odd(x) + 1", "1"))
    said = f"odd: the rule {rule!r} cannot be written in JavaScript: it uses {message}"
    for op in ("odd", "odder"):
        assert not supported(op)
        with pytest.raises(ValueError, match=f"^{re.escape(said)}$"):
            operations(["add", op])
    assert supported("add")


def test_a_name_that_is_not_in_the_table():
    with pytest.raises(ValueError, match=r"^sine: no operation of the table has this name$"):
        operations(["sine"])


def test_all_functions_of_rules_have_a_form():
    listed = [*floats.FUNCTIONS, *SAFE_BUILTINS]
    rule = f"[{', '.join(listed)}, *xs]"
    text = JavaScriptPrinter(["xs"], _named).text(parse(rule))
    assert text == f"[{', '.join(listed)}, ...xs]"


def test_only_what_is_needed_is_written():
    assert operations(["leaf", "add", "add", "constant"]) == (
        "const OPERATIONS = (() => {\n"
        "return {\n"
        "  add: { value: (x, y) => x + y, partials: [(x, y, z) => 1, (x, y, z) => 1] },\n"
        "};\n"
        "})();\n"
    )
    assert "const { exp } = Math;" in operations(["sigmoid"])
    assert "BERNOULLI" not in operations(set(TABLE) - {"lgamma", "digamma", "polygamma"})
    assert len(evaluator(TABLE)) < 30_000


def test_the_script_is_the_same_in_every_run():
    assert operations(["gelu", "softmax"]) == operations(iter(("gelu", "softmax")))
    assert operations(TABLE).count("function gaussian") == 0
    assert operations(TABLE).count("const gaussian = ") == 1
