"""The engines side by side, and what is said where they differ."""

import itertools
import re
from dataclasses import replace

import numpy as np
import pytest

import autograd
from autograd.compiler.executors.comparison import compare, difference
from autograd.compiler.ir.array_ir import Equation
from autograd.compiler.ir.builder import Builder
from autograd.compiler.programs.validation import validate
from autograd.errors import LoweringError


def program(function=lambda x: autograd.sum([autograd.exp(a) * a for a in x]), **options):
    step = autograd.compile(function, engine="numpy", **options)
    step(np.array([[0.1, 0.2, 0.3]]) if options.get("batch") else [0.1, 0.2, 0.3])
    return step.program


def written(made, source):
    """Return a program with another text."""
    changed = replace(made)
    vars(changed)["source"] = source
    return changed


@pytest.mark.parametrize(
    "options", [{}, {"batch": "x"}, {"batch": "x", "reduce": "sum"}, {"gradients": False}]
)
def test_a_right_program_passes_on_any_numbers(options):
    made = program(**options)
    numbers = np.array([[0.5, 1.0], [-1.0, 2.0], [3.0, 0.0]])
    compare(made, [numbers if options.get("batch") else numbers[:, 0]])


build = Builder()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda x: build.call("exp", build.mul(x, build.number(1.1))), "the value .* first in T1 "),
        (
            lambda x: build.index(build.call("exp", x), (slice(None), None)),
            "first in T1, of shape",
        ),
    ],
)
def test_a_wrong_line_is_named(change, words):
    made = program()
    first, *rest = made.equations.equations
    wrong = Equation(first.result, change(made.equations.inputs[0]))
    equations = replace(made.equations, equations=[wrong, *rest])
    changed = replace(made, equations=equations)
    with pytest.raises(LoweringError, match=words):
        compare(changed, [np.array([0.5, 1.0, -1.0])])


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("return (T", "return (1.0001 * T", "the value .* first on the way back"),
        ("= T1 + x", "= T1 - x", "the gradient of x .* first on the way back"),
    ],
)
def test_a_wrong_result_is_named(old, new, words):
    made = program()
    assert old in made.source
    with pytest.raises(LoweringError, match=words):
        compare(written(made, made.source.replace(old, new, 1)), [np.array([0.5, 1.0, -1.0])])


def test_what_is_not_finite_is_replayed_and_not_compared():
    compare(program(), [np.array([1e4, 1.0, 1.0])])


def test_a_wrong_comparison_is_named():
    made = program(lambda x: x[0] * x[1] if x[0] < x[1] else x[2])
    source = made.source.replace("<", ">")
    with pytest.raises(LoweringError, match=r"the comparison \(<\) at .*test_comparison.py"):
        compare(written(made, source), [np.array([0.1, 0.2, 0.3])])


def one_way(x):
    return x[0] + x[1] + x[2] if x[0] + (x[1] + x[2]) <= 0.6 else x[0] * x[1]


@pytest.mark.parametrize(
    "function",
    [
        one_way,
        lambda x: x[0] * x[1] if x[0] + x[1] - x[2] <= 0 else x[2],
        lambda x: autograd.where(x[0] + x[1] <= x[2], x[0], 5 * x[1]),
        lambda x: autograd.sum([autograd.relu(x[0] + x[1] - x[2]), x[0]]),
    ],
)
@pytest.mark.parametrize("change", ["- 1e-15", "+ 1e-15"])
def test_what_rounding_alone_decides_is_not_told(function, change):
    made = program(function)
    source = re.sub(r"T1 = (.*)", rf"T1 = (\1) {change}", made.source)
    assert source != made.source
    compare(written(made, source), [np.array([0.1, 0.2, 0.3])])


def test_a_wrong_comparison_among_samples_is_told_beside_one_that_rounding_decides():
    made = program(lambda x: x[0] * x[1] if x[0] + x[1] <= x[2] else x[2], batch="x")
    source = made.source.replace("<=", ">")
    with pytest.raises(LoweringError, match="the comparison"):
        compare(written(made, source), [np.array([[0.1, 0.5], [0.2, 0.5], [0.3, 0.3]])])


def test_a_number_beside_a_nan_is_infinitely_far():
    assert difference(np.nan, 1.0) == np.inf
    assert difference([np.inf, 1.0][1:], [1.0]) == 0.0


@pytest.mark.parametrize("change", ["ids", "coefficient", "number", "missing", "op"])
def test_a_line_that_stands_for_other_nodes_is_found(change):
    made = program(
        lambda x: (
            autograd.sum([2 * a * b for a, b in itertools.pairwise(x)]) + autograd.exp(x[0] - 1)
        )
    )
    steps = list(made.instructions)
    k, step = next(
        (k, s) for k, s in enumerate(steps) if s.op == ("sum" if change != "op" else "exp")
    )
    if change == "ids":
        step.out.ids = np.where(step.out.ids >= 0, 4, step.out.ids)
    elif change == "coefficient":
        step.parts[0].coefficient *= 2
    elif change == "number":
        step.parts.pop()
    elif change == "op":
        step.op = "tanh"
    else:
        del steps[k]
    with pytest.raises(LoweringError):
        validate(replace(made, instructions=tuple(steps)))


@pytest.mark.parametrize("options", [{}, {"batch": "x"}, {"gradients": False}])
def test_a_comparison_that_rounding_decides_is_no_fault(options):
    def function(x):
        total = autograd.sum([v * 0.1 for v in x])
        return total if total - sum(0.1 * v for v in x) >= 1e-17 else -total

    def equal(x):
        total = autograd.sum([v * 0.1 for v in x])
        return total if total == sum(0.1 * v for v in x) else -total

    for f in (equal, function):
        step = autograd.compile(f, engine="numpy", check=True, **options)
        for x in np.random.default_rng(0).normal(size=(20, 1, 9)):
            step(x if "batch" in options else x[0])


def test_a_comparison_that_the_program_gets_wrong_is_one():
    made = program(lambda x: x[0] * 2 if autograd.exp(x[0]) > x[1] else x[1])
    assert "exp(x" in made.source
    wrong = written(made, made.source.replace("exp(x", "-exp(x", 1))
    with pytest.raises(LoweringError, match=r"the comparison \(>\) at test_comparison\.py"):
        compare(wrong, [np.array([0.5, 1.0, -1.0])])
