"""Thousands of tiny layers cost little arithmetic and many calls: nobody else waits for them on the event loop."""

import threading
from collections.abc import Iterator
from functools import cached_property
from typing import Any

import pytest
from starlette.testclient import TestClient

from adelante.network.dense.network import DenseNetwork
from app.compute.service import CHEAP_MULTIPLY_ADDS
from app.main import create_app
from app.settings import Settings
from tests.api.routes.costs import costs_told

_COUNT = 1100
_OTHERS: dict[str, Any] = {"input": {"shape": [1]}, "layers": [{"kind": "relu"}] * _COUNT}
_DENSE: dict[str, Any] = {"layers": [{"weights": [[1]]}] * _COUNT}
_CELL = {"tensor": "inputs", "at": [0]}
_SWEEP = {"inputs": [1], "vary": _CELL, "from": 0, "to": 1, "steps": 2}
_TARGET = {"inputs": [1], "target": {"tensor": "layers.0.activations", "at": [0]}}


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    with TestClient(create_app(Settings())) as client:
        yield client


@pytest.mark.parametrize(
    ("path", "document"),
    [
        ("explain", {**_OTHERS, **_TARGET}),
        ("explain", {**_DENSE, "inputs": [1], "gradients": False}),
        ("explain", {**_DENSE, "inputs": [1], "target": {"layer": 0, "neuron": 0}}),
        ("sweep", {**_OTHERS, **_SWEEP}),
        ("sweep", {**_DENSE, **_SWEEP}),
        ("code", {**_OTHERS, "inputs": [1], "language": "numpy"}),
        ("code", {**_DENSE, "inputs": [1], "language": "numpy"}),
        ("diagram", {**_OTHERS, "inputs": [1]}),
        ("diagram", {**_DENSE, "inputs": [1]}),
        ("networks", _OTHERS),
        ("networks", _DENSE),
        ("random", {"sizes": [1] * _COUNT, "seed": 1}),
    ],
)
def test_many_tiny_layers_go_to_the_pool(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, path: str, document: dict[str, Any]
) -> None:
    costs = costs_told(monkeypatch)
    assert client.post(f"/api/v1/{path}", json=document).status_code in (200, 201)
    # The first is reading; of the answer's own work the last is the one that takes a while.
    assert len(costs) > 1
    assert costs[-1] > CHEAP_MULTIPLY_ADDS


def test_the_nodes_of_a_long_chain_are_listed_where_it_is_read(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed: list[str] = []
    nodes = vars(DenseNetwork)["nodes"].func

    def seen(network: DenseNetwork) -> Any:
        listed.append(threading.current_thread().name)
        return nodes(network)

    patched = cached_property(seen)
    patched.__set_name__(DenseNetwork, "nodes")
    monkeypatch.setattr(DenseNetwork, "nodes", patched)
    assert client.post("/api/v1/explain", json={**_DENSE, **_TARGET}).status_code == 200
    assert {name.rpartition("-")[0] for name in listed} == {"pass"}, "and not on the event loop"
