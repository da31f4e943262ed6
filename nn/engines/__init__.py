"""Engines, which compute training steps: on `Value`s, compiled, or on JAX devices."""
