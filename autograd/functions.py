"""The functions of the table by name; ``functions.pyi`` declares them for type checkers."""

from autograd.primitives import FUNCTIONS

globals().update(FUNCTIONS)
__all__ = list(FUNCTIONS)
