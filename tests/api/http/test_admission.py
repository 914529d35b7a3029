"""Whose pages may write and open the socket, and by which names the server is called."""

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient, WebSocketDenialResponse

from app.api.http.admission import Admission
from app.main import create_app
from app.settings import Settings
from tests import notebook

LAYERS = {"layers": notebook.MULTILAYER["layers"]}
HERE = ("127.0.0.1", 8000)
ELSEWHERE = ("192.168.1.5", 8000)


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    settings = Settings(allowed_origins=("https://lms.example/",))
    with TestClient(create_app(settings), base_url="http://nn.example:8000", client=("::1", 5)) as client:
        yield client


def answer_to(headers: dict[str, str], method: str = "POST", server: tuple[str, int] = HERE, **settings: Any) -> str:
    """The type of the problem that a request's headers meet; "" for none."""
    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    scope = {"method": method, "headers": raw, "server": server, "http_version": "1.1"}
    problem = Admission(Settings(**settings)).refusal(scope, dict(raw))
    return "" if problem is None else problem.type


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("http://127.0.0.1:8000", "127.0.0.1:8000"),
        ("https://nn.school.example", "nn.school.example"),
        ("https://nn.school.example", "nn.school.example:443"),
        ("https://nn.school.example", "NN.School.Example:80"),
        ("https://nn.school.example:443", "nn.school.example"),
        ("http://[::1]:8000", "[::1]:8000"),
        ("https://lms.example", "127.0.0.1:8000"),
        ("HTTPS://LMS.example:443", "127.0.0.1:8000"),
    ],
)
def test_pages_of_this_server_and_of_allowed_origins_may_write(origin: str, host: str) -> None:
    assert answer_to({"Host": host, "Origin": origin}, allowed_origins=("https://lms.example",)) == ""


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil",
        "https://127.0.0.1:8001",
        "http://localhost:3000",
        "null",
        "http://[",
        "",
        "file://",
        "127.0.0.1:8000",
    ],
)
def test_pages_of_other_origins_may_not_write_but_read(origin: str) -> None:
    asked = {"Host": "127.0.0.1:8000", "Origin": origin}
    for method in ("POST", "DELETE", "PUT"):
        assert answer_to(asked, method) == "origin-not-allowed"
    assert answer_to(asked, "GET") == ""


def test_the_browser_knows_best_whose_page_it_is() -> None:
    asked = {"Host": "upstream:8000", "Origin": "https://nn.example"}
    assert answer_to(asked, server=ELSEWHERE) == "origin-not-allowed"
    assert answer_to({**asked, "Sec-Fetch-Site": "same-origin"}, server=ELSEWHERE) == ""
    for site in ("cross-site", "same-site"):
        own = {"Host": "nn.example", "Origin": "https://nn.example", "Sec-Fetch-Site": site}
        assert answer_to(own, server=ELSEWHERE) == "origin-not-allowed"
        assert answer_to({"Host": "nn.example", "Sec-Fetch-Site": site}, server=ELSEWHERE) == "origin-not-allowed"
        assert answer_to(own, server=ELSEWHERE, allowed_origins=("https://nn.example",)) == ""


def test_a_proxy_may_pass_the_browsers_host_beside_its_own() -> None:
    asked = {"Host": "127.0.0.1:8000", "Origin": "https://nn.example", "X-Forwarded-Host": "other, nn.example:443"}
    assert answer_to(asked) == ""
    assert answer_to({**asked, "Origin": "https://evil.example"}) == "origin-not-allowed"


def test_programs_say_no_origin() -> None:
    assert answer_to({"Host": "127.0.0.1:8000"}) == ""


@pytest.mark.parametrize(
    "host", ["localhost", "app.localhost:9", "127.0.0.1:8000", "[::1]:8000", "10.0.0.7", "adelante:8000"]
)
def test_a_loopback_server_answers_to_names_that_no_website_has(host: str) -> None:
    for method in ("GET", "POST"):
        assert answer_to({"Host": host}, method) == ""


@pytest.mark.parametrize("origin", [{}, {"Origin": "http://evil.example:8000"}])
@pytest.mark.parametrize("forwarded", [{}, {"X-Forwarded-For": "1.2.3.4", "X-Forwarded-Proto": "https"}])
def test_a_website_that_points_its_name_here_gets_nothing(origin: dict[str, str], forwarded: dict[str, str]) -> None:
    for method in ("GET", "POST", "DELETE"):
        assert answer_to({"Host": "evil.example:8000", **origin, **forwarded}, method) == "unknown-host"
    assert answer_to({"Host": "evil.example", **origin}) == "unknown-host"
    assert answer_to({"Host": "evil", "Origin": "http://evil"}) == "unknown-host"


def test_a_reverse_proxy_on_the_same_machine_is_served() -> None:
    for headers in (
        {"Host": "nn.example", "X-Forwarded-For": "1.2.3.4", "Origin": "http://nn.example"},
        {"Host": "nn.example:8080", "X-Real-IP": "1.2.3.4"},
        {"Host": "nn.example", "Origin": "https://nn.example"},
    ):
        assert answer_to(headers) == ""
    assert answer_to({"Host": "nn.example"}) == "unknown-host"
    assert answer_to({"Host": "nn.example"}, allowed_hosts=("nn.example",)) == ""


def test_where_it_listens_to_others_any_name_is_served_unless_names_are_given() -> None:
    assert answer_to({"Host": "nn.example:8000"}, host="0.0.0.0") == ""
    assert answer_to({"Host": "nn.example:8000"}, server=ELSEWHERE) == ""
    given: dict[str, Any] = {"host": "0.0.0.0", "allowed_hosts": ("https://nn.example/", "*.school.example")}
    for host, problem in (
        ("nn.example:8000", ""),
        ("NN.example.", ""),
        ("a.b.school.example", ""),
        ("school.example", "unknown-host"),
        ("other.example", "unknown-host"),
        ("10.1.2.3:8000", ""),
        ("localhost", ""),
    ):
        assert answer_to({"Host": host}, "GET", **given) == problem
    assert answer_to({"Host": "other.example"}, allowed_hosts=("*",)) == ""


def test_what_was_admitted_elsewhere_is_not_admitted_here() -> None:
    admission = Admission(Settings())
    raw = [(b"host", b"evil.example:8000")]
    asked = {"method": "GET", "headers": raw, "http_version": "1.1"}
    assert admission.refusal({**asked, "server": ELSEWHERE}, dict(raw)) is None
    assert admission.refusal({**asked, "server": HERE}, dict(raw)) is not None
    assert not admission.is_plain("GET", dict(raw))


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [(b"host", b"localhost"), (b"host", b"localhost")],
        [(b"host", b"a b")],
        [(b"host", b'x";rm')],
        [(b"host", b"\xff")],
        [(b"host", b"x:99999")],
        [(b"host", b"[::1")],
    ],
)
def test_a_request_names_one_host(headers: list[tuple[bytes, bytes]]) -> None:
    scope = {"method": "GET", "headers": headers, "server": HERE, "http_version": "1.1"}
    problem = Admission(Settings()).refusal(scope, dict(headers))
    assert problem is not None
    assert problem.type == "bad-request"


def test_the_problem_says_origin_host_and_setting(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    asked = {"Origin": "http://evil.example", "Accept-Language": "es"}
    with caplog.at_level(logging.WARNING, "uvicorn.error"):
        answers = [client.post("/api/v1/networks", json=LAYERS, headers=asked) for _ in range(3)]
    for answer in answers:
        error = answer.json()["errors"][0]
        assert (answer.status_code, answer.json()["type"]) == (403, "/problems/origin-not-allowed")
        assert (error["got"], error["expected"]) == ("http://evil.example", "nn.example:8000")
        assert error["setting"] == "ADELANTE_ALLOWED_ORIGINS"
        assert "ADELANTE_ALLOWED_ORIGINS" in answer.json()["detail"]
        assert "páginas" in answer.json()["detail"]
    (line,) = (record.getMessage() for record in caplog.records)
    assert "http://evil.example" in line
    assert "ADELANTE_ALLOWED_ORIGINS" in line


def test_a_refused_handshake_gets_the_problem_and_the_page_can_ask_for_it(client: TestClient) -> None:
    origin = "https://nn.school.example"
    with (
        pytest.raises(WebSocketDenialResponse) as caught,
        client.websocket_connect("/api/v1/live", headers={"Origin": origin, "Host": "nn.example:8000"}),
    ):
        raise AssertionError
    assert caught.value.status_code == 403
    asked = client.get("/api/v1/live", params={"origin": origin})
    assert caught.value.json() == asked.json()
    assert asked.json()["errors"][0]["setting"] == "ADELANTE_ALLOWED_ORIGINS"
    for taken in ("https://lms.example", "http://nn.example:8000"):
        healthy = client.get("/api/v1/live", params={"origin": taken})
        assert (healthy.status_code, healthy.headers["upgrade"]) == (426, "websocket")
        assert healthy.json()["type"] == "/problems/upgrade-required"
        with client.websocket_connect("/api/v1/live", headers={"Origin": taken, "Host": "nn.example:8000"}):
            pass


def test_too_many_sessions_are_told_in_the_same_way() -> None:
    with TestClient(create_app(Settings(live_max_sessions=1))) as client, client.websocket_connect("/api/v1/live"):
        with pytest.raises(WebSocketDenialResponse) as caught, client.websocket_connect("/api/v1/live"):
            raise AssertionError
        asked = client.get("/api/v1/live")
        assert (caught.value.status_code, asked.status_code) == (503, 503)
        assert caught.value.json() == asked.json()
        assert asked.json()["errors"][0]["setting"] == "ADELANTE_LIVE_MAX_SESSIONS"
        assert asked.headers["retry-after"]


@pytest.mark.parametrize(
    "path", ["/api/v1/forward", "/api/v1/code", "/api/v1/diagram", "/api/v1/explain", "/api/v1/tensors"]
)
def test_a_body_without_a_type_is_not_taken_for_json(client: TestClient, path: str) -> None:
    answer = client.post(path, content=b'{"layers":[{"weights":[[1]]}],"inputs":[1]}')
    assert (answer.status_code, answer.json()["type"]) == (415, "/problems/unsupported-media-type")
    assert "Content-Type: application/json" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("kind", "status"),
    [("application/json", 200), ("text/plain", 415), ("application/x-www-form-urlencoded", 415), (None, 200)],
)
def test_the_open_inference_routes_ask_for_the_type_too(client: TestClient, kind: str | None, status: int) -> None:
    # Triton's own client says none.
    body = b'{"inputs":[{"name":"inputs","shape":[1,2],"datatype":"FP32","data":[1,0]}]}'
    headers = {} if kind is None else {"Content-Type": kind}
    assert client.post("/v2/models/xor/infer", content=body, headers=headers).status_code == status
    crossed = client.post("/v2/models/xor/infer", content=body, headers={**headers, "Origin": "http://evil"})
    assert crossed.status_code == 403


@pytest.mark.parametrize(
    ("headers", "address"),
    [
        ({}, "http://nn.example:8000"),
        ({"Origin": "https://nn.example", "Host": "upstream", "Sec-Fetch-Site": "same-origin"}, "https://nn.example"),
        ({"Origin": "https://nn.example", "Host": "nn.example:443"}, "https://nn.example"),
        ({"X-Forwarded-Proto": "https", "Host": "nn.example"}, "https://nn.example"),
        ({"X-Forwarded-Proto": "https", "X-Forwarded-Host": "a.example, b", "Host": "x"}, "https://a.example"),
        ({"X-Forwarded-Proto": "gopher", "X-Forwarded-Host": "a'b"}, "http://nn.example:8000"),
    ],
)
def test_generated_curl_names_the_address_that_the_client_asked(
    client: TestClient, headers: dict[str, str], address: str
) -> None:
    body = {"network": "xor", "inputs": [1, 0], "language": "curl"}
    source = client.post("/api/v1/code", json=body, headers=headers).json()["source"]
    assert f" {address}/api/v1/forward " in source
