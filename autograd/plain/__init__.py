"""The plain kernel, written to be read; `autograd.native` has the compiled one."""
