"""Faults of clients and of the machine, done to one server: crowds, slow ones, long passes, a full GPU."""

import json
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

import requests
import torch
from starlette.testclient import TestClient

from app.main import create_app
from app.settings import Settings
from tests.faults.seen import KIND, Fault, Seen, drawn_file, post, resident, right, served_as_before, told
from tests.load.measure import dragged
from tests.server import Server

_LIMIT_SECONDS = "1"
JSON = {"Content-Type": "application/json"}


@contextmanager
def in_a_crowd() -> Iterator[Server]:
    """A server that waits for nobody longer than a second."""
    limits: Any = {f"ADELANTE_{name}_TIMEOUT_SECONDS": _LIMIT_SECONDS for name in ("HEADER", "BODY", "WRITE")}
    server = Server.warm(ADELANTE_LIVE_MAX_SESSIONS="4000", ADELANTE_MAX_PASS_SECONDS="0.05", **limits)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def idle_and_busy(there: Server, times: int) -> Seen:
    """40 sockets that look on and 10 that drag, or fifty times as many."""
    before = resident(there.pid)
    seen = dragged(there, 10 * times, 1.5, idle=40 * times, clients=1 + times // 5)
    assert seen.changes > 0
    if times == 1:
        assert seen.late == 0
    time.sleep(1.0)
    after = served_as_before(there, before)
    client = f"p50 {seen.p50:.0f} ms, p95 {seen.p95:.0f} ms, {seen.late} of {seen.changes} changes later than a second"
    return Seen(client, f"all {40 * times} still there, {seen.memory:.0f} MiB meanwhile", before, after)


def slow_senders(there: Server, times: int) -> Seen:
    """Half a head and half a body, and nothing more: each is told, and cut off."""
    before = resident(there.pid)
    head = b"POST /api/v1/forward HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n"
    answers = []
    with ExitStack() as stack:
        held = []
        for k in range(40 * times):
            connection = stack.enter_context(socket.create_connection(("127.0.0.1", there.port), 20))
            connection.sendall(head if k % 2 else head + b"\r\n{")
            held.append(connection)
        assert right(there.url)
        answers = [connection.recv(4096) for connection in held]
    assert all(answer.startswith(b"HTTP/1.1 408") for answer in answers)
    after = served_as_before(there, before)
    return Seen("408 timeout, then its connection ends", f"{len(answers)} of them; others were served", before, after)


def slow_readers(there: Server, times: int) -> Seen:
    """Answers of some megabytes that nobody reads: their connections are cut, and their memory is given back."""
    before = resident(there.pid)
    body = b'{"sizes":[600,600],"seed":1}'
    head = f"POST /api/v1/random HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
    with ExitStack() as stack:
        held = []
        for _ in range(6 * times):
            connection = stack.enter_context(socket.socket())
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.settimeout(20)
            connection.connect(("127.0.0.1", there.port))
            connection.sendall(head.encode() + b"\r\n\r\n" + body)
            held.append(connection)
        assert right(there.url)
        time.sleep(3.5)
        sizes = []
        for connection in held:
            size = 0
            try:
                while piece := connection.recv(1 << 16):
                    size += len(piece)
            except OSError:
                pass
            sizes.append(size)
    assert max(sizes) < 4_000_000
    after = served_as_before(there, before)
    return Seen("its connection ends after ADELANTE_WRITE_TIMEOUT_SECONDS", "others were served", before, after)


def endless_pass(there: Server, times: int) -> Seen:
    """12 thousand million multiply-adds where a pass may take 0.05 seconds: refused before it begins."""
    before = resident(there.pid)
    id, data = drawn_file(2, 1700)
    assert post(there.url, data).status_code in (200, 201)
    body: Any = {"network": id, "inputs": [0.0] * 1700, "vary": {"input": 0}, "from": -1, "to": 1, "steps": 4096}
    for _ in range(times):
        started = time.monotonic()
        answer = requests.post(f"{there.url}/api/v1/sweep", json=body, headers={"Accept": KIND}, timeout=60)
        took = time.monotonic() - started
        fault = answer.json()["errors"][0]
        assert fault["setting"] == "ADELANTE_MAX_PASS_SECONDS", answer.text
        assert took < 5
    assert requests.delete(f"{there.url}/api/v1/networks/{id}", timeout=20).status_code == 204
    after = served_as_before(there, before)
    return Seen(f"{told(answer)}, at once, naming the setting", "others were served", before, after)


def full_gpu(_: object, times: int) -> Seen:
    """Simulated: the card says that its memory is taken. Busy, once; then the processor computes."""
    full = torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB")
    with TestClient(create_app(Settings())) as client:
        id, data = drawn_file(1, 1500)
        client.post("/api/v1/networks", content=data, headers={"Content-Type": KIND})
        body = json.dumps({"network": id, "inputs": [0.0] * 1500}).encode()
        for _ in range(times):
            with patch("app.compute.joining.JoinedPass.run", side_effect=full):
                answer: Any = client.post("/api/v1/forward", content=body, headers=JSON)
            assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
            assert answer.json()["type"].endswith("/busy")
            assert client.post("/api/v1/forward", content=body, headers=JSON).status_code == 200
    return Seen("503 busy, Retry-After 1, once; the next 30 s without the card", "every later answer right")


FAULTS = [
    Fault("sockets that look on and sockets that drag", idle_and_busy),
    Fault("slow senders", slow_senders),
    Fault("slow readers", slow_readers),
    Fault("a pass that would take minutes", endless_pass),
    Fault("GPU out of memory", full_gpu),
]
