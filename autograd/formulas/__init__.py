"""Formulas as text, as ``python -m autograd`` takes them."""
