"""A function of one sample for many: a program, or the function where it cannot be traced."""

import numpy as np
import pytest

import autograd
from autograd.compiler.batched import BatchedFunction
from autograd.errors import ImpureFunctionError


def staircase(x):
    """Compare in as many ways as there are samples."""
    steps = 0
    while x[0] > steps:
        steps += 1
    return x[1] * steps


@pytest.mark.parametrize(
    ("model", "later"),  # how often it is called for more samples, once it is known
    [
        (lambda x: x[0] if x[0] > 0 else x[1], 1),  # traced again
        (lambda x: x[0].data if isinstance(x[0], autograd.Value) else x[0], 150),
        (staircase, 45 + 1),  # beyond a hundred ways; traced again
    ],
)
def test_a_function_that_looks_at_its_numbers(model, later):
    points = np.array([[n - 5.0, n] for n in range(150)])
    runs = []

    def counted(x):
        runs.append(x)
        return (model(x),)

    outputs = BatchedFunction(counted)
    expected = [model(point) for point in points.tolist()]
    assert outputs(points)[0].tolist() == expected
    del runs[:]
    assert outputs(points)[0].tolist() == expected
    assert len(runs) == later


@pytest.mark.parametrize("compiled", [False, True])
def test_outputs_of_each_structure(compiled):
    w = autograd.Value(2.0)
    samples = np.array([[1.0], [2.0]])
    for model in (
        lambda x: [w * x[0], 5.0],
        lambda x: (w * x[0], 5.0),
        lambda x: np.array([w * x[0], 5.0]),
    ):
        outputs = BatchedFunction(lambda x, model=model: (model(x),), compiled=compiled)
        assert outputs(samples)[0].tolist() == [[2.0, 5.0], [4.0, 5.0]]
    w.data = 3.0
    assert outputs(samples[:1])[0].tolist() == [[3.0, 5.0]]
    deep = BatchedFunction(lambda x: ([(w, x[0]), (1.0, 0.0)], x[0]), compiled=compiled)
    both = deep(samples)
    assert [x.tolist() for x in both] == [
        [[[3.0, 1.0], [1.0, 0.0]], [[3.0, 2.0], [1.0, 0.0]]],
        [1.0, 2.0],
    ]
    logarithm = BatchedFunction(lambda x: (x[0].log() if compiled else autograd.log(x[0]),))
    assert logarithm(np.array([[0.0], [1.0]]))[0].tolist() == [-np.inf, 0.0]


def test_samples_that_form_no_array_are_taken_one_by_one():
    total = BatchedFunction(lambda x: (sum(x),))
    assert total([[1.0], [2.0, 3.0]])[0].tolist() == [1.0, 5.0]
    assert total.program is not None  # the next ones may form one
    assert total(np.ones((2, 3)))[0].tolist() == [3.0, 3.0]


def test_what_is_drawn_by_hand_is_drawn_for_each_sample():
    rng = np.random.default_rng(0)

    def noisy(x):
        return (x[0] * float(rng.integers(1, 1_000_000)),)

    outputs = BatchedFunction(noisy)
    samples = np.ones((8, 1))
    seen = [outputs(samples)[0] for _ in range(4)]
    assert len(set(seen[-1].tolist())) > 1
    program = autograd.compile(noisy, batch="x", gradients=False)
    program(samples)
    with pytest.raises(ImpureFunctionError):
        program(samples)


def test_the_functions_own_error_comes_through():
    with pytest.raises(TypeError, match="unsupported operand"):
        BatchedFunction(lambda x: (x[0] + "a",))(np.array([[1.0]]))
    with pytest.raises(TypeError, match="float"):
        BatchedFunction(lambda _x: (None,))(np.array([[1.0]]))
