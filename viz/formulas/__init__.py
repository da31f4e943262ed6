"""Nodes and their local derivatives as expressions, and the chain rule as equations."""
