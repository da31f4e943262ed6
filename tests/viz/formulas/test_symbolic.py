import math

import pytest

import autograd
from autograd import Value
from autograd.expressions.dialects import TextPrinter
from autograd.expressions.latex import LatexPrinter
from autograd.functions.install import install, uninstall
from autograd.primitives import TABLE, Primitive, unary
from tests.helpers.programs import apply
from viz.formatting import formatter
from viz.formulas.symbolic import Rules, is_steady
from viz.graph_model import GraphModel, node_names

WRITE = formatter(4, None)
text, formula = TextPrinter(WRITE).text, LatexPrinter(WRITE).text


def rules(*roots, **options):
    graph = GraphModel.build(roots, **options)
    return Rules(graph, node_names(graph, WRITE), WRITE)


def definition(root, **options):
    made = rules(root, **options)
    return text(made.definition(len(made.names) - 1))


def locals_of(root, **options):
    made = rules(root, **options)
    i = len(made.names) - 1
    found = [made.local(i, place) for place in range(len(root.inputs))]
    return [one and text(one) for one in found]


def example(op):
    """Apply an operation to values inside its domain."""
    row = TABLE[op]
    if row.variadic:
        count = 5 if row.arguments == ("xs", "ys", "b") else 3
        operands = [Value(0.5 + 0.25 * k, f"x{k}") for k in range(count)]
        return autograd.take(operands, 1) if op == "take" else apply(op, operands)
    operands = [
        Value(low + 0.6 * (high - low), name)
        for (low, high), name in zip(row.domain, row.arguments, strict=True)
    ]
    return getattr(autograd, op)(*operands)


OPS = [op for op in TABLE if op != "take"]


@pytest.mark.parametrize("op", OPS)
def test_every_operation_is_written(op):
    z = example(op)
    made = rules(z, names={"z": z})
    i = len(made.names) - 1
    wholes = made.definition(i)
    assert text(wholes)
    assert formula(wholes).count("{") == formula(wholes).count("}")
    for place, kept in enumerate(z.partials):
        one = made.local(i, place)
        if one is not None:
            assert one.value == pytest.approx(kept, rel=1e-6, abs=1e-6, nan_ok=True)
            assert len(text(one)) <= 44
    assert not made.is_stale


@pytest.mark.parametrize("op", OPS)
def test_most_local_derivatives_have_a_formula(op):
    z = example(op)
    found = locals_of(z, names={"z": z})
    missing = [one for one, x in zip(found, z.inputs, strict=True) if one is None]
    assert len(missing) == sum(x.is_constant for x in z.inputs)


@pytest.mark.parametrize("op", [op for op in OPS if is_steady(op)])
def test_a_steady_formula_is_the_same_at_other_numbers(op, applied):
    found = [locals_of(applied(op, share)) for share in (0.05, 0.5, 0.95)]
    assert found[0] == found[1] == found[2]


def test_which_formulas_depend_on_the_numbers():
    assert {op for op in TABLE if not is_steady(op)} >= {"relu", "max", "maximum", "where", "clip"}
    assert not is_steady("an operation of one's own")


a, b, c = Value(2.0, "a"), Value(-3.0, "b"), Value(0.0, "c")


@pytest.mark.parametrize(
    ("z", "written", "locals_written"),
    [
        (a * b, "a * b", ["b", "a"]),
        (1 * a, "1 * a", [None, "1"]),
        (a + 0, "a + 0", ["1", None]),
        (3 - a, "3 − a", [None, "−1"]),
        (a / b, "a / b", ["1 / b", "−J / b"]),
        (a**2, "a^2", ["2 * a", None]),
        (a**1, "a^1", ["1", None]),
        (a**b, "a^b", ["b * a^(b − 1)", "J * log(a)"]),
        (2**a, "2^a", [None, "J * log(2)"]),
        (-a, "−a", ["−1"]),
        (b.relu(), "relu(b)", ["0"]),
        (a.relu(), "relu(a)", ["1"]),
        (a.tanh(), "tanh(a)", ["1 − J * J"]),
        (a.sigmoid(), "sigmoid(a)", ["J * (1 − J)"]),
        (a.log(), "log(a)", ["1 / a"]),
        (a.gelu_tanh(), "gelu_tanh(a)", ["gelu_tanh′(a)"]),
        (autograd.sum([a, b, 1]), "a + b + 1", ["1", "1", None]),
        (autograd.mean([a, b]), "(a + b) / 2", ["1 / 2", "1 / 2"]),
        (autograd.prod([a, b, c]), "a * b * c", ["b * c", "a * c", "a * b"]),
        (autograd.dot([a, b], [1, 2]), "a * 1 + b * 2", ["1", "2", None, None]),
        (autograd.max([a, b, a]), "max(a, b, a)", ["0.5", "0", "0.5"]),
        (autograd.where(a > 0, a, b), "where(1, a, b)", [None, "1", "0"]),
    ],
    ids=str,
)
def test_written(z, written, locals_written):
    assert definition(z) == written
    assert locals_of(z) == locals_written


def test_a_softmax_speaks_of_its_other_components_by_name():
    p, q = autograd.softmax([a, b])
    z = p * q
    made = rules(z, names={"p": p, "q": q})
    i = made.names.index("p")
    assert text(made.definition(i)) == "softmax(a, b)[0]"
    assert [text(made.local(i, k)) for k in (0, 1)] == ["p * (1 − p)", "−p * q"]


def test_a_long_softmax_is_written_with_dots():
    xs = [Value(0.1 * k, f"x{k}") for k in range(100)]
    assert definition(autograd.softmax(xs)[2]) == "softmax(x0, x1, x2, …, x99)[2]"
    assert locals_of(autograd.softmax(xs)[2])[3] == "−J * softmax(x0, x1, x2, …, x99)[3]"
    found = locals_of(autograd.logsumexp(xs))
    assert found[7] == "softmax(x0, x1, x2, …, x99)[7]"


def test_a_formula_of_old_numbers_is_left_out():
    x = Value(3.0, "x")
    z = x * x
    x.data = 4.0
    made = rules(z)
    assert made.local(1, 0) is None
    assert made.is_stale


def test_special_numbers_agree_with_themselves():
    x = Value(0.0, "x")
    assert locals_of(x.log()) == ["1 / x"]
    assert locals_of(Value(math.nan, "y").relu()) == ["nan"]


def test_an_operation_of_ones_own():
    cube = unary("cube", "x * x * x", "3 * x * x")
    twice = Primitive(name="twice", arguments=("x",), rule="sum([x, x])", partials=("2",))
    for entry in (cube, twice):
        install(entry)
    try:
        assert definition(autograd.functions.install.FUNCTIONS["cube"](a)) == "a * a * a"
        assert locals_of(autograd.functions.install.FUNCTIONS["cube"](a)) == ["3 * a * a"]
        lone = autograd.functions.install.FUNCTIONS["twice"](a)
        assert definition(lone) == "a + a"
    finally:
        for entry in (cube, twice):
            uninstall(entry)
    assert definition(lone) == "twice(a)"
    assert locals_of(lone) == [None]
    assert formula(rules(lone).definition(1)) == r"\operatorname{twice}(a)"
