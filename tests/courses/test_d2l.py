"""Dive into Deep Learning: automatic differentiation, softmax regression, losses, and momentum.

https://d2l.ai/, sections 2.5 (Automatic Differentiation), 3.4 and 4.1 (of the first edition, 3.6).
"""

import math

import numpy as np
import pytest

import autograd
import nn
from autograd import Value

X = [0.0, 1.0, 2.0, 3.0]


def test_twice_the_dot_product(differentiate):
    assert differentiate(lambda x: 2 * autograd.dot(x, x), X) == (28.0, [0.0, 4.0, 8.0, 12.0])
    assert differentiate(lambda x: 2 * sum(xi * xi for xi in x), X) == (28.0, [0, 4, 8, 12])
    value, slope = differentiate(lambda x: 2 * np.dot(x, x), np.arange(4.0))
    assert value == 28.0
    assert slope.tolist() == [0.0, 4.0, 8.0, 12.0]


def test_a_sum(differentiate):
    value, slope = differentiate(lambda x: x.sum(), np.arange(4.0))
    assert (value, slope.tolist()) == (6.0, [1.0] * 4)


def test_a_vector_s_gradient_is_that_of_its_sum(differentiate):
    _, slope = differentiate(lambda x: (x * x).sum(), np.arange(4.0))
    assert slope.tolist() == [0.0, 2.0, 4.0, 6.0]


def test_gradients_accumulate_until_they_are_zeroed():
    x = autograd.values(X)
    (2 * autograd.dot(x, x)).backward()
    autograd.sum(x).backward()
    assert [xi.grad for xi in x] == [1.0, 5.0, 9.0, 13.0]
    for xi in x:
        xi.zero_grad()
    autograd.sum(x).backward()
    assert [xi.grad for xi in x] == [1.0] * 4


def test_detached(differentiate):
    def z(x):
        u = autograd.stop_gradient([xi * xi for xi in x])
        return autograd.sum([ui * xi for ui, xi in zip(u, x, strict=True)])

    assert differentiate(z, X) == (36.0, [0.0, 1.0, 4.0, 9.0])
    _, slope = differentiate(lambda x: (autograd.stop_gradient(x * x) * x).sum(), np.arange(4.0))
    assert slope.tolist() == [0.0, 1.0, 4.0, 9.0]
    assert differentiate(lambda x: autograd.sum([xi * xi for xi in x]), X)[1] == [0, 2, 4, 6]


def doubled(a):
    """Compute section 2.5.4's function, whose loop and branch depend on the number."""
    b = a * 2
    while abs(b) < 1000:
        b = b * 2
    return b if b > 0 else 100 * b


@pytest.mark.parametrize(
    ("a", "slope"), [(-0.7, 204800.0), (0.7, 2048.0), (3.0, 512.0), (-1000.0, 200.0), (1e-3, 2**20)]
)
def test_control_flow(a, slope, differentiate):
    value, found = differentiate(doubled, a)
    assert found == slope == value / a


def test_control_flow_of_one_compiled_function(engine):
    f = autograd.compile(doubled, engine=engine)
    for a in (-0.7, 0.7, 3.0, -0.7, -1000.0, 1e-3, 700.0, -0.7):
        value, slope = f(a)
        assert slope == value / a == autograd.grad(doubled)(a)


YHAT, CLASSES = [[0.1, 0.3, 0.6], [0.3, 0.2, 0.5]], [0, 2]


def negative_log(k):
    return lambda p: -autograd.log(p[k])


def test_cross_entropy_picks_the_right_class(differentiate):
    for row, k, want in zip(YHAT, CLASSES, (2.302585092994046, 0.6931471805599453), strict=True):
        value, slopes = differentiate(negative_log(k), row)
        assert value == pytest.approx(want, rel=1e-15)
        assert slopes == pytest.approx([-1 / row[k] * (i == k) for i in range(3)], rel=1e-15)


def test_cross_entropy_by_a_class_that_is_an_argument(engine):
    nll = autograd.compile(
        lambda p, k: -autograd.log(autograd.take(p, k)), batch=("p", "k"), engine=engine
    )
    value = nll.value(np.array(YHAT), np.array(CLASSES))
    assert value == pytest.approx((2.302585092994046 + 0.6931471805599453) / 2, rel=1e-15)


def test_fancy_indexing_of_a_whole_batch(differentiate):
    def mean_nll(p):
        return -np.log(p[[0, 1], CLASSES]).mean()

    value, slope = differentiate(mean_nll, np.array(YHAT))
    assert value == pytest.approx((2.302585092994046 + 0.6931471805599453) / 2, rel=1e-15)
    np.testing.assert_allclose(slope, [[-5, 0, 0], [0, 0, -1]], rtol=1e-15)


def test_accuracy():
    assert nn.accuracy(YHAT, CLASSES) == 0.5
    assert nn.accuracy(nn.predict_classes(YHAT), CLASSES) == 0.5


def test_softmax_s_rows_add_up(engine):
    X = np.random.RandomState(0).rand(2, 5)
    soft = autograd.compile(autograd.softmax, gradients=False, batch="xs", engine=engine)
    np.testing.assert_allclose(soft(X).sum(axis=1), [1.0, 1.0], rtol=1e-15)


def test_the_squared_loss_and_its_gradient(differentiate):
    # section 3.1: half the squared error, of (w x + b) and y
    def loss(w, b):
        return 0.5 * (autograd.dot(w, [1.0, -2.0], b) - 3.0) ** 2

    # (2 * 1 + -3.4 * -2 + 4.2 - 3) = 10
    value, (dw, db) = differentiate(loss, [2.0, -3.4], 4.2)
    assert value == pytest.approx(50.0, rel=1e-14)
    assert [*dw, db] == pytest.approx([10.0, -20.0, 10.0], rel=1e-14)


def test_momentum_on_the_ill_conditioned_bowl():
    # section 12.6: f = 0.1 x1² + 2 x2² from (-5, -2), lr 0.6, beta 0.5, twenty steps
    x = [Value(-5.0), Value(-2.0)]
    optimiser = nn.SGD(x, lr=0.6, momentum=0.5)
    for _ in range(20):
        optimiser.zero_grad()
        (0.1 * x[0] ** 2 + 2 * x[1] ** 2).backward()
        optimiser.step()
    x1, x2, v1, v2 = -5.0, -2.0, 0.0, 0.0
    for _ in range(20):
        v1, v2 = 0.5 * v1 + 0.2 * x1, 0.5 * v2 + 4 * x2
        x1, x2 = x1 - 0.6 * v1, x2 - 0.6 * v2
    assert [p.data for p in x] == pytest.approx([x1, x2], rel=1e-12)
    assert [round(p.data, 6) for p in x] == [0.007188, 0.002553]  # as the book prints


def test_gradient_descent_in_one_dimension():
    # section 12.3: f = x², from 10, lr 0.2: after ten steps 0.060466
    f = autograd.compile(lambda x: x * x)
    x = 10.0
    for _ in range(10):
        x -= 0.2 * f(x)[1]
    assert round(x, 6) == 0.060466
    assert x == pytest.approx(10 * 0.6**10, rel=1e-14)


def test_the_sigmoid_s_derivative_is_a_quarter_at_most(differentiate):
    assert differentiate(autograd.sigmoid, 0.0) == (0.5, 0.25)
    assert differentiate(autograd.tanh, 0.0) == (0.0, 1.0)
    value, slope = differentiate(lambda x: 2 * autograd.sigmoid(2 * x) - 1, 0.3)
    assert value == pytest.approx(math.tanh(0.3), rel=1e-14)
    assert slope == pytest.approx(1 - math.tanh(0.3) ** 2, rel=1e-14)
