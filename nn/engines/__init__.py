"""Engines, which compute training steps: on `Value`s, in NumPy arrays, or on JAX devices."""
