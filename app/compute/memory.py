"""Memory that a pass found missing, in the several ways in which that is said, and memory that is free again."""

import ctypes
import sys
from functools import cache
from typing import Any

import torch

from app.compute.placement import leave_devices


def out_of_memory(error: BaseException) -> bool:
    """Whether it says that the machine has no memory left, as Python, NumPy, a GPU or torch say it, or no thread."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    told = str(error) if isinstance(error, RuntimeError) else ""
    return "can't allocate memory" in told or "can't start new thread" in told


def trim() -> None:
    """Gives the system what was freed: glibc keeps it, hundreds of megabytes after large answers, for what may come."""
    function = _malloc_trim()
    if function is not None:
        function(0)


@cache
def _malloc_trim() -> Any:
    return getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None


def free_devices() -> None:
    """Gives back what networks that are kept on devices take there, and what torch holds for later."""
    leave_devices()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
