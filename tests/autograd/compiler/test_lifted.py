"""Graphs that exist, lifted; and the table that explains a program."""

import pytest

import autograd
from autograd import Value
from autograd.compiler.programs.table import HEADS


def graph():
    a, b, w = Value(2.0, "a"), Value(-3.0, "b"), Value(10.0, "w")
    return a, b, w, (a + b * w).tanh() * w


@pytest.mark.parametrize("engine", ["numpy", "blocked", "tape", "auto"])
@pytest.mark.parametrize("exact", [False, True])
def test_a_graph_s_program_has_its_value_and_gradients(engine, exact):
    a, b, w, J = graph()
    program = autograd.lift(J, wrt=[b, a], engine=engine, exact=exact)
    for x, y, z in [(2.0, -3.0, 10.0), (0.5, 0.25, -1.5)]:
        w.data = z
        c, d, e = Value(x), Value(y), Value(z)
        K = (c + d * e).tanh() * e
        K.backward()
        value, gradients = program(y, x)
        assert value == pytest.approx(K.data, rel=1e-12)
        assert gradients == pytest.approx([d.grad, c.grad], rel=1e-12, abs=1e-15)
    assert "tanh" in program.source


def test_leaves_that_the_result_does_not_need_have_gradient_0():
    a, b, _, _ = graph()
    assert autograd.lift(a * a, wrt=[b, a])(1.0, 3.0) == (9.0, [0.0, 6.0])


def test_a_lifted_program_names_its_numbers():
    a, b = Value(2.0, "a"), Value(3.0)
    program = autograd.lift(a * b, wrt=[a, b])
    assert repr(program) == "<lifted program(a, x2)>"
    with pytest.raises(TypeError, match=r"got 1 numbers; give 2: a, x2$"):
        program(2.0)


def test_labels_that_are_no_names_are_numbered():
    a, b = Value(2.0, "a b"), Value(3.0)
    assert "def program(x1, x2):" in autograd.lift(a * b, wrt=[a, b]).source


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda a, _: autograd.lift(3.0, wrt=[a]),
            r"result: got a float \(3.0\); allowed: a Value",
        ),
        (lambda _, J: autograd.lift(J, wrt=[J]), r"wrt\[0\]: got a Value .*; allowed: a leaf"),
        (lambda _, J: autograd.lift(J, wrt=[autograd.constant(1.0)]), "allowed: a leaf"),
        (lambda a, J: autograd.lift(J, wrt=[a])(1.0, 2.0), "got 2 numbers; give 1"),
    ],
)
def test_what_cannot_be_lifted(call, message):
    a, _, _, J = graph()
    with pytest.raises(TypeError, match=message):
        call(a, J)


def test_the_table_says_what_is_a_matrix_product_and_why_not():
    x = [Value(float(i), f"x[{i}]") for i in range(3)]
    w = [[Value(i + j, f"w[{i}][{j}]") for j in range(3)] for i in range(2)]
    z = [autograd.dot(row, x).tanh() for row in w]
    table = autograd.lift(z[0] * z[1] + autograd.max(x), wrt=[]).explain()
    why = {row[1]: row[4:] for row in table.rows}
    assert why["tanh"] == ("no", "element by element")
    assert why["max"] == ("no", "a function of lists")
    assert [row[2] for row in table.rows if row[4] == "yes"] == ["(2,)"]
    assert table.rows[-1][2] == "one number"
    assert str(table).splitlines()[0].split() == " ".join(HEADS).split()
    assert len({len(row) for row in table.rows}) == 1
