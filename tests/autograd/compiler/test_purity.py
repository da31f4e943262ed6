"""Python runs once: what a function reads beside its arguments is noticed when it changes."""

import re

import numpy as np
import pytest

import autograd
from autograd import Value
from autograd.compiler import compiled as module
from autograd.errors import ImpureFunctionError, SpecializationWarning

ENGINES = pytest.mark.parametrize("engine", ["numpy", "blocked", "tape"])
RATE = 1.0


class Counter:
    """Something with a state."""

    def __init__(self):
        self.calls, self.training = 0, True
        self.noise = np.random.default_rng(0)
        self.weights = [1.0]
        self.leaf = Value(1.0)

    def count(self, x):
        self.calls += 1
        return x * self.calls

    def drop(self, x):
        return sum(v for v in [k * x for k in range(30)] if self.noise.random() < 0.5) + x

    def noisy(self, x):
        return x + self.noise.normal()

    def toggled(self, x):
        return x * x if self.training else x

    def annealed(self, x):
        return x * self.weights[0]

    def replaced(self, x):
        return x * self.leaf


CHANGES = {
    "count": lambda _: None,
    "drop": lambda _: None,
    "noisy": lambda _: None,
    "toggled": lambda it: setattr(it, "training", False),
    "annealed": lambda it: it.weights.__setitem__(0, 5.0),
    "replaced": lambda it: setattr(it, "leaf", Value(2.0)),
}


@ENGINES
@pytest.mark.parametrize("batch", [False, True])
@pytest.mark.parametrize("name", CHANGES)
def test_a_state_that_changes_the_program_is_refused_within_eight_calls(engine, batch, name):
    it = Counter()
    step = autograd.compile(getattr(it, name), engine=engine, batch="x" if batch else ())
    x = np.array([1.0, 2.0, 3.0]) if batch else 2.0
    step.value(x)
    CHANGES[name](it)
    refused = 0
    for _ in range(7):
        try:
            step.value(x)
        except ImpureFunctionError:
            refused += 1
    assert refused
    with pytest.raises(ImpureFunctionError):
        step.value(x)


def test_the_error_names_the_line_where_the_number_was_used_and_the_ways_out():
    it = Counter()
    step = autograd.compile(it.annealed)
    step(2.0)
    it.weights[0] = 5.0
    with pytest.raises(ImpureFunctionError) as raised:
        step(2.0)
    assert re.fullmatch(
        r"annealed: traced again, the function computes something else for arguments of the same "
        r"kind: the number 5\.0, at test_purity\.py:\d+: return x \* self\.weights\[0\], was "
        r"1\.0\. A compiled function runs in Python once, and what it reads beside its arguments "
        r"is frozen into the program: pass it as an argument, hold it in a Value \(whose number is "
        r"read at each call\), or leave the function uncompiled \(in nn\.fit: engine='eager'\)",
        str(raised.value),
    )


def test_another_operation_and_another_value_are_named():
    it = Counter()
    step = autograd.compile(it.toggled)
    step(2.0)
    it.training = False
    with pytest.raises(ImpureFunctionError, match="computes something else"):
        step(2.0)
    other = autograd.compile(it.replaced)
    other(2.0)
    it.leaf = Value(7.0)
    with pytest.raises(
        ImpureFunctionError, match=r"another Value is used, at test_purity[^,]*\. A compiled"
    ):
        other(2.0)


def test_a_state_behind_a_comparison_is_noticed_too():
    limit = [1.0]
    step = autograd.compile(lambda x: x * 2 if x > limit[0] else x * 3)
    assert step(2.0)[0] == 4.0
    limit[0] = 5.0
    with pytest.raises(ImpureFunctionError, match=r"the number 5\.0.* was 1\.0"):
        [step(2.0) for _ in range(8)]


PURE = {
    "branches": lambda x: x[0] * 2 if x[0] > x[1] else x[1] * 3,
    "sorted": lambda x: sum(k * v for k, v in enumerate(sorted(x))),
    "leaves made inside": lambda x: Value(3.0) * x[0] + autograd.constant(2.0),
    "detached": lambda x: x[0].detach() * x[1],
    "seeded": lambda x: x[0] * float(np.random.default_rng(3).normal()),
    "nan": lambda x: x[0] * float("nan") + x[1] * 0.0,
    "zeros": lambda x: x[0] * -0.0 + x[1] * 0.0,
    "derivative": lambda x: autograd.grad(lambda y: autograd.sum([v**3 for v in y]))(x)[0],
}


@ENGINES
@pytest.mark.parametrize("batch", [False, True])
@pytest.mark.parametrize("name", PURE)
def test_functions_without_a_state_are_never_refused(engine, batch, name):
    step = autograd.compile(PURE[name], engine=engine, batch="x" if batch else ())
    rng = np.random.default_rng(0)
    for _ in range(40):
        step.value(rng.normal(size=(5, 3)) if batch else rng.normal(size=3).tolist())


def test_the_function_is_traced_again_at_growing_distances():
    runs = []

    def f(x):
        runs.append(len(calls))
        return x * x

    calls = []
    step = autograd.compile(f, engine="numpy")
    for i in range(40):
        calls.append(i)
        step(float(i))
    assert runs == [1, 2, 4, 8, 16, 32]


@ENGINES
def test_what_is_closed_over_and_replaced_is_traced_anew(engine):
    g = np.array([1.0, 2.0])
    step = autograd.compile(lambda p: np.sum(p * g), engine=engine)
    for _ in range(3):
        assert step(np.ones(2))[0] == 3.0
    g = np.array([10.0, 20.0])
    value, slopes = step(np.ones(2))
    assert value == 30.0
    assert slopes.tolist() == [10.0, 20.0]
    assert step.value(np.ones(2)) == 30.0


@ENGINES
def test_globals_of_the_function_and_of_those_it_calls_are_looked_at(engine, monkeypatch):
    def inner(x):
        return RATE * x

    step = autograd.compile(lambda x: inner(x) * x, engine=engine)
    partly = autograd.compile(autograd.grad(lambda x: inner(x) * x), engine=engine)
    for _ in range(3):
        assert step(2.0) == (4.0, 4.0)
        assert partly(2.0) == 4.0
    monkeypatch.setitem(globals(), "RATE", 10.0)
    assert step(2.0) == (40.0, 40.0)
    assert partly(2.0) == 40.0


def test_a_value_that_is_replaced_is_the_parameter_from_then_on():
    w = Value(2.0)
    step = autograd.compile(lambda x: w * x)
    step.backward(3.0)
    old, w = w, Value(5.0)
    assert step.backward(3.0, fresh=True) == 15.0
    assert (old.grad, w.grad) == (3.0, 3.0)


def test_a_global_that_is_replaced_before_each_call_ends_in_eager_calls(monkeypatch):
    monkeypatch.setattr(module, "MAX_RENEWALS", 4)
    count = 0
    step = autograd.compile(lambda x: x * count)
    with pytest.warns(SpecializationWarning, match="replaced before each of 4 calls") as told:  # noqa: PT031 - once in all calls
        for count in range(1, 12):
            assert step(2.0) == (2.0 * count, count)
    assert len(told) == 1
    assert step(2.0) == (22.0, 11.0)
    assert repr(step).endswith("1 variant>"), "compiled again once it stays"


def scaled(x, rate=2.0, *, shift=0.0):
    return x * rate + shift


@ENGINES
@pytest.mark.parametrize("gradients", [True, False])
def test_defaults_that_are_replaced_are_followed(engine, gradients, monkeypatch):
    step = autograd.compile(scaled, engine=engine, gradients=gradients)
    answer = (lambda *args: step(*args)[0]) if gradients else step
    assert [answer(3.0) for _ in range(3)] == [6.0] * 3
    monkeypatch.setattr(scaled, "__defaults__", (5.0,))
    assert [answer(3.0), answer(3.0), answer(3.0, 1.0)] == [15.0, 15.0, 3.0]
    monkeypatch.setattr(scaled, "__kwdefaults__", {"shift": 1.0})
    assert answer(3.0) == 16.0
    scaled.__kwdefaults__["shift"] = 2.0
    assert answer(3.0) == 17.0


def test_code_that_is_replaced_is_followed_with_its_signature():
    def function(x):
        return x * 2

    def other(x, y):
        return x * y

    def unfit(z):
        return z

    step = autograd.compile(function, wrt="x")
    assert step(3.0) == (6.0, 2.0)
    function.__code__ = other.__code__
    assert step(3.0, 4.0) == (12.0, 4.0)
    function.__code__ = unfit.__code__
    for _ in range(2):
        with pytest.raises(ValueError, match=r"wrt: got a str .'x'.; allowed: 'z'"):
            step(3.0)


SETS = {
    "added": lambda x: sum({v * v for v in x}),
    "multiplied": lambda x: np.prod(list(frozenset(v + 1 for v in x))),
    "branches": lambda x: sum({v * v for v in x}) if x[0] > 0 else x[1],
}


@ENGINES
@pytest.mark.parametrize("options", [{}, {"batch": "x"}, {"gradients": False}])
@pytest.mark.parametrize("name", SETS)
def test_the_order_of_a_set_of_nodes_is_no_impurity(engine, options, name):
    step = autograd.compile(SETS[name], engine=engine, **options)
    for x in np.random.default_rng(0).normal(size=(20, 3, 5)):
        step(x if "batch" in options else x[0])


@ENGINES
@pytest.mark.parametrize("options", [{}, {"batch": "x"}, {"gradients": False}])
def test_an_order_that_matters_is_one(engine, options):
    order = [0, 1, 2]

    def function(x):
        order.append(order.pop(0))
        return sum(k * x[i] for k, i in enumerate(order, 1))

    step = autograd.compile(function, engine=engine, **options)
    x = np.array([1.0, 2.0, 4.0])
    with pytest.raises(ImpureFunctionError, match=r"'mul', at test_purity.* one of other numbers"):
        [step(x[None] if "batch" in options else x) for _ in range(8)]


def test_a_number_within_a_derivative_is_named_with_its_line():
    noise = np.random.default_rng(0)
    step = autograd.compile(autograd.grad(lambda x: x * x * noise.normal()))
    with pytest.raises(ImpureFunctionError, match=r"the number .*, at test_purity\.py:\d+: "):
        [step(2.0) for _ in range(8)]


ORDERS = {
    "sort": lambda x: (np.sort(2 * x) * np.arange(4.0)).sum(),
    "argsort": lambda x: x[np.argsort(-x)][0] * x[1],
    "argmax": lambda x: (3 * x)[np.argmax(3 * x)] + x[0],
    "argmin": lambda x: (x * x)[np.argmin(x * x)] + x[0],
    "median": lambda x: np.median(x * x),
    "quantile": lambda x: np.quantile(x + 1, 0.3),
}


@pytest.mark.parametrize("engine", ["numpy", "blocked", "tape"])
@pytest.mark.parametrize("name", ORDERS)
def test_an_order_that_numbers_choose_is_not_taken_for_impurity(name, engine):
    f = ORDERS[name]
    value = autograd.compile(f, engine=engine)
    second = autograd.compile(autograd.hessian(lambda x: f(x) ** 2), engine=engine)
    draw = np.random.default_rng(0).normal
    for _ in range(33):  # traced again at the calls 2, 4, 8, 16, 32
        xs = draw(size=4)
        assert value(xs)[0] == pytest.approx(f(xs))
        assert second(xs) == pytest.approx(autograd.hessian(lambda x: f(x) ** 2)(xs))


@pytest.mark.parametrize("transform", [autograd.grad, autograd.hessian, autograd.jacobian])
def test_impurity_within_a_derivative_is_named(transform):
    calls = []

    def counted(x):
        calls.append(x)
        return (x * x * len(calls)).sum()

    program = autograd.compile(transform(counted))

    def often():
        for _ in range(8):
            program(np.ones(2))

    with pytest.raises(ImpureFunctionError, match="counted: traced again"):
        often()
