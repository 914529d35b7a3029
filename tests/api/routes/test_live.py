"""The live socket: every answer is torch's, bad commands change nothing, and the newest wins."""

import asyncio
import gc
import json
import struct
import time
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient, WebSocketTestSession
from starlette.websockets import WebSocketDisconnect

from adelante.network.activations import ACTIVATIONS
from adelante.network.forward import forward
from adelante.network.presets import chain_named
from app.main import create_app
from app.settings import Settings
from app.store.networks import around_bytes, ready_bytes
from tests import notebook
from tests.long import examples

SWEEP: dict[str, Any] = {"kind": "sweep", "vary": {"input": 0}, "from": -1, "to": 1, "steps": 2}
SIDES = {"x": {"input": 0, "from": -1, "to": 1}, "y": {"input": 1, "from": -1, "to": 1}}
PLANE: dict[str, Any] = {"kind": "grid", **SIDES, "steps": 2}
Arrays = dict[str, np.ndarray[Any, np.dtype[np.float32]]]


def read(frame: bytes, order: list[dict[str, Any]]) -> tuple[int, Arrays]:
    (seq,) = struct.unpack_from("<I", frame)
    values = np.frombuffer(frame, "<f4", offset=4)
    arrays, offset = {}, 0
    for slot in order:
        length = int(np.prod(slot["shape"]))
        arrays[slot["name"]] = values[offset : offset + length].reshape(slot["shape"])
        offset += length
    assert offset == len(values)
    return seq, arrays


def open_preset(socket: WebSocketTestSession, name: str = "multilayer") -> list[dict[str, Any]]:
    inputs = chain_named(name).inputs.tolist()
    socket.send_json({"op": "open", "seq": 1, "network": name, "inputs": inputs})
    opened = socket.receive_json()
    assert (opened["op"], opened["seq"], opened["dtype"], opened["device"]) == ("opened", 1, "float32", "cpu")
    order: list[dict[str, Any]] = opened["order"]
    return order


def test_what_softmax_is_made_of_is_told_for_any_activation(client: TestClient) -> None:
    with client.websocket_connect("/api/v1/live") as socket:
        layer = {"weights": [[1.5, -0.5, 0.25]], "biases": [0.1, 0.2, 0.3], "activation": "tanh"}
        socket.send_json({"op": "open", "seq": 1, "layers": [layer], "inputs": [2]})
        socket.receive_json(), socket.receive_bytes()
        socket.send_json({"op": "watch", "seq": 2, "watch": [{"kind": "shares", "layer": 0}]})
        order = socket.receive_json()["order"]
        z = torch.tensor([3.1, -0.8, 0.8])
        _, arrays = read(socket.receive_bytes(), order)
        assert arrays["shares.0.exponentials"] == pytest.approx(torch.exp(z).numpy(), rel=1e-6)
        assert arrays["shares.0.total"] == pytest.approx([torch.exp(z).sum().item()], rel=1e-6)
        assert arrays["shares.0.shares"] == pytest.approx(torch.softmax(z, 0).numpy(), abs=1e-6)
        assert arrays["shares.0.log_total"] == pytest.approx([torch.logsumexp(z, 0).item()], rel=1e-6)
        assert arrays["shares.0.subtracted"] == [0]
        # The frame keeps its arrays, whatever the layer's function becomes.
        socket.send_json({"op": "set", "seq": 3, "changes": [{"layer": 0, "activation": "softmax"}]})
        _, after = read(socket.receive_bytes(), order)
        assert after["layers.0.activations"] == pytest.approx(after["shares.0.shares"])


def test_differences_from_values_are_torchs(client: TestClient) -> None:
    with client.websocket_connect("/api/v1/live") as socket:
        order = open_preset(socket)
        _, before = read(socket.receive_bytes(), order)
        values = [before[name].tolist() for name in ("inputs", "layers.0.activations", "layers.1.activations")]
        socket.send_json({"op": "watch", "seq": 2, "watch": [{"kind": "differences", "values": values}]})
        order = socket.receive_json()["order"]
        _, arrays = read(socket.receive_bytes(), order)
        assert [arrays[f"differences.{k}"].tolist() for k in range(3)] == [[0, 0, 0], [0, 0], [0]]
        socket.send_json({"op": "set", "seq": 3, "changes": [{"input": 0, "value": 0.7}]})
        _, arrays = read(socket.receive_bytes(), order)
        for k, name in enumerate(("inputs", "layers.0.activations", "layers.1.activations")):
            expected = torch.tensor(arrays[name]) - torch.tensor(values[k])
            assert torch.equal(torch.tensor(arrays[f"differences.{k}"]), expected)


@pytest.mark.parametrize(
    ("values", "pointer"),
    [
        ([[1, 2, 3], [1], [1]], "/watch/0/values/1"),
        ([[1, 2, 3], [1, 2]], "/watch/0/values"),
        ([[1, 2, "3"], [1, 2], [1]], "/watch/0/values/0/2"),
    ],
)
def test_differences_from_values_of_another_shape_are_refused(
    client: TestClient, values: list[Any], pointer: str
) -> None:
    with client.websocket_connect("/api/v1/live") as socket:
        open_preset(socket)
        socket.receive_bytes()
        socket.send_json({"op": "watch", "seq": 2, "watch": [{"kind": "differences", "values": values}]})
        assert socket.receive_json()["problem"]["errors"][0]["pointer"] == pointer


def test_open_set_and_watch(client: TestClient) -> None:
    with client.websocket_connect("/api/v1/live") as socket:
        order = open_preset(socket)
        seq, arrays = read(socket.receive_bytes(), order)
        assert seq == 1
        assert arrays["layers.1.activations"] == pytest.approx([notebook.OUTPUT], abs=1e-7)

        changes = [
            {"input": 0, "value": 0.5},
            {"layer": 0, "weight": [2, 1], "value": -1},
            {"layer": 1, "bias": 0, "value": 2},
        ]
        socket.send_json({"op": "set", "seq": 2, "changes": [*changes, {"layer": 0, "activation": "tanh"}]})
        seq, arrays = read(socket.receive_bytes(), order)
        assert seq == 2
        hidden_weights = torch.tensor(notebook.HIDDEN_WEIGHTS)
        hidden_weights[2, 1] = -1
        x = torch.tensor([0.5, *notebook.FEATURES[1:]])
        hidden = torch.tanh(x @ hidden_weights + torch.tensor(notebook.HIDDEN_BIASES))
        output = torch.sigmoid(hidden @ torch.tensor(notebook.OUTPUT_WEIGHTS) + 2)
        assert arrays["layers.0.activations"] == pytest.approx(hidden.numpy(), abs=1e-6)
        assert arrays["layers.1.activations"] == pytest.approx(output.numpy(), abs=1e-6)

        watch = [
            {"kind": "explain", "layer": 0, "neuron": 1},
            {"kind": "sweep", "vary": {"input": 0}, "from": -3, "to": 3, "steps": 5},
            {
                "kind": "grid",
                "x": {"input": 0, "from": -1, "to": 1},
                "y": {"input": 1, "from": -1, "to": 1},
                "steps": 3,
            },
            {"kind": "gradients"},
        ]
        socket.send_json({"op": "watch", "seq": 3, "watch": watch})
        watching = socket.receive_json()
        assert (watching["op"], watching["seq"]) == ("watching", 3)
        seq, arrays = read(socket.receive_bytes(), watching["order"])
        assert seq == 3
        assert arrays["explain.0.1.contributions"] == pytest.approx((x * hidden_weights[:, 1]).numpy(), abs=1e-6)
        sums = [0.0, *np.cumsum(arrays["explain.0.1.contributions"])] + arrays["layers.0.pre_activations"][1]
        assert arrays["explain.0.1.sums"] == pytest.approx(sums - sum(arrays["explain.0.1.contributions"]), abs=1e-6)
        running = np.cumsum([*arrays["explain.0.1.contributions"], notebook.HIDDEN_BIASES[1]])
        assert arrays["explain.0.1.running"] == pytest.approx(running, abs=1e-6)
        assert arrays["explain.0.1.sums"][0] == pytest.approx(notebook.HIDDEN_BIASES[1])
        assert arrays["explain.0.1.derivative"] == pytest.approx([1 - hidden[1].item() ** 2], abs=1e-6)
        assert arrays["explain.0.1.curve"].shape == (2, 65)
        assert arrays["sweep.1.values"] == pytest.approx([-3, -1.5, 0, 1.5, 3])
        assert arrays["sweep.1.outputs"].shape == (5, 1)
        assert arrays["grid.2.layers.0.activations"].shape == (2, 3, 3)
        assert arrays["gradients.inputs"].shape == (1, 3)


def test_watches_by_name_and_a_batch(client: TestClient) -> None:
    network = chain_named("multilayer").network
    rows = [[0.0, 0.0, 0.0], [1.0, -1.0, 2.0]]
    watch = [
        {"kind": "batch", "inputs": rows, "as": "rows"},
        {"kind": "sweep", "vary": {"input": 2}, "from": -1, "to": 1, "steps": 3, "as": "i2", "layers": True},
        {"kind": "sweep", "vary": {"layer": 0, "bias": 1}, "from": -1, "to": 1, "steps": 3, "as": "b0.1"},
    ]
    with client.websocket_connect("/api/v1/live") as socket:
        open_preset(socket)
        socket.receive_bytes()
        socket.send_json({"op": "watch", "seq": 2, "watch": watch})
        order = socket.receive_json()["order"]
        _, arrays = read(socket.receive_bytes(), order)
        assert arrays["batch.rows.outputs"] == pytest.approx(
            forward(network, torch.tensor(rows)).outputs.numpy(), abs=1e-6
        )
        swept = torch.tensor([[*notebook.FEATURES[:2], value] for value in (-1.0, 0.0, 1.0)])
        trace = forward(network, swept)
        assert arrays["sweep.i2.layers.0.activations"] == pytest.approx(trace.activations[0].numpy(), abs=1e-6)
        assert arrays["sweep.i2.outputs"] == pytest.approx(trace.outputs.numpy(), abs=1e-6)
        assert arrays["sweep.b0.1.outputs"].shape == (3, 1)
        assert "sweep.b0.1.layers.0.activations" not in arrays


def test_what_is_watched_for_later_follows_its_pass(client: TestClient) -> None:
    network = chain_named("multilayer").network
    sweep = {"kind": "sweep", "vary": {"input": 0}, "from": -1, "to": 1, "steps": 3, "as": "i0", "later": True}
    plane = {"kind": "grid", "as": "p", "x": {"input": 0, "from": -1, "to": 1}, "y": {"input": 1, "from": -1, "to": 1}}
    watch = [sweep, {**plane, "steps": 3, "later": True}, {"kind": "explain", "layer": 0, "neuron": 1}]
    with client.websocket_connect("/api/v1/live") as socket:
        open_preset(socket)
        socket.receive_bytes()
        socket.send_json({"op": "watch", "seq": 2, "watch": watch})
        order = socket.receive_json()["order"]
        assert [slot["name"] for slot in order if slot["name"].startswith(("sweep", "grid"))] == []
        assert "explain.0.1.curve" in read(socket.receive_bytes(), order)[1]
        later = socket.receive_json()
        assert (later["op"], later["seq"]) == ("later", 2)
        read(socket.receive_bytes(), later["order"])

        socket.send_json({"op": "set", "seq": 3, "changes": [{"layer": 0, "weight": [0, 0], "value": 1.5}]})
        assert read(socket.receive_bytes(), order)[0] == 3
        seq, arrays = read(socket.receive_bytes(), later["order"])
        assert seq == 3
        weights = network.layers[0].weights.clone()
        weights[0, 0] = 1.5
        x = torch.tensor([[value, *notebook.FEATURES[1:]] for value in (-1.0, 0.0, 1.0)])
        hidden = torch.sigmoid(x @ weights + network.layers[0].biases)
        outputs = torch.sigmoid(hidden @ torch.tensor(notebook.OUTPUT_WEIGHTS) + network.layers[1].biases)
        assert arrays["sweep.i0.outputs"] == pytest.approx(outputs.numpy(), abs=1e-6)
        assert arrays["grid.p.layers.0.activations"].shape == (2, 3, 3)


def test_what_no_change_reached_is_not_told_again(client: TestClient) -> None:
    own = {"kind": "sweep", "vary": {"input": 0}, "from": -1, "to": 1, "steps": 3, "as": "i0", "later": True}
    other = {**own, "vary": {"input": 1}, "as": "i1"}
    sides = {"x": {"input": 0, "from": -1, "to": 1}, "y": {"input": 1, "from": -1, "to": 1}}
    plane = {"kind": "grid", "as": "p", **sides, "steps": 3, "later": True}
    changes: list[tuple[dict[str, Any], set[str]]] = [
        ({"input": 0, "value": 0.25}, {"i1"}),
        ({"input": 0, "value": 0.5}, {"i1"}),
        ({"input": 1, "value": 0.5}, {"i0"}),
        ({"input": 2, "value": 0.5}, {"i0", "i1", "p"}),
        ({"layer": 1, "bias": 0, "value": 0.5}, {"i0", "i1", "p"}),
        ({"layer": 0, "activation": "tanh"}, {"i0", "i1", "p"}),
        ({"inputs": [0.75, 0.5, 0.5]}, {"i1"}),
    ]
    with client.websocket_connect("/api/v1/live") as socket:
        open_preset(socket)
        socket.receive_bytes()
        socket.send_json({"op": "watch", "seq": 2, "watch": [own, other, plane]})
        order = socket.receive_json()["order"]
        socket.receive_bytes()
        later = socket.receive_json()["order"]
        socket.receive_bytes()
        for seq, (change, expected) in enumerate(changes, start=3):
            socket.send_json({"op": "set", "seq": seq, "changes": [change]})
            assert read(socket.receive_bytes(), order)[0] == seq
            message = socket.receive()
            if "text" in message:
                later = json.loads(message["text"])["order"]
                message = socket.receive()
            told, arrays = read(message["bytes"], later)
            assert told == seq
            assert {name.split(".")[1] for name in arrays} == expected

        # Nothing that is watched depends on it: the next answer is the next pass.
        socket.send_json({"op": "watch", "seq": 10, "watch": [own, plane]})
        order = socket.receive_json()["order"]
        socket.receive_bytes()
        assert {slot["name"].split(".")[1] for slot in socket.receive_json()["order"]} == {"i0", "p"}
        socket.receive_bytes()
        for seq in (11, 12):
            socket.send_json({"op": "set", "seq": seq, "changes": [{"input": 0, "value": seq / 10}]})
            assert read(socket.receive_bytes(), order)[0] == seq
            # Long enough for what would be owed to come.
            time.sleep(0.1)


def test_a_flood_of_changes_keeps_the_pass_first_and_ends_with_all(client: TestClient) -> None:
    sweep = {"kind": "sweep", "vary": {"input": 1}, "from": -1, "to": 1, "steps": 3, "as": "i1", "later": True}
    with client.websocket_connect("/api/v1/live") as socket:
        open_preset(socket)
        socket.receive_bytes()
        socket.send_json({"op": "watch", "seq": 2, "watch": [sweep]})
        order = socket.receive_json()["order"]
        socket.receive_bytes()
        later = socket.receive_json()["order"]
        socket.receive_bytes()
        for k in range(300):
            socket.send_json({"op": "set", "seq": 3 + k, "changes": [{"input": 0, "value": k / 100}]})
        seen, owed = 2, False
        while seen != 302 or owed:
            frame = socket.receive_bytes()
            (seq,) = struct.unpack_from("<I", frame)
            if seq == seen:
                assert owed
                expected = torch.tensor([[(seq - 3) / 100, x, notebook.FEATURES[2]] for x in (-1.0, 0.0, 1.0)])
                outputs = forward(chain_named("multilayer").network, expected).outputs
                assert read(frame, later)[1]["sweep.i1.outputs"] == pytest.approx(outputs.numpy(), abs=1e-6)
                owed = False
            else:
                assert seq > seen
                assert read(frame, order)[1]["inputs"][0] == pytest.approx((seq - 3) / 100)
                seen, owed = seq, True


@pytest.mark.parametrize(
    ("command", "type_"),
    [
        ("{", "invalid-json"),
        ({"op": "jump", "seq": 2}, "invalid-value"),
        ({"op": "set", "seq": 2, "changes": [{"input": 9, "value": 1}]}, "out-of-range"),
        ({"op": "set", "seq": 2, "changes": [{"input": 0, "value": 1}, {"input": 0, "value": 1e39}]}, "out-of-range"),
        ({"op": "set", "seq": 2, "changes": [{"input": 0, "value": "1"}]}, "invalid-value"),
        ({"op": "set", "seq": 2, "changes": [{"layer": 0, "weights": [[1]]}]}, "shape-mismatch"),
        ({"op": "set", "seq": 2, "changes": [{"layer": 0, "activation": "nope"}]}, "unknown-activation"),
        ({"op": "watch", "seq": 2, "watch": [{"kind": "explain", "layer": 0, "neuron": 7}]}, "out-of-range"),
        ({"op": "watch", "seq": 2, "watch": [{"kind": "batch", "inputs": [[1, 2]]}]}, "shape-mismatch"),
        ({"op": "watch", "seq": 2, "watch": [{"kind": "batch", "inputs": [[1, 2, 3]], "as": "a b"}]}, "invalid-value"),
        ({"op": "open", "seq": 2, "network": "nope", "inputs": [1]}, "unknown-network"),
    ],
)
def test_a_bad_command_changes_nothing(client: TestClient, command: Any, type_: str) -> None:
    with client.websocket_connect("/api/v1/live") as socket:
        order = open_preset(socket)
        before = socket.receive_bytes()
        if isinstance(command, str):
            socket.send_text(command)
        else:
            socket.send_json(command)
        answer = socket.receive_json()
        assert (answer["op"], answer["problem"]["type"]) == ("problem", f"/problems/{type_}")
        assert answer["seq"] == (None if isinstance(command, str) else 2)
        socket.send_json(
            {"op": "set", "seq": 3, "changes": [{"input": 0, "value": chain_named("multilayer").inputs[0].item()}]}
        )
        seq, after = read(socket.receive_bytes(), order)
        assert seq == 3
        for name, values in read(before, order)[1].items():
            assert after[name] == pytest.approx(values, abs=0)


def test_a_page_asks_for_its_own_language_whatever_the_browsers_is(client: TestClient) -> None:
    for address, header, says in (
        ("?language=es", "en", "No existe la red none"),
        ("?language=en", "es", "There is no network none"),
        ("?language=xx", "es", "No existe la red none"),
        ("", "es", "No existe la red none"),
    ):
        with client.websocket_connect(f"/api/v1/live{address}", headers={"Accept-Language": header}) as socket:
            socket.send_json({"op": "open", "seq": 1, "network": "none", "inputs": [1]})
            assert says in socket.receive_json()["problem"]["detail"], (address, header)


def test_whole_numbers_may_be_written_with_a_point(client: TestClient) -> None:
    sweep = {"kind": "sweep", "vary": {"input": 0.0}, "from": -1, "to": 1, "steps": 4.0}
    with client.websocket_connect("/api/v1/live") as socket:
        socket.send_json({"op": "open", "seq": 1.0, "network": "multilayer", "inputs": [1, 0, -1]})
        opened = socket.receive_json()
        assert (opened["op"], opened["seq"]) == ("opened", 1)
        socket.receive_bytes()
        changes = [
            {"input": 0.0, "value": 0.5},
            {"layer": 0.0, "weight": [0.0, 1.0], "value": 1},
            {"layer": 1.0, "bias": 0.0, "value": 1},
        ]
        socket.send_json({"op": "set", "seq": 2.0, "changes": changes})
        assert read(socket.receive_bytes(), opened["order"])[0] == 2
        watch = [sweep, {"kind": "explain", "layer": 1.0, "neuron": 0.0}]
        socket.send_json({"op": "watch", "seq": 3.0, "watch": watch})
        order = socket.receive_json()["order"]
        assert read(socket.receive_bytes(), order)[1]["sweep.0.values"] == pytest.approx([-1, -1 / 3, 1 / 3, 1])
        socket.send_json({"op": "set", "seq": 4.5, "changes": changes})
        assert socket.receive_json()["seq"] is None


@pytest.mark.parametrize(
    ("watch", "pointer", "setting"),
    [
        ([{**SWEEP, "steps": 11}], "/watch/0/steps", "MAX_SWEEP_STEPS"),
        ([{**PLANE, "steps": 6}], "/watch/0/steps", "MAX_GRID_STEPS"),
        ([{**SWEEP, "steps": 10}, {**SWEEP, "as": "b", "steps": 7}], "/watch", "LIVE_MAX_WATCHED_VALUES"),
        ([{"kind": "gradients"}] * 4, "/watch", "LIVE_MAX_WATCHES"),
        ([{**SWEEP, "from": -1e308}], "/watch/0/from", None),
        ([{**SWEEP, "to": 1e308}], "/watch/0/to", None),
        ([{**SWEEP, "as": "b"}, {**SWEEP, "as": "b"}], "/watch/1/as", None),
        ([{**SWEEP, "as": "1"}, SWEEP], "/watch/1/as", None),
    ],
)
def test_a_watch_that_is_refused_says_where_and_by_which_setting(
    watch: list[dict[str, Any]], pointer: str, setting: str | None
) -> None:
    limits = Settings(max_sweep_steps=10, max_grid_steps=5, live_max_watched_values=50, live_max_watches=3)
    with TestClient(create_app(limits)) as client, client.websocket_connect("/api/v1/live") as socket:
        open_preset(socket)
        socket.receive_bytes()
        socket.send_json({"op": "watch", "seq": 2, "watch": watch})
        problem = socket.receive_json()["problem"]["errors"][0]
        assert problem["pointer"] == pointer
        assert problem.get("setting") == (None if setting is None else f"ADELANTE_{setting}")
        # At the limits it is taken.
        sides = {"steps": 4, "as": "p"}
        socket.send_json({"op": "watch", "seq": 3, "watch": [{**SWEEP, "steps": 10, "from": -3e38}]})
        assert socket.receive_json()["op"] == "watching"
        socket.receive_bytes()
        socket.send_json({"op": "watch", "seq": 4, "watch": [{**PLANE, **sides}]})
        assert socket.receive_json()["op"] == "watching"


def test_what_takes_too_long_to_watch_is_said_of_the_watches() -> None:
    """A client leaves some of them out then: it is not its changes that are refused."""
    settings = Settings(max_pass_seconds=1e-7)
    with TestClient(create_app(settings)) as client, client.websocket_connect("/api/v1/live") as socket:
        open_preset(socket)
        socket.receive_bytes()
        socket.send_json({"op": "watch", "seq": 2, "watch": [{**SWEEP, "steps": 1000}]})
        problem = socket.receive_json()["problem"]["errors"][0]
        assert (problem["pointer"], problem["setting"]) == ("/watch", "ADELANTE_MAX_PASS_SECONDS")


def test_sessions_that_ended_leave_nothing_in_the_shared_budget() -> None:
    with TestClient(create_app(Settings())) as client:
        shared = client.app.live_budget  # type: ignore[attr-defined]
        with client.websocket_connect("/api/v1/live") as socket:
            for seq in (1, 2):
                layers = [{"weights": [[1.0] * 100] * 3}]
                socket.send_json({"op": "open", "seq": seq, "layers": layers, "inputs": [1, 0, -1]})
                socket.receive_json()
                socket.receive_bytes()
            socket.send_json({"op": "open", "seq": 3, "network": "multilayer", "inputs": [1, 0, -1]})
            socket.receive_json()
            socket.receive_bytes()
            # The network, which all share, what a change of it makes anew, and the inputs.
            network = chain_named("multilayer").network
            assert shared.used == ready_bytes(network) + around_bytes(network) + 3 * 4
        assert shared.used == 0


def test_a_session_past_its_budget_is_told_so_and_goes_on() -> None:
    with (
        TestClient(create_app(Settings(live_session_bytes=2**20))) as client,
        client.websocket_connect("/api/v1/live") as socket,
    ):
        order = open_preset(socket)
        socket.receive_bytes()
        socket.send_json({"op": "watch", "seq": 2, "watch": [], "more": "x" * 2**20})
        problem = socket.receive_json()
        assert (problem["seq"], problem["problem"]["type"]) == (None, "/problems/too-large")
        assert problem["problem"]["errors"][0]["setting"] == "ADELANTE_LIVE_SESSION_BYTES"
        socket.send_json({"op": "set", "seq": 3, "changes": [{"input": 0, "value": 1}]})
        assert read(socket.receive_bytes(), order)[0] == 3


def test_set_before_open(client: TestClient) -> None:
    with client.websocket_connect("/api/v1/live") as socket:
        socket.send_json({"op": "set", "seq": 1, "changes": [{"input": 0, "value": 1}]})
        assert socket.receive_json()["problem"]["errors"][0]["pointer"] == "/op"


def test_the_last_of_many_changes_is_answered(client: TestClient) -> None:
    with client.websocket_connect("/api/v1/live") as socket:
        order = open_preset(socket)
        socket.receive_bytes()
        for k in range(300):
            socket.send_json({"op": "set", "seq": 2 + k, "changes": [{"input": 0, "value": k / 100}]})
        seqs: list[int] = []
        while not seqs or seqs[-1] != 301:
            seq, arrays = read(socket.receive_bytes(), order)
            seqs.append(seq)
        assert seqs == sorted(set(seqs))
        assert arrays["inputs"][0] == pytest.approx(2.99)


@given(
    changes=st.lists(
        st.one_of(
            st.builds(lambda i, v: {"input": i, "value": v}, st.integers(0, 2), st.floats(-5, 5, width=32)),
            st.builds(
                lambda i, j, v: {"layer": 0, "weight": [i, j], "value": v},
                st.integers(0, 2),
                st.integers(0, 1),
                st.floats(-5, 5, width=32),
            ),
            st.builds(lambda j, v: {"layer": 0, "bias": j, "value": v}, st.integers(0, 1), st.floats(-5, 5, width=32)),
            st.builds(
                lambda k, f: {"layer": k, "activation": f}, st.integers(0, 1), st.sampled_from(list(ACTIVATIONS))
            ),
        ),
        min_size=1,
        max_size=12,
    )
)
@settings(max_examples=examples(12, 30), deadline=None)
def test_a_changed_session_equals_a_fresh_pass(client: TestClient, changes: list[dict[str, Any]]) -> None:
    document = client.get("/api/v1/presets/multilayer").json()
    layers, inputs = document["layers"], document["inputs"]
    for change in changes:
        if "input" in change:
            inputs[change["input"]] = change["value"]
        elif "weight" in change:
            i, j = change["weight"]
            layers[0]["weights"][i][j] = change["value"]
        elif "bias" in change:
            layers[0]["biases"][change["bias"]] = change["value"]
        else:
            layers[change["layer"]]["activation"] = change["activation"]
    fresh = client.post("/api/v1/forward", json={"layers": layers, "inputs": inputs}).json()
    with client.websocket_connect("/api/v1/live") as socket:
        order = open_preset(socket)
        socket.receive_bytes()
        socket.send_json({"op": "set", "seq": 2, "changes": changes})
        _, arrays = read(socket.receive_bytes(), order)
    for k, layer in enumerate(fresh["layers"]):
        assert arrays[f"layers.{k}.pre_activations"] == pytest.approx(layer["pre_activations"], abs=1e-6)
        assert arrays[f"layers.{k}.activations"] == pytest.approx(layer["activations"], abs=1e-6)


@pytest.mark.parametrize("origin", ["http://evil.example", "http://[", "http://[]", "null", "", "//", "http://[::1"])
def test_other_origins_may_not_connect(client: TestClient, origin: str) -> None:
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/api/v1/live", headers={"Origin": origin}):
        pass


def test_this_origin_may(client: TestClient) -> None:
    with client.websocket_connect(
        "/api/v1/live", headers={"Origin": "http://testserver", "Host": "testserver"}
    ) as socket:
        open_preset(socket)


OPEN = '{"op":"open","seq":1,"network":"multilayer","inputs":[1,0,-1]'


def test_a_frame_may_be_as_long_as_a_body_and_a_longer_one_does_not_end_the_session() -> None:
    limit = 2**16
    app = create_app(Settings(max_body_bytes=limit))
    with TestClient(app) as client, client.websocket_connect("/api/v1/live") as socket:
        for length, answer in ((limit, "opened"), (limit + 1, "problem"), (2 * limit, "problem")):
            socket.send_text(OPEN + " " * (length - len(OPEN) - 1) + "}")
            told = socket.receive_json()
            assert told["op"] == answer
            if answer == "opened":
                socket.receive_bytes()
            else:
                assert told["problem"]["type"] == "/problems/too-large"
        open_preset(socket)


@pytest.mark.parametrize(
    ("text", "type"),
    [
        ("{" + ",".join(f'"k{i}":0' for i in range(20_000)) + ',"k0":0}', "invalid-json"),
        ("{" + ",".join(f'"k{i}":0' for i in range(200_000)) + "}", "too-large"),
        ('{"op":"open","seq":1,"inputs":[1],"layers":[' + '{"weights":[[1]]},' * 5000 + "{}]}", "too-large"),
        ('{"op":"set","seq":1,"changes":[' + "[]," * 200_000 + "[]]}", "too-large"),
        ('{"op":"open","seq":1,"x":"' + '\\"' * 2_000_000 + '"}', "too-large"),
    ],
)
def test_a_hostile_frame_is_refused_and_the_session_goes_on(client: TestClient, text: str, type: str) -> None:
    with client.websocket_connect("/api/v1/live") as socket:
        socket.send_text(text)
        assert socket.receive_json()["problem"]["type"] == f"/problems/{type}"
        open_preset(socket)


def test_a_long_frame_sets_whole_matrices(client: TestClient) -> None:
    weights = torch.rand(60, 50)
    network = {"layers": [{"weights": torch.rand(60, 50).tolist()}], "inputs": [1.0] * 60}
    with client.websocket_connect("/api/v1/live") as socket:
        socket.send_json({"op": "open", "seq": 1, **network})
        order = socket.receive_json()["order"]
        socket.receive_bytes()
        socket.send_json({"op": "set", "seq": 2, "changes": [{"layer": 0, "weights": weights.tolist()}]})
        _, arrays = read(socket.receive_bytes(), order)
    np.testing.assert_array_equal(arrays["layers.0.activations"], torch.mm(torch.ones(1, 60), weights)[0])


async def _leaves_as_a_change_is_refused(app: Any, wrong: str) -> None:
    """A client that watches, changes, and once that is answered sends something wrong and is gone."""
    answered = asyncio.Event()
    told: list[dict[str, Any]] = []
    commands: list[dict[str, Any]] = [
        {"op": "open", "seq": 1, "network": "multilayer", "inputs": chain_named("multilayer").inputs.tolist()},
        # It is told later, so that the server waits a moment for quiet.
        {"op": "watch", "seq": 2, "watch": [PLANE | {"later": True}]},
        {"op": "set", "seq": 3, "changes": [{"input": 0, "value": 0.5}]},
    ]
    messages: list[dict[str, Any]] = [{"type": "websocket.connect"}]
    messages += [{"type": "websocket.receive", "text": json.dumps(command)} for command in commands]
    messages += [{"type": "websocket.receive", "text": wrong}, {"type": "websocket.disconnect", "code": 1001}]

    async def receive() -> dict[str, Any]:
        if len(messages) == 2:
            await answered.wait()
        return messages.pop(0)

    async def send(message: dict[str, Any]) -> None:
        if not messages:
            raise OSError("who is told this has left")
        told.append(message)
        if message.get("bytes", b"")[:4] == struct.pack("<I", 3):
            answered.set()

    scope: dict[str, Any] = {
        "type": "websocket",
        "path": "/api/v1/live",
        "headers": [(b"host", b"127.0.0.1")],
        "subprotocols": [],
    }
    scope |= {"scheme": "ws", "raw_path": b"", "query_string": b"", "client": ("127.0.0.1", 1), "root_path": ""}
    await asyncio.wait_for(app(scope, receive, send), 20)
    assert answered.is_set(), told
    assert not messages


def test_who_leaves_as_a_change_is_refused_is_no_fault_of_the_server() -> None:
    app = create_app(Settings())
    faults: list[dict[str, Any]] = []

    async def visit() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, fault: faults.append(fault))
        async with app.router.lifespan_context(app):
            for wrong in ("{}", '{"op": "set", "seq": 4, "changes": [{"input": 99, "value": 0.5}]}'):
                before = asyncio.all_tasks()
                await _leaves_as_a_change_is_refused(app, wrong)
                # Nothing goes on for who has left. What nobody asked a task for is told where the task is let go.
                if left := asyncio.all_tasks() - before:
                    await asyncio.wait(left, timeout=20)
                gc.collect()
            assert app.live_budget.used == 0

    asyncio.run(visit())
    assert faults == []
