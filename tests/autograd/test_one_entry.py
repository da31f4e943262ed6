"""A primitive is one entry: everything else follows from it, of a reduction as of a function."""

import doctest
import math

import numpy as np
import pytest

import autograd
from autograd import Value
from autograd.compiler.tape.choice import COMPILED
from autograd.compiler.tape.plain import PlainTape
from autograd.compiler.tracing.scalar_ir import ScalarProgram
from autograd.functions.install import FUNCTIONS, install, uninstall
from autograd.kernels.cython import reduction_source as list_source
from autograd.primitives import TABLE, Primitive, unary, variadic
from autograd.rules import loop_lowering as loops
from autograd.rules import stubs
from autograd.rules.backends import ARRAYS, FLOATS
from viz.javascript.operations import operations

LOG1MEXP = unary(
    "log1mexp", "log(-expm1(x))", "exp(x) / expm1(x)", (-8.0, -0.01),
    summary="Return log(1 - exp(x)), for x below 0.",
)  # fmt: skip
RMS = variadic(
    "rms", "norm(xs) / sqrt(len(xs))", "[where(z == 0, 0, x / z / len(xs)) for x in xs]",
    empty=0.0, summary="Return the root of the mean square.",
    doc=">>> autograd.rms([3.0, 4.0]) ** 2\n12.5",
)  # fmt: skip
XS = [3.0, -1.0, 2.0]
EXPECTED = math.sqrt(14 / 3)
SLOPES = [x / EXPECTED / 3 for x in XS]
REDUCTIONS = [entry for entry in TABLE.values() if entry.variadic]


@pytest.fixture(autouse=True)
def entries():
    """Have both in the table for one test."""
    for entry in (LOG1MEXP, RMS):
        install(entry)
    yield
    for entry in (LOG1MEXP, RMS):
        uninstall(entry)


def test_floats_values_and_arrays():
    rms = FUNCTIONS["rms"]
    assert (rms(XS), rms([])) == (pytest.approx(EXPECTED), 0.0)
    z = rms([Value(x) for x in XS])
    assert (z.data, z.partials) == (pytest.approx(EXPECTED), pytest.approx(SLOPES))
    assert ARRAYS["rms"](np.array([XS, XS]).T).tolist() == pytest.approx([EXPECTED] * 2)
    x = Value(-2.0)
    z = FUNCTIONS["log1mexp"](x)
    assert z.data == FLOATS["log1mexp"](-2.0) == pytest.approx(math.log(1 - math.exp(-2.0)))
    assert x.log1mexp().partials == z.partials


def test_names_signatures_and_docstrings():
    rms = FUNCTIONS["rms"]
    assert rms.__name__ == "rms"
    assert rms.__doc__.startswith("Return the root of the mean square.\n\n    >>> import autograd")
    assert "    >>> autograd.rms(" in rms.__doc__
    with pytest.raises(TypeError, match=r"rms\(\) missing 1 required positional argument: 'xs'"):
        rms()
    assert "def rms(xs: Sequence[Any]) -> Any: ...\n" in stubs.functions()
    assert "def log1mexp(self) -> Self: ...\n" in stubs.operations()


def test_second_derivatives_are_symmetric_and_those_of_differences():
    xs = [Value(x) for x in XS]
    slopes = autograd.gradient(FUNCTIONS["rms"](xs), xs, create_graph=True)
    rows = np.array([autograd.gradient(slope, xs) for slope in slopes])
    assert rows == pytest.approx(rows.T)
    h = 1e-6
    moved = FUNCTIONS["rms"]([Value(XS[0] + h), *XS[1:]]).partials[0]
    assert rows[0, 0] == pytest.approx((moved - slopes[0].data) / h, rel=1e-4)


@pytest.mark.parametrize("engine", ["numpy", "blocked", "tape"])
def test_compiled(engine):
    step = autograd.compile(lambda xs: 2 * FUNCTIONS["rms"](xs), engine=engine)
    for _ in range(3):
        value, slopes = step(XS)
        assert (value, slopes) == (
            pytest.approx(2 * EXPECTED), pytest.approx([2 * d for d in SLOPES])
        )  # fmt: skip


def test_the_plain_tape():
    starts = np.array([0, 0, 0, 0, 3], "i4")
    program = ScalarProgram.of(
        ("leaf",) * 3 + ("rms",), starts, np.arange(3, dtype="i4"), np.zeros(4), np.ones(4, bool)
    )
    tape, numbers, grads = PlainTape(program, 3), np.array([*XS, 0.0]), np.zeros(4)
    assert tape.value_and_grad(numbers, grads) == pytest.approx(EXPECTED)
    assert grads[:3].tolist() == pytest.approx(SLOPES)


def test_exports():
    step = autograd.compile(lambda xs: FUNCTIONS["rms"](xs) + FUNCTIONS["log1mexp"](-xs[0]))
    step(XS)
    assert "= hypot(" in str(step.to("c"))
    assert r"\operatorname{rms}(" in str(step.to("latex"))
    names: dict[str, object] = {}
    text = str(step.to("numpy"))
    exec(text.replace("__main__", "elsewhere"), names)
    want = EXPECTED + math.log(1 - math.exp(-3.0))
    assert names["program"](np.array(XS))[0] == pytest.approx(want)  # type: ignore[operator]


def test_javascript():
    script = operations(["rms", "log1mexp"])
    assert "value: (xs) => norm(xs) / sqrt(len(xs))" in script


def test_loops_in_c():
    (kernel, tape) = (list_source._kernel_function(RMS), list_source.tape_functions)
    assert "the_norm = hypot_of(&ds[0], n)" in kernel
    assert "z = the_norm / c_sqrt(<double>n)" in kernel
    assert "ds[i] = 0.0 if z == 0.0 else at(nodes, i) / z / <double>n" in kernel
    assert "cdef double forward_norm(" in "\n".join(tape())


@pytest.mark.parametrize("entry", REDUCTIONS, ids=lambda entry: entry.name)
def test_examples(entry: Primitive):
    names = {"autograd": autograd, "Value": Value}
    names |= {"take": autograd.take}
    finder = doctest.DocTestParser()
    examples = finder.get_doctest(FUNCTIONS[entry.name].__doc__, names, entry.name, None, 0)
    assert examples.examples
    assert doctest.DocTestRunner().run(examples).failed == 0


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("sum([sum([x * y for y in xs]) for x in xs])", "it is a loop within a loop"),
        ("sum([x for x in xs if x > 0])", "has more than one loop, or a condition"),
        ("xs", "it is a list where a number is needed"),
        ("sum(1)", "it is a number where a list is needed"),
        ("(lambda: 1)()", "it is no mathematics over numbers and lists"),
    ],
)
def test_what_is_no_loop_is_refused(rule, message):
    entry = variadic("wrong", rule, "[1 for x in xs]")
    with pytest.raises(ValueError, match=rf"^wrong: .* cannot be written as a loop: .*{message}"):
        loops.lowered(entry, value=True, derivatives=False)


def test_arrays_share_memory_where_they_can():
    lowered = loops.lowered(TABLE["softmax"], value=True, derivatives=True)
    groups = loops.fused(lowered.statements)
    last = [segment.value for segment in lowered.segments]
    assert set(loops.slots(groups, last, stored=True).values()) == {0}
    assert [[x.name for x in group] for group in groups][1] == ["parts", "whole", "count"]


def test_a_reduction_of_two_lists():
    entry = variadic(
        "apart", "sum([square(x - y) for x, y in zip(xs, ys)])",
        "[*[2 * (x - y) for x, y in zip(xs, ys)], *[2 * (y - x) for x, y in zip(xs, ys)]]",
        arguments=("xs", "ys"),
    )  # fmt: skip
    install(entry)
    try:
        apart = FUNCTIONS["apart"]
        xs, ys = [Value(1.0), Value(2.0)], [Value(4.0), Value(0.5)]
        z = apart(xs, ys)
        assert (z.data, z.partials) == (11.25, (-6.0, 3.0, 6.0, -3.0))
        with pytest.raises(
            ValueError, match=r"^apart: got lists of 1 and 2; give two of one length"
        ):
            apart([1.0], ys)
        if COMPILED:
            value, (dx, dy) = autograd.compile(apart, engine="tape")([1.0, 2.0], [4.0, 0.5])
            assert (value, dx, dy) == (11.25, [-6.0, 3.0], [6.0, -3.0])
        with pytest.raises(
            NotImplementedError, match=r"^apart: a program of arrays has reductions of"
        ):
            autograd.compile(apart, engine="numpy")([1.0, 2.0], [4.0, 0.5])
    finally:
        uninstall(entry)
