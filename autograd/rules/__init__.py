"""The rules of the table `autograd.primitives`, read by each backend: floats, arrays, ...

Nothing here knows `autograd.Value`. The build reads rules from here before NumPy is installed, so
nothing is imported with the package.
"""
