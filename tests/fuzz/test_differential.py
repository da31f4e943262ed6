"""Random programs against mpmath, PyTorch and JAX; `python -m tests.fuzz programs` runs more."""

import pytest
from hypothesis import settings

from tests.fuzz import differential

FEW = settings(max_examples=25)


def test_programs_agree_with_mpmath():
    FEW(differential.against_mpmath)()


@pytest.mark.parametrize("library", ["pytorch", "jax"])
def test_programs_agree_with_another_library(library):
    pytest.importorskip({"pytorch": "torch"}.get(library, library))
    FEW(differential.peer(library))()


def test_a_wrong_number_is_found():
    program = {"leaves": [0.5], "steps": [["exp", [0]], ["mul", [1, 1]]]}
    (value, allowed), (slope, allowance) = differential.reference(program)
    assert abs(value - 2.718281828459045) <= allowed < 1e-12
    assert abs(slope - 2 * 2.718281828459045) <= allowance < 1e-12


def test_a_program_that_cancels_is_given_what_it_costs():
    program = {"leaves": [1.1], "steps": [["mul", [0, 1e8]], ["sin", [1]]]}
    (_, allowed), _ = differential.reference(program)
    assert 1e-9 < allowed < 1e-5, "the sine of a large number has lost digits"
