"""Random trainings on all routes; `python -m tests.fuzz training` draws more."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import Phase, settings

from autograd.compiler.compiled import Compiled
from tests.fuzz import stateful, training
from tests.fuzz.models import BRANCHES, HEAD, OPTIMISERS, Program

FEW = settings(max_examples=15, phases=[Phase.generate])  # what fails is told as it was drawn
# One model for each way in which a branch depends on the data.
CASES = [text.format(p="t0", q="x[1]", r="t0 * t0", c=0.4) for text in BRANCHES]


def program_of(line, loss="mse", penalty=False, **changed):
    """Return a program whose model has one line beside a dot product."""
    source = (
        f"{HEAD}class Model(nn.Module):\n    def __init__(self):\n"
        "        self.w = autograd.values([0.5, -1.25, 0.75])\n        self.unused = Value(0.5)\n\n"
        f"    def __call__(self, x):\n        t0 = autograd.dot(self.w, x)\n        t1 = {line}\n"
        "        return t1 + 0.5 * t0\n"
    )
    if penalty:
        source += "\n\ndef penalty(ps):\n    return 0.1 * sum([p * p for p in ps if p > 0], 0.0)\n"
    given = {
        "X": [[1.3, -0.5, 0.0], [-0.7, 1.1, 1.0], [0.2, -1.9, 1.0], [1.1, 0.4, 0.0]],
        "Y": [1.0, -0.5, 0.25, 2.0], "optimiser": "SGD(ps, lr=0.05, momentum=0.9)",
        "batch_size": 2, "epochs": 2, "clip": None, "seed": 5,
    }  # fmt: skip
    return Program(source, loss, copies=False, **{**given, **changed})


def judged(program):
    """Run a program on all routes; raise the first failure."""
    for name, error in training.failures(program, training.peer()).items():
        error.add_note(f"{name}\n{program}")
        raise error


@pytest.mark.parametrize("line", CASES)
def test_a_model_with_a_branch_trains_alike_on_all_routes(line):
    judged(program_of(line))


@pytest.mark.parametrize("optimiser", OPTIMISERS)
@pytest.mark.parametrize("penalty", [False, True])
def test_every_optimiser_comes_to_its_formulas_numbers(optimiser, penalty):
    judged(program_of("max(t0, 0.1)", optimiser=optimiser, penalty=penalty, clip=0.3))


def test_random_trainings_agree_on_all_routes():
    FEW(training.trainings())()


def test_a_lost_gradient_is_found(monkeypatch):
    whole = Compiled.backward

    def halved(self, *args, **named):
        return 0.5 * whole(self, *args, **named)

    monkeypatch.setattr(Compiled, "backward", halved)
    failed = training.failures(program_of("x[0]"))
    engines = {"engine numpy", "engine blocked", "engine tape"}
    assert {*engines, "fit"} >= failed.keys() >= {"engine numpy"}


def test_what_stands_at_a_kink_is_not_judged():
    program = program_of("autograd.relu(t0 - t0 * 1.0)", batch_size=None)
    names = training.in_values(program)
    assert not training.at_kink(program, names, [(program.X, program.Y)])
    program = program_of("max(t0 * x[0], x[0] * t0 + 1e-17)")
    names = training.in_values(program)
    assert not training.at_kink(program, names, [(program.X, program.Y)])
    program = program_of("1.0 if self.w[0] > 0.5 else t0")
    names = training.in_values(program)
    assert training.at_kink(program, names, [(program.X, program.Y)])


def test_a_formula_leaves_what_was_not_reached():
    update = training.Formula("AdamW(ps, lr=0.5, eps=1e-12, weight_decay=0.5)", None)
    numbers = update(np.array([1.0, 1.0]), np.array([2.0, 0.0]), np.array([True, False]))
    assert numbers == pytest.approx([0.25, 1.0])
    numbers = update(np.array([1.0, 1.0]), np.array([0.0, 2.0]), np.array([False, True]))
    assert numbers == pytest.approx([1.0, 0.25])  # the first step of the other


@pytest.mark.parametrize("optimiser", OPTIMISERS)
@pytest.mark.parametrize("line", ["self.b if x[0] > 0 else x[1]", "t0 if x[0] > 0 else 0.5"])
def test_batches_reach_different_parameters(optimiser, line):
    program = program_of(line, optimiser=optimiser, batch_size=1, epochs=3)
    source = program.source.replace(
        "        self.unused", "        self.b = Value(0.25)\n        self.unused"
    )
    judged(replace(program, source=source.replace("t1 + 0.5 * t0", "t1")))


STATES = [
    (kind, name) for kind in ("REPLACED", "CHANGED", "MODELS") for name in getattr(stateful, kind)
]


@pytest.mark.parametrize("k", [1, 5])
@pytest.mark.parametrize(("kind", "name"), STATES)
def test_state_of_python_is_seen_or_refused(kind, name, k):
    stateful.check(stateful.program_of(kind, name, k))


def test_random_functions_with_state_are_seen_or_refused():
    FEW(stateful.states)()


def test_silence_is_found(monkeypatch):
    monkeypatch.setattr(stateful, "compared", lambda _: ([[1.0], [2.0]], [[1.0], [1.0]], None))
    with pytest.raises(AssertionError, match="no later call says so"):
        stateful.check(stateful.program_of("CHANGED", "counter", 1))
    late = [[1.0]] * 12
    monkeypatch.setattr(stateful, "compared", lambda _: ([[2.0]] * 12, late, TypeError()))
    with pytest.raises(AssertionError, match="which only call 12 noticed"):
        stateful.check(stateful.program_of("CHANGED", "counter", 1))
    with pytest.raises(AssertionError, match="was replaced"):
        stateful.check(stateful.program_of("REPLACED", "closure", 1))
