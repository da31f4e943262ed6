"""Public entries called with hostile values: an error in words, and nothing changed.

Each of `FOUND` failed once: it crashed, recursed, changed something or raised an error that is not
documented. `python -m tests.fuzz hostile` makes all attempts.
"""

import contextlib
import json
import subprocess
import sys
from pathlib import Path

from tests.fuzz.entries import entries
from tests.fuzz.hostile import HOSTILE

ROOT = Path(__file__).parents[2]
STRIDE = 41  # takes another value in each slot: a prime that the number of values is no multiple of

FOUND = {
    ("autograd.add", 0): ("a cyclic list", "a deep tuple", "a masked number", "a masked array"),
    ("autograd.mul", 0): ("a list of nan", "a cyclic array"),
    ("autograd.max", 0): ("a list that lies", "len 2**62"),
    ("autograd.atanh", 0): ("a list of Values", "an array of nan"),
    ("Value.polygamma", 0): ("a cyclic list",),
    ("operator mod", 0): ("an array of nan",),
    ("operator truediv", 0): ("a 3-d array",),
    ("reflected add", 0): ("np.longdouble 1e4000",),
    ("reflected lt", 0): ("np.longdouble 1e4000",),
    ("np.clip", 0): ("an array of nan", "len 2**62"),
    ("values", 0): ("a cyclic list", "a deep list", "a deep tuple"),
    ("values", "label"): ("a deep list",),
    ("get_data", "grads"): ("NotImplemented",),
    ("set_data", 1): ("np.complex128", "np.longdouble 1e4000", "a masked array", "a complex array"),
    ("set_data a late result", 1): ("a memoryview", "a list that lies"),
    ("set_data a late result", "grads"): ("None",),
    ("graph.topological", 0): ("None", "nan", "a range", "a list of None", "a failing iterator"),
    ("lift", "engine"): ("a cyclic array", "a str"),
    ("compile", "engine"): ("a cyclic array",),
    ("compile", "wrt"): ("a deep list",),
    ("lifted", 0): ("np.complex128",),
    ("checkpoint", 0): ("a cyclic list", "a deep dict"),
    ("scipy", 1): ("a cyclic array", "a deep tuple"),
    ("scipy", "method"): ("a deep list",),
    ("check", 0): ("a deep list",),
    ("check", 1): ("a cyclic list", "a deep tuple"),
    ("check", "reference"): ("a deep tuple",),
    ("nn Module.named_parameters", 0): ("a deep list", "a deep dict"),
    ("compiled", 0): ("a cyclic dict", "a list that shrinks", "np.complex128", "a deep list"),
    ("compiled.backward", 1): ("a deep list", "np.longdouble 1e4000"),
    ("compiled twice", 1): ("a deep tuple", "a deep dict"),
    ("nn sgd", "lr"): ("np.complex128", "a masked number"),
    ("nn sgd.lr", 0): ("a cyclic array", "nan", "np.longdouble 1e4000"),
    ("nn adam.load_state_dict", 0): ("None", "an empty list", "a cyclic dict", "len -1"),
    ("nn fit", 0): ("None", "a Value", "len -1"),
    ("nn fit eager", "engine"): ("a cyclic array",),
    ("nn fit eager", "resume"): ("a cyclic array",),
    ("nn fit", "callbacks"): ("a list of None", "a str", "a set"),
    ("nn fit", "rng"): ("a masked number",),
    ("nn clip_norm", 0): ("a set", "a list of None", "bytes"),
    ("nn serialization.write", 1): ("a deep list",),
    ("nn serialization.write", 2): ("None", "an empty list", "a dict", "a masked array"),
    ("nn initializers.uniform", "low"): ("a signalling Decimal", "a cyclic array"),
    ("nn accuracy", 0): ("a cyclic array",),
    ("nn accuracy", "threshold"): ("a masked number", "a signalling Decimal"),
    ("nn History.add", 0): ("a deep list",),
    ("nn History[]", 0): ("a deep dict", "a cyclic array"),
    ("nn Neuron call", 0): ("a list that shrinks",),
    ("viz text.render", "width"): ("a signalling Decimal",),
}


def run(asked):
    """Make attempts in a process of its own; return their number and the problems."""
    process = subprocess.run(
        [sys.executable, "-m", "tests.fuzz.sweep", json.dumps(asked)],
        capture_output=True, text=True, timeout=300, check=False, cwd=ROOT,
    )  # fmt: skip
    *before, last = process.stdout.splitlines() or [""]
    assert process.returncode == 0, f"at {last or before[-1]}: {process.stderr[-2000:]}"
    count, failed, problems = json.loads(last)
    assert failed, "no attempt failed: nothing was hostile"
    return count, problems


def test_what_failed_once_is_mended():
    asked = [(name, slot, value) for (name, slot), values in FOUND.items() for value in values]
    count, problems = run(asked)
    assert problems == []
    assert count == len(asked)


def test_hostile_values_anywhere_give_errors_in_words_and_change_nothing():
    count, problems = run({"stride": STRIDE})
    assert problems == []
    assert count > 1000


def test_every_entry_works_with_the_arguments_that_it_has():
    for name, make in entries().items():
        entry = make()
        assert entry.slots() or not entry.args, name
        with contextlib.suppress(*(AttributeError,) * ("result" in name)):
            entry.function(*entry.args, **entry.options)


def test_the_stride_meets_every_value():
    assert len(HOSTILE) % STRIDE
