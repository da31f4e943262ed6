"""How exact every primitive is: `python -m benchmarks --accuracy`, which writes a table."""
