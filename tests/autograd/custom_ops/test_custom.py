"""A primitive of one's own: three lines, checked, and then like any other."""

import copy
import math
import pickle
import subprocess
import sys

import numpy as np
import pytest

import autograd
import viz
from autograd import Value, custom, gradient
from autograd.functions.install import install
from autograd.primitives import TABLE
from autograd.rules.backends import FLOATS


def forms():
    """Define one function as text, as mathematics, and as Python that stays Python."""
    custom("text", "x * x * x", "3 * x * x")
    yield "text"

    @custom(derivative=lambda x: 3 * x**2)
    def mathematics(x):
        return x * x * x

    yield "mathematics"

    @custom(derivative=lambda x: 3 * x * x if x > 0 else 3 * (-x) * (-x))
    def python(x):
        total = 1.0
        for _ in range(3):
            total *= float(x)
        return total

    yield "python"


def programs(function, engine):
    square = autograd.compile(lambda x: function(x) * x, engine=engine)
    return square, autograd.compile(
        lambda xs: autograd.sum([function(x) for x in xs]), engine=engine
    )


def test_every_form_draws_explains_lifts_and_differentiates_twice():
    for name in forms():
        function = getattr(Value, name)
        x = Value(2.0, "x")
        y = function(x)
        y.backward()
        assert (y.data, y.op, y.partials, x.grad) == (8.0, name, (12.0,), 12.0)
        (first,) = gradient(y, [x], create_graph=True)
        assert (first.data, gradient(first, [x])) == (12.0, [12.0])
        assert name in viz.draw(y).dot
        assert "dy/dx = 12 at x = 2" in str(viz.explain(y, x, names={"x": x, "y": y}))
        for engine in ("numpy", "blocked", "tape"):
            square, total = programs(function, engine)
            assert square(2.0) == (16.0, 32.0)
            value, slopes = total(np.array([1.0, -2.0, 3.0]))
            assert (value, slopes.tolist()) == (20.0, [3.0, 12.0, 27.0])


def test_mathematics_is_written_down_and_python_is_not():
    assert [*forms()] == ["text", "mathematics", "python"]
    assert (TABLE["mathematics"].rule, *TABLE["mathematics"].partials) == (
        "x * x * x",
        "3 * pow(x, 2)",
    )
    assert (TABLE["python"].rule, *TABLE["python"].partials) == ("python_of(x)", "dpython_dx(x)")


def test_numbers_lists_and_arrays():
    cubic = custom("cubic", "x * x * x", "3 * x * x")
    assert (cubic(2), cubic([1, 2])) == (8.0, [1.0, 8.0])
    assert cubic(np.array([1.0, 2.0])).tolist() == [1.0, 8.0]
    assert [v.op for v in cubic([Value(1.0), Value(2.0)])] == ["cubic", "cubic"]


def test_several_arguments_and_defaults():
    @custom(derivative={"slope": lambda x, _: autograd.where(x > 0, 0, x),
                        "x": lambda x, slope: autograd.where(x > 0, 1, slope)})  # fmt: skip
    def leaky(x, slope=0.1):
        """Leak."""
        return autograd.where(x > 0, x, slope * x)

    assert (leaky(-2), leaky(Value(-2.0)).partials) == (-0.2, (0.1, 0.0))
    assert (leaky.__doc__, leaky.__name__) == ("Leak.", "leaky")
    three = custom("three", "a * b * c", "b * c", "a * c", "a * b", arguments=("a", "b", "c"))
    a, b, c = autograd.values([2.0, 3.0, 4.0])
    three(a, b, c).backward()
    assert (a.grad, b.grad, c.grad) == (12.0, 8.0, 6.0)


def test_its_picture_has_its_symbol_and_its_formula_its_latex():
    cubic = custom("cubic", "x * x * x", "3 * x * x", symbol="x³", latex="{x}^3", summary="Cube.")
    y = cubic(Value(2.0, "x"))
    assert "x³" in viz.draw(y).dot
    assert TABLE["cubic"].summary == cubic.__doc__.splitlines()[0] == "Cube."
    with pytest.raises(ValueError, match=r"cubic: the LaTeX 'x\^\{3\}' is no template over x;"):
        custom("cubic", "x * x * x", "3 * x * x", latex="x^{3}")


def test_a_wrong_derivative_is_refused_and_nothing_changes():
    before = dict(TABLE)
    message = (
        r"bad: its derivative with respect to y at x = 1\.5, y = 2\.0 is 2\.0, but central "
        r"differences give 1\.5 ± "
    )
    with pytest.raises(ValueError, match=message):
        custom("bad", "x * y", "y", "y", points=[(1.5, 2.0)])
    with pytest.raises(ValueError, match="bad: its derivative with respect to x at x = "):
        custom("bad", derivative=lambda x: math.cos(x) * 1.001)(math.sin)
    assert dict(TABLE) == before
    assert not hasattr(Value, "bad")
    assert not [name for name in FLOATS if "bad" in name]


def test_a_form_for_arrays_is_used_and_checked():
    shapes = []

    def arrays(x):
        shapes.append(np.shape(x))
        return np.sinh(x)

    sh = custom("sh", derivative=math.cosh, numpy=arrays)(math.sinh)
    total = autograd.compile(lambda xs: autograd.sum([sh(x) for x in xs]), engine="numpy")
    value, slopes = total(np.array([0.0, 1.0]))
    assert value == math.sinh(1.0)
    assert slopes.tolist() == [1.0, math.cosh(1.0)]
    assert shapes[-1] == (2,)
    with pytest.raises(ValueError, match=r"sh: its NumPy form gives .* at x = .*, its rule "):
        custom("sh", derivative=math.cosh, numpy=np.cosh)(math.sinh)
    with pytest.raises(ValueError, match=r"sh: its NumPy form gave .* for arrays of shape \(9,\);"):
        custom("sh", derivative=math.cosh, numpy=np.sum)(math.sinh)


def test_a_second_derivative_that_is_lost_is_an_error():
    sh = custom("sh", derivative=math.cosh)(math.sinh)
    x = Value(1.0)
    message = (
        "sh: its derivative cannot be differentiated again, as it is Python code that does not "
        r"work on Values \(ConcretizationError: math.cosh would lose"
    )
    with pytest.raises(TypeError, match=message):
        gradient(sh(x), [x], create_graph=True)
    custom("sh", derivative=lambda x: math.cosh(float(x)))(math.sinh)
    with pytest.raises(TypeError, match="float of a Value would lose its derivative"):
        gradient(sh(x), [x], create_graph=True)


@pytest.mark.parametrize("define", [custom, autograd.custom_vjp])
def test_a_branch_in_a_derivative_is_a_comparison_of_programs_made_of_it(define):
    if define is custom:
        bent = custom(
            "bent", derivative=lambda x: 2 * x if x > 0 else 3 + 0 * x, points=[-1.0, 1.0]
        )(lambda x: float(x) ** 2 if x > 0 else 3 * float(x))
    else:  # the rule has the incoming gradient in its comparison
        bent = define("bent", backward=lambda g: g if -2 < g < 2 else 0 * g)(lambda x: x)
    points = [2.0, -1.3, 0.7, 5.0]
    for derivative in (
        autograd.grad(lambda x: bent(x) * x),
        autograd.grad(autograd.grad(lambda x: bent(x) * x * x)),
    ):
        expected = [derivative(x) for x in points]
        single = autograd.compile(derivative)
        assert [single(x) for x in points] == pytest.approx(expected, rel=1e-12)
        many = autograd.compile(derivative, batch=["x"])
        assert many(np.array(points)) == pytest.approx(expected, rel=1e-12)
        step = autograd.compile(derivative, gradients=True)
        assert [step(x)[0] for x in points] == pytest.approx(expected, rel=1e-12)


def test_a_derivative_in_python_is_no_part_of_a_program_that_is_compiled_of_a_gradient():
    sh = custom("sh", derivative=math.cosh)(math.sinh)
    assert autograd.compile(sh)(1.0) == (math.sinh(1.0), math.cosh(1.0))
    with pytest.raises(TypeError, match=r"^sh: its derivative cannot be a part of a program"):
        autograd.compile(autograd.grad(sh))(1.0)


def test_a_derivative_may_be_another_operation_of_ones_own():
    ch = custom("ch", derivative=math.sinh)(math.cosh)
    sh = custom("sh", derivative=ch)(math.sinh)
    assert TABLE["sh"].partials == ("ch(x)",)
    x = Value(1.0)
    (first,) = gradient(sh(x), [x], create_graph=True)
    assert gradient(first, [x]) == [math.sinh(1.0)]


def test_defined_again_the_latest_holds_and_old_graphs_keep_their_numbers():
    x = Value(2.0)
    old = custom("raised", "x * x", "2 * x")
    before = old(x)
    compiled = autograd.compile(lambda x: old(x) * 1.5)
    assert compiled(2.0) == (6.0, 6.0)
    new = custom("raised", "x * x * x", "3 * x * x")
    assert (old(x).data, new(x).data, x.raised().data, before.data) == (8.0, 8.0, 8.0, 4.0)
    before.backward()
    assert x.grad == 4.0
    assert compiled(2.0) == (6.0, 6.0)  # as it was traced
    with pytest.raises(RuntimeError, match="or its operation defined anew"):
        gradient(before, [x], create_graph=True)
    with pytest.raises(ValueError, match="raised: its derivative with respect to x"):
        custom("raised", "x", "2")
    with pytest.raises(NameError, match="raised: the rule 'x \\+ w' names 'w', which is unknown"):
        custom("raised", "x + w", "1")
    assert new(x).data == 8.0


def test_python_defined_again_keeps_programs_as_they_were():
    one = custom("step", derivative=lambda x: 0.0 if x < 0 else 1.0)(lambda x: max(x, 0.0))
    old = autograd.compile(lambda x: one(x) * x, engine="tape")
    assert old(3.0) == (9.0, 6.0)
    two = custom("step", derivative=lambda x: 0.0 if x < 0 else 2.0)(lambda x: 2 * max(x, 0.0))
    assert (old(3.0), two(3.0)) == ((9.0, 6.0), 6.0)
    assert autograd.compile(lambda x: two(x) * x, engine="tape")(3.0) == (18.0, 12.0)


def test_an_entry_that_cannot_be_installed_leaves_the_former_one(monkeypatch):
    power = custom("raised", "x * x", "2 * x")
    real, calls = install, []

    def fails_once(entry):
        calls.append(entry.name)
        if len(calls) == 1:
            raise MemoryError
        real(entry)

    monkeypatch.setattr(sys.modules["autograd.custom_ops.custom"], "install", fails_once)
    with pytest.raises(MemoryError):
        custom("raised", "x", "1")
    assert (power(3.0), power(Value(3.0)).op) == (9.0, "raised")


def test_copies_and_pickles():
    cubic = custom("cubic", "x * x * x", "3 * x * x")
    x = Value(2.0, "x")
    for y in (copy.deepcopy(cubic(x)), pickle.loads(pickle.dumps(cubic(x)))):
        y.backward()
        assert (y.op, y.data, y.inputs[0].grad, x.has_grad) == ("cubic", 8.0, 12.0, False)
        (first,) = gradient(y, y.inputs, create_graph=True)
        assert gradient(first, y.inputs) == [12.0]


def test_a_pickle_says_what_is_not_defined(tmp_path):
    cubic = custom("cubic", "x * x * x", "3 * x * x")
    (tmp_path / "graph").write_bytes(pickle.dumps(cubic(Value(2.0)) + 1))
    code = f"import autograd, pickle; pickle.loads(open({str(tmp_path / 'graph')!r}, 'rb').read())"
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert found.stderr.splitlines()[-1] == (
        "ValueError: the pickle has a node of operation 'cubic', which is not defined here: define "
        "it first (autograd.custom), or import the module that does"
    )


def value_inside(x):
    return float(x) * Value(2.0)


REFUSED = [
    (lambda: custom("exp", "x", "1"), ValueError, "the name 'exp' is the library's; choose"),
    (lambda: custom("data", "x", "1"), ValueError, "the name 'data' is the library's"),
    (lambda: custom("1x", "x", "1"), ValueError, "custom: got the name '1x'; give a name that"),
    (lambda: custom("f", "z", "1", arguments=("z",)), ValueError, "the argument 'z' has a meaning"),
    (lambda: custom("f", "x", "1", "1", "1"), TypeError, "f: got 3 derivatives for the"),
    (lambda: custom("f", "x"), TypeError, "f: got 0 derivatives for the arguments x; give one an"),
    (lambda: custom("f", 3, "1"), TypeError, r"a rule of f: got an int \(3\); allowed: a str"),
    (lambda: custom("f"), TypeError, "custom: give derivative=, a function or a text"),
    (lambda: custom(abs), TypeError, "custom: give derivative=, a function or a text"),
    (lambda: custom("f", None, "1"), TypeError, "custom: give a name, a rule and derivatives"),
    (lambda: custom("f", derivative={"y": "1"})(lambda x: x), TypeError,
     "f: got derivatives with respect to y; give one for each of x"),
    (lambda: custom("f", derivative=["1", "1"])(lambda x: x), TypeError,
     "f: got 2 derivatives for the arguments x; give one an argument"),
    (lambda: custom("f", derivative="1")(lambda *x: x), TypeError, "f: got the parameter \\*x;"),
    (lambda: custom("f", derivative=lambda _x, _y, _z: 1)(lambda x: x), TypeError,
     "f: a rule takes 3 arguments; allowed are 1 to 2"),
    (lambda: custom("f", derivative="2")(value_inside), TypeError,
     r"f: its function returned a Value .* for numbers; it must return one: what it depends on"),
    (lambda: custom("f", "log(x)", "1 / x", domain=(-3, -1)), ValueError,
     "f: its value is not finite at any of the 9 points tried, for instance x = .*; give domain="),
    (lambda: custom("f", "x", "1", points=[]), ValueError, "f: got no points to check"),
    (lambda: custom("f", "x", "1", points=[(1, 2)]), ValueError,
     r"points: got a tuple of 2; allowed: 1 numbers: x"),
    (lambda: custom("f", "x", "1", domain=(2, 1)), ValueError,
     r"domain: got a tuple of 2; allowed: \(low"),
    (lambda: custom("f", "where(x == 1.5, 1, nan)", "0", points=[1.5]), ValueError,
     "f: found no point to check its derivatives at: around x = 1.5 its values are not finite"),
    (lambda: custom("f", derivative="1")(lambda x: x if type(x) is not float else 2), ValueError,
     "f: at x = .* the function gives .*, but written down as 'x' it gives .*: it must depend on"),
]  # fmt: skip


@pytest.mark.parametrize(("attempt", "error", "message"), REFUSED)
def test_what_is_refused(attempt, error, message):
    before = dict(TABLE)
    with pytest.raises(error, match=message):
        attempt()
    assert dict(TABLE) == before


def test_functions_that_say_nothing_of_their_arguments():
    assert custom("sh", derivative=np.cosh)(math.sinh)(0.0) == 0.0
    many = custom("many", derivative=lambda *xs: 2 * xs[0])(lambda x: x * x)
    assert many(Value(3.0)).partials == (6.0,)


def test_a_zero_that_a_text_chooses_hides_nothing_and_a_computed_one_may():
    rectified = custom("rectified", "where(x > 0, x, 0)", "where(x > 0, 1, 0)", points=[-1.0, 2.0])
    cubed = custom("cubed", "x * x * x", "3 * x * x")
    with autograd.detect_anomaly():
        assert autograd.grad(lambda x: rectified(autograd.sqrt(x) - 1) + x)(0.0) == 1.0
        with pytest.raises(FloatingPointError, match="0 times infinity"):
            autograd.grad(lambda x: cubed(autograd.sqrt(x)))(0.0)


def test_a_derivative_in_python_may_sort():
    def slope(x):
        return np.sort(autograd.ValueArray([x, 2 * x, 1.5]))[1] * 2 if x > 0 else 0 * x

    @custom(derivative=slope, domain=(0.1, 1.4))
    def middling(x):
        t = float(x)
        return 2 * t * t if t < 0.75 else 3 * t - 1.125

    for x, first, second in ((0.3, 1.2, 4.0), (1.1, 3.0, 0.0)):
        assert autograd.grad(middling)(x) == pytest.approx(first)
        assert autograd.grad(autograd.grad(middling))(x) == pytest.approx(second)


def test_reductions_as_text_and_as_functions():
    rms = autograd.custom(
        "rms", "norm(xs) / sqrt(len(xs))", "[where(z == 0, 0, x / z / len(xs)) for x in xs]",
        arguments=["xs"], latex=r"\operatorname{{rms}}({xs})",
    )  # fmt: skip

    @autograd.custom(derivative=lambda xs: [1 / (len(xs) * x) for x in xs], domain=(0.1, 5))
    def mean_log(xs):
        return sum(math.log(x) for x in xs) / len(xs)

    xs = [Value(3.0), Value(4.0)]
    assert rms(xs).partials == pytest.approx([3 / 50**0.5, 4 / 50**0.5])
    assert mean_log(xs).partials == pytest.approx([1 / 6, 1 / 8])
    for function in (rms, mean_log):
        for engine in ("numpy", "blocked", "tape"):
            value, slopes = autograd.compile(function, engine=engine)([3.0, 4.0])
            assert (value, slopes) == (
                pytest.approx(function(xs).data), pytest.approx(function(xs).partials)
            )  # fmt: skip
    slopes = autograd.gradient(mean_log(xs), xs, create_graph=True)
    assert autograd.gradient(slopes[0], xs) == pytest.approx([-1 / 18, 0.0])


def test_what_is_wrong_with_a_reduction():
    wrong = "[x / z for x in xs]"
    with pytest.raises(
        ValueError, match=r"^rms: its derivative with respect to xs\[0\] at xs = \["
    ):
        autograd.custom("rms", "norm(xs) / sqrt(len(xs))", wrong, arguments=["xs"])
    with pytest.raises(TypeError, match=r"^rms: its derivative gave a float .*for a list of 3; it"):
        autograd.custom(derivative="1.0", name="rms")(lambda xs: sum(xs) + 0 * len(xs))
    with pytest.raises(ValueError, match=r"^two: got the arguments xs, b; a list, xs, is the only"):
        autograd.custom("two", "sum(xs) + b", "[1 for x in xs]", "1", arguments=["xs", "b"])
    with pytest.raises(ValueError, match=r"^rms: got the point 2\.0; give a list of numbers"):
        autograd.custom("rms", "sum(xs)", "[1 for x in xs]", arguments=["xs"], points=[2.0])
