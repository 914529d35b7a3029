"""What a fault showed, and how it is asked for."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import requests
import torch

from adelante.formats.safetensors import network_to_safetensors
from adelante.network.dense.network import DenseLayer, DenseNetwork
from app.store.files import content_id
from tests.server import Server

KIND = "application/vnd.safetensors"
# What a class leaves in a process that serves on: torch's and Python's own pools.
MOST_LEFT_MIB = 150.0
MOST_SECONDS_TO_SETTLE = 5.0


@dataclass(frozen=True)
class Seen:
    """`client`: what a client sees; `kept`: what was counted, of which nothing was lost or wrong; memory in MiB."""

    client: str
    kept: str
    before: float = float("nan")
    after: float = float("nan")


@dataclass(frozen=True)
class Fault:
    """`run` takes what the fault is done to, and how many times as much as in its short form."""

    name: str
    run: Callable[[Any, int], Seen]


def resident(pid: int) -> float:
    """Resident memory in MiB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return next(float(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmRSS"))


def drawn_file(seed: int, width: int = 100) -> tuple[str, bytes]:
    """A network's file and its id; 40 kB where nothing else is said."""
    generator = np.random.default_rng(seed)
    weights = torch.from_numpy(generator.standard_normal((width, width)).astype("f4"))
    data = network_to_safetensors(DenseNetwork([DenseLayer(weights, torch.zeros(width))]))
    return content_id(data), data


def some_file() -> tuple[str, bytes]:
    """One that no other test has."""
    return drawn_file(random.randrange(2**60))


def post(url: str, data: bytes, patience: float = 60.0) -> requests.Response:
    return requests.post(f"{url}/api/v1/networks", data, headers={"Content-Type": KIND}, timeout=patience)


def file_of(url: str, id: str) -> requests.Response:
    return requests.get(f"{url}/api/v1/networks/{id}", headers={"Accept": KIND}, timeout=60)


def is_whole(url: str, id: str) -> bool:
    """Whether what is given under the id is what the id says."""
    answer = file_of(url, id)
    return answer.status_code == 200 and content_id(answer.content) == id


def ready(url: str) -> int:
    return requests.get(f"{url}/v2/health/ready", timeout=60).status_code


def right(url: str) -> bool:
    """Whether the lesson's network gives the lesson's number."""
    body: Any = {"network": "multilayer", "inputs": [1, 0, -1]}
    outputs = requests.post(f"{url}/api/v1/forward", json=body, timeout=60).json()["outputs"]
    return bool(outputs == pytest.approx([0.584926], abs=1e-6))


def told(answer: requests.Response) -> str:
    """A problem as a client sees it: 503 store-unavailable, Retry-After 1."""
    document = answer.json()
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert document["title"]
    assert document["detail"]
    again = answer.headers.get("Retry-After")
    return f"{answer.status_code} {document['type'].rpartition('/')[2]}" + (f", Retry-After {again}" if again else "")


def served_as_before(server: Server, before: float) -> float:
    """The memory after; what must hold after every fault."""
    assert right(server.url)
    assert ready(server.url) == 200
    # Free memory is given back once nothing has run for half a second.
    until = time.monotonic() + MOST_SECONDS_TO_SETTLE
    while (after := resident(server.pid)) - before >= MOST_LEFT_MIB and time.monotonic() < until:
        time.sleep(0.1)
    assert after - before < MOST_LEFT_MIB, (before, after)
    return after
