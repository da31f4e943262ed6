import numpy as np
import pytest

import nn
from nn import initializers

NIN, NOUT = 300, 200  # 60,000 draws: a standard deviation comes out within 1 %


@pytest.mark.parametrize(
    ("rule", "std"),
    [
        ("zeros", 0.0),
        ("uniform", 1 / np.sqrt(3)),
        ("normal", 1.0),
        ("xavier", np.sqrt(2 / (NIN + NOUT))),
        ("xavier_uniform", np.sqrt(2 / (NIN + NOUT))),
        ("xavier_normal", np.sqrt(2 / (NIN + NOUT))),
        ("he", np.sqrt(2 / NIN)),
        ("he_uniform", np.sqrt(2 / NIN)),
        ("he_normal", np.sqrt(2 / NIN)),
        ("lecun", np.sqrt(1 / NIN)),
        ("lecun_uniform", np.sqrt(1 / NIN)),
        ("lecun_normal", np.sqrt(1 / NIN)),
        ("orthogonal", np.sqrt(1 / NIN)),
        (initializers.orthogonal(gain=2), 2 * np.sqrt(1 / NIN)),
        (initializers.uniform(-0.5, 0.5), 0.5 / np.sqrt(3)),
        (initializers.normal(std=0.01), 0.01),
        (initializers.xavier_uniform(gain=3), 3 * np.sqrt(2 / (NIN + NOUT))),
        (initializers.xavier_normal(gain=3), 3 * np.sqrt(2 / (NIN + NOUT))),
    ],
)
def test_spread(rule, std):
    weights = np.array(
        initializers.draw_weights(
            initializers.resolve_initializer(rule, "relu"), np.random.default_rng(0), NIN, NOUT
        ),
    )
    assert weights.shape == (NOUT, NIN)
    assert weights.std() == pytest.approx(std, rel=0.01)
    assert weights.mean() == pytest.approx(0, abs=5 * std / np.sqrt(NIN * NOUT))


def test_a_uniform_rule_keeps_its_limits():
    weights = initializers.uniform(2, 3)(np.random.default_rng(0), 50, 50)
    assert weights.min() >= 2
    assert weights.max() < 3


@pytest.mark.parametrize("sizes", [(3, 5), (5, 3), (4, 4), (1, 1)])
def test_orthogonal_rows_or_columns_of_random_signs(sizes):
    rng = np.random.default_rng(0)
    draws = [initializers.orthogonal(gain=-0.5)(rng, *sizes) for _ in range(200)]
    for W in draws[:5]:
        few = W @ W.T if len(W) <= len(W.T) else W.T @ W
        np.testing.assert_allclose(few, 0.25 * np.eye(len(few)), atol=1e-15)
    assert abs(np.mean([np.sign(W[0, 0]) for W in draws])) < 0.25


def test_selu_with_lecun_keeps_mean_and_variance_through_layers():
    model = nn.MLP(50, [50] * 10, activation="selu", output="selu", rng=0)
    found = model.predict(np.random.default_rng(1).normal(size=(300, 50)))
    assert abs(found.mean()) < 0.1
    assert 0.75 < found.std() < 1.25


def test_constants_and_means():
    model = nn.MLP(2, [2, 1], init=initializers.constant(0.25))
    assert {p.data for name, p in model.named_parameters() if ".w." in name} == {0.25}
    assert nn.Neuron(1, init=initializers.normal(mean=5, std=0)).w[0].data == 5.0


def test_biases_start_at_zero():
    assert [neuron.b.data for neuron in nn.Layer(2, 3).neurons] == [0.0, 0.0, 0.0]


@pytest.mark.parametrize(
    ("activation", "rule"),
    [
        ("relu", "he"),
        ("leaky_relu", "he"),
        ("elu", "he"),
        ("selu", "lecun"),
        ("gelu", "he"),
        ("silu", "he"),
        ("tanh", "xavier"),
        ("sigmoid", "xavier"),
        ("linear", "xavier"),
        ("softplus", "xavier"),
        ("softmax", "xavier"),
    ],
)
def test_the_default_suits_the_activation(activation, rule):
    ours = nn.Layer(3, 2, activation=activation, rng=5).state_dict()
    assert ours == nn.Layer(3, 2, activation=activation, init=rule, rng=5).state_dict()


def test_wrong_arguments():
    with pytest.raises(ValueError, match="uniform needs low <= high, got 2 and 1"):
        initializers.uniform(2, 1)
    with pytest.raises(ValueError, match=r"std: got .*; allowed: a finite number of at least 0"):
        initializers.normal(std=-1)
    with pytest.raises(TypeError, match=r"init: got a float .*; allowed: 'zeros', .* or a rule"):
        nn.Neuron(1, init=0.5)


def test_a_rule_of_the_users_own_must_return_the_right_shape():
    assert nn.Neuron(2, init=lambda *_: [[7, 8]]).w[1].data == 8.0
    with pytest.raises(
        ValueError, match=r"weights of shape \(3, 2\), got an? ndarray of shape \(2, 3\)"
    ):
        nn.Layer(2, 3, init=lambda rng, nin, nout: rng.normal(size=(nin, nout)))


@pytest.mark.parametrize("rng", [1.5, "1", -1, True])
def test_seeds_are_whole_numbers(rng):
    error = ValueError if rng == -1 else TypeError
    with pytest.raises(
        error, match=r"rng: got .*; allowed: a whole number of at least 0, or a NumPy Generator"
    ):
        nn.Neuron(1, rng=rng)
