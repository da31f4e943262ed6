"""Let the C library keep the memory of arrays between calls.

Why: glibc gives blocks of more than 128 kB back to the system when they are freed, and gets them
anew page by page. A compiled program makes the same large arrays in every call. At 10,000 samples
of a 2-16-16-1 network a call takes 3.7 ms so, 650 page faults, and 1.8 ms with memory kept.

How: by what mallopt(3) documents. Once a block of up to 32 MB was freed, glibc takes blocks of up
to its size from memory that it keeps, up to twice as much. So one block of 32 MB is made, never
written to, and freed. Any program that frees such an array does the same.

Where it fails (another C library, `MALLOC_MMAP_THRESHOLD_` in the environment, a limit on memory),
nothing happens: results are the same, and calls take as long as they would without it.
"""

from contextlib import suppress
from functools import cache

import numpy as np

BLOCK = 4_000_000  # numbers: 32,000,000 bytes; above 32 MiB, glibc takes no notice


@cache
def keep_freed_memory() -> None:
    """Let the C library keep up to 64 MB of freed arrays; once in a process."""
    with suppress(MemoryError):
        np.empty(BLOCK)  # freed at once
