"""Optimisers' updates in C: the bits of `masked_update`, for the settings of now."""

import numpy as np
import pytest

import nn
from autograd import Value
from autograd.compiler.elementwise import COMPILED
from nn.engines.update import CompiledUpdate

pytestmark = pytest.mark.skipif(not COMPILED, reason="the plain kernel updates in NumPy")
COUNT = 200
KINDS = {
    "sgd": lambda p: nn.SGD(p, lr=0.1),
    "momentum": lambda p: nn.SGD(p, lr=0.1, momentum=0.9, weight_decay=0.01),
    "nesterov": lambda p: nn.SGD(p, lr=0.1, momentum=0.9, nesterov=True),
    "rmsprop": lambda p: nn.RMSprop(p, weight_decay=0.1),
    "adam": nn.Adam,
    "adam with decay": lambda p: nn.Adam(p, lr=0.3, betas=(0.5, 0.25), weight_decay=0.1),
    "adamw": nn.AdamW,
}


def parameters():
    return [Value(0.01 * i) for i in range(COUNT)]


def loaded(optimiser):
    update = CompiledUpdate(optimiser)
    update.load()
    return update


def stepped(update, p, g):
    """Update parameters in place, and the optimiser's state."""
    state = update.optimiser.state
    assert update(p, g, state, [p, *state.values()])


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_bits_are_those_of_numpy(kind):
    ours, numpys = KINDS[kind](parameters()), KINDS[kind](parameters())
    update = loaded(ours)
    random = np.random.default_rng(0)
    p = random.normal(size=COUNT)
    expected = p.copy()
    for rate in (0.1, 0.02, 0.3, 0.0, 1e-3, 7.0):
        ours.lr = numpys.lr = rate
        g = random.normal(size=COUNT) * random.choice([0.0, 1e-200, 1.0, 1e200], COUNT)
        stepped(update, p, g)
        with np.errstate(all="ignore"):
            expected = numpys.masked_update(expected, g, None)
        assert p.tobytes() == expected.tobytes()
        assert str(ours.state_dict()) == str(numpys.state_dict())


class Plain(nn.Optimiser):
    """An optimiser of one's own."""

    elementwise = True
    state_names = ("mean",)

    def __init__(self, parameters, beta=0.5):
        super().__init__(parameters, 0.1)
        self.beta = beta

    def update(self, p, g):
        m = self.state["mean"] = self.beta * self.state["mean"] + g
        return p - self.lr * m


def test_one_s_own_is_compiled_and_compiled_again_for_other_settings():
    optimiser = Plain(parameters())
    update = loaded(optimiser)
    first = update.program
    update.load()
    assert update.program is first is not None
    optimiser.beta = 0.25
    update.load()
    assert update.program is not first
    p, g = np.ones(COUNT), np.ones(COUNT)
    optimiser.state["mean"][:] = 4.0
    stepped(update, p, g)
    assert (optimiser.state["mean"] == 2.0).all()


class Exponential(Plain):
    elementwise = True

    def update(self, p, g):
        return p * np.exp(-self.lr * g)


class Counting(Plain):
    elementwise = True
    calls = 0

    def update(self, p, g):
        self.calls += 1
        return p - self.calls * g


class Growing(Plain):
    elementwise = True

    def update(self, p, g):
        self.state["last"] = g
        return p - self.lr * g


class Deciding(Plain):
    elementwise = True

    def update(self, p, g):
        return p - self.lr * g if self.steps > 3 else p


class Silent(Plain):
    def update(self, p, g):
        return p - self.lr * g / np.max(g)


@pytest.mark.parametrize(
    "optimiser",
    [
        *(kind(parameters()) for kind in (Exponential, Counting, Growing, Deciding, Silent)),
        Plain(parameters(), beta=[0.5]),  # what is in it may change
    ],
    ids=lambda optimiser: f"{type(optimiser).__name__} {optimiser.beta}",
)
def test_others_are_numpys(optimiser):
    update = loaded(optimiser)
    assert update.program is None
    assert not update(np.ones(COUNT), np.ones(COUNT), optimiser.state, [])
    assert optimiser.steps == 0


def test_a_state_that_is_no_row_is_numpys():
    optimiser = Plain(parameters())
    optimiser.state["mean"] = np.zeros((COUNT, 1))
    assert loaded(optimiser).program is None


def test_a_parameter_that_some_steps_missed_has_its_own_count():
    optimiser = nn.Adam(parameters())
    optimiser.state["missed"] = np.arange(COUNT) % 2.0
    assert loaded(optimiser).program is None  # a power of each number's own steps
    optimiser = nn.SGD(parameters())
    optimiser.state["missed"] = np.zeros(COUNT)
    assert loaded(optimiser).program is not None
