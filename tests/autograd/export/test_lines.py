"""Programs' texts taken apart, and what cannot be exported."""

import sys
from pathlib import Path

import numpy as np
import pytest

import autograd
from autograd import errors
from autograd.compiler.form import EXPORTERS
from autograd.export import ExportError
from autograd.export.lines import body_of

sys.path.insert(0, str(Path(__file__).parent))
from exported import product, whole

EXTRAS = {"jax": "jax", "torch": "torch", "onnx": "onnx"}


def test_an_unknown_kind_is_refused():
    step = autograd.compile(product)
    step(2.0, -3.0, 10.0)
    with pytest.raises(ValueError, match="to: got 'tf'") as caught:
        step.to("tf")
    assert str(caught.value) == (
        "to: got 'tf'; allowed are 'numpy', 'jax', 'torch', 'onnx', 'latex' or 'c'"
    )


def test_a_function_that_was_not_called_has_no_program():
    with pytest.raises(RuntimeError, match="product was not called yet"):
        autograd.compile(product).to("c")


@pytest.mark.parametrize("kind", EXTRAS)
def test_an_extra_that_is_missing_is_named(monkeypatch, kind):
    from autograd.export import jaxed, torched

    step = autograd.compile(product)
    step(2.0, -3.0, 10.0)
    monkeypatch.setitem(sys.modules, kind, None)
    torched._module_class.cache_clear()
    jaxed._names.cache_clear()
    with pytest.raises(errors.MissingExtraError) as caught:
        step.to(kind)
    assert str(caught.value) == f'this needs {kind}: pip install "scalar-autograd[{kind}]"'


@pytest.mark.parametrize("kind", EXPORTERS)
def test_a_program_too_irregular_for_a_text_says_what_to_do(kind):
    if kind in EXTRAS:
        pytest.importorskip(kind)

    def irregular(xs):
        y = xs[0]
        for i in range(3000):
            y = (autograd.sin, autograd.cos, autograd.tanh)[i % 3](y) * xs[i % 2]
        return y

    step = autograd.compile(irregular)
    step([0.5, 0.7])
    if not step.source.startswith("#"):
        pytest.skip("the plain tape lowers every program")
    with pytest.raises(ExportError, match="compile or lift it with engine='numpy'"):
        step.to(kind)


def test_forward_lines_leave_the_softmax_out():
    step, _ = whole("classes")
    text = body_of(step.program).forward().text("f")
    assert "T1 = cross_entropy(Z2, whole(y))" in text
    assert "d" not in [line.strip()[:1] for line in text.splitlines()[1:]]


def test_batches_come_with_samples_first():
    step = autograd.compile(
        lambda w, x: autograd.sum([w * v for row in x for v in row]), batch="x", engine="numpy"
    )
    args = 2.0, np.arange(12.0).reshape(2, 3, 2)
    expected = step(*args)
    assert body_of(step.program).texts()[0] == "x = x.transpose(1, 2, 0)"
    names = {"__name__": ""}
    exec(step.to("numpy"), names)
    assert names["program"](*args) == (expected[0], (expected[1],))
