"""What is exported in these tests: each primitive of the table, and whole programs."""

import random

import numpy as np

import autograd
import nn
from autograd.primitives import TABLE
from tests.helpers.random_graphs import random_graph

CONSTANT = {"polygamma": {"n": 1.0}, "round": {"digits": 0.0}}  # these have no derivative
PRIMITIVES = sorted(TABLE)


def primitive(name):
    """Return a compiled function that uses a primitive three times, and arguments for it."""
    entry, rng = TABLE[name], random.Random(name)
    if entry.variadic:
        function, rows = _of_lists(entry, rng)
    else:
        fixed = CONSTANT.get(name, {})
        varying = [a for a in entry.arguments if a not in fixed]
        rows = [
            np.array([rng.uniform(*entry.domain[entry.arguments.index(a)]) for _ in range(3)])
            for a in varying
        ]

        def function(p):
            found = []
            for numbers in zip(*p, strict=True):
                given = dict(zip(varying, numbers, strict=True))
                operands = [given.get(a, fixed.get(a)) for a in entry.arguments]
                found.append(getattr(autograd, name)(*operands))
            return autograd.dot(found, [1.0, 2.0, 3.0])

    step = autograd.compile(function, engine="numpy", exact=True)
    step(rows)
    return step, (rows,)


def _of_lists(entry, rng):
    rows = [[rng.uniform(*entry.domain[0]) for _ in range(4)] for _ in range(3)]

    def function(p):
        made = []
        for i, row in enumerate(p):
            if entry.name == "dot":
                found = autograd.dot(row, p[i - 1], p[0][0])
            elif "k" in entry.arguments and entry.name != "softmax":
                found = getattr(autograd, entry.name)(row, i)
            else:
                found = getattr(autograd, entry.name)(row)
            made.append(found[1] if isinstance(found, list) else found)
        return autograd.dot(made, [1.0, 2.0, 3.0])

    return function, np.array(rows)


def product(a, b, c):
    return 3 * (a + b * c)


def logistic(w, b, x, y):
    return autograd.sigmoid_cross_entropy(autograd.dot(w, x, b), y)


def huber(x, w):
    return autograd.sum([(w * v) ** 2 / 2 if abs(w * v) < 1 else abs(w * v) - 0.5 for v in x])


def compared(x, w):
    return x * w if x < w else x - w


def picked(table, i, x):
    return autograd.dot(autograd.take(table, i), x) + autograd.take(table, 0)[1]


def attention(Q, K, V):
    """Causal attention: each place hears those before it."""
    heard = []
    for t, query in enumerate(Q):
        weights = autograd.softmax([autograd.dot(query, key) for key in K[: t + 1]])
        heard += [autograd.dot(weights, [v[j] for v in V[: t + 1]]) for j in range(len(V[0]))]
    return autograd.sum([autograd.tanh(h) for h in heard])


def transformer():
    """Return the transformer's step of the benchmarks, smaller."""
    from benchmarks.lifting import programs

    rng = np.random.default_rng(0)
    width, places, kinds = 8, 4, 5
    shapes = {
        "tokens": (kinds, width), "places": (places, width), "queries": (width, width),
        "keys": (width, width), "values": (width, width), "out": (width, width),
        "wide": (2 * width, width), "narrow": (width, 2 * width), "head": (kinds, width),
    }  # fmt: skip
    parameters = {name: 0.4 * rng.normal(size=shape) for name, shape in shapes.items()}
    return programs.transformer, {}, (parameters, rng.integers(0, kinds, places + 1))


def network():
    model = nn.MLP(2, [4, 1], activation="tanh", output="sigmoid", rng=0)
    X, Y = np.random.default_rng(1).normal(size=(5, 2)), [0, 1, 1, 0, 1]
    options = {"batch": ("x", "y")}
    return (lambda x, y: nn.binary_cross_entropy(model(x), y)), options, (X, np.array(Y))


def classes():
    model = nn.MLP(2, [4, 3], activation="relu", rng=0)
    X, Y = np.random.default_rng(1).normal(size=(5, 2)), np.array([0, 2, 1, 0, 1])
    return (lambda x, y: nn.cross_entropy(model(x), y)), {"batch": ("x", "y")}, (X, Y)


def ragged():
    return (
        lambda p: autograd.sum([autograd.logsumexp(p[: i + 1]) * p[-i] for i in range(4)]),
        {},
        (np.array([0.3, -1.0, 2.0, 0.7]),),
    )


def mixed(w, x):
    """Put what samples share beside what they do not."""
    return autograd.logsumexp([x * w, w, x, 0.5]) * autograd.max([w * w, x])


def chosen(table, k, x):
    """Choose a row of a table for each sample, and a number of the sample's own."""
    scores = [autograd.tanh(a * b) for a, b in zip(autograd.take(table, k), x, strict=True)]
    return autograd.take(scores, k) + autograd.cross_entropy([2 * s for s in scores], k)


RNG = np.random.default_rng(3)
WHOLE = {
    "product": lambda: (product, {}, (2.0, -3.0, 10.0)),
    "logistic": lambda: (
        logistic, {"batch": ("x", "y"), "reduce": "sum"},
        (RNG.normal(size=3), 0.5, RNG.normal(size=(4, 3)), np.array([0.0, 1.0, 1.0, 0.0])),
    ),
    "network": network,
    "classes": classes,
    "huber": lambda: (huber, {}, ([0.5, -3.0], 1.5)),
    "picked": lambda: (picked, {}, (RNG.normal(size=(4, 3)), 2, RNG.normal(size=3))),
    "mixed": lambda: (mixed, {"batch": "x"}, (0.7, RNG.normal(size=4))),
    "chosen": lambda: (
        chosen, {"batch": ("k", "x"), "reduce": "sum"},
        (RNG.normal(size=(3, 3)), np.array([2, 0, 1, 2]), RNG.normal(size=(4, 3))),
    ),
    "ragged": ragged,
    "attention": lambda: (attention, {}, tuple(RNG.normal(size=(3, 4, 2)))),
    "transformer": transformer,
}  # fmt: skip


def whole(name, **more):
    """Return a whole program, compiled and called once, and its arguments."""
    function, options, args = WHOLE[name]()
    step = autograd.compile(function, engine="numpy", **options, **more)
    step(*args)
    return step, args


def random_program(seed):
    """Return a random graph, lifted, and the numbers of its leaves; None where none comes out.

    None also where a number on the way is not finite: what is exported cannot replay the graph.
    """
    result, leaves = random_graph(seed)
    if result.is_constant:
        return None
    program = autograd.lift(result, leaves, engine="numpy", exact=True)
    numbers = [leaf.data for leaf in leaves]
    result.backward()
    passed = [(node.data, node.grad) for node in autograd.graph.topological(result)]
    return (program, numbers) if np.isfinite(passed).all() else None


def ravel(found):
    """Return the numbers of a value and its gradients, in a row."""
    pending, row = [found], []
    while pending:
        part = pending.pop()
        if isinstance(part, dict):
            pending += list(part.values())[::-1]
        elif isinstance(part, (list, tuple)):
            pending += part[::-1]
        else:
            row.append(np.ravel(part))
    return np.concatenate(row)


def two_heads():
    """Return a network with two outputs, a number and a list, and a batch for it."""
    body = nn.MLP(3, [4], activation="tanh", output="tanh", rng=0)
    first = nn.MLP(4, [1], output="sigmoid", rng=1)
    second = nn.MLP(4, [2], output="linear", rng=2)

    def heads(x):
        hidden = body(x)
        return {"probability": first(hidden), "scores": second(hidden)}

    return heads, {"batch": "x"}, (np.random.default_rng(4).normal(size=(5, 3)),)


def shapes(x, w):
    """Return a number, a list, a matrix, and what does not depend on the arguments."""
    rows = [[a * b for b in w] for a in x]
    return autograd.sum(x), [autograd.exp(a) - w[0] for a in x], rows, [w[1], 2.0]


RESULTS = {  # run forward only: several results, arrays, batches
    "two heads": two_heads,
    "batch": lambda: (
        lambda x, w: autograd.tanh(autograd.dot(x, w)), {"batch": "x"},
        (RNG.normal(size=(6, 3)), RNG.normal(size=3)),
    ),
    "batch of numbers": lambda: (
        lambda x, w: autograd.exp(x * w), {"batch": "x"}, (RNG.normal(size=6), 0.5),
    ),
    "shapes": lambda: (shapes, {}, (RNG.normal(size=3), RNG.normal(size=2))),
    "shapes of a batch": lambda: (
        shapes, {"batch": "x"}, (RNG.normal(size=(4, 3)), RNG.normal(size=2)),
    ),
    "matrix": lambda: (
        lambda a, b: [[autograd.dot(row, column) for column in zip(*b, strict=True)] for row in a],
        {}, (RNG.normal(size=(2, 3)), RNG.normal(size=(3, 4))),
    ),
    "gradient": lambda: (
        autograd.grad(lambda x: autograd.log(x[0]) * autograd.cross_entropy(x, 1)), {"batch": "x"},
        (np.abs(RNG.normal(size=(4, 3))),),
    ),
}  # fmt: skip


def forward(name):
    """Return a compiled function that is run forward only, arguments, and what it returns."""
    function, options, args = RESULTS[name]()
    step = autograd.compile(function, gradients=False, engine="numpy", **options)
    return step, args, leaves(step(*args))


def leaves(tree):
    """Return the arrays of a result: those of dicts and tuples, and lists of numbers whole."""
    if isinstance(tree, dict):
        tree = tuple(tree.values())
    if isinstance(tree, tuple):
        return [array for part in tree for array in leaves(part)]
    return [np.asarray(tree, dtype=float)]


def given_arrays(step, args):
    """Return the arrays of a call by name, without the parameters."""
    form = step.form()
    pairs = zip(form.program.arrays, form.take(args), strict=True)
    return {a.name: np.asarray(x, float) for a, x in pairs if a.name not in form.parameters}


def same_results(got, expected):
    """Check results, in order; what no sample changes may have no axis of samples."""
    assert len(got) == len(expected)
    for one, wanted in zip(got, expected, strict=True):
        if np.ndim(one) < wanted.ndim:
            one = np.broadcast_to(one, wanted.shape)  # noqa: PLW2901
        assert np.shape(one) == wanted.shape
        np.testing.assert_allclose(one, wanted, rtol=1e-12, atol=1e-14)
