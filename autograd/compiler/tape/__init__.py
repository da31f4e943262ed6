"""Replay a traced program node by node, in plain Python or in C."""
