"""Files of each format with some bytes changed: how many open, how many are refused, and whether anything else happens.

`FORMATS=words` chooses, `MUTATED` says how many of each (10,000), `FIRST` from which number on, `SEED` which; Ctrl+C
ends a format and tells of those that were read. A hundred at a time are read in a process of their own, so that a crash
is one file's, and nothing that a file leaves behind in torch reaches many others. Beside each format the slowest file,
and the most memory that such a process took beyond what it began with. What went wrong is kept in `KEEP`, a folder.
"""

import os
import random
import resource
import time
from collections.abc import Iterator
from hashlib import sha256
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

import torch

from tests.adelante.formats.hostile_files import FORMATS, Hang, changed, seeds, survives

_TOGETHER = 100


class Read(NamedTuple):
    """What came of a file: whether it opened, what went wrong, the seconds, the process's most memory so far in MB."""

    opened: bool
    wrong: str
    seconds: float
    memory: int


def main() -> None:
    # A fork would lose the threads that share a sum, and wait for them for ever.
    torch.set_num_threads(1)
    wanted = os.environ.get("FORMATS", "").split() or FORMATS
    count, first = int(os.environ.get("MUTATED", "10000")), int(os.environ.get("FIRST", "0"))
    print("| format | files | opened | refused | wrong | slowest, s | memory, MB | s |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for format in wanted:
        print(_row(format, range(first, first + count)), flush=True)


def _row(format: str, numbers: range) -> str:
    for data in seeds(format):
        assert survives(format, data)
    begun = time.perf_counter()
    found: list[Read] = []
    try:
        for each in _all(format, numbers):
            found.append(each)
    except KeyboardInterrupt:
        # Ctrl+C tells of those that were read; FIRST goes on after them.
        if not found:
            raise
    opened, wrong = sum(each.opened for each in found), sum(bool(each.wrong) for each in found)
    slowest, memory = max(each.seconds for each in found), max(each.memory for each in found)
    told = f"| {format} | {len(found):,} | {opened:,} | {len(found) - opened - wrong:,} | {wrong} | {slowest:.2f}"
    return f"{told} | {memory} | {time.perf_counter() - begun:.0f} |"


def _all(format: str, numbers: range) -> Iterator[Read]:
    while numbers:
        some = list(_apart(format, numbers[:_TOGETHER]))
        for number, each in zip(numbers, some, strict=False):
            if each.wrong:
                print(f"  {_kept(format, _file(format, number))}: {each.wrong}", flush=True)
        yield from some
        numbers = numbers[len(some) :]


def _apart(format: str, numbers: range) -> Iterator[Read]:
    """What came of these files, up to the first one after which the process that reads them can't go on."""
    context = get_context("fork")
    ours, theirs = context.Pipe(duplex=False)
    child = context.Process(target=_child, args=(theirs, format, numbers))
    child.start()
    theirs.close()
    for _ in numbers:
        try:
            found: Read = ours.recv()
        except EOFError:
            child.join()
            if child.exitcode:
                yield Read(False, f"the process ended with {child.exitcode}", 0.0, 0)
            break
        yield found
    child.join()


def _child(told: Connection, format: str, numbers: range) -> None:
    before = _peak()
    for number in numbers:
        opened, wrong, started = False, "", time.process_time()
        hung = False
        try:
            opened = survives(format, _file(format, number))
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            wrong, hung = f"{type(error).__name__}: {str(error)[:200]}", isinstance(error, Hang)
        told.send(Read(opened, wrong, time.process_time() - started, _peak() - before))
        if hung:
            # It was stopped somewhere within torch.
            return


def _file(format: str, number: int) -> bytes:
    draw = random.Random(f"{os.environ.get('SEED', '0')} {number}")
    return changed(draw.choice(seeds(format)), draw)


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _kept(format: str, data: bytes) -> Path:
    path = Path(os.environ.get("KEEP", "/tmp")) / f"{format}-{sha256(data).hexdigest()[:12]}"
    path.write_bytes(data)
    return path


if __name__ == "__main__":
    main()
