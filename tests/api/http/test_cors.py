"""Pages of other origins: closed, until the one setting names them."""

from collections.abc import Iterator

import pytest
import requests
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from app.keys import key_line, new_key
from app.main import create_app
from app.settings import Settings
from tests import notebook
from tests.server import Server

LMS = "https://lms.example"
PREFLIGHT = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type,x-request-id"}


@pytest.fixture(scope="module")
def opened() -> Iterator[TestClient]:
    settings = Settings(allowed_origins=(LMS, "null"))
    with TestClient(create_app(settings), base_url="http://nn.example") as client:
        yield client


def cors(answer: object) -> dict[str, str]:
    return {
        name: value
        for name, value in answer.headers.items()  # type: ignore[attr-defined]
        if name.startswith("access-control")
    }


def test_closed_by_default(client: TestClient) -> None:
    for headers in ({"Origin": LMS}, {"Origin": LMS, **PREFLIGHT}):
        assert cors(client.get("/api/v1/presets", headers=headers)) == {}
        preflight = client.options("/api/v1/forward", headers=headers)
        assert (preflight.status_code, cors(preflight)) == (405, {})


@pytest.mark.parametrize("origin", [LMS, "null"])
def test_a_named_origin_may_ask_and_read(opened: TestClient, origin: str) -> None:
    allowed = opened.options("/api/v1/forward", headers={"Origin": origin, **PREFLIGHT})
    assert allowed.status_code == 200
    assert allowed.headers["Access-Control-Allow-Origin"] == origin
    assert "POST" in allowed.headers["Access-Control-Allow-Methods"]
    assert allowed.headers["Access-Control-Allow-Headers"] == "content-type,x-request-id"
    answer = opened.post("/api/v1/forward", json=notebook.MULTILAYER, headers={"Origin": origin})
    assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (200, origin)
    assert "Origin" in answer.headers["Vary"]
    exposed = answer.headers["Access-Control-Expose-Headers"]
    assert {"Location", "Retry-After", "X-Request-ID", "Server-Timing"} <= {each.strip() for each in exposed.split(",")}
    assert "Access-Control-Allow-Credentials" not in answer.headers
    refused = opened.post("/api/v1/forward", json={}, headers={"Origin": origin})
    assert (refused.status_code, refused.headers["Access-Control-Allow-Origin"]) == (422, origin)
    for method in ("GET", "HEAD"):
        read = opened.request(method, "/api/v1/presets", headers={"Origin": origin})
        assert read.headers["Access-Control-Allow-Origin"] == origin


def test_a_preflight_needs_no_key_though_the_request_does() -> None:
    settings = Settings(allowed_origins=(LMS,), api_keys=(key_line("carol", new_key()),), keys_for="everything")
    with TestClient(create_app(settings)) as closed:
        allowed = closed.options("/api/v1/forward", headers={"Origin": LMS, **PREFLIGHT})
        assert allowed.status_code == 200
        refused = closed.post("/api/v1/forward", json=notebook.MULTILAYER, headers={"Origin": LMS})
        assert (refused.status_code, refused.headers["Access-Control-Allow-Origin"]) == (401, LMS)


def test_others_may_not(opened: TestClient) -> None:
    evil = {"Origin": "https://evil.example"}
    preflight = opened.options("/api/v1/forward", headers={**evil, **PREFLIGHT})
    assert preflight.status_code == 400
    assert "Access-Control-Allow-Origin" not in preflight.headers
    refused = opened.post("/api/v1/forward", json=notebook.MULTILAYER, headers=evil)
    assert refused.status_code == 403
    assert "Access-Control-Allow-Origin" not in refused.headers


def test_caches_keep_what_pages_may_read_apart(opened: TestClient) -> None:
    assert "Origin" in opened.get("/api/v1/presets").headers["Vary"]


def test_the_socket_follows_the_same_setting(opened: TestClient, client: TestClient) -> None:
    with opened.websocket_connect("/api/v1/live", headers={"Origin": LMS}) as live:
        live.send_json({"op": "open", "seq": 1, "network": "xor", "inputs": [1, 0]})
        assert live.receive_json()["op"] == "opened"
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/api/v1/live", headers={"Origin": LMS}):
        pass


def test_the_quick_way_answers_alike() -> None:
    server = Server.warm(ADELANTE_ALLOWED_ORIGINS=LMS)
    server.start()
    try:
        for origin, expected in ((LMS, LMS), (server.url, None), (None, None)):
            headers = {} if origin is None else {"Origin": origin}
            answer = requests.post(f"{server.url}/api/v1/forward", json=notebook.MULTILAYER, headers=headers)
            assert (answer.status_code, answer.headers.get("Access-Control-Allow-Origin")) == (200, expected)
    finally:
        server.stop()
