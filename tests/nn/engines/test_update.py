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
    assert update.holds()
    update(p, g, state, [p, *state.values()])


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
    assert not update.holds()
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


def trained(kind, change, when="step", *, in_c=True):
    """Return a network's numbers after a training in which something is changed."""
    model = nn.MLP(3, [4, 1], rng=0)
    optimiser = kind(model.parameters(), 0.01)

    def schedule(step):
        if when == "step":
            change(optimiser, step)
        return 1.0

    def callback(history):
        if when == "epoch":
            change(optimiser, history.epochs)

    X = np.random.default_rng(0).normal(size=(64, 3))
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(globals(), "factor", 1.0)
        patch.setattr(Factored, "scale", 1.0)
        if not in_c:
            patch.setattr(CompiledUpdate, "load", lambda _: None)
        nn.fit(
            model, X, X.sum(1), optimiser=optimiser, epochs=5, batch_size=16, schedule=schedule,
            callbacks=[callback], progress=False, rng=0,
        )  # fmt: skip
    return [p.data for p in model.parameters()]


factor = 1.0


class Factored(nn.Optimiser):
    elementwise = True
    scale = 1.0

    def update(self, p, g):
        return p - self.lr * self.scale * factor * g


def unchanged(_, step):
    pass


def set_factor(_, step):
    globals()["factor"] = 1 / (1 + step)


def set_scale_of_all(_, step):
    Factored.scale = 1 / (1 + step)


def set_scale(optimiser, step):
    optimiser.scale = 1 / (1 + step)


def set_momentum(optimiser, step):
    optimiser.momentum = min(0.9, 0.1 * step)


@pytest.mark.parametrize(
    ("kind", "when", "change"),
    [
        (nn.SGD, "epoch", set_momentum),
        (nn.SGD, "step", set_momentum),
        (Factored, "epoch", set_scale),
        (Factored, "step", set_scale),
        (Factored, "epoch", set_scale_of_all),
        (Factored, "epoch", set_factor),
    ],
)
def test_what_changes_while_training_is_seen(kind, when, change):
    """Settings, at any step; whatever else an update reads, from one epoch to the next."""
    ours = trained(kind, change, when)
    assert ours == trained(kind, change, when, in_c=False)
    assert ours != trained(kind, unchanged)


class Remembering(nn.Optimiser):
    """It keeps what it is given, and overwrites it."""

    elementwise = True
    state_names = ("previous", "slope")

    def update(self, p, g):
        before, slope = self.state["previous"], self.state["slope"]
        self.state["previous"], self.state["slope"] = p, g
        return p - self.lr * (g + slope) + 0.1 * (p - before) + 0 * self.xp.exp(-g * g)


class Reordered(Remembering):
    elementwise = False


def test_an_update_in_numpy_may_keep_what_it_is_given():
    assert trained(Remembering, unchanged) == trained(Reordered, unchanged)
