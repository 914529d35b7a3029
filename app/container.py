"""The memory of the container that this process runs in, and settings that fit into it."""

from pathlib import Path

from app.settings import Settings

_MIB = 2**20
# What Python, torch and the pages take before anyone asks for anything, and what requests take outside of all budgets.
_OWN_BYTES = 400 * _MIB
_LEAST_BYTES = 64 * _MIB
# How what is left is divided.
_SHARES = {"work_memory_bytes": 0.45, "live_memory_bytes": 0.25, "store_cache_bytes": 0.2, "max_uploads_bytes": 0.1}
# A number as large as this means that there is no limit.
_NO_LIMIT = 2**60


def memory_limit(root: Path = Path("/sys/fs/cgroup"), own: Path = Path("/proc/self/cgroup")) -> int | None:
    """Bytes that the process's control group, version 1 or 2, or one above it may use; None where nothing limits them.

    In a container its own group is the root that it sees.
    """
    try:
        lines = [line.split(":", 2) for line in own.read_text().splitlines()]
    except OSError:
        return None
    found: list[int] = []
    for _, controllers, path in lines:
        if controllers == "":
            folder, name = root, "memory.max"
        elif "memory" in controllers.split(","):
            folder, name = root / "memory", "memory.limit_in_bytes"
        else:
            continue
        inner = folder / path.lstrip("/")
        above = [each for each in (inner, *inner.parents) if each.is_relative_to(folder)]
        found += [limit for each in above if (limit := _read(each / name)) is not None]
    return min(found, default=None)


def fitted(settings: Settings, limit: int | None, processes: int = 1) -> Settings:
    """The settings with those budgets that nobody chose made to fit, for so many processes, into `limit` bytes."""
    if limit is None:
        return settings
    spare = max(_LEAST_BYTES, limit // processes - _OWN_BYTES)
    least = {
        name: min(getattr(settings, name), int(spare * share))
        for name, share in _SHARES.items()
        if name not in settings.model_fields_set
    }
    return settings.model_copy(update=least)


def _read(path: Path) -> int | None:
    try:
        limit = int(path.read_text())
    except (OSError, ValueError):
        return None
    return limit if limit < _NO_LIMIT else None
