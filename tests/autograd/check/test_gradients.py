"""A check of gradients finds what is wrong, and says which argument and which operation it is."""

import importlib
import math
from collections import namedtuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd
import nn
from autograd import Value, check
from autograd.functions.install import FUNCTIONS, install, uninstall
from autograd.primitives import TABLE, unary

Pair = namedtuple("Pair", "u v")  # noqa: PYI024 - any named tuple will do


def smooth(x, y):
    return autograd.sin(x * y) + autograd.exp(x) / (1 + y * y)


@pytest.fixture
def wrong():
    """Install operations whose derivatives are wrong, or wrong at the second order only."""
    entries = [
        unary("wrong", "x * x * x", "3 * x"),
        unary("sly", "sinh(x)", "slope(x)"),
        unary("slope", "cosh(x)", "cosh(x)"),
    ]
    for entry in (entries[0], entries[2], entries[1]):
        install(entry)
    yield FUNCTIONS
    for entry in entries:
        uninstall(entry)


@pytest.mark.parametrize("reference", ["differences", "mpmath"])
def test_right_gradients_pass(reference):
    report = check.gradients(smooth, (0.5, 2), reference=reference)
    assert report
    assert report.failures == ()
    kinds = [(row.kind, row.name) for row in report.rows]
    assert kinds[:4] == [("first", "x"), ("first", "y"), ("second", "x"), ("second", "y")]
    assert kinds[4] == ("forward", "the result")
    assert {name for kind, name in kinds if kind == "operation"} >= {"sin", "exp", "div", "cos"}
    assert {row.verdict for row in report.rows} == {"ok"}


def test_a_wrong_operation_is_named(wrong):
    def f(p, x):
        return autograd.sum([wrong["wrong"](w) * x for w in p["w"]]) + autograd.norm(list(p["b"]))

    args = ({"w": [1.5, (-0.5,)[0]], "b": np.array([1.0, 2.0])}, 2)
    with pytest.raises(check.GradientError) as caught:
        check.gradients(f, args)
    lines = str(caught.value).splitlines()
    assert lines[1].startswith("the derivative with respect to p['w'][0] is 9.0; expected: 13.5 ± ")
    assert lines[2].startswith("the derivative with respect to p['w'][1] is -3.0; expected: 1.5 ± ")
    assert lines[3].startswith(
        "the second derivative with respect to x along a random direction is "
    )
    assert lines[4].startswith(
        "a local derivative of wrong, worst of 2: wrong(p['w'][1]=-0.5), is -1.5; expected: 0.75 ±"
    )
    assert len(lines) == 5
    report = caught.value.report
    assert [(row.kind, row.name) for row in report.failures] == [
        ("first", "p['w'][0]"),
        ("first", "p['w'][1]"),
        ("second", "x"),
        ("operation", "wrong"),
    ]
    assert repr(report).count("WRONG") == 4
    assert not check.gradients(f, args, raises=False)
    exact = check.gradients(f, args, raises=False, reference="mpmath")
    kinds = [(row.kind, row.name) for row in exact.failures]
    assert kinds[:2] == [("first", "p['w'][0]"), ("first", "p['w'][1]")]
    assert kinds[-1] == ("operation", "wrong")
    assert {name for kind, name in kinds if kind == "second"} == {"p['w'][0]", "p['w'][1]", "x"}


def test_what_is_wrong_at_the_second_order_only_is_named(wrong):
    report = check.gradients(wrong["sly"], [0.5], raises=False)
    assert [(row.kind, row.name) for row in report.failures] == [
        ("second", "x"),
        ("operation", "slope"),
    ]
    assert check.gradients(wrong["sly"], [0.5], second=False)


def test_an_error_of_one_part_in_a_million_is_seen():
    install(unary("nearly", "sin(x)", "1.000001 * cos(x)"))
    try:
        with pytest.raises(AssertionError, match="a local derivative of nearly"):
            check.gradients(lambda x: FUNCTIONS["nearly"](x) * 2, [0.7])
    finally:
        uninstall(TABLE["nearly"])


FIXED = [entry for entry in TABLE.values() if not entry.variadic and entry.exact]


@pytest.mark.parametrize("reference", ["differences", "mpmath"])
@pytest.mark.parametrize("entry", FIXED, ids=lambda entry: entry.name)
def test_every_operation_of_the_table_passes(entry, reference):
    if entry.name in {"polygamma", "round"}:
        pytest.skip("it has no derivative with respect to its order, its number of digits")
    shares = (0.37, 0.53, 0.61)  # not equal: comparisons jump there
    point = [low + k * (high - low) for k, (low, high) in zip(shares, entry.domain, strict=False)]
    assert check.gradients(FUNCTIONS[entry.name], point, reference=reference, second=entry.smooth)


@pytest.mark.parametrize("reference", ["differences", "mpmath"])
def test_operations_on_lists_pass(reference):
    def f(xs, ys):
        parts = [autograd.softmax(xs)[1], autograd.cross_entropy(xs, 2), autograd.prod(ys)]
        parts += [
            getattr(autograd, name)(xs) for name in ("mean", "max", "min", "logsumexp", "norm")
        ]
        return autograd.sum(parts) * autograd.dot(xs, ys, 0.5) + autograd.take(xs, 0)

    assert check.gradients(f, ([0.3, -1.2, 0.8], [1.1, 0.4, -0.7]), reference=reference)


@settings(max_examples=15)
@given(st.floats(-2, 2), st.floats(-2, 2))
def test_right_programs_pass_anywhere(x, y):
    assert check.gradients(smooth, (x, y))


def test_what_differs_on_purpose_is_said_and_passes():
    report = check.gradients(lambda x: x * autograd.stop_gradient(x), [3.0])
    assert report
    assert [(row.name, row.verdict) for row in report.rows] == [
        ("x", "on purpose"),
        ("x", "on purpose"),
        ("the result", "ok"),
        ("stop_gradient", "on purpose"),
        ("mul", "ok"),
        ("dot", "ok"),
    ]


def test_a_wrong_operation_shows_beside_one_that_differs_on_purpose(wrong):
    with pytest.raises(AssertionError, match="a local derivative of wrong"):
        check.gradients(lambda x: wrong["wrong"](x) * autograd.stop_gradient(x), [3.0])


def test_structures_of_arguments_have_names():
    def f(a, b):
        return a[0].u * a[0].v * b["w"][1, 0] + a[1]

    report = check.gradients(f, ([Pair(1.0, 2), Value(3.0)], {"w": np.array([[1.0], [2.0]])}))
    names = [row.name for row in report.rows if row.kind == "first"]
    assert names == ["a[0].u", "a[0].v", "a[1]", "b['w'][0, 0]", "b['w'][1, 0]"]
    assert check.gradients(math.prod, [(2.0, 3.0)]).rows[0].name in {"iterable[0]", "argument 0[0]"}
    assert check.gradients(max, [1.0, 2.0]).rows[0].name == "argument 0"


def test_parameters_that_are_closed_over():
    model = nn.MLP(2, [2, 1], activation="tanh", rng=0)
    before = [p.data for p in model.parameters()]
    report = check.gradients(lambda x: model(x) ** 2, [[0.3, -0.5]], parameters=True)
    names = {row.name for row in report.rows if row.kind == "first"}
    assert names == {"x[0]", "x[1]"} | {name for name, _ in model.named_parameters()}
    assert [p.data for p in model.parameters()] == before
    w = Value(2.0)
    assert check.gradients(lambda: w * w, [], parameters=True).rows[0].name == "leaf 0"


def test_what_cannot_be_checked_is_said():
    x = Value(0.7)
    block = autograd.checkpoint(lambda x: x * x)
    report = check.gradients(block, [x])
    said = {row.name: (row.verdict, row.where) for row in report.rows if row.kind == "operation"}
    assert said["checkpoint"] == ("not checked", "1 without a rule")
    edge = check.gradients(lambda x: autograd.where(x == 0.5, x, math.nan), [0.5], raises=False)
    assert edge.rows[0].verdict == "not checked"
    assert "-" in repr(edge)
    constants = check.gradients(lambda x: x + autograd.constant(2).exp(), [1.0])
    assert ("exp", "not checked", "1 of constants") in [
        (row.name, row.verdict, row.where) for row in constants.rows
    ]
    with pytest.raises(TypeError, match=r"mpmath: Value\(.* has no rule that could be computed"):
        check.gradients(block, [x], reference="mpmath")


def sorted_by_value(x, y):
    low, high = sorted([x, y])
    return 2 * low + high * high


KINKS = {
    "relu": (lambda x: 2 * autograd.relu(x) + x, (0.0,)),
    "abs": (lambda x: autograd.abs(x) + x, (0.0,)),
    "leaky_relu": (autograd.leaky_relu, (0.0,)),
    "tie of max": (autograd.max, ([1.0, 1.0],)),
    "tie of maximum": (lambda x, y: autograd.maximum(x * y, y * y) + x, (2.0, 2.0)),
    "border of where": (lambda x: autograd.where(x > 1, x * x, 3 * x), (1.0,)),
    "branch": (lambda x: x * x if x > 1 else 3 * x, (1.0,)),
    "floor at a whole number": (lambda x: x * autograd.floor(x), (2.0,)),
    "rest of a division": (lambda x: x % 1.0, (3.0,)),
    "clip": (lambda x: autograd.clip(x, -1, 1), (1.0,)),
    "norm at 0": (autograd.norm, ([0.0, 0.0],)),
    "sorted": (sorted_by_value, (1.5, 1.5)),
    "comparison": (lambda x, y: (x > y) * (x + 1) + (x <= y) * 3 * y, (1.0, 1.0)),
    "vertical": (autograd.cbrt, (0.0,)),
    "kinks that cancel": (lambda x: autograd.relu(x) - autograd.relu(-x), (0.0,)),
}


@pytest.mark.parametrize("reference", ["differences", "mpmath"])
@pytest.mark.parametrize("name", KINKS)
def test_at_a_kink_nothing_is_checked(name, reference):
    f, args = KINKS[name]
    report = check.gradients(f, args, reference=reference)  # raises nothing
    firsts = [row for row in report.rows if row.kind == "first"]
    assert {(row.verdict, row.where) for row in firsts} == {("not checked", "at a kink")}
    assert "not checked  at a kink" in repr(report)
    aside = (
        ([1.0, 1.7],) if isinstance(args[0], list) else [x + 0.2 / k for k, x in enumerate(args, 1)]
    )
    moved = check.gradients(f, aside, reference=reference)
    assert {row.verdict for row in moved.rows if row.kind == "first"} == {"ok"}


def test_a_kink_of_one_argument_leaves_the_others_checked():
    report = check.gradients(lambda x, y: autograd.relu(x) + y * y, (0.0, 3.0))
    said = {(row.kind, row.name): (row.verdict, row.where) for row in report.rows}
    assert said["first", "x"] == ("not checked", "at a kink")
    assert said["first", "y"] == ("ok", "")
    assert said["second", "x"] == ("not checked", "at a kink, along a random direction")
    assert said["second", "y"] == ("ok", "along a random direction")
    assert said["operation", "relu"] == ("not checked", "at a kink: relu(x=0.0)")


@pytest.mark.parametrize("reference", ["differences", "mpmath"])
@pytest.mark.parametrize("f", [lambda x: x * autograd.abs(x), lambda x: autograd.relu(x) ** 2])
def test_a_kink_of_the_derivative_leaves_the_first_one_checked(f, reference):
    report = check.gradients(f, (0.0,), reference=reference)
    said = {row.kind: (row.verdict, row.where) for row in report.rows if row.kind != "operation"}
    assert said["first"] == ("ok", "")
    assert said["second"] == ("not checked", "at a kink, along a random direction")


def test_a_function_that_has_no_derivative_as_a_whole():
    def f(x, y, z):  # the smallest and the largest of equal numbers: 1 along each argument
        low, _, high = sorted([x, y, z])
        return low * x + high

    report = check.gradients(f, (1.0, 1.0, 1.0), second=False)
    assert {row.verdict for row in report.rows if row.kind == "first"} == {"ok", "not checked"}


def test_a_kink_excuses_no_wrong_operation(wrong):
    with pytest.raises(check.GradientError, match="a local derivative of wrong"):
        check.gradients(lambda x, y: wrong["wrong"](x) + autograd.relu(y), (2.0, 0.0))
    with pytest.raises(check.GradientError, match=r"the derivative with respect to x is 6\.0"):
        check.gradients(lambda x, y: wrong["wrong"](x) + y, (2.0, 0.0))


def test_outside_the_domain_of_mpmath_nothing_is_checked():
    report = check.gradients(autograd.sqrt, (0.0,), reference="mpmath")
    assert {row.verdict for row in report.rows if row.kind == "first"} == {"not checked"}
    report = check.gradients(autograd.log, (0.0,), reference="mpmath")
    assert {row.verdict for row in report.rows if row.kind == "first"} == {"not checked"}


def test_python_functions_have_no_digits_to_add():
    sh = autograd.custom("sh", derivative=math.cosh)(math.sinh)
    assert check.gradients(sh, [0.5], second=False)
    with pytest.raises(TypeError, match="mpmath: sh_of is a Python function for 1 floats, not a"):
        check.gradients(sh, [0.5], second=False, reference="mpmath")


@pytest.mark.parametrize(
    ("attempt", "error", "message"),
    [
        (lambda: check.gradients(smooth, 0.5), TypeError, "args: got a float .*; allowed: a list"),
        (lambda: check.gradients(lambda: Value(1.0), ()), ValueError, "gradients: got no"),
        (lambda: check.gradients(lambda x: [x], [1.0]), TypeError,
         "gradients: the function returned a list of 1; return one Value"),
        (lambda: check.gradients(smooth, ("a", 1.0)), TypeError, "gradients: x: got a str"),
        (lambda: check.gradients(smooth, (1.0, 1.0), reference="sympy"), ValueError,
         "reference: got a str .'sympy'.; allowed: 'differences' or 'mpmath'"),
    ],
)  # fmt: skip
def test_what_is_refused(attempt, error, message):
    with pytest.raises(error, match=message):
        attempt()


def test_forward_mode_is_compared_with_reverse_mode(monkeypatch):
    block = autograd.checkpoint(lambda x: autograd.sin(x) * x)
    report = check.gradients(lambda x, y: block(x) * y, (0.5, 2.0), second=False)
    assert [row.verdict for row in report.rows if row.kind == "forward"] == ["ok"]
    gentle = autograd.custom_vjp("gentle", "x", "clip(g, -1, 1)")  # has no way forward
    report = check.gradients(lambda x: gentle(x) * 3, (0.5,), second=False)
    assert [(row.kind, row.verdict) for row in report.rows] == [
        ("first", "on purpose"),
        ("operation", "on purpose"),  # though it agrees for a gradient of 1
        ("operation", "ok"),
    ]
    edge = check.gradients(autograd.log, (0.0,), second=False, raises=False)
    assert [row.verdict for row in edge.rows if row.kind == "forward"] == ["not checked"]
    module = importlib.import_module("autograd.check.gradients")  # the package has the function
    monkeypatch.setattr(module, "jvp", lambda *_: [7.0])
    with pytest.raises(check.GradientError) as caught:
        check.gradients(smooth, (0.5, 2.0))
    (line,) = str(caught.value).splitlines()[1:]
    assert line.startswith(
        "forward mode's derivative of the result along a random direction is 7.0; expected: "
    )
