"""Demos: one idea each, on real data where there is any. Run ``python -m demos``."""
