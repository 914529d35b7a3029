"""A bucket as the store: behind a line that is slow, dead, and back; and one that takes requests and says nothing."""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Thread
from typing import Any

import requests

from tests.faults.seen import Fault, Seen, is_whole, post, ready, resident, served_as_before, some_file, told
from tests.server import Server
from tests.slow_line import SlowLine
from tests.store.s3 import BUCKET, S3Server

_QUICK = 100_000_000.0
_SLOW = 40_000.0
_CHECKED_SECONDS = 12.0


@dataclass(frozen=True)
class InABucket:
    server: Server
    line: SlowLine
    bucket: S3Server


@contextmanager
def in_a_bucket() -> Iterator[InABucket]:
    bucket = S3Server()
    bucket.start()
    try:
        with SlowLine(bucket.port, _QUICK).open() as line:
            variables = bucket.variables(f"http://127.0.0.1:{line.port}")
            server = Server.warm(ADELANTE_STORE=f"s3://{BUCKET}/networks", **variables)
            server.start()
            try:
                yield InABucket(server, line, bucket)
            finally:
                server.stop()
    finally:
        bucket.stop()


def slow_bucket(there: InABucket, times: int) -> Seen:
    """A network goes at 40 kB a second; nobody else waits for it."""
    url, before = there.server.url, resident(there.server.pid)
    there.line.rate = _SLOW
    waits: list[float] = []
    try:
        for _ in range(times):
            id, data = some_file()
            statuses: list[int] = []

            def send(data: bytes = data, statuses: list[int] = statuses) -> None:
                statuses.append(post(url, data).status_code)

            sending = Thread(target=send)
            started = time.monotonic()
            sending.start()
            while sending.is_alive():
                asked = time.monotonic()
                assert requests.get(f"{url}/v2/health/live", timeout=20).status_code == 200
                waits.append(time.monotonic() - asked)
                time.sleep(0.01)
            took = time.monotonic() - started
            assert statuses == [201]
            assert is_whole(url, id)
    finally:
        there.line.rate = _QUICK
    waits.sort()
    assert waits[len(waits) // 2] < 0.1
    after = served_as_before(there.server, before)
    return Seen(f"201 after {took:.1f} s; others {waits[len(waits) // 2] * 1e3:.0f} ms", "all whole", before, after)


def dead_bucket(there: InABucket, times: int) -> Seen:
    """Nobody reaches the bucket for a while. What is at hand is served, and all is there once it is back."""
    url, before = there.server.url, resident(there.server.pid)
    kept = []
    for _ in range(times):
        id, data = some_file()
        assert post(url, data).status_code == 201
        kept.append(id)
        there.line.dead = True
        there.line.cut()
        try:
            lost, lost_data = some_file()
            started = time.monotonic()
            seen = told(post(url, lost_data))
            took = time.monotonic() - started
            assert seen == "503 store-unavailable, Retry-After 1"
            assert took < 10
            time.sleep(2.2)  # Until what is at hand would be asked about again.
            body: Any = {"network": id, "inputs": [0.0] * 100}
            assert requests.post(f"{url}/api/v1/forward", json=body, timeout=20).status_code == 200
            if times > 1:
                time.sleep(_CHECKED_SECONDS)
                assert ready(url) == 503
        finally:
            there.line.dead = False
        time.sleep(1.2)
        assert post(url, lost_data).status_code == 201
        kept.append(lost)
    assert all(is_whole(url, each) for each in kept)
    if times > 1:
        time.sleep(_CHECKED_SECONDS)
    after = served_as_before(there.server, before)
    return Seen(f"{seen}, after {took:.1f} s; what is at hand is served", f"{len(kept)} networks whole", before, after)


def silent_bucket(there: InABucket, times: int) -> Seen:
    """It takes connections and does not answer: the first who asks waits 20 seconds, those after it none."""
    url, before = there.server.url, resident(there.server.pid)
    id, data = some_file()
    assert post(url, data).status_code == 201
    there.bucket.pause(signal.SIGSTOP)
    try:
        seen = told(post(url, some_file()[1], patience=90.0))
        started = time.monotonic()
        assert told(post(url, some_file()[1])) == seen
        assert time.monotonic() - started < 1
    finally:
        there.bucket.pause(signal.SIGCONT)
    time.sleep(_CHECKED_SECONDS)
    assert is_whole(url, id)
    return Seen(f"{seen}, the first after 20 s", "all whole", before, served_as_before(there.server, before))


FAULTS = [Fault("bucket slow", slow_bucket), Fault("bucket away and back", dead_bucket)]
LONG = [Fault("bucket that says nothing", silent_bucket)]
