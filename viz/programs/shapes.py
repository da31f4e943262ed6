"""Write the shapes of a lifted program's arrays and matrix products."""

from collections.abc import Sequence
from dataclasses import replace

from autograd.compiler.grouping.instructions import INNER, SAMPLES, Instruction, Part
from autograd.compiler.places.views import Array


def shape_text(array: Array) -> str:
    """Write an array's shape, the samples' axis as n.

    >>> import numpy as np
    >>> shape_text(Array("Z1", np.arange(4), sample=True)), shape_text(Array("b", np.array(7)))
    ('(4, n)', 'one number')
    """
    sizes = [*map(str, array.shape), *["n"] * array.sample]
    return _tuple(sizes) if sizes else "one number"


def _tuple(sizes: Sequence[str]) -> str:
    return f"({sizes[0]},)" if len(sizes) == 1 else f"({', '.join(sizes)})"


def product_text(step: Instruction) -> str:
    """Write the shapes of an instruction's matrix products, in the order of its line.

    >>> import autograd
    >>> w = autograd.values([[1.0, 2.0], [3.0, 4.0]], "W")
    >>> step = autograd.compile(lambda x: sum(autograd.dot(row, x).tanh() for row in w))
    >>> value, gradient = step([0.5, -1.0])
    >>> product_text(step.program.instructions[0])
    '(2, 2) @ (2,)'
    """
    products = [part for part in step.parts if replace(step, parts=[part]).is_product]
    return " + ".join(_factors(part, step.axes) for part in products)


def _factors(part: Part, axes: str) -> str:
    """Write two shapes: batches of matrices first, then rows, then columns."""
    assert part.y is not None
    sizes = {SAMPLES: "n"}
    for operand in (part.x, part.y):
        assert operand.view is not None
        sizes |= dict(zip(operand.axes, map(str, operand.view.shape), strict=False))
    x, y = part.x.axes, part.y.axes
    both = [axis for axis in x if axis in y and axis != INNER]
    rows, columns = ([axis for axis in own if axis not in other] for own, other in ((x, y), (y, x)))
    order = axes + SAMPLES
    if rows and columns and order.index(columns[0]) < order.index(rows[0]):
        rows, columns = columns, rows
    left, right = (*both, *rows, INNER), (*both, INNER, *columns)
    return " @ ".join(_tuple([sizes[axis] for axis in axes]) for axes in (left, right))
