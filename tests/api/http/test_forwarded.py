"""What reverse proxies say, from those that are trusted and from others."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from app.api.http.forwarded import Forwarded
from app.main import create_app
from app.settings import SettingFault, Settings, settings_from_environment

PROXY = ("10.0.0.7", 40000)
TOLD = {
    "X-Forwarded-For": "203.0.113.9, 10.0.0.8",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "school.example",
    "X-Forwarded-Prefix": "/adelante",
}


def seen(
    headers: dict[str, str], client: tuple[str, int] | None = PROXY, path: str = "/en/", **settings: Any
) -> dict[str, Any]:
    given = {"trusted_proxies": ("10.0.0.0/8",), **settings}
    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "scheme": "http", "client": client, "path": path, "root_path": "", "headers": raw}
    return dict(Forwarded(Settings(**given)).seen(scope))


def test_a_trusted_proxy_says_who_asks_over_what_and_under_which_path() -> None:
    scope = seen(TOLD)
    assert (scope["scheme"], scope["client"]) == ("https", ("203.0.113.9", 0))
    assert (scope["root_path"], scope["path"]) == ("/adelante", "/adelante/en/")
    assert (b"x-forwarded-host", b"school.example") in scope["headers"]


@pytest.mark.parametrize("client", [("203.0.113.1", 40000), ("127.0.0.1", 40000), None])
def test_others_are_not_heard(client: tuple[str, int] | None) -> None:
    scope = seen({**TOLD, "Host": "here"}, client)
    assert (scope["scheme"], scope["client"], scope["root_path"], scope["path"]) == ("http", client, "", "/en/")
    assert scope["headers"] == [(b"host", b"here")]


@pytest.mark.parametrize(
    ("trusted", "client"),
    [
        (("127.0.0.1", "::1"), ("127.0.0.1", 1)),
        (("127.0.0.1", "::1"), ("::1", 1)),
        (("*",), ("203.0.113.1", 1)),
        (("10.0.0.1", "*"), ("203.0.113.1", 1)),
        (("*",), None),
        (("fd00::/8",), ("fd00::5", 1)),
        # uvicorn's own middleware has believed a proxy before, and put its client here.
        (("127.0.0.1",), ("203.0.113.9", 0)),
    ],
)
def test_who_is_trusted(trusted: tuple[str, ...], client: tuple[str, int] | None) -> None:
    assert seen(TOLD, client, trusted_proxies=trusted)["root_path"] == "/adelante"


def test_the_setting_names_the_path_before_any_proxy_does() -> None:
    scope = seen({**TOLD, "X-Forwarded-Prefix": "/other"}, root_path="/mine")
    assert (scope["root_path"], scope["path"]) == ("/mine", "/mine/en/")
    assert seen({}, root_path="/mine", path="/mine/en/")["path"] == "/mine/en/"


@pytest.mark.parametrize(
    ("prefix", "root"),
    [
        ("/a, /b/", "/a/b"),
        ("/user/mar%C3%ADa", "/user/maría"),
        ("/", ""),
        ("", ""),
        ("//evil.example", ""),
        ("https://evil.example", ""),
        ('/"><script>', '/"><script>'),
        ("/api", ""),
    ],
)
def test_prefixes_that_are_no_path_count_for_nothing(prefix: str, root: str) -> None:
    assert seen({"X-Forwarded-Prefix": prefix})["root_path"] == root


def test_a_prefix_ends_no_attribute() -> None:
    with TestClient(create_app(Settings(trusted_proxies=("*",)))) as client:
        page = client.get("/en/", headers={"X-Forwarded-Prefix": "/\"><script>alert(1)</script>'"})
    assert "<script>alert" not in page.text
    assert "%22%3E%3Cscript%3Ealert" in page.text


@pytest.mark.parametrize(("client", "address"), [(("10.0.0.7", 1), "https://school.example/adelante"), (PROXY, None)])
def test_generated_programs_name_what_a_trusted_proxy_says(client: tuple[str, int], address: str | None) -> None:
    settings = Settings(trusted_proxies=("10.0.0.7",) if address else (), host="0.0.0.0")
    with TestClient(create_app(settings), base_url="http://inner.example", client=client) as asking:
        body = {"network": "xor", "inputs": [1, 0], "language": "curl"}
        source = asking.post("/api/v1/code", json=body, headers=TOLD).json()["source"]
        assert f" {address or 'http://inner.example'}/api/v1/forward " in source
        # A proxy that passes another Host than the browser's says it here; nobody else may.
        origin = {"Host": "inner.example", "Origin": "https://school.example", **TOLD}
        assert asking.post("/api/v1/forward", json=body, headers=origin).status_code == (422 if address else 403)


def test_proxies_are_addresses_and_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    settings_from_environment.cache_clear()
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "10.1.0.0/16, 192.168.1.1")
    assert settings_from_environment().trusted_proxies == ("10.1.0.0/16", "192.168.1.1")
    settings_from_environment.cache_clear()
    monkeypatch.setenv("ADELANTE_TRUSTED_PROXIES", "10.0.0.1/8")
    with pytest.raises(SettingFault) as wrong:
        settings_from_environment()
    assert "ADELANTE_TRUSTED_PROXIES can't be 10.0.0.1/8" in wrong.value.sentence("en")
    monkeypatch.setenv("ADELANTE_TRUSTED_PROXIES", "::1")
    assert settings_from_environment().trusted_proxies == ("::1",)
    settings_from_environment.cache_clear()
