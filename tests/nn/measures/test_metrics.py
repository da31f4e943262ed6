import numpy as np
import pytest

import nn
from autograd import Value
from nn.measures.metrics import find


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
    with pytest.raises(ValueError, match="an actual class must be at least 0, got -1"):
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

    assert list(find(["accuracy", worst])) == ["accuracy", "worst"]
    assert find(worst)["worst"] is worst
    assert find(()) == {}
    with pytest.raises(TypeError, match=r"the metric can be accuracy or a function .* got an int"):
        find([3])
