"""Cells on the live socket: changes by cell, tensor and frame; watches of regions and of where a number is from."""

import json
import struct
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from starlette.testclient import TestClient, WebSocketTestSession

from adelante.network.forward import forward
from adelante.network.presets import chain_named
from tests.api.routes.test_cells import ASKED, NETWORK, PICTURE
from tests.api.routes.test_live import open_preset, read

PRESET = chain_named("multilayer")
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


@pytest.fixture
def picture_socket(client: TestClient) -> Iterator[tuple[WebSocketTestSession, list[dict[str, Any]]]]:
    """A session of a small network of several kinds, just opened; and the order of its frames."""
    with client.websocket_connect("/api/v1/live") as socket:
        socket.send_json({"op": "open", "seq": 1, **ASKED})
        opened = socket.receive_json()
        assert opened["op"] == "opened", opened
        yield socket, opened["order"]


def test_a_network_of_any_kind_is_opened_changed_and_told(picture_socket: Any) -> None:
    socket, order = picture_socket
    assert [slot["name"] for slot in order] == ["inputs", *(node.name for node in NETWORK.nodes)]
    given = PICTURE.clone()
    weights = NETWORK.parameters["layers.0.weights"].clone()

    def expected() -> Any:
        return forward(NETWORK.with_parameters({"layers.0.weights": weights}), given)

    def told(seq: int) -> None:
        arrays, trace = answer(socket, order, seq), expected()
        for name, values in arrays.items():
            assert np.array_equal(values, trace[name].numpy()), (seq, name)

    told(1)
    changed(socket, 2, {"cell": {"tensor": "inputs", "at": [0, 1, 1]}, "value": 2.5})
    given[0, 1, 1] = 2.5
    told(2)
    weights[1, 0, 2, 2] = -3
    changed(socket, 3, {"cell": {"tensor": "layers.0.weights", "at": [1, 0, 2, 2]}, "value": -3})
    told(3)
    given = -PICTURE
    socket.send_bytes(binary(4, "inputs", given.numpy()))
    told(4)
    weights = torch.ones_like(weights)
    socket.send_bytes(binary(5, "layers.0.weights", weights.numpy()))
    told(5)
    given = torch.zeros_like(given)
    changed(socket, 6, {"tensor": "inputs", "values": given.tolist()})
    told(6)


def test_what_was_chosen_is_told_again_when_it_is_another(picture_socket: Any) -> None:
    socket, order = picture_socket
    answer(socket, order, 1)
    cell = {"tensor": "layers.1.activations", "at": [0, 0, 0]}
    socket.send_json({"op": "watch", "seq": 2, "watch": [{"kind": "explain", "cell": cell, "as": "m"}]})
    order = socket.receive_json()["order"]
    first = socket.receive_json()
    arrays = answer(socket, order, 2)
    told = first["cells"][0]
    assert told["form"] == "choice"
    assert arrays["explain.m.parts"][told["chosen"]] == arrays["explain.m.value"][0]
    # The bias moves all of them alike: nothing to say again. Other numbers choose another.
    changed(socket, 3, {"cell": {"tensor": "layers.0.biases", "at": [0]}, "value": 5})
    assert answer(socket, order, 3)["explain.m.value"][0] != arrays["explain.m.value"][0]
    seq, chosen = 4, told["chosen"]
    for value in (50.0, -50.0):
        changed(socket, seq, {"cell": {"tensor": "inputs", "at": [0, 0, 0]}, "value": value})
        message = socket.receive()
        if "text" in message:
            again = json.loads(message["text"])
            assert (again["op"], again["seq"]) == ("explained", seq)
            assert again["cells"][0]["chosen"] != chosen
            chosen = again["cells"][0]["chosen"]
            message = socket.receive()
        _, arrays = read(message["bytes"], order)
        assert arrays["explain.m.parts"][chosen] == arrays["explain.m.value"][0] == arrays["explain.m.parts"].max()
        seq += 1


def test_sweeps_and_planes_of_any_cells(picture_socket: Any) -> None:
    socket, order = picture_socket
    answer(socket, order, 1)
    pixel, weight = {"tensor": "inputs", "at": [0, 1, 1]}, {"tensor": "layers.3.weights", "at": [2, 1]}
    ranged = {"from": -1, "to": 1}
    watch = [
        {"kind": "sweep", "vary": weight, **ranged, "steps": 3, "as": "w"},
        {"kind": "grid", "x": {"cell": pixel, **ranged}, "y": {"cell": weight, **ranged}, "steps": 3, "as": "p",
         "later": True},
    ]  # fmt: skip
    socket.send_json({"op": "watch", "seq": 2, "watch": watch})
    order = socket.receive_json()["order"]
    arrays = answer(socket, order, 2)
    parameters = NETWORK.parameters["layers.3.weights"].clone()
    for k, value in enumerate((-1.0, 0.0, 1.0)):
        parameters[2, 1] = value
        expected = forward(NETWORK.with_parameters({"layers.3.weights": parameters}), PICTURE)
        assert arrays["sweep.w.outputs"][k] == pytest.approx(expected["layers.3.activations"].numpy(), abs=1e-6)
    later = socket.receive_json()
    assert later["op"] == "later"
    _, plane = read(socket.receive_bytes(), later["order"])
    assert plane["grid.p.outputs"].shape == (3, 3, 3)
    assert plane["grid.p.outputs"].sum(0) == pytest.approx(np.ones((3, 3)), abs=1e-5)


def test_a_sweep_and_a_plane_may_share_a_name_and_two_sweeps_may_not(picture_socket: Any) -> None:
    socket, order = picture_socket
    answer(socket, order, 1)
    pixel, weight = {"tensor": "inputs", "at": [0, 1, 1]}, {"tensor": "layers.3.weights", "at": [2, 1]}
    ranged = {"from": -1, "to": 1}
    sweep = {"kind": "sweep", "vary": weight, **ranged, "steps": 2, "as": "a"}
    plane = {"kind": "grid", "x": {"cell": pixel, **ranged}, "y": {"cell": weight, **ranged}, "steps": 2, "as": "a"}
    socket.send_json({"op": "watch", "seq": 2, "watch": [sweep, plane]})
    order = socket.receive_json()["order"]
    assert {"sweep.a.outputs", "grid.a.outputs"} <= set(answer(socket, order, 2))
    for watch in ([sweep, sweep], [plane, sweep, plane]):
        socket.send_json({"op": "watch", "seq": 3, "watch": watch})
        (error,) = socket.receive_json()["problem"]["errors"]
        assert error["pointer"] == f"/watch/{len(watch) - 1}/as"


@pytest.mark.parametrize(
    ("command", "pointer"),
    [
        ({"op": "watch", "watch": [{"kind": "gradients"}]}, "/watch/0/kind"),
        ({"op": "watch", "watch": [{"kind": "explain", "layer": 0, "neuron": 0}]}, "/watch/0/kind"),
        ({"op": "set", "changes": [{"layer": 0, "activation": "tanh"}]}, "/changes/0/activation"),
        ({"op": "set", "changes": [{"layer": 1, "weights": [[1]]}]}, "/changes/0/weights"),
        ({"op": "set", "changes": [{"layer": 0, "weight": [0, 0], "value": 1}]}, "/changes/0"),
        ({"op": "set", "changes": [{"inputs": [1, 2]}]}, "/changes/0/inputs"),
        ({"op": "reshape", "layers": [{"weights": [[1]]}], "inputs": [1]}, "/op"),
        ({"op": "open", "input": {"shape": [2]}, "layers": [{"kind": "nope"}], "inputs": [1, 2]}, "/layers/0/kind"),
        ({"op": "open", "input": {"shape": [2]}, "layers": [{"kind": "relu"}], "inputs": [1]}, "/inputs"),
    ],
)
@pytest.mark.parametrize("language", ["en", "es"])
def test_what_such_a_network_has_not_is_refused(
    client: TestClient, command: dict[str, Any], pointer: str, language: str
) -> None:
    with client.websocket_connect("/api/v1/live", headers={"Accept-Language": language}) as socket:
        socket.send_json({"op": "open", "seq": 1, **ASKED})
        order = socket.receive_json()["order"]
        before = answer(socket, order, 1)
        socket.send_json({**command, "seq": 2})
        problem = socket.receive_json()
        assert (problem["op"], problem["problem"]["errors"][0]["pointer"]) == ("problem", pointer), problem
        changed(socket, 3, {"cell": {"tensor": "inputs", "at": [0, 0, 0]}, "value": PICTURE[0, 0, 0].item()})
        after = answer(socket, order, 3)
        assert all(np.array_equal(before[name], after[name]) for name in before)


@pytest.mark.parametrize(
    ("dtype", "good", "bad"),
    [("bool", [1, 0], [2, -1]), ("uint8", [255, 0], [256, -1]), ("int8", [127, -128], [128, -129])],
)
def test_whole_numbers_of_a_narrow_type_are_never_others_in_silence(
    client: TestClient, dtype: str, good: list[int], bad: list[int]
) -> None:
    with client.websocket_connect("/api/v1/live") as socket:
        layers = [{"kind": "cast", "dtype": "float32"}]
        given = {"input": {"shape": [2], "dtype": dtype}, "layers": layers, "inputs": [0, 0]}
        socket.send_json({"op": "open", "seq": 1, **given})
        order = socket.receive_json()["order"]
        answer(socket, order, 1)
        socket.send_bytes(binary(2, "inputs", np.array(good, "<i8")))
        assert answer(socket, order, 2)["layers.0.activations"].tolist() == good
        socket.send_bytes(binary(3, "inputs", np.array([0, bad[0]], "<i8")))
        told = socket.receive_json()["problem"]["errors"][0]
        assert told["pointer"] == "/values/1"
        for number in bad:
            changed(socket, 4, {"cell": {"tensor": "inputs", "at": [0]}, "value": number})
            problem = socket.receive_json()["problem"]
            assert (problem["type"], problem["errors"][0]["pointer"]) == ("/problems/out-of-range", "/changes/0/value")
        changed(socket, 5, {"cell": {"tensor": "inputs", "at": [1]}, "value": good[0]})
        assert answer(socket, order, 5)["layers.0.activations"].tolist() == [good[0], good[0]]


def test_token_ids_are_whole_numbers_and_there(client: TestClient) -> None:
    tokens = {
        "input": {"shape": [2], "dtype": "int64"},
        "layers": [{"kind": "embedding", "weights": [[0.5], [1.0], [2.0]]}],
        "inputs": [0, 2],
    }
    with client.websocket_connect("/api/v1/live") as socket:
        socket.send_json({"op": "open", "seq": 1, **tokens})
        order = socket.receive_json()["order"]
        assert answer(socket, order, 1)["layers.0.activations"].tolist() == [[0.5], [2.0]]
        socket.send_bytes(binary(2, "inputs", np.array([1, 1], "<i8")))
        assert answer(socket, order, 2)["layers.0.activations"].tolist() == [[1.0], [1.0]]
        changed(socket, 3, {"cell": {"tensor": "inputs", "at": [0]}, "value": 0.5})
        assert socket.receive_json()["problem"]["errors"][0]["pointer"] == "/changes/0/value"
        changed(socket, 4, {"cell": {"tensor": "inputs", "at": [0]}, "value": 7})
        assert socket.receive_json()["op"] == "problem"
        changed(socket, 5, {"cell": {"tensor": "inputs", "at": [0]}, "value": 2})
        assert answer(socket, order, 5)["layers.0.activations"].tolist() == [[2.0], [1.0]]


WORDS: dict[str, Any] = {
    "input": {"shape": [3], "dtype": "int64"},
    "layers": [{"kind": "embedding", "weights": [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0], [7.0, 8.0]]}],
}


def test_a_token_that_is_not_there_is_refused_and_the_session_goes_on(client: TestClient) -> None:
    """Whether it is opened with it, set to it, or watches it."""
    with client.websocket_connect("/api/v1/live") as socket:
        open_preset(socket)
        first = socket.receive_bytes()
        socket.send_json({"op": "open", "seq": 2, **WORDS, "inputs": [0, 4, 1]})
        told = socket.receive_json()
        assert (told["op"], told["seq"]) == ("problem", 2)
        assert [each["pointer"] for each in told["problem"]["errors"]] == ["/layers/0"]
        changed(socket, 3, {"input": 0, "value": float(PRESET.inputs[0])})
        assert socket.receive_bytes()[4:] == first[4:], "the session before is still there"

        socket.send_json({"op": "open", "seq": 4, **WORDS, "inputs": [0, 3, 1]})
        order = socket.receive_json()["order"]
        assert answer(socket, order, 4)["layers.0.activations"].tolist() == [[1, 2], [7, 8], [3, 4]]
        token = {"cell": {"tensor": "inputs", "at": [1]}, "value": 4}
        changed(socket, 5, token)
        assert socket.receive_json()["seq"] == 5
        sweep = {"kind": "sweep", "vary": {"tensor": "inputs", "at": [0]}, "from": 0, "to": 5, "steps": 6}
        socket.send_json({"op": "watch", "seq": 6, "watch": [sweep]})
        assert socket.receive_json()["seq"] == 6
        changed(socket, 7, {"cell": {"tensor": "layers.0.weights", "at": [0, 1]}, "value": -2})
        assert answer(socket, order, 7)["layers.0.activations"].tolist() == [[1, -2], [7, 8], [3, 4]]
        socket.send_json({"op": "watch", "seq": 8, "watch": [{**sweep, "to": 3, "steps": 4}]})
        told = socket.receive_json()
        assert (told["op"], told["seq"]) == ("watching", 8)
        assert answer(socket, told["order"], 8)["sweep.0.outputs"].shape == (4, 3, 2)


def test_where_a_number_that_is_not_finite_arose_is_told_when_it_is_so(client: TestClient) -> None:
    layers = [{"kind": "exp"}, {"kind": "log"}]
    with client.websocket_connect("/api/v1/live") as socket:
        socket.send_json({"op": "open", "seq": 1, "input": {"shape": [2]}, "layers": layers, "inputs": [1.0, 2.0]})
        order = socket.receive_json()["order"]
        answer(socket, order, 1)
        cell = {"tensor": "layers.1.activations", "at": [0]}
        socket.send_json({"op": "watch", "seq": 2, "watch": [{"kind": "explain", "cell": cell, "as": "y", "terms": 2}]})
        order = socket.receive_json()["order"]
        assert "arises" not in socket.receive_json()["cells"][0]
        answer(socket, order, 2)
        changed(socket, 3, {"cell": {"tensor": "inputs", "at": [0]}, "value": 1000.0})
        told = socket.receive_json()
        assert told["cells"][0]["arises"] == [
            {
                "cell": {"tensor": "layers.0.activations", "at": [0]},
                "value": "Infinity",
                "cause": "function",
                "numbers": [1000.0],
                "formula": "exp(x)",
            }
        ]
        answer(socket, order, 3)
        changed(socket, 4, {"cell": {"tensor": "inputs", "at": [0]}, "value": 1.0})
        assert "arises" not in socket.receive_json()["cells"][0]
        answer(socket, order, 4)
