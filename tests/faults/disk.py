"""Faults of a store in a folder, done to one server whose folder is a small disk."""

import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from os import kill

import requests

from app.store.files import NetworkFiles
from tests.faults.live import Learner
from tests.faults.seen import (
    Fault,
    Seen,
    drawn_file,
    file_of,
    is_whole,
    post,
    ready,
    resident,
    right,
    served_as_before,
    some_file,
    told,
)
from tests.faults.small_disk import SmallDisk, small_disk
from tests.server import Server

_CHECKED_SECONDS = 2.2


@dataclass(frozen=True)
class OnDisk:
    server: Server
    disk: SmallDisk


@contextmanager
def on_a_small_disk() -> Iterator[OnDisk]:
    """A server whose clock can jump, and its disk."""
    with small_disk() as disk:
        server = Server(command="tests.faults.jumping_clock", ADELANTE_STORE=str(disk.path / "networks"))
        server.start()
        try:
            yield OnDisk(server, disk)
        finally:
            server.stop()


def full_disk(there: OnDisk, times: int) -> Seen:
    """Networks until nothing fits; the rest is as it was, and what is deleted makes room."""
    url, before = there.server.url, resident(there.server.pid)
    for _ in range(times):
        kept: list[str] = []
        while True:
            id, data = some_file()
            answer = post(url, data)
            if answer.status_code != 201:
                break
            kept.append(id)
        seen = told(answer)
        assert seen.startswith("507 store-unavailable")
        assert file_of(url, id).status_code == 404
        assert all(is_whole(url, each) for each in kept)
        there.disk.fill()
        time.sleep(_CHECKED_SECONDS)
        assert ready(url) == 507
        there.disk.clear()
        for each in kept:
            assert requests.delete(f"{url}/api/v1/networks/{each}", timeout=60).status_code == 204
        time.sleep(_CHECKED_SECONDS)
        assert post(url, data).status_code == 201
    after = served_as_before(there.server, before)
    return Seen(seen + "; not ready meanwhile", f"{len(kept)} networks whole, none half", before, after)


def read_only(there: OnDisk, times: int) -> Seen:
    """A disk that can't be written for a while: what is there is served."""
    url, before = there.server.url, resident(there.server.pid)
    id, data = some_file()
    assert post(url, data).status_code == 201
    for _ in range(times):
        there.disk.read_only(True)
        try:
            seen = told(post(url, some_file()[1]))
            assert seen == "503 store-unavailable, Retry-After 1"
            assert is_whole(url, id)
            assert right(url)
            time.sleep(_CHECKED_SECONDS)
            assert ready(url) == 503
        finally:
            there.disk.read_only(False)
        assert post(url, some_file()[1]).status_code == 201
        time.sleep(_CHECKED_SECONDS)
    after = served_as_before(there.server, before)
    return Seen(seen + "; what is kept is served", "1 network whole throughout", before, after)


def spoilt_files(there: OnDisk, times: int) -> Seen:
    """Files cut short, changed in one bit, or empty: each counts as absent, and is mended by sending it again."""
    url, before = there.server.url, resident(there.server.pid)
    folder = there.disk.path / "networks"
    for _ in range(times):
        for spoilt in (slice(100), slice(-1), slice(0)):
            id, data = some_file()
            assert post(url, data).status_code == 201
            path = folder / f"{id}.safetensors"
            path.write_bytes(data[spoilt] + b"\0" * (spoilt.stop == -1))
            answer = file_of(url, id)
            assert (answer.status_code, is_whole(url, id)) == (404, False)
            assert post(url, data).status_code == 201
            assert is_whole(url, id)
            assert requests.delete(f"{url}/api/v1/networks/{id}", timeout=60).status_code == 204
    after = served_as_before(there.server, before)
    return Seen(told(answer), f"{3 * times} files mended by sending them again", before, after)


def two_writers(there: OnDisk, times: int) -> Seen:
    """The server and another process write, read and delete the same networks."""
    url, before = there.server.url, resident(there.server.pid)
    files = [drawn_file(k, 40) for k in range(6)]
    other = NetworkFiles(str(there.disk.path / "networks"))

    def use(k: int) -> int:
        id, data = files[k % len(files)]
        if k % 3 == 0:
            return post(url, data).status_code
        if k % 3 == 1:
            other.write(data)
            return 200
        answer = file_of(url, id)
        # Never a half of it.
        assert answer.status_code == 404 or answer.content == data
        other.delete(id)
        return 200

    with ThreadPoolExecutor(6) as pool:
        statuses = set(pool.map(use, range(120 * times)))
    assert statuses <= {200, 201}
    for id, data in files:
        other.write(data)
        assert is_whole(url, id)
        assert other.delete(id)
    assert not [path for path in (there.disk.path / "networks").iterdir() if path.name.endswith(".part")]
    after = served_as_before(there.server, before)
    return Seen("201, 200; 404 for what was just deleted", f"{120 * times} operations, no half file", before, after)


def clock_jumps(there: OnDisk, times: int) -> Seen:
    """The wall clock goes a day ahead and two back under an open session and requests."""
    url, before = there.server.url, resident(there.server.pid)
    with Learner(url) as learner:
        for _ in range(times):
            for jump in (signal.SIGUSR1, signal.SIGUSR2, signal.SIGUSR1):
                id, data = some_file()
                learner.drag()
                kill(there.server.pid, jump)
                learner.drag()
                assert post(url, data).status_code == 201
                assert is_whole(url, id)
                assert requests.delete(f"{url}/api/v1/networks/{id}", timeout=60).status_code == 204
                assert right(url)
    after = served_as_before(there.server, before)
    return Seen("nothing", f"{3 * times} jumps, the session stayed and its numbers were right", before, after)


FAULTS = [
    Fault("full disk", full_disk),
    Fault("store read-only for a while", read_only),
    Fault("spoilt files in the store", spoilt_files),
    Fault("two writers", two_writers),
    Fault("clock jumps", clock_jumps),
]
