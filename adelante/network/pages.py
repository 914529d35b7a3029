"""Pages of memory that one pass leaves for the next.

glibc gives freed memory back to the system where much of it lies at the end of the heap, or where a block of it was
large, and a trace that is let go of is both. The next pass then asks for fresh pages, one by one, which took a traced
resnet18 a third of its time. What frees and takes as much each time may tell glibc to keep it.
"""

import ctypes
import os
import sys
from functools import cache
from typing import Any

import torch

# Below this nothing is gained; beyond that the process would hold on to more than a pass is worth.
LEAST_BYTES = 1 << 24
MOST_BYTES = 1 << 30
# What a pass computes on the way takes about as much again as its trace.
_TIMES_THE_TRACE = 2
# Larger blocks are the system's in any case: glibc's own bound for what it learns of a program's blocks.
_LARGEST_BLOCK = 1 << 25
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
# Whoever runs the process and set one of these has decided.
_SETTINGS = ("MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_", "MALLOC_TOP_PAD_", "GLIBC_TUNABLES")
_kept = 0


def keep_pages(trace_bytes: int, device: torch.device) -> None:
    """Has the process keep what a trace of this size leaves when it is let go of, at most MOST_BYTES, on Linux alone.

    What was kept for a larger trace stays. Nothing changes where MALLOC_TRIM_THRESHOLD_ or its like is set.
    """
    global _kept
    wanted = min(_TIMES_THE_TRACE * trace_bytes, MOST_BYTES)
    if trace_bytes < LEAST_BYTES or wanted <= _kept or device.type != "cpu":
        return
    function = _mallopt()
    if function is not None:
        function(_MMAP_THRESHOLD, _LARGEST_BLOCK)
        function(_TRIM_THRESHOLD, wanted)
    _kept = wanted


@cache
def _mallopt() -> Any:
    if sys.platform != "linux" or any(name in os.environ for name in _SETTINGS):
        return None
    return getattr(ctypes.CDLL(None), "mallopt", None)
