"""API keys and rates: nothing goes around them, whatever the setting, the entrance or the spelling of the address."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.testclient import TestClient, WebSocketDenialResponse
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from app.api.http.asking import Asked, asked
from app.api.http.front import Application
from app.keys import KeyRing, is_key_name, key_line, new_key
from app.main import create_app
from app.settings import SettingFault, Settings
from tests.long import long
from tests.server import Server

# The same in every process of the tests: they stand in the names of some.
KEY, OTHER = (f"adelante_{letter * 43}" for letter in "ab")
LINE = key_line("carol", KEY)
FORWARD: dict[str, Any] = {"network": "xor", "inputs": [0, 1]}
LAYERS = {"layers": [{"weights": [[1.0]]}]}
BEARER = {"Authorization": f"Bearer {KEY}"}
# What each setting leaves open, written out by hand: what is open by mistake is missing here.
OPEN_PAGES = {
    ("GET", path)
    for path in (
        "/",
        "/embed",
        "/{language}",
        "/{language}/",
        "/{language}/embed",
        "/problems/{type}",
        "/api/docs",
        "/api/v1/openapi.json",
        "/static/{path}",
        "/v2/health/live",
        "/v2/health/ready",
        *(
            f"/{lang}/{name}"
            for lang, names in {
                "en": ("lessons", "lessons/{slug}", "tensor-lab", "teachers", "class"),
                "es": ("lecciones", "lecciones/{slug}", "laboratorio-de-tensores", "docentes", "clase"),
            }.items()
            for name in names
        ),
    )
}
PASSES = {
    *(
        ("POST", f"/api/v1/{name}")
        for name in ("forward", "loss", "explain", "sweep", "grid", "random", "code", "diagram")
    ),
    ("POST", "/api/v1/tensors"),
    ("POST", "/v2/models/{name}/infer"),
    ("POST", "/v2/models/{name}/versions/{version}/infer"),
    ("POST", "/v2/repository/index"),
    ("POST", "/api/v1/datasets/digits/pictures"),
    ("POST", "/en/exercises/{name}"),
    ("POST", "/es/exercises/{name}"),
}


def routes_of(app: Application) -> list[tuple[str, str]]:
    """Every method and path of the application, and of what answers before its router; a socket as WS."""
    found: list[tuple[str, str]] = list(app.direct)

    def walk(routes: list[object]) -> None:
        for route in routes:
            if isinstance(route, Mount):
                found.append(("GET", f"{route.path}/{{path}}"))
            elif isinstance(route, WebSocketRoute) or type(route).__name__ == "APIWebSocketRoute":
                found.append(("WS", route.path))  # type: ignore[attr-defined]
            elif isinstance(route, Route):
                found.extend((method, route.path) for method in (route.methods or ()) if method != "HEAD")
            else:
                walk(route.original_router.routes)  # type: ignore[attr-defined]

    walk(list(app.routes))
    return sorted(set(found))


ALL = routes_of(create_app(Settings()))


def needing(keys_for: str) -> set[tuple[str, str]]:
    """What needs a key by hand's reckoning."""
    # Giving up a file of one's own on its way is part of sending it.
    given_up = {("DELETE", "/api/v1/uploads/{id}")}
    deletes = {each for each in ALL if each[0] == "DELETE"} - given_up
    kept = {each for each in ALL if each[0] in ("POST", "PUT", "PATCH") and each not in PASSES} | given_up
    everything = set(ALL) - OPEN_PAGES
    return {"none": set(), "deletes": deletes, "writes": deletes | kept, "everything": everything}[keys_for]


def filled(path: str) -> str:
    path = re.sub(r"\{size:int\}", "100", path)
    path = path.replace("{language}", "es").replace("{version}", "1")
    return re.sub(r"\{[^}]*\}", "xor", path)


@contextmanager
def served(**settings: object) -> Iterator[TestClient]:
    with TestClient(create_app(Settings(**settings)), raise_server_exceptions=False) as client:  # type: ignore[arg-type]
        yield client


@pytest.fixture(scope="module")
def closed() -> Iterator[TestClient]:
    """A server that asks for a key for everything; nothing is kept there by those who have none."""
    with served(api_keys=(LINE,), keys_for="everything") as client:
        yield client


def test_the_lists_by_hand_name_what_there_is() -> None:
    assert len(ALL) > 40
    assert set(ALL) >= OPEN_PAGES | PASSES
    assert {each[0] for each in ALL} == {"GET", "POST", "PATCH", "DELETE", "WS"}
    assert {path for method, path in needing("writes") if method == "POST"} == {
        "/api/v1/networks",
        "/api/v1/networks/{id}/changes",
    }


@pytest.mark.parametrize("keys_for", [long("none"), long("deletes"), "writes", "everything"])
def test_every_route_asks_for_a_key_where_it_should(keys_for: str) -> None:
    needed = needing(keys_for)
    with served(api_keys=(LINE,), keys_for=keys_for) as client:
        for method, path in ALL:
            address = filled(path)
            if method == "WS":
                assert refuses_socket(client, address) is ((method, path) in needed)
                continue
            for each in (address, address.rstrip("/") + "/"):
                status = client.request(method, each, follow_redirects=False).status_code
                assert (status == 401) is ((method, path) in needed), (method, each, status)
                with_key = client.request(method, each, headers=BEARER, follow_redirects=False).status_code
                assert with_key != 401, (method, each)


def refuses_socket(client: TestClient, address: str) -> bool:
    try:
        with client.websocket_connect(address):
            return False
    except WebSocketDenialResponse as refusal:
        return refusal.status_code == 401


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/%6eetworks",
        "//api/v1/networks",
        "/api/v1//networks",
        "/api/v1/networks/",
        "/static/../api/v1/networks",
        "/es/../api/v1/networks",
        "/v2/models/a%2Finfer",
        "/api/v1/networks%2f" + "0" * 64,
        "/api/v1/networks/%0a",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "PUT", "HEAD", "PROPFIND"])
def test_no_spelling_of_an_address_goes_around(closed: TestClient, method: str, path: str) -> None:
    answer = closed.request(method, path, json=LAYERS if method == "POST" else None)
    assert answer.status_code in (401, 404, 405)
    if answer.status_code == 404:
        assert method in ("GET", "HEAD")
        assert "xor" not in answer.text


def test_a_root_path_hides_nothing() -> None:
    with served(api_keys=(LINE,), keys_for="writes", root_path="/nn") as client:
        for path in ("/nn/api/v1/networks", "/api/v1/networks"):
            assert client.post(path, json=LAYERS).status_code == 401
            assert client.post(path, json=LAYERS, headers=BEARER).status_code in (200, 201)
        assert client.post("/nn/api/v1/forward", json=FORWARD).status_code == 200


@pytest.mark.parametrize("language", ["es", "en"])
def test_who_has_no_key_is_told_what_to_do(closed: TestClient, language: str) -> None:
    refused = closed.post("/v2/models/xor/infer", json={}, headers={"Accept-Language": language})
    assert refused.headers["www-authenticate"] == 'Bearer realm="Adelante"'
    document = refused.json()
    assert (document["type"], document["status"]) == ("/problems/key-needed", 401)
    assert "Authorization: Bearer" in document["error"] == document["detail"]
    wrong = closed.get("/api/v1/device", headers={"Authorization": f"Bearer {OTHER}"})
    assert wrong.headers["www-authenticate"] == 'Bearer realm="Adelante", error="invalid_token"'
    assert closed.get("/problems/key-needed", headers={"Accept-Language": language}).status_code == 200


@pytest.mark.parametrize(
    "given",
    [
        "",
        "Bearer",
        "Bearer ",
        f"Basic {KEY}",
        f"Bearer {KEY}x",
        f"Bearer {KEY[:-1]}",
        f"Bearer {LINE}",
        "Bearer " + "k" * 5000,
    ],
)
def test_what_is_no_key_opens_nothing(closed: TestClient, given: str) -> None:
    assert closed.get("/api/v1/device", headers={"Authorization": given}).status_code == 401
    assert closed.get("/api/v1/device", headers={"Authorization": f"bearer  {KEY}"}).status_code == 200


def test_a_preflight_has_no_key_with_it() -> None:
    with served(api_keys=(LINE,), keys_for="everything", allowed_origins=("https://lms.example",)) as client:
        asking = {
            "Origin": "https://lms.example",
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization",
        }
        allowed = client.options("/api/v1/forward", headers=asking)
        assert (allowed.status_code, allowed.headers["access-control-allow-origin"]) == (200, "https://lms.example")
        assert "authorization" in allowed.headers["access-control-allow-headers"].lower()
        refused = client.post("/api/v1/forward", json=FORWARD, headers={"Origin": "https://lms.example"})
        assert refused.status_code == 401
        assert "WWW-Authenticate" in refused.headers["access-control-expose-headers"]
        assert refused.headers["access-control-allow-origin"] == "https://lms.example"


def test_no_shared_cache_keeps_what_a_key_opened() -> None:
    with served(api_keys=(LINE,), keys_for="everything") as client:
        id = client.post("/api/v1/networks", json=LAYERS, headers=BEARER).json()["id"]
        kept = client.get(f"/api/v1/networks/{id}", headers=BEARER)
        assert kept.headers["cache-control"] == "private, max-age=31536000, immutable"
    with served() as client:
        client.post("/api/v1/networks", json=LAYERS)
        assert client.get(f"/api/v1/networks/{id}").headers["cache-control"].startswith("public")


def test_keys_of_a_file_come_and_go_without_a_new_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.api.http.guard._LOOK_SECONDS", 0.0)
    file = tmp_path / "keys"
    file.write_text(f"# the class of 7B\n\n{LINE}\n")
    with served(api_keys_file=str(file), keys_for="everything") as client:
        assert client.get("/api/v1/device", headers=BEARER).status_code == 200
        file.write_text(key_line("dora", OTHER))
        assert client.get("/api/v1/device", headers=BEARER).status_code == 401
        assert client.get("/api/v1/device", headers={"Authorization": f"Bearer {OTHER}"}).status_code == 200
        file.write_text("what is this\n")
        assert client.get("/api/v1/device", headers={"Authorization": f"Bearer {OTHER}"}).status_code == 200
        file.write_text("")
        assert client.get("/api/v1/device", headers={"Authorization": f"Bearer {OTHER}"}).status_code == 401
        assert client.get("/api/v1/device").status_code == 401


@pytest.mark.parametrize("language", ["es", "en"])
@pytest.mark.parametrize("text", [None, "", "no line\n", f"{LINE}\ncarol:12\n", b"\xff\xfe"])
def test_a_file_that_holds_no_keys_ends_the_start(tmp_path: Path, text: str | bytes | None, language: str) -> None:
    file = tmp_path / "keys"
    if text is not None:
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(SettingFault) as caught:
        create_app(Settings(api_keys_file=str(file)))
    assert "ADELANTE_" in caught.value.sentence(language)


def test_asking_for_keys_that_are_not_there_ends_the_start() -> None:
    with pytest.raises(SettingFault) as caught:
        create_app(Settings(keys_for="everything"))
    assert caught.value.variable == "ADELANTE_KEYS_FOR"
    assert create_app(Settings(keys_for="none")).guard is None


def test_a_key_can_not_be_had_from_its_line() -> None:
    assert KEY not in LINE
    assert len(KEY) == 52
    assert len({new_key() for _ in range(1000)}) == 1000
    ring = KeyRing((LINE, key_line("dora", OTHER)))
    assert [ring.name_of(key.encode()) for key in (KEY, OTHER, KEY + "x", "", "é")] == [
        "carol",
        "dora",
        None,
        None,
        None,
    ]
    assert [is_key_name(name) for name in ("carol", "7B.a-b_c", "", "-a", "a:b", "a b", "a" * 65)] == [True, True] + [
        False
    ] * 5


def test_a_route_that_is_forgotten_counts_as_the_most_that_it_can_be() -> None:
    assert asked("POST", "/api/v1/new") is Asked.WRITE
    assert asked("PUT", "/api/v1/forward") is Asked.WRITE
    assert asked("GET", "/api/v1/new") is Asked.PASS
    assert asked("DELETE", "/en/") is Asked.DELETION


@pytest.fixture(scope="module")
def keyed() -> Iterator[str]:
    server = Server.warm(ADELANTE_API_KEYS=LINE, ADELANTE_KEYS_FOR="everything")
    server.start()
    yield server.url
    server.stop()


def test_the_quick_way_is_no_way_around(keyed: str) -> None:
    """`adelante serve` answers small passes before the application sees them."""
    with requests.Session() as session:
        for headers, status in (({}, 401), ({"Authorization": f"Bearer {OTHER}"}, 401), (BEARER, 200), ({}, 401)):
            for _ in range(3):
                assert session.post(f"{keyed}/api/v1/forward", json=FORWARD, headers=headers).status_code == status


def test_the_live_socket_takes_a_key_as_header_or_subprotocol(keyed: str) -> None:
    address = keyed.replace("http", "ws") + "/api/v1/live"
    for given in (None, ["adelante"], ["adelante", f"adelante.key.{OTHER}"]):
        with pytest.raises(InvalidStatus) as caught:
            connect(address, subprotocols=given)  # type: ignore[arg-type]
        assert caught.value.response.status_code == 401
    with connect(address, additional_headers=BEARER) as socket:
        assert socket.subprotocol is None
    with connect(address, subprotocols=["adelante", f"adelante.key.{KEY}"]) as socket:  # type: ignore[list-item]
        assert socket.subprotocol == "adelante"
        assert KEY not in str(socket.response.headers)  # type: ignore[union-attr]
