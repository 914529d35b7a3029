"""Bodies: content codings of every shape, stalls, and what is refused before memory is spent on it."""

import asyncio
import gzip
import json
import random
import zlib
from collections import deque
from collections.abc import Callable
from mmap import mmap
from types import SimpleNamespace
from typing import Any

import pytest
import requests
import torch
from starlette.requests import Request
from starlette.testclient import TestClient

from adelante.formats.tensors import tensors_to_safetensors
from adelante.network.dense.network import DenseLayer
from app.api.http import zstd
from app.api.http.body import LEAST_PROGRESS, Body, joined, read_body
from app.api.http.decompress import PIECE, decompressor
from app.api.http.problems import Problem
from app.live.budget import Budget
from app.settings import Settings
from tests import notebook

WHOLE = json.dumps(notebook.MULTILAYER).encode()
HALVES = WHOLE[:20], WHOLE[20:]


def raw_deflate(data: bytes) -> bytes:
    compressor = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return compressor.compress(data) + compressor.flush()


def skippable(data: bytes) -> bytes:
    return b"\x50\x2a\x4d\x18" + len(data).to_bytes(4, "little") + data


PACKED: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "deflate": raw_deflate,
    "zstd": zstd.compress,
}
GOOD = {
    "gzip in two members": ("gzip", b"".join(map(gzip.compress, HALVES))),
    "gzip with an empty member": ("gzip", gzip.compress(b"") + gzip.compress(WHOLE)),
    "x-gzip": ("x-gzip", gzip.compress(WHOLE)),
    "deflate": ("deflate", zlib.compress(WHOLE)),
    "deflate without its header": ("deflate", raw_deflate(WHOLE)),
    "deflate, stored": ("deflate", zlib.compress(WHOLE, 0)),
    "zstd in two frames": ("zstd", b"".join(map(zstd.compress, HALVES))),
    "zstd after a frame to skip": ("zstd", skippable(b"of ours") + zstd.compress(WHOLE)),
    "identity": ("identity", WHOLE),
}


def post(client: TestClient, encoding: str, body: bytes) -> Any:
    return client.post(
        "/api/v1/forward", content=body, headers={"Content-Type": "application/json", "Content-Encoding": encoding}
    )


@pytest.mark.parametrize("name", GOOD)
def test_a_coding_of_any_shape_is_undone(client: TestClient, name: str) -> None:
    answer = post(client, *GOOD[name])
    assert answer.status_code == 200
    assert answer.json()["outputs"] == [pytest.approx(0.31708315)]


BAD = {
    "gzip, then JSON that is none": ("gzip", gzip.compress(WHOLE) + gzip.compress(b"garbage")),
    "gzip, then no gzip": ("gzip", gzip.compress(WHOLE) + b"garbage"),
    "gzip, then zeros": ("gzip", gzip.compress(WHOLE) + bytes(8)),
    "gzip cut off": ("gzip", gzip.compress(WHOLE)[:-1]),
    "gzip whose second member is cut off": ("gzip", gzip.compress(WHOLE) + gzip.compress(b"")[:10]),
    "zlib where gzip is said": ("gzip", zlib.compress(WHOLE)),
    "deflate, then more": ("deflate", zlib.compress(WHOLE) + b"x"),
    "deflate twice": ("deflate", zlib.compress(WHOLE) * 2),
    "deflate without its header, then more": ("deflate", raw_deflate(WHOLE) + b"x"),
    "one byte of deflate": ("deflate", b"x"),
    "deflate cut off": ("deflate", zlib.compress(WHOLE)[:-1]),
    "zstd, then more": ("zstd", zstd.compress(WHOLE) + b"x"),
    "zstd cut off": ("zstd", zstd.compress(WHOLE)[:-1]),
    "very many members": ("gzip", gzip.compress(b"") * 20_000),
}


@pytest.mark.parametrize("name", BAD)
def test_nothing_of_a_coding_is_ignored(client: TestClient, name: str) -> None:
    answer = post(client, *BAD[name])
    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/invalid-json")


@pytest.mark.parametrize("encoding", ["br", "gzip, gzip", "compress"])
def test_a_coding_that_is_not_read_is_told_with_those_that_are(client: TestClient, encoding: str) -> None:
    refused = post(client, encoding, b"{}")
    (error,) = refused.json()["errors"]
    assert (refused.status_code, error["got"]) == (415, encoding)
    assert "gzip, deflate, zstd" in error["hint"]
    assert refused.headers["Accept-Encoding"] == "gzip, deflate, zstd"


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "zstd"])
def test_what_a_bomb_becomes_comes_in_small_pieces(encoding: str) -> None:
    bomb = PACKED[encoding](bytes(2**25))
    coding = decompressor(encoding.encode())
    assert coding is not None
    size = 0
    for piece in coding.feed(bomb):
        assert len(piece) <= 2 * PIECE
        size += len(piece)
    coding.finish()
    assert size == 2**25


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "zstd"])
def test_a_coding_that_comes_byte_by_byte(encoding: str) -> None:
    text = random.Random(7).randbytes(1000) * 3
    packed = PACKED[encoding](text)
    coding = decompressor(encoding.encode())
    assert coding is not None
    found = b"".join(piece for k in range(len(packed)) for piece in coding.feed(packed[k : k + 1]))
    coding.finish()
    assert found == text


class Sender:
    """A client whose body comes in chunks, each after the event loop's clock went on."""

    def __init__(self, chunks: list[bytes], seconds: float) -> None:
        self._chunks = chunks
        self._seconds = seconds
        self.clock = 0.0

    async def receive(self) -> Any:
        self.clock += self._seconds
        await asyncio.sleep(0)  # a time-out that is due comes now
        chunk = self._chunks.pop(0)
        return {"type": "http.request", "body": chunk, "more_body": bool(self._chunks)}

    def read(self, settings: Settings) -> Body:
        """The body as a server reads it whose clock is the sender's."""

        async def work() -> Body:
            loop = asyncio.get_running_loop()
            started = loop.time()
            loop.time = lambda: started + self.clock  # type: ignore[method-assign]
            scope = {
                "type": "http",
                "app": SimpleNamespace(bodies=Budget(settings.max_bodies_bytes, "ADELANTE_MAX_BODIES_BYTES")),
            }
            return await read_body(Request(scope, self.receive), {}, settings)

        return asyncio.run(work())


def test_a_slow_body_that_goes_on_arriving_is_read_to_its_end() -> None:
    chunks = [bytes(LEAST_PROGRESS)] * 100
    assert len(Sender(chunks, seconds=0.9).read(Settings(body_timeout_seconds=1))) == 100 * LEAST_PROGRESS


@pytest.mark.parametrize("chunk", [b"", b"x", bytes(LEAST_PROGRESS // 8)])
def test_a_body_that_only_drips_is_refused(chunk: bytes) -> None:
    sender = Sender([chunk] * 100, seconds=0.3)
    with pytest.raises(Problem) as refused:
        sender.read(Settings(body_timeout_seconds=1))
    assert refused.value.type == "body-timeout"
    assert sender.clock < 2


def test_a_declared_length_beyond_all_integers(client: TestClient) -> None:
    headers = {"Content-Type": "application/json", "Content-Length": "9" * 5000}
    answer = client.post("/api/v1/forward", content=WHOLE, headers=headers)
    assert answer.status_code == 413


@pytest.mark.parametrize("path", ["forward", "explain", "code"])
def test_a_byte_order_mark_before_a_request(client: TestClient, path: str) -> None:
    body = json.dumps({"network": "multilayer", "inputs": [1, 0, -1], "language": "json"}).encode()
    if path != "code":
        body = body.replace(b', "language": "json"', b"")
    for before in (b"", b" " * 3000):
        headers = {"Content-Type": "application/json"}
        assert client.post(f"/api/v1/{path}", content=b"\xef\xbb\xbf" + body + before, headers=headers).is_success
        utf_16 = client.post(f"/api/v1/{path}", content=body.decode().encode("utf-16"), headers=headers)
        assert "UTF-16" in utf_16.json()["detail"]


def test_a_large_body_is_put_together_in_steps_and_its_parts_are_let_go() -> None:
    whole = random.Random(1).randbytes(5 * 2**20 + 17)
    parts = deque(whole[at : at + 60_001] for at in range(0, len(whole), 60_001))
    joining, steps = joined(parts), 0
    while True:
        try:
            next(joining)
        except StopIteration as end:
            body = end.value
            break
        steps += 1
        # A step is about a megabyte.
        assert len(whole) - sum(map(len, parts)) < (steps + 1) * (2**20 + 60_001)
    assert steps == 4
    assert isinstance(body, mmap)
    assert body[:] == whole
    assert not parts


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ("json", "/api/v1/forward"),
        ("safetensors", "/api/v1/forward"),
        ("json", "/api/v1/networks"),
        ("safetensors", "/api/v1/networks"),
        ("form", "/api/v1/networks"),
    ],
)
def test_a_body_of_megabytes_is_what_it_is_in_one_piece(server_url: str, kind: str, path: str) -> None:
    layer = DenseLayer(torch.arange(600_000.0).view(1200, 500) / 600_000, torch.ones(500))
    inputs = torch.linspace(-1, 1, 1200)
    expected = (inputs @ layer.weights + 1).tolist()
    given: dict[str, Any] = {"inputs": inputs} if path.endswith("forward") else {}
    tensors = {"layers.0.weights": layer.weights, "layers.0.biases": layer.biases}
    if kind == "json":
        document = {"layers": [{"weights": layer.weights.tolist(), "biases": layer.biases.tolist()}]}
        body = json.dumps({**document, **{name: value.tolist() for name, value in given.items()}}).encode()
        answer = requests.post(server_url + path, data=body, timeout=60, headers={"Content-Type": "application/json"})
    elif kind == "safetensors":
        body = tensors_to_safetensors({**tensors, **given})
        headers = {"Content-Type": "application/vnd.safetensors", "Accept": "application/json"}
        answer = requests.post(server_url + path, data=body, timeout=60, headers=headers)
    else:
        answer = requests.post(
            server_url + path, timeout=60, files={"file": ("net.safetensors", tensors_to_safetensors(tensors))}
        )
    assert answer.ok, answer.text
    if not given:
        named = {"network": answer.json()["id"], "inputs": inputs.tolist(), "return": "outputs"}
        answer = requests.post(f"{server_url}/api/v1/forward", json=named, timeout=60)
    torch.testing.assert_close(torch.tensor(answer.json()["outputs"]), torch.tensor(expected))
