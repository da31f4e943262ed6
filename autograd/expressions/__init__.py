"""Formulas as expression trees, and one printer of them with a dialect for each language."""
