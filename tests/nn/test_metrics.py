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
        TypeError, match=r"metrics: got an int .*; allowed: 'accuracy', .*, 'mae' or a function"
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


def brute_force(classes, actual):
    """Count for each class what is predicted rightly, predicted, and there."""
    for label in sorted({*classes, *actual}):
        pairs = list(zip(classes, actual, strict=True))
        yield (
            sum(p == t == label for p, t in pairs),
            sum(p == label for p, _ in pairs),
            sum(t == label for _, t in pairs),
        )


@pytest.mark.parametrize("count", [2, 3, 5])
def test_shares_of_classes_are_those_of_their_definition(count):
    random = np.random.default_rng(count)
    for _ in range(30):
        actual, predicted = random.integers(0, count, (2, 9)).tolist()
        rows = list(brute_force(predicted, actual))
        if max(*actual, *predicted) < 2:
            rows = rows[-1:] if 1 in {*actual, *predicted} else [(0, 0, 0)]
        expected = [
            [hit / said if hit else 0.0 for hit, said, _ in rows],
            [hit / true if hit else 0.0 for hit, _, true in rows],
            [2 * hit / (said + true) if hit else 0.0 for hit, said, true in rows],
        ]
        for metric, shares in zip((nn.precision, nn.recall, nn.f1), expected, strict=True):
            assert metric(predicted, actual) == pytest.approx(np.mean(shares))
            rows_of = np.eye(count)[predicted]
            if count > 2:
                assert metric(rows_of, actual) == pytest.approx(np.mean(shares))


def test_ranks_count_pairs_and_equal_outputs_half():
    random = np.random.default_rng(0)
    for _ in range(30):
        actual = np.r_[0, 1, random.integers(0, 2, 10)]
        scores = random.integers(-3, 4, 12) / 2
        pairs = [(a, b) for a in scores[actual == 1] for b in scores[actual == 0]]
        expected = np.mean([(a > b) + (a == b) / 2 for a, b in pairs])
        assert nn.roc_auc(scores, actual) == pytest.approx(expected)
        assert nn.roc_auc(scores, 2 * actual - 1, threshold=0.0) == pytest.approx(expected)
    rows, three = random.random((40, 3)), np.arange(40) % 3
    each = [nn.roc_auc(rows[:, k], three == k) for k in range(3)]
    assert nn.roc_auc(rows, three) == pytest.approx(np.mean(each))
    with pytest.raises(ValueError, match="roc_auc compares classes, but no sample is of class 1"):
        nn.roc_auc([0.5, 0.2], [0, 0])
    with pytest.raises(ValueError, match="all samples are of class 1"):
        nn.roc_auc([0.5, 0.2], [1, 1])


def test_the_largest_outputs_hold_the_class():
    rows = [[0.5, 0.3, 0.2], [0.2, 0.2, 0.6], [0.1, 0.8, 0.1]]
    assert nn.top_k_accuracy(rows, [0, 2, 1], k=1) == 1.0
    assert nn.top_k_accuracy(rows, [1, 1, 2]) == pytest.approx(1 / 3)  # of equal ones, the first
    assert nn.top_k_accuracy(rows, [1, 1, 2], k=3) == 1.0
    with pytest.raises(ValueError, match="top_k_accuracy needs an output for each class"):
        nn.top_k_accuracy([0.1, 0.2], [0, 1])
    with pytest.raises(ValueError, match=r"k: got an int \(0\)"):
        nn.top_k_accuracy(rows, [0, 1, 2], k=0)


def test_metrics_of_numbers():
    targets = np.array([[1.0, 2.0], [3.0, 2.0], [5.0, 2.0]])
    outputs = targets + np.array([[0.0, 0.5], [1.0, 0.0], [-1.0, 0.0]])
    assert nn.r2(targets, targets) == 1.0
    assert nn.r2(outputs, targets) == pytest.approx((1 - 2 / 8 + 0) / 2)
    assert nn.mean_absolute_error(outputs, targets) == pytest.approx(2.5 / 6)
    assert nn.mean_absolute_error([[1.0], [2.0]], [1.0, 4.0]) == 1.0
    for metric in (nn.r2, nn.mean_absolute_error):
        with pytest.raises(ValueError, match=r"shape \(3,\) do not fit outputs of shape \(3, 2\)"):
            metric(outputs, targets[:, 0])
        with pytest.raises(ValueError, match="needs as many targets as outputs"):
            metric([1.0], [1.0, 2.0])


@pytest.mark.parametrize("name", ["precision", "recall", "f1", "roc_auc", "top_k_accuracy"])
def test_metrics_of_classes_by_name_in_a_history(name):
    X = np.random.default_rng(0).normal(size=(30, 2))
    Y = np.arange(30) % 3
    model = nn.MLP(2, [3], output="softmax", rng=0)
    history = nn.fit(model, X, Y, loss="cross_entropy", epochs=2, metrics=name, progress=False)
    assert history[name][-1] == getattr(nn, name)(model.predict(X), Y)


@pytest.mark.parametrize(("name", "function"), [("r2", nn.r2), ("mae", nn.mean_absolute_error)])
def test_metrics_of_numbers_by_name_in_a_history(name, function):
    X = np.random.default_rng(0).normal(size=(30, 2))
    model = nn.MLP(2, [1], rng=0)
    history = nn.fit(model, X, X[:, 0], epochs=2, metrics=[name], progress=False)
    assert history[name][-1] == pytest.approx(function(model.predict(X), X[:, 0]), rel=1e-12)
