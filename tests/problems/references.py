"""Values, gradients and Hessians of the 35 problems, by differences of numbers of 100 digits.

`python -m tests.problems.references` writes `references.json`, in a minute. Nothing here knows a
rule of differentiation: each derivative is a central difference with a step of 1e-30.
"""

import json
import math
from pathlib import Path

from mpmath import mp

from tests.problems.more_garbow_hillstrom import PROBLEMS

FILE = Path(__file__).with_name("references.json")
DIGITS, STEP = 100, 30


def points(start):
    """Return the standard start, and a point off it in every direction."""
    moved = [round(x + 0.1 * (1 + abs(x)) * math.sin(k + 1), 4) for k, x in enumerate(start)]
    return [start, moved]


def derivatives(problem, point):
    """Return value, gradient, and the lower triangle of the Hessian, all rounded to floats."""
    x = [mp.mpf(number) for number in point]
    h = [mp.mpf(10) ** -STEP * (1 + abs(number)) for number in x]

    def at(*shifts):
        moved = list(x)
        for i, sign in shifts:
            moved[i] += sign * h[i]
        return mp.mpf(problem.objective(moved, mp))

    value, span = at(), range(len(x))
    up, down = [at((i, 1)) for i in span], [at((i, -1)) for i in span]
    slopes = [(up[i] - down[i]) / (2 * h[i]) for i in span]

    def second(i, j):
        if i == j:
            return (up[i] - 2 * value + down[i]) / h[i] ** 2
        both = at((i, 1), (j, 1)) - at((i, 1), (j, -1)) - at((i, -1), (j, 1))
        return (both + at((i, -1), (j, -1))) / (4 * h[i] * h[j])

    rows = [[number(second(i, j)) for j in range(i + 1)] for i in span]
    return {"x": point, "value": number(value), "gradient": [*map(number, slopes)], "hessian": rows}


def number(x):
    """Round to the nearest float; what is left of a step is 0."""
    return 0.0 if abs(x) < 1e-24 else float(x)


def main():
    """Write the file, one line a point."""
    with mp.workdps(DIGITS):
        lines = [
            f'"{problem.name} {k}": {json.dumps(derivatives(problem, point))}'
            for problem in PROBLEMS
            for k, point in enumerate(points(problem.start))
        ]
    FILE.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
