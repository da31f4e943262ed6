"""Choose the engine that costs less, and run a program on it."""
