"""`make faults`: the long form of each fault, as rows of the table in docs/faults.md.

python -m tests.faults                    all
python -m tests.faults "full disk"        those whose name holds these words
TIMES=1 python -m tests.faults            their short form
"""

import os
import sys
import traceback
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from tests.faults import bucket, contained, crowd, disk, killed, replicas
from tests.faults.seen import Fault

_ROOMS: list[tuple[Callable[[], AbstractContextManager[Any]], list[Fault], int]] = [
    (nullcontext, killed.FAULTS, 30),
    (disk.on_a_small_disk, disk.FAULTS, 10),
    (bucket.in_a_bucket, [*bucket.FAULTS, *bucket.LONG], 5),
    (replicas.fleet, replicas.FAULTS, 10),
    (crowd.in_a_crowd, crowd.FAULTS, 50),
    (contained.contained, contained.FAULTS, 10),
]


def main() -> int:
    """The status: 1 where something was lost or wrong."""
    wanted, failed = " ".join(sys.argv[1:]), 0
    print("| fault | what a client sees | what was counted | memory before, after (MiB) |\n| --- | --- | --- | --- |")
    for room, faults, usual in _ROOMS:
        chosen = [fault for fault in faults if wanted in fault.name]
        if not chosen:
            continue
        with room() as there:
            for fault in chosen:
                try:
                    seen = fault.run(there, int(os.environ.get("TIMES", usual)))
                except Exception as error:
                    failed = 1
                    traceback.print_exc()
                    print(f"| {fault.name} | FAILED | {type(error).__name__}: {str(error)[:200]} | |", flush=True)
                    continue
                memory = "" if seen.before != seen.before else f"{seen.before:.0f}, {seen.after:.0f}"
                print(f"| {fault.name} | {seen.client} | {seen.kept} | {memory} |", flush=True)
    return failed


if __name__ == "__main__":
    sys.exit(main())
