"""Compiled functions of any arguments, however they are first called: eager value and gradients.

Structures (ragged rows, dicts, tuples, named tuples, None and text among them), numbers that are
whole beside floats, arguments by name, batches with inf and nan; the first call may be made under
`no_grad` or `detect_anomaly`, and each program is called again with other numbers.
"""

import contextlib
import math
from collections import Counter, namedtuple
from dataclasses import dataclass

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import autograd
from autograd import Value
from tests.fuzz import searching

TRIED = Counter()
Point = namedtuple("Point", "x y")  # noqa: PYI024 - what a user's code has

FROZEN = """\
def frozen(z):
    with autograd.no_grad():
        return z * z + 1


"""
TERMS = (
    'sum(sum(r) ** 2 for r in p["rows"])',
    'autograd.sum([autograd.logsumexp(r) for r in p["rows"]])',
    'autograd.sum([max(r) * r[0] for r in p["rows"]])',
    'sum(autograd.tanh(v) * len(r) for r in p["rows"] for v in r)',
    'autograd.dot(p["w"], q)', 'p["w"][0] * q[-1]', 'p["b"] * p["n"]', 'p["n"] ** 2 * 0.5',
    'p["t"][0] * p["t"][1]', 'p["pt"].x * p["pt"].y + p["pt"][0]',
    '(p["b"] if o["mode"] == "soft" else -p["b"] ** 2)',
    '(p["b"] ** 2 if o["none"] is None else 0.5 * p["b"])', 'frozen(p["b"]) * p["b"]',
    'frozen(p["w"][0] * s) * p["t"][0]', 'autograd.take(p["w"], k) * s', 's * s * p["b"]',
    'sum(v * c for v, c in zip(p["w"], q))', 'p["b"] * (2.0 if k == 1 else 3.0)',
    'p["d"]["deep"][0][1] * p["b"]', 'autograd.sum(p["A"][0]) * p["A"][1][0]',
    'np.sum(np.array(p["w"]) * np.array(q))', 'sorted(p["w"])[0] * s',
    'autograd.softmax(p["w"])[0]', 'autograd.norm(p["w"]) + p["t"][1]',
)  # fmt: skip
FIRST = ("plain", "no_grad", "detect_anomaly", "value")
ENGINES = ("auto", "blocked", "numpy", "tape")
numbers = st.floats(-2, 2).map(lambda x: round(x, 2)).filter(lambda x: abs(x) > 0.05)
mixed = st.one_of(numbers, numbers, st.integers(1, 3))


@dataclass(frozen=True)
class Call:
    """A function as text, the arguments of its calls, and how it is compiled and first called."""

    source: str
    calls: list
    named: bool
    first: str
    engine: str
    wrt: tuple

    def __str__(self) -> str:
        return (
            f"{self.source}# engine={self.engine!r}, wrt={self.wrt}, first call: {self.first}"
            f"{', by name' if self.named else ''}\n" + "\n".join(map(repr, self.calls))
        )


@st.composite
def structures(draw, lengths):
    """Draw the numbers of one call, in a structure of given lengths."""
    floats = lambda n: draw(st.lists(numbers, min_size=n, max_size=n))  # noqa: E731 - said in place
    width, rows, mode, none = lengths
    p = {
        "w": floats(width), "b": draw(numbers), "n": draw(st.integers(1, 3)),
        "rows": [floats(n) for n in rows], "t": tuple(floats(2)), "pt": Point(*floats(2)),
        "d": {"deep": [(draw(numbers), draw(numbers))]},
        "A": np.array([floats(2), floats(2)]),
    }  # fmt: skip
    q = [*floats(1), *[draw(mixed) for _ in range(width - 1)]]
    k = draw(st.integers(0, width - 1))
    return {"p": p, "q": q, "s": draw(mixed), "k": k, "o": {"mode": mode, "none": none}}


@st.composite
def calls(draw):
    """Draw a function and three calls of it, of which the last may have another structure."""
    terms = draw(st.lists(st.sampled_from(TERMS), min_size=1, max_size=4))
    text = " + ".join(terms)
    lengths = st.tuples(
        st.integers(2, 4), st.lists(st.integers(1, 4), min_size=1, max_size=4),
        st.sampled_from(["soft", "hard"]), st.sampled_from([None, "x"]),
    )  # fmt: skip
    one, other = draw(lengths), draw(lengths)
    made = [draw(structures(n)) for n in (one, one, draw(st.sampled_from([one, other])))]
    used = {name for name in made[0]["p"] if f'"{name}"' in text} | {"b"}
    for call in made:
        call["p"] = {name: part for name, part in call["p"].items() if name in used}
    return Call(
        f'{FROZEN}def f(p, q, s, k, o):\n    return {text} + 0.1 * p["b"]\n', made,
        draw(st.booleans()), draw(st.sampled_from(FIRST)), draw(st.sampled_from(ENGINES)),
        draw(st.sampled_from([("p",), ("p", "q")])),
    )  # fmt: skip


def flat(tree):
    """Give the numbers of a structure, in order; what is no number is left out."""
    if isinstance(tree, dict):
        return [x for key in tree for x in flat(tree[key])]
    if isinstance(tree, (list, tuple)):
        return [x for part in tree for x in flat(part)]
    if isinstance(tree, np.ndarray):
        return tree.ravel().tolist()
    return [] if tree is None or isinstance(tree, str) else [float(tree)]


def eager(function, call, wrt):
    """Return the eager value, and the gradients in a row."""
    argnums = tuple("pqsk".index(name) for name in wrt)
    value, slopes = autograd.value_and_grad(function, argnums)(*call.values())
    return [value, *flat(slopes)]


def function_of(program):
    """Run a program's text; return its function."""
    names = {"autograd": autograd, "np": np}
    exec(compile(program.source, "<call>", "exec"), names)
    return names["f"]


def same(got, want):
    """Whether numbers are equal to the last digits, nan where nan is."""
    scale = max((abs(x) for x in want if math.isfinite(x)), default=1.0)
    return len(got) == len(want) and all(
        (x != x and y != y) or x == y or abs(x - y) <= 1e-10 * max(1.0, scale)
        for x, y in zip(got, want, strict=True)
    )


def around(first):
    """Return the mode in which a first call is made."""
    modes = {"no_grad": autograd.no_grad, "detect_anomaly": autograd.detect_anomaly}
    return modes.get(first, contextlib.nullcontext)()


def check_call(program):
    """Hold each call of a compiled function to the eager one."""
    function = function_of(program)
    step = autograd.compile(function, wrt=program.wrt, engine=program.engine)
    for i, call in enumerate(program.calls):
        want = eager(function, call, program.wrt)
        with around(program.first if not i else "plain"):
            if not i and program.first == "value":
                got, want = [step.value(*call.values())], want[:1]
            else:
                result = step(**call) if program.named else step(*call.values())
                got = flat(result)
        assert same(got, want), (
            f"call {i}, the first one was {program.first}\ngot {got}, not {want}"
        )
    TRIED["judged"] += 1


BATCH_TERMS = (
    "w * x[0]", "autograd.tanh(w * x[1])", "autograd.where(x[0] > 0, w * x[1], w)",
    "autograd.maximum(w, x[0])", "autograd.exp(-w * x[2])", "autograd.sum([w * v for v in x])",
    "autograd.sum(x[:1]) * w", "x[0] * x[1] * w", "(w if x[0] <= x[0] * x[0] else -w)",
    "(w * x[1] if x[0] < 1.0 else w)", "autograd.logsumexp([w * x[0], x[1]])", "w / x[2]",
    "autograd.sum([autograd.sum(x[: i + 1]) * w for i in range(3)])", "autograd.relu(w * x[1])",
    "autograd.min([w, x[0], x[1]])", "autograd.sigmoid(w * x[0])", "w * autograd.abs(x[0])",
    "autograd.sum([autograd.sum([v * x[2] for v in x[: i + 1]]) * w for i in range(3)])",
    "(w if autograd.sum([v * x[2] for v in x[:2]]) > sum(x) else -w)",
    "autograd.sum([autograd.tanh(autograd.dot(x[: i + 1], x[: i + 1], w)) for i in range(3)])",
)  # fmt: skip
special = st.one_of(numbers, numbers, st.sampled_from([math.inf, -math.inf, math.nan, 0.0, 1e200]))


@dataclass(frozen=True)
class Batch:
    """A function of a parameter and a sample, and batches with numbers of every kind."""

    source: str
    w: float
    batches: list
    engine: str

    def __str__(self) -> str:
        return f"{self.source}# engine={self.engine!r}, w={self.w}, batches {self.batches}"


@st.composite
def batches(draw):
    """Draw a function of a sample, and two batches."""
    text = " + ".join(draw(st.lists(st.sampled_from(BATCH_TERMS), min_size=1, max_size=3)))
    row = st.lists(special, min_size=3, max_size=3)
    return Batch(
        f"def f(w, x):\n    return {text}\n", draw(numbers),
        [draw(st.lists(row, min_size=1, max_size=4)) for _ in range(2)],
        draw(st.sampled_from(ENGINES)),
    )  # fmt: skip


def check_batch(program):
    """Hold the value and the gradient of a batch to the eager ones of its samples."""
    function = function_of(program)
    step = autograd.compile(function, wrt=("w",), batch=("x",), engine=program.engine)
    for rows in program.batches:
        w = Value(program.w)
        with np.errstate(all="ignore"):
            result = autograd.mean([function(w, row) for row in rows])
            result.backward()
            got = flat(step(program.w, np.array(rows)))
        assert same(got, [result.data, w.grad]), f"a batch\ngot {got}, not {[result.data, w.grad]}"
    TRIED["judged"] += 1


CHECKS = {"arguments": (calls, check_call), "batches": (batches, check_batch)}


def test_of(name):
    """Return the test of a kind, which raises at the first failure."""
    strategy, check = CHECKS[name]

    @given(strategy())
    def test(program):
        try:
            check(program)
        except Exception as error:
            error.add_note(str(program))
            raise

    return test


def search(name, settings):
    """Run many of a kind; return the failures by kind."""
    strategy, check = CHECKS[name]

    def failures(program):
        check(program)
        return ()

    return searching.search(strategy(), failures, settings)
