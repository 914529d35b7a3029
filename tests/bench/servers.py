"""The servers under measurement, each a process of its own, and what is asked of them."""

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from math import prod
from typing import Any

import numpy as np
import orjson
import torch

from adelante.formats.tensors import tensors_to_safetensors
from tests.server import Server, free_port

SIZES = {
    "3-2-1": (3, 2, 1),
    "5-8-8-2": (5, 8, 8, 2),
    "64-64-10": (64, 64, 10),
    "784-128-64-10": (784, 128, 64, 10),
}
JSON = "application/json"


@contextmanager
def ours(*, folder: str | None = None, **settings: str) -> Iterator[int]:
    """Adelante as `adelante serve` runs it, of this checkout or of the one in `folder`; its port."""
    server = Server(folder=folder, **settings)
    server.start()
    try:
        yield server.port
    finally:
        server.stop()


@contextmanager
def naive() -> Iterator[int]:
    """The naive endpoint, with one torch thread: with more, its 40 workers get in one another's way."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "tests.bench.naive:app", "--port", str(port), "--no-access-log"]
    process = subprocess.Popen([*command, "--log-level", "warning"], env={**os.environ, "OMP_NUM_THREADS": "1"})
    try:
        for _ in range(240):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/v2/health/ready", timeout=1)
                break
            except OSError:
                time.sleep(0.25)
        yield port
    finally:
        process.terminate()
        process.wait()


def layers(sizes: tuple[int, ...]) -> list[dict[str, Any]]:
    """Drawn layers, relu between and a sigmoid at the end."""
    generator = np.random.default_rng(7)
    return [
        {
            "weights": (generator.standard_normal((n_in, n_out)) / np.sqrt(n_in)).astype("f4"),
            "biases": generator.standard_normal(n_out).astype("f4"),
            "activation": "sigmoid" if k == len(sizes) - 2 else "relu",
        }
        for k, (n_in, n_out) in enumerate(pairwise(sizes))
    ]


def inputs(batch: int, n_in: int) -> np.ndarray[Any, Any]:
    """A drawn batch."""
    return np.random.default_rng(batch).standard_normal((batch, n_in)).astype("f4")


def dump(document: Any) -> bytes:
    """JSON with NumPy's arrays."""
    return orjson.dumps(document, option=orjson.OPT_SERIALIZE_NUMPY)


def keep(port: int, sizes: tuple[int, ...]) -> str:
    """Stores a drawn network; its id."""
    body, kind = dump({"layers": layers(sizes)}) if prod(sizes[:2]) < 10**6 else b"", JSON
    if not body:
        tensors = {}
        for k, layer in enumerate(layers(sizes)):
            for name in ("weights", "biases"):
                tensors[f"layers.{k}.{name}"] = torch.from_numpy(layer[name])
        body, kind = tensors_to_safetensors(tensors), "application/vnd.safetensors"
    found: str = json.loads(post(port, "/api/v1/networks", body, kind)[0])["id"]
    return found


def post(port: int, path: str, body: bytes, kind: str = JSON, **headers: str) -> tuple[bytes, dict[str, str]]:
    """One request; the answer's body and headers."""
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", body, {"Content-Type": kind, **headers})
    with urllib.request.urlopen(request, timeout=120) as answer:
        return answer.read(), {name.lower(): value for name, value in answer.headers.items()}


def raw(path: str, body: bytes, kind: str = JSON, **headers: str) -> bytes:
    """The request's bytes as they go over the wire."""
    lines = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Type: {kind}", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


def load(port: int, request: bytes, connections: int, seconds: float) -> dict[str, float]:
    """What `tests.bench.load` measured, in a process of its own."""
    command = [sys.executable, "-m", "tests.bench.load", str(port), str(connections), str(seconds)]
    done = subprocess.run(command, input=request, capture_output=True, check=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found
