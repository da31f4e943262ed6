"""The resident state is synced once, whatever the backend, also after an interrupted sync."""

import pytest

import nn
from nn.engines.resident import ResidentState, engine_fingerprint, resident_state, resolve_engine
from nn.engines.steps import CompiledStep, EagerStep
from nn.optim import ClipNorm


class Counting:
    """A backend that notes what it is asked."""

    is_async = False

    def __init__(self, fails=0):
        self.asked, self.fails, self.loss = [], fails, None

    def load(self):
        self.asked.append("load")

    def begin(self, batch):
        self.asked.append("begin")
        self.loss = batch
        return batch != "refused"

    def end(self):
        self.asked.append("end")
        return self.loss

    def sync(self):
        self.asked.append("sync")
        if self.fails:
            self.fails -= 1
            raise KeyboardInterrupt


def step(resident, backend, loss):
    """Do a whole step."""
    assert resident.begin(resident.prepare(backend, loss))
    return resident.end()


@pytest.fixture
def resident():
    """Return a ResidentState that is given backends as samples, and losses as targets."""
    return ResidentState(lambda X, Y: (X, Y))


def test_numbers_are_loaded_once_and_synced_where_they_changed(resident):
    backend = Counting()
    resident.sync()
    assert not resident.is_async
    assert [step(resident, backend, loss) for loss in (1.0, 2.0)] == [1.0, 2.0]
    resident.sync()
    resident.sync()
    resident.invalidate()
    assert step(resident, backend, None) is None
    resident.invalidate()
    assert not resident.begin((backend, "refused"))
    resident.invalidate()
    assert backend.asked == [
        "load", "begin", "end", "begin", "end", "sync", "load", "begin", "end", "load", "begin"
    ]  # fmt: skip


def test_another_backend_begins_where_the_one_before_has_ended(resident):
    one, other = Counting(), Counting()
    other.is_async = True
    step(resident, one, 1.0)
    assert not resident.is_async
    step(resident, other, 1.0)
    assert resident.is_async
    assert one.asked[-1] == "sync"
    assert other.asked == ["load", "begin", "end"]


def test_a_sync_that_was_interrupted_is_done_again(resident):
    backend = Counting(fails=1)
    step(resident, backend, 1.0)
    with pytest.raises(KeyboardInterrupt):
        resident.invalidate()
    resident.invalidate()
    resident.invalidate()
    assert backend.asked[-2:] == ["sync", "sync"]


def test_what_must_come_to_the_values_in_each_step():
    class Own(nn.SGD):
        def step(self):
            super().step()

    model = nn.Neuron(1)
    parameters = model.parameters()
    step, limited = CompiledStep(model, nn.mse), ClipNorm(1.0)
    assert isinstance(resident_state(step, nn.SGD(parameters), limited), ResidentState)
    assert resident_state(EagerStep(model, nn.mse), nn.SGD(parameters), None) is None
    assert resident_state(step, nn.SGD(parameters), print) is None
    assert resident_state(step, Own(parameters), None) is None


def test_jax_may_be_a_name_or_settings(line):
    pytest.importorskip("jax", reason="the extra jax is not installed")
    settings = nn.Jax(dtype="float32", devices=1)
    assert resolve_engine("jax", line[0], nn.mse).settings == nn.Jax()
    assert resolve_engine(settings, line[0], nn.mse).settings == settings
    assert engine_fingerprint(settings) == "jax, float32"


def test_anything_else_is_refused(line):
    with pytest.raises(
        TypeError, match=r"engine: got .*; allowed: 'compiled', 'eager', 'jax' or JAX with"
    ):
        nn.fit(*line, engine=3)
