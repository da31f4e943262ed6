"""C functions of one sample: compiled without a warning, they give the engine's numbers."""

import ctypes
import math
import shutil
import subprocess

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import autograd
from autograd.export.c_functions import C99, WRITTEN, helpers
from autograd.export.targets.c import safe
from autograd.rules import special
from tests.helpers.export_cases import (
    PRIMITIVES,
    RESULTS,
    WHOLE,
    compared,
    forward,
    primitive,
    product,
    random_program,
    ravel,
    same_results,
    whole,
)

COMPILER = shutil.which("gcc") or shutil.which("cc")
FLAGS = ("-std=c99", "-O2", "-Wall", "-Wextra", "-Werror", "-ffp-contract=off", "-shared", "-fPIC")
needs_compiler = pytest.mark.skipif(COMPILER is None, reason="there is no C compiler")
NUMBERS = ctypes.POINTER(ctypes.c_double)


def build(folder, texts):
    """Compile some files into one library."""
    files = []
    for name, text in texts.items():
        files.append(folder / f"{name}.c")
        files[-1].write_text(text, encoding="utf-8")
    library = folder / f"{files[0].stem}.so"
    command = [COMPILER, *FLAGS, "-o", str(library), *map(str, files), "-lm"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return ctypes.CDLL(str(library))


def call(function, form, arrays):
    """Call a function for each sample; return the value and gradients of all."""
    program = form.program
    function.restype = ctypes.c_double
    rows = [np.asarray(x, dtype=float) for x in arrays]
    sample = [array.sample for array in program.arrays]
    count = next((len(x) for x, s in zip(rows, sample, strict=True) if s), 1)
    total, gradients = 0.0, [np.zeros(array.shape) for array in program.wanted]
    for i in range(count):
        given = [np.array(x[i] if s else x) for x, s in zip(rows, sample, strict=True)]
        out = [np.full(array.shape, np.nan) for array in program.wanted]
        arguments = [
            x.ctypes.data_as(NUMBERS) if x.ndim else ctypes.c_double(float(x)) for x in given
        ]
        total += function(*arguments, *[x.ctypes.data_as(NUMBERS) for x in out])
        gradients = [g + x for g, x in zip(gradients, out, strict=True)]
    share = count if program.reduce == "mean" else 1
    return total / share, [g / share for g in gradients]


def check(function, step, args):
    form = step.form()
    got = ravel(form.give(*call(function, form, form.take(args))))
    expected = ravel(step(*args))
    scale = max(1.0, np.abs(expected).max())
    np.testing.assert_allclose(got, expected, rtol=1e-11, atol=1e-13 * scale)


@pytest.fixture(scope="module")
def made():
    return {name: (whole if name in WHOLE else primitive)(name) for name in [*PRIMITIVES, *WHOLE]}


@pytest.fixture(scope="module")
def library(made, tmp_path_factory):
    """Compile all in one file, with each helper once: starting GCC eighty times takes long."""
    texts = [step.to("c", name=f"f_{name}") for name, (step, _) in made.items()]
    parts = dict.fromkeys(part for text in texts for part in text.split("\n\n"))
    return build(tmp_path_factory.mktemp("c"), {"all": "\n\n".join(parts)})


@needs_compiler
@pytest.mark.parametrize("name", [*PRIMITIVES, *WHOLE])
def test_value_and_gradients_agree(library, made, name):
    check(getattr(library, f"f_{name}"), *made[name])


@needs_compiler
@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10**6))
def test_random_programs_agree(tmp_path, seed):
    random = random_program(seed)
    if random is not None:
        text = random[0].to("c", name="f")
        check(build(tmp_path, {f"random_{seed}": text}).f, *random)


@pytest.fixture(scope="module")
def functions(tmp_path_factory):
    """Return the functions that C's library lacks, compiled."""
    names = sorted(WRITTEN)
    text = "\n".join(["#include <math.h>", *helpers(names)]).replace("static double", "double")
    library = build(tmp_path_factory.mktemp("c"), {"functions": text})
    for name in names:
        getattr(library, name).restype = ctypes.c_double
    return library


SPECIAL = [-np.inf, -3.7, -2.0, -0.5, -0.0, 0.0, 1e-300, 0.3, 1.0, 1.4616321449683622, 2.5, 14.9,
           15.0, 80.0, 1e10, np.inf, np.nan]  # fmt: skip


def same(got, expected, rel=1e-13):
    if math.isfinite(expected):
        assert got == pytest.approx(expected, rel=rel, abs=1e-300)
    else:
        assert str(got) == str(expected)


@needs_compiler
@pytest.mark.parametrize("x", SPECIAL)
def test_digamma_and_polygamma_are_the_project_s_own(functions, x):
    same(functions.digamma(ctypes.c_double(x)), special.digamma(x), 1e-12)
    for n in (-1.0, 0.0, 0.5, 1.0, 2.0, 5.0):
        got = functions.polygamma(ctypes.c_double(n), ctypes.c_double(x))
        same(got, special.polygamma(n, x), 1e-11)


@needs_compiler
@pytest.mark.parametrize("name", ["floordiv", "mod", "product_error", "round_to"])
@pytest.mark.parametrize("x", [-7.5, -0.0, 0.5, 2.5, 1e200, np.inf, np.nan])
@pytest.mark.parametrize("y", [-2.0, 0.0, 1.0, 3.0])
def test_functions_of_two_numbers_are_the_project_s_own(functions, name, x, y):
    own = {"round_to": "round"}.get(name, name)
    expected = autograd.rules.floats.FUNCTIONS[own](x, y)
    got = getattr(functions, name)(ctypes.c_double(x), ctypes.c_double(y))
    same(got, expected)


@needs_compiler
def test_a_comparison_that_comes_out_differently_gives_nan(tmp_path):
    step = autograd.compile(compared, engine="numpy")
    texts = {}
    for name, x in (("fewer", 1.0), ("more", 3.0)):
        step(x, 2.0)
        texts[name] = step.to("c", name=name)
    assert "It holds for one outcome of a comparison; elsewhere it returns NAN." in texts["fewer"]
    library, form = build(tmp_path, texts), step.form()
    assert call(library.fewer, form, [1.5, 2.0])[0] == 3.0
    assert math.isnan(call(library.fewer, form, [3.0, 2.0])[0])
    assert call(library.more, form, [3.0, 2.0])[0] == 1.0
    assert math.isnan(call(library.more, form, [1.5, 2.0])[0])


@needs_compiler
@pytest.mark.parametrize("index", [-1.0, 4.0, 1e300, np.nan])
def test_a_position_that_is_none_gives_nan(tmp_path, index):
    step, (table, _, x) = whole("picked")
    form = step.form()
    library = build(tmp_path, {"picked": step.to("c")})
    assert math.isnan(call(library.picked, form, [table, index, x])[0])


@needs_compiler
def test_names_that_c_does_not_take(tmp_path):
    def function(double, ŵ, unused, i):  # noqa: ARG001, PLC2401 - names are what is tested
        return double * ŵ + autograd.sum(i)

    step = autograd.compile(function, engine="numpy")
    args = (2.0, 3.0, 1.0, np.array([4.0, 5.0]))
    step(*args)
    text = step.to("c", name="f")
    head = " ".join(text[text.index("double f(") :].partition(")")[0].split())
    assert head.startswith("double f( double double_, double u175, double unused, const double *i,")
    check(build(tmp_path, {"names": text}).f, step, args)
    assert safe("W1") == "W1"
    for name in ("two words", "int", "tanh"):
        with pytest.raises(ValueError, match=f"name: got a str .'{name}'.") as caught:
            step.to("c", name=name)
    assert str(caught.value) == (
        "name: got a str ('tanh'); allowed: names that neither C nor its library has"
    )


@needs_compiler
def test_a_function_and_labels_that_are_called_as_c_s_own(tmp_path):
    def relu(y1, gamma):
        return autograd.relu(y1) * autograd.tanh(gamma) * w

    w = autograd.Value(0.5, "fma")
    step = autograd.compile(relu, engine="numpy")
    step(2.0, 0.3)
    form = step.form()
    text = step.to("c")
    assert "double relu_( double y1_, double gamma_, double fma_, " in " ".join(text.split())
    value, _ = call(build(tmp_path, {"own": text}).relu_, form, form.take((2.0, 0.3)))
    assert value == pytest.approx(step.value(2.0, 0.3), rel=1e-15)


def test_its_text():
    step = autograd.compile(product, engine="numpy")
    step(2.0, -3.0, 10.0)
    assert step.to("c") == TEXT


TEXT = """\
/* product: the value, and its gradients with respect to a, b, c.
 *
 * Written by scalar-autograd: C99, to be linked with the mathematics library (-lm).
 * Arrays are stored row after row.
 */
#include <math.h>

double product(double a, double b, double c, double *grad_a, double *grad_b, double *grad_c)
{
    double T1 = a + b * c;
    double T2 = 3.0 * T1;
    grad_b[0] = 3.0 * c;
    grad_c[0] = 3.0 * b;
    grad_a[0] = 3.0;
    return T2;
}
"""


def test_helpers_come_after_what_they_call():
    texts = helpers(["gelu", "exp", "polygamma"])
    order = [text.partition("(")[0].split()[-1] for text in texts if text.startswith("static")]
    assert order == ["product_error", "gaussian", "normal_pdf", "normal_cdf", "gelu"] or (
        order.index("normal_pdf") < order.index("normal_cdf") < order.index("gelu")
    )
    assert "exp" in C99


@needs_compiler
@pytest.mark.parametrize("name", RESULTS)
def test_several_results_arrays_and_batches(tmp_path, name):
    step, args, expected = forward(name)
    library = build(tmp_path, {"results": step.to("c", name="f")})
    program = step.form().program
    arrays = step.form().take(args)
    batch = [len(x) for x, a in zip(arrays, program.arrays, strict=True) if a.sample]
    rows = [placed(library.f, program, arrays, i) for i in range(batch[0] if batch else 1)]
    found = [np.array(each) for each in zip(*rows, strict=True)]
    same_results([x if batch else x[0] for x in found], expected)


def placed(function, program, arrays, i):
    """Return what a function puts where its last pointers say, for one sample."""
    function.restype = ctypes.c_int
    pairs = zip(arrays, program.arrays, strict=True)
    rows = [np.array(x[i] if a.sample else x, dtype=float) for x, a in pairs]
    out = [np.full(output.shape, np.nan) for output in program.outputs]
    numbers = [x.ctypes.data_as(NUMBERS) if x.ndim else ctypes.c_double(float(x)) for x in rows]
    assert function(*numbers, *[x.ctypes.data_as(NUMBERS) for x in out]) == 0
    return out


@needs_compiler
def test_results_that_do_not_hold_are_told_by_the_status(tmp_path):
    step = autograd.compile(lambda x, w: (compared(x, w), x * w), gradients=False, engine="numpy")
    step(1.0, 2.0)
    text = step.to("c", name="f")
    assert "int f(double x, double w, double *result_1, double *result_2)" in text
    assert "elsewhere it returns 1." in text
    function = build(tmp_path, {"status": text}).f
    out = (ctypes.c_double * 2)()
    pointers = ctypes.byref(out), ctypes.byref(out, 8)
    assert function(ctypes.c_double(1.5), ctypes.c_double(2.0), *pointers) == 0
    assert list(out) == [3.0, 3.0]
    assert function(ctypes.c_double(3.0), ctypes.c_double(2.0), *pointers) == 1
