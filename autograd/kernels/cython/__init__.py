"""The compiled kernel: templates, a generator that fills them from the table, the extensions.

At build time ``source.py`` writes ``_kernel.pyx``, the source of the extension module ``_kernel``,
and ``tape_source.py`` writes ``_tape.pyx``. They need a C compiler; `autograd.kernels.selection`
selects this kernel or the plain one.
"""
