"""Instructions as lines of NumPy, forwards, and differentiated instruction by instruction."""
