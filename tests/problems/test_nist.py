"""NIST's regressions: fits with compiled derivatives agree with the certified values."""

import re
from pathlib import Path

import numpy as np
import pytest

import autograd

pytest.importorskip("scipy.optimize")

from benchmarks.accuracy import nist
from benchmarks.accuracy.nist import MODELS, Regression

PAGE = Path(__file__).parents[2] / "docs" / "accuracy.md"
SECTION = PAGE.read_text("utf-8").partition(nist.HEADING)[2]
ROWS = {
    name: [float(cell) for cell in cells.split("|")]
    for name, cells in re.findall(r"^\| (\w+) \| (\d[^\n]+) \|$", SECTION, re.MULTILINE)
}
# Digits by which another processor or SciPy may stop earlier than the page says.
SLACK_OF_SCIPY, SLACK = 3.0, 0.5


def test_the_page_has_all_of_them():
    assert list(ROWS) == list(MODELS)
    assert len(ROWS) == 27


@pytest.mark.parametrize("name", MODELS)
def test_fits_from_both_starts(name):
    regression = Regression(name)
    points, parameters, *cells, residual = ROWS[name]
    assert (points, parameters) == (len(regression.y), len(regression.certified))
    for k, start in enumerate(regression.starts):
        fit = regression.fit(start)
        assert fit.least_squares >= cells[k] - SLACK_OF_SCIPY
        assert fit.newton >= cells[2 + k] - SLACK >= 9.5
        assert fit.residual >= residual - SLACK - (name == "Lanczos1")


def test_the_least_digits_that_the_page_promises():
    assert min(min(cells[2:4]) for cells in ROWS.values()) >= 6.4
    assert min(min(cells[4:6]) for cells in ROWS.values()) >= 10.2
    assert min(cells[6] for name, cells in ROWS.items() if name != "Lanczos1") >= 10


@pytest.mark.parametrize("name", MODELS)
def test_compiled_derivatives_of_all_points_are_those_of_each(name):
    regression = Regression(name, "numpy")
    b = regression.starts[1] if name != "BoxBOD" else regression.certified
    some = slice(0, None, max(1, len(regression.y) // 3))
    x = regression.x[some]
    value = regression.value(b, x)
    gradient, second = regression.gradient(b, x), regression.hessian(b, x)
    for k, point in enumerate(x):
        assert value[k] == pytest.approx(regression.model(b, point), rel=1e-13)
        close(gradient[k], autograd.grad(regression.model)(b, point), b)
        close(second[k], autograd.hessian(regression.model)(b, point), np.outer(b, b))


def close(got, want, units):
    """Compare derivatives in units of the parameters, beside the largest of them."""
    np.testing.assert_allclose(got * units, want * units, atol=1e-11 * np.abs(want * units).max())
