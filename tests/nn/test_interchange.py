"""Networks taken to other libraries and back: the same outputs, to the last digits."""

import shutil
import subprocess
import sys

import numpy as np
import pytest

import autograd
import nn
from autograd.export import ExportError
from nn.activations import ACTIVATIONS

X = np.random.default_rng(0).normal(size=(7, 4))
CLOSE = {"rtol": 1e-12, "atol": 1e-13}
SINGLE = {"rtol": 2e-5, "atol": 1e-6}
SHAPES = [[1], [3], [5, 1], [5, 3], [6, 5, 4, 3, 2]]
STACKS = {
    "mlp": lambda: nn.MLP(4, [5, 3], activation="tanh", rng=0),
    "without biases": lambda: nn.MLP(4, [5, 1], activation="relu", bias=False, rng=0),
    "a layer": lambda: nn.Layer(4, 3, "softmax", rng=0),
    "a neuron": lambda: nn.Neuron(4, "sigmoid", rng=0),
    "frozen": lambda: nn.MLP(4, [5, 3], rng=0).freeze(),
    "mixed": lambda: nn.Sequential(
        nn.Layer(4, 5, "linear", rng=0), nn.LayerNorm(5), "relu", nn.Dropout(0.3),
        nn.Sequential(nn.Layer(5, 3, "silu", rng=1)), "softmax",
    ),
}  # fmt: skip


class Residual(nn.Module):
    """A model that is no stack."""

    def __init__(self):
        self.first, self.last = nn.Layer(4, 4, "tanh", rng=0), nn.Layer(4, 2, "linear", rng=1)

    def __call__(self, x):
        return self.last([a + b for a, b in zip(x, self.first(x), strict=True)])


def shaped(outputs, model):
    """Return outputs in the shape of `predict`."""
    return np.asarray(outputs).reshape(model.predict(X).shape)


def run_onnx(model, samples=X):
    runtime = pytest.importorskip("onnxruntime")
    session = runtime.InferenceSession(model.SerializeToString())
    kind = {"tensor(double)": np.float64, "tensor(float)": np.float32}[session.get_inputs()[0].type]
    return session.run(None, {session.get_inputs()[0].name: samples.astype(kind)})[0]


def run_torch(module, samples=X):
    torch = pytest.importorskip("torch")
    with torch.no_grad():
        return module.eval()(torch.tensor(samples)).numpy()


def run_file(text, tmp_path):
    path = tmp_path / "network.py"
    run = "np.save(sys.argv[2], predict(np.load(sys.argv[1])))"
    program = f"{text}\nimport sys\n\n{run}\n"
    path.write_text(program, encoding="utf-8")
    np.save(tmp_path / "X.npy", X)
    subprocess.run(
        [sys.executable, "-P", path, tmp_path / "X.npy", tmp_path / "Y.npy"],
        check=True, capture_output=True, cwd=tmp_path,
    )  # fmt: skip
    return np.load(tmp_path / "Y.npy")


@pytest.mark.parametrize("name", STACKS)
def test_torch(name):
    torch = pytest.importorskip("torch")
    model = STACKS[name]()
    module = model.to("torch")
    assert isinstance(module, torch.nn.Sequential)
    np.testing.assert_allclose(shaped(run_torch(module), model), model.predict(X), **CLOSE)
    single = model.to("torch", dtype="float32")
    with torch.no_grad():
        outputs = single.eval()(torch.tensor(X, dtype=torch.float32)).numpy()
    np.testing.assert_allclose(shaped(outputs, model), model.predict(X), **SINGLE)
    back = nn.Sequential.from_torch(module)
    np.testing.assert_allclose(back.predict(X), model.predict(X), **CLOSE)
    assert back.state_dict().keys() == nn.Sequential(*back.layers).state_dict().keys()


def test_torch_trains_on():
    torch = pytest.importorskip("torch")
    model = STACKS["mlp"]()
    targets = np.array([0, 1, 2, 0, 1, 2, 0])
    module = model.to("torch")
    optimiser = torch.optim.SGD(module.parameters(), lr=0.1)
    for _ in range(5):
        optimiser.zero_grad()
        torch.nn.functional.cross_entropy(module(torch.tensor(X)), torch.tensor(targets)).backward()
        optimiser.step()
    nn.fit(
        model, X, targets, loss="cross_entropy", optimiser="sgd", lr=0.1, epochs=5, progress=False
    )
    np.testing.assert_allclose(run_torch(module), model.predict(X), **CLOSE)
    trained = nn.MLP.from_torch(module)
    assert trained.architecture() == model.architecture()
    np.testing.assert_allclose(trained.predict(X), model.predict(X), **CLOSE)


def of_activation(activation, sizes):
    hidden = "tanh" if activation == "softmax" else activation
    output = "linear" if activation == "softmax" and sizes[-1] == 1 else activation
    return nn.MLP(4, sizes, activation=hidden, output=output, rng=0)


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("sizes", SHAPES, ids=str)
def test_every_activation_to_onnx_and_back(activation, sizes):
    pytest.importorskip("onnx")
    model = of_activation(activation, sizes)
    expected = model.predict(X)
    in_double = activation != "gelu"  # the runtime has no erf in double precision
    exported = model.to("onnx", dtype="float64" if in_double else "float32")
    np.testing.assert_allclose(run_onnx(exported), expected, **(CLOSE if in_double else SINGLE))
    assert run_onnx(exported).shape == expected.shape
    if activation in {"linear", "sigmoid", "tanh", "relu", "elu", "softplus", "softmax"}:
        back = nn.MLP.from_onnx(exported)
        assert back.architecture() == model.architecture()
        np.testing.assert_allclose(back.predict(X), expected, **CLOSE)


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("sizes", SHAPES, ids=str)
def test_every_activation_to_torch_and_back(activation, sizes):
    pytest.importorskip("torch")
    model = of_activation(activation, sizes)
    module = model.to("torch")
    found = shaped(run_torch(module), model)
    np.testing.assert_allclose(found, model.predict(X), **CLOSE)
    back = nn.MLP.from_torch(module)
    assert back.architecture() == model.architecture()
    np.testing.assert_allclose(back.predict(X), model.predict(X), **CLOSE)


@pytest.mark.parametrize("name", [*STACKS, "residual"])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_onnx_takes_any_number_of_samples(name, dtype):
    pytest.importorskip("onnx")
    model = Residual() if name == "residual" else STACKS[name]()
    exported = model.to("onnx", dtype=dtype, **({"example": X} if name == "residual" else {}))
    tolerance = CLOSE if dtype == "float64" else SINGLE
    for count in (1, 7, 1000):
        samples = np.resize(X, (count, 4))
        found = run_onnx(exported, samples)
        assert found.shape == model.predict(samples).shape
        np.testing.assert_allclose(found, model.predict(samples), **tolerance)


def test_onnx_from_a_file_and_from_bytes(tmp_path):
    onnx = pytest.importorskip("onnx")
    model = STACKS["mlp"]()
    exported = model.to("onnx", dtype="float32")
    onnx.save(exported, tmp_path / "model.onnx")
    for source in (
        tmp_path / "model.onnx",
        str(tmp_path / "model.onnx"),
        exported.SerializeToString(),
    ):
        back = nn.MLP.from_onnx(source)
        np.testing.assert_allclose(back.predict(X), model.predict(X), **SINGLE)


@pytest.mark.parametrize("name", [*STACKS, "residual"])
def test_a_file_of_numpy_in_a_process_of_its_own(name, tmp_path):
    model = Residual() if name == "residual" else STACKS[name]()
    text = model.to("numpy", **({"example": X} if name == "residual" else {}))
    assert "import autograd" not in text
    found = run_file(text, tmp_path)
    assert found.shape == model.predict(X).shape
    np.testing.assert_allclose(found, model.predict(X), **CLOSE)


@pytest.mark.parametrize("name", ["mlp", "a neuron", "mixed"])
def test_c_has_the_weights_inside(name, tmp_path):
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        pytest.skip("needs a C compiler")
    model = STACKS[name]()
    outputs = 1 if model.predict(X).ndim == 1 else model.predict(X).shape[1]
    text = model.to("c")
    rows = ", ".join(map(repr, X[0].tolist()))
    main = (
        f"{text}\n#include <stdio.h>\nint main(void)\n{{\n"
        f"    double X[] = {{{rows}}}, Y[{outputs}];\n"
        f"    predict(X, Y);\n    for (int i = 0; i < {outputs}; i++)\n"
        '        printf("%.17g\\n", Y[i]);\n    return 0;\n}\n'
    )
    (tmp_path / "network.c").write_text(main)
    command = [compiler, "-std=c99", "-o", tmp_path / "network", tmp_path / "network.c", "-lm"]
    subprocess.run(command, check=True)
    printed = subprocess.run(
        [tmp_path / "network"], check=True, capture_output=True, text=True
    ).stdout
    np.testing.assert_allclose(
        list(map(float, printed.split())), np.ravel(model.predict(X)[0]), **CLOSE
    )
    assert len(model.parameters()) == len(STACKS[name]().parameters()), "the model is not frozen"


def test_jax():
    jax = pytest.importorskip("jax")
    model = STACKS["mlp"]()
    program = model.to("jax")
    np.testing.assert_allclose(program(X), model.predict(X), **CLOSE)
    del jax


def test_equations():
    assert r"\tanh" in STACKS["mlp"]().to("latex")


def test_the_number_of_inputs_has_to_be_known():
    with pytest.raises(
        ValueError, match=r"^how many numbers does Residual\(.*\) take\? Give some samples"
    ):
        Residual().to("numpy")


class Branch(nn.Module):
    def __init__(self, is_positive):
        self.w = autograd.Value(1.0)
        self.is_positive = is_positive

    def __call__(self, x):
        return self.w * x[0] if self.is_positive([self.w, *x]) else x[1]


@pytest.mark.parametrize("kind", ["numpy", "c", "jax", "torch", "onnx", "latex"])
def test_branches_are_refused(kind):
    reads = Branch(lambda numbers: float(numbers[1]) > 0)
    with pytest.raises(
        ExportError, match=f"^{kind}: Branch cannot be exported: it reads the numbers of a sample: "
    ):
        reads.to(kind, example=X)
    compares = Branch(lambda numbers: numbers[1] > 0)
    with pytest.raises(
        ExportError, match=r"it compares the numbers of a sample \(> at .*: use autograd.where, max"
    ):
        compares.to(kind, example=X)


def test_branches_on_parameters_are_not_refused():
    model, elsewhere = Branch(lambda numbers: numbers[0] > 0), {}
    exec(model.to("numpy", example=X), elsewhere)
    np.testing.assert_allclose(elsewhere["predict"](X), model.predict(X), **CLOSE)


class Pair(nn.Module):
    def __call__(self, x):
        return x[0] * x[1], x[1] + 1.0


class Recurrent(nn.Module):
    """A model of sequences, of which each has four numbers here."""

    def __init__(self):
        self.layer = nn.Layer(3, 2, "tanh", rng=0)

    def __call__(self, x):
        state = [0.0, 0.0]
        for step in x:
            state = self.layer([step[0], *state])
        return state


@pytest.mark.parametrize(
    ("model", "example"),
    [
        (Pair(), [[1, 2]]),
        (Pair(), np.float32([[1, 2], [3, 4]])),
        (Pair(), [(1.0, 2.0)] * 3),
        (Pair(), ([1.0, 2.0] for _ in range(2))),
        (Recurrent(), np.zeros((2, 4, 1))),
    ],
)
def test_examples_are_what_predict_takes(model, example):
    text, elsewhere = model.to("numpy", example=example), {}
    exec(text, elsewhere)
    samples = X[:, :2] if isinstance(model, Pair) else X[:, :, None]
    expected = model.predict(samples)
    assert elsewhere["predict"](samples).shape == expected.shape
    np.testing.assert_allclose(elsewhere["predict"](samples), expected, **CLOSE)


@pytest.mark.parametrize("example", [[], [{"a": 1.0}], [[1.0], [2.0, 3.0]]])
def test_examples_have_one_shape(example):
    with pytest.raises(
        ValueError, match=r"^example: got a list of .*; allowed: samples of one shape, such as X"
    ):
        Pair().to("numpy", example=example)


@pytest.mark.parametrize("kind", ["torch", "onnx", "numpy"])
def test_options_that_a_kind_has_not(kind):
    pytest.importorskip(kind)
    with pytest.raises(TypeError, match=rf"^to\('{kind}'\): got the keyword dtyp; allowed: "):
        STACKS["mlp"]().to(kind, dtyp="float32")


# From PyTorch


def test_softplus_is_exact_beyond_pytorchs_threshold():
    torch = pytest.importorskip("torch")
    model = nn.Neuron(1, "softplus", nn.initializers.constant(1.0))
    x = np.linspace(-60, 60, 121)[:, None]
    np.testing.assert_allclose(run_torch(model.to("torch"), x)[:, 0], model.predict(x), rtol=1e-13)
    layer = torch.nn.Linear(1, 1)
    for threshold in (20, 30.0):
        nn.MLP.from_torch(torch.nn.Sequential(layer, torch.nn.Softplus(threshold=threshold)))
    with pytest.raises(ExportError, match="its settings are others than here"):
        nn.MLP.from_torch(torch.nn.Sequential(layer, torch.nn.Softplus(threshold=2)))


def test_single_precision_is_widened():
    torch = pytest.importorskip("torch")
    module = torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.ReLU(), torch.nn.Linear(3, 2))
    model = nn.MLP.from_torch(module)
    np.testing.assert_allclose(model.predict(X), run_torch(module.double()), **CLOSE)


def test_a_state_dict():
    torch = pytest.importorskip("torch")

    class Net(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.fc1, self.fc2 = torch.nn.Linear(4, 5), torch.nn.Linear(5, 3, bias=False)

        def forward(self, x):
            return torch.softmax(self.fc2(torch.tanh(self.fc1(x))), dim=1)

    module = Net().double()
    model = nn.MLP.from_torch(module.state_dict(), activation="tanh", output="softmax")
    np.testing.assert_allclose(model.predict(X), run_torch(module), **CLOSE)
    with pytest.raises(
        ExportError, match=r"^PyTorch: Net cannot be read: .*give state_dict\(\) with"
    ):
        nn.MLP.from_torch(module)
    with pytest.raises(
        ValueError, match=r"^activation: got a list of 2; allowed: one activation for"
    ):
        nn.MLP.from_torch(module.state_dict(), activation=["tanh", "relu"])
    conv = torch.nn.Conv1d(1, 2, 3).state_dict()
    with pytest.raises(
        ExportError, match=r"weight of shape \(2, 1, 3\) cannot be read: it is of no"
    ):
        nn.MLP.from_torch(conv)


def test_what_has_no_counterpart():
    torch = pytest.importorskip("torch")
    layer = torch.nn.Linear(2, 2)
    for module in (torch.nn.GELU("tanh"), torch.nn.LeakyReLU(0.2), torch.nn.Softmax(dim=0)):
        with pytest.raises(ExportError, match="its settings are others than here"):
            nn.MLP.from_torch(torch.nn.Sequential(layer, module))
    with pytest.raises(ExportError, match=r"^PyTorch: Conv1d\(.* cannot be read: a Sequential may"):
        nn.MLP.from_torch(torch.nn.Sequential(torch.nn.Conv1d(1, 1, 1)))
    with pytest.raises(
        ExportError, match=r"^MLP has dense layers alone, .* here is Dropout\(0.5\)"
    ):
        nn.MLP.from_torch(torch.nn.Sequential(layer, torch.nn.Dropout()))
    with pytest.raises(ValueError, match=r"^there is no dense layer in it$"):
        nn.Sequential.from_torch(torch.nn.Tanh())
    with pytest.raises(
        ValueError, match="2 outputs is followed by one of 3 inputs: the layers are not"
    ):
        nn.MLP.from_torch(torch.nn.Sequential(layer, torch.nn.Linear(3, 1)))


# From ONNX


def graph_of(*nodes, dtype=np.float64, **numbers):
    onnx = pytest.importorskip("onnx")
    helper, code = onnx.helper, onnx.helper.np_dtype_to_tensor_dtype(np.dtype(dtype))
    made, signal = [], "X"
    for k, (op, inputs, settings) in enumerate(nodes):
        names = [signal if name is None else name for name in inputs]
        made.append(helper.make_node(op, names, [f"t{k}"], **settings))
        signal = f"t{k}"
    rows = [onnx.numpy_helper.from_array(np.asarray(x, dtype), name) for name, x in numbers.items()]
    graph = helper.make_graph(
        made, "g", [helper.make_tensor_value_info("X", code, ["n", 2])],
        [helper.make_tensor_value_info(signal, code, None)], rows,
    )  # fmt: skip
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)


W, b = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]), np.array([0.5, -0.5, 0.25])


@pytest.mark.parametrize(
    ("nodes", "numbers"),
    [
        ([("Gemm", [None, "W", "b"], {"transB": 1})], {"W": W, "b": b}),
        ([("Gemm", [None, "W", "b"], {"alpha": 0.5, "beta": 2.0})], {"W": 2 * W.T, "b": b / 2}),
        ([("MatMul", [None, "W"], {}), ("Add", [None, "b"], {})], {"W": W.T, "b": b}),
        ([("MatMul", [None, "W"], {}), ("Add", ["b", None], {})], {"W": W.T, "b": b[None]}),
    ],
)  # fmt: skip
def test_dense_layers_of_onnx(nodes, numbers):
    model = graph_of(*nodes, ("Tanh", [None], {}), **numbers)
    network = nn.MLP.from_onnx(model)
    assert network.architecture() == "MLP(2, [3], output='tanh')"
    np.testing.assert_allclose(network.predict(X[:, :2]), np.tanh(X[:, :2] @ W.T + b), **CLOSE)


@pytest.mark.parametrize(
    ("nodes", "message"),
    [
        (
            [("Sin", [None], {})],
            "Sin cannot be read: a stack of dense layers has Gemm, MatMul",
        ),
        (
            [("Gemm", [None, "W"], {"transA": 1})],
            "Gemm cannot be read: its weights are no constant",
        ),
        ([("Gemm", ["W", None], {})], "Gemm cannot be read: its weights are no constant matrix"),
        ([("Add", [None, None], {})], "Add cannot be read: only one path from input to output"),
        (
            [("Softmax", [None], {"axis": 0})],
            "Softmax cannot be read: its axis is not that of",
        ),
        ([("Elu", [None], {"alpha": 0.5})], "Elu cannot be read: its alpha is not 1"),
    ],
)
def test_what_onnx_may_not_have(nodes, message):
    model = graph_of(("Gemm", [None, "V"], {}), *nodes, V=W.T, W=W)
    with pytest.raises(ExportError, match=f"^ONNX: the node {message}"):
        nn.MLP.from_onnx(model)


def test_what_is_no_onnx_model():
    pytest.importorskip("onnx")
    with pytest.raises(
        TypeError, match=r"^model: got an int \(3\); allowed: a path, bytes or an onnx"
    ):
        nn.MLP.from_onnx(3)


# From scikit-learn


@pytest.mark.parametrize("activation", ["identity", "logistic", "tanh", "relu"])
@pytest.mark.parametrize("names", [[0, 1], ["a", "b"], [0, 1, 2], [3, 7], ["x", "y", "z"]], ids=str)
def test_a_classifier_of_scikit_learn(activation, names):
    network = pytest.importorskip("sklearn.neural_network")
    y = np.array(names)[np.arange(7) % len(names)]
    theirs = network.MLPClassifier([5, 3], activation=activation, max_iter=20, random_state=0)
    with pytest.warns(Warning, match="Maximum iterations|Stochastic Optimizer"):
        theirs.fit(X, y)
    model = nn.MLP.from_sklearn(theirs)
    np.testing.assert_allclose(model.predict_proba(X), theirs.predict_proba(X), **CLOSE)
    assert (model.predict_classes(X) == theirs.predict(X)).all()
    np.testing.assert_allclose(shaped(run_onnx(model.to("onnx")), model), model.predict(X), **CLOSE)


def test_a_regressor_of_scikit_learn():
    network = pytest.importorskip("sklearn.neural_network")
    theirs = network.MLPRegressor(hidden_layer_sizes=[5], max_iter=2000, random_state=0).fit(
        X, X[:, :2]
    )
    np.testing.assert_allclose(nn.MLP.from_sklearn(theirs).predict(X), theirs.predict(X), **CLOSE)
    with pytest.raises(
        TypeError, match=r"^estimator: got an MLPRegressor .*allowed: a trained MLPCl"
    ):
        nn.MLP.from_sklearn(network.MLPRegressor())


def fitted(estimator, targets):
    with pytest.warns(Warning, match="Maximum iterations|Stochastic Optimizer"):
        return estimator.fit(X, targets)


def test_a_regressor_of_scikit_learn_has_numbers():
    network = pytest.importorskip("sklearn.neural_network")
    theirs = fitted(network.MLPRegressor(hidden_layer_sizes=[5], max_iter=2), X[:, 0])
    model = nn.MLP.from_sklearn(theirs)
    np.testing.assert_allclose(model.predict(X), theirs.predict(X), **CLOSE)
    with pytest.raises(ValueError, match="the outputs of this MLP are numbers, not probabilities"):
        model.predict_proba(X)


def test_several_labels_a_sample_are_refused():
    network = pytest.importorskip("sklearn.neural_network")
    theirs = fitted(network.MLPClassifier([5], max_iter=2, random_state=0), X > 0)
    with pytest.raises(
        ExportError, match=r"^MLPClassifier: several labels a sample cannot be read: a network here"
    ):
        nn.MLP.from_sklearn(theirs)


def test_a_poisson_regressor_of_scikit_learn_is_refused():
    network = pytest.importorskip("sklearn.neural_network")
    theirs = network.MLPRegressor(loss="poisson", hidden_layer_sizes=[5], max_iter=2)
    fitted(theirs, np.abs(X[:, 0]))
    with pytest.raises(
        ExportError, match=r"^MLPRegressor: the activation 'exp' cannot be read: here are identity"
    ):
        nn.MLP.from_sklearn(theirs)
