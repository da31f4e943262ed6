"""Random trainings: the eager engine, the compiled ones and JAX, parameters after each step.

The reference is a loop written out here: gradients of the eager engine, which must be JAX's, and
the optimisers' formulas on arrays. `nn.fit` must come to the same parameters on either engine.
"""

import copy
import math
from collections import Counter
from functools import partial

import numpy as np
from hypothesis import given

import autograd
import nn
from autograd import Value
from tests.fuzz import searching
from tests.fuzz.models import programs
from tests.fuzz.searching import kind_of

TRIED = Counter()
CLOSE = 1e-10  # of the largest parameter
NEAR = 1e-9  # what moves a program that stands at a kink to one of its sides
LARGEST = 1e6  # of a parameter or gradient: beyond, rounding is all that is compared


class DifferenceError(AssertionError):
    """Two routes to one result differ; the first argument says which."""


def in_values(program):
    """Run a program's text on this library; return its names."""
    names = {"np": np, "nn": nn, "autograd": autograd, "Value": Value, "copy": copy}
    exec(compile(program.source, "<model>", "exec"), names)
    if program.named:
        names["loss"] = getattr(nn, program.named)
    return names


def eager_loss(names, model, X, Y):
    """Return the mean loss of samples, with the penalty, as a graph."""
    losses = [names["loss"](model(x), y) for x, y in zip(X, Y, strict=True)]
    result = autograd.mean(losses)
    if "penalty" in names:
        result = result + names["penalty"](model.parameters())
    return result if isinstance(result, Value) else Value(result)


def eager_gradient(names, model, X, Y):
    """Return the loss, the gradients, and which parameters were reached."""
    model.zero_grad()
    result = eager_loss(names, model, X, Y)
    if not result.is_constant:
        result.backward()
    ps = model.parameters()
    return result.data, np.array([p.grad for p in ps]), np.array([p.has_grad for p in ps])


class Formula:
    """An optimiser by its formulas, on arrays; what was not reached stays, its state as well."""

    def __init__(self, text, clip):
        self.kind, _, rest = text.partition("(")
        self.options = dict(
            part.strip().split("=") for part in rest.rstrip(")").split(",") if "=" in part
        )
        self.m = self.v = self.t = np.zeros(())  # each has one number a parameter
        self.clip = clip

    def __getattr__(self, name):
        default = {"weight_decay": 0.0, "momentum": 0.0, "nesterov": False}
        return eval(self.options[name]) if name in self.options else default[name]

    def __call__(self, p, g, reached):
        """Return the new parameters."""
        norm = float(np.sqrt(np.sum(g * g)))
        if self.clip is not None and norm > self.clip:
            g = g * (self.clip / norm)
        before = p, self.m, self.v, self.t
        self.t = self.t + 1
        after = getattr(self, self.kind.lower())(p, g), self.m, self.v, self.t
        new, self.m, self.v, self.t = (
            np.where(reached, b, a) for a, b in zip(before, after, strict=True)
        )
        return new

    def sgd(self, p, g):
        g = g + self.weight_decay * p
        self.m = self.momentum * self.m + g
        return p - self.lr * (g + self.momentum * self.m if self.nesterov else self.m)

    def rmsprop(self, p, g):
        self.v = 0.99 * self.v + 0.01 * g * g
        return p - self.lr * g / (np.sqrt(self.v) + self.eps)

    def adam(self, p, g):
        return self.adapted(p, g + self.weight_decay * p)

    def adamw(self, p, g):
        return self.adapted(p - self.lr * self.weight_decay * p, g)

    def adapted(self, p, g):
        self.m = 0.9 * self.m + 0.1 * g
        self.v = 0.999 * self.v + 0.001 * g * g
        m, v = self.m / (1 - 0.9**self.t), self.v / (1 - 0.999**self.t)
        return p - self.lr * m / (np.sqrt(v) + self.eps)


def reference(program, names, batches, moved=0.0, peer=None):
    """Return the parameters after each step, or None where numbers grow beyond all bounds."""
    model = names["Model"]()
    numbers = np.array([p.data for p in model.parameters()])
    numbers = numbers + moved * np.where(np.arange(len(numbers)) % 2, 1.0, -1.3)
    update, found = Formula(program.optimiser, program.clip), []
    for X, Y in batches:
        autograd.set_data(model.parameters(), numbers)
        loss, g, reached = eager_gradient(names, model, X, Y)
        if not math.isfinite(loss) or not np.isfinite(g).all() or np.abs(g).max() > LARGEST:
            return None
        if peer is not None:
            agree("the eager gradient and JAX's", g, peer(numbers, X, Y))
        numbers = update(numbers, g, reached)
        found.append(numbers)
    return found


def agree(what, got, want, tolerance=CLOSE):
    """Raise where numbers differ by more than rounding."""
    got, want = np.asarray(got, float), np.asarray(want, float)
    scale = max(1.0, float(np.abs(want).max(initial=0)))
    if got.shape != want.shape or not np.allclose(got, want, rtol=0, atol=tolerance * scale):
        raise DifferenceError(what, f"got {got.tolist()}, not {want.tolist()}")


def fit(program, names, engine):
    """Return the parameters after each epoch, and the samples in the order of their use."""
    seen, found = [], []

    class Logged(names["Model"]):
        def __call__(self, x):
            seen.append(list(x))
            return super().__call__(x)

    model = Logged() if engine == "eager" else names["Model"]()
    ps = model.parameters()
    nn.fit(
        model, program.X, program.Y, loss=program.named or names["loss"],
        optimiser=eval(f"nn.{program.optimiser}", {"nn": nn, "ps": ps}),
        penalty=names.get("penalty"), engine=engine, epochs=program.epochs,
        batch_size=program.batch_size, clip=program.clip, shuffle=program.seed is not None,
        rng=program.seed, progress=False,
        callbacks=[lambda _: found.append([p.data for p in ps])],
    )  # fmt: skip
    return found, seen


def batches_of(program, seen):
    """Divide the samples that were seen into the batches of the steps."""
    target = dict(zip(map(tuple, program.X), program.Y, strict=True))
    size, n = program.batch_size or len(program.X), len(program.X)
    for start in range(0, len(seen), n):
        epoch = seen[start : start + n]
        for i in range(0, n, size):
            X = epoch[i : i + size]
            yield X, [target[tuple(x)] for x in X]


def at_kink(program, names, batches):
    """Whether rounding may lead to other parameters: a little more than rounding does."""
    ends = []
    for moved in (0.0, NEAR, -NEAR):
        found = reference(program, names, batches, moved)
        if found is None:
            return True
        ends.append(np.array(found))
    return any(np.abs(end - ends[0]).max() > 1e4 * NEAR for end in ends)


def routes(program, names, batches, peer):
    """Give the name and the check of each route; a check raises where its route is wrong."""
    if program.copies:  # of nodes: an eager graph has new ones, a trace and JAX the same
        if peer is not None:
            yield "copies", partial(with_copies, names, batches, peer)
        return
    for engine in ("numpy", "blocked", "tape"):
        yield f"engine {engine}", partial(compiled, program, names, engine)
    if peer is not None:
        yield "JAX", partial(reference, program, names, batches, peer=peer)
    yield "fit", partial(fits, program, names, batches)


def with_copies(names, batches, peer):
    """Hold the compiled engine to JAX, for whom a copy is the number itself; it may refuse."""
    numbers = [p.data for p in names["Model"]().parameters()]
    X, Y = batches[0]
    want, model = peer(numbers, X, Y), names["Model"]()
    step = autograd.compile(sample_loss(names, model), batch=("x", "y"))
    try:
        step.backward(X, Y, fresh=True)
    except TypeError:
        TRIED["copies refused"] += 1
        return
    agree("copies in a compiled function, and JAX", [p.grad for p in model.parameters()], want)


def sample_loss(names, model):
    """Return the loss of one sample as a function to compile."""

    def loss_of(x, y):
        result = names["loss"](model(x), y)
        return result + names["penalty"](model.parameters()) if "penalty" in names else result

    return loss_of


def fits(program, names, batches):
    """Hold both engines of `fit` to the loop written out here, epoch by epoch."""
    found = reference(program, names, batches)
    per_epoch = len(batches) // program.epochs
    eager, by_default = (fit(program, names, engine)[0] for engine in ("eager", "compiled"))
    agree("fit, compiled and eager", by_default, eager)
    if found is not None:
        agree("fit and the formulas", eager, found[per_epoch - 1 :: per_epoch])


def compiled(program, names, engine):
    """Hold what `backward(..., fresh=True)` leaves to the eager gradients, call by call."""
    model, twin = names["Model"](), names["Model"]()
    ps = model.parameters()
    step = autograd.compile(sample_loss(names, model), batch=("x", "y"), engine=engine)
    X, Y = program.X, program.Y
    for rows in (slice(1), slice(None), slice(1, None), slice(None, None, -1)):
        if not X[rows]:
            continue
        value, g, reached = eager_gradient(names, twin, X[rows], Y[rows])
        got = step.backward(X[rows], Y[rows], fresh=True)
        agree(f"value, engine {engine}", got, value)
        agree(f"backward(fresh=True), engine {engine}", [p.grad for p in ps], g)
        agree(f"has_grad, engine {engine}", [p.has_grad for p in ps], reached)
        autograd.set_data([*ps, *twin.parameters()], np.tile(autograd.get_data(ps) * 1.01, 2))


def failures(program, peer_of=None):
    """Run a program on all routes; return what failed, by the names of the routes."""
    names = in_values(program)
    peer = None if peer_of is None else peer_of(program, names)
    try:
        _, seen = fit(program, names, "eager")
    except FloatingPointError:
        TRIED["a loss that is not finite"] += 1
        return {}
    batches = list(batches_of(program, seen))
    failed = {}
    for name, check in routes(program, names, batches, peer):
        try:
            check()
        except Exception as error:  # noqa: BLE001 - any is a failure
            failed[name] = error
    if failed and at_kink(program, names, batches):
        TRIED["at a kink, or ill conditioned"] += 1
        return {}
    TRIED["failed" if failed else "judged"] += 1
    return failed


def peer():
    """Return what makes JAX's gradient of a program, or None without JAX."""
    try:
        from tests.fuzz import peers
    except ImportError:
        return None
    return peers.gradient


def trainings(strategy=None):
    """Return the test of trainings: it raises the first failure of a program."""
    peer_of = peer()

    @given(programs() if strategy is None else strategy)
    def test(program):
        for name, error in failures(program, peer_of).items():
            error.add_note(f"{name}\n{program}")
            raise error

    return test


def kinds(program, peer_of):
    """Give the kind and the error of each route that failed."""
    for name, error in failures(program, peer_of).items():
        first = error.args[0] if isinstance(error, DifferenceError) else kind_of(error)
        yield f"{name}: {first}", error


def search(settings):
    """Run many; return the failures by kind."""
    return searching.search(programs(), partial(kinds, peer_of=peer()), settings, TRIED)
