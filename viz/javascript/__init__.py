"""The table's operations as JavaScript, for pages that recompute a graph."""
