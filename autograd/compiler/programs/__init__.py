"""A program as data and as text, lowered from a trace, and what can be told of it."""
