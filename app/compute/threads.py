"""How many threads torch may use within one operation."""

import os
from pathlib import Path

_QUOTA = Path("/sys/fs/cgroup/cpu.max")


def available_cores() -> int:
    """The cores that this process may keep busy: its affinity, or its container's quota where that is less.

    torch counts the machine's cores; in a container that may use two of sixty-four its threads would wait for one
    another at every operation's end.
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(cores, _quota() or cores))


def _quota() -> int | None:
    """Whole cores of the cgroup's quota, None where there is none to read."""
    try:
        quota, period = _QUOTA.read_text().split()
        return int(quota) // int(period) or 1
    except (OSError, ValueError, ZeroDivisionError):
        return None
