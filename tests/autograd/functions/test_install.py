"""One entry in the table is all that an operation needs."""

import inspect

import numpy as np
import pytest

import autograd
from autograd import Value
from autograd.functions.install import FUNCTIONS, install, uninstall
from autograd.primitives import TABLE, binary, unary, variadic

FIXED = [entry for entry in TABLE.values() if not entry.variadic]


@pytest.fixture
def installed():
    entries = []

    def add(entry):
        install(entry)
        entries.append(entry)
        return FUNCTIONS[entry.name]

    yield add
    for entry in entries:
        uninstall(entry)


@pytest.mark.parametrize("entry", FIXED, ids=lambda e: e.name)
def test_every_entry_has_its_function_and_method(entry):
    function = getattr(autograd, entry.name)
    assert function.__module__ == "autograd"
    assert function.__doc__.startswith(entry.summary)
    assert tuple(inspect.signature(function).parameters) == entry.arguments
    point = [0.5 * (lo + hi) for lo, hi in entry.domain]
    number = function(*point)
    assert isinstance(number, float)
    node = function(Value(point[0]), *point[1:])
    assert node.op == entry.name
    assert node.data == number or (node.data != node.data and number != number)
    method = getattr(Value(point[0]), entry.name)(*point[1:])
    assert (method.op, method.partials[1:]) == (entry.name, node.partials[1:])
    array = function(*(np.array([x, x]) for x in point))
    assert array.tolist() == pytest.approx([number, number], nan_ok=True)


@pytest.mark.parametrize("entry", FIXED, ids=lambda e: e.name)
def test_arguments_have_their_defaults(entry):
    required = [0.5 * sum(pair) for pair in entry.domain][
        : len(entry.arguments) - len(entry.defaults)
    ]
    function = FUNCTIONS[entry.name]
    assert (
        function(*required) == function(*required, *entry.defaults.values())
        or entry.name == "where"
    )


@pytest.mark.skipif(autograd.kernel != "python", reason="the compiled kernel has no such source")
def test_sources_can_be_read():
    assert inspect.getsource(Value.tanh).startswith("def tanh(self):\n")
    assert "z = x * y" in inspect.getsource(Value.__mul__)
    assert inspect.getsource(autograd.tanh).startswith("def tanh(x):\n")
    assert Value.tanh.__qualname__ == "Value.tanh"
    assert Value.tanh.__doc__ == "Return the hyperbolic tangent."


def test_a_new_function_of_one_number(installed):
    cube = installed(
        unary("cube", "x * x * x", "3 * x * x", numpy=("not_in_numpy",), summary="Cube it.")
    )
    x = Value(2.0)
    y = x.cube()
    y.backward()
    assert (y.data, y.op, x.grad) == (8.0, "cube", 12.0)
    assert (cube(2), cube([1, 2])) == (8.0, [1.0, 8.0])
    assert cube(np.array([1.0, 2.0])).tolist() == [1.0, 8.0]
    (first,) = autograd.gradient(cube(x), [x], create_graph=True)
    assert autograd.gradient(first, [x]) == [12.0]
    assert TABLE["cube"].latex == r"\operatorname{{cube}}({x})"
    assert x.not_in_numpy().op == "cube"


def test_a_new_binary_operator(installed):
    installed(binary("mean2", "(x + y) / 2", ("0.5", "0.5"), operator="matmul"))
    a, b = Value(2.0), Value(6.0)
    c = a @ b
    assert (c.data, c.partials, (a @ 4).data, (4 @ a).data) == (4.0, (0.5, 0.5), 3.0, 3.0)
    assert (a @ 4).partials == (0.5, 0.0)
    assert (4 @ a).partials == (0.0, 0.5)


def test_a_new_ufunc(installed):
    installed(
        binary(
            "lae", "logsumexp([x, y])", ("sigmoid(x - y)", "sigmoid(y - x)"), numpy=("logaddexp",)
        )
    )
    v = Value(0.0)
    np.logaddexp(v, 0.0).backward()
    assert v.grad == 0.5


def test_a_new_function_of_a_list(installed):
    total = installed(variadic("sumsq", "sum([x * x for x in xs])", "[2 * x for x in xs]"))
    x = Value(3.0)
    y = total([x, 4])
    y.backward()
    assert (y.data, y.op, x.grad, total([3, 4])) == (25.0, "sumsq", 6.0, 25.0)
    assert autograd.gradient(y, [x], create_graph=True)[0].data == 6.0


def test_taken_out_again():
    entry = unary("once", "x + 1", "1", numpy=("once_too",))
    install(entry)
    assert Value(1.0).once().data == 2.0
    uninstall(entry)
    assert "once" not in TABLE
    assert not hasattr(Value, "once")
    assert not hasattr(Value, "once_too")
    assert "once" not in FUNCTIONS
    install(entry)
    uninstall(entry)


@pytest.mark.parametrize(
    ("entry", "error", "message"),
    [
        (unary("bad", "tahn(x)", "1"), NameError, r"bad: the rule 'tahn\(x\)' names 'tahn'"),
        (unary("bad", "x", "1 -"), ValueError, "bad: the rule '1 -' is not an expression"),
        (unary("bad", "x ** 2", "2 * x"), ValueError, r"bad: the rule .* uses \*\*, which"),
        (unary("exp", "x", "1"), ValueError, "exp is in the table already; uninstall it first"),
        (variadic("sum", "sum(xs)", "xs"), ValueError, "sum is in the table already"),
    ],
)
def test_a_bad_entry_changes_nothing(entry, error, message):
    before = dict(TABLE)
    with pytest.raises(error, match=message):
        install(entry)
    assert dict(TABLE) == before
    assert not hasattr(Value, "bad")
    assert Value(0.0).exp().data == 1.0
