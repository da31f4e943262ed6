"""Lifted programs: drawn line by line, each with the scalar nodes that it computes."""
