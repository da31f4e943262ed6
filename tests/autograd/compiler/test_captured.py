"""What a function captures, seen before and after a change of it."""

import dataclasses
import enum
import functools
import random
import sys
import types
from collections import OrderedDict, deque, namedtuple
from pathlib import Path

import numpy as np
import pytest

import autograd
from autograd import Value
from autograd.compiler import captured as module
from autograd.compiler.captured import captured, names_of, same_callable
from autograd.data import set_constant

factor = 1.0
table = {"factor": [1.0, 2.0]}


def times_factor(x):
    return factor * x


def times_table(x):
    return table["factor"][0] * inner(x)


def inner(x, power=2):
    return x**power


class Plain:
    scale = 1.0

    def __init__(self):
        self.rate = 0.5
        self.rows = np.zeros(3)
        self.nodes = np.array([Value(1.0), autograd.constant(2.0)], dtype=object)
        self.names = {"a", "b"}
        self.mixed = {1, "b"}
        self.weights = [Value(1.0), Value(2.0)]
        self.bias = [autograd.constant(1.0)]
        self.queue = deque([1.0, 2])
        self.ordered = OrderedDict(a=1.0)
        self.point = namedtuple("Point", "x y")(1.0, 2)  # noqa: PYI024
        self.call = functools.partial(inner, power=2)
        self.sine = np.sin
        self.cached = functools.cache(inner)
        self.own = self

    def __call__(self, x):
        return self.rate * x

    @property
    def double(self):
        return 2 * self.rate

    @staticmethod
    def same(x):
        return x


class Slotted:
    __slots__ = ("rate",)

    def __init__(self):
        self.rate = 1.0


class Colour(enum.Enum):
    RED = 1


@pytest.fixture
def thing():
    return Plain()


def changed_by(change, *roots):
    before = captured(*roots)
    assert before is not None
    assert before.same(captured(*roots)), "nothing has changed yet"
    assert before.holds()
    change()
    after = captured(*roots)
    assert after is not None
    assert after.holds()
    assert before.holds() == before.same(after), "a quick look tells the same"
    return not before.same(after)


CHANGES = {
    "a number": lambda x: setattr(x, "rate", 0.25),
    "its sign of zero": lambda x: setattr(x, "rate", -0.5),
    "its type": lambda x: x.queue.append(True),
    "an array in place": lambda x: x.rows.__setitem__(1, 5.0),
    "an array's type": lambda x: setattr(x, "rows", np.zeros(3, int)),
    "an array of nodes in place": lambda x: x.nodes.__setitem__(0, Value(1.0)),
    "a set": lambda x: x.names.add("c"),
    "a mixed set": lambda x: x.mixed.add(2),
    "a parameter": lambda x: x.weights.__setitem__(0, Value(1.0)),
    "one more": lambda x: x.weights.append(Value(3.0)),
    "frozen": lambda x: x.weights.__setitem__(1, autograd.constant(2.0)),
    "a constant": lambda x: x.bias.__setitem__(0, autograd.constant(1.5)),
    "a queue": lambda x: x.queue.pop(),
    "a dict": lambda x: x.ordered.update(b=2.0),
    "a tuple": lambda x: setattr(x, "point", x.point._replace(y=3)),
    "a partial function's argument": lambda x: x.call.keywords.__setitem__("power", 3),
    "a ufunc": lambda x: setattr(x, "sine", np.cos),
    "an attribute more": lambda x: setattr(x, "other", None),
    "a function's attribute": lambda x: setattr(x.call, "note", 1),
    "a reference": lambda x: setattr(x, "own", None),
}  # fmt: skip


@pytest.mark.parametrize("what", CHANGES)
def test_a_change_is_seen(thing, what):
    assert changed_by(lambda: CHANGES[what](thing), thing)


def test_equal_state_in_new_objects_takes_a_walk(thing):
    before = captured(thing)
    thing.weights = list(thing.weights)
    assert not before.holds()
    assert before.same(captured(thing))


def test_parameters_numbers_do_not_count(thing):
    assert not changed_by(lambda: setattr(thing.weights[0], "data", 7.0), thing)


def test_a_constant_among_parameters_is_seen():
    row = [Value(1.0), Value(2.0)]
    before = captured(row)
    row[0].data = 3.0
    assert before.same(captured(row))
    row[1] = Value(2.0)
    assert not before.same(captured(row))
    with_constant = [row[0], autograd.constant(2.0)]
    assert not captured(with_constant).same(captured(row))
    assert captured(with_constant).facts != captured([row[0], autograd.constant(3.0)]).facts


@pytest.mark.parametrize("number", [3.0, -0.0, float("nan")])
def test_a_row_of_constants_counts_once_and_its_numbers_are_seen(number, monkeypatch):
    monkeypatch.setattr(module, "MAX_ITEMS", 10)
    thing = [[autograd.constant(0.0) for _ in range(20)]]
    before = captured(thing)
    assert before.holds()
    assert before.same(captured(thing))
    thing[0][7].data = number
    assert not before.holds()
    assert not before.same(captured(thing))
    assert captured(thing).holds()


def test_which_of_a_row_are_constants_is_seen():
    zero, other = autograd.constant(0.0), Value(0.0)
    row, known = [zero, other], captured([zero, other])
    set_constant([other], constant=True)
    set_constant([zero], constant=False)
    assert not known.same(captured(row))


def test_what_code_reads_is_seen(monkeypatch):
    assert changed_by(lambda: monkeypatch.setitem(globals(), "factor", 2.0), times_factor)
    assert changed_by(lambda: table["factor"].__setitem__(0, 3.0), times_table)
    assert changed_by(lambda: monkeypatch.setattr(inner, "__defaults__", (3,)), times_table)
    assert changed_by(lambda: monkeypatch.setattr(Plain, "scale", 3.0), Plain())
    assert changed_by(lambda: monkeypatch.setattr(Plain, "__call__", inner), Plain().__call__)
    assert not changed_by(lambda: monkeypatch.setattr(np, "pi", 3.0), lambda x: np.pi * x)


def test_closures_and_users_modules_are_seen(monkeypatch):
    weight = 1.0
    settings = types.ModuleType("settings")
    settings.__file__ = "/home/me/settings.py"
    settings.rate = 1.0
    monkeypatch.setitem(sys.modules, "settings", settings)
    monkeypatch.setitem(globals(), "settings", settings)

    def scaled(x):
        return weight * x

    def read(x):
        return settings_of_mine() * x  # noqa: F821 - put into the globals below

    def change():
        nonlocal weight
        weight = 2.0

    assert changed_by(change, autograd.grad(scaled))
    exec("def settings_of_mine(): return settings.rate", globals())
    monkeypatch.setitem(globals(), "settings_of_mine", globals()["settings_of_mine"])
    assert changed_by(lambda: setattr(settings, "rate", 2.0), read)
    late: object
    assert captured(lambda: late) is not None
    if weight < 0:
        late = 1


def test_other_kinds_of_things():
    @dataclasses.dataclass(frozen=True)
    class Frozen:
        rate: float

    assert captured(Frozen(1.0)).same(captured(Frozen(1.0)))
    assert not captured(Frozen(1.0)).same(captured(Frozen(2.0)))
    slotted = Slotted()
    assert changed_by(lambda: setattr(slotted, "rate", 2.0), slotted)
    for thing in (
        Colour.RED,
        np.float64(2.0),
        np.dtype(float),
        abs,
        [].append,
        "text",
        1j,
        nn_loss(),
    ):
        assert captured(thing).same(captured(thing))
    assert not captured(1.0).same(None)
    assert not captured(0.0).same(captured(-0.0))
    assert not captured(1).same(captured(True))
    assert captured(float("nan")).same(captured(float("nan")))
    assert names_of((lambda: lambda: factor).__code__) == ("factor",)


def test_the_programs_of_a_compiled_function_do_not_count(monkeypatch):
    step = autograd.compile(times_factor)
    assert not changed_by(lambda: step(2.0), step)
    assert changed_by(lambda: monkeypatch.setitem(globals(), "factor", 3.0), step)


def nn_loss():
    import nn

    return nn.mse


def test_what_cannot_be_seen_is_none(monkeypatch):
    generator = np.random.default_rng(0)
    with Path(__file__).open(encoding="utf-8") as file:
        for thing in (
            generator,
            generator.normal,
            random.Random(0),
            file,
            iter([1]),
            (x for x in [1]),
        ):
            assert captured(thing) is None
    assert captured(lambda: generator) is None
    monkeypatch.setattr(module, "MAX_ITEMS", 10)
    assert captured([1, 2, "a"] * 10) is None
    assert captured([1.0] * 100) is not None
    monkeypatch.setattr(module, "MAX_BYTES", 100)
    assert captured(np.zeros(100)) is None


def test_functions_are_the_same_where_they_hold_nothing():
    def make(held):
        return lambda x: held * x

    one, other = make(1.0), make(1.0)
    thing = Plain()
    assert same_callable(one, one)
    assert not same_callable(one, other)
    assert same_callable(*[lambda x: x for _ in range(2)])
    assert same_callable(thing.__call__, thing.__call__)
    assert not same_callable(thing.__call__, Plain().__call__)
    assert not same_callable(*[lambda x, k=1.0: x * k for _ in range(2)])
    assert not same_callable(one, 1.0)
    assert not same_callable(1.0, 2.0)
