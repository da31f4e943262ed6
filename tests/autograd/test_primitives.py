"""The table itself: every entry is complete, and says what it says in every form."""

import dataclasses
import itertools
import math
import re
import string

import numpy as np
import pytest

import autograd
from autograd import Value, gradient
from autograd.functions.install import install, uninstall
from autograd.primitives import CONSTANTS, TABLE, Primitive, binary, unary, variadic

ENTRIES = pytest.mark.parametrize("entry", list(TABLE.values()), ids=list(TABLE))
FIXED = [entry for entry in TABLE.values() if not entry.variadic]
# Derivatives of activations at -inf and inf; where not given, both are 0.
ACTIVATIONS = (
    "sigmoid", "softplus", "logsigmoid", "relu", "leaky_relu", "elu", "selu", "silu", "gelu",
    "gelu_tanh", "mish", "softsign", "tanh", "sech", "normal_cdf", "normal_pdf", "erf", "erfc",
    "atan",
)  # fmt: skip
LIMITS = {
    "softplus": (0, 1),
    "logsigmoid": (1, 0),
    "relu": (0, 1),
    "leaky_relu": (0.01, 1),
    "elu": (0, 1),
    "selu": (0, CONSTANTS["SELU_SCALE"]),
    **dict.fromkeys(("silu", "gelu", "gelu_tanh", "mish"), (0, 1)),
}
SPECIAL = (0.0, -0.0, 1.0, -1.0, 5e-324, 1e300, -1e300, math.inf, -math.inf, math.nan)


def braces_balance(text):
    depth = 0
    for brace in re.sub(r"\\[{}]", "", text):
        depth += {"{": 1, "}": -1}.get(brace, 0)
        if depth < 0:
            return False
    return depth == 0


@ENTRIES
def test_an_entry_is_complete(entry):
    assert TABLE[entry.name] is entry
    assert entry.name.isidentifier()
    assert 0 < len(entry.symbol) <= 13
    assert re.fullmatch(r"[A-Z][^\n]*\.", entry.summary)
    assert len(entry.domain) == len(entry.arguments) or entry.arguments[-1:] == ("k",)
    assert all(low <= high for low, high in entry.domain)
    assert len(entry.partials) == (1 if entry.variadic else len(entry.arguments))
    assert set(entry.defaults) <= set(entry.arguments)
    assert all(isinstance(getattr(np, name), np.ufunc) or name == "clip" for name in entry.numpy)


@ENTRIES
def test_latex_takes_the_arguments_and_balances(entry):
    fields = {name for _, name, _, _ in string.Formatter().parse(entry.latex) if name}
    assert fields <= set(entry.arguments)
    assert entry.arguments[0] in fields or entry.name == "polygamma"
    for shown in ("a", r"\frac{a}{b}"):
        text = entry.latex.format(**dict.fromkeys(entry.arguments, shown))
        assert braces_balance(text), text
        assert shown in text


def test_no_numpy_function_is_claimed_twice():
    claimed = [name for entry in TABLE.values() for name in entry.numpy]
    assert len(claimed) == len(set(claimed))


def test_an_entry_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        TABLE["add"].symbol = "plus"
    with pytest.raises(TypeError):
        CONSTANTS["LN2"] = 1.0


def test_constants_are_what_they_are_called():
    want = {
        "LN2": math.log(2),
        "LN10": math.log(10),
        "SQRT_HALF": math.sqrt(0.5),
        "TWO_OVER_SQRT_PI": 2 / math.sqrt(math.pi),
        "ONE_OVER_SQRT_TWO_PI": 1 / math.sqrt(2 * math.pi),
        "SQRT_TWO_OVER_PI": math.sqrt(2 / math.pi),
    }
    for name, value in want.items():
        assert CONSTANTS[name] == pytest.approx(value, rel=1e-15)


def middle(entry):
    """Arguments from the entry's domain, left of the middle: there every argument counts."""
    return [low + (high - low) * 0.3 for low, high in entry.domain]


@pytest.mark.parametrize(
    ("name", "i"),
    [(e.name, i) for e in FIXED for i in range(len(e.arguments)) if e.name != "where"],
)
def test_nan_in_is_nan_out(name, i):
    numbers = middle(TABLE[name])
    numbers[i] = math.nan
    assert math.isnan(getattr(autograd, name)(*numbers))
    leaves = [Value(x) for x in numbers]
    assert math.isnan(getattr(autograd, name)(*leaves).data)


def test_where_looks_at_the_branch_taken_only():
    assert autograd.where(1.0, 2.0, math.nan) == 2.0
    assert autograd.where(0.0, math.nan, 3.0) == 3.0
    assert math.isnan(autograd.where(0.0, 2.0, math.nan))
    x = Value(2.0)
    (slope,) = gradient(autograd.where(1.0, x, math.nan), [x])
    assert slope == 1.0


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("x", [math.inf, -math.inf])
def test_derivatives_at_infinity_are_the_limits(name, x):
    leaf = Value(x)
    (slope,) = gradient(getattr(autograd, name)(*[leaf, *TABLE[name].defaults.values()]), [leaf])
    assert slope == LIMITS.get(name, (0, 0))[x > 0]


KINKS = [
    ("abs", (0.0,), (0.0,)),
    ("relu", (0.0,), (0.0,)),
    ("leaky_relu", (0.0, 0.5), (0.5, 0.0)),
    ("elu", (0.0, 2.0), (2.0, 0.0)),
    ("selu", (0.0,), (CONSTANTS["SELU_SCALE"] * CONSTANTS["SELU_ALPHA"],)),
    ("softsign", (0.0,), (1.0,)),
    ("maximum", (3.0, 3.0), (0.5, 0.5)),
    ("minimum", (3.0, 3.0), (0.5, 0.5)),
    ("clip", (1.0, 1.0, 2.0), (0.5, 0.5, 0.0)),
    ("clip", (2.0, 1.0, 2.0), (0.5, 0.0, 0.5)),
    ("clip", (5.0, 1.0, 2.0), (0.0, 0.0, 1.0)),
    ("clip", (0.0, 1.0, 2.0), (0.0, 1.0, 0.0)),
    ("clip", (5.0, 2.0, 1.0), (0.0, 0.0, 1.0)),
    ("hypot", (0.0, 0.0), (0.0, 0.0)),
    ("atan2", (0.0, 0.0), (0.0, 0.0)),
    ("floor", (2.0,), (0.0,)),
    ("sign", (0.0,), (0.0,)),
    ("cbrt", (0.0,), (math.inf,)),
    ("sqrt", (-0.0,), (math.inf,)),
    ("asin", (1.0,), (math.inf,)),
    ("acos", (-1.0,), (-math.inf,)),
    ("acosh", (1.0,), (math.inf,)),
    ("atanh", (1.0,), (math.inf,)),
    ("log1p", (-1.0,), (math.inf,)),
    ("digamma", (-1.0,), (math.inf,)),
]


@pytest.mark.parametrize(("name", "numbers", "slopes"), KINKS)
def test_kinks_follow_one_convention_and_edges_are_the_limit(name, numbers, slopes):
    leaves = [Value(x) for x in numbers]
    assert tuple(gradient(getattr(autograd, name)(*leaves), leaves)) == slopes


EDGES = [
    ("log", 0.0, -math.inf),
    ("sqrt", 0.0, -math.inf),
    ("reciprocal", 0.0, math.inf),
    ("acosh", 1.0, -math.inf),
    ("asin", -1.0, -math.inf),
    ("relu", 0.0, 0.0),
    ("abs", 0.0, 0.0),
    ("log", -1.0, math.nan),
    ("atanh", 2.0, math.nan),
]


@pytest.mark.parametrize(("name", "x", "want"), EDGES)
def test_second_derivatives_at_edges(name, x, want):
    leaf = Value(x)
    (slope,) = gradient(getattr(autograd, name)(leaf), [leaf], create_graph=True)
    (second,) = gradient(slope, [leaf])
    assert second == want or (math.isnan(want) and math.isnan(second))


@pytest.mark.parametrize("entry", FIXED, ids=lambda entry: entry.name)
def test_nothing_raises_for_any_number(entry):
    choices = SPECIAL if len(entry.arguments) < 3 else SPECIAL[::3]
    for numbers in itertools.product(choices, repeat=len(entry.arguments)):
        leaves = [Value(x) for x in numbers]
        z = getattr(autograd, entry.name)(*leaves)
        z.backward()
        slopes = gradient(z, leaves)
        assert [x.grad for x in leaves] == pytest.approx(slopes, rel=0, abs=0, nan_ok=True)
        for slope, again in zip(gradient(z, leaves, create_graph=True), slopes, strict=True):
            assert slope.data == pytest.approx(again, rel=1e-9, nan_ok=True)
            assert len(gradient(slope, leaves)) == len(leaves)


def test_helpers_fill_in_what_follows_from_the_name():
    one = unary("f_g", "x", "1")
    assert (one.symbol, one.latex) == ("f_g", r"\operatorname{{f\_g}}({x})")
    two = binary("h", "x + y", ("1", "1"), symbol="⊕")
    assert (two.arguments, two.symbol) == (("x", "y"), "⊕")
    assert two.latex.format(x="a", y="b") == r"\operatorname{h}(a, b)"
    many = variadic("k", "sum(xs)", "[1 for x in xs]")
    assert (many.arguments, many.variadic, many.symbol) == (("xs",), True, "k")


@pytest.fixture
def cubed():
    entry = unary("cubed", "x * x * x", "3 * x * x", symbol="x³", latex="{x}^3", summary="Cube it.")
    install(entry)
    yield entry
    uninstall(entry)


def test_a_throw_away_entry_has_symbol_and_latex(cubed):
    x = Value(2.0)
    y = autograd.square(x).cubed()
    assert isinstance(cubed, Primitive)
    assert TABLE[y.op].symbol == "x³"
    assert TABLE[y.op].latex.format(x="a") == "a^3"
    (slope,) = gradient(y, [x], create_graph=True)
    assert (y.data, slope.data, gradient(slope, [x])) == (64.0, 192.0, [480.0])
