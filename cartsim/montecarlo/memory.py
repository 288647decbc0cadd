"""Memory that a block has freed is kept for the next one."""

from __future__ import annotations

import ctypes
import os
import platform
from functools import lru_cache

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
"""Parameters of ``mallopt`` in the GNU C library (malloc.h)."""
KEPT = 64 * 2**20
"""Bytes at the end of the heap above which freed memory goes back to the system."""
LARGEST = 32 * 2**20
"""Bytes of the largest piece that is cut from the heap: the most that the library allows."""
OWN_SETTINGS = ("MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_", "GLIBC_TUNABLES")


@lru_cache(maxsize=1)
def keep_freed_memory() -> bool:
    """Ask the C library of this process not to give memory back between blocks; whether it heard.

    Every block makes the same tables, of about a megabyte each. By default the library gives them
    back when they are freed, and the system hands them out again page by page, wiped: for a company
    without products that is half of the time. Nothing is asked where the user has settings of their
    own for it, or the C library is another one.
    """
    library = _library()
    if library is None:
        return False
    pieces = library.mallopt(M_MMAP_THRESHOLD, LARGEST)
    return bool(pieces and library.mallopt(M_TRIM_THRESHOLD, KEPT))


def give_back() -> None:
    """Give back to the system what was kept, when the last block is done."""
    library = _library()
    if library is not None:
        library.malloc_trim(0)


def _library() -> ctypes.CDLL | None:
    if platform.libc_ver()[0] != "glibc" or any(name in os.environ for name in OWN_SETTINGS):
        return None
    return ctypes.CDLL(None)
