"""The two kernels, each with its own `Value`, and the selection of one."""
