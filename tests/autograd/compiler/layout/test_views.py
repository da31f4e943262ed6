"""Views read what is asked for, by slices where that is possible, and send gradients home."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd.compiler.ir.array_ir import ArrayProgram
from autograd.compiler.ir.builder import Builder
from autograd.compiler.ir.evaluate import started
from autograd.compiler.ir.forward import Lowering
from autograd.compiler.ir.numpy_source import NumpyPrinter
from autograd.compiler.ir.vjp import Cotangent, Differentiation
from autograd.compiler.layout.views import PADDING, Array, view_of
from autograd.compiler.runtime import array_functions as runtime
from autograd.rules.backends import ARRAYS

IDS = np.arange(24).reshape(4, 6)
NUMBERS = np.linspace(1, 2, 24).reshape(4, 6)


def read(ids, fill=0.0):
    """Return a view's text, what it reads, and the gradient that a gradient of ones sends home."""
    kept = {}

    def keep(thing):
        kept[f"I{len(kept)}"] = np.asarray(thing)
        return f"I{len(kept) - 1}"

    array = Array("A", IDS, kind="argument")
    view = view_of(np.asarray(ids), array, np.arange(25), fill, keep)
    lowering = Lowering(Builder(), kept, [array])
    own = lowering.variable(array)
    x = lowering.view(view)
    backward = Differentiation(lowering.build, {own})
    ones = lowering.build.broadcast_to(lowering.build.number(1.0), x.shape)
    backward.propagate(x, Cotangent(ones, tuple(range(len(x.shape)))))
    gradient = backward.result(own)
    program = ArrayProgram((own,), kept, backward.equations, outputs=(x, gradient))
    run = started(program, [NUMBERS], {**ARRAYS, **runtime.FUNCTIONS})
    run.run()
    got, home = (np.asarray(run.of(result)) for result in program.results)
    return NumpyPrinter().text(x), got, home


def check(ids, fill=0.0):
    ids = np.asarray(ids)
    text, got, home = read(ids, fill)
    assert np.array_equal(got, np.where(ids == PADDING, fill, NUMBERS.ravel()[ids]))
    counted = np.bincount(ids[ids != PADDING].ravel(), minlength=24).reshape(4, 6)
    assert np.array_equal(home, counted)
    return text


@pytest.mark.parametrize(
    ("ids", "text"),
    [
        (IDS, "A"),
        (IDS.T, "A.T"),
        (IDS[1], "A[1]"),
        (IDS[:, 2], "A[:, 2]"),
        (IDS[1:3, 2:4], "A[1:3, 2:4]"),
        (IDS.reshape(-1), "A.ravel()"),
        (IDS[2, 3], "A[2, 3]"),
        (IDS.reshape(4, 2, 3).transpose(1, 0, 2), "A.reshape(4, 2, 3).transpose(1, 0, 2)"),
        (IDS[::2], "A.reshape(2, 2, 6)[:, 0]"),
        (IDS[[3, 0, 3]], "A[I0]"),
        ([[3, 1], [7, 7]], "A.ravel()[I0]"),
    ],
)
def test_slices_come_before_index_arrays(ids, text):
    assert check(ids) == text


def test_holes_read_a_number():
    ids = IDS[:, :4].copy()
    ids[np.triu_indices(4, 1)] = PADDING
    assert check(ids, fill=-1.0) == "where(I0, A[:, :4], -1.0)"


@given(st.lists(st.lists(st.integers(0, 23), min_size=3, max_size=3), min_size=1, max_size=5))
def test_any_places_can_be_read(ids):
    check(ids)
