"""Random programs over the whole table, and what their numbers are to many digits.

How exact a float can be depends on the program: `reference` computes with 100 digits, and again
several times with every result moved by a random part of 2^-52, as rounding would move it (Monte
Carlo arithmetic; Parker, 1997). How far the derivatives move is how far ours may be off.
"""

import math
import random

from hypothesis import strategies as st
from mpmath import mp

from autograd import Value
from autograd.primitives import TABLE
from benchmarks.accuracy.references import LISTS, REFERENCES
from tests.helpers.programs import apply

DIGITS = 100
STEP = mp.mpf(10) ** -40  # of the differences
TINY = mp.mpf(10) ** -30  # moves what is exactly at a kink to one of its sides
ROUNDING = mp.mpf(2) ** -51  # 2 ulp, of the 4 that a primitive may be off at worst
RUNS = 4
FACTOR = 64  # times what the runs moved: their largest is a sample, ours may be beyond it
LARGEST = 1e12
SLOW = {"polygamma", "digamma"}  # to compute with a hundred digits
NAMES = sorted(name for name, entry in TABLE.items() if entry.exact and name not in SLOW)
numbers = st.floats(-3, 3).map(lambda x: round(x, 3))


def run(op, operands, nodes):
    """Apply an operation to nodes by position and to numbers."""
    made = apply(op, [nodes[x] if isinstance(x, int) else x for x in operands])
    return made if isinstance(made, Value) else Value(made)  # a number that was taken


@st.composite
def programs(draw, names=tuple(NAMES), most=10):
    """Draw a program all of whose numbers are moderate: what is not is tamed by an atan."""
    leaves = draw(st.lists(numbers, min_size=1, max_size=3))
    nodes = [Value(x) for x in leaves]
    steps = []
    for _ in range(draw(st.integers(1, most))):
        op = draw(st.sampled_from(names))
        entry = TABLE[op]
        size = draw(st.integers(1, 4)) if entry.variadic else len(entry.arguments)
        if op == "dot":
            size = draw(st.integers(2, 7))
        place = st.integers(0, len(nodes) - 1)
        operands = [draw(st.one_of(place, place, numbers)) for _ in range(size)]
        operands[0] = draw(place)  # one node at least
        if op == "round":
            operands[1] = 0.0
        made = run(op, operands, nodes)
        if not math.isfinite(made.data) or abs(made.data) > LARGEST:
            op, operands = "atan", operands[:1]
            made = run(op, operands, nodes)
        steps.append([op, operands])
        nodes.append(made)
    return {"leaves": leaves, "steps": steps}


def ours(program):
    """Return the value, and the gradients of the leaves."""
    leaves = [Value(x) for x in program["leaves"]]
    nodes = list(leaves)
    for op, operands in program["steps"]:
        nodes.append(run(op, operands, nodes))
    nodes[-1].backward()
    return nodes[-1].data, [leaf.grad for leaf in leaves]


def with_end(op, xs):
    """Give the operands of a list function's reference, which end with a position or a bias."""
    entry = TABLE[op]
    if entry.arguments == ("xs", "k"):
        return [*xs, len(xs) - 1]
    if op == "dot" and len(xs) % 2 == 0:
        return [*xs, mp.zero]
    return xs


def evaluate(program, leaves, noise):
    """Return the result for leaves; ``noise`` gives two numbers for each leaf and each step."""
    count = len(leaves)
    nodes = [x + absolute * TINY for x, (_, absolute) in zip(leaves, noise, strict=False)]
    for (op, operands), (relative, absolute) in zip(program["steps"], noise[count:], strict=True):
        xs = [nodes[x] if isinstance(x, int) else mp.mpf(x) for x in operands]
        z = REFERENCES[op](*xs) if op in REFERENCES else LISTS[op](with_end(op, xs))
        if isinstance(z, mp.mpc):
            raise ArithmeticError(op)  # noqa: TRY004 - a number that is not real
        nodes.append(z * (1 + relative * ROUNDING) + absolute * TINY)
    return nodes[-1]


def derivatives(program, noise):
    """Return the value and the gradients of the leaves."""
    leaves = [mp.mpf(x) for x in program["leaves"]]
    slopes = []
    for i, x in enumerate(leaves):
        up, down = (
            evaluate(program, [*leaves[:i], moved, *leaves[i + 1 :]], noise)
            for moved in (x + STEP, x - STEP)
        )
        slopes.append((up - down) / (2 * STEP))
    return [evaluate(program, leaves, noise), *slopes]


def reference(program, seed=0):
    """Return each number (the value, then the gradients), and how far ours may be off.

    Raises ValueError or ArithmeticError where a rounding leads out of a domain.
    """
    draw = random.Random(seed)
    still = [(0, 0)] * (len(program["leaves"]) + len(program["steps"]))
    with mp.workdps(DIGITS):
        exact = derivatives(program, still)
        allowed = [mp.zero] * len(exact)
        for run_number in range(RUNS):
            sides = ([1], [-1])[run_number] if run_number < 2 else [1, -1]  # a kink has both
            noise = [(draw.choice([-1, 1]), draw.choice(sides)) for _ in still]
            for i, moved in enumerate(derivatives(program, noise)):
                allowed[i] = max(allowed[i], abs(moved - exact[i]))
        # A rule of a derivative has roundings of its own, which no moved result shows.
        own = [FACTOR * ROUNDING * abs(x) + mp.mpf(10) ** -300 for x in exact]
        return [(x, FACTOR * a + o) for x, a, o in zip(exact, allowed, own, strict=True)]


def describe(program):
    """Write a program as lines of code, for a failure's report."""
    lines = [f"v{i} = Value({x!r})" for i, x in enumerate(program["leaves"])]
    for op, operands in program["steps"]:
        words = ", ".join(f"v{x}" if isinstance(x, int) else repr(x) for x in operands)
        lines.append(f"v{len(lines)} = {op}({words})")
    return "\n".join(lines)
