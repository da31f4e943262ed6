import functools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
import nn
from autograd import Value
from nn.losses import LOSSES, resolve_loss

SINGLE = {
    "mse": (nn.mse, [0.3, -2.0, 5.0], [0.0, 1.5]),
    "mae": (nn.mae, [0.3, -2.0, 5.0], [0.0, 1.5]),
    "huber": (nn.huber, [0.3, -2.0, 5.0], [0.0, 1.4]),
    "hinge": (nn.hinge, [0.3, -2.0, 5.0], [-1, 1]),
    "binary_cross_entropy": (nn.binary_cross_entropy, [0.01, 0.3, 0.99], [0, 1, 0.25]),
    "with_logits": (nn.binary_cross_entropy_with_logits, [-3.0, 0.3, 8.0], [0, 1, 0.25]),
}
CASES = [
    (loss, at, target)
    for loss, places, targets in SINGLE.values()
    for at in places
    for target in targets
]


@pytest.mark.parametrize(("loss", "at", "target"), CASES)
def test_gradients_agree_with_central_differences(loss, at, target, slope):
    p = Value(at)
    loss(p, target).backward()
    assert p.grad == pytest.approx(
        slope(lambda u: loss(Value(u), target).data, at), rel=1e-6, abs=1e-8
    )


@pytest.mark.parametrize(("loss", "at", "target"), CASES)
def test_lists_give_the_mean(loss, at, target):
    one, other = loss(Value(at), target).data, loss(Value(0.5), target).data
    nested = loss([[Value(at)], [Value(0.5)]], np.array([[target], [target]]))
    assert loss([Value(at), 0.5], (target, target)).data == pytest.approx((one + other) / 2)
    assert nested.data == pytest.approx((one + other) / 2)


@pytest.mark.parametrize(("loss", "at", "target"), CASES)
def test_plain_numbers_give_the_same_as_a_constant(loss, at, target):
    result = loss(at, target)
    assert isinstance(result, Value)
    assert result.data == loss(Value(at), target).data


@pytest.mark.parametrize(
    ("loss", "prediction", "target", "expected", "gradient"),
    [
        (nn.mae, 2.0, 2.0, 0.0, 0.0),
        (nn.mse, 1e200, 0.0, math.inf, 2e200),
        (nn.huber, 3.0, 2.0, 0.5, 1.0),
        (nn.huber, 1.0, 2.0, 0.5, -1.0),
        (nn.huber, 2.0, 2.0, 0.0, 0.0),
        (nn.hinge, 1.0, 1, 0.0, 0.0),
    ],
)
def test_edges(loss, prediction, target, expected, gradient):
    p = Value(prediction)
    result = loss(p, target)
    result.backward()
    assert (result.data, p.grad) == (expected, gradient)


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6), st.floats(1e-3, 1e3))
def test_huber_is_its_definition(p, t, delta):
    d = abs(p - t)
    expected = d * d / 2 if d <= delta else delta * (d - delta / 2)
    assert nn.huber(Value(p), t, delta).data == pytest.approx(expected, rel=1e-12, abs=1e-300)


@pytest.mark.parametrize("name", ["mse", "mae", "huber", "hinge", "binary_cross_entropy"])
@pytest.mark.parametrize(
    ("prediction", "target", "message"),
    [
        (
            [0.5, 0.5],
            [1.0],
            "as many targets as predictions .* got a list of 2 and as target a list of 1",
        ),
        (
            [0.5],
            1.0,
            r"as target a float \(1\.0\); for a class number .* there is cross_entropy$",
        ),
        (
            0.5,
            [1.0, 1.0],
            r"target a list of 2; where a model has one output, a target is one number$",
        ),
        ([], [], "at least one"),
        ([[0.5], [0.5]], [[1.0], [1.0, 1.0]], "got a list of 1 and as target a list of 2"),
    ],
)
def test_lengths_must_agree(name, prediction, target, message):
    with pytest.raises(ValueError, match=f"{name} needs .*{message}|{message}"):
        LOSSES[name].function(prediction, target)


def test_what_is_no_number_is_named():
    with pytest.raises(TypeError, match=r"mse: got a str \('a'\); allowed: numbers and Values"):
        nn.mse([Value(1.0)], ["a"])
    with pytest.raises(TypeError, match="mae: got None; allowed: numbers and Values"):
        nn.mae(None, 1.0)


def test_hinge_targets():
    with pytest.raises(ValueError, match="hinge needs targets of -1 or 1, got 0"):
        nn.hinge(Value(0.5), 0)
    assert nn.hinge(Value(0.5), Value(-1.0)).data == 1.5


def test_huber_needs_a_positive_delta():
    with pytest.raises(ValueError, match=r"delta: got .*; allowed: a finite number above 0"):
        nn.huber(Value(0.5), 0, delta=0)


def test_l2_penalty_and_its_gradient():
    model = nn.Neuron(2, rng=0)
    penalty = nn.l2_penalty(model.parameters(), 0.5)
    penalty.backward()
    assert penalty.data == pytest.approx(0.5 * sum(p.data**2 for p in model.parameters()))
    assert [p.grad for p in model.parameters()] == [p.data for p in model.parameters()]
    with pytest.raises(
        ValueError, match=r"strength: got .*; allowed: a finite number of at least 0"
    ):
        nn.l2_penalty(model.parameters(), -1)


def test_losses_are_found_by_name_and_by_function():
    assert resolve_loss("hinge") is resolve_loss(nn.hinge)
    assert resolve_loss("binary_cross_entropy_with_logits").threshold == 0.0
    own = resolve_loss(lambda p, t: p - t)
    assert (own.name, own.threshold) == ("<lambda>", 0.5)
    with pytest.raises(
        ValueError,
        match=r"loss: got a str .'cross_entrop'.; allowed: .*; did you mean 'cross_entropy'",
    ):
        resolve_loss("cross_entrop")
    with pytest.raises(
        TypeError, match=r"loss: got None; allowed: 'binary_cross_entropy', .* or a function"
    ):
        resolve_loss(None)


@pytest.mark.parametrize(
    ("probability", "target", "expected", "gradient"),
    [
        (0.0, 0, 0.0, 1.0),
        (1.0, 1, 0.0, -1.0),
        (0.0, 1, math.inf, -math.inf),
        (1.0, 0, math.inf, math.inf),
        (1e-300, 0, 1e-300, 1.0),
        (0.5, 1, math.log(2), -2.0),
    ],
)
def test_probabilities_at_the_edges(probability, target, expected, gradient):
    p = Value(probability)
    loss = nn.binary_cross_entropy(p, target)
    loss.backward()
    assert (loss.data, p.grad) == pytest.approx((expected, gradient), rel=1e-15)


@pytest.mark.parametrize("z", [-1000.0, -744.0, -40.0, -1.0, 0.0, 1.0, 7.0, 36.0, 40.0, 1000.0])
@pytest.mark.parametrize("target", [0, 1])
def test_a_sigmoids_loss_is_finite_and_right_however_wrong(z, target):
    logit, same = Value(z), Value(z)
    loss = nn.binary_cross_entropy(logit.sigmoid(), target)
    exact = nn.binary_cross_entropy_with_logits(same, target)
    loss.backward()
    exact.backward()
    assert loss.data == pytest.approx(exact.data, rel=1e-12, abs=1e-16)
    assert logit.grad == pytest.approx(same.grad, rel=1e-12, abs=1e-16)


@pytest.mark.parametrize(
    ("z", "target", "expected", "gradient"),
    [
        (1000.0, 1, 0.0, 0.0),
        (1000.0, 0, 1000.0, 1.0),
        (-1000.0, 1, 1000.0, -1.0),
        (-1000.0, 0, 0.0, 0.0),
        (40.0, 1, 4.248354255291589e-18, -4.248354255291589e-18),
        (0.0, 0.5, math.log(2), 0.0),
    ],
)
def test_logits_at_the_edges(z, target, expected, gradient):
    logit = Value(z)
    loss = nn.binary_cross_entropy_with_logits(logit, target)
    loss.backward()
    assert (loss.data, logit.grad) == pytest.approx((expected, gradient), rel=1e-14)


@given(st.floats(-800, 800), st.floats(0, 1))
def test_both_forms_agree_for_soft_targets(z, target):
    probability = nn.binary_cross_entropy(Value(z).sigmoid(), target).data
    assert probability == pytest.approx(
        nn.binary_cross_entropy_with_logits(z, target).data, rel=1e-12, abs=1e-15
    )


def test_a_target_may_be_a_value_and_gets_a_gradient(slope):
    t = Value(0.25)
    nn.binary_cross_entropy(0.6, t).backward()
    assert t.grad == pytest.approx(slope(lambda u: nn.binary_cross_entropy(0.6, u).data, 0.25))


@pytest.mark.parametrize(
    ("loss", "arguments", "message"),
    [
        (
            nn.binary_cross_entropy,
            (Value(1.5), 1),
            "a prediction from 0 to 1, got 1.5; for logits there",
        ),
        (nn.binary_cross_entropy, (-0.5, 1), "a prediction from 0 to 1, got -0.5"),
        (
            nn.binary_cross_entropy,
            (0.5, -1),
            "a target from 0 to 1, got -1; .*for -1 and 1 there is hinge",
        ),
        (nn.binary_cross_entropy_with_logits, (0.5, 2), "a target from 0 to 1, got 2"),
    ],
)
def test_what_is_no_probability_is_refused(loss, arguments, message):
    with pytest.raises(ValueError, match=message):
        loss(*arguments)


def test_nan_passes_through():
    assert math.isnan(nn.binary_cross_entropy(Value(math.nan), 1).data)


def test_cross_entropy_is_one_node():
    logits = [Value(1.0), Value(2.0)]
    assert nn.cross_entropy(logits, 1).op == "cross_entropy"


@pytest.mark.parametrize(
    ("logits", "target", "expected", "gradient"),
    [
        ([1000.0, 0.0], 0, 0.0, [0.0, 0.0]),
        ([0.0, -800.0], 1, 800.0, [1.0, -1.0]),
        ([0.0, 0.0], 0, math.log(2), [-0.5, 0.5]),
    ],
)
def test_cross_entropy_at_the_edges(logits, target, expected, gradient):
    zs = [Value(z) for z in logits]
    loss = nn.cross_entropy(zs, target)
    loss.backward()
    assert loss.data == pytest.approx(expected, rel=1e-15)
    assert [z.grad for z in zs] == pytest.approx(gradient, abs=1e-300)


@pytest.mark.parametrize("target", [0, 1, 2])
def test_cross_entropy_gradients_agree_with_central_differences(target, slope):
    zs = [Value(0.5), Value(-1.0), Value(3.0)]
    nn.cross_entropy(zs, target).backward()
    for position, z in enumerate(zs):

        def f(number, position=position):
            numbers = [v.data for v in zs]
            numbers[position] = number
            return nn.cross_entropy(numbers, target).data

        assert z.grad == pytest.approx(slope(f, z.data), rel=1e-7)


def test_a_softmax_is_not_taken_of_a_softmax():
    zs = [Value(0.5), Value(-1.0), Value(3.0)]
    probabilities = autograd.softmax(zs)
    loss = nn.cross_entropy(list(reversed(probabilities)), 0)
    loss.backward()
    assert loss.data == pytest.approx(-math.log(probabilities[2].data), rel=1e-14)
    shares = [p.data for p in probabilities]
    assert [z.grad for z in zs] == pytest.approx([shares[0], shares[1], shares[2] - 1], rel=1e-14)


def test_a_probability_that_rounds_to_zero_costs_its_logit():
    zs = [Value(1000.0), Value(0.0)]
    loss = nn.cross_entropy(autograd.softmax(zs), 1)
    loss.backward()
    assert (loss.data, [z.grad for z in zs]) == (1000.0, [1.0, -1.0])


def test_cross_entropy_of_a_batch_is_the_mean():
    rows, labels = np.array([[1.0, 2.0], [0.5, -3.0]]), np.array([1, 0])
    each = [nn.cross_entropy(row, int(label)).data for row, label in zip(rows, labels, strict=True)]
    assert nn.cross_entropy(rows, labels).data == pytest.approx(sum(each) / 2, rel=1e-15)
    assert nn.cross_entropy([[Value(1.0), 2.0]], [1]).data == each[0]
    assert nn.cross_entropy(rows, labels.astype(float)).data == nn.cross_entropy(rows, labels).data


@pytest.mark.parametrize(
    ("logits", "target", "error", "message"),
    [
        (
            [1.0, 2.0],
            2,
            ValueError,
            "target of cross_entropy: got an int .2.; allowed: a whole number from 0 to 1",
        ),
        (
            [1.0, 2.0],
            -1,
            ValueError,
            "target of cross_entropy: got an int .-1.; allowed: a whole number from 0 to 1",
        ),
        (
            [1.0, 2.0],
            0.5,
            TypeError,
            r": got a float \(0\.5\); allowed: a whole number from 0 to 1",
        ),
        (
            [1.0, 2.0],
            ["a", "b"],
            TypeError,
            r"the target of cross_entropy: got a str \('a'\); allowed: numbers and Values",
        ),
        ([], 0, TypeError, "logits: got a list of 0; allowed: a list of logits"),
        (
            Value(1.0),
            0,
            TypeError,
            "logits: got a Value .*; allowed: a list of logits; for one output a sample",
        ),
        ([[1.0, 2.0]], [0, 1], ValueError, "got 1 samples, but as target a list of 2"),
        ([[1.0, 2.0]], 0, ValueError, r"got 1 samples, but as target an int \(0\)"),
    ],
)
def test_cross_entropy_refuses(logits, target, error, message):
    with pytest.raises(error, match=message):
        nn.cross_entropy(logits, target)


@pytest.mark.parametrize("engine", ["numpy", "blocked", "tape"])
@pytest.mark.parametrize("target", [0.0, 1.0, 0.25])
@pytest.mark.parametrize("p", [0.0, 1.0, 0.3, 1e-320, 1 - 2**-53])
def test_a_target_that_is_known_at_run_time_gives_the_same_numbers(p, target, engine):
    w = Value(1.0)
    step = autograd.compile(
        lambda x, y: nn.binary_cross_entropy(w * x, y), batch=("x", "y"), engine=engine
    )
    eager = nn.binary_cross_entropy(w * p, target)
    eager.backward()
    slope = w.grad
    value, slopes = step([p], [target])
    assert value == pytest.approx(eager.data, rel=1e-12)
    assert [float(s) for s in slopes.values()] == [pytest.approx(slope, rel=1e-12)]
    w.zero_grad()
    traced = nn.binary_cross_entropy(w * p, Value(target))
    traced.backward()
    assert traced.data == pytest.approx(eager.data, rel=1e-12)
    assert w.grad == pytest.approx(slope, rel=1e-12)


def test_a_target_that_is_a_value_has_its_gradient():
    p, t = Value(0.3), Value(0.0)
    nn.binary_cross_entropy(p, t).backward()
    assert t.grad == pytest.approx(-np.log(0.3) + np.log(0.7))


@pytest.mark.parametrize(
    ("loss", "prediction", "made"),
    [
        (nn.binary_cross_entropy_with_logits, autograd.sigmoid, "sigmoid"),
        (nn.hinge, autograd.sigmoid, "sigmoid"),
        (nn.cross_entropy, lambda z: [autograd.sigmoid(z), autograd.sigmoid(-z)], "sigmoid"),
        (nn.hinge, lambda z: autograd.softmax([z, -z])[0], "softmax"),
    ],
)
def test_a_probability_is_no_logit(loss, prediction, made):
    with pytest.raises(ValueError, match=f"needs logits, got the output of a {made}, .*linear"):
        loss(prediction(Value(0.5)), 1)


@pytest.mark.parametrize("target", [0, 1, 0.25])
@pytest.mark.parametrize("share", [0.0, 0.1, 0.9])
def test_a_smoothed_binary_label_is_a_probability(target, share):
    soft = (1 - share) * target + share / 2
    for logit in (-3.0, 0.5, 40.0):
        smoothed = nn.binary_cross_entropy_with_logits(Value(logit), target, share)
        expected = nn.binary_cross_entropy_with_logits(Value(logit), soft)
        assert smoothed.data == pytest.approx(expected.data, rel=1e-14)
        p = Value(1 / (1 + math.exp(-logit / 10)))
        smoothed = nn.binary_cross_entropy(p, target, label_smoothing=share)
        assert smoothed.data == pytest.approx(nn.binary_cross_entropy(p, soft).data, rel=1e-14)


TORCH_SMOOTHED = (
    0.6326818980858561,
    [0.19920781804820115, -0.3155399624011229, 0.11098891579350553, 0.005343228559416224],
)


def test_smoothed_classes_have_known_numbers():
    logits = [Value(1.0), Value(2.0), Value(0.5), Value(-1.0)]
    loss = nn.cross_entropy(logits, 1, label_smoothing=0.1)
    loss.backward()
    # torch.nn.functional.cross_entropy(..., label_smoothing=0.1), PyTorch 2.13, float64
    assert loss.data == pytest.approx(TORCH_SMOOTHED[0], rel=1e-14)
    assert [z.grad for z in logits] == pytest.approx(TORCH_SMOOTHED[1], rel=1e-13)
    outputs = autograd.softmax(logits)
    assert nn.cross_entropy(outputs, 1, 0.1).data == pytest.approx(TORCH_SMOOTHED[0], rel=1e-14)


def test_smoothing_is_a_share():
    with pytest.raises(ValueError, match=r"label_smoothing: got a float \(1\.5\); allowed"):
        nn.cross_entropy([0.0, 1.0], 0, label_smoothing=1.5)


def test_a_loss_with_options_keeps_its_entry():
    smooth = functools.partial(nn.cross_entropy, label_smoothing=0.1)
    assert resolve_loss(smooth).targets == "classes"
    assert resolve_loss(smooth).function is smooth
    assert resolve_loss(functools.partial(nn.mse, [1.0])).targets is None


def test_l1_penalty_and_its_gradient():
    w = autograd.values([0.5, -2.0])
    penalty = nn.l1_penalty(w, 0.5)
    penalty.backward()
    assert penalty.data == 1.25
    assert [x.grad for x in w] == [0.5, -0.5]


@pytest.mark.parametrize("engine", ["compiled", "eager"])
def test_penalties_by_name_leave_biases_alone(engine):
    X, Y = [[1.0, -1.0], [0.5, 2.0], [-1.0, 1.0]], [1.0, 0.0, 2.0]

    def losses(penalty, **options):
        model = nn.Sequential(
            nn.Layer(2, 3, "linear", rng=0), nn.LayerNorm(3), nn.Layer(3, 1, rng=1)
        )
        return nn.fit(model, X, Y, lr=0.1, epochs=3, engine=engine, progress=False,
                      penalty=penalty, **options)["loss"]  # fmt: skip

    def by_hand(parameters):
        weights = [p for p in parameters if ".w." in p.label]
        assert len(weights) == 9
        return nn.l2_penalty(weights, 0.1) + nn.l1_penalty(weights, 0.01)

    np.testing.assert_allclose(losses({"l2": 0.1, "l1": 0.01}), losses(by_hand), rtol=1e-12)
    assert losses({"l2": 0.1}) != losses(None)


@pytest.mark.parametrize(
    ("penalty", "error", "message"),
    [
        ({"l3": 1.0}, ValueError, r"^penalty: got a str \('l3'\); allowed: 'l1' or 'l2'"),
        ({"l2": -1.0}, ValueError, r"^penalty\['l2'\]: got a float \(-1.0\); allowed: .* least 0"),
        ({}, TypeError, r"^penalty: got a dict of 0; allowed: strengths by name, such as"),
        ("l2", TypeError, r"^penalty: got a str \('l2'\); allowed: strengths by name, such as"),
    ],
)
def test_penalties_that_cannot_be(penalty, error, message):
    with pytest.raises(error, match=message):
        nn.fit(nn.Neuron(1), [[1.0]], [1.0], penalty=penalty)


@pytest.mark.parametrize("engine", ["compiled", "eager"])
def test_penalties_by_name_do_not_depend_on_labels(engine):
    def losses(*, relabelled):
        model = nn.Neuron(1, "linear", init=nn.initializers.constant(1.0))
        model.b.data = 5.0
        if relabelled:
            model.b.label, model.w[0].label = "offset", "b"
        return nn.fit(model, [[1.0]], [1.0], penalty={"l2": 0.1}, epochs=3, engine=engine,
                      progress=False)["loss"]  # fmt: skip

    assert losses(relabelled=True) == losses(relabelled=False)
