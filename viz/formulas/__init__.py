"""Formulas as small trees: made from the table's rules, written in one line or as LaTeX."""
