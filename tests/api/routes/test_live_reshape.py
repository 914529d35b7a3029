"""A live session's network gets another shape without being sent whole; every answer is torch's."""

from typing import Any

import pytest
import torch
from starlette.testclient import TestClient, WebSocketTestSession

from adelante.network.presets import chain_named
from tests.api.routes.test_live import open_preset, read


def told(socket: WebSocketTestSession, command: dict[str, Any]) -> dict[str, Any]:
    """The arrays after a command of another shape, and its answer."""
    socket.send_json(command)
    answer = socket.receive_json()
    assert answer["op"] == "reshaped", answer
    seq, arrays = read(socket.receive_bytes(), answer["order"])
    assert seq == answer["seq"] == command["seq"]
    return arrays


def outputs(weights: list[torch.Tensor], biases: list[torch.Tensor], x: torch.Tensor) -> torch.Tensor:
    for w, b in zip(weights, biases, strict=True):
        x = torch.sigmoid(x @ w + b)
    return x


def test_a_neuron_is_added_and_taken_away_by_its_own_numbers(client: TestClient) -> None:
    preset = chain_named("multilayer")
    x, (first, second) = preset.inputs, preset.network.layers
    wide = torch.cat([first.weights, torch.tensor([[1.0], [2], [3]])], 1)
    high = torch.cat([second.weights, torch.tensor([[-0.5]])])
    with client.websocket_connect("/api/v1/live") as socket:
        open_preset(socket)
        socket.receive_bytes()
        grown = [
            {"from": 0, "columns": [0, 1, None], "weights": [1, 2, 3], "biases": [0.25]},
            {"from": 1, "rows": [0, 1, None], "weights": [-0.5]},
        ]
        arrays = told(socket, {"op": "reshape", "seq": 2, "layers": grown, "inputs": x.tolist()})
        biases = [torch.cat([first.biases, torch.tensor([0.25])]), second.biases]
        expected = outputs([wide, high], biases, x)
        assert arrays["layers.1.activations"] == pytest.approx(expected.numpy(), abs=1e-6)
        # The first hidden neuron goes, and another number changes with it.
        shrunk = [{"from": 0, "columns": [1, 2]}, {"from": 1, "rows": [1, 2]}]
        changes = [{"layer": 1, "bias": 0, "value": 1.5}]
        arrays = told(socket, {"op": "reshape", "seq": 3, "layers": shrunk, "inputs": [1, 2, 3], "changes": changes})
        x = torch.tensor([1.0, 2, 3])
        expected = outputs([wide[:, 1:], high[1:]], [biases[0][1:], torch.tensor([1.5])], x)
        assert arrays["layers.1.activations"] == pytest.approx(expected.numpy(), abs=1e-6)
    # The preset that everybody opens is what it was.
    assert torch.equal(first.weights, chain_named("multilayer").network.layers[0].weights)


def test_a_new_layer_stands_between_old_ones_and_is_watched_anew(client: TestClient) -> None:
    preset = chain_named("multilayer")
    layers = [{"from": 0}, {"weights": [[1, 0], [0, 1]], "biases": [0, 0]}, {"from": 1, "activation": "identity"}]
    with client.websocket_connect("/api/v1/live") as socket:
        open_preset(socket)
        socket.receive_bytes()
        arrays = told(socket, {"op": "reshape", "seq": 2, "layers": layers, "inputs": preset.inputs.tolist()})
        hidden = torch.sigmoid(preset.inputs @ preset.network.layers[0].weights + preset.network.layers[0].biases)
        z = hidden @ preset.network.layers[1].weights + preset.network.layers[1].biases
        assert arrays["layers.1.activations"] == pytest.approx(hidden.numpy(), abs=1e-6)
        assert arrays["layers.2.activations"] == pytest.approx(z.numpy(), abs=1e-6)


@pytest.mark.parametrize(
    ("command", "pointer"),
    [
        ({"layers": [{"from": 2}]}, "/layers/0/from"),
        ({"layers": [{"from": 0, "columns": [0, 5]}, {"from": 1}]}, "/layers/0/columns/1"),
        ({"layers": [{"from": 0, "columns": [0]}, {"from": 1}]}, "/layers/1/weights"),
        ({"layers": [{"from": 0, "columns": [0, "1"]}, {"from": 1}]}, "/layers/0/columns/1"),
        ({"layers": [{"from": 0, "rows": [0, 1, None], "weights": [1, True]}]}, "/layers/0/weights/1"),
        ({"layers": [{"from": 0}, {"from": 1}], "inputs": [1, 2]}, "/inputs"),
        ({"layers": [{"from": 0}, {"from": 1}], "changes": [{"layer": 5, "bias": 0, "value": 1}]}, "/changes/0/layer"),
        ({"layers": []}, "/layers"),
        ({"layers": [{"from": 0, "columns": [None] * 2}]}, "/layers/0/weights"),
    ],
)
def test_a_shape_that_does_not_fit_is_refused_and_the_network_stays(
    client: TestClient, command: dict[str, Any], pointer: str
) -> None:
    with client.websocket_connect("/api/v1/live") as socket:
        order = open_preset(socket)
        _, before = read(socket.receive_bytes(), order)
        socket.send_json({"op": "reshape", "seq": 2, "inputs": [1, 2, 3], **command})
        answer = socket.receive_json()
        assert (answer["op"], answer["seq"]) == ("problem", 2)
        assert answer["problem"]["errors"][0]["pointer"] == pointer
        socket.send_json({"op": "set", "seq": 3, "changes": [{"input": 0, "value": float(before["inputs"][0])}]})
        _, after = read(socket.receive_bytes(), order)
        assert after["layers.1.activations"] == pytest.approx(before["layers.1.activations"])


def test_before_a_network_is_open_there_is_none_to_reshape(client: TestClient) -> None:
    with client.websocket_connect("/api/v1/live") as socket:
        socket.send_json({"op": "reshape", "seq": 1, "layers": [{"from": 0}], "inputs": [1]})
        assert socket.receive_json()["problem"]["errors"][0]["pointer"] == "/op"


def test_very_many_places_are_read_as_any(client: TestClient) -> None:
    """Long arrays of numbers are kept without objects while they are read."""
    width = 2000
    with client.websocket_connect("/api/v1/live") as socket:
        layer = {"weights": [[float(k) for k in range(width)]], "biases": [0.0] * width}
        socket.send_json({"op": "open", "seq": 1, "layers": [layer], "inputs": [1]})
        socket.receive_json(), socket.receive_bytes()
        places = [{"from": 0, "columns": list(range(width - 1, -1, -1))}]
        arrays = told(socket, {"op": "reshape", "seq": 2, "layers": places, "inputs": [1]})
        assert arrays["layers.0.activations"].tolist() == [float(k) for k in range(width - 1, -1, -1)]
