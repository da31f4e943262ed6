"""Layer normalisation: PyTorch's numbers, under every engine."""

import numpy as np
import pytest

import autograd
import nn

X = np.random.default_rng(0).normal(size=(7, 5)) * 10 + 100
T = np.random.default_rng(1).normal(size=(7, 5))


def normed(eps=1e-5):
    norm = nn.LayerNorm(5, eps)
    for k, (gain, bias) in enumerate(zip(norm.gain, norm.bias, strict=True)):
        gain.data, bias.data = 1 + np.sin(k), np.cos(k)
    return norm


def by_hand(norm, x):
    centred = x - x.mean(axis=1, keepdims=True)
    scaled = centred / np.sqrt((centred**2).mean(axis=1, keepdims=True) + norm.eps)
    return scaled * autograd.get_data(norm.gain) + autograd.get_data(norm.bias)


@pytest.mark.parametrize("eps", [1e-5, 0.0, 0.5])
def test_the_formula(eps):
    norm = normed(eps)
    np.testing.assert_allclose(norm.predict(X), by_hand(norm, X), rtol=1e-12)
    np.testing.assert_allclose(norm(X)[3][2].data, by_hand(norm, X)[3, 2], rtol=1e-12)


def test_values_and_gradients_of_pytorch():
    torch = pytest.importorskip("torch")
    norm, theirs = normed(), torch.nn.LayerNorm(5).double()
    theirs.weight.data = torch.tensor(autograd.get_data(norm.gain))
    theirs.bias.data = torch.tensor(autograd.get_data(norm.bias))
    loss = ((theirs(torch.tensor(X)) - torch.tensor(T)) ** 2).mean()
    loss.backward()
    step = autograd.compile(lambda x, t: nn.mse(norm(x), t), batch=("x", "t"))
    assert abs(step.backward(X, T) - loss.item()) < 1e-12
    for own, other in ((norm.gain, theirs.weight), (norm.bias, theirs.bias)):
        np.testing.assert_allclose(autograd.get_data(own, grads=True), other.grad, atol=1e-12)


def test_the_lifted_program_has_a_line_for_all_signals():
    norm = normed()
    step = autograd.compile(lambda x, t: nn.mse(norm(x), t), batch=("x", "t"), engine="numpy")
    step(X, T)
    assert len(step.source.splitlines()) < 20
    assert "[0]" not in step.source


def test_equal_signals_are_normed_to_the_bias():
    assert [y.data for y in nn.LayerNorm(3)([2.0, 2.0, 2.0])] == [0.0, 0.0, 0.0]


@pytest.mark.parametrize("engine", ["compiled", "eager", "jax"])
def test_it_trains_in_every_engine(engine):
    if engine == "jax":
        pytest.importorskip("jax")

    def trained(engine):
        layers = nn.Layer(5, 4, "linear", bias=False, rng=0), nn.LayerNorm(4), "relu"
        model = nn.Sequential(*layers, nn.Layer(4, 1, "linear", rng=1))
        options = {"lr": 0.01, "epochs": 5, "batch_size": 3, "shuffle": False, "progress": False}
        return nn.fit(model, X, T[:, 0], engine=engine, **options)["loss"]

    np.testing.assert_allclose(trained(engine), trained("compiled"), rtol=1e-5)
    assert trained(engine)[-1] < trained(engine)[0]


def test_what_it_refuses():
    with pytest.raises(
        ValueError, match=r"^n: got an int \(1\); allowed: 2 signals or more; one is"
    ):
        nn.LayerNorm(1)
    with pytest.raises(ValueError, match=r"^eps: got a float \(-1.0\); allowed: .* at least 0"):
        nn.LayerNorm(2, eps=-1.0)
    with pytest.raises(
        ValueError, match=r"LayerNorm\(2, eps=0.1\) expects 2 inputs, got a list of 3"
    ):
        nn.LayerNorm(2, eps=0.1)([1.0, 2.0, 3.0])
