"""Files that come in several requests, as draft-ietf-httpbis-resumable-upload has it, and what bounds them."""

import json
import mmap
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from adelante.formats.safetensors import network_to_safetensors
from adelante.network.presets import chain_named
from app.api.http import uploads
from app.main import create_app
from app.settings import Settings

NETWORKS = "/api/v1/networks"
PARTIAL = {"Content-Type": "application/partial-upload"}
FILE = {"Content-Type": "application/octet-stream"}


@pytest.fixture(scope="module")
def content() -> bytes:
    return network_to_safetensors(chain_named("multilayer").network)


@pytest.fixture
def served() -> Iterator[Callable[..., TestClient]]:
    open_ones: list[TestClient] = []

    def start(**settings: object) -> TestClient:
        client = TestClient(create_app(Settings(**settings)))  # type: ignore[arg-type]
        client.__enter__()
        open_ones.append(client)
        return client

    yield start
    for client in open_ones:
        client.__exit__(None, None, None)


def begin(client: TestClient, length: int, first: bytes = b"", **more: str) -> Any:
    headers = {**FILE, "Upload-Complete": "?0", "Upload-Length": str(length), **more}
    return client.post(NETWORKS, content=first, headers=headers)


def append(client: TestClient, where: str, offset: int, part: bytes, complete: str = "?1") -> Any:
    headers = {**PARTIAL, "Upload-Offset": str(offset), "Upload-Complete": complete}
    return client.patch(where, content=part, headers=headers)


def test_a_file_in_parts_is_the_network_that_it_is_whole(served: Callable[..., TestClient], content: bytes) -> None:
    client = served()
    begun = begin(client, len(content), content[:10])
    where = begun.headers["Location"]
    assert (begun.status_code, begun.headers["Upload-Offset"], begun.headers["Upload-Complete"]) == (201, "10", "?0")
    more = append(client, where, 10, content[10:50], "?0")
    assert (more.status_code, more.headers["Upload-Offset"]) == (204, "50")
    told = client.head(where)
    assert (told.status_code, told.headers["Upload-Offset"], told.content) == (204, "50", b"")
    assert told.headers["Upload-Length"] == str(len(content))
    assert told.headers["Cache-Control"] == "no-store"
    assert "max-age=" in told.headers["Upload-Limit"]
    last = append(client, where, 50, content[50:])
    assert (last.status_code, last.headers["Upload-Complete"]) == (201, "?1")
    whole = client.post(NETWORKS, content=content, headers=FILE)
    assert whole.status_code == 200
    assert last.json() == whole.json()
    assert last.headers["Location"].endswith(whole.json()["id"])
    assert client.head(where).status_code == 404
    assert client.app.uploads.used == 0  # type: ignore[attr-defined]


def test_what_the_first_request_said_holds_for_all(served: Callable[..., TestClient]) -> None:
    client = served()
    body = json.dumps({"layers": [{"weights": [[1]], "biases": [0], "activation": "nada"}]}).encode()
    headers = {"Content-Type": "application/json", "Accept-Language": "es", "Upload-Complete": "?0"}
    begun = client.post(NETWORKS, headers={**headers, "Upload-Length": str(len(body))})
    refused = append(client, begun.headers["Location"], 0, body)
    assert (refused.status_code, refused.headers["Upload-Complete"]) == (422, "?1")
    assert refused.json()["type"] == "/problems/unknown-activation"
    assert client.head(begun.headers["Location"]).status_code == 404


def test_a_part_begins_where_the_file_has_come_to(served: Callable[..., TestClient], content: bytes) -> None:
    client = served()
    where = begin(client, len(content), content[:10]).headers["Location"]
    for offset in (0, 11):
        refused = append(client, where, offset, content[offset:])
        assert (refused.status_code, refused.headers["Upload-Offset"]) == (409, "10")
        assert refused.json()["type"] == "/problems/upload-offset"
    assert client.patch(where, content=b"x", headers=PARTIAL).status_code == 409
    assert append(client, where, 10, content[10:]).status_code == 201


def test_no_more_and_no_less_than_was_announced(served: Callable[..., TestClient], content: bytes) -> None:
    client = served()
    where = begin(client, len(content)).headers["Location"]
    short = append(client, where, 0, content[:-1])
    assert (short.status_code, short.headers["Upload-Offset"]) == (400, str(len(content) - 1))
    assert append(client, where, len(content) - 1, content[-1:] + b"x").status_code == 400
    assert append(client, where, len(content) - 1, content[-1:]).status_code == 201


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"Upload-Length": "0"}, 400),
        ({"Upload-Length": "-1"}, 400),
        ({"Upload-Length": "9" * 30}, 400),
        ({"Content-Encoding": "gzip"}, 400),
        ({"Upload-Length": str(1 << 40)}, 413),
        ({"Content-Type": "image/png"}, 415),
    ],
)
def test_what_can_not_begin(served: Callable[..., TestClient], more: dict[str, str], status: int) -> None:
    client = served()
    assert (
        client.post(NETWORKS, headers={**FILE, "Upload-Complete": "?0", "Upload-Length": "9", **more}).status_code
        == status
    )
    assert client.app.uploads.used == 0  # type: ignore[attr-defined]


def test_a_client_has_so_many_places(served: Callable[..., TestClient], monkeypatch: pytest.MonkeyPatch) -> None:
    client = served(max_uploads_per_client=2)
    first, second = (begin(client, 9).headers["Location"] for _ in range(2))
    assert begin(client, 9).status_code == 503
    assert client.head(first).status_code == 204
    monkeypatch.setattr(uploads, "STILL_SECONDS", 0.0)
    third = begin(client, 9).headers["Location"]
    assert [client.head(each).status_code for each in (first, second, third)] == [404, 204, 204]


def test_what_is_announced_takes_no_memory_before_it_comes(served: Callable[..., TestClient]) -> None:
    def resident() -> int:
        return int(Path("/proc/self/statm").read_text().split()[1]) * mmap.PAGESIZE

    client = served()
    begin(client, 9)
    before = resident()
    assert [begin(client, 60 << 20).status_code for _ in range(5)] == [201] * 4 + [503]
    assert resident() - before < 30 << 20


def test_there_is_room_for_so_many_bytes(
    served: Callable[..., TestClient], content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = served(max_uploads_bytes=1 << 20)
    first = begin(client, (1 << 20) - 100).headers["Location"]
    full = begin(client, 101)
    assert (full.status_code, full.json()["errors"][0]["setting"]) == (503, "ADELANTE_MAX_UPLOADS_BYTES")
    assert "Retry-After" in full.headers
    # In one request it goes as before, and what stands still gives way.
    assert client.post(NETWORKS, content=content, headers=FILE).status_code == 201
    monkeypatch.setattr(uploads, "STILL_SECONDS", 0.0)
    assert begin(client, 101).status_code == 201
    assert client.head(first).status_code == 404


def test_it_is_kept_for_a_while_and_no_longer(served: Callable[..., TestClient]) -> None:
    client = served(upload_seconds=0.2)
    where = begin(client, 1 << 20).headers["Location"]
    deadline = time.monotonic() + 20
    while client.head(where).status_code != 404 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert client.get(where).json()["type"] == "/problems/unknown-upload"
    assert client.app.uploads.used == 0  # type: ignore[attr-defined]


def test_it_can_be_given_up(served: Callable[..., TestClient]) -> None:
    client = served()
    where = begin(client, 9).headers["Location"]
    assert client.delete(where).status_code == 204
    assert client.delete(where).status_code == 404
    assert append(client, where, 0, b"123456789").status_code == 404


def test_another_type_is_no_part(served: Callable[..., TestClient]) -> None:
    client = served()
    where = begin(client, 9).headers["Location"]
    assert client.patch(where, content=b"123", headers={**FILE, "Upload-Offset": "0"}).status_code == 415


def test_one_that_is_given_up_leaves_nothing_behind(served: Callable[..., TestClient]) -> None:
    """Begun and given up again and again: no timer waits for what is gone."""
    client = served()
    kept: uploads.Uploads = client.app.uploads  # type: ignore[attr-defined]
    where = begin(client, 1000).headers["Location"]
    (upload,) = kept._there.values()
    assert client.delete(where).status_code == 204
    assert upload.end.cancelled()
    assert kept.used == 0
