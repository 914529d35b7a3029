"""Answers are compressed where the client takes it and it pays; bodies come in compressed too."""

import gzip
import json
import zlib
from typing import Any

import pytest
from starlette.testclient import TestClient

from app.api.http import zstd
from app.api.http.accept import preferred
from app.api.http.compress import encoding_for
from tests import notebook

LARGE = {"network": "multilayer", "inputs": [notebook.FEATURES] * 100}


def post(client: TestClient, document: Any, accept_encoding: str) -> Any:
    return client.post("/api/v1/forward", json=document, headers={"Accept-Encoding": accept_encoding})


@pytest.mark.parametrize(
    ("header", "encoding"),
    [
        ("gzip", "gzip"),
        ("gzip, deflate, br, zstd", "zstd"),
        ("gzip;q=1.0, zstd;q=0.5", "gzip"),
        ("*", "zstd"),
        ("zstd;q=0, *", "gzip"),
        ("br", None),
        ("identity", None),
        ("gzip;q=0", None),
        ("gzip;q=x", None),
        ("", None),
    ],
)
def test_what_is_chosen(header: str, encoding: str | None) -> None:
    assert encoding_for(header) == encoding


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
def test_large_texts_are_compressed(client: TestClient, encoding: str) -> None:
    plain = post(client, LARGE, "identity")
    with client.stream("POST", "/api/v1/forward", json=LARGE, headers={"Accept-Encoding": encoding}) as answer:
        raw = b"".join(answer.iter_raw())
        headers = answer.headers
    assert headers["content-encoding"] == encoding
    assert "Accept-Encoding" in headers["vary"]
    assert int(headers["content-length"]) == len(raw) < len(plain.content) / 2
    content = gzip.decompress(raw) if encoding == "gzip" else zstd.decompress(raw)
    assert content == plain.content


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
def test_what_comes_in_pieces_is_compressed_piece_by_piece(client: TestClient, encoding: str) -> None:
    large = {"sizes": [300, 300], "seed": 1}
    plain = client.post("/api/v1/random", json=large, headers={"Accept-Encoding": "identity"}).content
    with client.stream("POST", "/api/v1/random", json=large, headers={"Accept-Encoding": encoding}) as answer:
        pieces = list(answer.iter_raw())
        headers = answer.headers
    raw = b"".join(pieces)
    assert headers["content-encoding"] == encoding
    assert int(headers["content-length"]) == len(raw) < len(plain) / 2
    assert (gzip.decompress(raw) if encoding == "gzip" else zstd.decompress(raw)) == plain


def test_small_ones_and_binary_ones_are_not(client: TestClient) -> None:
    assert "content-encoding" not in post(client, notebook.MULTILAYER, "gzip").headers
    headers = {"Accept-Encoding": "gzip", "Accept": "application/vnd.safetensors"}
    answer = client.post("/api/v1/forward", json=LARGE, headers=headers)
    assert "content-encoding" not in answer.headers


def test_a_compressed_answers_tag_is_weak_and_still_matches(client: TestClient) -> None:
    layers = [{"weights": [[k / 7 for k in range(30)]] * 30}]
    id = client.post("/api/v1/networks", json={"layers": layers}).json()["id"]
    answer = client.get(f"/api/v1/networks/{id}", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["etag"] == f'W/"{id}-json"'
    assert answer.headers["vary"] == "Accept, Accept-Encoding"
    again = client.get(f"/api/v1/networks/{id}", headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304


@pytest.mark.parametrize(
    ("encoding", "compress"), [("gzip", gzip.compress), ("deflate", zlib.compress), ("zstd", zstd.compress)]
)
def test_compressed_bodies(client: TestClient, encoding: str, compress: Any) -> None:
    body = compress(json.dumps(notebook.MULTILAYER).encode())
    headers = {"Content-Encoding": encoding, "Content-Type": "application/json"}
    answer = client.post("/api/v1/forward", content=body, headers=headers)
    assert answer.json()["outputs"] == pytest.approx([notebook.OUTPUT], abs=1e-7)
    for damaged in (body[:-9], b"junk"):
        bad = client.post("/api/v1/forward", content=damaged, headers=headers)
        assert (bad.status_code, bad.json()["type"]) == (400, "/problems/invalid-json")


@pytest.mark.parametrize(("encoding", "compress"), [("gzip", gzip.compress), ("zstd", zstd.compress)])
def test_a_bomb_is_refused(client: TestClient, encoding: str, compress: Any) -> None:
    bomb = compress(b" " * (65 * 2**20))
    assert len(bomb) < 100_000
    headers = {"Content-Encoding": encoding, "Content-Type": "application/json"}
    answer = client.post("/api/v1/forward", content=bomb, headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (413, "/problems/too-large")


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        (None, "a/b"),
        ("*/*", "a/b"),
        ("c/d", "c/d"),
        ("a/b;q=0.5, c/d", "c/d"),
        ("c/*, a/b;q=0.9", "c/d"),
        ("x/y", "a/b"),
        ("C/D ; q=1", "c/d"),
    ],
)
def test_preferred_types(header: str | None, kind: str) -> None:
    assert preferred(header, ("a/b", "c/d")) == kind
