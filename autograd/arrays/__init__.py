"""NumPy's functions on arrays of Values: importing this registers them."""

from autograd.arrays import (
    choices,
    comparisons,
    indexing,
    moves,
    norms,
    ordering,
    products,
    reductions,
)

__all__ = [
    "choices",
    "comparisons",
    "indexing",
    "moves",
    "norms",
    "ordering",
    "products",
    "reductions",
]
