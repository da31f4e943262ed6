import re

import pytest

import autograd
import viz
from autograd import Value
from tests.helpers.effort import calls

HOSTILE = (
    "<script>alert(1)</script>", "\"><img src=x onerror='alert(1)'>", "$x$ \\end{aligned}",
    "`code` **bold** [link](javascript:alert(1))", "a | b | c", "%# &lt; ~ ^ _ @@0@@ }{",
    "two\nlines\n\n# heading", "\u202eevil", "שלום", "👩‍🔬 重み", "x" * 10_000, "\x1b[31mred",
)  # fmt: skip
MATHEMATICS = re.compile(r"\$\$.*?\$\$|\$[^$]*\$", re.DOTALL)


def lines(explanation):
    return str(explanation).splitlines()


def test_the_example_of_the_lecture():
    a, b, c = Value(1.0, "a"), Value(3.0, "b"), Value(2.0, "c")
    u = b * c
    u.label = "u"
    found = viz.explain(3 * (a + u), b)
    assert "dJ/db = dJ/du * du/db = 3 * c = 3 * 2 = 6" in lines(found)
    assert repr(found) == str(found)


def test_a_node_with_several_users_has_a_term_for_each():
    x = Value(2.0, "x")
    u, w = x.exp(), 3 * x
    found = viz.explain(u * w, x, {"u": u, "w": w})
    assert lines(found)[-1] == (
        "dJ/dx = dJ/dw * ∂w/∂x + dJ/du * ∂u/∂x = 7.389 * 3 + 6 * u = 7.389 * 3 + 6 * 7.389 = 66.5"
    )


def test_several_nodes_are_explained_together():
    a, b = Value(2.0, "a"), Value(3.0, "b")
    found = viz.explain((a * b).exp(), [b, a])
    assert found.gradients == pytest.approx((2 * 403.4287934927351, 3 * 403.4287934927351))
    assert lines(found)[0] == "dJ/db = 806.9, dJ/da = 1210 at a = 2, b = 3"
    assert str(found).count("dJ/dv₁ =") == 1


def test_a_node_between_and_the_result_itself():
    a = Value(2.0, "a")
    u = a * a
    J = u * u
    assert viz.explain(J, u, {"u": u}).gradients == (8.0,)
    assert lines(viz.explain(J, J)) == ["dJ/dJ = 1"]
    assert viz.explain(J, J).latex == ("\\begin{aligned}\n\\frac{dJ}{dJ} &= 1\n\\end{aligned}")
    leaf = Value(1.0, "x")
    assert viz.explain(leaf, leaf).gradients == (1.0,)


def test_what_the_result_does_not_depend_on():
    a, q = Value(2.0, "a"), Value(3.0, "q")
    found = viz.explain(a * 3, [q, Value(5.0), autograd.constant(7.0)])
    assert found.gradients == (0.0, 0.0, 0.0)
    assert lines(found) == [
        "J does not depend on q: the derivative is 0.",
        "J does not depend on 5: the derivative is 0.",
        "7 is a constant: no gradient flows to it.",
    ]
    assert "$J$ does not depend on $q$: the derivative is 0." in found.markdown
    assert found.latex == "\\begin{aligned}\n\n\\end{aligned}"


def test_a_zero_lets_nothing_through():
    x = Value(0.0, "x")
    found = viz.explain(0 * x.log(), x)
    assert lines(found)[-1] == (
        "0 times what is not finite counts as 0: nothing flows back along a zero."
    )
    assert "0 * inf = 0" in str(found)


def test_a_leaf_that_was_changed_since():
    x = Value(3.0, "x")
    J = x * x.exp()
    x.data = 4.0
    found = viz.explain(J, x)
    assert "A leaf was changed since" in lines(found)[-1]
    assert found.gradients == pytest.approx((4 * 20.085536923187668,))


def test_paths_do_not_multiply():
    value = x = Value(1.0, "x")
    for _ in range(1000):  # 2 ** 1000 paths
        value = value * 0.5 + value * 0.5
    found = viz.explain(value, x, limit=None)
    assert len(found.steps) == 3000
    assert len(str(found)) < 500_000
    assert found.gradients == (1.0,)


def test_many_equations_are_left_out_in_the_middle():
    value = x = Value(1.0, "x")
    for _ in range(50):
        value = value.exp().log()
    found = viz.explain(value, x, limit=5)
    assert str(found).count("…  (95 more)") == 2
    assert found.latex.count(r"&\ \vdots \quad \text{95 more}") == 2
    assert len(lines(found)) == 1 + 1 + 6 + 1 + 6
    assert lines(found)[2] == "v₁ = exp(x) = 2.718"
    assert lines(found)[-1].startswith("dJ/dx = ")


def test_many_terms_are_left_out_in_the_middle():
    x = Value(2.0, "x")
    found = viz.explain(autograd.sum([x * k for k in range(1, 101)]), x)
    assert "dJ/dx = dJ/dv₁₀₀ * ∂v₁₀₀/∂x + dJ/dv₉₉ * ∂v₉₉/∂x + dJ/dv₉₈ * ∂v₉₈/∂x + … " in str(found)
    assert found.gradients == (5050.0,)
    assert len(found.steps[-1].terms) == 100


def chained(length):
    value = x = Value(1.0, "x")
    for _ in range(length):
        value = value * 1.0 + x
    return lambda: str(viz.explain(value, x))


def test_the_work_grows_with_the_length_of_a_chain():
    assert calls(chained(4000)) < 2.2 * calls(chained(2000))


def test_a_long_chain_is_cut():
    assert len(chained(30_000)()) < 10_000


def test_numbers_can_be_formatted():
    x = Value(1.5, "x")
    assert "dJ/dx = 2 * x = 3.00" in str(viz.explain(x.square(), x, format=".2f"))
    assert "dJ/dx = 1 / x = 0.67" in str(viz.explain(x.log(), x, digits=2))
    assert "dJ/dx = −J / x = −0.4" in str(viz.explain(1 / x, x, format="+.1f"))


@pytest.mark.parametrize("label", HOSTILE)
def test_no_label_breaks_out(label):
    x, y = Value(2.0, label), Value(3.0, "y")
    J = x * x.exp() * y
    J.label = label
    found = viz.explain(J, [x, y])
    text = str(found)
    assert len(text) < 4000
    assert not re.search("[\x00-\x09\x0b-\x1f\u202e]", text)
    assert not any(line.startswith("#") for line in text.splitlines())
    markdown = found.markdown
    assert "<" not in markdown.replace(r"\lt", "")
    assert ">" not in markdown
    rest = MATHEMATICS.sub("", markdown)
    assert re.fullmatch(r"[\w\s,:.…⁽⁾¹²]*", rest), rest
    block = found._repr_latex_()
    assert block.count(r"\begin{aligned}") == block.count(r"\end{aligned}") == 1
    assert block.count("$") == 4
    assert "\n\n" not in block


def test_notebooks_show_it_typeset():
    x = Value(2.0, "x")
    found = viz.explain(x * x, x)
    assert found._repr_markdown_() == found.markdown
    assert found._repr_latex_() == f"$$\n{found.latex}\n$$"
    assert found.latex in found.markdown


@pytest.mark.parametrize(
    ("arguments", "options", "error", "message"),
    [
        ((3.0, Value(1.0)), {}, TypeError, r"J: got a float \(3.0\); allowed: a Value"),
        ((autograd.constant(1.0), Value(1.0)), {}, ValueError, "is a constant and has no deriv"),
        (
            (Value(1.0), 3.0),
            {},
            TypeError,
            r"wrt: got a float \(3.0\); allowed: a Value or a list of Values",
        ),
        (
            (Value(1.0), "ab"),
            {},
            TypeError,
            r"wrt: got a str \('ab'\); allowed: a Value or a list of Values",
        ),
        ((Value(1.0), [1.0]), {}, TypeError, r"wrt\[0\]: got a float \(1.0\); allowed: a Value"),
        (
            (Value(1.0), []),
            {},
            ValueError,
            "wrt: got a list of 0; allowed: a Value or a list of Values",
        ),
        (
            (Value(1.0), Value(1.0)),
            {"limit": 1},
            ValueError,
            "limit: got .*; allowed: a whole number of at least 2",
        ),
        (
            (Value(1.0), Value(1.0)),
            {"limit": True},
            TypeError,
            "limit: got .*; allowed: a whole number of at least 2",
        ),
        (
            (Value(1.0), Value(1.0)),
            {"digits": 0},
            ValueError,
            "digits: got .*; allowed: a whole number from 1 to 17",
        ),
    ],
)
def test_wrong_arguments(arguments, options, error, message):
    with pytest.raises(error, match=message):
        viz.explain(*arguments, **options)
