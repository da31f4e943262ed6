"""Functions that may ask a Value for its number; `python -m tests.fuzz leaks` tries them all."""

import numpy as np
import pytest

from tests.fuzz import catalogue, leaks
from tests.fuzz.leaks import LEAKED, REFUSED, RIGHT, Use

ALL = catalogue.everything()
SOME = [
    *(f"math.{name}" for name in ("exp", "pow", "hypot", "fmod", "frexp", "gamma", "fsum")),
    *("cmath.exp", "cmath.phase", "statistics.mean", "statistics.stdev", "operator.mul"),
    *("statistics.geometric_mean", "statistics.linear_regression", "operator.pow"),
    *("builtins.complex", "builtins.float", "builtins.map", "builtins.max", "builtins.sorted"),
    *(
        f"np.{name}"
        for name in ("interp", "gradient", "i0", "full", "trapezoid", "sinc", "polyfit")
    ),
    *(f"np.{name}" for name in ("angle", "convolve", "cov", "corrcoef", "median", "quantile")),
    *(f"np.{name}" for name in ("linspace", "logspace", "geomspace", "arange", "nan_to_num")),
    *(f"np.{name}" for name in ("fix", "unwrap", "kaiser", "histogram", "bincount", "asarray")),
    *(f"np.{name}" for name in ("clip", "ptp", "var", "std", "cumsum", "diff", "outer", "einsum")),
    *(f"np.{name}" for name in ("float64", "float32", "complex128", "asarray_chkfinite", "roots")),
    *(
        f"np.linalg.{name}"
        for name in ("qr", "inv", "det", "solve", "norm", "eigvalsh", "cholesky")
    ),
    *("np.fft.fft", "np.fft.rfft", "np.random.normal", "np.random.poisson", "np.random.choice"),
    *("ndarray.astype", "ndarray.fill", "ndarray.clip", "ndarray.std", "ndarray.searchsorted"),
    *("scipy.special.erf", "scipy.special.gammaln", "scipy.special.jv", "scipy.linalg.expm"),
    *("scipy.stats.norm.pdf", "scipy.stats.gamma.logpdf", "scipy.special.logsumexp"),
]
NAMES = [name for name, uses in ALL.items() if name in SOME or not uses[0].pattern]


@pytest.mark.parametrize("name", NAMES)
def test_no_gradient_is_lost_without_a_word(name):
    for use in leaks.chosen(ALL[name], most=2):
        leaks.judged(use)
        assert not use.leaks, f"{use.name}({use.pattern}) at {use.start}: {use.said}"


def test_the_fixed_names_are_in_the_catalogue():
    there = {name for name in SOME if not name.startswith("scipy")}
    assert ALL.keys() >= there


@pytest.mark.parametrize(
    ("call", "came"),
    [
        (lambda v: v[0] * v[1], {RIGHT}),
        (
            lambda v: v[0] * getattr(v[1], "data", v[1]),
            {RIGHT, LEAKED, REFUSED},
        ),  # as `y` moves, or not
        (lambda v: [v[0] * v[1], {"a": (v[2], np.array([1.0, v[0]]))}, "text", None], {RIGHT}),
        (lambda v: v[0] + v["no such"] if not isinstance(v[0], float) else v[0], {REFUSED}),
    ],
)
def test_what_is_right_lost_or_refused_is_told_apart(call, came):
    use = Use("here.f", "x", call)
    assert leaks.prepared(use)
    assert set(leaks.judged(use).came.values()) == came


def test_what_has_no_derivative_is_not_judged():
    numbers = iter(range(1000))
    for call in (lambda _: next(numbers), lambda _: "text", lambda v: 1 / (v[0] - v[0])):
        assert not leaks.prepared(Use("here.f", "x", call))


def test_the_table_says_what_leaked_and_where():
    lost = Use("here.lost", "x", lambda v: 2 * getattr(v[0], "data", v[0]))
    assert leaks.prepared(lost)
    lines = leaks.table([leaks.judged(lost, ["grad", "compile"])], ["here.never"])
    assert lines[2].split()[:7] == ["here", "0", "0", "1", "0", "0", "0"]
    assert lines[3] == "1 functions take no numbers in any pattern: here.never"
    assert lines[4].startswith("LEAK here.lost(x) at (0.37, 0.61, 0.83), grad: 0., not 2.6")
    assert lines[-1] == "1 functions in 1 uses, of which 1 leak"
