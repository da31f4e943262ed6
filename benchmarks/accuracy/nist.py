"""NIST's 27 nonlinear regressions: their models, and fits with derivatives of compiled programs.

`nist.json` has the data, starts and certified values of the Statistical Reference Datasets of the
National Institute of Standards and Technology, StRD, in the public domain:
https://www.itl.nist.gov/div898/strd/nls/nls_main.shtml.
"""

import json
import math
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

import autograd
from autograd.errors import require

Array = NDArray[np.float64]
DATA = Path(__file__).with_name("nist.json")
CERTIFIED = 11.0  # digits that are certified
NEWTON_STEPS = 3


def _gauss(b: Any, x: Any) -> Any:
    first = b[2] * autograd.exp(-(((x - b[3]) / b[4]) ** 2))
    second = b[5] * autograd.exp(-(((x - b[6]) / b[7]) ** 2))
    return b[0] * autograd.exp(-b[1] * x) + first + second


def _lanczos(b: Any, x: Any) -> Any:
    return autograd.sum([b[k] * autograd.exp(-b[k + 1] * x) for k in (0, 2, 4)])


def _cubic_over_cubic(b: Any, x: Any) -> Any:
    above = b[0] + b[1] * x + b[2] * x**2 + b[3] * x**3
    return above / (1 + b[4] * x + b[5] * x**2 + b[6] * x**3)


def _chwirut(b: Any, x: Any) -> Any:
    return autograd.exp(-b[0] * x) / (b[1] + b[2] * x)


def _enso(b: Any, x: Any) -> Any:
    def wave(k: int, period: Any) -> Any:
        angle = 2 * math.pi * x / period
        return b[k] * autograd.cos(angle) + b[k + 1] * autograd.sin(angle)

    return b[0] + wave(1, 12) + wave(4, b[3]) + wave(7, b[6])


# Of parameters and a predictor; Nelson's models the logarithm of its response.
MODELS: dict[str, Callable[[Any, Any], Any]] = {
    "Misra1a": lambda b, x: b[0] * (1 - autograd.exp(-b[1] * x)),
    "Chwirut2": _chwirut,
    "Chwirut1": _chwirut,
    "Lanczos3": _lanczos,
    "Gauss1": _gauss,
    "Gauss2": _gauss,
    "DanWood": lambda b, x: b[0] * x ** b[1],
    "Misra1b": lambda b, x: b[0] * (1 - (1 + b[1] * x / 2) ** -2),
    "Kirby2": lambda b, x: (b[0] + b[1] * x + b[2] * x**2) / (1 + b[3] * x + b[4] * x**2),
    "Hahn1": _cubic_over_cubic,
    "Nelson": lambda b, x: b[0] - b[1] * x[0] * autograd.exp(-b[2] * x[1]),
    "MGH17": lambda b, x: b[0] + b[1] * autograd.exp(-x * b[3]) + b[2] * autograd.exp(-x * b[4]),
    "Lanczos1": _lanczos,
    "Lanczos2": _lanczos,
    "Gauss3": _gauss,
    "Misra1c": lambda b, x: b[0] * (1 - (1 + 2 * b[1] * x) ** -0.5),
    "Misra1d": lambda b, x: b[0] * b[1] * x / (1 + b[1] * x),
    "Roszman1": lambda b, x: b[0] - b[1] * x - autograd.atan(b[2] / (x - b[3])) / math.pi,
    "ENSO": _enso,
    "MGH09": lambda b, x: b[0] * (x**2 + x * b[1]) / (x**2 + x * b[2] + b[3]),
    "Thurber": _cubic_over_cubic,
    "BoxBOD": lambda b, x: b[0] * (1 - autograd.exp(-b[1] * x)),
    "Rat42": lambda b, x: b[0] / (1 + autograd.exp(b[1] - b[2] * x)),
    "MGH10": lambda b, x: b[0] * autograd.exp(b[1] / (x + b[2])),
    "Eckerle4": lambda b, x: b[0] / b[1] * autograd.exp(-0.5 * ((x - b[2]) / b[1]) ** 2),
    "Rat43": lambda b, x: b[0] / (1 + autograd.exp(b[1] - b[2] * x)) ** (1 / b[3]),
    "Bennett5": lambda b, x: b[0] * (b[1] + x) ** (-1 / b[2]),
}


class Fit(NamedTuple):
    """How many digits agree with the certified ones: of the worst parameter, and of the sum."""

    least_squares: float
    newton: float
    residual: float


class Regression:
    """A data set with its model, compiled: the model, its gradient and its Hessian for all points.

    >>> regression = Regression("Misra1a")
    >>> regression.x.shape, regression.gradient(np.array([250.0, 5e-4]), regression.x).shape
    ((14,), (14, 2))
    """

    def __init__(self, name: str, engine: str = "auto") -> None:
        data = json.loads(DATA.read_text("utf-8"))[name]
        self.model = MODELS[name]
        self.starts = np.array(data["starts"])
        self.certified = np.array(data["certified"])
        self.residual_sum_of_squares: float = data["residual_sum_of_squares"]
        self.x, self.y = np.array(data["x"]), np.array(data["y"])
        if name == "Nelson":
            self.y = np.log(self.y)
        settings: dict[str, Any] = {"batch": "x", "engine": engine}
        self.value = autograd.compile(self.model, gradients=False, **settings)
        self.gradient = autograd.compile(autograd.grad(self.model), **settings)
        self.hessian = autograd.compile(autograd.hessian(self.model), **settings)

    def residuals(self, b: Array) -> Array:
        """Return the differences of the model and the data."""
        found: Array = self.value(b, self.x) - self.y
        return found

    def least_squares(self, start: Array) -> Array:
        """Return where SciPy's trust region method ends, given the exact Jacobian."""
        optimize = require("scipy.optimize", extra="bench")
        tolerances = dict.fromkeys(("xtol", "ftol", "gtol"), 1e-15)
        with np.errstate(over="ignore"):  # a step too far is tried, and taken back
            found: Array = optimize.least_squares(
                *(self.residuals, start, lambda b: self.gradient(b, self.x)),
                **tolerances,
                x_scale="jac",
                max_nfev=5000,
            ).x
        return found

    def newton(self, b: Array) -> Array:
        """Return where some steps of Newton's method lead, with exact second derivatives."""
        for _ in range(NEWTON_STEPS):
            size = np.abs(b)
            residuals = self.residuals(b)
            jacobian = self.gradient(b, self.x) * size
            curvature = np.tensordot(residuals, self.hessian(b, self.x), 1) * np.outer(size, size)
            normal = jacobian.T @ jacobian + curvature
            b = b - size * np.linalg.solve(normal, jacobian.T @ residuals)
        return b

    def fit(self, start: Array) -> Fit:
        """Fit from a start; return how many digits are right."""
        first = self.least_squares(start)
        second = self.newton(first)
        total = float((self.residuals(second) ** 2).sum())
        return Fit(
            digits(first, self.certified),
            digits(second, self.certified),
            digits([total], [self.residual_sum_of_squares]),
        )


def digits(found: Iterable[float], certified: Iterable[float]) -> float:
    """Return the log relative error: to how many digits the worst number agrees, 11 at most.

    >>> digits([1.0, 2.002], [1.0, 2.0]), digits([3.0], [3.0])
    (3.0, 11.0)
    """
    errors = [abs(a - b) / abs(b) for a, b in zip(found, certified, strict=True)]
    worst = max(errors)
    return min(CERTIFIED, round(-math.log10(worst), 1)) if worst else CERTIFIED


HEADING = "## How exact fits are: NIST's nonlinear regressions"
TEXT = """\
The Statistical Reference Datasets of the National Institute of Standards and Technology have [27
nonlinear regressions](https://www.itl.nist.gov/div898/strd/nls/nls_main.shtml) with two starts
each, one far off and one nearer, and parameters that are certified to 11 digits. Each model is
a scalar function of its parameters and one point, compiled with `batch`; the table says to how
many digits the worst parameter agrees (the log relative error, 11 at most) from either start:

- *least squares*: where `scipy.optimize.least_squares` stops, given the Jacobian `grad(model)`;
- *Newton*: three steps of Newton's method further, with the second derivatives `hessian(model)`.

The last column is the residual sum of squares after these steps. That of Lanczos1 is 1.4e-25, as
its residuals are some 1e-13: floats have no more digits to give.

`python -m benchmarks --accuracy --only nist --markdown docs/accuracy.md` writes this part; a test
fits all again and holds them to these digits.
"""


def section() -> str:
    """Fit all, and write this part of the page."""
    head = "| | points | parameters | least squares: start 1 | start 2 "
    head += "| Newton: start 1 | start 2 | sum of squares |"
    rows = [row(name) for name in tqdm(MODELS, unit="fit")]
    version = require("scipy", extra="bench").__version__
    notes = [f"Versions: scalar-autograd {autograd.__version__}, SciPy {version}.", ""]
    return "\n".join([HEADING, "", TEXT, head, f"|---|{'--:|' * 7}", *rows, "", *notes])


def row(name: str) -> str:
    """Fit one from both starts, and write its row."""
    regression = Regression(name)
    first, second = map(regression.fit, regression.starts)
    numbers = [
        *(first.least_squares, second.least_squares, first.newton, second.newton),
        min(first.residual, second.residual),
    ]
    counts = f"{len(regression.y)} | {len(regression.certified)}"
    return f"| {name} | {counts} | {' | '.join(f'{number:.1f}' for number in numbers)} |"
