"""The two kernels, each with its own `Value`, and the choice between them."""
