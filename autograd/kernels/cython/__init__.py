"""The compiled kernel: templates, the program that fills them from the table, and the result.

``source.py`` writes ``_kernel.pyx`` at build time; ``_kernel`` is the extension module that the
build makes of it where there is a compiler. `autograd.kernels.selection` chooses between it and the
readable kernel.
"""
