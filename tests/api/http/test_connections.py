"""Over a real socket: what a connection may take of the server before it is anybody's request."""

import http.client
import json
import re
import socket
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from app.main import create_app
from app.settings import Settings
from tests import notebook, warm

GOOD = json.dumps(notebook.MULTILAYER).encode()
PATIENCE = 30.0


@contextmanager
def serving(*, keep_alive_seconds: int = 5, **limits: Any) -> Iterator[int]:
    """A server with these settings; its port. It has stopped at the end, whatever is still open."""
    started = threading.Event()

    class Server(uvicorn.Server):
        async def startup(self, sockets: Any = None) -> None:
            await super().startup(sockets)
            started.set()

    app = create_app(Settings(**limits))
    config = uvicorn.Config(
        app,
        port=0,
        http="app.api.http.protocol:Protocol",
        log_level="critical",
        server_header=False,
        timeout_keep_alive=keep_alive_seconds,
    )
    server = Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    assert started.wait(PATIENCE)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(PATIENCE)
        assert not thread.is_alive(), "the server did not stop"


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with serving(header_timeout_seconds=0.3, max_header_bytes=4096, max_body_bytes=2**20) as port:
        yield port


def connected(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)


def everything(connection: socket.socket) -> bytes:
    """What comes until the server closes."""
    return b"".join(iter(lambda: connection.recv(65536), b""))


def answered(connection: socket.socket) -> bytes:
    """One whole answer of a connection that stays; its head and its body may come one after the other."""
    answer = b""
    while True:
        head, end, body = answer.partition(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head)
        if end and length is not None and len(body) == int(length[1]):
            return answer
        more = connection.recv(65536)
        assert more, answer
        answer += more


def problem_in(answer: bytes) -> tuple[int, dict[str, str], Any]:
    head, _, body = answer.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines[1:])
    assert headers["content-type"] == "application/problem+json"
    assert headers["connection"] == "close"
    assert len(body) == int(headers["content-length"])
    assert headers["x-request-id"]
    return int(lines[0].split()[1]), headers, json.loads(body)


def request(*headers: str, body: bytes = b"", version: str = "1.1") -> bytes:
    return "\r\n".join([f"POST /api/v1/forward HTTP/{version}", *headers, "", ""]).encode() + body


def test_a_connection_that_says_nothing_is_closed(port: int) -> None:
    with connected(port) as connection:
        assert everything(connection) == b""


def test_a_connection_that_waits_a_moment_is_served() -> None:
    with serving(header_timeout_seconds=PATIENCE) as port, connected(port) as first:
        # A silent connection outlives several looks at the clock: another one, with a short limit, says how long.
        with serving(header_timeout_seconds=1) as other, connected(other) as clock:
            assert everything(clock) == b""
        first.sendall(request("Host: here", "Content-Type: application/json", LENGTH, body=GOOD))
        assert first.recv(100).startswith(b"HTTP/1.1 200 ")


def test_half_a_head_is_answered_408_however_slowly_it_goes_on(port: int) -> None:
    with connected(port) as quiet, connected(port) as dripping:
        for connection in (quiet, dripping):
            connection.sendall(b"GET / HTTP/1.1\r\nHost: here\r\nX-Long: ")
        dripping.settimeout(0.05)
        answer = b""
        while not answer:
            dripping.sendall(b"x")
            try:
                answer = dripping.recv(65536)
            except TimeoutError:
                continue
        for status, _, problem in (problem_in(answer), problem_in(everything(quiet))):
            assert (status, problem["type"]) == (408, "/problems/bad-request")


@pytest.mark.parametrize(
    "head",
    [
        b"GET / HTTP/1.1\r\nHost: here\r\n" + b"".join(b"X-%d: %s\r\n" % (i, b"x" * 90) for i in range(100_000)),
        b"GET / HTTP/1.1\r\nHost: here\r\nX-One: " + b"x" * 10_000_000,
        b"GET /" + b"x" * 10_000_000,
        b"GET / HTTP/1.1\r\nHost: here\r\nX-One: " + b"x" * 4096 + b"\r\n\r\n",
        b"GET /?" + b"x" * 4096 + b" HTTP/1.1\r\nHost: here\r\n\r\n",
    ],
)
def test_a_head_beyond_the_limit_is_refused_and_its_sender_can_read_why(port: int, head: bytes) -> None:
    with connected(port) as connection:
        connection.sendall(head)
        status, _, problem = problem_in(everything(connection))
    assert (status, problem["type"]) == (431, "/problems/too-large")
    assert problem["errors"][0]["setting"] == "ADELANTE_MAX_HEADER_BYTES"


def test_a_head_within_the_limit_is_served_however_it_is_cut(port: int) -> None:
    head = request(
        "Host: here", "Content-Type: application/json", "X-One: " + "x" * 3800, f"Content-Length: {len(GOOD)}"
    )
    for cut in (1, 100, 3000, len(head) - 1, len(head)):
        with connected(port) as connection:
            connection.sendall(head[:cut])
            connection.sendall(head[cut:] + GOOD)
            assert connection.recv(100).startswith(b"HTTP/1.1 200 ")


LENGTH = f"Content-Length: {len(GOOD)}"
CHUNKED = b"%x\r\n%b\r\n0\r\n\r\n" % (len(GOOD), GOOD)


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        (request(LENGTH, body=GOOD), "Host"),
        (request("Host: one", "Host: two", LENGTH, body=GOOD), "Host"),
        (request("Host: one", "Host: one", LENGTH, body=GOOD), "Host"),
        (request("Host: one", "Transfer-Encoding: gzip, chunked", body=CHUNKED), "gzip, chunked"),
        (request("Host: one", "Transfer-Encoding: gzip", "Transfer-Encoding: chunked", body=CHUNKED), "gzip, chunked"),
        (request("Host: one", "Content-Length: 1", "Content-Length: 2", body=GOOD), "HTTP"),
        (request("Host: one", LENGTH, "Transfer-Encoding: chunked", body=CHUNKED), "HTTP"),
        (b"nothing of the kind\r\n\r\n", "HTTP"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "HTTP"),
    ],
)
def test_what_is_no_request_gets_a_problem_document(port: int, sent: bytes, words: str) -> None:
    with connected(port) as connection:
        connection.sendall(sent)
        status, headers, problem = problem_in(everything(connection))
    assert (status, problem["type"], problem["status"]) == (400, "/problems/bad-request", 400)
    assert words in problem["detail"]
    assert headers["content-language"] == "en"


def test_it_speaks_the_senders_language_and_keeps_its_name(port: int) -> None:
    with connected(port) as connection:
        connection.sendall(request("Accept-Language: es", "X-Request-ID: mine"))
        _, headers, problem = problem_in(everything(connection))
    assert (headers["content-language"], headers["x-request-id"]) == ("es", "mine")
    assert problem["instance"] == "/api/v1/forward"


def test_http_1_0_needs_no_host(port: int) -> None:
    with connected(port) as connection:
        connection.sendall(request("Content-Type: application/json", LENGTH, body=GOOD, version="1.0"))
        assert everything(connection).startswith(b"HTTP/1.1 200 ")


def test_an_earlier_request_is_answered_before_the_connection_is_closed_on_what_follows(port: int) -> None:
    good = request("Host: here", "Content-Type: application/json", LENGTH, body=GOOD)
    with connected(port) as connection:
        connection.sendall(good + b"nothing of the kind\r\n\r\n")
        answer = everything(connection)
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert answer.count(b"HTTP/1.1 ") == 1


@pytest.mark.parametrize("path", ["/api/v1/forward", "/api/v1/networks", "/v2/models/xor/infer"])
def test_who_sends_a_body_beyond_the_limit_in_one_go_reads_the_answer(port: int, path: str) -> None:
    asked = urllib.request.Request(
        f"http://127.0.0.1:{port}{path}", bytes(40_000_000), {"Content-Type": "application/json"}
    )
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(asked, timeout=PATIENCE)
    assert refused.value.code == 413
    assert json.loads(refused.value.read())["type"] == "/problems/too-large"


def test_a_chunked_body_beyond_the_limit_too(port: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    headers = {"Content-Type": "application/json"}
    connection.request("POST", "/api/v1/networks", iter([bytes(100_000)] * 200), headers, encode_chunked=True)
    assert connection.getresponse().status == 413


def test_no_more_is_thrown_away_than_the_limit_says() -> None:
    with serving(max_body_bytes=2**16, max_drained_bytes=2**20) as port, connected(port) as connection:
        head = request("Host: here", "Content-Type: application/json", "Content-Length: 1000000000")
        connection.sendall(head)
        sent = 0
        with suppress(OSError):
            for _ in range(1000):
                connection.sendall(bytes(2**20))
                sent += 2**20
        # What the sockets of both sides hold comes on top.
        assert sent < 2**26


def test_a_request_that_was_answered_early_is_not_waited_for(port: int) -> None:
    with connected(port) as connection:
        connection.sendall(b"POST /nothing HTTP/1.1\r\nHost: here\r\nContent-Length: 100\r\n\r\nhalf")
        answer = b""
        while not answer.endswith(b"}"):
            answer += connection.recv(65536)
        assert answer.startswith(b"HTTP/1.1 4")
        connection.sendall(b"more")
        assert everything(connection) == b""


def test_connections_without_a_request_give_way() -> None:
    with serving(max_connections=5) as port:
        silent = [connected(port) for _ in range(20)]
        for connection in silent[10:]:
            connection.sendall(b"GET / HTTP/1.1\r\n")
        with connected(port) as connection:
            connection.sendall(request("Host: here", "Content-Type: application/json", LENGTH, body=GOOD))
            assert connection.recv(100).startswith(b"HTTP/1.1 200 ")
        for connection in silent:
            connection.close()


def test_connections_that_are_all_at_work_do_not_give_way() -> None:
    with serving(max_connections=3) as port:
        busy = [connected(port) for _ in range(3)]
        for connection in busy:
            kind = "Content-Type: application/json"
            connection.sendall(request("Host: here", kind, "Expect: 100-continue", "Content-Length: 100"))
            assert connection.recv(100).startswith(b"HTTP/1.1 100 ")
        with connected(port) as connection:
            connection.sendall(request("Host: here", "Content-Length: 100", body=bytes(100)))
            status, headers, problem = problem_in(everything(connection))
        assert (status, problem["type"], headers["retry-after"]) == (503, "/problems/busy", "1")
        for connection in busy:
            connection.close()


def test_half_a_body_does_not_hold_up_the_end() -> None:
    with serving() as port:
        half = connected(port)
        half.sendall(request("Host: here", "Content-Type: application/json", "Content-Length: 100", body=b"half"))
        head = connected(port)
        head.sendall(b"GET / HTTP/1.1\r\n")
    with half, head:
        assert everything(half) == b""
        assert everything(head) == b""


def test_a_connection_that_was_answered_is_kept_for_as_long_as_uvicorn_is_told_and_no_longer() -> None:
    good = request("Host: here", "Content-Type: application/json", LENGTH, body=GOOD)
    with serving(header_timeout_seconds=PATIENCE, keep_alive_seconds=1) as port, connected(port) as connection:
        for _ in range(2):
            connection.sendall(good)
            assert answered(connection).startswith(b"HTTP/1.1 200 ")
        assert everything(connection) == b""


def test_a_connection_that_was_answered_outlives_the_limit_on_heads() -> None:
    good = request("Host: here", "Content-Type: application/json", LENGTH, body=GOOD)
    with serving(header_timeout_seconds=0.3, keep_alive_seconds=60) as port, connected(port) as connection:
        connection.sendall(good)
        assert answered(connection).startswith(b"HTTP/1.1 200 ")
        # A connection that says nothing is closed after the limit on heads, and says how long that is.
        with connected(port) as clock:
            assert everything(clock) == b""
        connection.sendall(good)
        assert answered(connection).startswith(b"HTTP/1.1 200 ")


def test_a_process_may_open_as_many_files_as_the_system_lets_it(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text("""if True:
        import resource
        from app.api.http.connections import Connections, files_for
        from app.settings import Settings
        hard = min(resource.getrlimit(resource.RLIMIT_NOFILE)[1], 2000)
        resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
        first = Connections(Settings(max_connections=500))._most, resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        print(*first, files_for(10), Connections(Settings())._most, files_for(9000) == hard)""")
    assert warm.printed(program).split() == ["500", "564", "564", "1936", "True"]
