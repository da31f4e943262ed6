"""Looking a graph over: its nodes in order, their names, what flows back, parts and folds of it."""
