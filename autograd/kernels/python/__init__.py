"""The plain kernel, written to be read; `autograd.kernels.cython` has the compiled one."""
