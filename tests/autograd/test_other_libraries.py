"""Scalars and arrays of other libraries, wherever numbers are taken."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

import autograd
import nn
from autograd import Value


class Handed:
    """What another library makes: no ndarray, but it hands one over."""

    def __init__(self, array):
        self.array = array

    def __array__(self, dtype=None, copy=None):
        if isinstance(self.array, Exception):
            raise self.array
        return np.array(self.array, dtype)

    def __float__(self):
        return float(self.array)


def torch_tensor(numbers):
    return pytest.importorskip("torch").tensor(numbers, dtype=pytest.importorskip("torch").float64)


def jax_array(numbers):
    return pytest.importorskip("jax.numpy").array(numbers)


def pandas_series(numbers):
    pandas = pytest.importorskip("pandas")
    return pandas.Series(numbers) if np.ndim(numbers) == 1 else pandas.DataFrame(numbers)


SCALARS = [Handed, torch_tensor, jax_array, Fraction, Decimal]
ARRAYS = [
    Handed,
    torch_tensor,
    jax_array,
    pandas_series,
    lambda numbers: np.array([Fraction(x) for x in numbers], dtype=object),
]
LISTS = [*SCALARS, np.float32]


def squares(xs):
    """Return the sum of squares."""
    return autograd.dot(list(xs), list(xs))


@pytest.mark.parametrize("made", SCALARS)
def test_scalars(made):
    x = made(0.5)
    assert Value(x).data == 0.5
    assert (Value(3.0) * x).data == (x * Value(3.0)).data == 1.5
    assert autograd.grad(lambda v: v * v)(x) == 1.0
    value, gradient = autograd.compile(lambda v: v * v)(x)
    assert (value, gradient) == (0.25, 1.0)
    node = Value(1.0)
    node.data = x
    assert node.data == 0.5
    assert autograd.exp(x) == autograd.exp(0.5)


@pytest.mark.parametrize("made", ARRAYS)
def test_arrays(made):
    xs = made([0.5, 2.0])
    assert autograd.get_data(autograd.values(xs)).tolist() == [0.5, 2.0]
    assert autograd.grad(squares)(xs).tolist() == [1.0, 4.0]
    value, gradient = autograd.compile(squares)(xs)
    assert (value, gradient.tolist()) == (4.25, [1.0, 4.0])
    assert autograd.dot(autograd.values([1.0, 1.0]), xs).data == 2.5
    assert autograd.compile(lambda x: x * x, batch="x")(xs)[0] == 2.125


@pytest.mark.parametrize("made", LISTS)
def test_lists(made):
    xs = [made(0.5), made(2.0)]
    assert [float(x) for x in autograd.grad(squares)(xs)] == [1.0, 4.0]
    value, gradient = autograd.compile(squares)(xs)
    assert (value, [float(x) for x in gradient]) == (4.25, [1.0, 4.0])
    assert autograd.compile(lambda x: x * x, batch="x")(xs)[0] == 2.125


@pytest.mark.parametrize("made", [*ARRAYS[:4], lambda rows: [list(map(Fraction, r)) for r in rows]])
@pytest.mark.parametrize("engine", ["compiled", "eager"])
def test_samples(made, engine):
    rows, targets = [[0.5, 2.0], [1.0, -1.0]], [1.0, 0.0]

    def trained(X, Y):
        model = nn.Neuron(2, "tanh", rng=0)
        nn.fit(model, X, Y, lr=0.1, epochs=3, shuffle=False, engine=engine, progress=False)
        return model.predict(X)

    Y = [Fraction(y) for y in targets] if made(rows).__class__ is list else made(targets)
    assert (trained(made(rows), Y) == trained(rows, targets)).all()


def test_what_is_not_handed_over_is_refused():
    for error in (TypeError("on a device"), RuntimeError("requires grad"), ValueError("ragged")):
        thing = Handed(error)
        for call in (Value, autograd.values, autograd.grad(squares), autograd.compile(squares)):
            with pytest.raises(TypeError, match="got a Handed"):
                call(thing)
    with pytest.raises(TypeError, match="got an array of <U1; allowed are real numbers"):
        autograd.compile(squares)(Handed(["a"]))


def test_a_gradient_of_another_library_is_not_lost_in_silence():
    tensor = pytest.importorskip("torch").tensor(2.0, requires_grad=True)
    for call in (Value, autograd.grad(squares), autograd.compile(squares)):
        with pytest.raises(TypeError, match=r"got a Tensor \(tensor\(2., requires_grad=True\)\)"):
            call(tensor)
    with pytest.raises(TypeError, match="unsupported operand"):
        Value(3.0) * tensor
