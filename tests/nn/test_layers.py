import subprocess
import sys

import numpy as np
import pytest

import nn
from autograd import Value
from nn.layers import PerSample


def test_a_neuron_is_one_dot_node_and_one_activation_node():
    neuron = nn.Neuron(3, activation="tanh")
    x = [Value(1.0), Value(2.0), Value(3.0)]
    y = neuron(x)
    z = y.inputs[0]
    assert (y.op, z.op) == ("tanh", "dot")
    assert z.inputs == (*neuron.w, *x, neuron.b)


def test_a_neuron_computes_its_formula():
    neuron = nn.Neuron(2, activation="linear", rng=0)
    w, b = [p.data for p in neuron.w], neuron.b.data
    assert neuron([3.0, -1.0]).data == pytest.approx(3 * w[0] - w[1] + b, rel=1e-15)


def test_plain_inputs_are_wrapped_once_for_all_neurons():
    outputs = nn.Layer(2, 3, activation="linear")([1.0, 2.0])
    constants = {node for y in outputs for node in y.inputs if node.is_constant}
    assert [node.data for node in sorted(constants)] == [1.0, 2.0]


def test_one_output_comes_bare_more_come_as_a_list():
    assert isinstance(nn.Layer(2, 1)([1.0, 2.0]), Value)
    assert [type(y) for y in nn.Layer(2, 2)([1.0, 2.0])] == [Value, Value]


@pytest.mark.parametrize(
    "x",
    [
        [1, 2],
        (1.0, 2.0),
        np.array([1.0, 2.0]),
        np.array([1, 2], dtype=np.int8),
        [Value(1), 2],
        range(1, 3),
        np.array([Value(1.0), Value(2.0)]),
    ],
    ids=repr,
)
def test_samples_may_be_lists_tuples_arrays_and_values(x):
    layer = nn.Layer(2, 1, rng=0)
    assert layer(x).data == layer([1.0, 2.0]).data


@pytest.mark.parametrize("x", [3, 3.0, np.float32(3), Value(3.0), [3], np.array(3.0), True])
def test_a_single_input_may_come_alone(x):
    neuron = nn.Neuron(1, activation="linear", rng=0)
    assert neuron(x).data == neuron.w[0].data * float(x[0] if isinstance(x, list) else x)


@pytest.mark.parametrize(
    "batch",
    [
        [[1.0, 2.0], [3.0, 4.0]],
        ((1, 2), (3, 4)),
        np.array([[1, 2], [3, 4]]),
        [np.array([1.0, 2.0]), [3.0, 4.0]],
    ],
    ids=repr,
)
def test_a_batch_gives_a_list_of_outputs(batch):
    layer = nn.Layer(2, 2, rng=0)
    got = [[y.data for y in outputs] for outputs in layer(batch)]
    assert got == [[y.data for y in layer(sample)] for sample in ([1, 2], [3, 4])]


def test_an_empty_batch_gives_no_outputs():
    assert nn.Layer(2, 1)(np.empty((0, 2))) == []


def test_gradients_reach_inputs_weights_and_bias(slope):
    layer = nn.Layer(2, 1, activation="sigmoid", rng=1)
    x = [Value(0.5), Value(-1.0)]
    layer(x).backward()
    for value in [*x, *layer.parameters()]:
        start = value.data

        def f(number, value=value):
            value.data = number
            return layer(x).data

        assert value.grad == pytest.approx(slope(f, start), rel=1e-8)
        value.data = start


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: nn.Layer(2, 3)([1.0]),
            r"^Layer\(2, 3, 'relu'\) expects 2 inputs, got a list of 1$",
        ),
        (lambda: nn.Neuron(1)([]), r"^Neuron\(1, 'relu'\) expects 1 input, got a list of 0$"),
        (lambda: nn.Neuron(2)(5.0), r"expects 2 inputs, got a float \(5\.0\)"),
        (lambda: nn.Neuron(2)(np.ones(3)), r"expects 2 inputs, got an? ndarray of shape \(3,\)"),
        (
            lambda: nn.MLP(2, [3, 1])([1, 2, 3]),
            r"^layers\.0: Layer\(2, 3, 'relu'\) expects 2 inputs",
        ),
        (
            lambda: nn.MLP(2, [3, 1]).layers[1].neurons[0]([1]),
            r"^layers\.1\.neurons\.0: Neuron\(3, 'linear'\) expects 3 inputs",
        ),
        (lambda: nn.Layer(2, 1)([[1, 2], [1, 2, 3]]), "expects 2 inputs, got a list of 3"),
    ],
)
def test_a_wrong_length_names_the_layer_what_it_expected_and_what_came(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize(
    ("x", "message"),
    [
        ("ab", r"expects 2 inputs as a list, tuple or array, got a str \('ab'\)"),
        (None, "as a list, tuple or array, got None"),
        ({1, 2}, "as a list, tuple or array, got a set of 2"),
        (["1", 2], r"expects numbers or Values: .*got a str \('1'\)"),
        ([1j, 2], r"expects numbers or Values: .*complex"),
        (np.array(["a", "b"]), r"expects numbers or Values: .*got a str \('a'\)"),
        (np.ones((1, 2, 2)), r"expects numbers or Values: .*got a list of 2"),
    ],
)
def test_what_is_no_sample_is_a_type_error(x, message):
    with pytest.raises(TypeError, match=message):
        nn.Layer(2, 1)(x)


@pytest.mark.parametrize(
    "kind",
    [
        nn.Neuron,
        lambda n: nn.Layer(n, 1),
        lambda n: nn.Layer(1, n),
        lambda n: nn.MLP(n, [1]),
    ],
)
@pytest.mark.parametrize(
    ("size", "error", "message"),
    [
        (0, ValueError, ": got an int .0.; allowed: a whole number of at least 1"),
        (-2, ValueError, ": got an int .-2.; allowed: a whole number of at least 1"),
        (2.0, TypeError, r": got a float \(2\.0\); allowed: a whole number of at least"),
        ("2", TypeError, r": got a str \('2'\); allowed: a whole number of at least"),
        (True, TypeError, ": got a bool .True.; allowed: a whole number of at least"),
    ],
)
def test_sizes_must_be_positive_whole_numbers(kind, size, error, message):
    with pytest.raises(error, match=message):
        kind(size)


def test_numpy_integers_are_sizes():
    assert len(nn.Layer(np.int64(2), np.int32(3)).neurons) == 3


def test_softmax_acts_on_the_whole_layer():
    outputs = nn.Layer(2, 3, activation="softmax", rng=0)([1.0, 2.0])
    assert sum(y.data for y in outputs) == pytest.approx(1.0, abs=1e-15)
    assert {y.op for y in outputs} == {"softmax"}


def test_softmax_is_refused_where_there_is_one_output():
    with pytest.raises(ValueError, match="softmax acts on a whole layer"):
        nn.Neuron(2, activation="softmax")
    with pytest.raises(ValueError, match="softmax over one output is always 1: use sigmoid"):
        nn.Layer(2, 1, activation="softmax")


def test_a_layer_whose_label_was_changed_still_has_a_name():
    layer = nn.Layer(2, 1)
    layer.neurons[0].b.label = "mine"
    with pytest.raises(ValueError, match=r"^Layer\(2, 1, 'relu'\) expects"):
        layer([1.0])


def test_forward_must_be_defined():
    with pytest.raises(NotImplementedError):
        PerSample()([1.0])


def test_a_network_is_its_layers_one_after_the_other():
    model = nn.MLP(2, [3, 2], activation="tanh", output="sigmoid", rng=0)
    W1, W2 = (np.array([[w.data for w in n.w] for n in layer.neurons]) for layer in model.layers)
    x = np.array([0.5, -1.5])
    expected = 1 / (1 + np.exp(-W2 @ np.tanh(W1 @ x)))
    assert [y.data for y in model(x)] == pytest.approx(expected, rel=1e-14)


def test_defaults_are_relu_inside_and_linear_outside():
    model = nn.MLP(2, [16, 16, 1])
    assert [layer.activation.name for layer in model.layers] == ["relu", "relu", "linear"]
    assert len(model.parameters()) == 337


def test_a_narrow_layer_feeds_the_next():
    assert isinstance(nn.MLP(1, [1, 1, 1])(2.0), Value)


def test_activations_layer_by_layer():
    def cube(x):
        return x**3

    model = nn.MLP(1, [2, 2, 2], activation=["gelu", cube], output="softmax", rng=0)
    assert [layer.activation.name for layer in model.layers] == ["gelu", "cube", "softmax"]
    assert repr(model) == (
        "<MLP(1, [2, 2, 2], activation=['gelu', 'cube'], output='softmax'), 16 parameters>"
    )


def test_repr_of_a_network_without_hidden_layers():
    assert repr(nn.MLP(4, [1])) == "<MLP(4, [1], output='linear'), 5 parameters>"


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (
            (2, []),
            ValueError,
            r"sizes: got a list of 0; allowed: one layer at least, such as \[1\]",
        ),
        (
            (2, 3),
            TypeError,
            r"sizes: got an int \(3\); allowed: a list of layer sizes, such as \[16, 1\]",
        ),
        (
            (2, [4, 0]),
            ValueError,
            r"sizes\[1\]: got an int .0.; allowed: a whole number of at least 1",
        ),
        ((2, [4, 1.5]), TypeError, r"sizes\[1\]: got .*; allowed: a whole number of at least"),
        ((0, [1]), ValueError, "nin: got an int .0.; allowed: a whole number of at least 1"),
        (
            (2, [3, 1], ["relu", "relu"]),
            ValueError,
            "activation: got a list of 2; allowed: one activation for each of the 1 hidden layers",
        ),
        (
            (2, [1], "rleu"),
            ValueError,
            "activation: got a str .'rleu'.; allowed: .*; did you mean 'relu'",
        ),
        (
            (2, [1], "relu", "sofmax"),
            ValueError,
            "output: got a str .'sofmax'.; allowed: .*; did you mean 'softmax'",
        ),
        ((2, [1], 5), TypeError, r"activation: got an int \(5\); allowed: 'linear', .*"),
        (
            (2, [1], "relu", "linear", None, -1),
            ValueError,
            "rng: got .*; allowed: a whole number of at least 0, or a NumPy Generator",
        ),
        (
            (2, [1], "relu", "linear", "hee"),
            ValueError,
            "init: got a str .'hee'.; allowed: .*; did you mean 'he'",
        ),
    ],
)
def test_wrong_arguments_are_clear_errors(arguments, error, message):
    with pytest.raises(error, match=message):
        nn.MLP(*arguments)


def test_sizes_may_be_an_array():
    assert [len(layer.neurons) for layer in nn.MLP(2, np.array([3, 1])).layers] == [3, 1]


def test_the_seed_fixes_every_weight_in_every_process():
    program = (
        "import nn; m = nn.MLP(3, [4, 2], rng=12); print([p.data.hex() for p in m.parameters()])"
    )
    run = [sys.executable, "-c", program]
    outputs = {
        subprocess.run(
            run,
            check=True,
            capture_output=True,
            text=True,
            env={"PYTHONHASHSEED": s, "PYTHONPATH": ":".join(sys.path)},
        ).stdout
        for s in ("1", "2")
    }
    here = str([p.data.hex() for p in nn.MLP(3, [4, 2], rng=12).parameters()]) + "\n"
    assert outputs == {here}


def test_seeds_and_generators():
    def weights(rng):
        return nn.MLP(2, [3, 1], rng=rng).state_dict()

    assert weights(1) == weights(np.random.default_rng(1)) != weights(2)
    assert weights(None) != weights(None)
    shared = np.random.default_rng(1)
    assert weights(shared) != weights(shared)


def test_a_micrograd_program_runs():
    model = nn.MLP(3, [4, 4, 1])
    xs = [[2.0, 3.0, -1.0], [3.0, -1.0, 0.5], [0.5, 1.0, 1.0], [1.0, 1.0, -1.0]]
    ys = [1.0, -1.0, -1.0, 1.0]
    losses = []
    for _ in range(40):
        inputs = [list(map(Value, row)) for row in xs]
        scores = list(map(model, inputs))
        loss = sum((score - y) ** 2 for y, score in zip(ys, scores, strict=True)) * (1.0 / len(ys))
        loss += 1e-4 * sum(p * p for p in model.parameters())
        model.zero_grad()
        loss.backward()
        for p in model.parameters():
            p.data -= 0.02 * p.grad
        losses.append(loss.data)
    assert losses[-1] < losses[0]


def test_a_layers_numbers_as_arrays_are_read_and_set():
    model = nn.MLP(2, [3, 1], activation="tanh", rng=0)
    first, last = model.layers
    assert first.W.tolist() == [[w.data for w in neuron.w] for neuron in first.neurons]
    first.W, first.b = np.arange(6).reshape(3, 2), [0.5, -0.5, 1]
    last.W, last.b = [[1, 2, 3]], [4]
    X = np.random.default_rng(0).normal(size=(4, 2))
    A1 = np.tanh(first.W @ X.T + first.b[:, None])
    np.testing.assert_allclose(model.predict(X), (last.W @ A1)[0] + 4, rtol=1e-14)
    first.W[0, 0] = 9.0  # of a copy
    assert first.neurons[0].w[0].data == 0.0
    assert len(model.parameters()) == 13


@pytest.mark.parametrize(
    ("name", "numbers", "error", "message"),
    [
        ("W", [[1.0, 2.0]], ValueError, r"W of layers.0: Layer\(2, 3.*: got the shape \(1, 2\)"),
        ("W", np.zeros((2, 3)), ValueError, r"got the shape \(2, 3\); allowed: \(3, 2\)"),
        ("b", 3.0, ValueError, r"b of .*: got the shape \(\); allowed: \(3,\)"),
        ("b", [[1.0], [2.0], [3.0]], ValueError, r"got the shape \(3, 1\); allowed: \(3,\)"),
        ("W", "many", TypeError, "W: got a str"),
        ("b", [1.0, 2.0, None], TypeError, "b: got a list of 3; allowed: real numbers"),
    ],
)  # fmt: skip
def test_numbers_that_do_not_fit_a_layer_change_nothing(name, numbers, error, message):
    layer = nn.MLP(2, [3, 1], rng=0).layers[0]
    before = layer.state_dict()
    with pytest.raises(error, match=message):
        setattr(layer, name, numbers)
    assert layer.state_dict() == before
