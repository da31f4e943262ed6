"""`autograd.compile` as users call it: structures, variants, batches, parameters, errors."""

import numpy as np
import pytest

import autograd
import nn
from autograd import Value
from autograd.compiler.executors.specialization import Specialization

RNG = np.random.default_rng(0)
ENGINES = pytest.mark.parametrize("engine", ["numpy", "blocked", "tape"])


def neuron(w, x):
    """A sum of products, a bias, and a tanh."""
    return autograd.tanh(sum(a * b for a, b in zip(w["w"], x, strict=True)) + w["b"])


@ENGINES
def test_gradients_come_back_in_the_structure_of_the_arguments(engine):
    step = autograd.compile(neuron, wrt="w", engine=engine)
    weights = {"w": [0.5, -1.0], "b": 0.25}
    value, gradients = step(weights, [1.0, 2.0])
    z = 0.5 - 2.0 + 0.25
    slope = 1 - np.tanh(z) ** 2
    assert value == pytest.approx(np.tanh(z), rel=1e-15)
    assert gradients.keys() == {"w", "b"}
    assert gradients["w"] == pytest.approx([slope, 2 * slope], rel=1e-14)
    assert type(gradients["w"]) is list
    assert gradients["b"] == pytest.approx(slope, rel=1e-14)


@ENGINES
def test_arrays_tuples_and_numbers(engine):
    step = autograd.compile(lambda p, x: p[0][0] * p[0][1] * x + p[1], engine=engine)
    value, (by_p, by_x) = step((np.array([2.0, 3.0]), 4.0), 5.0)
    assert value == 34.0
    assert isinstance(by_p, tuple)
    assert isinstance(by_p[0], np.ndarray)
    assert by_p[0].tolist() == [15.0, 10.0]
    assert (by_p[1], by_x) == (1.0, 6.0)
    again = step((np.array([1.0, 1.0]), 1.0), 1.0)  # the straight-line call
    assert (again[0], again[1][0][0].tolist(), again[1][1]) == (2.0, [1.0, 1.0], 1.0)


@pytest.mark.parametrize("engine", ["numpy", "blocked", "tape"])
@pytest.mark.parametrize(
    "rows",
    [
        [np.array([1.0, 2.0]), np.array([3.0, 4.0])],
        [np.array([1.0, 2.0]), [3.0, 4.0]],
        [(1.0, 2.0), (3.0, 4.0)],
        ((1.0, 2.0), (3.0, 4.0)),
        ([1.0, 2.0], [3.0, 4.0]),
        ([1.0, 2.0], (3.0, 4.0)),
        [[1.0, 2.0], [3.0]],
        np.array([[1.0, 2.0], [3.0, 4.0]]),
    ],
)
def test_gradients_have_the_structure_of_the_argument(engine, rows):
    def squares(rows):
        return autograd.sum([x * x for row in rows for x in row])

    expected = autograd.grad(squares)(rows)
    step = autograd.compile(squares, engine=engine)
    for _ in range(2):  # as it is traced, and as it is called quickly
        assert repr(step(rows)[1]) == repr(expected)


@pytest.mark.parametrize("engine", ["numpy", "blocked", "tape"])
def test_functions_of_arrays_are_written_as_for_numpy(engine):
    def total(W, x):
        return np.tanh(W @ x).sum()

    W, x = np.array([[0.5, -1.0, 2.0], [0.1, 0.2, 0.3]]), np.array([1.0, 0.5, -0.25])
    step = autograd.compile(total, engine=engine)
    value, gradients = step(W, x)
    assert value == pytest.approx(np.tanh(W @ x).sum(), rel=1e-14)
    for got, eager in zip(gradients, autograd.grad(total, argnums=(0, 1))(W, x), strict=True):
        np.testing.assert_allclose(got, eager, rtol=1e-13)
    assert "Z1 = W @ x" in step.source
    batch = autograd.compile(total, batch="x", engine=engine)
    X = np.array([x, -2 * x, x + 1])
    value, dW = batch(W, X)
    assert value == pytest.approx(np.tanh(W @ X.T).sum() / 3, rel=1e-14)
    np.testing.assert_allclose(dW, (1 - np.tanh(W @ X.T) ** 2) @ X / 3, rtol=1e-13)


@pytest.mark.parametrize("engine", ["numpy", "blocked", "tape"])
def test_arguments_are_given_by_name_and_by_default(engine):
    step = autograd.compile(lambda x, y=2.0, name="sum": x * y + (name == "sum"), engine=engine)
    for _ in range(2):  # as it is traced, and as it is called quickly
        assert step(3.0) == (7.0, (2.0, 3.0))
        assert step(3.0, y=4.0) == (13.0, (4.0, 3.0))
        assert step(y=4.0, x=3.0, name="none") == step(3.0, 4.0, "none") == (12.0, (4.0, 3.0))
        assert step.value(name="none", x=3.0) == 6.0
    w = Value(2.0, "w")
    step = autograd.compile(lambda x, scale=3.0: w * x * scale, batch="x", engine=engine)
    assert step.backward(x=[1.0, 3.0], fresh=True) == 12.0
    assert w.grad == 6.0
    forward = autograd.compile(lambda x, y=2.0: [x, x * y], gradients=False, engine=engine)
    assert forward(1.5) == forward(x=1.5) == [1.5, 3.0]


def test_defaults_are_those_of_now():
    def inner(x, *, by=2.0, plus=1.0):
        return by * x + plus

    def f(x, y=3.0, *, z=0.5):
        return inner(x) * y + z

    step = autograd.compile(f, wrt="x")
    assert step(1.0) == step(1.0) == (9.5, 6.0)
    f.__defaults__ = (4.0,)
    assert step(1.0) == step(1.0) == (12.5, 8.0)
    f.__kwdefaults__["z"] = 1.5
    assert step.value(1.0) == step.value(1.0) == 13.5
    inner.__kwdefaults__ = {"by": 3.0, "plus": 1.0}
    assert step(1.0) == step(1.0) == (17.5, 12.0)
    inner.__kwdefaults__["plus"] = 0.0
    assert step.backward(1.0) == step.backward(1.0) == 13.5
    assert step(1.0, 2.0) == (7.5, 6.0)


def test_a_new_shape_makes_a_variant():
    step = autograd.compile(lambda xs: autograd.sum([x * x for x in xs]))
    assert step([1.0, 2.0]) == (5.0, [2.0, 4.0])
    assert step([1.0, 2.0, 3.0]) == (14.0, [2.0, 4.0, 6.0])
    assert step(np.array([3.0]))[1].tolist() == [6.0]
    assert repr(step) == "<compiled <lambda>(xs), 3 variants>"


@ENGINES
def test_parameters_are_read_afresh_at_each_call(engine):
    w = Value(2.0, "w")
    step = autograd.compile(lambda x: w * x * x, wrt=[], engine=engine)
    assert step(3.0) == (18.0, {"w": 9.0})
    w.data = 5.0
    assert step(3.0) == (45.0, {"w": 9.0})
    assert step.backward(2.0) == 20.0
    assert step.backward(2.0) == 20.0
    assert w.grad == 8.0
    assert step.backward(2.0, fresh=True) == 20.0
    assert w.grad == 4.0
    assert step.value(1.0) == 5.0


@ENGINES
@pytest.mark.parametrize("reduce", ["mean", "sum"])
def test_a_batch_is_the_mean_or_sum_of_its_samples(engine, reduce):
    model = nn.MLP(3, [4, 2], activation="tanh", rng=0)

    def loss(x, y):
        return nn.mse(model(x), [y, y * y])

    step = autograd.compile(loss, batch=("x", "y"), reduce=reduce, engine=engine)
    X, Y = RNG.normal(size=(7, 3)), RNG.normal(size=7)
    value = step.backward(X, Y)
    found = autograd.get_data(model.parameters(), grads=True)
    model.zero_grad()
    losses = [loss(x.tolist(), float(y)) for x, y in zip(X, Y, strict=True)]
    total = autograd.mean(losses) if reduce == "mean" else autograd.sum(losses)
    total.backward()
    assert value == pytest.approx(total.data, rel=1e-13)
    assert found == pytest.approx(autograd.get_data(model.parameters(), grads=True), rel=1e-12)


def test_a_comparison_that_changes_makes_a_variant():
    step = autograd.compile(lambda x: x * x if x < 1 else 3 * x)
    assert step(0.5) == (0.25, 1.0)
    assert step(2.0) == (6.0, 3.0)
    assert step(0.25) == (0.0625, 0.5)
    assert sum(map(len, step.variants.values())) == 2


@ENGINES
def test_the_first_batch_without_comparisons_runs_once(engine, monkeypatch):
    runs = []
    computed = Specialization.computed
    monkeypatch.setattr(
        Specialization, "computed", lambda self, numbers: runs.append(1) or computed(self, numbers)
    )
    step = autograd.compile(lambda x: x * x, batch=["x"], engine=engine)
    assert step(np.array([1.0, 2.0, 4.0]))[0] == 7.0
    assert len(runs) == 1


def test_a_batch_is_divided_where_comparisons_differ():
    w = Value(3.0, "w")
    step = autograd.compile(lambda x: w * x if x > 0 else w * w, batch="x")
    X = np.array([1.0, -1.0, 2.0, -5.0])
    assert step.backward(X) == pytest.approx((3 + 9 + 6 + 9) / 4)
    assert w.grad == pytest.approx((1 + 6 + 2 + 6) / 4)
    w.zero_grad()
    assert step.backward(-X) == pytest.approx((9 + 3 + 9 + 15) / 4)
    assert type(step.backward(X)) is float


def test_take_selects_when_the_program_runs():
    step = autograd.compile(lambda rows, i: autograd.sum(autograd.take(rows, i)))
    rows = np.arange(6.0).reshape(3, 2)
    for i in range(3):
        value, gradient = step(rows, i)
        assert value == rows[i].sum()
        assert gradient.tolist() == [[float(j == i)] * 2 for j in range(3)]
    assert sum(map(len, step.variants.values())) == 1
    for i in (-1, 3):
        with pytest.raises(IndexError, match=f"selects with {i}; allowed are .* 0 to 2"):
            step(rows, i)


def test_cross_entropy_takes_a_target_when_the_program_runs():
    step = autograd.compile(autograd.cross_entropy)
    value, gradient = step([1.0, 2.0, 0.5], 1)
    logits = [Value(x) for x in (1.0, 2.0, 0.5)]
    loss = autograd.cross_entropy(logits, 1)
    loss.backward()
    assert value == pytest.approx(loss.data, rel=1e-15)
    assert gradient == pytest.approx([z.grad for z in logits], rel=1e-14)


@pytest.mark.parametrize(
    ("read", "what"),
    [
        (lambda x: x.data * x, r"\.data"),
        (lambda x: float(x) * x, r"float\(\)"),
        (lambda x: int(x) * x, r"int\(\)"),
        (lambda x: Value(len(f"{x:.1f}")) * x, r"format\(\)"),
    ],
)
def test_reading_a_number_while_traced_is_an_error(read, what):
    message = (
        rf"{what} of Value\(<traced>, label='x'\) would freeze .* at test_compile.py:\d+: .*where"
    )
    with pytest.raises(TypeError, match=message):
        autograd.compile(read)(2.0)
    assert Value(2.0).data == 2.0  # and not afterwards


def test_numbers_that_are_not_finite_are_the_eager_engines():
    step = autograd.compile(lambda x, c: autograd.where(c, autograd.log(x), x), wrt="x")
    assert step(0.0, 1.0) == (-np.inf, np.inf)
    assert step(0.0, 0.0) == (0.0, 1.0)  # nothing flows back to what was not chosen
    assert np.isnan(step(-1.0, 1.0)[0])


def test_check_names_the_instruction_the_operation_and_the_line():
    def loss(x):
        y = x - 1
        return autograd.log(y) * 2

    step = autograd.compile(loss, check=True)
    assert step(2.0)[0] == 0.0
    message = r"loss: in the line of T\d: log\(.*\) gave -inf, at test_compile.py:\d+: return"
    with pytest.raises(FloatingPointError, match=message):
        step(1.0)


def test_the_source_and_the_table():
    step = autograd.compile(lambda W, x: autograd.sum([autograd.dot(w, x) for w in W]))
    with pytest.raises(RuntimeError, match="was not called yet: a program is made"):
        _ = step.source
    step(np.ones((3, 2)), np.ones(2))
    assert step.source.startswith("def program(W, x):\n")
    rows = step.explain().rows
    assert all(len(row) == 6 for row in rows)
    assert str(step.explain()).startswith("line  operation  shape")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"batch": "y"}, "batch: got a str .'y'.; allowed: 'x'"),
        ({"wrt": ["z"]}, "wrt: got a str .'z'.; allowed: 'x'"),
        ({"reduce": "max"}, "reduce: got a str .'max'.; allowed: 'mean' or 'sum'"),
        (
            {"engine": "gpu"},
            "engine: got a str .'gpu'.; allowed: 'auto', 'blocked', 'numpy' or 'tape'",
        ),
    ],
)
def test_wrong_options(options, message):
    with pytest.raises(ValueError, match=message):
        autograd.compile(lambda x: x, **options)


def test_wrong_arguments():
    step = autograd.compile(lambda x, y: x * y)
    with pytest.raises(TypeError, match="got 1 arguments; give 2: x, y"):
        step(1.0)
    with pytest.raises(TypeError, match="got 3 arguments; give 2: x, y"):
        step(1.0, 2.0, 3.0)
    with pytest.raises(TypeError, match="got 1 arguments; give 2: x, y"):
        step(y=1.0)
    with pytest.raises(TypeError, match="got the keyword z; allowed: x or y"):
        step(1.0, z=2.0)
    with pytest.raises(TypeError, match="got x twice, by place and by name"):
        step(1.0, x=2.0)
    with pytest.raises(TypeError, match="got the keyword z; allowed: none"):
        autograd.compile(lambda: Value(1.0)).value(z=2.0)
    with pytest.raises(TypeError, match=r"y: got a Value.*; allowed are real numbers, arrays"):
        step.backward(1.0, Value(2.0))
    with pytest.raises(TypeError, match=r"x: got a masked array; fill it first, as in x\.filled"):
        step(np.ma.array([1.0, 2.0], mask=[True, False]), 2.0)
    with pytest.raises(TypeError, match=r"x\[1\]: got a masked array"):
        step([[1.0, 2.0], np.ma.array([1.0, 2.0], mask=[True, False])], 2.0)
    with pytest.raises(TypeError, match="x: got an array of complex128"):
        step(np.array([1j]), 2.0)
    with pytest.raises(TypeError, match=r"returned a str.*; return one Value"):
        autograd.compile(lambda _: "1.0")(2.0)
    with pytest.raises(TypeError, match=r"got an int .*; allowed: a function"):
        autograd.compile(3)
    with pytest.raises(TypeError, match=r"takes \*args; allowed are arguments that have names"):
        autograd.compile(lambda *args: args[0])
    with pytest.raises(TypeError, match="a batch is an array of numbers"):
        autograd.compile(lambda x: x, batch="x")("text")
    batch = autograd.compile(lambda x: x * x, batch="x", engine="numpy")
    batch.value([1.0, 2.0])
    for none in (np.zeros(0), np.array(2.0)):  # also where a quick call is known
        with pytest.raises(TypeError, match=r"a batch is an array of numbers .*, and at least one"):
            batch.value(none)
    with pytest.raises(TypeError, match="x: got a masked array"):
        batch.value(np.ma.array([1.0, 2.0]))


@ENGINES
@pytest.mark.parametrize("reduce", ["mean", "sum"])
def test_a_loss_that_is_the_same_for_all_samples(engine, reduce):
    w = Value(3.0, "w")
    step = autograd.compile(lambda x: w * w + 0 * x, batch="x", reduce=reduce, engine=engine)
    same = autograd.compile(lambda _: w * w, batch="_", reduce=reduce, engine=engine)
    times = 1 if reduce == "mean" else 4
    for each in (step, same):
        assert each.backward(np.ones(4), fresh=True) == 9.0 * times
        assert w.grad == 6.0 * times


def test_batches_have_as_many_samples():
    step = autograd.compile(lambda x, y: x * y, batch=("x", "y"))
    message = r"got samples: 1 in x, 3 in y; give as many in each batch"
    with pytest.raises(ValueError, match=message):
        step(np.ones(1), np.ones(3))
    assert step(np.ones(3), np.ones(3))[0] == 1.0
    with pytest.raises(ValueError, match=message):  # the quick call leaves it to the other
        step(np.ones(1), np.ones(3))


def test_whole_numbers_alone_have_no_gradient():
    step = autograd.compile(lambda x, y: x * y)
    for _ in range(2):
        with pytest.raises(TypeError, match=r"only whole numbers came for x, y, .* give floats"):
            step(2, 3)
    assert step.value(2, 3) == 6.0
    assert step(2.0, 3) == (6.0, 3.0)
    with pytest.raises(TypeError, match=r"only whole .* name them in compile\(..., wrt=\['x'\]\)"):
        autograd.compile(lambda x: x * x)(2)


@ENGINES
def test_whole_numbers_that_are_named_or_beside_floats_have_gradients(engine):
    def f(p, x):
        return autograd.dot(p["w"], x) + p["b"] * p["b"]

    named = autograd.compile(f, wrt="p", engine=engine)
    unnamed = autograd.compile(f, engine=engine)
    x = np.array([1.0, 2.0])
    for _ in range(3):
        assert named({"w": [1, 2], "b": 3}, x) == (14.0, {"w": [1.0, 2.0], "b": 6.0})
        assert named({"w": np.array([1, 2]), "b": 0}, x)[1]["w"].tolist() == [1.0, 2.0]
        _, (slopes, _) = unnamed({"w": [1.0, 2.0], "b": 3}, x)
        assert slopes == {"w": [1.0, 2.0], "b": 6.0}
    assert autograd.compile(lambda x, y: x * y, wrt=("x", "y"), engine=engine)(2, 3) == (6, (3, 2))
    batch = autograd.compile(lambda w, x: w * x, wrt="w", batch="x", engine=engine)
    assert batch(2, [1, 2, 3]) == (4.0, 2.0)
    assert batch(2, [1, 2, 3]) == (4.0, 2.0)
