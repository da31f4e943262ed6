"""Numbers come home once, whoever carries them, and whole where coming home was cut short."""
# FOLDED from tests/nn/engines/test_resident.py: Engines by name.

import pytest
import nn
from nn.optim import ClipNorm
from nn.engines.resident import Mover, mover
from nn.engines.steps import CompiledStep, EagerStep
from nn.engines.resident import find, identity


class Counting:
    """A carrier that notes what it is asked."""

    waits = False

    def __init__(self, fails=0):
        self.asked, self.fails, self.loss = [], fails, None

    def take(self):
        self.asked.append("take")

    def begin(self, batch):
        self.asked.append("begin")
        self.loss = batch
        return batch != "refused"

    def end(self):
        self.asked.append("end")
        return self.loss

    def settle(self):
        self.asked.append("settle")
        if self.fails:
            self.fails -= 1
            raise KeyboardInterrupt


def step(moves, carrier, loss):
    """Do a whole step."""
    assert moves.begin(moves.prepare(carrier, loss))
    return moves.end()


@pytest.fixture
def moves():
    """Return a Mover that is given carriers as samples, and losses as targets."""
    return Mover(lambda X, Y: (X, Y))


def test_numbers_are_taken_once_and_settled_where_they_changed(moves):
    carrier = Counting()
    moves.settle()
    assert not moves.waits
    assert [step(moves, carrier, loss) for loss in (1.0, 2.0)] == [1.0, 2.0]
    moves.settle()
    moves.settle()
    moves.release()
    assert step(moves, carrier, None) is None
    moves.release()
    assert not moves.begin((carrier, "refused"))
    moves.release()
    assert carrier.asked == [
        "take", "begin", "end", "begin", "end", "settle", "take", "begin", "end", "take", "begin"
    ]  # fmt: skip


def test_another_carrier_begins_where_the_one_before_has_ended(moves):
    one, other = Counting(), Counting()
    other.waits = True
    step(moves, one, 1.0)
    assert not moves.waits
    step(moves, other, 1.0)
    assert moves.waits
    assert one.asked[-1] == "settle"
    assert other.asked == ["take", "begin", "end"]


def test_settling_that_was_interrupted_is_done_again(moves):
    carrier = Counting(fails=1)
    step(moves, carrier, 1.0)
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
    step, limited = CompiledStep(model, nn.mse), ClipNorm(1.0)
    assert isinstance(mover(step, nn.SGD(parameters), limited), Mover)
    assert mover(EagerStep(model, nn.mse), nn.SGD(parameters), None) is None
    assert mover(step, nn.SGD(parameters), print) is None
    assert mover(step, Own(parameters), None) is None


def test_jax_may_be_a_name_or_settings(line):
    pytest.importorskip("jax", reason="the extra jax is not installed")
    settings = nn.Jax(dtype="float32", devices=1)
    assert find("jax", line[0], nn.mse).settings == nn.Jax()
    assert find(settings, line[0], nn.mse).settings == settings
    assert identity(settings) == "jax, float32"


def test_anything_else_is_refused(line):
    with pytest.raises(TypeError, match="the engine can be compiled, eager, jax or JAX with"):
        nn.fit(*line, engine=3)
