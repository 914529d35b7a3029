"""kill -9 in the midst of writing, again and again."""

import random
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from app.store.files import NetworkFiles, content_id
from tests.faults.seen import Fault, Seen


def killed_writer(_: object, times: int) -> Seen:
    """What was said to be written is there, nothing is there by halves, and what was begun is swept away."""
    written = 0
    with TemporaryDirectory() as folder:
        for _ in range(3 * times):
            command = [sys.executable, "-m", "tests.faults.writer", folder]
            with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as writer:
                assert writer.stdout is not None
                ids = [writer.stdout.readline().strip()]
                time.sleep(random.uniform(0.0, 0.1))
                writer.kill()
                ids += writer.stdout.read().split("\n")[:-1]
            files = NetworkFiles(folder)
            assert not list(Path(folder).glob(".*.part"))
            assert files.read(ids[-1]) is not None
            # Beside the networks there is the count of their bytes, which counts them anew.
            for path in Path(folder).glob("[!.]*"):
                assert path.name == f"{content_id(path.read_bytes())}.safetensors"
            written += len(ids)
            for id in files.ids():
                files.delete(id)
    return Seen("its connection ends; after the start as before", f"{written} files whole, {3 * times} kills")


FAULTS = [Fault("kill -9 while the store is written", killed_writer)]
