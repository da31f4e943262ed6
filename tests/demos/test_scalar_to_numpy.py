import numpy as np
import pytest

from demos import scalar_to_numpy
from demos.scalar_to_numpy import scalar

PROGRAM = """\
def program(x, y, W1, b1, W2, b2):
    n = x.shape[-1]
    Z1 = W1 @ x + b1
    A1 = tanh(Z1)
    Z2 = W2 @ A1 + b2
    T1 = sigmoid_cross_entropy(Z2, y)
    J = T1.mean()
    dZ2 = (sigmoid(Z2) - y) / n
    dZ1 = W2.T @ dZ2 * (1 - A1 * A1)
    dW1 = dZ1 @ x.T
    db1 = dZ1.sum(axis=1, keepdims=True)
    dW2 = dZ2 @ A1.T
    db2 = dZ2.sum(axis=1, keepdims=True)
    return (J, (dW1, db1, dW2, db2))
"""


def test_the_program_is_the_lectures_equations(tour):
    assert PROGRAM in tour.of("scalar_to_numpy")


def test_loss_and_gradients_are_equal(tour):
    rows = tour.rows("scalar_to_numpy", r"(\w+) +(-?\d\S+) +(-?\d\S+) +(\S+)")
    assert [name for name, *_ in rows] == ["J", "W1", "b1", "W2", "b2"]
    assert all(ours == theirs for _, ours, theirs, _ in rows)
    assert all(float(gap) <= 1e-12 for *_, gap in rows)


def test_the_program_is_faster(tour):
    ((times,),) = tour.rows(
        "scalar_to_numpy", r"all equal to 1e-12; the program is (\d+) times as fast"
    )
    assert int(times) > 3  # 39 on two cores at 2.9 GHz


def test_both_are_drawn(tour):
    graph = (tour.out / "scalar_to_numpy.svg").read_text(encoding="utf-8")
    assert all(f">{text}<" in graph for text in ("W1₀₀", "tanh", "+ L"))
    program = (tour.out / "scalar_to_numpy_program.svg").read_text(encoding="utf-8")
    assert all(
        f">{text}<" in program for text in ("Z1 = W1 @ x + b1", "dZ2 @ A1.T", "J = T1.mean()")
    )


def test_a_gap_stops_the_demo(tmp_path, monkeypatch):
    def wrong(X, Y):
        J, gradients = scalar(X, Y)
        return J, {**gradients, "W2": gradients["W2"] + np.float64(1e-11)}

    monkeypatch.setattr(scalar_to_numpy, "scalar", wrong)
    with pytest.raises(SystemExit, match="W2: scalar graph and program differ by"):
        scalar_to_numpy.main(tmp_path)
