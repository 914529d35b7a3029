"""POST /api/v1/datasets/digits/pictures and strokes on the live socket: the recipe's own steps, and what is refused."""

import tracemalloc
from typing import Any

import pytest
import torch
from starlette.testclient import TestClient

from adelante.datasets.handwriting import inked, picture_of, written
from adelante.network.forward import forward
from adelante.network.presets import preset_named
from app.api.read.handwriting import MOST_POINTS
from app.compute.service import CHEAP_MULTIPLY_ADDS
from tests.api.routes.costs import costs_told
from tests.api.routes.test_live import read

ADDRESS = "/api/v1/datasets/digits/pictures"
SEVEN = [[(0.25, 0.2), (0.75, 0.2), (0.45, 0.8)], [(0.35, 0.5), (0.65, 0.5)]]


def test_each_step_is_the_recipes(client: TestClient) -> None:
    found = client.post(ADDRESS, json={"strokes": SEVEN}).json()
    wanted = written(inked(SEVEN))
    for name in ("ink", "scaled", "weighed", "upright", "picture"):
        assert torch.equal(torch.tensor(found[name]), getattr(wanted, name).long()), name
    assert (tuple(found["box"]), found["grown"], found["slant"]) == (wanted.box, wanted.grown, wanted.slant)


def test_a_photograph_of_it_gives_the_same(client: TestClient) -> None:
    drawn = client.post(ADDRESS, json={"strokes": SEVEN}).json()
    grey = (240 - 200 * torch.tensor(drawn["ink"])).tolist()
    found = client.post(ADDRESS, json={"picture": grey}).json()
    assert found == drawn


def test_no_ink_is_an_empty_picture(client: TestClient) -> None:
    bodies: list[dict[str, Any]] = [{"strokes": []}, {"picture": [[3, 3], [3, 3]]}]
    for body in bodies:
        found = client.post(ADDRESS, json=body)
        assert found.status_code == 200
        assert not any(map(any, found.json()["picture"]))


@pytest.mark.parametrize(
    ("body", "type", "pointer"),
    [
        ({}, "missing-field", "/strokes"),
        ({"strokes": [], "picture": [[1]]}, "missing-field", "/strokes"),
        ({"strokes": {"x": 1}}, "invalid-value", "/strokes"),
        ({"strokes": [[[0.1, 0.2], [0.3, 1.5]]]}, "out-of-range", "/strokes/0/1/1"),
        ({"strokes": [[[0.1, 0.2, 0.3]]]}, "shape-mismatch", "/strokes/0"),
        ({"strokes": [[]]}, "shape-mismatch", "/strokes/0"),
        ({"strokes": [[[0.1, "x"]]]}, "not-a-number", "/strokes/0/0/1"),
        ({"strokes": [[[0.5, 0.5]] * (MOST_POINTS + 1)]}, "too-large", "/strokes"),
        ({"strokes": [[0.5, 0.5]] * MOST_POINTS}, "shape-mismatch", "/strokes/0"),
        ({"picture": []}, "empty", "/picture"),
        ({"picture": [[]]}, "empty", "/picture"),
        ({"picture": [[1, 2], [3]]}, "ragged-array", "/picture/1"),
    ],
)
def test_what_is_no_character_is_refused(client: TestClient, body: dict[str, Any], type: str, pointer: str) -> None:
    for language in ("en", "es"):
        answer = client.post(ADDRESS, json=body, headers={"Accept-Language": language}).json()
        assert (answer["type"], answer["errors"][0]["pointer"]) == (f"/problems/{type}", pointer)


@pytest.mark.parametrize("name", ["digits", "digits-conv", "digits-large"])
def test_a_network_follows_the_pen_on_the_live_socket(client: TestClient, name: str) -> None:
    preset = preset_named(name)
    with client.websocket_connect("/api/v1/live") as socket:
        socket.send_json({"op": "open", "seq": 1, "network": name, "inputs": preset.inputs.tolist()})
        order = socket.receive_json()["order"]
        socket.receive_bytes()
        socket.send_json({"op": "set", "seq": 2, "changes": [{"tensor": "inputs", "strokes": SEVEN}]})
        seq, arrays = read(socket.receive_bytes(), order)
    picture = picture_of(inked(SEVEN), preset.inputs.shape)
    assert picture is not None
    assert seq == 2
    assert torch.tensor(arrays["inputs"]).reshape(picture.shape).tolist() == picture.tolist()
    output = preset.network.outputs[0]
    wanted = forward(preset.network, picture)[output]
    assert torch.tensor(arrays[output]).reshape(-1).tolist() == pytest.approx(wanted.reshape(-1).tolist(), abs=1e-6)
    assert int(wanted.argmax()) == 7


def test_only_pictures_of_digits_are_drawn_on_the_live_socket(client: TestClient) -> None:
    with client.websocket_connect("/api/v1/live") as socket:
        socket.send_json({"op": "open", "seq": 1, "network": "multilayer", "inputs": [1, 2, 3]})
        socket.receive_json()
        socket.receive_bytes()
        socket.send_json({"op": "set", "seq": 2, "changes": [{"tensor": "inputs", "strokes": SEVEN}]})
        refused = socket.receive_json()
        socket.send_json({"op": "set", "seq": 3, "changes": [{"tensor": "inputs", "strokes": [[[2, 0]]]}]})
        socket.receive_json()
    assert refused["problem"]["errors"][0]["pointer"] == "/changes/0/tensor"


@pytest.mark.parametrize("strokes", [[[(0, 0), (1, 1)] * (MOST_POINTS // 2)], [[(0.5, 0.5)]] * 400])
def test_what_takes_a_pen_long_does_not_keep_others_waiting(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, strokes: Any
) -> None:
    costs = costs_told(monkeypatch)
    with client.websocket_connect("/api/v1/live") as socket:
        socket.send_json(
            {"op": "open", "seq": 1, "network": "digits", "inputs": preset_named("digits").inputs.tolist()}
        )
        socket.receive_json()
        socket.receive_bytes()
        costs.clear()
        changes = [{"tensor": "inputs", "strokes": [each]} for each in strokes]
        socket.send_json({"op": "set", "seq": 2, "changes": changes})
        socket.receive_bytes()
    # What is read, what is drawn, and the pass.
    assert len(costs) == 3
    assert costs[1] > 20 * CHEAP_MULTIPLY_ADDS
    costs.clear()
    assert client.post(ADDRESS, json={"strokes": strokes}).status_code == 200
    assert len(costs) == 2
    assert len(strokes) > 1 or costs[1] > 20 * CHEAP_MULTIPLY_ADDS


@pytest.mark.parametrize("count", [1, 3])
def test_a_long_drawing_is_read_on_the_live_socket_too(client: TestClient, count: int) -> None:
    way = torch.rand((count, 4000, 2), generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    strokes: Any = way.tolist()
    assert len(str(strokes)) > 2**17
    with client.websocket_connect("/api/v1/live") as socket:
        socket.send_json(
            {"op": "open", "seq": 1, "network": "digits", "inputs": preset_named("digits").inputs.tolist()}
        )
        order = socket.receive_json()["order"]
        socket.receive_bytes()
        for k, (drawn, pointer) in enumerate(
            ((strokes, None), ([*strokes[:-1], [*strokes[-1], [0.5, 2]]], f"{count - 1}/4000/1"), (strokes[0], "0"))
        ):
            socket.send_json({"op": "set", "seq": 2 + k, "changes": [{"tensor": "inputs", "strokes": drawn}]})
            if pointer is None:
                _, arrays = read(socket.receive_bytes(), order)
                picture = picture_of(inked(strokes), (64,))
                assert picture is not None
                assert arrays["inputs"].reshape(-1).tolist() == picture.tolist()
            else:
                refused = socket.receive_json()["problem"]["errors"][0]["pointer"]
                assert refused == f"/changes/0/strokes/{pointer}"


def test_a_pen_that_goes_to_and_fro_takes_no_more_memory_than_its_points() -> None:
    strokes = [[(0.0, 0.0), (1.0, 1.0)] * (MOST_POINTS // 2)]
    inked(strokes)
    tracemalloc.start()
    try:
        ink = inked(strokes)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert torch.equal(ink, inked([[(0.0, 0.0), (1.0, 1.0)]]))
    assert most < 10 * 16 * MOST_POINTS
