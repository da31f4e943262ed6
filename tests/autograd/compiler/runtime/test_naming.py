"""Whatever names the user has, the program's own are others: numbers and gradients are right."""

import keyword

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd
from autograd import Value
from autograd.compiler.runtime import naming

WORDS = (
    *("x", "dx", "ddx", "y", "dy", "T1", "dT1", "Z1", "dZ1", "A1", "P1", "dP1", "C1", "index1"),
    *("mask1", "d_0", "d_1", "n", "J", "theta", "exp", "tanh", "sum", "where", "nan", "lambda"),
    *("None", "class", "x_2", "dx_2", "ﬁ", "fi", "zeros", "shape", "w.0", "w[1]", "a b", "program"),
    *("A¼", "A৴2", "x²", "Ⅷ"),
)
labels = st.lists(st.one_of(st.sampled_from(WORDS), st.text(max_size=4)), min_size=3, max_size=3)


def formula(x, y, z):
    return autograd.exp(x) * autograd.sum([x, y, z]) + autograd.cross_entropy([y, x * z, 0.5], 0)


def eager(numbers):
    leaves = [Value(x) for x in numbers]
    result = formula(*leaves)
    return result.data, autograd.gradient(result, leaves)


EXPECTED = eager([0.5, 1.5, -0.25])


@pytest.mark.parametrize("engine", ["numpy", "blocked", "tape"])
@settings(max_examples=60)
@given(names=labels)
def test_any_labels_give_the_numbers_of_the_eager_engine(engine, names):
    leaves = [Value(x, name) for x, name in zip([0.5, 1.5, -0.25], names, strict=True)]
    program = autograd.lift(formula(*leaves), leaves, engine=engine, exact=True)
    value, slopes = program(*[leaf.data for leaf in leaves])
    assert value == pytest.approx(EXPECTED[0], rel=1e-12)
    assert slopes == pytest.approx(EXPECTED[1], rel=1e-12)
    step = autograd.compile(lambda: formula(*leaves), engine=engine, exact=True)
    assert step.backward(fresh=True) == pytest.approx(EXPECTED[0], rel=1e-12)
    assert [leaf.grad for leaf in leaves] == pytest.approx(EXPECTED[1], rel=1e-12)
    both = autograd.compile(lambda own: formula(leaves[0], own[names[1]], own["z"]), engine=engine)
    assert both.value({names[1]: 1.5, "z": -0.25}) == pytest.approx(EXPECTED[0], rel=1e-12)


def test_two_leaves_are_called_d():
    leaves = [Value(2.0, "d"), Value(3.0, "d")]
    program = autograd.lift(leaves[0] * leaves[1], leaves, engine="numpy")
    assert program(2.0, 3.0) == (6.0, [3.0, 2.0])
    assert "def program(d, d__2)" in program.source


def test_a_gradient_has_a_name_of_its_own():
    x, slope = Value(0.5, "x"), Value(1.5, "dT1")
    program = autograd.lift(autograd.exp(x * slope) * autograd.sin(x), [x, slope], engine="numpy")
    result = autograd.exp(x * slope) * autograd.sin(x)
    assert program(0.5, 1.5)[1] == pytest.approx(autograd.gradient(result, [x, slope]), rel=1e-12)


@pytest.mark.parametrize("name", [*keyword.kwlist, *sorted(naming.RESERVED - set(keyword.kwlist))])
def test_words_that_mean_something_are_no_names(name):
    assert naming.unique(name, set()) == f"{name}_2"


def test_a_leaf_is_one_argument():
    x = Value(0.5)
    with pytest.raises(
        ValueError, match=r"wrt: got a list of 2; allowed: each leaf once; a leaf is there twice"
    ):
        autograd.lift(x * x, [x, x])
