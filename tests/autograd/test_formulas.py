"""Formulas as text: what they compute, and how they are refused."""

import pickle

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from autograd import Value
from autograd.formulas import ExpressionError, names, read
from autograd.functions.install import FUNCTIONS
from autograd.primitives import TABLE


@pytest.fixture
def numbers():
    return {name: Value(x, name) for name, x in (("a", 2.0), ("b", -3.0), ("c", 10.0))}


def refused(text, numbers=None):
    """Return why a formula is refused, and which part of it is marked."""
    with pytest.raises(ExpressionError) as caught:
        read(text, numbers)
    why, line, mark = str(caught.value).split("\n")
    start = mark.index("^")
    assert why.endswith(f" (column {caught.value.column})")
    return why.rpartition(" (")[0], line[start : len(mark)]


def test_a_formula_makes_the_graph_that_python_would(numbers):
    J = read("3 * (a + b*c) / 2 - -a**2 % 3 // +1", numbers)
    a, b, c = numbers.values()
    same = 3 * (a + b * c) / 2 - -(a**2) % 3 // +1
    J.backward()
    gradients = [x.grad for x in (a, b, c)]
    for x in (a, b, c):
        x.zero_grad()
    same.backward()
    assert (J.data, gradients) == (same.data, [x.grad for x in (a, b, c)])


def test_results_on_the_way_are_named(numbers):
    J = read("u = b * c; v = a + u; 3 * v", numbers)
    _, v = J.inputs
    assert (v.label, v.inputs[1].label, J.label) == ("v", "u", None)
    assert read("u = a; u * u", numbers).inputs[0] is numbers["a"]
    assert numbers["a"].label == "a"


def test_numbers_are_ieee_and_constants_are_known():
    assert read("1 / 0") == float("inf")
    assert read("exp(1) - e") == 0
    assert read("10 ** 400") == float("inf")
    assert read("x = 2; x * pi / tau", {"tau": 2.0}) == pytest.approx(3.14159265)
    assert read("e * 1", {"e": 5.0}) == 5


CALLS = {"softmax": "softmax([0.5, 0.5])[1]", "dot": "dot([0.5, 2], [0.5, 3], 1)"}


@pytest.mark.parametrize("entry", TABLE.values(), ids=lambda entry: entry.name)
def test_every_function_of_the_table_can_be_called(entry):
    texts = [str(sum(interval) / 2) for interval in entry.domain]
    if entry.variadic:
        texts = [f"[{texts[0]}, 0.5]", *texts[1:]]
    call = CALLS.get(entry.name, f"{entry.name}({', '.join(texts)})")
    expected = eval(call, dict(FUNCTIONS))
    assert read(call) == expected


def test_keywords_lists_and_elements(numbers):
    assert read("leaky_relu(b, slope=0.5)", numbers).data == -1.5
    assert read("sum([a, b, c])", numbers).data == 9
    assert read("softmax((a, a))[1]", numbers).data == 0.5
    assert refused("softmax([a, a])[2]", numbers) == (
        "the list has elements 0 to 1, not 2", "softmax([a, a])[2]")  # fmt: skip
    assert refused("[a][0.5]", numbers) == ("the list has elements 0 to 0, not 0.5", "[a][0.5]")
    assert refused("[a][[a]]", numbers)[0] == "the list has elements 0 to 0, not a list of 1"
    assert refused("a[0]", numbers)[0].startswith("only lists have elements, not a Value")


PLAIN = "write numbers, names, + - * / // % **, brackets and functions such as exp(x)"
BY_NAME = "functions go by their names alone, such as exp(x)"
HUGE = "a number: got an int (of 1329 bits), beyond the largest float (1.8e308); scale it down"
CHOOSE = "choose with relu(x), maximum(x, y), clip(x, lo, hi) or where(c, x, y)"


@pytest.mark.parametrize(
    ("text", "why", "marked"),
    [
        ("3 * tahn(a)", "there is no function tahn; did you mean tan or tanh?", "tahn"),
        ("1 + a ^ 2", "this is not allowed here: a power is written **", "1 + a ^ 2"),
        ("a + q", "q has no number; give one: q=2", "q"),
        ("2 * exp", "exp is a function; write exp(...)", "exp"),
        ("a.data", f"this is not allowed here: {BY_NAME}", "a.data"),
        ("open('f')('g')", f"this is not allowed here: {BY_NAME}", "open('f')"),
        ("a + 'x'", f"this is not allowed here: {PLAIN}", "'x'"),
        ("1 + 2j", f"this is not allowed here: {PLAIN}", "2j"),
        ("a * True", f"this is not allowed here: {PLAIN}", "True"),
        ("exp(*a)", f"this is not allowed here: {PLAIN}", "*a"),
        ("exp(**a)", f"this is not allowed here: {PLAIN}", "a"),
        ("2 * (a > b)", f"this is not allowed here: {CHOOSE}", "a > b"),
        ("a if a else b", f"this is not allowed here: {CHOOSE}", "a if a else b"),
        ("(a +", "this is no formula: '(' was never closed", "("),
        ("", f"this formula is empty; {PLAIN}", ""),
        ("import os", "this is no formula; results are named as in u = b * c", "import os"),
        ("u = v = a", "this is no formula; results are named as in u = b * c", "u = v = a"),
        ("a\nb", "a formula stands in one line of readable characters", " "),
        ("exp(a, b)", "exp() takes 1 positional argument but 2 were given", "exp(a, b)"),
        ("[a] + 1", "the result is a list of 1; take one of it, such as [0]", "[a] + 1"),
        ("9" * 400, HUGE, "9" * 36),
        ("é + ñandú", "é has no number; give one: é=2", "é"),
        ("  ñ = a; ñ * ç", "ç has no number; give one: ç=2", "ç"),
    ],
)  # fmt: skip
def test_what_is_refused_says_why_and_where(numbers, text, why, marked):
    assert refused(text, numbers) == (why, marked)


def test_unknown_functions_far_from_any_are_told_all():
    assert refused("zzz(1)")[0].startswith("there is no function zzz; there are add, sub, mul")


@pytest.mark.parametrize("text", ["-" * 100_000 + "1", "a+" * 100_000 + "a", "(" * 300 + "1" + ")"])
def test_deep_nesting_is_refused_in_words(text):
    with pytest.raises(ExpressionError, match=r"nested too deeply|nested parentheses"):
        read(text, {"a": 1.0})


def test_a_long_formula_is_shown_from_near_the_place():
    text = " + ".join(["1"] * 200) + " + oops"
    why, marked = refused(text)
    assert (why, marked) == ("oops has no number; give one: oops=2", "oops")


def test_other_arguments_are_refused():
    with pytest.raises(TypeError, match=r"^a formula is a str, not an int \(3\)$"):
        read(3)


def test_errors_survive_pickle():
    error = pickle.loads(pickle.dumps(ExpressionError("why", "a+b", 3, 1)))
    assert str(error) == "why (column 3)\n  a+b\n    ^"


def test_names_are_listed_as_they_appear():
    assert names("u = b * c; 3 * (a + u) - e / tau") == ["b", "c", "a", "tau"]
    assert names("x = x + 1; x") == ["x"]


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused(text):
    try:
        found = read(text, {"a": 1.0, "b": Value(2.0)})
    except ExpressionError as error:
        found = error.column / (len(text) + 1)
        assert 0 < found <= 1
    assert isinstance(found, float | Value)


@given(st.recursive(
    st.sampled_from(["a", "b", "1.5", "2"]),
    lambda parts: st.tuples(parts, st.sampled_from("+-*/"), parts).map(lambda t: f"({''.join(t)})"),
    max_leaves=12,
))  # fmt: skip
def test_random_arithmetic_agrees_with_python(text):
    numbers = {"a": Value(0.7), "b": Value(-1.3)}
    try:
        expected = eval(text, {}, numbers)
    except ZeroDivisionError:  # of Python's own floats; a formula's are IEEE
        assume(False)
    assert repr(float(read(text, numbers))) == repr(float(expected))
