"""The name that an instruction calls, and what happens where it cannot be read."""
# ruff: noqa: PLW0108, PLC3002 - lambdas that only call something are what is tested here

import dis
import math
import sys
import types

import pytest

import autograd
from autograd import Value, _callee
from autograd._callee import MAX_KNOWN, NAMELESS, PERCENT, called_name, look_up
from autograd.errors import ConcretizationError


class Asking:
    """Looks at the frame that asks for a number, as C code does."""

    def __float__(self):
        self.frame = sys._getframe(1)
        self.name = called_name(self.frame)
        return 0.5

    def __rmod__(self, other):
        return NotImplemented


module = types.SimpleNamespace(inner=types.SimpleNamespace(exp=math.exp))


def local(v):
    exp = math.exp
    return exp(v)


def argument(v, exp=math.exp):
    return exp(v)


def cell(v):
    exp = math.exp
    return (lambda: exp(v))()


class Derived(float):
    def __new__(cls, v):
        return super().__new__(cls, v)


@pytest.mark.parametrize(
    ("program", "name"),
    [
        (lambda v: float(v), ("float",)),
        (lambda v: math.exp(v), ("math", "exp")),
        (lambda v: module.inner.exp(v), ("module", "inner", "exp")),
        (lambda v: eval("math.exp(v)", {"math": math, "v": v}), ("math", "exp")),
        (local, ("exp",)),
        (argument, ("exp",)),
        (cell, ("exp",)),
        (lambda v: "%f" % v, PERCENT),  # noqa: UP031 - what is tested
        (lambda v: [math.exp][0](v), NAMELESS),
        (lambda v: getattr(math, "exp")(v), NAMELESS),  # noqa: B009 - called through no name
        (lambda v: (lambda: math)().exp(v), NAMELESS),
        (Derived, NAMELESS),
    ],
)
def test_called_names(program, name):
    asking = Asking()
    program(asking)
    assert asking.name == name


def test_names_are_looked_up_as_the_frame_would():
    asking = Asking()
    module.inner.exp(asking)
    assert look_up(asking.name, asking.frame) is math.exp
    assert look_up(("module", "inner", "missing"), asking.frame) is None
    assert look_up(("no_such_name",), asking.frame) is None


def test_no_positions_no_answer():
    def reads(v):
        return float(v)

    asking = Asking()
    code = reads.__code__.replace(co_linetable=b"")
    types.FunctionType(code, {"float": float})(asking)
    assert asking.name is None


def test_names_are_kept_and_their_store_is_bounded(monkeypatch):
    read, count = _callee._read, []
    monkeypatch.setattr(_callee, "_known", {})
    monkeypatch.setattr(_callee, "_read", lambda *place: count.append(place) or read(*place))

    def often():
        return float(Asking()) + math.exp(Asking())

    for _ in range(100):
        often()
    assert len(count) == len(set(count)) > 0
    monkeypatch.setattr(_callee, "MAX_KNOWN", 10)
    codes = [compile(f"float(v) + {i}", "<generated>", "eval") for i in range(50)]
    for code in codes:
        eval(code, {"v": Asking()})
    assert len(_callee._known) <= 10 < MAX_KNOWN


class Foreign:
    """Instructions as a Python that is yet to come may write them."""

    def __init__(self, **renamed):
        self.renamed = renamed

    def __call__(self, code):
        for each in dis.get_instructions(code):
            new = self.renamed.get(each.opname)
            yield each._replace(opname=new, opcode=-1, argval=None) if new else each


@pytest.mark.parametrize(
    "foreign",
    [
        Foreign(LOAD_GLOBAL="FETCH", LOAD_NAME="FETCH"),
        Foreign(LOAD_METHOD="FETCH_FOR_CALL", LOAD_ATTR="FETCH_FOR_CALL", LOAD_NAME="FETCH"),
        Foreign(CALL="INVOKE", PRECALL="INVOKE", CALL_FUNCTION_EX="INVOKE"),
    ],
)
@pytest.mark.parametrize("line", ["float(v)", "math.exp(v)"])
def test_bytecode_that_cannot_be_read_loses_no_gradient(foreign, line, monkeypatch):
    instructions = types.SimpleNamespace(get_instructions=foreign)
    monkeypatch.setattr(_callee, "dis", instructions)
    monkeypatch.setattr(_callee, "_known", {})
    with pytest.raises(ConcretizationError, match=r"behind your back.*write v\.data"):
        eval(line, {"v": Value(0.5), "math": math})
    assert autograd.exp(Value(0.5)).data == math.exp(0.5)  # and all else works
