"""deeplearning.ai, Neural Networks and Deep Learning: the exercises of weeks 2 and 4.

Logistic regression with a neural network mindset, Python basics with NumPy, and Building your deep
neural network; the numbers are those under "expected output".
"""

import numpy as np
import pytest

import autograd
import nn
from autograd import Value

X = np.array([[1.0, 2.0, -1.0], [3.0, 4.0, -3.2]])  # a sample is a column
Y = np.array([[1, 0, 1]])
COST, DW, DB = 5.801545319394553, [0.99845601, 2.39507239], 0.001455578136784208
W100, B100 = [0.19033591, 0.12259159], 1.92535983008
DW100, DB100 = [0.67752042, 1.41625495], 0.219194504541
ZEROS_COST, ZEROS_W, ZEROS_B = 0.5594369593621237, [-0.13012836, -0.20469895], 0.18282977592931132


def cost_of(w, b, X, Y):
    """Compute the cost of m samples, number by number."""
    total = 0
    for j in range(3):
        z = w[0] * X[0][j] + w[1] * X[1][j] + b
        a = 1 / (1 + autograd.exp(-z))
        y = Y[0][j]
        total = total + y * autograd.log(a) + (1 - y) * autograd.log(1 - a)
    return -total / 3


def cost_of_arrays(w, b, X, Y):
    """Compute it as the exercise's NumPy does."""
    A = 1 / (1 + np.exp(-(w.T @ X + b)))
    return -1 / 3 * np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A))


def cost(w, b):
    return cost_of(w, b, X, Y)


def array_cost(w, b):
    return cost_of_arrays(w, b, X, Y)


def test_propagate(differentiate):
    value, (dw, db) = differentiate(cost, [1.0, 2.0], 2.0)
    assert value == pytest.approx(COST, rel=1e-14)
    assert dw == pytest.approx(DW, abs=5e-9)
    assert db == pytest.approx(DB, rel=1e-12)


def test_propagate_with_arrays(differentiate):
    value, (dw, db) = differentiate(array_cost, np.array([[1.0], [2.0]]), 2.0)
    assert value == pytest.approx(COST, rel=1e-14)
    assert dw.ravel() == pytest.approx(DW, abs=5e-9)
    assert db == pytest.approx(DB, rel=1e-12)


def test_optimize_node_by_node():
    w, b = autograd.values([1.0, 2.0]), Value(2.0)
    for _ in range(100):
        for p in (*w, b):
            p.zero_grad()
        cost(w, b).backward()
        for p in (*w, b):
            p.data -= 0.009 * p.grad
    assert [p.data for p in w] == pytest.approx(W100, abs=5e-9)
    assert b.data == pytest.approx(B100, abs=5e-12)
    assert [p.grad for p in w] == pytest.approx(DW100, abs=5e-9)
    assert b.grad == pytest.approx(DB100, abs=5e-13)


def test_optimize_compiled(engine):
    step = autograd.compile(cost_of_arrays, wrt=("w", "b"), engine=engine)
    w, b = np.array([[1.0], [2.0]]), 2.0
    for _ in range(100):
        _, (dw, db) = step(w, b, X, Y)
        w, b = w - 0.009 * dw, b - 0.009 * db
    assert w.ravel() == pytest.approx(W100, abs=5e-9)
    assert b == pytest.approx(B100, abs=5e-12)
    assert dw.ravel() == pytest.approx(DW100, abs=5e-9)
    assert db == pytest.approx(DB100, abs=5e-13)


@pytest.mark.parametrize("steps", ["eager", "compiled"])
def test_optimize_with_nn(steps):
    model = nn.Neuron(2, activation="linear")
    for p, number in zip(model.parameters(), (1.0, 2.0, 2.0), strict=True):
        p.data = number
    history = nn.fit(
        *(model, X.T, Y[0]), loss="binary_cross_entropy_with_logits", epochs=100, engine=steps,
        optimiser=nn.SGD(model.parameters(), lr=0.009), progress=False,
    )  # fmt: skip
    assert history["loss"][0] == pytest.approx(COST, rel=1e-14)
    assert [p.data for p in model.parameters()] == pytest.approx([*W100, B100], abs=5e-9)


@pytest.mark.parametrize("steps", ["eager", "compiled"])
def test_the_sigmoid_and_its_cost_of_nn(steps):
    model = nn.Neuron(2, activation="sigmoid")
    for p, number in zip(model.parameters(), (1.0, 2.0, 2.0), strict=True):
        p.data = number
    nn.fit(
        *(model, X.T, Y[0]), loss="binary_cross_entropy", epochs=100, engine=steps,
        optimiser=nn.SGD(model.parameters(), lr=0.009), progress=False,
    )  # fmt: skip
    assert [p.data for p in model.parameters()] == pytest.approx([*W100, B100], abs=5e-9)


def test_predict():
    model = nn.Neuron(2, activation="sigmoid")
    for p, number in zip(model.parameters(), (0.1124579, 0.23106775, -0.3), strict=True):
        p.data = number
    samples = np.array([[1.0, -1.1, -3.2], [1.2, 2.0, 0.1]]).T
    assert nn.predict_classes(nn.predict(model, samples)) == [1, 1, 0]
    assert nn.accuracy([1, 1, 0], Y[0]) == pytest.approx(1 / 3)


# `initialize_with_zeros` returns b = 0, a whole number.


def test_from_zeros_node_by_node():
    w, b = np.array([[0.0], [0.0]]), 0
    for _ in range(100):
        (dw, db) = autograd.grad(array_cost, argnums=(0, 1))(w, b)
        value = array_cost(w, b)
        w, b = w - 0.009 * dw, b - 0.009 * db
    assert value == pytest.approx(ZEROS_COST, rel=1e-14)
    assert w.ravel() == pytest.approx(ZEROS_W, abs=5e-9)
    assert b == pytest.approx(ZEROS_B, rel=1e-13)


@pytest.mark.parametrize("as_list", [True, False])
def test_from_zeros_compiled(engine, as_list):
    f = cost_of if as_list else cost_of_arrays
    step = autograd.compile(f, wrt=("w", "b"), engine=engine)
    w, b = np.zeros(2) if as_list else np.zeros((2, 1)), 0
    for _ in range(100):
        value, (dw, db) = step(w.tolist() if as_list else w, b, X, Y)
        w, b = w - 0.009 * np.array(dw), b - 0.009 * db
    assert value == pytest.approx(ZEROS_COST, rel=1e-14)
    assert w.ravel() == pytest.approx(ZEROS_W, abs=5e-9)
    assert b == pytest.approx(ZEROS_B, rel=1e-13)


@pytest.mark.parametrize("wrt", [("params",), None])
def test_a_whole_number_beside_floats_in_a_dictionary(engine, wrt):
    params = {"w": np.zeros((2, 1)), "b": 0}
    step = autograd.compile(
        lambda params: array_cost(params["w"], params["b"]), wrt=wrt, engine=engine
    )
    _, slopes = step(params)
    dw, db = autograd.grad(array_cost, argnums=(0, 1))(np.zeros((2, 1)), 0.0)
    assert slopes["b"] == pytest.approx(db, rel=1e-14)
    assert slopes["b"] != 0
    np.testing.assert_allclose(slopes["w"], dw, rtol=1e-14)


def test_parameters_of_whole_numbers_alone(engine):
    step = autograd.compile(cost_of, wrt=("w", "b"), engine=engine)
    value, (dw, db) = step([1, 2], 2, X, Y)
    assert value == pytest.approx(COST, rel=1e-14)
    assert [*dw, db] == pytest.approx([*DW, DB], abs=5e-9)


@pytest.mark.parametrize("b", [0, np.int64(0), np.float32(0.0)])
def test_other_kinds_of_plain_numbers(engine, b):
    step = autograd.compile(cost_of, wrt=("w", "b"), engine=engine)
    _, (_, db) = step([0.0, 0.0], b, X, Y)
    _, (_, want) = step([0.0, 0.0], float(b), X, Y)
    assert db == pytest.approx(want, rel=1e-14)


def test_sigmoid_and_its_derivative(differentiate):
    # sigmoid(0), sigmoid(2) = 0.5, 0.88079708; sigmoid_derivative([1, 2, 3])
    assert [round(autograd.sigmoid(Value(x)).data, 8) for x in (0, 2)] == [0.5, 0.88079708]
    for x, want in ((1.0, 0.19661193), (2.0, 0.10499359), (3.0, 0.04517666)):
        assert differentiate(autograd.sigmoid, x)[1] == pytest.approx(want, abs=5e-9)


SOFTMAX = [
    ([9, 2, 5, 0, 0], [0.980897665, 8.94462891e-04, 1.79657674e-02] + [1.21052389e-04] * 2),
    ([7, 5, 0, 0, 0], [0.878679856, 0.118916387] + [8.01252314e-04] * 3),
]


@pytest.mark.parametrize(("row", "want"), SOFTMAX)
def test_softmax(row, want, engine):
    got = [p.data for p in autograd.softmax(autograd.values(row))]
    assert got == pytest.approx(want, rel=1e-8)
    step = autograd.compile(autograd.softmax, gradients=False, engine=engine)
    assert step([float(x) for x in row]) == pytest.approx(want, rel=1e-8)


def test_l1_and_l2(differentiate):
    yhat, y = [0.9, 0.2, 0.1, 0.4, 0.9], [1, 0, 0, 1, 1]
    value, slopes = differentiate(
        lambda p: sum(abs(q - t) for q, t in zip(p, y, strict=True)), yhat
    )
    assert (value, slopes) == (pytest.approx(1.1, rel=1e-15), [-1.0, 1.0, 1.0, -1.0, -1.0])
    value, slopes = differentiate(
        lambda p: sum((q - t) ** 2 for q, t in zip(p, y, strict=True)), yhat
    )
    assert value == pytest.approx(0.43, rel=1e-14)
    assert slopes == pytest.approx([-0.2, 0.4, 0.2, -1.2, -0.2], rel=1e-14)


def test_the_cost_of_week_4(differentiate):
    a, y = [0.8, 0.9, 0.4], [1, 1, 0]

    def by_hand(a):
        return (
            -sum(
                t * autograd.log(p) + (1 - t) * autograd.log(1 - p)
                for p, t in zip(a, y, strict=True)
            )
            / 3
        )

    for f in (by_hand, lambda a: nn.binary_cross_entropy(a, y)):
        value, slopes = differentiate(f, a)
        assert value == pytest.approx(0.2797765635793422, rel=1e-14)
        assert slopes == pytest.approx([-1 / 2.4, -1 / 2.7, 1 / 1.8], rel=1e-14)
