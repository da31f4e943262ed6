"""User-defined primitives: translated to rules, checked against differences, put into the table."""
