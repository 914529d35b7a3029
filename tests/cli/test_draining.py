"""A server that gets SIGTERM: what clients see until it is gone, and how it ends."""

import json
import signal
import time
from collections import deque
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import pytest
import requests
import uvicorn
import websockets.sync.client as websockets
from starlette.applications import Starlette
from websockets.exceptions import ConnectionClosed

from app.api.http.drain import TICK_SECONDS, Drain
from app.cli.server import Server as OneServer
from tests import notebook
from tests.server import Server
from tests.together import until


def served(server: Server) -> requests.Response:
    return requests.post(f"{server.url}/api/v1/forward", json=notebook.MULTILAYER, timeout=5)


def test_not_ready_first_then_gone_with_nothing_lost() -> None:
    # Long enough for what is asked meanwhile, on a machine that does much else too.
    server = Server.warm(ADELANTE_DRAIN_SECONDS="3")
    server.start()
    assert server._process is not None
    opening = json.dumps({"op": "open", "seq": 1, "network": "multilayer", "inputs": [1, 0, -1]})
    try:
        with websockets.connect(server.url.replace("http", "ws") + "/api/v1/live") as live:
            live.send(opening)
            live.recv(timeout=10)
            assert "Connection" not in served(server).headers
            began = time.monotonic()
            server._process.send_signal(signal.SIGTERM)
            while requests.get(f"{server.url}/v2/health/ready").status_code == 200:
                assert time.monotonic() - began < 2
            problem = requests.get(f"{server.url}/v2/health/ready", headers={"Accept-Language": "es"})
            assert (problem.status_code, problem.json()["type"]) == (503, "/problems/busy")
            assert "Retry-After" in problem.headers
            # Served, and told to come to another server with the next one.
            answer = served(server)
            assert (answer.status_code, answer.headers["Connection"]) == (200, "close")
            with pytest.raises(ConnectionClosed) as closed:
                deque(iter(partial(live.recv, timeout=10), None), maxlen=0)
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 1012
            assert 1 < time.monotonic() - began < 3.5
        assert server._process.wait(10) == 0
        assert time.monotonic() - began >= 2.9
    finally:
        server.stop()


def test_a_request_in_flight_is_answered_and_the_status_is_good() -> None:
    server = Server.warm()
    server.start()
    assert server._process is not None
    try:
        with ThreadPoolExecutor() as pool:
            # Some tenths of a second of work, and two megabytes to send.
            body: dict[str, Any] = {"sizes": [1200, 1200, 1200], "seed": 1}
            asked = pool.submit(requests.post, f"{server.url}/api/v1/random", json=body, timeout=90)
            # On a machine that does much else the request takes its time to get there.
            metrics = f"{server.url}/metrics"
            until(lambda: asked.done() or "adelante_dear_passes 1.0" in requests.get(metrics, timeout=9).text)
            server._process.send_signal(signal.SIGTERM)
            assert [len(each["weights"]) for each in asked.result().json()["layers"]] == [1200, 1200]
        assert server._process.wait(10) == 0
    finally:
        server.stop()


@pytest.mark.parametrize("second", [signal.SIGTERM, signal.SIGINT])
def test_a_second_signal_does_not_wait(second: signal.Signals) -> None:
    server = Server.warm(ADELANTE_DRAIN_SECONDS="60")
    server.start()
    assert server._process is not None
    try:
        server._process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        assert server._process.poll() is None
        server._process.send_signal(second)
        assert server._process.wait(10) == 0
    finally:
        server.stop()


def test_ctrl_c_twice_ends_the_application_without_a_traceback(caplog: pytest.LogCaptureFixture) -> None:
    ended: list[bool] = []

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        yield
        ended.append(True)

    def press_twice() -> None:
        for _ in range(2):
            server.handle_exit(signal.SIGINT, None)

    config = uvicorn.Config(Starlette(lifespan=lifespan), port=0, log_config=None)
    server = OneServer(config, press_twice)
    server.run()
    assert ended == [True]
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == []


def test_live_sockets_leave_one_after_the_other_in_the_second_half() -> None:
    drain = Drain(10)
    drain.begin(100)
    open_sockets, gone = 500, []
    for tick in range(100):
        now = 100 + tick * TICK_SECONDS
        assert not drain.is_over(now)
        leaving = drain.leaving(now, open_sockets)
        gone.append(leaving)
        open_sockets -= leaving
    assert drain.is_over(110)
    assert open_sockets == 0
    assert sum(gone[:49]) == 0
    assert max(gone) <= 11
