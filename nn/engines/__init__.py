"""One training step, by engine: on `Value`s, in NumPy's arrays, on JAX's devices."""
