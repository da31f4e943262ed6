"""Functions that read Python's state, compiled: the numbers of now, or an error, never silence.

What a function names (a variable that it closes over, a global, a default) is looked at in every
call: once it is replaced, the next call has the new one. What changes inside of it (a counter, a
draw, an element of an array) may go unseen for a while, but not for more than `PATIENCE` calls.
"""

import math
import random
from collections import Counter
from dataclasses import dataclass

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import autograd
import nn
from autograd import Value
from tests.fuzz import searching

PATIENCE = 8
CALLS = 18
TRIED = Counter()
REFUSALS = (TypeError, ValueError)

# Each defines `f(x)`, of three numbers, and `change(k)`, called before call k.
REPLACED = {
    "closure": "def make(a):\n    def f(x):\n        return x[0] * a + x[1]\n"
    "    def change(k):\n        nonlocal a\n        a = a if k != {k} else {c}\n"
    "    return f, change\nf, change = make({d})\n",
    "closure array": "def make(g):\n    def f(x):\n        return np.sum(x * g)\n"
    "    def change(k):\n        nonlocal g\n"
    "        g = g if k != {k} else np.array([{c}, 1.0, 2.0])\n"
    "    return f, change\nf, change = make(np.array([{d}, 1.0, 2.0]))\n",
    "global": "a = {d}\ndef f(x):\n    return autograd.tanh(x[0] * a) + x[2]\n"
    "def change(k):\n    global a\n    a = a if k != {k} else {c}\n",
    "global array": "g = np.array([{d}, 2.0, 1.0])\ndef f(x):\n    return autograd.dot(x, g)\n"
    "def change(k):\n    global g\n    g = g if k != {k} else np.array([{c}, 2.0, 1.0])\n",
    "global function": "def h(z):\n    return z * {d}\ndef f(x):\n    return h(x[0]) + x[1]\n"
    "def other(z):\n    return z * {c}\n"
    "def change(k):\n    global h\n    h = h if k != {k} else other\n",
    "default": "def f(x, a={d}):\n    return x[0] * a\n"
    "def change(k):\n    f.__defaults__ = ({c},) if k >= {k} else f.__defaults__\n",
}
CHANGED = {
    "counter": "n = [0]\ndef f(x):\n    n[0] += 1\n    return x[0] * n[0]\n"
    "def change(k):\n    pass\n",
    "array in place": "g = np.array([{d}, 2.0, 1.0])\ndef f(x):\n    return np.sum(x * g)\n"
    "def change(k):\n    g[0] = {c} if k == {k} else g[0]\n",
    "element of a list": "w = [{d}]\ndef f(x):\n    return x[0] ** 2 + w[0] * x[1]\n"
    "def change(k):\n    w[0] = {c} if k == {k} else w[0]\n",
    "entry of a dict": "s = dict(a={d})\ndef f(x):\n    return x[0] ** 2 + s['a'] * x[1]\n"
    "def change(k):\n    s['a'] = {c} if k == {k} else s['a']\n",
    "attribute": "class S:\n    training = True\ns = S()\ndef f(x):\n"
    "    return x[0] * ({c} if s.training else {d}) + x[1]\n"
    "def change(k):\n    s.training = k < {k}\n",
    "dropout": "r = random.Random({k})\ndef f(x):\n"
    "    return autograd.sum([v if r.random() < 0.5 else 0.0 * v for v in list(x) * 4])\n"
    "def change(k):\n    pass\n",
    "noise": "r = np.random.default_rng({k})\ndef f(x):\n    return np.sum(x * r.normal(size=3))\n"
    "def change(k):\n    pass\n",
    "dropped terms": "r = random.Random({k})\ndef f(x):\n"
    "    return x[0] + autograd.sum([v * v for v in list(x) * 4 if r.random() < 0.5] or [x[1]])\n"
    "def change(k):\n    pass\n",
    "annealed": "t = [1.0]\ndef f(x):\n    return x[0] ** 2 + t[0] * autograd.abs(x[1])\n"
    "def change(k):\n    t[0] *= 0.9 if k >= {k} else 1.0\n",
    "global in a function": "a = {d}\ndef h(z):\n    return z * a\ndef f(x):\n    return h(x[0])\n"
    "def change(k):\n    global a\n    a = a if k != {k} else {c}\n",
    "structure": "layers = [1]\ndef f(x):\n    y = x[0]\n    for _ in layers:\n"
    "        y = autograd.tanh(y) + x[1]\n    return y\n"
    "def change(k):\n    layers.append(1) if k == {k} else None\n",
}
MODEL = """\
class Model(nn.Module):
    def __init__(self):
        self.w = autograd.values([0.3, -0.2])
        self.b = Value(0.1)
        self.training, self.calls, self.rate = True, 0, {d}
        self.rng = random.Random({k})

    def __call__(self, x):
{body}

model, weight = Model(), [{d}]
"""
MODELS = {
    "counter": "self.calls += 1\nreturn autograd.dot(self.w, x, self.b) * (1 + self.calls)",
    "training flag": "y = autograd.dot(self.w, x, self.b)\nreturn y * {c} if self.training else y",
    "dropout": "pairs = zip(self.w * 5, list(x) * 5)\n"
    "kept = [w * v for w, v in pairs if self.rng.random() < 0.7]\n"
    "return sum(kept, self.b)",
    "rate": "return autograd.tanh(autograd.dot(self.w, x, self.b)) * self.rate",
    "weight": "return autograd.dot(self.w, x, self.b) * weight[0]",
    "penalty": "return autograd.dot(self.w, x, self.b)",
    "noise": "return autograd.dot(self.w, x, self.b) + self.rng.gauss(0, 1)",
}


@dataclass(frozen=True)
class Stateful:
    """A function with its change, or a model; `at_once` where no call may be wrong."""

    name: str
    source: str
    at_once: bool
    trains: bool
    moves: bool  # whether arguments differ from call to call
    k: int

    def __str__(self) -> str:
        return f"# {self.name}, moves={self.moves}, changed before call {self.k}\n{self.source}"


TABLES = {"REPLACED": REPLACED, "CHANGED": CHANGED, "MODELS": MODELS}
NUMBERS = (-2.0, -0.5, 0.25, 0.5, 1.5, 3.0)


def program_of(kind, name, k, c=3.0, d=0.5, moves=False):
    """Return a program of a table, whose state changes before call k from d to c."""
    numbers = {"c": c, "d": d, "k": k}
    text = TABLES[kind][name].format(**numbers)
    if kind == "MODELS":
        body = "\n".join(f"        {line}" for line in text.splitlines())
        text = MODEL.format(body=body, **numbers)
    return Stateful(name, text, kind == "REPLACED", kind == "MODELS", moves, k)


@st.composite
def stateful(draw):
    """Draw a function or a model with state."""
    kind = draw(st.sampled_from(["REPLACED", "CHANGED", "CHANGED", "MODELS"]))
    name = draw(st.sampled_from(sorted(TABLES[kind])))
    c = draw(st.sampled_from(NUMBERS))
    d = draw(st.sampled_from([x for x in NUMBERS if x != c]))
    return program_of(kind, name, draw(st.integers(1, 7)), c, d, draw(st.booleans()))


def made(program):
    """Run a program's text; return its names."""
    names = {"np": np, "nn": nn, "autograd": autograd, "Value": Value, "random": random}
    exec(compile(program.source, "<stateful>", "exec"), names)
    return names


def points(program):
    """Give the arguments of each call."""
    for k in range(CALLS):
        yield k, np.array([0.5, -1.0, 2.0]) + (0.01 * k if program.moves else 0.0)


def calls(program, compiled):
    """Give value and gradients of each call, as a flat list."""
    names = made(program)
    step = autograd.compile(names["f"], wrt=("x",)) if compiled else None
    for k, x in points(program):
        names["change"](k)
        if step is None:
            value, slopes = autograd.value_and_grad(names["f"])(x)
        else:
            value, slopes = step(x)
        yield [value, *slopes]


def losses(program, engine):
    """Return the losses of a training of one step an epoch, and the error that ended it."""
    names = made(program)
    model, found = names["model"], []

    def change(history):
        found.append([history["loss"][-1]])
        if len(found) == program.k:
            model.training, model.rate, names["weight"][0] = False, 2.5, -3.0

    options = {}
    if program.name == "penalty":
        options["penalty"] = lambda ps: names["weight"][0] * autograd.sum([p * p for p in ps])
    try:
        nn.fit(
            model, [[1.0, 0.5], [-0.5, 1.0], [2.0, 1.0]], [1.0, 0.0, -1.0], optimiser="sgd",
            lr=0.01, epochs=CALLS, engine=engine, progress=False, shuffle=False,
            callbacks=[change], **options,
        )  # fmt: skip
    except REFUSALS as error:
        return found, error
    return found, None


def compared(program):
    """Return eager results, compiled ones as far as they went, and the error that ended these."""
    if program.trains:
        got, error = losses(program, "compiled")
        return losses(program, "eager")[0], got, error
    got = []
    try:
        for result in calls(program, compiled=True):
            got.append(result)
    except REFUSALS as error:
        return list(calls(program, compiled=False)), got, error
    return list(calls(program, compiled=False)), got, None


def check(program):
    """Raise AssertionError where a compiled function went on for too long with old numbers."""
    want, got, error = compared(program)
    wrong = next(
        (i for i, (a, b) in enumerate(zip(got, want, strict=False)) if not close(a, b)), None
    )
    if wrong is None:
        TRIED["equal" if error is None else "refused in time"] += 1
        return
    TRIED["noticed after a while" if error is not None else "silent"] += 1
    where = f"{program.name}: call {wrong} gives {got[wrong]}, not {want[wrong]}"
    if program.at_once:
        raise AssertionError(f"{where}, though what the function names was replaced")
    if error is None:
        raise AssertionError(f"{where}, and no later call says so")
    if len(got) > wrong + PATIENCE:
        raise AssertionError(f"{where}, which only call {len(got)} noticed")


def close(a, b):
    """Whether two results are equal to the last digits."""
    return all(math.isclose(x, y, rel_tol=1e-9, abs_tol=1e-11) for x, y in zip(a, b, strict=True))


@given(stateful())
def states(program):
    """Hold a compiled function with state to the rule."""
    try:
        check(program)
    except Exception as error:
        error.add_note(str(program))
        raise


def kinds(program):
    """Give the kind and the error of a failure."""
    try:
        check(program)
    except Exception as error:  # noqa: BLE001 - any is to be told
        where = "fit" if program.trains else "compile"
        yield f"{where}, {program.name}: {type(error).__name__}", error


def search(settings):
    """Run many; return the failures by kind."""
    return searching.search(stateful(), kinds, settings)
