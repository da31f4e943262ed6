"""Networks that go to other libraries, and come from them, compute what ours do."""

import ctypes
import shutil
import subprocess
import sys
import warnings

import numpy as np
import pytest

import autograd
import nn
from autograd.export import ExportError
from nn.interchange import ImportRefusedError

ELEMENTWISE = [name for name, entry in nn.ACTIVATIONS.items() if not entry.whole]
COMPILER = shutil.which("gcc") or shutil.which("cc")


class Residual(nn.Module):
    """A user's model with a loop and two outputs."""

    def __init__(self):
        self.layers = [nn.Layer(2, 2, "tanh", rng=i) for i in range(3)]

    def __call__(self, x):
        signal = x
        for layer in self.layers:
            signal = [a + b for a, b in zip(signal, layer(signal), strict=True)]
        return signal[0], signal[1] * 2


MODELS = {
    "one output": lambda: nn.MLP(3, [4, 1], "tanh", rng=0),
    "several": lambda: nn.MLP(3, [5, 4, 3, 2, 2], ["relu", "silu", "elu", "gelu"], rng=1),
    "softmax": lambda: nn.MLP(3, [4, 3], output="softmax", rng=2),
    "no bias": lambda: nn.MLP(3, [4, 2], rng=3, bias=False),
    "one layer": lambda: nn.Layer(3, 1, "sigmoid", rng=4),
    "neuron": lambda: nn.Neuron(3, "softplus", rng=5),
    "norm": lambda: nn.Sequential(nn.Layer(3, 4, rng=6), nn.LayerNorm(4), nn.Layer(4, 2, rng=7)),
    "function": lambda: nn.MLP(3, [4, 1], lambda x: autograd.sin(x) + x, rng=8),
    **{name: lambda name=name: nn.MLP(3, [4, 2], name, rng=9) for name in ELEMENTWISE},
}


def samples(count=7, width=3):
    return np.random.default_rng(0).normal(size=(count, width)) * 3


@pytest.fixture(params=MODELS)
def model(request):
    return MODELS[request.param]()


def in_onnx(proto, X):
    runtime = pytest.importorskip("onnxruntime", reason="ONNX Runtime is not installed")
    session = runtime.InferenceSession(proto.SerializeToString())
    return session.run(None, {session.get_inputs()[0].name: X})


@pytest.mark.parametrize("count", [1, 7, 1000])
def test_onnx(model, count):
    pytest.importorskip("onnx", reason="the extra onnx is not installed")
    X = samples(count)
    expected = model.predict(X)
    proto = model.to("onnx")
    if any(node.op_type == "Erf" for node in proto.graph.node):
        pytest.skip("ONNX Runtime has Erf in single precision only")
    (result,) = in_onnx(proto, X)
    assert result.shape == expected.shape
    np.testing.assert_allclose(result, expected, rtol=1e-12, atol=1e-12)


def test_onnx_in_single_precision(model):
    pytest.importorskip("onnx", reason="the extra onnx is not installed")
    X = samples()
    (result,) = in_onnx(model.to("onnx", dtype="float32"), X.astype(np.float32))
    assert result.dtype == np.float32
    np.testing.assert_allclose(result, model.predict(X), rtol=1e-4, atol=1e-5)


def test_torch(model):
    torch = pytest.importorskip("torch", reason="the extra torch is not installed")
    X = samples()
    network = model.to("torch")
    result = network(torch.as_tensor(X))
    np.testing.assert_allclose(result.detach(), model.predict(X), rtol=1e-12, atol=1e-12)
    result.sum().backward()
    assert all(p.grad is not None for p in network.parameters())


def test_layers_are_torchs_own():
    torch = pytest.importorskip("torch", reason="the extra torch is not installed")
    model = nn.MLP(2, [3, 1], rng=0)
    model.layers[0].freeze()
    kinds = [type(part).__name__ for part in model.to("torch")]
    assert kinds == ["Linear", "ReLU", "Linear", "Flatten"]
    assert [p.requires_grad for p in model.to("torch").parameters()] == [False] * 2 + [True] * 2
    assert model.to("torch", dtype="float32")[0].weight.dtype == torch.float32


def test_jax(model):
    jax = pytest.importorskip("jax", reason="the extra jax is not installed")
    X = samples()
    network = model.to("jax")
    with network.precision():
        result = jax.jit(network)(network.params, X)
        each = jax.vmap(network, in_axes=(None, 0))(network.params, X)
        slopes = jax.grad(lambda params: network(params, X).sum())(network.params)
    np.testing.assert_allclose(result, model.predict(X), rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(each, result, rtol=1e-12, atol=1e-12)
    assert slopes.keys() == network.params.keys()
    assert result.dtype == np.float64


def test_numpy_in_a_process_of_its_own(tmp_path):
    model, X = nn.MLP(3, [4, 3], output="softmax", rng=0), samples()
    model.to("numpy", path=tmp_path / "network.py")
    code = f"import network; print(repr(network.predict({X.tolist()}).tolist()))"
    run = [sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, '.'); {code}"]
    done = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True, check=True)
    np.testing.assert_allclose(eval(done.stdout), model.predict(X), rtol=1e-12)


def test_numpy(model):
    elsewhere = {}
    exec(model.to("numpy"), elsewhere)
    X = samples()
    np.testing.assert_allclose(elsewhere["predict"](X), model.predict(X), rtol=1e-12, atol=1e-14)


@pytest.mark.skipif(COMPILER is None, reason="there is no C compiler")
def test_c(model, tmp_path):
    model.to("c", path=tmp_path / "network.c")
    flags = ["-std=c99", "-O1", "-Wall", "-Werror", "-shared", "-fPIC"]
    target = ["-o", "network.so", "network.c", "-lm"]
    subprocess.run([COMPILER, *flags, *target], cwd=tmp_path, check=True)
    X, expected = samples(), model.predict(samples())
    result = np.zeros(expected.shape)
    pointer = ctypes.POINTER(ctypes.c_double)
    predict = ctypes.CDLL(str(tmp_path / "network.so")).predict
    assert predict(X.ctypes.data_as(pointer), len(X), result.ctypes.data_as(pointer)) == 0
    np.testing.assert_allclose(result, expected, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("example", [[[1, 2]], np.float32([[1, 2], [3, 4]]), [[1.0, 2.0]] * 3])
def test_a_model_of_the_users(example):
    model, X = Residual(), samples(5, 2)
    elsewhere = {}
    exec(model.to("numpy", example=example), elsewhere)
    assert elsewhere["predict"](X).shape == model.predict(X).shape == (5, 2)
    np.testing.assert_allclose(elsewhere["predict"](X), model.predict(X), rtol=1e-12)


def test_the_inputs_have_to_be_known():
    with pytest.raises(ExportError, match=r"inputs of this Residual are unknown: .*example=X"):
        Residual().to("numpy")
    with pytest.raises(ValueError, match="example: got a list of 0; allowed: samples of equal"):
        Residual().to("numpy", example=[])


class Branch(nn.Module):
    def __init__(self, look):
        self.slope = autograd.Value(2.0)
        self.look = look

    def __call__(self, x):
        return self.slope * x[0] if self.look(x) else x[1] * 1.0


def test_branches_are_refused():
    with pytest.raises(ExportError, match="this Branch cannot be exported, as Python branches on"):
        Branch(lambda x: x[0] > 0).to("numpy", example=[[1.0, 2.0]])
    with pytest.raises(ExportError, match="this Branch cannot be exported, as it needs the num"):
        Branch(lambda x: float(x[0])).to("numpy", example=[[1.0, 2.0]])


def test_wrong_arguments():
    model = nn.Neuron(1)
    with pytest.raises(ValueError, match=r"kind: got a str .'onx'.*did you mean 'onnx'"):
        model.to("onx")
    with pytest.raises(ValueError, match=r"path: .*allowed: None for 'torch'"):
        model.to("torch", path="x.pt")
    with pytest.raises(TypeError, match="dtyp"):
        model.to("onnx", dtyp="float32")


def same(ours, theirs):
    """Whether two networks are the same, bit for bit."""
    return ours.architecture() == theirs.architecture() and ours.state_dict() == theirs.state_dict()


@pytest.mark.parametrize("name", ELEMENTWISE)
@pytest.mark.parametrize("sizes", [[2], [3, 1], [4, 3, 2], [2] * 5])
@pytest.mark.parametrize("bias", [True, False])
def test_to_torch_and_back(name, sizes, bias):
    pytest.importorskip("torch", reason="the extra torch is not installed")
    model = nn.MLP(3, sizes, name, rng=0, bias=bias)
    assert same(nn.MLP.from_torch(model.to("torch")), model)
    again = nn.MLP.from_torch(model.to("torch").state_dict(), activation=name)
    assert same(again, model)


def test_from_torch():
    torch = pytest.importorskip("torch", reason="the extra torch is not installed")
    t = torch.nn
    inner = t.Sequential(t.Linear(4, 3, bias=False), t.GELU(), t.Identity())
    module = t.Sequential(t.Linear(2, 4), t.Tanh(), inner, t.Linear(3, 2), t.Softmax(dim=1))
    model, X = nn.MLP.from_torch(module), samples(5, 2)
    text = "MLP(2, [4, 3, 2], activation=['tanh', 'gelu'], output='softmax')"
    assert model.architecture() == text
    assert (model.layers[1].b == 0).all()
    expected = module(torch.as_tensor(X, dtype=torch.float32)).detach().numpy()
    np.testing.assert_allclose(model.predict(X), expected, rtol=1e-5)
    expected = module.double()(torch.as_tensor(X)).detach().numpy()
    np.testing.assert_allclose(model.predict(X), expected, rtol=1e-12)


def test_what_torch_has_and_we_have_not():
    torch = pytest.importorskip("torch", reason="the extra torch is not installed")
    t = torch.nn

    def refused(*parts):
        with pytest.raises(ImportRefusedError) as caught:
            nn.MLP.from_torch(t.Sequential(*parts))
        return str(caught.value)

    start = t.Linear(2, 2)
    assert "Sequential: 1 (Conv1d) cannot be imported: an MLP has" in refused(
        start, t.Conv1d(1, 1, 1)
    )
    assert "its negative_slope is 0.2, and ours 0.01" in refused(start, t.LeakyReLU(0.2))
    assert "its approximate is 'tanh'" in refused(start, t.GELU("tanh"))
    assert "it follows the activation 'tanh'" in refused(start, t.Tanh(), t.ReLU())
    assert "it comes before the first layer" in refused(t.Tanh(), start)
    assert "it takes 3 inputs, and 0 (Linear) has 2 outputs" in refused(start, t.Linear(3, 1))
    assert "it has no fully connected layer" in refused()

    class Own(t.Module):
        pass

    assert "1 (Own) cannot be imported: only Sequential says" in refused(start, Own())
    with pytest.raises(ValueError, match=r"activation: .*None for a module, which has its own"):
        nn.MLP.from_torch(start, activation="tanh")


def test_states_are_checked():
    W = {"a.weight": [[1.0, 2.0]]}
    with pytest.raises(ImportRefusedError, match=r"a\.running_mean cannot be imported"):
        nn.MLP.from_torch({**W, "a.running_mean": [1.0]})
    with pytest.raises(ImportRefusedError, match=r"b\.bias cannot be imported: it has no weight"):
        nn.MLP.from_torch({**W, "b.bias": [1.0]})
    with pytest.raises(ImportRefusedError, match="it has 1 outputs, and 2 biases"):
        nn.MLP.from_torch({**W, "a.bias": [1.0, 2.0]})
    with pytest.raises(ImportRefusedError, match=r"shape \(2,\); allowed: \(outputs, inputs\)"):
        nn.MLP.from_torch({"a.weight": [1.0, 2.0]})
    with pytest.raises(ValueError, match="one activation for each of the 0 hidden layers"):
        nn.MLP.from_torch(W, activation=["tanh"])
    with pytest.raises(TypeError, match=r"source: got .*allowed: a torch.nn.Module"):
        nn.MLP.from_torch(3)


@pytest.mark.parametrize("names", [["no", "yes"], [0, 1], [3, 5], ["a", "b", "c"], [0, 1, 2]])
@pytest.mark.parametrize("activation", ["identity", "logistic", "tanh", "relu"])
def test_classifiers_of_scikit_learn(names, activation):
    networks = pytest.importorskip("sklearn.neural_network", reason="scikit-learn is not installed")
    X = samples(60, 2)
    Y = np.array(names)[np.digitize(X[:, 0], [0.0, 1.5][: len(names) - 1])]
    theirs = networks.MLPClassifier((5, 4), activation, max_iter=5, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs.fit(X, Y)
    ours = nn.MLP.from_sklearn(theirs)
    np.testing.assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), rtol=1e-12)
    expected = theirs.predict(X)
    if names == [3, 5]:
        expected = expected.astype(str)
    assert ours.predict_classes(X).tolist() == expected.tolist()


@pytest.mark.parametrize("outputs", [1, 2])
def test_regressors_of_scikit_learn(outputs):
    networks = pytest.importorskip("sklearn.neural_network", reason="scikit-learn is not installed")
    X = samples(60, 2)
    Y = X[:, 0] if outputs == 1 else X
    theirs = networks.MLPRegressor(hidden_layer_sizes=(5,), max_iter=5, random_state=0)
    with pytest.raises(TypeError, match="MLPClassifier or MLPRegressor that is fitted"):
        nn.MLP.from_sklearn(theirs)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs.fit(X, Y)
    ours = nn.MLP.from_sklearn(theirs)
    np.testing.assert_allclose(ours.predict(X), theirs.predict(X), rtol=1e-12)
    assert ours.output_kind.kind == "numbers"


def test_several_labels_a_sample_are_refused():
    networks = pytest.importorskip("sklearn.neural_network", reason="scikit-learn is not installed")
    X = samples(20, 2)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = networks.MLPClassifier((2,), max_iter=2).fit(X, X > 0)
    with pytest.raises(ImportRefusedError, match="several labels a sample cannot be imported"):
        nn.MLP.from_sklearn(theirs)


def test_activations_of_scikit_learn_that_we_have_not():
    networks = pytest.importorskip("sklearn.neural_network", reason="scikit-learn is not installed")
    theirs = networks.MLPRegressor(hidden_layer_sizes=(2,), max_iter=2)
    X = samples(20, 2)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs.fit(X, X[:, 0])
    theirs.out_activation_ = "exp"
    with pytest.raises(ImportRefusedError, match="MLPRegressor: exp cannot be imported: an MLP ha"):
        nn.MLP.from_sklearn(theirs)


@pytest.mark.parametrize("name", ELEMENTWISE)
@pytest.mark.parametrize("sizes", [[2], [3, 1], [4, 3, 2], [2] * 5])
@pytest.mark.parametrize("bias", [True, False])
def test_to_onnx_and_back(name, sizes, bias):
    pytest.importorskip("onnx", reason="the extra onnx is not installed")
    last = "softmax" if sizes[-1] > 1 else name
    model = nn.MLP(3, sizes, name, output=last, rng=0, bias=bias)
    assert same(nn.MLP.from_onnx(model.to("onnx")), model)
    single = nn.MLP.from_onnx(model.to("onnx", dtype="float32").SerializeToString())
    assert single.architecture() == model.architecture()
    np.testing.assert_allclose(
        single.predict(samples()), model.predict(samples()), rtol=1e-5, atol=1e-6
    )


def test_from_scikit_learn_to_onnx(tmp_path):
    networks = pytest.importorskip("sklearn.neural_network", reason="scikit-learn is not installed")
    pytest.importorskip("onnx", reason="the extra onnx is not installed")
    X = samples(60, 3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = networks.MLPClassifier((5,), max_iter=5).fit(X, np.digitize(X[:, 0], [-1, 1]))
    nn.MLP.from_sklearn(theirs).to("onnx", path=tmp_path / "network.onnx")
    again = nn.MLP.from_onnx(tmp_path / "network.onnx")
    np.testing.assert_allclose(again.predict(X), theirs.predict_proba(X), rtol=1e-12)


def onnx_model(nodes, numbers):
    onnx = pytest.importorskip("onnx", reason="the extra onnx is not installed")
    helper, double = onnx.helper, onnx.TensorProto.DOUBLE
    made = [helper.make_node(op, ins.split(), [out], **rest) for op, ins, out, rest in nodes]
    values = [onnx.numpy_helper.from_array(np.array(x), name) for name, x in numbers.items()]
    ends = [helper.make_tensor_value_info(name, double, None) for name in ("x", "y")]
    return helper.make_model(helper.make_graph(made, "g", ends[:1], ends[1:], values))


W, B = [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], [0.1, 0.2, 0.3]


@pytest.mark.parametrize(
    ("nodes", "turned"),
    [
        ([("Gemm", "x W b", "y", {"transB": 1})], False),
        ([("Gemm", "x W b", "y", {})], True),
        ([("MatMul", "x W", "z", {}), ("Add", "z b", "y", {})], True),
        ([("MatMul", "x W", "z", {}), ("Add", "b z", "y", {})], True),
    ],
)
def test_layers_of_onnx(nodes, turned):
    weights = np.transpose(W) if turned else W
    model = nn.MLP.from_onnx(onnx_model(nodes, {"W": weights, "b": B}))
    assert model.layers[0].W.tolist() == W
    assert model.layers[0].b.tolist() == B


@pytest.mark.parametrize(
    ("node", "text"),
    [
        (("Conv", "z", "y", {}), r"y \(Conv\) cannot be imported: an MLP has Gemm"),
        (("Sin", "z", "y", {}), r"y \(Sin\) cannot be imported"),
        (("Elu", "z", "y", {"alpha": 2.0}), r"y \(Elu\) cannot .*: its alpha is 2.0; allowed"),
        (("Relu", "x", "y", {}), "it does not take what the last node returns"),
        (("Flatten", "z", "y", {}), "only a single output can be taken out of its row"),
        (("MatMul", "z z", "y", {}), "it is not the last signal times weights"),
        (("Gemm", "z W", "y", {"alpha": 2.0}), "alpha and beta have to be 1"),
    ],
)
def test_what_onnx_has_and_we_have_not(node, text):
    proto = onnx_model([("Gemm", "x W b", "z", {"transB": 1}), node], {"W": W, "b": B})
    with pytest.raises(ImportRefusedError, match=text):
        nn.MLP.from_onnx(proto)


def test_a_users_activation_is_not_imported():
    pytest.importorskip("onnx", reason="the extra onnx is not installed")
    model = nn.MLP(2, [2, 1], autograd.sin, rng=0)
    with pytest.raises(ImportRefusedError, match=r"\(Sin\) cannot be imported"):
        nn.MLP.from_onnx(model.to("onnx"))
    with pytest.raises(TypeError, match=r"source: got .*allowed: a path, bytes or an onnx"):
        nn.MLP.from_onnx(3)


def test_a_softmax_over_samples_is_refused():
    nodes = [("Transpose", "x", "t", {}), ("MatMul", "W t", "z", {}), ("Softmax", "z", "y", {})]
    with pytest.raises(ImportRefusedError, match=r"y \(Softmax\) .*: it would be over the samples"):
        nn.MLP.from_onnx(onnx_model(nodes, {"W": W}))
    nodes = [("Gemm", "x W b", "z", {"transB": 1})]
    nodes += [("ReduceMax", "z axes", "m", {"keepdims": 1}), ("Sub", "z m", "s", {})]
    nodes += [("Exp", "s", "e", {}), ("ReduceSum", "e axes", "n", {"keepdims": 1})]
    nodes += [("Div", "e n", "y", {})]
    with pytest.raises(ImportRefusedError, match=r"m \(ReduceMax\) cannot be imported"):
        nn.MLP.from_onnx(onnx_model(nodes, {"W": W, "b": B, "axes": [0]}))
