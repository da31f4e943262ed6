"""A trace as instructions over arrays: what does the same at the same depth is one of them."""
