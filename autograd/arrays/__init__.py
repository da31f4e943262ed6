"""NumPy's functions on arrays of Values: importing this registers them."""

from autograd.arrays import comparisons, indexing, moves, ordering, products, reductions

__all__ = ["comparisons", "indexing", "moves", "ordering", "products", "reductions"]
