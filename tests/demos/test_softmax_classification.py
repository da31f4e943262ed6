import re

import numpy as np
import pytest


def test_accuracy_on_both_parts(tour):
    found = re.search(r"training (\S+)%, test (\S+)%", tour.of("softmax_classification"))
    assert float(found[1]) > 94
    assert float(found[2]) > 90


def test_confusion_matrix_counts_every_test_flower(tour):
    text = tour.of("softmax_classification")
    rows = re.findall(r"^(?:setosa|versicolor|virginica) +(\d+) +(\d+) +(\d+)$", text, re.MULTILINE)
    matrix = np.array(rows, dtype=int)
    assert matrix.shape == (3, 3)
    assert matrix.sum() == 45
    test = float(re.search(r"test (\S+)%", text)[1])
    assert 100 * np.trace(matrix) / 45 == pytest.approx(test, abs=0.05)


def test_probabilities_add_up(tour):
    last = re.search(r"the first of them is .*", tour.of("softmax_classification"))[0]
    assert sum(map(float, re.findall(r"0\.\d+", last))) == pytest.approx(1, abs=2e-3)
