"""NumPy's functions on arrays of Values; importing this package registers them."""

from autograd.arrays import (
    comparisons,
    indexing,
    manipulation,
    products,
    reductions,
    selection,
    sorting,
)

__all__ = [
    "comparisons",
    "indexing",
    "manipulation",
    "products",
    "reductions",
    "selection",
    "sorting",
]
