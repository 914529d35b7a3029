"""Small requests that once hurt everybody: what each one gets, how long others wait meanwhile, what memory it takes.

    python -m tests.bench attacks
    ATTACKS="doubled keys" python -m tests.bench attacks     only those whose name holds these words
    BESIDE=/path/to/another/checkout python -m tests.bench attacks     the same on that checkout's server too

Each attack meets a server of its own. "others" is the longest that a client who only asks for the server's health had
to wait, in a process of its own; the first row is what it waits when nothing is wrong. "memory" is how far the peak of
the server's resident memory rose.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

from tests.bench.hostile_requests import ATTACKS, Attack, Outcome
from tests.bench.memory import listener, peak_memory
from tests.server import Server

SETTLE_SECONDS = 0.5


class Seen(NamedTuple):
    """What one attack did: `others_ms` and `usual_ms` are a bystander's longest and middle wait."""

    outcome: Outcome
    seconds: float
    others_ms: float
    usual_ms: float
    refused: int
    memory_mb: float
    stop_seconds: float


def main() -> None:
    """A row for each attack, and for each checkout."""
    wanted = os.environ.get("ATTACKS", "")
    checkouts = [("here", str(Path(__file__).parents[2]))]
    if beside := os.environ.get("BESIDE"):
        checkouts.append(("beside", beside))
    print(f"{'attack':44s} {'':7s}{'sent':>9s} {'s':>6s} {'others':>9s} {'memory':>9s} {'stops in':>9s}  answered")
    for attack in ATTACKS:
        if wanted not in attack.name:
            continue
        for name, folder in checkouts:
            seen = _tried(attack, folder)
            print(_row(attack.name, name, seen), flush=True)


def _row(attack: str, checkout: str, seen: Seen) -> str:
    cut_off = f" (others were cut off {seen.refused} times)" if seen.refused else ""
    return (
        f"{attack:44.44s} {checkout:7s}{_size(seen.outcome.sent):>9s} {seen.seconds:6.1f} {seen.others_ms:6.0f} ms"
        f" {seen.memory_mb:6.0f} MB {seen.stop_seconds:7.1f} s  {seen.outcome.answered[:100]}{cut_off}"
    )


def _tried(attack: Attack, folder: str) -> Seen:
    server = Server(folder=folder, **attack.settings)
    server.start()
    process = listener(server.port)
    if attack.before is not None:
        attack.before(server.port)
    # Writing 5 here sets the peak back to what is resident now.
    Path(f"/proc/{process}/clear_refs").write_text("5")
    before = peak_memory(process)
    bystander = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.bystander", str(server.port)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    time.sleep(SETTLE_SECONDS)
    started = time.perf_counter()
    try:
        outcome = attack.run(server.port)
    except Exception as error:
        outcome = Outcome(0, f"{type(error).__name__}: {error}")
    seconds = time.perf_counter() - started
    time.sleep(SETTLE_SECONDS)
    memory = peak_memory(process) - before if Path(f"/proc/{process}/status").exists() else float("nan")
    found, _ = bystander.communicate()
    waited = json.loads(found)
    started = time.perf_counter()
    server.stop()
    stopped = time.perf_counter() - started
    outcome.release()
    return Seen(outcome, seconds, waited["worst_ms"], waited["middle_ms"], waited["refused"], memory, stopped)


def _size(count: int) -> str:
    return (
        f"{count} B" if count < 10_000 else f"{count / 1e3:.0f} kB" if count < 10_000_000 else f"{count / 1e6:.0f} MB"
    )
