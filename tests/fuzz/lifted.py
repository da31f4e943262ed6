"""Random sums, mixtures and ragged rows, as lifted programs against the tape and the eager engine.

What is drawn has the shapes that grouping looks for: the same expression over many points, shared
subterms, grids of rows and columns, rows of different lengths.
"""

# ruff: noqa: B023, E501 - choices are called where they are made, each on a line of its own
import math
import random
from collections import Counter

import numpy as np

import autograd

TOLERANCE = 1e-9
TRIED = Counter()


def _squash(draw, x):
    return draw.choice([
        lambda: autograd.tanh(x), lambda: autograd.sigmoid(x), lambda: autograd.sin(x),
        lambda: autograd.softplus(x), lambda: autograd.exp(autograd.sin(x)), lambda: x / (1 + x * x),
        lambda: autograd.atan(x), lambda: x * x, lambda: x,
    ])()  # fmt: skip


class Model:
    """A random function of a row of parameters; its choices come from the seed alone."""

    def __init__(self, seed):
        draw = random.Random(seed)
        self.seed = seed
        self.kind = draw.choice(KINDS)
        self.parameters = draw.randint(1, 9)
        self.points = draw.choice([1, 2, 3, 4, 5, 6, 7, 8, 12, 13, 20, 40])
        if self.kind in {"mixture", "student"}:
            self.points = min(self.points, 20)
        self.start = [round(draw.uniform(0.2, 1.5), 2) for _ in range(self.parameters)]
        self.data = [round(draw.uniform(-2, 2), 1) for _ in range(self.points)]

    def __call__(self, x):
        return getattr(self, self.kind)(random.Random(self.seed + 1), x)

    def sums(self, draw, x):
        """Add powers of sums of a few terms over all points."""
        count = draw.randint(1, 4)
        shapes = [
            (draw.randrange(4), *(draw.randrange(len(x)) for _ in range(3))) for _ in range(count)
        ]
        power = draw.choice([1, 2, 3])
        outer = draw.randrange(4)
        made = []
        for p in self.data:
            inner = 0.0
            for shape, a, b, c in shapes:
                term = [
                    lambda: x[a] * (p - x[b]) / x[c], lambda: x[a] * autograd.exp(-x[b] * x[b] * p * p),
                    lambda: (p - x[a]) * (p - x[b]), lambda: autograd.sin(x[a] * p + x[b]),
                ][shape]()  # fmt: skip
                inner = inner + term
            made.append(
                [
                    lambda: inner**power,
                    lambda: autograd.tanh(inner),
                    lambda: inner,
                    lambda: autograd.log(1 + inner * inner),
                ][outer]()
            )
        return autograd.sum(made)

    def mixture(self, draw, x):
        """Add log-likelihoods of a mixture."""
        count = max(1, len(x) // 3)
        means, widths, logits = x[:count], (x[count:] or x)[:count], (x[2 * count :] or x)[:count]
        family, sums = draw.randrange(3), draw.randrange(3)
        weights = [autograd.softmax(logits)[k] for k in range(len(logits))] if sums == 0 else None
        total = []
        for p in self.data:
            logs = []
            for k in range(count):
                mean, width, logit = means[k], widths[k % len(widths)], logits[k % len(logits)]
                z = (p - mean) * autograd.exp(-width)
                density = [
                    lambda: -0.5 * z * z - width, lambda: -1.5 * autograd.log(1 + z * z / 2) - width,
                    lambda: abs(p) * mean - autograd.exp(mean),
                ][family]()  # fmt: skip
                logs.append(
                    density + (autograd.log(weights[k % len(weights)]) if weights else logit)
                )
            total.append(
                autograd.logsumexp(logs)
                if sums < 2
                else autograd.log(autograd.sum([autograd.exp(v) for v in logs]))
            )
        return autograd.sum(total) if draw.random() < 0.5 else -autograd.mean(total)

    def student(self, draw, x):
        """Add Student or Poisson terms with shared scales."""
        scale = autograd.exp(x[-1])
        nu = 1 + x[0] * x[0]
        if draw.random() < 0.5:
            return autograd.sum([
                (nu + 1) / 2 * autograd.log(1 + ((p - x[k % len(x)]) / scale) ** 2 / nu) + x[-1]
                for k, p in enumerate(self.data)
            ])  # fmt: skip
        rates = [
            autograd.exp(autograd.dot(x, [math.cos(p * k) for k in range(len(x))]))
            for p in self.data
        ]
        return autograd.sum(
            [r - abs(p) * autograd.log(r) for r, p in zip(rates, self.data, strict=True)]
        )

    def ragged(self, draw, x):
        """Add functions of rows whose lengths differ."""
        made = []
        rows = []
        for p in self.data:
            length = draw.randint(1, len(x))
            begin = draw.randint(0, len(x) - length)
            rows.append(x[begin : begin + length])
            weights = (
                [p + k for k in range(length)]
                if draw.random() < 0.7
                else list(reversed(x))[:length]
            )
            made.append(autograd.dot(rows[-1], weights))
        which = draw.randrange(6)
        if which < 4:
            gather = [autograd.logsumexp, autograd.max, autograd.prod, autograd.norm][which]
            made = [m * gather(row) for m, row in zip(made, rows, strict=True)]
        return autograd.sum([_squash(random.Random(self.seed + which), m) for m in made])

    def outer(self, draw, x):
        """Add over pairs of parameters, all or some of them."""
        rows = [_squash(draw, v * draw.choice([1.0, 2.0])) for v in x]
        lower, shape = draw.random() < 0.5, draw.randrange(4)
        terms = []
        for i, a in enumerate(x):
            for j, b in enumerate(rows):
                if lower and j > i:
                    continue
                terms.append(
                    [
                        lambda: a * b,
                        lambda: autograd.tanh(a - b),
                        lambda: a * b * x[(i + j) % len(x)],
                        lambda: (a - b) ** 2,
                    ][shape]()
                )
        sums = [autograd.sum(terms[k::3]) for k in range(min(3, len(terms)))]
        return autograd.sum([_squash(draw, s) * p for s in sums for p in self.data[:5]])

    def network(self, draw, x):
        """Add the squares of a small network's errors, weights used again."""
        width = draw.randint(1, 4)
        w = [
            [x[(i * 3 + j * draw.randint(1, 3)) % len(x)] for j in range(width)]
            for i in range(width)
        ]
        total = []
        for p in self.data[:12]:
            h = [autograd.tanh(p * v + k) for k, v in enumerate(x[:width])]
            h = [
                autograd.relu(autograd.dot(row[: len(h)], h))
                if draw.random() < 0.1
                else autograd.dot(row[: len(h)], h)
                for row in w
            ]
            total.append((autograd.sum(h) - p) ** 2)
        return autograd.mean(total)

    def recurrence(self, draw, x):
        """Run a short recurrence, and add what it passes."""
        s, total, shape = x[0], 0.0, draw.randrange(3)
        for k, p in enumerate(self.data):
            v = x[k % len(x)]
            s = [
                lambda: s + 0.1 * v * (p - s),
                lambda: autograd.tanh(s * v + p),
                lambda: s * 0.9 + v * v * p,
            ][shape]()
            total = total + s * v if draw.random() < 0.6 else total + s
        return total

    def branches(self, draw, x):
        """Choose by comparisons, maxima and clips."""
        made = []
        for k, p in enumerate(self.data):
            a, b = x[k % len(x)], x[(k * 2 + 1) % len(x)]
            made.append([
                lambda: autograd.where(a > p, a * b, a - b * p), lambda: autograd.maximum(a * p, b) ** 2,
                lambda: autograd.clip(a * p, -0.5, 0.5) * b, lambda: abs(a - p) * b,
            ][draw.randrange(4) if self.seed % 2 else self.seed % 4]())  # fmt: skip
        return autograd.sum(made)

    def components(self, draw, x):
        """Add functions of sums over components, each of which has parameters of its own."""
        size = draw.choice([2, 3])
        count = max(1, len(x) // size)
        order = draw.random() < 0.5
        own = [x[k::count][:size] if order else x[k * size : (k + 1) * size] for k in range(count)]
        shape, last, weighted = draw.randrange(6), draw.randrange(5), draw.random() < 0.5
        made = []
        for p in self.data:
            inner = []
            for a, b, *rest in [v if len(v) > 1 else [*v, *v] for v in own]:
                c = rest[0] if rest else a
                inner.append([
                    lambda: a * (p - b) / c, lambda: a * autograd.exp(-(((p - b) / c) ** 2) / 2) / c,
                    lambda: autograd.log(a) - (p - b) ** 2 / (2 * c * c) - autograd.log(c),
                    lambda: a - 0.5 * ((p - b) * autograd.exp(-c)) ** 2 - c,
                    lambda: a * autograd.tanh(b * p + c), lambda: a / (c + (p - b) ** 2),
                ][shape]())  # fmt: skip
            made.append([
                lambda: autograd.sum(inner) ** 2, lambda: (autograd.sum(inner) - p) ** 2,
                lambda: autograd.logsumexp(inner), lambda: autograd.log(1 + autograd.sum(inner) ** 2),
                lambda: autograd.tanh(autograd.sum(inner)),
            ][last]())  # fmt: skip
        if weighted:
            return autograd.dot(made, [1 + abs(p) for p in self.data])
        return autograd.sum(made) if draw.random() < 0.5 else autograd.mean(made)


KINDS = (
    "components",
    "components",
    "sums",
    "mixture",
    "student",
    "ragged",
    "outer",
    "network",
    "recurrence",
    "branches",
)


def orders(model):
    """Name the functions of a model that are compiled: forward only, all but the first."""
    direction = [math.cos(k) for k in range(model.parameters)]

    def jacobian_of(x):
        return [model(x), autograd.tanh(model(x)) * x[0], autograd.dot(x, x)]

    return {
        "value": model,
        "gradient": autograd.grad(model),
        "hessian": autograd.hessian(model),
        "jacobian": autograd.jacobian(jacobian_of),
        "jvp": lambda x: autograd.jvp(model, (x,), (direction,)),
        "hvp": lambda x: autograd.hvp(model, (x,), (direction,)),
    }


def numbers(found):
    """Flatten what a function returned."""
    if isinstance(found, tuple | list):
        return [x for part in found for x in numbers(part)]
    return [float(x) for x in np.asarray(found, dtype=float).ravel()]


def difference(a, b):
    """Return the largest difference as a part of the largest number; inf where nan meets another."""
    a, b = np.array(a), np.array(b)
    if a.shape != b.shape or (np.isnan(a) != np.isnan(b)).any():
        return math.inf
    same = (a == b) | np.isnan(a)
    size = np.abs(b[np.isfinite(b)]).max(initial=1e-3)
    return float(np.where(same, 0.0, np.abs(a - b)).max(initial=0.0) / size)


def attempt(seed, which=None):
    """Compile all orders of one model on all engines; return what is wrong, as sentences."""
    model = Model(seed)
    wrong = []
    for order, function in orders(model).items():
        if which not in {None, order}:
            continue
        if order == "value":
            value, slopes = autograd.value_and_grad(model)(model.start)
            eager = numbers((value, slopes))
        else:
            eager = numbers(function(model.start))
        for engine, exact in (("numpy", False), ("numpy", True), ("tape", False)):
            forward = {"gradients": False} if order in {"jvp", "hvp"} else {}
            step = autograd.compile(function, engine=engine, exact=exact, **forward)
            gap = difference(numbers(step(model.start)), eager)
            moved = [x * 1.01 + 0.01 for x in model.start]
            if order == "value":
                other = numbers(autograd.value_and_grad(model)(moved))
            else:
                other = numbers(function(moved))
            gap = max(gap, difference(numbers(step(moved)), other))
            TRIED[model.kind] += 1
            if not gap < TOLERANCE:
                wrong.append(
                    f"seed {seed}: {model.kind}, {order}, {engine}, exact={exact}: {gap:.1e}"
                )
    return wrong
