"""Cells on the live socket: changes by cell, tensor and frame; watches of regions and of where a number is from."""

import json
import struct
from typing import Any

import numpy as np
import pytest
import torch
from starlette.testclient import TestClient, WebSocketTestSession

from adelante.network.presets import preset_named
from tests.api.routes.test_live import open_preset, read

PRESET = preset_named("multilayer")
Z = {"tensor": "layers.0.pre_activations", "at": [1]}


def binary(seq: int, tensor: str, values: np.ndarray[Any, Any]) -> bytes:
    """A change of a whole tensor, as the module of the live socket's documents defines its frame."""
    name = tensor.encode()
    return struct.pack("<II", seq, len(name)) + name + b"\0" * (-len(name) % 4) + values.tobytes()


def changed(socket: WebSocketTestSession, seq: int, *changes: dict[str, Any]) -> None:
    socket.send_json({"op": "set", "seq": seq, "changes": list(changes)})


def answer(socket: WebSocketTestSession, order: list[dict[str, Any]], seq: int) -> dict[str, Any]:
    told, arrays = read(socket.receive_bytes(), order)
    assert told == seq
    return arrays


def test_a_cell_and_the_older_forms_change_the_same_number(client: TestClient) -> None:
    pairs: list[tuple[dict[str, Any], dict[str, Any]]] = [
        ({"input": 1, "value": 0.5}, {"cell": {"tensor": "inputs", "at": [1]}, "value": 0.5}),
        (
            {"layer": 0, "weight": [2, 1], "value": -1},
            {"cell": {"tensor": "layers.0.weights", "at": [2, 1]}, "value": -1},
        ),
        ({"layer": 1, "bias": 0, "value": 2}, {"cell": {"tensor": "layers.1.biases", "at": [0]}, "value": 2}),
        ({"inputs": [1, 2, 3]}, {"tensor": "inputs", "values": [1, 2, 3]}),
        ({"layer": 1, "weights": [[1], [2]]}, {"tensor": "layers.1.weights", "values": [[1], [2]]}),
        ({"layer": 0, "biases": [3, 4]}, {"tensor": "layers.0.biases", "values": [3, 4]}),
    ]
    frames = []
    for form in (0, 1):
        with client.websocket_connect("/api/v1/live") as socket:
            open_preset(socket)
            told = [socket.receive_bytes()]
            for seq, pair in enumerate(pairs, start=2):
                changed(socket, seq, pair[form])
                told.append(socket.receive_bytes())
            frames.append(told)
    assert frames[0] == frames[1]
    assert len(set(frames[0])) == len(pairs) + 1


def test_values_without_text_are_those_of_the_frame(client: TestClient) -> None:
    weights = np.array([[0.5], [-0.25]], "<f4")
    with client.websocket_connect("/api/v1/live") as socket:
        order = open_preset(socket)
        socket.receive_bytes()
        socket.send_bytes(binary(2, "inputs", np.array([1, 0, -1], "<f4")))
        assert answer(socket, order, 2)["inputs"].tolist() == [1, 0, -1]
        socket.send_bytes(binary(3, "layers.1.weights", weights))
        arrays = answer(socket, order, 3)
        layer = PRESET.network.layers[1]
        z = torch.from_numpy(arrays["layers.0.activations"].copy()) @ torch.from_numpy(weights) + layer.biases
        assert arrays["layers.1.pre_activations"] == pytest.approx(z.numpy(), abs=1e-6)


@pytest.mark.parametrize(
    ("frame", "seq", "pointer"),
    [
        (b"\1\2\3", None, ""),
        (struct.pack("<II", 2, 10**6) + b"inputs\0\0", 2, ""),
        (struct.pack("<II", 2, 2) + b"\xff\xfe\0\0", 2, ""),
        (binary(2, "layers.7.weights", np.zeros(2, "<f4")), 2, "/tensor"),
        (binary(2, "layers.0.activations", np.zeros(2, "<f4")), 2, "/tensor"),
        (binary(2, "inputs", np.zeros(2, "<f4")), 2, "/values"),
        (binary(2, "layers.1.weights", np.array([[0], [np.nan]], "<f4")), 2, "/values/1/0"),
    ],
)
def test_a_frame_that_is_wrong_changes_nothing(client: TestClient, frame: bytes, seq: int | None, pointer: str) -> None:
    with client.websocket_connect("/api/v1/live") as socket:
        order = open_preset(socket)
        before = answer(socket, order, 1)
        socket.send_bytes(frame)
        told = socket.receive_json()
        assert (told["op"], told["seq"]) == ("problem", seq)
        assert told["problem"]["errors"][0]["pointer"] == pointer
        changed(socket, 3, {"input": 0, "value": float(before["inputs"][0])})
        after = answer(socket, order, 3)
        assert all(np.array_equal(after[name], before[name]) for name in before)


def test_where_a_number_comes_from_is_told_with_every_pass(client: TestClient) -> None:
    watch = [{"kind": "explain", "cell": Z, "as": "z"}, {"kind": "explain", "layer": 0, "neuron": 1}]
    with client.websocket_connect("/api/v1/live") as socket:
        open_preset(socket)
        socket.receive_bytes()
        socket.send_json({"op": "watch", "seq": 2, "watch": watch})
        order = socket.receive_json()["order"]
        explained = socket.receive_json()
        assert (explained["op"], explained["seq"]) == ("explained", 2)
        (cell,) = explained["cells"]
        assert {name: cell[name] for name in ("name", "tensor", "at", "form")} == {
            "name": "z",
            **Z,
            "form": "sum-of-products",
        }
        terms, bias = cell["parts"]
        assert terms["at"] == [[0], [1], [2]]
        assert terms["parameter"] == {"tensor": "layers.0.weights", "at": [[0, 1], [1, 1], [2, 1]]}
        assert (bias["tensor"], bias["at"], bias["role"]) == ("layers.0.biases", [[1]], "bias")
        for seq, value in ((2, None), (3, 0.25)):
            if value is not None:
                changed(socket, seq, {"input": 0, "value": value})
            arrays = answer(socket, order, seq)
            parts = arrays["explain.z.parts"]
            assert parts[:3] == pytest.approx(arrays["inputs"])
            assert arrays["explain.z.parameters"] == pytest.approx(PRESET.network.layers[0].weights[:, 1].numpy())
            assert parts[:3] * arrays["explain.z.parameters"] == pytest.approx(arrays["explain.0.1.contributions"])
            assert arrays["explain.z.value"] == pytest.approx(arrays["layers.0.pre_activations"][1:])


def test_regions_of_any_tensor(client: TestClient) -> None:
    watch: list[dict[str, Any]] = [
        {"kind": "tensor", "tensor": "layers.0.weights", "region": [[1, 3], [0, 2]]},
        {"kind": "tensor", "tensor": "layers.0.weights", "reduce": {"by": [2, 2], "with": "largest"}, "as": "w"},
        {"kind": "tensor", "tensor": "inputs", "reduce": {"by": [3], "with": "mean"}, "as": "x"},
    ]
    weights = PRESET.network.layers[0].weights
    with client.websocket_connect("/api/v1/live") as socket:
        open_preset(socket)
        socket.receive_bytes()
        socket.send_json({"op": "watch", "seq": 2, "watch": watch})
        order = socket.receive_json()["order"]
        arrays = answer(socket, order, 2)
        assert arrays["tensor.0"] == pytest.approx(weights[1:3].numpy())
        assert arrays["tensor.w"].tolist() == [[weights[:2].max().item()], [weights[2].max().item()]]
        assert arrays["tensor.x"] == pytest.approx(arrays["inputs"].mean(keepdims=True))


@pytest.mark.parametrize(
    ("watch", "pointer"),
    [
        ({"kind": "tensor", "tensor": "nope"}, "/watch/0/tensor"),
        ({"kind": "tensor", "tensor": "inputs", "region": [[0, 4]]}, "/watch/0/region/0"),
        ({"kind": "tensor", "tensor": "inputs", "region": [[2, 2]]}, "/watch/0/region/0"),
        ({"kind": "tensor", "tensor": "inputs", "region": [[0]]}, "/watch/0/region/0"),
        ({"kind": "tensor", "tensor": "inputs", "region": []}, "/watch/0/region"),
        ({"kind": "tensor", "tensor": "inputs", "reduce": {"by": [1, 1], "with": "mean"}}, "/watch/0/reduce/by"),
        ({"kind": "tensor", "tensor": "inputs", "reduce": {"by": [0], "with": "mean"}}, "/watch/0/reduce/by/0"),
        ({"kind": "tensor", "tensor": "inputs", "reduce": {"by": [1], "with": "sum"}}, "/watch/0/reduce/with"),
        ({"kind": "explain", "cell": {"tensor": "inputs", "at": [0]}}, "/watch/0/cell/tensor"),
        ({"kind": "explain", "cell": {**Z, "at": [9]}}, "/watch/0/cell/at/0"),
        ({"kind": "explain", "cell": {**Z, "at": []}}, "/watch/0/cell/at"),
    ],
)
@pytest.mark.parametrize("language", ["en", "es"])
def test_a_watch_that_is_not_there_is_refused(
    client: TestClient, watch: dict[str, Any], pointer: str, language: str
) -> None:
    with client.websocket_connect("/api/v1/live", headers={"Accept-Language": language}) as socket:
        open_preset(socket)
        socket.receive_bytes()
        socket.send_json({"op": "watch", "seq": 2, "watch": [watch]})
        told = socket.receive_json()
        assert told["problem"]["errors"][0]["pointer"] == pointer, told
        assert "{" not in json.dumps(told["problem"]["detail"])


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"cell": {"tensor": "layers.0.activations", "at": [0]}, "value": 1}, "/changes/0/cell/tensor"),
        ({"cell": {"tensor": "inputs", "at": [3]}, "value": 1}, "/changes/0/cell/at/0"),
        ({"cell": {"tensor": "inputs", "at": [0]}, "value": 1e39}, "/changes/0/value"),
        ({"cell": {"tensor": "inputs", "at": [0]}}, "/changes/0/value"),
        ({"tensor": "inputs", "values": [1, 2]}, "/changes/0/values"),
        ({"tensor": "layers.5.weights", "values": [[1]]}, "/changes/0/tensor"),
    ],
)
def test_a_change_that_can_not_be_made_is_refused(client: TestClient, change: dict[str, Any], pointer: str) -> None:
    with client.websocket_connect("/api/v1/live") as socket:
        open_preset(socket)
        socket.receive_bytes()
        changed(socket, 2, change)
        assert socket.receive_json()["problem"]["errors"][0]["pointer"] == pointer
