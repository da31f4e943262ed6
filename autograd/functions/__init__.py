"""The table's functions by name; they take floats, arrays and Values.

``__init__.pyi``, written by ``python -m autograd.rules.stubs``, declares them for type checkers.
"""

from autograd.functions.install import FUNCTIONS

globals().update(FUNCTIONS)
__all__ = list(FUNCTIONS)
