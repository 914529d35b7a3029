"""Over a real socket: the short cut of `adelante serve` answers what the application would, in the same order."""

import gzip
import json
import re
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
import uvicorn
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.testclient import TestClient

from app.api.http.front import Application, Direct
from app.main import create_app
from app.settings import Settings
from tests import notebook

FORWARD = ("POST", "/api/v1/forward")
JSON = {"Content-Type": "application/json"}
GOOD = json.dumps(notebook.MULTILAYER).encode()
FAULTY = json.dumps({**notebook.MULTILAYER, "inputs": [1, 2]}).encode()


class Served(NamedTuple):
    app: Application
    port: int


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    """The application behind its own protocol, in this process."""
    app = create_app(Settings())
    assert isinstance(app, Application)
    config = uvicorn.Config(
        app, port=0, http="app.api.http.protocol:Protocol", log_level="critical", access_log=False, server_header=False
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.01)
    yield Served(app, server.servers[0].sockets[0].getsockname()[1])
    server.should_exit = True
    thread.join()


@pytest.fixture
def elsewhere(served: Served, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Has the application's own way answer "elsewhere", and note its requests' names."""
    seen = []

    async def endpoint(request: Request) -> Response:
        await request.body()
        seen.append(request.headers.get("x-request-id", ""))
        return PlainTextResponse("elsewhere")

    monkeypatch.setitem(served.app.direct, FORWARD, Direct(endpoint, served.app.direct[FORWARD].now))
    return seen


def post(body: bytes, *headers: str, version: str = "1.1") -> bytes:
    lines = [f"POST /api/v1/forward HTTP/{version}", "Host: here", "Content-Type: application/json", *headers]
    return "\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""]).encode() + body


def connected(served: Served) -> socket.socket:
    return socket.create_connection(("127.0.0.1", served.port), timeout=20)


def answers(connection: socket.socket, count: int) -> list[Answer]:
    """The next answers of a connection."""
    found = []
    with connection.makefile("rb") as stream:
        for _ in range(count):
            status = int(stream.readline().split()[1])
            headers = dict(
                re.split(r":\s*", line.decode().strip(), maxsplit=1) for line in iter(stream.readline, b"\r\n")
            )
            found.append(Answer(status, headers, stream.read(int(headers.get("content-length", 0)))))
    return found


def exchange(served: Served, *requests: bytes) -> list[Answer]:
    """Sends all requests in one go."""
    with connected(served) as connection:
        connection.sendall(b"".join(requests))
        return answers(connection, len(requests))


def test_a_good_request_needs_no_task(served: Served, client: TestClient, elsewhere: list[str]) -> None:
    (answer,) = exchange(served, post(GOOD, "X-Request-ID: mine"))
    plain = client.post("/api/v1/forward", json=notebook.MULTILAYER)
    assert (answer.status, answer.body) == (200, plain.content)
    assert answer.headers["x-request-id"] == "mine"
    assert re.fullmatch(r"decode;dur=[\d.]+, compute;dur=[\d.]+, encode;dur=[\d.]+", answer.headers["server-timing"])
    assert set(plain.headers) | {"date"} == set(answer.headers)
    assert elsewhere == []


def test_it_is_counted_as_any_other(served: Served) -> None:
    def count() -> float:
        text = served.app.metrics.text().decode()
        found = re.search(r'adelante_requests_total\{method="POST",route="/api/v1/forward",status="200"\} (\S+)', text)
        return float(found[1]) if found else 0.0

    before = count()
    exchange(served, post(GOOD), post(GOOD))
    assert count() == before + 2


def test_answers_come_in_the_order_of_their_requests(served: Served, client: TestClient) -> None:
    ready = b"GET /v2/health/ready HTTP/1.1\r\nHost: here\r\n\r\n"
    numbers = [json.dumps({**notebook.MULTILAYER, "inputs": [k, k, k]}).encode() for k in range(4)]
    found = exchange(
        served, post(numbers[0]), post(numbers[1]), post(FAULTY), ready, post(numbers[2]), post(numbers[3])
    )
    assert [answer.status for answer in found] == [200, 200, 422, 200, 200, 200]
    for k, answer in zip(range(4), (found[0], found[1], found[4], found[5]), strict=True):
        assert answer.body == client.post("/api/v1/forward", content=numbers[k], headers=JSON).content


@pytest.mark.parametrize(
    "headers",
    [
        (),
        ("Accept-Language: es",),
        ("Accept: application/vnd.safetensors",),
        ("Content-Encoding: br",),
        ("Content-Type: text/plain",),
    ],
)
@pytest.mark.parametrize("body", [GOOD, FAULTY, b"{", b'{"inputs":[1],"network":"nope"}'])
def test_whatever_is_not_plain_is_the_applications(
    served: Served, client: TestClient, headers: tuple[str, ...], body: bytes
) -> None:
    (answer,) = exchange(served, post(body, *headers))
    given = {"Content-Type": "application/json"} | dict(header.split(": ") for header in headers)
    plain = client.post("/api/v1/forward", content=body, headers={"Accept": "*/*", "Accept-Encoding": "", **given})
    assert (answer.status, answer.body) == (plain.status_code, plain.content)
    assert answer.headers["content-type"] == plain.headers["content-type"]


def test_a_body_in_pieces_is_waited_for(served: Served, elsewhere: list[str]) -> None:
    request = post(GOOD, "X-Request-ID: slow")
    with connected(served) as connection:
        for piece in (request[:-200], request[-200:-100], request[-100:]):
            connection.sendall(piece)
            time.sleep(0.05)
        (answer,) = answers(connection, 1)
        assert (answer.body, elsewhere) == (b"elsewhere", ["slow"])
        connection.sendall(post(GOOD))
        assert answers(connection, 1)[0].body.startswith(b'{"outputs"')


@pytest.mark.parametrize("request_", [post(GOOD, "Connection: close"), post(GOOD, version="1.0")])
def test_a_connection_that_is_to_close_does(served: Served, request_: bytes) -> None:
    with connected(served) as connection:
        connection.sendall(request_)
        received = b"".join(iter(lambda: connection.recv(65536), b""))
    assert received.startswith(b"HTTP/1.1 200 OK")
    assert json.loads(received.partition(b"\r\n\r\n")[2])["outputs"] == [pytest.approx(0.31708315)]


def test_who_asks_before_sending_is_told_to(served: Served) -> None:
    head, body = post(GOOD, "Expect: 100-continue").split(b"\r\n\r\n")
    with connected(served) as connection:
        connection.sendall(head + b"\r\n\r\n")
        assert connection.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(body)
        assert answers(connection, 1)[0].status == 200


def test_a_chunked_body_is_read_too(served: Served) -> None:
    head = post(b"").replace(b"Content-Length: 0", b"Transfer-Encoding: chunked")
    (answer,) = exchange(served, head + b"%x\r\n%b\r\n0\r\n\r\n" % (len(GOOD), GOOD))
    assert json.loads(answer.body)["outputs"] == [pytest.approx(0.31708315)]


def test_a_body_of_many_small_chunks_takes_no_more_than_its_bytes(served: Served) -> None:
    head = post(b"").replace(b"Content-Length: 0", b"Transfer-Encoding: chunked")
    chunks = b"".join(b"1\r\n%c\r\n" % byte for byte in GOOD)
    (answer,) = exchange(served, head + chunks + b"0\r\n\r\n")
    assert json.loads(answer.body)["outputs"] == [pytest.approx(0.31708315)]


def test_what_is_no_http_is_refused_after_the_answer_before_it(served: Served) -> None:
    with connected(served) as connection:
        connection.sendall(post(GOOD) + b"\0\0\0\r\n\r\n")
        received = b"".join(iter(lambda: connection.recv(65536), b""))
    assert received.startswith(b"HTTP/1.1 200 OK")
    assert json.loads(received.partition(b"\r\n\r\n")[2])["outputs"] == [pytest.approx(0.31708315)]


def test_a_query_changes_nothing(served: Served) -> None:
    asked = post(GOOD).replace(b"/forward ", b"/forward?a=b ")
    plain, other = exchange(served, post(GOOD), asked)
    assert (other.status, other.body) == (200, plain.body)


def test_a_large_answer_is_compressed_for_who_takes_it(served: Served, elsewhere: list[str]) -> None:
    body = json.dumps({"network": "multilayer", "inputs": [notebook.FEATURES] * 50}).encode()
    (plain,) = exchange(served, post(body))
    (packed,) = exchange(served, post(body, "Accept-Encoding: gzip"))
    (small,) = exchange(served, post(GOOD, "Accept-Encoding: gzip"))
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.headers["vary"] == "Accept-Encoding"
    assert gzip.decompress(packed.body) == plain.body
    assert "content-encoding" not in small.headers
    assert elsewhere == []
    body = json.dumps({"network": "multilayer", "inputs": [notebook.FEATURES] * 2000}).encode()
    assert exchange(served, post(body, "Accept-Encoding: gzip"))[0].body == b"elsewhere"


def test_more_than_are_answered_together_are_all_answered(served: Served, client: TestClient) -> None:
    bodies = [json.dumps({**notebook.MULTILAYER, "inputs": [k, -k, 1]}).encode() for k in range(100)]
    connections = [connected(served) for _ in bodies]
    for connection, body in zip(connections, bodies, strict=True):
        connection.sendall(post(body))
    for connection, body in zip(connections, bodies, strict=True):
        (answer,) = answers(connection, 1)
        assert answer.body == client.post("/api/v1/forward", content=body, headers=JSON).content
        connection.close()


def test_a_client_that_goes_away_harms_nobody(served: Served) -> None:
    for _ in range(20):
        with connected(served) as connection:
            connection.sendall(post(GOOD))
    assert exchange(served, post(GOOD))[0].status == 200


def test_an_error_on_the_short_cut_is_met_again_on_the_long_way(
    served: Served, monkeypatch: pytest.MonkeyPatch, client: TestClient
) -> None:
    def now(*_: Any) -> None:
        raise RuntimeError

    monkeypatch.setitem(served.app.direct, FORWARD, served.app.direct[FORWARD]._replace(now=now))
    found = exchange(served, post(GOOD), post(GOOD))
    assert [answer.body for answer in found] == [client.post("/api/v1/forward", content=GOOD, headers=JSON).content] * 2
