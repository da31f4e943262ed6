"""What reads the table `autograd.ops`: rules for floats, arrays, graphs and C, and code from them.

Nothing here knows `autograd.Value`. The build reads rules from here before NumPy is installed, so
nothing is imported with the package.
"""
