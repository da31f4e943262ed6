"""Choose the kernel: the compiled one where the install has it, else the plain one.

The environment variable ``AUTOGRAD_KERNEL`` (``python`` or ``native``) insists on one.
"""

import os

from autograd.errors import list_of

KERNELS = ("python",)


def chosen(wish: str | None = None) -> str:
    """Return the kernel's name.

    >>> chosen("python")
    'python'
    >>> chosen("fortran")
    Traceback (most recent call last):
    ImportError: AUTOGRAD_KERNEL: got 'fortran'; this install has python; unset the variable to
    use it
    """
    if wish in KERNELS:
        return wish
    if wish:
        raise ImportError(
            f"AUTOGRAD_KERNEL: got {wish!r}; this install has {list_of(KERNELS)}; unset the "
            "variable to use it"
        )
    return KERNELS[-1]


kernel = chosen(os.environ.get("AUTOGRAD_KERNEL"))
