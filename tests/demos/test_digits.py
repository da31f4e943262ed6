import sys

from demos import digits


def test_most_digits_are_right(tour):
    ((share, count),) = tour.rows("digits", r"(\S+)% of (\d+) others are right")
    assert float(share) >= 95
    assert int(count) == 449


def test_the_loss_falls(tour):
    ((first, last),) = tour.rows("digits", r"loss (\S+) at first, (\S+) at last")
    assert float(last) < float(first) / 10


def test_numpy_is_faster_than_node_by_node(tour):
    ((times,),) = tour.rows("digits", r"an epoch takes .*: (\d+) times as long")
    assert int(times) > 1


def test_without_scikit_learn_the_demo_says_so(tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    assert digits.main(tmp_path) == []
    assert capsys.readouterr().out == (
        'no digits: this needs sklearn: pip install "scalar-autograd[demos]"\n'
    )
