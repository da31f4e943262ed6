"""Numbers come home once, whoever carries them, and whole where coming home was cut short."""

import pytest

import nn
from nn.mover import Mover, mover
from nn.steps import CompiledStep, EagerStep


class Counting:
    """A carrier that notes what it is asked."""

    def __init__(self, fails=0):
        self.asked, self.fails = [], fails

    def take(self):
        self.asked.append("take")

    def batch(self, X, Y):
        self.asked.append("batch")
        return X, Y

    def move(self, there):
        self.asked.append("move")
        return there[1]

    def settle(self):
        self.asked.append("settle")
        if self.fails:
            self.fails -= 1
            raise KeyboardInterrupt


def test_numbers_are_taken_once_and_settled_where_they_changed():
    carrier = Counting()
    moves = Mover(lambda _X, _Y: carrier)
    moves.settle()
    for loss in (1.0, 2.0):
        assert moves.move(moves.batch(0, loss)) == loss
    moves.settle()
    moves.settle()
    moves.release()
    assert moves.move(moves.batch(0, None)) is None
    moves.release()
    assert carrier.asked == [
        "take", "batch", "move", "batch", "move", "settle", "take", "batch", "move"
    ]  # fmt: skip


def test_another_carrier_begins_where_the_one_before_has_ended():
    one, other = Counting(), Counting()
    moves = Mover(lambda X, _Y: X)
    moves.move(moves.batch(one, 1.0))
    moves.move(moves.batch(other, 1.0))
    assert moves.batch(None, None) is None
    assert one.asked[-1] == "settle"
    assert other.asked == ["take", "batch", "move"]


def test_settling_that_was_interrupted_is_done_again():
    carrier = Counting(fails=1)
    moves = Mover(lambda _X, _Y: carrier)
    moves.move(moves.batch(0, 1.0))
    with pytest.raises(KeyboardInterrupt):
        moves.release()
    moves.release()
    moves.release()
    assert carrier.asked[-2:] == ["settle", "settle"]


def test_what_must_come_to_the_values_in_each_step():
    class Own(nn.SGD):
        def step(self):
            super().step()

    model = nn.Neuron(1)
    parameters = model.parameters()
    step, limited = CompiledStep(model, nn.mse), nn.clip.ClipNorm(1.0)
    assert isinstance(mover(step, nn.SGD(parameters), limited), Mover)
    assert mover(EagerStep(model, nn.mse), nn.SGD(parameters), None) is None
    assert mover(step, nn.SGD(parameters), print) is None
    assert mover(step, Own(parameters), None) is None
