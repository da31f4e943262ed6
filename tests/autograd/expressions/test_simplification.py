import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd.expressions import MINUS
from autograd.expressions import tree as e
from autograd.expressions.dialects import TextPrinter


def typeset(format):
    """Return a formatter that writes minus signs as formulas have them."""
    return lambda x: f"{x:{format}}".replace("-", MINUS)


WRITE = typeset(".4g")
x, y, z = (e.Symbol(letter, value) for letter, value in zip("xyz", (2.0, -3.0, 5.0), strict=True))


@pytest.mark.parametrize(
    ("formula", "written"),
    [
        (x + 0, "x"),
        (0 + x, "x"),
        (1 * x, "x"),
        (x * 1, "x"),
        (e.divide(x, 1), "x"),
        ((-x).__neg__(), "x"),
        (-e.number(2), "−2"),
        (e.number(2) + 3, "5"),
        (e.number(2) * 3, "6"),
        (2 * x, "2 * x"),
        (x - y, "x − y"),
        (1 - x, "1 − x"),
        (x + e.number(-2), "x − 2"),
        (x * e.number(-2), "x * (−2)"),
        (-x * y, "−x * y"),
        (x * -y, "−x * y"),
        (-x * -y, "x * y"),
        ((x + y) * z, "(x + y) * z"),
        (z * (x + y), "z * (x + y)"),
        (e.divide(x + y, x * y), "(x + y) / (x * y)"),
        (e.divide(-x, y), "−x / y"),
        (e.divide(e.divide(x, y), z), "x / (y * z)"),
        (z * e.divide(x, y), "z * (x / y)"),
        (e.divide(x, y) * z, "x / y * z"),
        (-(x + y), "−(x + y)"),
        (x - (y + z), "x − (y + z)"),
        (e.total([]), "0"),
        (e.product([x, y, z]), "x * y * z"),
        (e.joined("add", [x, -y, e.joined("mul", [e.number(1), z])]), "x − y + 1 * z"),
        (e.Operation("exp", (x + y,), 1.0), "exp(x + y)"),
        (e.Operation("softmax", (x, y), 1.0, "1"), "softmax(x, y)[1]"),
        (e.Operation("pow", (x, y), 1.0), "x^y"),
        (e.Operation("pow", (x + y, x - 1), 1.0), "(x + y)^(x − 1)"),
        (e.Operation("pow", (e.number(-2), x), 1.0), "(−2)^x"),
        (e.Operation("floordiv", (x, y), 1.0), "x // y"),
        (-e.Operation("mod", (x, y), 1.0), "−(x mod y)"),
        (e.Symbol("a + b", 1.0) * x, "[a + b] * x"),
        (e.Derivative("J", "u"), "dJ/du"),
        (e.Derivative("u", "layers.0.w", partial=True, index="⁽²⁾"), "∂u/∂(layers.0.w)⁽²⁾"),
        (e.Derivative("a + b", "u"), "d[a + b]/du"),
    ],
)
def test_written(formula, written):
    assert TextPrinter(WRITE).text(formula) == written


def test_many_operands_are_shortened():
    xs = [e.Symbol(f"x{i}", 1.0) for i in range(1000)]
    assert TextPrinter(WRITE).text(e.total(xs)) == "x0 + x1 + x2 + … + x999"
    assert e.total(xs).value == 1000
    assert TextPrinter(WRITE).text(e.product(xs)) == "x0 * x1 * x2 * … * x999"
    assert TextPrinter(WRITE).text(e.Operation("max", tuple(xs), 1.0)) == "max(x0, x1, x2, …, x999)"


operands = st.sampled_from([x, y, z, e.number(2), e.number(-1), e.number(0.5)])
formulas = st.recursive(
    operands,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda p: p[0] + p[1]),
        st.tuples(inner, inner).map(lambda p: p[0] - p[1]),
        st.tuples(inner, inner).map(lambda p: p[0] * p[1]),
        st.tuples(inner, inner).map(lambda p: e.divide(*p) if p[1].value else p[0]),
        inner.map(lambda p: -p),
    ),
    max_leaves=6,
)


@given(formulas)
def test_what_is_written_means_what_was_built(formula):
    written = TextPrinter(typeset(".17g")).text(formula).replace(MINUS, "-")
    value = eval(written, {"x": x.value, "y": y.value, "z": z.value})
    assert value == pytest.approx(formula.value, rel=1e-9, abs=1e-9)
