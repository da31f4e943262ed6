"""The 35 test problems of Moré, Garbow and Hillstrom, as scalar Python over lists.

Moré, Garbow and Hillstrom, Testing Unconstrained Optimization Software, ACM Transactions on
Mathematical Software 7 (1981), 17-41; Averbukh, Figueroa and Schlick, Algorithm 566 (1994), have
the Hessians. Each problem is a function of a list ``x`` and of a namespace ``xp``, `autograd` or
`mpmath.mp`, that has ``exp``, ``sin``, ``cos``, ``sqrt`` and ``atan``; it returns the residuals,
whose squares are summed. Coefficients are floats, the same ones for any namespace.
"""

# ruff: noqa: ARG001 - every problem takes a namespace, needed or not

import math
from collections.abc import Callable
from typing import Any, NamedTuple

Residuals = Callable[[list[Any], Any], list[Any]]


class Problem(NamedTuple):
    """A problem: its residuals, the standard start, and the least sums of squares published."""

    residuals: Residuals
    start: list[float]
    minima: tuple[float, ...]

    @property
    def name(self) -> str:
        """Return the name of the function."""
        return self.residuals.__name__

    def objective(self, x: list[Any], xp: Any) -> Any:
        """Return the sum of the squares of the residuals."""
        return sum(r * r for r in self.residuals(x, xp))


def rosenbrock(x, xp):
    return [10 * (x[1] - x[0] ** 2), 1 - x[0]]


def freudenstein_roth(x, xp):
    return [
        -13 + x[0] + ((5 - x[1]) * x[1] - 2) * x[1],
        -29 + x[0] + ((x[1] + 1) * x[1] - 14) * x[1],
    ]


def powell_badly_scaled(x, xp):
    return [1e4 * x[0] * x[1] - 1, xp.exp(-x[0]) + xp.exp(-x[1]) - 1.0001]


def brown_badly_scaled(x, xp):
    return [x[0] - 1e6, x[1] - 2e-6, x[0] * x[1] - 2]


def beale(x, xp):
    return [y - x[0] * (1 - x[1] ** i) for i, y in enumerate((1.5, 2.25, 2.625), 1)]


def jennrich_sampson(x, xp):
    return [2 + 2 * i - (xp.exp(i * x[0]) + xp.exp(i * x[1])) for i in range(1, 11)]


def helical_valley(x, xp):
    turn = xp.atan(x[1] / x[0]) / (2 * math.pi)
    theta = turn if x[0] > 0 else turn + 0.5
    return [10 * (x[2] - 10 * theta), 10 * (xp.sqrt(x[0] ** 2 + x[1] ** 2) - 1), x[2]]


BARD = [*(0.14, 0.18, 0.22, 0.25, 0.29, 0.32, 0.35, 0.39, 0.37, 0.58, 0.73, 0.96, 1.34, 2.10, 4.39)]


def bard(x, xp):
    found = []
    for u, y in enumerate(BARD, 1):
        v = 16 - u
        w = min(u, v)
        found.append(y - (x[0] + u / (v * x[1] + w * x[2])))
    return found


GAUSSIAN = [
    *(0.0009, 0.0044, 0.0175, 0.0540, 0.1295, 0.2420, 0.3521, 0.3989),
    *(0.3521, 0.2420, 0.1295, 0.0540, 0.0175, 0.0044, 0.0009),
]


def gaussian(x, xp):
    return [
        x[0] * xp.exp(-x[1] * ((8 - i) / 2 - x[2]) ** 2 / 2) - y for i, y in enumerate(GAUSSIAN, 1)
    ]


MEYER = [
    *(34780.0, 28610.0, 23650.0, 19630.0, 16370.0, 13720.0, 11540.0, 9744.0),
    *(8261.0, 7030.0, 6005.0, 5147.0, 4427.0, 3820.0, 3307.0, 2872.0),
]


def meyer(x, xp):
    return [x[0] * xp.exp(x[1] / (45 + 5 * i + x[2])) - y for i, y in enumerate(MEYER, 1)]


def gulf_research(x, xp):
    found = []
    for i in range(1, 100):
        t = i / 100
        y = 25 + (-50 * math.log(t)) ** (2 / 3)
        found.append(xp.exp(-(abs(y - x[1]) ** x[2]) / x[0]) - t)
    return found


def box_three_dimensional(x, xp):
    found = []
    for i in range(1, 11):
        t = 0.1 * i
        c = math.exp(-t) - math.exp(-10 * t)
        found.append(xp.exp(-t * x[0]) - xp.exp(-t * x[1]) - x[2] * c)
    return found


ROOT_5, ROOT_10, ROOT_90 = math.sqrt(5), math.sqrt(10), math.sqrt(90)


def powell_singular(x, xp):
    return [
        x[0] + 10 * x[1],
        ROOT_5 * (x[2] - x[3]),
        (x[1] - 2 * x[2]) ** 2,
        ROOT_10 * (x[0] - x[3]) ** 2,
    ]


def wood(x, xp):
    return [
        10 * (x[1] - x[0] ** 2),
        1 - x[0],
        ROOT_90 * (x[3] - x[2] ** 2),
        1 - x[2],
        ROOT_10 * (x[1] + x[3] - 2),
        (x[1] - x[3]) / ROOT_10,
    ]


KOWALIK_Y = [
    *(0.1957, 0.1947, 0.1735, 0.1600, 0.0844, 0.0627, 0.0456, 0.0342, 0.0323, 0.0235, 0.0246)
]
KOWALIK_U = [4.0, 2.0, 1.0, 0.5, 0.25, 0.167, 0.125, 0.1, 0.0833, 0.0714, 0.0625]


def kowalik_osborne(x, xp):
    return [
        y - x[0] * (u**2 + u * x[1]) / (u**2 + u * x[2] + x[3])
        for y, u in zip(KOWALIK_Y, KOWALIK_U, strict=True)
    ]


def brown_dennis(x, xp):
    found = []
    for i in range(1, 21):
        t = i / 5
        first = x[0] + t * x[1] - math.exp(t)
        second = x[2] + x[3] * math.sin(t) - math.cos(t)
        found.append(first**2 + second**2)
    return found


OSBORNE_1 = [
    *(0.844, 0.908, 0.932, 0.936, 0.925, 0.908, 0.881, 0.850, 0.818, 0.784, 0.751),
    *(0.718, 0.685, 0.658, 0.628, 0.603, 0.580, 0.558, 0.538, 0.522, 0.506, 0.490),
    *(0.478, 0.467, 0.457, 0.448, 0.438, 0.431, 0.424, 0.420, 0.414, 0.411, 0.406),
]


def osborne_1(x, xp):
    return [
        y - (x[0] + x[1] * xp.exp(-10 * i * x[3]) + x[2] * xp.exp(-10 * i * x[4]))
        for i, y in enumerate(OSBORNE_1)
    ]


def biggs_exp6(x, xp):
    found = []
    for i in range(1, 14):
        t = 0.1 * i
        y = math.exp(-t) - 5 * math.exp(-10 * t) + 3 * math.exp(-4 * t)
        z = x[2] * xp.exp(-t * x[0]) - x[3] * xp.exp(-t * x[1]) + x[5] * xp.exp(-t * x[4])
        found.append(z - y)
    return found


OSBORNE_2 = [
    *(1.366, 1.191, 1.112, 1.013, 0.991, 0.885, 0.831, 0.847, 0.786, 0.725, 0.746, 0.679, 0.608),
    *(0.655, 0.616, 0.606, 0.602, 0.626, 0.651, 0.724, 0.649, 0.649, 0.694, 0.644, 0.624, 0.661),
    *(0.612, 0.558, 0.533, 0.495, 0.500, 0.423, 0.395, 0.375, 0.372, 0.391, 0.396, 0.405, 0.428),
    *(0.429, 0.523, 0.562, 0.607, 0.653, 0.672, 0.708, 0.633, 0.668, 0.645, 0.632, 0.591, 0.559),
    *(0.597, 0.625, 0.739, 0.710, 0.729, 0.720, 0.636, 0.581, 0.428, 0.292, 0.162, 0.098, 0.054),
]


def osborne_2(x, xp):
    found = []
    for i, y in enumerate(OSBORNE_2):
        t = i / 10
        z = x[0] * xp.exp(-t * x[4])
        for k in (1, 2, 3):
            z = z + x[k] * xp.exp(-((t - x[7 + k]) ** 2) * x[4 + k])
        found.append(y - z)
    return found


def watson(x, xp):
    found = []
    for i in range(1, 30):
        t = i / 29
        slope = sum(j * x[j] * t ** (j - 1) for j in range(1, len(x)))
        value = sum(x[j] * t**j for j in range(len(x)))
        found.append(slope - value**2 - 1)
    return [*found, x[0], x[1] - x[0] ** 2 - 1]


def extended_rosenbrock(x, xp):
    found = []
    for i in range(0, len(x), 2):
        found += rosenbrock(x[i : i + 2], xp)
    return found


def extended_powell_singular(x, xp):
    found = []
    for i in range(0, len(x), 4):
        found += powell_singular(x[i : i + 4], xp)
    return found


ROOT_A = math.sqrt(1e-5)


def penalty_1(x, xp):
    return [*(ROOT_A * (xi - 1) for xi in x), sum(xi * xi for xi in x) - 0.25]


def penalty_2(x, xp):
    n = len(x)
    found = [x[0] - 0.2]
    for i in range(2, n + 1):
        y = math.exp(i / 10) + math.exp((i - 1) / 10)
        found.append(ROOT_A * (xp.exp(x[i - 1] / 10) + xp.exp(x[i - 2] / 10) - y))
    found += [ROOT_A * (xp.exp(x[i] / 10) - math.exp(-0.1)) for i in range(1, n)]
    return [*found, sum((n - j) * x[j] ** 2 for j in range(n)) - 1]


def variably_dimensioned(x, xp):
    total = sum(j * (xj - 1) for j, xj in enumerate(x, 1))
    return [*(xi - 1 for xi in x), total, total**2]


def trigonometric(x, xp):
    n = len(x)
    total = n - sum(xp.cos(xj) for xj in x)
    return [total + i * (1 - xp.cos(xi)) - xp.sin(xi) for i, xi in enumerate(x, 1)]


def brown_almost_linear(x, xp):
    n = len(x)
    product = 1
    for xj in x:
        product = product * xj
    return [*(x[i] + sum(x) - (n + 1) for i in range(n - 1)), product - 1]


def discrete_boundary_value(x, xp):
    n = len(x)
    h = 1 / (n + 1)
    padded = [0, *x, 0]
    return [
        2 * padded[i] - padded[i - 1] - padded[i + 1] + h**2 * (padded[i] + i * h + 1) ** 3 / 2
        for i in range(1, n + 1)
    ]


def discrete_integral_equation(x, xp):
    n = len(x)
    h = 1 / (n + 1)
    t = [i * h for i in range(1, n + 1)]
    cubes = [(xj + tj + 1) ** 3 for xj, tj in zip(x, t, strict=True)]
    found = []
    for i in range(n):
        before = sum(t[j] * cubes[j] for j in range(i + 1))
        after = sum((1 - t[j]) * cubes[j] for j in range(i + 1, n))
        found.append(x[i] + h * ((1 - t[i]) * before + t[i] * after) / 2)
    return found


def broyden_tridiagonal(x, xp):
    padded = [0, *x, 0]
    return [
        (3 - 2 * padded[i]) * padded[i] - padded[i - 1] - 2 * padded[i + 1] + 1
        for i in range(1, len(x) + 1)
    ]


def broyden_banded(x, xp):
    n = len(x)
    found = []
    for i in range(n):
        near = [j for j in range(max(0, i - 5), min(n, i + 2)) if j != i]
        found.append(x[i] * (2 + 5 * x[i] ** 2) + 1 - sum(x[j] * (1 + x[j]) for j in near))
    return found


ROWS = 20  # m of the three linear problems


def linear_full_rank(x, xp):
    mean = 2 / ROWS * sum(x)
    return [x[i] - mean - 1 if i < len(x) else -mean - 1 for i in range(ROWS)]


def linear_rank_1(x, xp):
    total = sum(j * xj for j, xj in enumerate(x, 1))
    return [i * total - 1 for i in range(1, ROWS + 1)]


def linear_rank_1_with_zero_columns_and_rows(x, xp):
    total = sum(j * x[j - 1] for j in range(2, len(x)))
    return [-1, *((i - 1) * total - 1 for i in range(2, ROWS)), -1]


def chebyquad(x, xp):
    n = len(x)
    before, now = [1] * n, [2 * xj - 1 for xj in x]
    found = []
    for i in range(1, n + 1):
        integral = 0 if i % 2 else -1 / (i**2 - 1)
        found.append(sum(now) / n - integral)
        before, now = now, [2 * (2 * x[j] - 1) * now[j] - before[j] for j in range(n)]
    return found


TEN = [t * 1.0 for t in range(1, 11)]
BOUNDARY = [t / 11 * (t / 11 - 1) for t in TEN]
PROBLEMS = [
    Problem(rosenbrock, [-1.2, 1.0], (0.0,)),
    Problem(freudenstein_roth, [0.5, -2.0], (0.0, 48.9842)),
    Problem(powell_badly_scaled, [0.0, 1.0], (0.0,)),
    Problem(brown_badly_scaled, [1.0, 1.0], (0.0,)),
    Problem(beale, [1.0, 1.0], (0.0,)),
    Problem(jennrich_sampson, [0.3, 0.4], (124.362,)),
    Problem(helical_valley, [-1.0, 0.0, 0.0], (0.0,)),
    Problem(bard, [1.0, 1.0, 1.0], (8.21487e-3, 17.4286)),
    Problem(gaussian, [0.4, 1.0, 0.0], (1.12793e-8,)),
    Problem(meyer, [0.02, 4000.0, 250.0], (87.9458,)),
    Problem(gulf_research, [5.0, 2.5, 0.15], (0.0,)),
    Problem(box_three_dimensional, [0.0, 10.0, 20.0], (0.0,)),
    Problem(powell_singular, [3.0, -1.0, 0.0, 1.0], (0.0,)),
    Problem(wood, [-3.0, -1.0, -3.0, -1.0], (0.0,)),
    Problem(kowalik_osborne, [0.25, 0.39, 0.415, 0.39], (3.07505e-4, 1.02734e-3)),
    Problem(brown_dennis, [25.0, 5.0, -5.0, -1.0], (85822.2,)),
    Problem(osborne_1, [0.5, 1.5, -1.0, 0.01, 0.02], (5.46489e-5,)),
    Problem(biggs_exp6, [1.0, 2.0, 1.0, 1.0, 1.0, 1.0], (0.0, 5.65565e-3)),
    Problem(osborne_2, [1.3, 0.65, 0.65, 0.7, 0.6, 3.0, 5.0, 7.0, 2.0, 4.5, 5.5], (4.01377e-2,)),
    Problem(watson, [0.0] * 6, (2.28767e-3,)),
    Problem(extended_rosenbrock, [-1.2, 1.0] * 5, (0.0,)),
    Problem(extended_powell_singular, [3.0, -1.0, 0.0, 1.0] * 2, (0.0,)),
    Problem(penalty_1, TEN, (7.08765e-5,)),
    Problem(penalty_2, [0.5] * 10, (2.93660e-4,)),
    Problem(variably_dimensioned, [1 - j / 10 for j in range(1, 11)], (0.0,)),
    Problem(trigonometric, [0.1] * 10, (0.0, 2.79506e-5)),
    Problem(brown_almost_linear, [0.5] * 10, (0.0, 1.0)),
    Problem(discrete_boundary_value, BOUNDARY, (0.0,)),
    Problem(discrete_integral_equation, BOUNDARY, (0.0,)),
    Problem(broyden_tridiagonal, [-1.0] * 10, (0.0,)),
    Problem(broyden_banded, [-1.0] * 10, (0.0,)),
    Problem(linear_full_rank, [1.0] * 10, (ROWS - 10.0,)),
    Problem(linear_rank_1, [1.0] * 10, (ROWS * (ROWS - 1) / (2 * (2 * ROWS + 1)),)),
    Problem(
        linear_rank_1_with_zero_columns_and_rows,
        [1.0] * 10,
        ((ROWS**2 + 3 * ROWS - 6) / (2 * (2 * ROWS - 3)),),
    ),
    Problem(chebyquad, [j / 9 for j in range(1, 9)], (3.51687e-3,)),
]
