"""Files that need only NumPy: they run alone, and give the engine's numbers."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd
from tests.helpers.export_cases import (
    PRIMITIVES,
    RESULTS,
    WHOLE,
    compared,
    forward,
    given_arrays,
    primitive,
    random_program,
    ravel,
    same_results,
    whole,
)


def loaded(text, name="program"):
    names = {"__name__": "a file"}
    exec(compile(text, "a file", "exec"), names)
    return names[name]


def check(step, args):
    form, text = step.form(), step.to("numpy")
    assert "autograd." not in text.replace("`autograd.rules.special.product_error`", "")
    arrays = zip(form.program.arrays, form.take(args), strict=True)
    given = [numbers for array, numbers in arrays if array.name not in form.parameters]
    found = loaded(text)(*given)
    got, expected = ravel(form.give(*found)), ravel(step(*args))
    np.testing.assert_allclose(got, expected, rtol=1e-14, atol=1e-300)


@pytest.mark.parametrize("name", PRIMITIVES)
def test_every_primitive_agrees(name):
    check(*primitive(name))


@pytest.mark.parametrize("name", WHOLE)
def test_whole_programs_agree(name):
    check(*whole(name))


@settings(max_examples=20)
@given(seed=st.integers(0, 10**6))
def test_random_programs_agree(seed):
    made = random_program(seed)
    if made is not None:
        check(*made)


def test_it_runs_by_itself_without_this_project(tmp_path):
    step, _ = whole("classes")
    file = tmp_path / "classes.py"
    file.write_text(step.to("numpy", name="loss"), encoding="utf-8")
    code = f"import sys; sys.path = [p for p in sys.path if 'autograd' not in p]; import runpy; \
runpy.run_path({str(file)!r}, run_name='__main__'); assert 'autograd' not in sys.modules"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert float(done.stdout[1:].partition(",")[0]) > 0


def test_its_text():
    step = autograd.compile(lambda a, b: autograd.relu(a * b) + a, engine="numpy")
    step(2.0, 3.0)
    assert step.to("numpy", name="f") == TEXT


TEXT = '''\
"""The value and its gradients.

Takes
    a: a number, argument
    b: a number, argument

Returns the value and the gradients with respect to a, b.
Numbers that are not finite come as NumPy computes them.
Written by scalar-autograd; this file needs only NumPy.
"""

import numpy as np


def relu(x):
    """Return the positive part."""
    return np.maximum(x, 0.0)


def f(a, b):
    a = np.asarray(a, dtype=float)
    b = np.asarray(b, dtype=float)
    with np.errstate(all='ignore'):
        T1 = a * b
        T2 = relu(T1)
        T3 = T2 + a
        dT1 = 1.0 * (T1 > 0)
        da = 1.0 + dT1 * b
        db = dT1 * a
        return float(T3), (da, db)


if __name__ == "__main__":
    a = 2.0
    b = 3.0
    print(f(a, b))
'''


def test_parameters_are_defaults_that_can_be_replaced():
    step, (X, Y) = whole("network")
    program = loaded(step.to("numpy"))
    value, gradients = program(X, Y)
    assert value == step.value(X, Y)
    assert len(gradients) == 4
    assert program(X, Y, W2=np.zeros((1, 4)), b2=np.zeros((1, 1)))[0] == pytest.approx(np.log(2))


def test_a_comparison_that_comes_out_differently_is_an_error():
    step = autograd.compile(compared, engine="numpy")
    step(1.0, 2.0)
    program = loaded(step.to("numpy"))
    assert program(1.5, 2.0)[0] == 3.0
    with pytest.raises(ValueError, match="written for x < w being True"):
        program(3.0, 2.0)
    step(3.0, 2.0)
    with pytest.raises(ValueError, match="written for x < w being False"):
        loaded(step.to("numpy"))(1.0, 2.0)


def test_the_value_alone():
    step = autograd.compile(lambda a: a * a, engine="numpy")
    step.value(3.0)
    text = step.to("numpy")
    assert "Returns the value.\n" in text
    assert loaded(text)(3.0) == 9.0


@pytest.mark.parametrize("name", RESULTS)
def test_several_results_arrays_and_batches(name):
    step, args, expected = forward(name)
    found = loaded(step.to("numpy"))(**given_arrays(step, args))
    same_results(found if isinstance(found, tuple) else (found,), expected)
