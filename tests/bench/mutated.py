"""Files of each format with some bytes changed: how many open, how many are refused, and whether anything else happens.

`FORMATS=words` chooses, `MUTATED` says how many of each (10,000), `SEED` which. Beside each the slowest, and the most
memory that the process took beyond what it had after the files themselves. What went wrong is kept in `KEEP`, a folder.
"""

import os
import random
import resource
import time
from hashlib import sha256
from pathlib import Path

from tests.adelante.formats.hostile_files import FORMATS, changed, seeds, survives


def main() -> None:
    wanted = os.environ.get("FORMATS", "").split() or FORMATS
    count = int(os.environ.get("MUTATED", "10000"))
    print("| format | files | opened | refused | wrong | slowest, s | memory, MB | s |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for format in wanted:
        print(_row(format, count), flush=True)


def _row(format: str, count: int) -> str:
    draw = random.Random(int(os.environ.get("SEED", "0")))
    for data in seeds(format):
        assert survives(format, data)
    before, begun = _peak(), time.perf_counter()
    opened = wrong = 0
    slowest = 0.0
    for _ in range(count):
        data = changed(draw.choice(seeds(format)), draw)
        started = time.process_time()
        try:
            opened += survives(format, data)
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            wrong += 1
            print(f"  {_kept(format, data)}: {type(error).__name__}: {str(error)[:200]}", flush=True)
        slowest = max(slowest, time.process_time() - started)
    refused = count - opened - wrong
    took, memory = time.perf_counter() - begun, _peak() - before
    return f"| {format} | {count:,} | {opened:,} | {refused:,} | {wrong} | {slowest:.2f} | {memory} | {took:.0f} |"


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _kept(format: str, data: bytes) -> Path:
    path = Path(os.environ.get("KEEP", "/tmp")) / f"{format}-{sha256(data).hexdigest()[:12]}"
    path.write_bytes(data)
    return path


if __name__ == "__main__":
    main()
