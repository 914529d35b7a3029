"""/api/v1/networks: kept once, named by content, found everywhere."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load, save
from starlette.testclient import TestClient

from app.main import create_app
from app.settings import Settings
from tests import notebook
from tests.server import Server

URL = "/api/v1/networks"
FILE = "application/vnd.safetensors"
LAYERS = notebook.MULTILAYER["layers"]


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[TestClient]:
    with TestClient(create_app(Settings(store=str(tmp_path)))) as client:
        yield client


def keep(client: TestClient, layers: Any = LAYERS) -> str:
    answer = client.post(URL, json={"layers": layers})
    assert answer.status_code in (200, 201)
    id: str = answer.json()["id"]
    return id


def test_keeping(kept: TestClient) -> None:
    first = kept.post(URL, json={"layers": LAYERS})
    assert first.status_code == 201
    document = first.json()
    assert first.headers["location"] == f"{URL}/{document['id']}"
    assert (document["sizes"], document["parameters"], document["dtype"]) == ([3, 2, 1], 11, "float32")
    assert document["layers"][0] == {"name": None, "activation": "sigmoid", "weights": [3, 2], "biases": [2]}
    again = kept.post(URL, json={"layers": LAYERS})
    assert again.status_code == 200
    assert again.json() == document
    assert "location" not in again.headers
    other = kept.post(URL, json={"layers": LAYERS, "dtype": "float64"}).json()
    assert other["dtype"] == "float64"
    assert other["id"] != document["id"]


def test_its_id_serves_wherever_a_network_is_named(kept: TestClient) -> None:
    id = keep(kept)
    named = {"network": id, "inputs": notebook.FEATURES}
    assert kept.post("/api/v1/forward", json=named).json()["outputs"] == pytest.approx([notebook.OUTPUT], abs=1e-7)
    for path, more in (
        ("explain", {}),
        ("sweep", {"vary": {"input": 0}, "from": -1, "to": 1, "steps": 3}),
        ("grid", {"x": {"input": 0, "from": -1, "to": 1}, "y": {"input": 1, "from": -1, "to": 1}, "steps": 3}),
        ("code", {"language": "numpy"}),
    ):
        by_id = kept.post(f"/api/v1/{path}", json={**named, **more})
        sent = kept.post(f"/api/v1/{path}", json={"layers": LAYERS, "inputs": notebook.FEATURES, **more})
        assert by_id.status_code == 200, by_id.text
        assert by_id.json() == sent.json()
    with kept.websocket_connect("/api/v1/live") as socket:
        socket.send_text(json.dumps({"op": "open", "seq": 1, **named}))
        assert json.loads(socket.receive_text())["op"] == "opened"


def test_as_json_and_as_a_file(kept: TestClient) -> None:
    id = keep(kept, [{**LAYERS[0], "name": "hidden"}, LAYERS[1]])
    as_json = kept.get(f"{URL}/{id}")
    assert as_json.headers["content-type"] == "application/json"
    assert [layer["name"] for layer in as_json.json()["layers"]] == ["hidden", None]
    assert keep(kept, as_json.json()["layers"]) == id
    as_file = kept.get(f"{URL}/{id}", headers={"Accept": f"{FILE}, */*;q=0.1"})
    assert as_file.headers["content-type"] == FILE
    tensors = load(as_file.content)
    assert tensors["layers.0.weights"].tolist() == torch.tensor(LAYERS[0]["weights"]).tolist()
    posted = kept.post(URL, content=as_file.content, headers={"Content-Type": FILE})
    assert (posted.status_code, posted.json()["id"]) == (200, id)


def test_a_file_of_pytorchs_own_names(kept: TestClient) -> None:
    linear = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.Sigmoid(), torch.nn.Linear(2, 1))
    data = save(
        {name: tensor.contiguous() for name, tensor in linear.state_dict().items()}, {"0.activation": "sigmoid"}
    )
    answer = kept.post(URL, content=data, headers={"Content-Type": "application/octet-stream"})
    assert answer.status_code == 201
    x = torch.tensor(notebook.FEATURES)
    document = kept.post("/api/v1/forward", json={"network": answer.json()["id"], "inputs": x.tolist()}).json()
    assert document["outputs"] == pytest.approx(linear(x).tolist(), abs=1e-6)


def test_what_cannot_change_may_be_cached_for_ever(kept: TestClient) -> None:
    id = keep(kept)
    for accept in ("application/json", FILE):
        answer = kept.get(f"{URL}/{id}", headers={"Accept": accept})
        assert "immutable" in answer.headers["cache-control"]
        assert answer.headers["vary"] == "Accept"
        again = kept.get(f"{URL}/{id}", headers={"Accept": accept, "If-None-Match": f'"x", W/{answer.headers["etag"]}'})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == answer.headers["etag"]


def test_forgetting(kept: TestClient) -> None:
    id = keep(kept)
    assert kept.delete(f"{URL}/{id}").status_code == 204
    for answer in (
        kept.delete(f"{URL}/{id}"),
        kept.get(f"{URL}/{id}"),
        kept.post("/api/v1/forward", json={"network": id, "inputs": [1, 2, 3]}),
    ):
        assert (answer.status_code, answer.json()["type"]) == (404, "/problems/unknown-network")


@pytest.mark.parametrize(
    ("content", "kind", "status", "type_"),
    [
        (b"{}", "application/json", 422, "missing-field"),
        (b'{"layers":[]}', "application/json", 422, "empty"),
        (b'{"layers":[{"weights":[[1,2],[3]]}]}', "application/json", 422, "ragged-array"),
        (b'{"layers":[{"weights":[[1]]}],"inputs":[1]}', "application/json", 422, "unknown-field"),
        (b"\x80\x02}q\x00.", FILE, 415, "unsupported-file"),
        (b"nothing of the kind", FILE, 415, "unsupported-file"),
        (save({"layers.0.weights": torch.ones(1, 1, dtype=torch.int64)}), FILE, 422, "unsupported-file"),
        (save({"layers.0.weights": torch.full((1, 1), float("nan"))}), FILE, 422, "out-of-range"),
        (b"a,b", "text/csv", 415, "unsupported-media-type"),
    ],
)
def test_bad_networks(kept: TestClient, content: bytes, kind: str, status: int, type_: str) -> None:
    answer = kept.post(URL, content=content, headers={"Content-Type": kind})
    assert (answer.status_code, answer.json()["type"]) == (status, f"/problems/{type_}")


def test_limits_hold_for_what_is_kept(tmp_path: Path) -> None:
    with TestClient(create_app(Settings(store=str(tmp_path), max_parameters=10))) as client:
        answer = client.post(URL, json={"layers": LAYERS})
        assert (answer.status_code, answer.json()["errors"][0]["setting"]) == (413, "ADELANTE_MAX_PARAMETERS")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("id", ["nope", "..%2f..%2fetc", "A" * 64, "xor"])
def test_only_ids_are_looked_up(kept: TestClient, id: str) -> None:
    assert kept.get(f"{URL}/{id}").status_code == 404
    assert kept.delete(f"{URL}/{id}").status_code == 404


def test_two_processes_share_a_store_and_a_restart_keeps_it(tmp_path: Path) -> None:
    import httpx2

    one, other = Server(ADELANTE_STORE=str(tmp_path)), Server(ADELANTE_STORE=str(tmp_path))
    one.start()
    other.start()
    try:
        id = httpx2.post(f"{one.url}{URL}", json={"layers": LAYERS}).json()["id"]
        named = {"network": id, "inputs": notebook.FEATURES}
        for server in (other, one):
            answer = httpx2.post(f"{server.url}/api/v1/forward", json=named).json()
            assert answer["outputs"] == pytest.approx([notebook.OUTPUT], abs=1e-7)
        one.stop()
        one.start()
        assert httpx2.post(f"{one.url}/api/v1/forward", json=named).status_code == 200
    finally:
        one.stop()
        other.stop()
