"""The rules of the table `autograd.primitives`, as each backend reads them: floats, arrays, ...

Nothing here depends on `autograd.Value`. The build uses this package before NumPy is installed, so
importing it imports none of its modules.
"""
