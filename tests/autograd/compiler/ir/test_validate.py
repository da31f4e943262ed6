"""A program that a pass leaves broken is refused, by the name of what is wrong."""

import pytest

import autograd
from autograd.compiler.ir.array_ir import ArrayProgram, Equation, Expression, Variable
from autograd.compiler.ir.builder import Builder
from autograd.compiler.ir.validate import validate_equations
from autograd.errors import LoweringError

X = Variable("x", (3,), "argument")
build = Builder()


def z(name="z", shape=(3,)):
    return Variable(name, shape, "result")


@pytest.mark.parametrize(
    ("program", "message"),
    [
        (ArrayProgram((X, Variable("x", (), "argument")), {}, []), "have one name"),
        (ArrayProgram((X,), {}, [Equation(z("x"), build.call("exp", X))]), "x is given a value tw"),
        (ArrayProgram((X,), {}, [Equation(z(shape=(2,)), build.call("exp", X))]), "has the shape"),
        (ArrayProgram((X,), {}, [Equation(z(), build.call("exp", z("y")))]), "y is read before"),
        (ArrayProgram((X,), {}, [], value=X), "the value has the shape"),
        (ArrayProgram((X,), {}, [Equation(z(), Expression("exp", (X,), (), (3,), "int"))]),
         "and should be"),
        (ArrayProgram((X,), {}, [], outputs=(z("w"),)), "w is read before"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(program, message):
    with pytest.raises(LoweringError, match=message):
        validate_equations(program)


def test_a_program_prints_for_who_debugs_it():
    step = autograd.compile(lambda W, x: autograd.sum([autograd.dot(w, x).tanh() for w in W]),
                            engine="numpy")  # fmt: skip
    step([[1.0, 2.0], [3.0, 4.0]], [0.5, -1.0])
    text = str(step.program.equations)
    assert text.splitlines()[:3] == [
        "(W: (2, 2), x: (2,))",
        "  Z1: (2,) = einsum[jk,k->j](W, x)",
        "  A1: (2,) = tanh(Z1)",
    ]
    assert "return T1, dW" in text.replace("  return", "return")
