"""Training steps, by what computes them: `Value`s one by one, NumPy's arrays, or JAX's devices."""
