"""The ways in which a course's function is differentiated: node by node, or compiled."""

import numpy as np
import pytest

import autograd
from autograd import Value


def leaves(numbers):
    """Make a leaf of each number; arrays become arrays, lists become lists."""
    if isinstance(numbers, np.ndarray):
        return np.array(autograd.values(numbers.tolist()), dtype=object)
    return autograd.values(numbers) if isinstance(numbers, list) else Value(numbers)


def gradients(nodes):
    """Read the gradients in the structure of the leaves."""
    if isinstance(nodes, np.ndarray):
        return np.array([gradients(node) for node in nodes], dtype=float)
    return [gradients(node) for node in nodes] if isinstance(nodes, list) else nodes.grad


def eager(function, *numbers):
    """Build the graph on Values, walk back once, read value and gradients."""
    nodes = [leaves(number) for number in numbers]
    result = function(*nodes)
    result.backward()
    found = tuple(gradients(node) for node in nodes)
    return result.data, found if len(found) > 1 else found[0]


def compiled(engine):
    """Call a compiled function twice: the first call traces, the second one does not."""

    def differentiate(function, *numbers):
        step = autograd.compile(function, engine=engine)
        step(*numbers)
        return step(*numbers)

    return differentiate


WAYS = {
    "values": eager,
    "transform": lambda function, *numbers: autograd.value_and_grad(
        function, tuple(range(len(numbers))) if len(numbers) > 1 else 0
    )(*numbers),
    **{engine: compiled(engine) for engine in ("numpy", "tape", "auto")},
}


@pytest.fixture(params=WAYS)
def differentiate(request):
    """Give a function of (function, *numbers) that returns the value and the gradients."""
    return WAYS[request.param]


@pytest.fixture(params=["numpy", "blocked", "tape", "auto"])
def engine(request):
    """Name an engine of compiled functions."""
    return request.param
