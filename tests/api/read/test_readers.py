"""Who does not read is dropped, and a server that is told to stop waits for nobody for long."""

import asyncio
import json
import select
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests
import websockets.sync.client as websockets
from websockets.exceptions import ConnectionClosed

from app.api.http.readers import Readers
from app.settings import Settings
from tests.server import Server


class Transport:
    """What `Readers` asks of a transport."""

    def __init__(self) -> None:
        self.unsent = 0
        self.closing = self.aborted = False

    def get_write_buffer_size(self) -> int:
        return self.unsent

    def is_closing(self) -> bool:
        return self.closing

    def get_extra_info(self, _: str) -> None:
        return None

    def abort(self) -> None:
        self.aborted = self.closing = True


def watched(count: int, **settings: Any) -> tuple[Readers, list[Any]]:
    readers = Readers(Settings(**settings))
    transports = [Transport() for _ in range(count)]

    async def add() -> None:
        for transport in transports:
            readers.add(transport)  # type: ignore[arg-type]

    asyncio.run(add())
    return readers, transports


def test_who_takes_too_little_in_time_is_dropped_and_who_is_slow_is_not() -> None:
    readers, (stalled, slow, idle) = watched(3, write_timeout_seconds=10)
    stalled.unsent = slow.unsent = 1_000_000
    for second in range(100, 131, 5):
        readers.check(second)
        slow.unsent -= 40_000
        assert not slow.aborted
        assert stalled.aborted == (second > 110)
    assert not idle.aborted


def test_what_is_written_meanwhile_is_no_sign_of_reading() -> None:
    readers, (transport,) = watched(1, write_timeout_seconds=10)
    for second in range(100, 112):
        transport.unsent += 1000
        readers.check(second)
    assert transport.aborted


def test_what_waits_for_room_counts_as_unread() -> None:
    readers, (waiting, done) = watched(2, write_timeout_seconds=10)
    readers.hold(waiting, 1000)
    readers.hold(done, 1000)
    readers.check(100)
    readers.hold(done, 0)
    readers.check(111)
    assert waiting.aborted
    assert not done.aborted


def test_of_all_too_much_the_most_is_dropped_first() -> None:
    readers, transports = watched(3, max_unsent_bytes=2**20)
    for transport, unsent in zip(transports, (500_000, 600_000, 400_000), strict=True):
        transport.unsent = unsent
    readers.check(100)
    assert [transport.aborted for transport in transports] == [False, True, False]


def test_closed_connections_are_forgotten() -> None:
    readers, (transport,) = watched(1)
    transport.closing = True
    readers.check(100)
    assert not readers._reading


def request(port: int, path: str, body: bytes, length: int | None = None) -> socket.socket:
    """A connection that has asked and reads nothing."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.connect(("127.0.0.1", port))
    size = f"Content-Length: {length or len(body)}"
    lines = (f"POST {path} HTTP/1.1", "Host: x", "Content-Type: application/json", size)
    connection.sendall("\r\n".join((*lines, "", "")).encode() + body)
    return connection


@contextmanager
def serving(**settings: str) -> Iterator[Server]:
    server = Server.warm(**settings)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def test_a_client_that_does_not_read_is_dropped_and_its_answer_forgotten() -> None:
    with serving(ADELANTE_WRITE_TIMEOUT_SECONDS="0.5") as server:
        connection = request(server.port, "/api/v1/random", b'{"sizes":[1500,1500],"seed":1}')
        poll = select.poll()
        poll.register(connection, select.POLLHUP | select.POLLERR)
        assert poll.poll(20_000), "the connection is still open"
        assert "\nadelante_work_bytes 0.0\n" in requests.get(f"{server.url}/metrics").text


def test_a_server_told_to_stop_ends_although_nobody_reads_or_finishes_sending() -> None:
    with serving() as server:
        assert server._process is not None
        unread = request(server.port, "/api/v1/random", b'{"sizes":[1500,1500],"seed":1}')
        select.select([unread], [], [], 20)
        half = request(server.port, "/api/v1/forward", b"{", length=100)
        with websockets.connect(f"ws://127.0.0.1:{server.port}/api/v1/live") as live:
            live.send(json.dumps({"op": "open", "seq": 1, "network": "multilayer", "inputs": [1, 0, -1]}))
            live.recv(timeout=20)
            server._process.send_signal(signal.SIGTERM)
            code = None
            while code is None:
                try:
                    live.recv(timeout=20)
                except ConnectionClosed as closed:
                    code = closed.rcvd and closed.rcvd.code
            assert code == 1012
        assert server._process.wait(9) in (0, -signal.SIGTERM)
        unread.close()
        half.close()
