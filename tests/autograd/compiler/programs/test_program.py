"""How exported programs are called: with the arguments that the compiled function takes."""

import numpy as np
import pytest

import autograd
from autograd import Value


def test_a_bare_program_takes_its_arrays():
    step = autograd.compile(lambda a, b: 1.0 * autograd.dot(a, b), engine="numpy")
    step([1.0, 2.0], [3.0, 4.0])
    form = step.program.form()
    assert [array.tolist() for array in form.take(([1, 2], [3, 4]))] == [[1.0, 2.0], [3.0, 4.0]]
    assert form.give(11.0, [1, 2]) == (11.0, (1, 2))
    with pytest.raises(TypeError, match="the program: got 1 arrays; give 2: a, b"):
        form.take(([1, 2],))


def test_a_form_has_the_parameters_numbers_of_now():
    w, v = Value(2.0, "w"), Value(3.0, "v")
    step = autograd.compile(lambda x: w * x + v, engine="numpy")
    step(3.0)
    w.data = 5.0
    form = step.form()
    assert {name: float(x) for name, x in form.parameters.items()} == {"w": 5.0, "v": 3.0}
    assert {name: float(x) for name, x in step.program.form().parameters.items()} == {
        "w": 2.0, "v": 3.0,
    }  # fmt: skip
    assert [float(x) for x in form.take((7.0,))] == [7.0, 5.0, 3.0]


def test_arguments_of_another_structure_are_refused():
    step = autograd.compile(lambda x, y: autograd.sum(x) * y, engine="numpy")
    step([1.0, 2.0], 3.0)
    form = step.form()
    assert [x.tolist() for x in form.take(([1, 2], 3))] == [[1.0, 2.0], 3.0]  # whole ones pass
    with pytest.raises(TypeError) as caught:
        form.take(([1.0, 2.0, 3.0], 3.0))
    assert str(caught.value) == (
        "<lambda>: argument 1 has another structure or shape than the program was exported for; "
        "call the compiled function with it, and export again"
    )


def test_the_form_is_that_of_the_last_call():
    step = autograd.compile(lambda x: 1.0 * autograd.sum(x), engine="numpy")
    for n in (2, 3):
        step(np.ones(n))
        assert [array.shape for array in step.form().program.arrays] == [(n,)]
    step.value(np.ones(2))
    assert step.form().give(2.0, ()) == 2.0


@pytest.mark.parametrize("name", ["round", "leaky_relu", "elu", "gaussian"])
def test_defaults_of_operations_may_be_left_out_of_a_program(name):
    operation = getattr(autograd, name)
    step = autograd.compile(lambda x: 1.0 * operation(x), engine="numpy")
    assert step(0.6)[0] == operation(0.6)


def test_gradients_that_rows_share_are_spread():
    step = autograd.compile(
        lambda p: autograd.dot([autograd.sum(row) for row in p], [1.0, 2.0]), engine="numpy"
    )
    assert step(np.ones((2, 3)))[1].tolist() == [[1.0] * 3, [2.0] * 3]
