"""Random programs give the same numbers, gradients, order and pictures on both kernels."""

import json
import math
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd
from autograd.kernels.selection import KERNELS
from autograd.primitives import TABLE
from tests.helpers.programs import run

ROOT = Path(__file__).parents[4]

OTHER = {"native": "python", "python": "native"}[autograd.kernel]
pytestmark = pytest.mark.skipif(OTHER not in KERNELS, reason="this install has one kernel")

# Both kernels call the same C library, so the bits agree here; where CPython was built against
# another one (the wheels of some platforms), a unit in the last place is allowed.
ULPS = 1


@pytest.fixture(scope="module")
def other():
    """Return a function that runs a program on the other kernel, in a process of its own."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.helpers.programs"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "AUTOGRAD_KERNEL": OTHER, "PYTHONPATH": str(ROOT)},
    )

    def ask(program):
        process.stdin.write(json.dumps(program) + "\n")
        process.stdin.flush()
        return json.loads(process.stdout.readline())

    yield ask
    process.stdin.close()
    process.wait()
    process.stdout.close()


@st.composite
def programs(draw):
    """Draw a program of up to 30 steps over all primitives, with shared nodes and numbers."""
    leaves = draw(st.lists(st.floats(-3, 3).map(lambda x: round(x, 3)), min_size=1, max_size=4))
    steps = []
    for count in range(draw(st.integers(1, 30))):
        op = draw(st.sampled_from(sorted(TABLE)))
        entry = TABLE[op]
        size = draw(st.integers(1, 6)) if entry.variadic else len(entry.arguments)
        if op == "dot":
            size = draw(st.integers(2, 9))
        position = st.integers(0, len(leaves) + count - 1)
        operand = st.one_of(position, position, st.floats(-3, 3).map(lambda x: round(x, 3)))
        operands = [draw(operand) for _ in range(size)]
        operands[0] = draw(position)  # one node at least
        if op in {"round", "polygamma"}:  # their second and first arguments count
            operands[op == "round"] = float(draw(st.integers(0, 3)))
        steps.append([op, operands])
    return {"leaves": leaves, "steps": steps}


def close(a, b):
    """Whether two hex floats agree to some units in the last place, or are both nan."""
    x, y = float.fromhex(a), float.fromhex(b)
    if math.isnan(x) or math.isnan(y):
        return math.isnan(x) and math.isnan(y)
    return x == y or abs(x - y) <= ULPS * math.ulp(max(abs(x), abs(y)))


@given(programs())
@settings(max_examples=300)
def test_kernels_agree_on_each_node(other, program):
    mine, theirs = run(program), other(program)
    for key in ("ops", "inputs"):
        assert mine[key] == theirs[key]
    for i, op in enumerate(mine["ops"]):
        before = [j for j in mine["inputs"][i] if mine["data"][j] != theirs["data"][j]]
        if not before:  # an error that came in may grow; each operation is judged by itself
            assert close(mine["data"][i], theirs["data"][i]), op
            for a, b in zip(mine["partials"][i], theirs["partials"][i], strict=True):
                assert close(a, b), op
    if mine["data"] == theirs["data"] and mine["partials"] == theirs["partials"]:
        assert mine["grads"] == theirs["grads"]
        assert mine["dot"] == theirs["dot"]
