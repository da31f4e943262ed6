import numpy as np
import pytest

import nn
from autograd import Value
from nn.metrics import resolve_metrics


def test_classes():
    assert nn.predict_classes([Value(0.5), 0.6, np.float64(0.4)]) == [0, 1, 0]
    assert nn.predict_classes([-0.1, 0.1], threshold=0.0) == [0, 1]
    assert nn.predict_classes([[Value(1.0), Value(3.0)], (2.0, 2.0)]) == [1, 0]
    assert nn.predict_classes(np.array([[0.1, 0.2, 0.7]])) == [2]


def test_accuracy():
    assert nn.accuracy([0.9, 0.2], [1, 1]) == 0.5
    assert nn.accuracy([-3.0, 2.0, 0.4], [-1, 1, -1], threshold=0.0) == pytest.approx(2 / 3)
    assert nn.accuracy([[0.1, 0.9], [0.8, 0.2]], np.array([1, 1])) == 0.5
    assert nn.accuracy([[0.1, 0.9], [0.8, 0.2]], [[0, 1], [1, 0]]) == 1.0


@pytest.mark.parametrize(("outputs", "targets"), [([0.5], [1, 0]), ([], [])])
def test_accuracy_needs_one_target_an_output(outputs, targets):
    with pytest.raises(ValueError, match=f"got {len(outputs)} outputs and {len(targets)} targets"):
        nn.accuracy(outputs, targets)


def test_confusion_matrix():
    matrix = nn.confusion_matrix(predicted=[0, 2, 2, 1], actual=[0, 1, 2, 1], classes=4)
    assert matrix.tolist() == [[1, 0, 0, 0], [0, 1, 1, 0], [0, 0, 1, 0], [0, 0, 0, 0]]
    assert nn.confusion_matrix([], []).shape == (0, 0)
    with pytest.raises(ValueError, match="got 1 predicted and 2 actual classes"):
        nn.confusion_matrix([0], [0, 1])
    with pytest.raises(ValueError, match="class 3 is not among 3 classes, 0 to 2"):
        nn.confusion_matrix([3], [0], classes=3)
    with pytest.raises(ValueError, match="actual class 0 is -1, but classes are whole"):
        nn.confusion_matrix([0], [-1])


def test_predict():
    model = nn.MLP(2, [3, 2], rng=0)
    X = np.array([[1.0, 2.0], [3.0, 4.0], [0.0, 0.0]])
    got = nn.predict(model, X)
    assert got.shape == (3, 2)
    assert got[1].tolist() == [y.data for y in model(X[1])]
    assert nn.predict(nn.MLP(2, [1]), X).shape == (3,)


def test_metrics_by_name_and_by_function():
    def worst(outputs, _targets):
        return max(outputs)

    assert list(resolve_metrics(["accuracy", worst])) == ["accuracy", "worst"]
    assert resolve_metrics(worst)["worst"].function is worst
    assert resolve_metrics(()) == {}
    with pytest.raises(
        TypeError, match=r"metrics: got an int .*; allowed: 'accuracy' or a function"
    ):
        resolve_metrics([3])


CLASSES = [2, 0, 1]


@pytest.mark.parametrize("kind", [list, tuple, np.array, lambda ys: np.array(ys, float)])
def test_predicted_classes_are_compared_as_they_are(kind):
    assert nn.accuracy(kind(CLASSES), kind([1, 0, 2])) == pytest.approx(1 / 3)
    assert nn.accuracy(kind([3, 3]), kind([1, 2])) == 0.0
    assert nn.accuracy(kind([1, -1, 1]), kind([1, -1, -1])) == pytest.approx(2 / 3)
    assert nn.predict_classes(kind(CLASSES)) == CLASSES


def test_a_column_has_one_output_a_sample():
    column, targets = np.array([[0.2], [0.7], [0.9]]), np.array([[0], [1], [0]])
    assert nn.predict_classes(column) == [0, 1, 1]
    assert nn.accuracy(column, targets) == nn.accuracy(column, targets.ravel())
    assert nn.accuracy(column, targets) == pytest.approx(2 / 3)
    assert nn.accuracy(column.tolist(), targets.tolist()) == pytest.approx(2 / 3)


def test_classes_may_meet_one_hot_targets():
    assert nn.accuracy(CLASSES, np.eye(3)[CLASSES]) == 1.0


@pytest.mark.parametrize(
    ("outputs", "targets", "options", "message"),
    [
        ([[0.2, 0.7, 0.9]], [[0, 1, 1]], {}, "one row of 3 outputs and one row of 3 .*ravel"),
        ([[0.2, 0.7, 0.9]], [0, 1, 1], {}, r"1 outputs and 3 targets; .* take \.ravel\(\)"),
        ([[0.2, 0.7], [0.4, 0.9]], [[0, 1], [1, 1]], {}, r"target 1 is \[1.0, 1.0\], .* one-hot"),
        ([[0.2, 0.7], [0.4, 0.9]], [[0, 1, 0], [1, 0, 0]], {}, r"shape \(2, 3\) do not fit"),
        ([[0.2, 0.7], [0.4, 0.9]], [0, 2], {}, "target 1 is 2, .* are 0 and 1"),
        ([[0.2, 0.7, 0.1], [0.4, 0.9, 0.0]], [0, -1], {}, "target 1 is -1, .* are 0 to 2"),
        ([0.2, 0.7], [-1, 1], {}, "target 0 is -1, .* threshold=0"),
        ([0.2, 0.7], [-1, 1], {"threshold": 0.5}, "target 0 is -1, .* threshold=0"),
        ([0, 1], [-1, 1], {}, "target 0 is -1, these classes are whole"),
        ([0.2, 0.7], [0, 2], {}, "target 1 is 2, .* are 0 and 1"),
        ([0.2, 0.7], [0, 0.3], {}, "target 1 is 0.3, "),
        ([2, 1], [0, 0.3], {}, "target 1 is 0.3, "),
        ([-0.2, 0.7], [0, 1], {}, "outputs from -0.2 to 0.7 are neither .* threshold=0"),
        ([-2.0, 3.0], [0, 1], {}, "outputs from -2 to 3 are neither"),
        ([0.2, np.nan], [0, 1], {}, r"outputs hold a nan at \[1\]"),
        ([[0.2, 0.7], [0.4]], [0, 1], {}, "rows of different lengths"),
        (np.zeros((2, 2, 2)), [0, 1], {}, "an ndarray of shape"),
    ],
)  # fmt: skip
def test_what_could_be_meant_in_two_ways_is_refused(outputs, targets, options, message):
    with pytest.raises(ValueError, match=message):
        nn.accuracy(outputs, targets, **options)


def test_a_row_of_probabilities_is_a_distribution_over_classes_or_refused():
    assert nn.predict_classes([[0.2, 0.7, 0.1]]) == [1]
    assert nn.predict_classes([[-3.0, 4.0, 2.0]]) == [1]  # logits
    with pytest.raises(ValueError, match=r"with the sum 1.8 is no distribution .*ravel"):
        nn.predict_classes(np.array([[0.2, 0.7, 0.9]]))


def test_the_function_itself_as_a_metric_knows_the_losss_threshold():
    assert resolve_metrics([nn.accuracy], threshold=0.0)["accuracy"]([-0.2, 0.7], [-1, 1]) == 1.0


@pytest.mark.parametrize(("targets", "message"), [([-1, 1], "target 0 is -1"), ([0, 0.5], "0.5")])
def test_targets_that_are_no_classes_are_refused_before_training(targets, message):
    model = nn.MLP(1, [1], rng=0)
    before = model.state_dict()
    with pytest.raises(ValueError, match=message):
        nn.fit(model, [[0.0], [1.0]], targets, metrics="accuracy", progress=False)
    assert model.state_dict() == before


@pytest.mark.parametrize("kind", [list, tuple, np.array, lambda ys: np.array(ys, float)[:, None]])
def test_a_confusion_matrix_takes_classes_in_the_forms_that_accuracy_takes(kind):
    expected = [[1, 0, 0], [0, 0, 0], [0, 1, 1]]
    assert nn.confusion_matrix(kind([0, 1, 2]), kind([0, 2, 2])).tolist() == expected
    assert nn.confusion_matrix([0, 1, 2], np.eye(3)[[0, 2, 2]]).tolist() == expected
    assert nn.confusion_matrix([True, False], np.array([True, True])).tolist() == [[0, 0], [1, 1]]
    with pytest.raises(ValueError, match=r"predicted class 1 is 0.7, .* predict_classes"):
        nn.confusion_matrix(kind([0.0, 0.7]), kind([0, 1]))
    with pytest.raises(ValueError, match=r"class 1000000000 would make .* np\.unique"):
        nn.confusion_matrix(kind([10**9]), kind([0]))


@pytest.mark.parametrize("wrong", [0.5, None, "abc", Value(1.0), 1])
def test_what_is_no_list_of_outputs_is_named(wrong):
    with pytest.raises(
        TypeError, match=r"outputs: got .*; allowed: a list or an array, an entry a sample"
    ):
        nn.predict_classes(wrong)


def test_masked_samples_and_a_threshold_of_nan_are_refused():
    with pytest.raises(TypeError, match="targets are masked"):
        nn.accuracy([0.2, 0.9], np.ma.array([0, 1], mask=[0, 1]))
    with pytest.raises(
        ValueError, match=r"threshold: got .*nan.*; allowed: a number; no output is above nan"
    ):
        nn.predict_classes([0.2], threshold=np.nan)


def test_no_samples_have_no_classes():
    assert nn.predict_classes([]) == nn.predict_classes(np.zeros((0, 3))) == []


def test_one_sample_of_several_outputs_may_meet_its_class():
    assert nn.accuracy([[0.2, 0.9, 0.3]], [1]) == 1.0  # no distribution, but one target tells


@pytest.mark.parametrize(
    ("output", "loss", "targets"),
    [
        ("sigmoid", "binary_cross_entropy", [0, 1, 1, 0]),
        ("linear", "binary_cross_entropy_with_logits", [0, 1, 1, 0]),
        ("tanh", "hinge", [-1, 1, 1, -1]),
        ("linear", "cross_entropy", [0, 1, 2, 0]),
        ("softmax", "cross_entropy", [0.0, 1.0, 2.0, 0.0]),
        ("linear", "cross_entropy", [True, False, True, True]),
    ],
)
@pytest.mark.parametrize("engine", ["eager", "compiled"])
def test_the_historys_accuracy_is_that_of_the_trained_model(output, loss, targets, engine):
    X = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]
    model = nn.MLP(2, [4, 3 if loss == "cross_entropy" else 1], output=output, rng=0)
    history = nn.fit(
        model, X, targets, loss=loss, metrics="accuracy", epochs=3, engine=engine, progress=False
    )
    threshold = nn.LOSSES[loss].threshold
    assert history["accuracy"][-1] == nn.accuracy(nn.predict(model, X), targets, threshold)
