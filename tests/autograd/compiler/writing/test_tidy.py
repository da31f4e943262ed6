"""Generated lines made short."""

import pytest

from autograd.compiler.writing.tidy import names_in, tidy


@pytest.mark.parametrize(
    ("lines", "short"),
    [
        (["Z = ((W) @ (X))", "return ((Z))"], ["Z = W @ X", "return Z"]),
        (["Z = W.T.T @ X", "return Z"], ["Z = W @ X", "return Z"]),
        (
            ["A = tanh(Z)", "B = 1 - tanh(Z)", "return A + B"],
            ["A = tanh(Z)", "B = 1 - A", "return A + B"],
        ),
        (["dZ = g * 2.0", "dW = dZ @ X.T", "return dW + dW"],
         ["dW = g * 2.0 @ X.T", "return dW + dW"]),
        (["dZ = g * 2.0", "return dZ"], ["dZ = g * 2.0", "return dZ"]),
        (["dZ = 0.5", "dW = dZ * X", "return dW + dW"], ["dW = 0.5 * X", "return dW + dW"]),
    ],
)  # fmt: skip
def test_lines(lines, short):
    assert tidy(lines) == short


def test_a_gradient_that_two_lines_use_keeps_its_name():
    lines = ["dZ = g * A", "dW = dZ @ X", "db = dZ.sum(axis=1)", "return (dW, db)"]
    assert tidy(lines) == lines


def test_a_line_that_would_be_too_long_stays_two():
    long = " + ".join(f"name{i}" for i in range(14))
    lines = [f"dZ = {long}", "dW = dZ @ X", "return dW + dW"]
    assert tidy(lines) == lines


def test_a_number_that_is_cut_is_an_array():
    assert tidy(["dZ = 2.0", "dW = dZ.sum() + dZ", "return dW + dW"])[0] == "dZ = asarray(2.0)"


def test_what_is_added_to_in_place_is_not_put_elsewhere():
    lines = ["dX = 0.0 * X", "dX[0] += g", "return dX"]
    assert tidy(lines) == lines


def test_numbers_and_names_are_put_into_all_lines_that_use_them():
    lines = ["d1 = 2.0", "d2 = d1", "d3 = d2 * X", "d3 += d1 * Y", "return (d3 + d2, d1)"]
    assert tidy(lines) == ["d3 = 2.0 * X", "d3 += 2.0 * Y", "return (d3 + 2.0, 2.0)"]


def test_what_came_from_another_line_counts_as_used_there():
    lines = ["d1 = 2.0 * X", "d2 = d1 @ Y", "d3 = d2 @ Z", "return (d3, d3)"]
    assert tidy(lines) == ["d3 = 2.0 * X @ Y @ Z", "return (d3, d3)"]


def test_a_line_that_names_very_much_takes_nothing_in():
    many = ", ".join(f"T{i}" for i in range(100))
    lines = ["d1 = X @ Y", f"J = total(d1, {many})", "return J"]
    assert tidy(lines) == lines


def test_names_of_a_line():
    assert names_in("    return W @ tanh(X)") == {"W", "tanh", "X"}
