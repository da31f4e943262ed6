"""Trainings that tests stop and go on with, in this process and in others."""

import itertools

import numpy as np

import nn
from nn import optim

RNG = np.random.default_rng(0)
X = RNG.normal(size=(11, 2))
Y = (X[:, 0] * X[:, 1] > 0).astype(float)
HELD = RNG.normal(size=(5, 2)), np.array([0.0, 1.0, 1.0, 0.0, 1.0])  # gets better
AGAINST = HELD[0], 1 - HELD[1]  # gets worse from the second epoch on
STEPS = 3 * 4
OPTIMISERS = {
    **{name: {"optimiser": name} for name in nn.OPTIMISERS},
    "momentum": {"optimiser": lambda p: nn.SGD(p, lr=0.1, momentum=0.9, nesterov=True)},
    "some": {"optimiser": lambda p: nn.AdamW([*p[3:], *p[:2]], lr=0.1)},
}
EXTRAS = {
    "plain": {},
    "in order": {"shuffle": False},
    "watched": {"validation": HELD, "early_stopping": 2, "metrics": "accuracy"},
    "stopped": {"validation": AGAINST, "early_stopping": 2},
    "scheduled": {"schedule": nn.schedules.WarmUp(3, nn.schedules.Cosine(9)), "clip": 0.1},
    "penalty": {"penalty": lambda parameters: nn.l2_penalty(parameters, 0.1)},
    "twister": {"rng": "MT19937"},
    "dropped": {"dropout": 0.5},
    "dropped in order": {"dropout": 0.5, "shuffle": False, "validation": HELD},
    "weighted": {"sample_weight": np.linspace(0, 2, 11)},
}


class Dropped(nn.Module):
    """A network with dropout of its inputs and between its layers."""

    def __init__(self, network, rate):
        self.layers, self.dropout = network.layers, nn.Dropout(rate)

    def __call__(self, x):
        for layer in self.layers:
            x = layer(self.dropout(x))
        return x


class Stopping:
    """A schedule that interrupts the training before a step."""

    def __init__(self, at, then):
        self.at, self.then = at, then

    def __call__(self, step):
        if step == self.at:
            raise KeyboardInterrupt
        return self.then(step)

    def __repr__(self):
        return "Stopping"


def train(optimiser, extra, at=None, engine="compiled", data=(X, Y), **others):
    """Train a network; return its bits, the history but for its seconds, and the optimiser's."""
    model = nn.MLP(2, [3, 1], activation="tanh", output="sigmoid", rng=0)
    options = {"rng": 7, "batch_size": 4, "epochs": 4} | EXTRAS[extra] | others
    if "dropout" in options:
        model = Dropped(model, options.pop("dropout"))
    if options["rng"] == "MT19937":
        options["rng"] = np.random.Generator(np.random.MT19937(7))
    chosen = OPTIMISERS[optimiser]["optimiser"]
    made = optim.resolve_optimiser(chosen, model.parameters()) if isinstance(chosen, str) else None
    options["optimiser"] = made or chosen(model.parameters())
    options["schedule"] = Stopping(at, options.get("schedule", nn.schedules.Constant()))
    history = nn.fit(
        model, *data, loss="binary_cross_entropy", engine=engine, progress=False, **options
    )
    numbers = np.array([column for name, column in history.items() if name != "seconds"])
    state = options["optimiser"].state_dict()
    return [*map(float.hex, model.state_dict().values())], numbers.tobytes(), history.stopped, state


def pairs():
    """Return a function that makes batches, of their own order in each epoch."""

    def batches(epoch):
        order = np.random.default_rng(epoch).permutation(len(X))
        for start in range(0, len(X), 4):
            chosen = order[start : start + 4]
            yield X[chosen], Y[chosen]

    return batches


def endless():
    """Return an iterator that goes on over the epochs."""
    return itertools.chain.from_iterable(pairs()(epoch) for epoch in itertools.count())
