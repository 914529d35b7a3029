"""Two servers that share a folder, under load: one dies, and both are replaced one after the other."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from tempfile import TemporaryDirectory
from threading import Event, Thread

import requests
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from tests.faults.live import Learner
from tests.faults.seen import Fault, Seen, drawn_file, is_whole, post, ready, resident, served_as_before
from tests.server import Server

_ATTEMPTS = 200
_DRAIN_SECONDS = 1.5
_GONE = (ConnectionClosed, InvalidHandshake, OSError)


@dataclass
class Fleet:
    """The servers, and a balancer's view of them: it sends to those that said a moment ago that they are ready."""

    servers: list[Server]
    in_turn: list[str] = field(default_factory=list)

    def look(self) -> None:
        found = []
        for server in self.servers:
            try:
                if ready(server.url) == 200:
                    found.append(server.url)
            except requests.RequestException:
                continue
        self.in_turn = found

    def one(self, k: int) -> str:
        while not (there := self.in_turn):
            time.sleep(0.02)
        return there[k % len(there)]


@dataclass
class Load:
    """What clients did: networks that were acknowledged, requests that failed, changes, sessions that began anew."""

    kept: list[str] = field(default_factory=list)
    failed: int = 0
    changes: int = 0
    reconnected: int = 0


@contextmanager
def fleet() -> Iterator[Fleet]:
    with TemporaryDirectory() as folder:
        drain = str(_DRAIN_SECONDS)
        found = Fleet([Server.warm(ADELANTE_STORE=folder, ADELANTE_DRAIN_SECONDS=drain) for _ in range(2)])
        threads = [Thread(target=server.start) for server in found.servers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        try:
            yield found
        finally:
            for server in found.servers:
                server.stop()


@contextmanager
def under_load(fleet: Fleet) -> Iterator[Load]:
    """Clients that keep networks and learners who drag, until it ends. Each error of theirs is raised there."""
    load, over, errors = Load(), Event(), []

    def until_over(work: Callable[[int], None]) -> None:
        k = 0
        try:
            while not over.is_set():
                work(k)
                k += 1
        except Exception as error:
            errors.append(error)

    def look(k: int) -> None:
        fleet.look()
        time.sleep(0.1)

    def keep(k: int) -> None:
        id, data = drawn_file(k + 10_000, 60)
        for attempt in range(_ATTEMPTS):
            try:
                answer = post(fleet.one(k + attempt), data, 20)
            except requests.RequestException:
                load.failed += 1
                time.sleep(0.05)
                continue
            assert answer.status_code in (200, 201), answer.text
            load.kept.append(id)
            time.sleep(0.05)
            return
        raise AssertionError("no server took the network")

    def drag(learner: Learner, k: int) -> None:
        try:
            learner.drag()
            load.changes += 1
            time.sleep(1 / 30)
        except _GONE:
            for attempt in range(_ATTEMPTS):
                try:
                    learner.open(fleet.one(k + attempt))
                    load.reconnected += 1
                    return
                except _GONE:
                    time.sleep(0.05)
            raise

    fleet.look()
    learners = [Learner(fleet.one(k)) for k in range(4)]
    works: list[Callable[[int], None]] = [look, keep, *(lambda k, each=each: drag(each, k) for each in learners)]
    threads = [Thread(target=until_over, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    try:
        yield load
    finally:
        over.set()
        for thread in threads:
            thread.join(60)
        for learner in learners:
            learner.close()
    if errors:
        raise errors[0]


def replica_dies(there: Fleet, times: int) -> Seen:
    """kill -9 of one of two, and of the other one once the first is back: learners go on where there is one."""
    dying, other = there.servers
    with under_load(there) as load:
        for k in range(times):
            if k > 0:
                dying.start()
                dying, other = other, dying
            before = resident(other.pid)
            time.sleep(0.8)
            dying.kill()
            time.sleep(1.0)
    assert load.reconnected >= 2 * times
    assert all(is_whole(other.url, id) for id in load.kept)
    after = served_as_before(other, before)
    client = f"{load.failed} requests cut off and sent again, {load.reconnected} sessions opened again elsewhere"
    return Seen(client, f"{len(load.kept)} networks whole, {load.changes} changes right", before, after)


def rolling_update(there: Fleet, times: int) -> Seen:
    """A new one is there, the old one is told to end, and drains: no request fails, and sessions move."""
    new, old = there.servers
    for server in there.servers:
        if not server.running:
            server.start()
    with under_load(there) as load:
        for k in range(times):
            if k > 0:
                new, old = old, new
                new.start()
            time.sleep(0.5)
            assert old.terminate() == 0
        time.sleep(0.3)
    assert load.failed == 0
    assert load.reconnected >= 2 * times
    server, before = new, resident(new.pid)
    assert all(is_whole(server.url, id) for id in load.kept)
    client = f"no request failed; {load.reconnected} sessions opened again elsewhere"
    kept = f"{len(load.kept)} networks whole, {load.changes} changes right"
    return Seen(client, kept, before, served_as_before(server, before))


FAULTS = [Fault("one replica of two dies under load", replica_dies), Fault("rolling update under load", rolling_update)]
