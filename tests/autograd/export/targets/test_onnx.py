"""Programs as ONNX models give the engine's values."""

import math
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd
from autograd.compiler.ir.numpy_source import numpy_source
from autograd.export import ExportError
from autograd.export.program import equations_of
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

onnx = pytest.importorskip("onnx", reason="the extra onnx is not installed")
REFUSED = {"lgamma", "digamma", "polygamma"}


@pytest.fixture(scope="module")
def run():
    """Return what evaluates a model; the reference's own erf is that of single precision."""
    reference = pytest.importorskip("onnx.reference")
    from onnx.reference.op_run import OpRun

    class Erf(OpRun):
        op_domain = ""

        def _run(self, x):
            return (np.vectorize(math.erf, otypes=[float])(x),)

    return lambda model, feed: reference.ReferenceEvaluator(model, new_ops=[Erf]).run(None, feed)


def fed(step, args):
    """Return a model's inputs."""
    form = step.form()
    pairs = zip(form.program.arrays, form.take(args), strict=True)
    return {a.name: np.asarray(x) for a, x in pairs if a.name not in form.parameters}


def lines(step):
    """Return the lines of the value."""
    return numpy_source(equations_of(step.program, gradients=False))


def check(run, step, args):
    value, *holds = run(step.to("onnx"), fed(step, args))
    assert float(value) == pytest.approx(ravel(step(*args))[0], rel=1e-10, abs=1e-13)
    assert all(holds)


@pytest.mark.parametrize("name", [name for name in PRIMITIVES if name not in REFUSED])
def test_every_primitive_agrees(run, name):
    check(run, *primitive(name))


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_what_onnx_has_no_operator_for_is_refused(name):
    step, _ = primitive(name)
    with pytest.raises(ExportError) as caught:
        step.to("onnx")
    assert str(caught.value) == f"onnx: {name} cannot be exported: onnx has no such function"


@pytest.mark.parametrize("name", WHOLE)
def test_whole_programs_agree(run, name):
    check(run, *whole(name))


@settings(max_examples=10)
@given(seed=st.integers(0, 10**6))
def test_random_programs_agree(run, seed):
    made = random_program(seed)
    if made is not None and not re.search(r"\b(lgamma|polygamma|digamma)\(", lines(made[0])):
        check(run, *made)


@pytest.mark.parametrize("name", WHOLE)
def test_a_runtime_agrees_in_double_precision(name):
    runtime = pytest.importorskip("onnxruntime")
    step, args = whole(name)
    session = runtime.InferenceSession(step.to("onnx").SerializeToString())
    found = session.run(None, fed(step, args))[0]
    assert float(found) == pytest.approx(ravel(step(*args))[0], rel=1e-10)


def test_the_number_of_samples_is_open_and_the_parameters_are_inside(run):
    step, (X, Y) = whole("network")
    model = step.to("onnx")
    sizes = [[d.dim_param or d.dim_value for d in i.type.tensor_type.shape.dim]
             for i in model.graph.input]  # fmt: skip
    assert sizes == [["n", 2], ["n"]]
    assert {"W1", "b1", "W2", "b2"} <= {tensor.name for tensor in model.graph.initializer}
    (value,) = run(model, {"x": X[:2], "y": Y[:2].astype(float)})
    assert float(value) == pytest.approx(step.value(X[:2], Y[:2]), rel=1e-12)


def test_single_precision(run):
    step, (X, Y) = whole("network")
    feed = {"x": X.astype(np.float32), "y": Y.astype(np.float32)}
    (value,) = run(step.to("onnx", dtype="float32"), feed)
    assert value.dtype == np.float32
    assert float(value) == pytest.approx(step.value(X, Y), rel=1e-5)


def test_it_says_whether_its_comparisons_hold(run):
    step = autograd.compile(compared, engine="numpy")
    step(1.0, 2.0)
    model = step.to("onnx")
    assert [output.name for output in model.graph.output] == ["value", "holds"]
    for x, holds in ((1.5, True), (3.0, False)):
        assert bool(run(model, {"x": np.array(x), "w": np.array(2.0)})[1]) is holds


def test_digits_to_round_to_are_refused():
    step = autograd.compile(lambda x: autograd.round(x, 2) * x, engine="numpy")
    step(1.234)
    with pytest.raises(ExportError, match="onnx: round cannot be exported: it rounds to whole"):
        step.to("onnx")


def test_sums_of_constants_are_taken_along(run):
    step = autograd.compile(
        lambda x: autograd.sum([x, 1.0, 2.0]) * autograd.logsumexp([1.0, 2.0, x]), engine="numpy"
    )
    step(0.5)
    check(run, step, (0.5,))


def test_adding_to_parts_of_an_array_is_refused():
    step = autograd.compile(autograd.hessian(lambda x: autograd.exp(x[0] * x[1])), engine="numpy")
    step(np.array([1.0, 2.0]))
    with pytest.raises(ExportError, match="onnx: adding to parts of an array cannot be exported"):
        step.to("onnx")


def test_second_derivatives_of_a_sum_are_zeros(run):
    step = autograd.compile(autograd.hessian(lambda x: 2.0 * x[0] + x[1]), engine="numpy")
    step(np.array([1.0, 2.0]))
    (value,) = run(step.to("onnx"), {"x": np.array([1.0, 2.0])})
    assert value.tolist() == [[0.0, 0.0], [0.0, 0.0]]


def test_arguments_named_as_the_model_names_things(run):
    step = autograd.compile(
        lambda value, constant_0, T1_1: value * constant_0 + autograd.sin(T1_1), engine="numpy"
    )
    args = 2.0, 3.0, 0.5
    step(*args)
    model = step.to("onnx")
    assert model.graph.output[0].name == "value_"
    assert float(run(model, fed(step, args))[0]) == pytest.approx(step.value(*args), rel=1e-15)


@pytest.mark.parametrize("name", RESULTS)
def test_several_results_arrays_and_batches(run, name):
    step, args, expected = forward(name)
    model = step.to("onnx")
    names = [output.name for output in model.graph.output]
    count = len(expected)
    assert names == (["value"] if count == 1 else [f"result_{i + 1}" for i in range(count)])
    same_results(run(model, given_arrays(step, args)), expected)


def test_a_model_takes_any_number_of_samples(run):
    step, (x,), expected = forward("two heads")
    model = step.to("onnx")
    sizes = [[d.dim_param or d.dim_value for d in o.type.tensor_type.shape.dim]
             for o in model.graph.output]  # fmt: skip
    assert sizes == [["n"], ["n", 2]]
    same_results(run(model, {"x": x[:2]}), [array[:2] for array in expected])
