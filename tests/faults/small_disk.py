"""A disk of a few megabytes, of memory: it can be full, and be made read-only under a running server. Needs root."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

MIB = 2**20


class NoDisk(Exception):
    """No disk can be mounted here."""


class SmallDisk:
    def __init__(self, path: Path) -> None:
        self.path = path

    def fill(self) -> None:
        """Takes the last byte."""
        with suppress(OSError), (self.path / "filling").open("ab", buffering=0) as file:
            while True:
                file.write(bytes(512))

    def clear(self) -> None:
        (self.path / "filling").unlink()

    def read_only(self, yes: bool) -> None:
        subprocess.run(["mount", "-o", f"remount,{'ro' if yes else 'rw'}", self.path], check=True, capture_output=True)


@contextmanager
def small_disk(size: int = 4 * MIB) -> Iterator[SmallDisk]:
    with TemporaryDirectory() as folder:
        try:
            subprocess.run(
                ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], check=True, capture_output=True
            )
        except (OSError, subprocess.CalledProcessError) as error:
            raise NoDisk from error
        try:
            yield SmallDisk(Path(folder))
        finally:
            subprocess.run(["umount", "-l", folder], check=False)
