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


UNNAMED = save({"0.weight": torch.tensor([[1.0], [-1.0]]), "2.weight": torch.ones(1, 2)})


def outputs_of(client: TestClient, id: str, *inputs: float) -> Any:
    return client.post("/api/v1/forward", json={"network": id, "inputs": inputs}).json()["outputs"]


def test_a_file_that_names_no_activations_is_kept_with_a_note_that_says_so(kept: TestClient) -> None:
    as_file = {"Content-Type": FILE}
    first = kept.post(URL, content=UNNAMED, headers=as_file)
    again = kept.post(URL, content=UNNAMED, headers={**as_file, "Accept-Language": "es"})
    assert (first.status_code, again.status_code) == (201, 200)
    for answer, language in ((first, "en"), (again, "es")):
        (note,) = answer.json()["notes"]
        assert (note["code"], note["pointers"]) == (
            "activations-assumed",
            ["/layers/0/activation", "/layers/1/activation"],
        )
        assert "identity" in note["detail"]
        assert ("Elígelas" in note["hint"]) == (language == "es")
    assert outputs_of(kept, first.json()["id"], -3) == [0]
    # The way that the hint says: |x|, as the model has it.
    address = note["hint"][note["hint"].index("/api") :].split()[0]
    assert address == f"{URL}?activation=relu,identity"
    chosen = kept.post(address, content=UNNAMED, headers=as_file).json()
    assert [layer["activation"] for layer in chosen["layers"]] == ["relu", "identity"]
    assert chosen["notes"] == []
    assert outputs_of(kept, chosen["id"], -3) == [3]


def test_what_says_all_has_no_notes(kept: TestClient) -> None:
    id = keep(kept)
    assert kept.post(URL, json={"layers": LAYERS}).json()["notes"] == []
    file = kept.get(f"{URL}/{id}", headers={"Accept": FILE}).content
    assert kept.post(URL, content=file, headers={"Content-Type": FILE}).json()["notes"] == []


@pytest.mark.parametrize(
    ("chosen", "type_"),
    [("relu,identity,relu", "shape-mismatch"), ("relu,nope", "unknown-activation"), ("", "unknown-activation")],
)
def test_activations_that_do_not_fit_are_refused(kept: TestClient, chosen: str, type_: str) -> None:
    answer = kept.post(URL, params={"activation": chosen}, json={"layers": LAYERS})
    assert (answer.status_code, answer.json()["type"]) == (422, f"/problems/{type_}")
    assert answer.json()["errors"][0]["pointer"] == "/activation"


def test_one_activation_for_all_layers(kept: TestClient) -> None:
    document = kept.post(URL, params={"activation": "tanh"}, json={"layers": LAYERS}).json()
    assert [layer["activation"] for layer in document["layers"]] == ["tanh", "tanh"]


def test_a_file_in_a_form_as_curls_option_f_sends_it(kept: TestClient) -> None:
    id = kept.post(URL, content=UNNAMED, headers={"Content-Type": FILE}).json()["id"]
    for name in ("network.safetensors", "model.bin", ""):
        answer = kept.post(URL, files={"file": (name, UNNAMED)})
        assert (answer.status_code, answer.json()["id"]) == (200, id), answer.text
    as_json = kept.post(URL, files={"file": ("network.json", json.dumps({"layers": LAYERS}).encode())})
    assert as_json.json()["id"] == keep(kept)


@pytest.mark.parametrize(
    ("files", "kind", "type_", "word"),
    [
        ({"model": b"x"}, None, "unknown-field", "--form|curl"),
        ([("file", b"x")] * 3, None, "invalid-value", "more than two files"),
        ({"file": b"PK\x03\x04"}, None, "unsupported-file", "zip archive"),
        (None, "multipart/form-data; boundary=x", "invalid-value", "--form"),
        (None, "multipart/form-data", "invalid-value", "--form"),
        (None, f"multipart/form-data; boundary={'x' * 257}", "invalid-value", "--form"),
    ],
)
def test_forms_that_are_no_network(kept: TestClient, files: Any, kind: str | None, type_: str, word: str) -> None:
    if kind is None:
        answer = kept.post(URL, files=files)
    else:
        answer = kept.post(URL, content=b"--y\r\n\r\nx\r\n", headers={"Content-Type": kind})
    assert answer.json()["type"] == f"/problems/{type_}", answer.text
    assert any(each in answer.json()["detail"] for each in word.split("|"))


def test_a_form_with_nothing_in_it(kept: TestClient) -> None:
    answer = kept.post(URL, content=b"--x--\r\n", headers={"Content-Type": "multipart/form-data; boundary=x"})
    assert answer.status_code == 422
    assert answer.json()["type"] in ("/problems/missing-field", "/problems/invalid-value")


@pytest.mark.parametrize("headers", [{"Content-Type": "application/octet-stream"}, {}])
def test_without_a_type_of_its_own_a_body_is_told_by_its_content(kept: TestClient, headers: dict[str, str]) -> None:
    file = kept.post(URL, content=UNNAMED, headers=headers)
    assert file.status_code == 201
    assert file.json()["sizes"] == [1, 2, 1]
    spaced = b"\n  " + json.dumps({"layers": LAYERS}).encode()
    assert kept.post(URL, content=spaced, headers=headers).json()["id"] == keep(kept)


def test_a_type_that_is_not_read_is_told_with_the_way_out(kept: TestClient) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    network = kept.post(URL, content=UNNAMED, headers=form)
    assert network.status_code == 415
    for word in ("--data-binary", "--form file=@", "application/octet-stream", "application/json"):
        assert word in network.json()["errors"][0]["hint"]
    for path in ("forward", "explain", "sweep", "grid", "code", "diagram", "random", "tensors"):
        answer = kept.post(f"/api/v1/{path}", content=b"{}", headers=form)
        assert answer.status_code == 415
        assert "--header 'Content-Type: application/json'" in answer.json()["errors"][0]["hint"]
    put = kept.put(URL, content=UNNAMED)
    assert (put.status_code, put.headers["allow"]) == (405, "POST")
    assert "--data-binary" in put.json()["detail"]
    assert "errors" not in kept.put(f"{URL}/{'0' * 64}").json()


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
    assert [path for path in tmp_path.iterdir() if not path.name.startswith(".")] == []


@pytest.mark.parametrize("id", ["nope", "..%2f..%2fetc", "A" * 64, "xor"])
def test_only_ids_are_looked_up(kept: TestClient, id: str) -> None:
    for answer in (kept.get(f"{URL}/{id}"), kept.delete(f"{URL}/{id}")):
        assert answer.status_code == 404
        assert ("GET /api/v1/presets/xor" in answer.json()["detail"]) == (id == "xor")


def test_two_processes_share_a_store_and_a_restart_keeps_it(tmp_path: Path) -> None:
    import httpx2

    one, other = (Server.warm(ADELANTE_STORE=str(tmp_path)) for _ in range(2))
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
