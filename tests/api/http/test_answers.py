"""Large answers: bounded, written in pieces, listed as far as is useful, and given up when their client leaves."""

import asyncio
import json
import threading
from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
import pytest
import torch
from starlette.testclient import TestClient

from adelante.formats.dense_safetensors import network_to_safetensors
from adelante.network.activations import ACTIVATIONS
from adelante.network.dense.network import DenseLayer, DenseNetwork
from adelante.network.forward import forward
from app.api.write.encode import MOST_LISTED, NonFinite, encode_trace, trace_document
from app.compute.limits import Limits
from app.main import create_app
from app.settings import Settings

WIDE = {"layers": [{"weights": [[9.0] * 200, [1.0] * 200]}]}
INFINITE = {**WIDE, "inputs": [3e38, 0]}
SIDE = {"from": 3e38, "to": 3.1e38}
LAB = {"steps": [{"op": "tensor", "args": [[900.0] * 50], "as": "a"}, {"op": "exp_", "args": ["$a"]}]}


@pytest.fixture(scope="module")
def small() -> Iterator[TestClient]:
    """A server whose answers may be four megabytes long, and list three numbers that are not finite."""
    with TestClient(create_app(Settings(max_answer_bytes=2**22, max_listed_non_finite=3))) as client:
        yield client


@pytest.mark.parametrize(
    ("path", "document", "count"),
    [
        ("forward", INFINITE, 600),
        ("forward", {**INFINITE, "return": "outputs"}, 200),
        ("forward", {**WIDE, "inputs": [[3e38, 0]] * 300}, 180_000),
        ("sweep", {**INFINITE, "vary": {"input": 0}, **SIDE, "steps": 2}, 400),
        ("grid", {**INFINITE, "x": {"input": 0, **SIDE}, "y": {"input": 1, "from": 0, "to": 1}, "steps": 2}, 800),
        # z and a of 200 neurons, and one contribution of each.
        ("explain", INFINITE, 600),
        # Fifty numbers, and the same in the storage.
        (
            "tensors",
            {"steps": [{"op": "tensor", "args": [[900.0] * 50], "as": "a"}, {"op": "exp_", "args": ["$a"]}]},
            100,
        ),
    ],
)
def test_what_is_not_finite_is_listed_up_to_a_limit_and_the_rest_counted(
    small: TestClient, path: str, document: dict[str, Any], count: int
) -> None:
    answer = small.post(f"/api/v1/{path}", json=document)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert len(told["non_finite"]) == min(count, 3)
    assert told.get("non_finite_omitted", 0) == max(0, count - 3)
    for each in told["non_finite"]:
        value = told
        for part in each["pointer"].split("/")[1:]:
            value = value[int(part)] if isinstance(value, list) else value[part]
        assert value is None


@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize("infinite", [True, False])
def test_one_number_that_is_not_finite_is_found_among_layers_with_and_without_names(
    named: bool, infinite: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    layers = [
        DenseLayer(torch.eye(2), torch.zeros(2), ACTIVATIONS["relu"], "a layer" if named else None) for _ in range(3)
    ]
    network = DenseNetwork(layers)
    trace = forward(network, torch.tensor([1.0, 2.0]))
    if infinite:
        trace.pre_activations[1][0] = -torch.inf
    looked = 0
    look = NonFinite.look

    def counted(self: NonFinite, *given: Any) -> None:
        nonlocal looked
        looked += 1
        look(self, *given)

    monkeypatch.setattr(NonFinite, "look", counted)
    answer = encode_trace(network, trace, Limits(Settings()), layers=True)
    assert isinstance(answer, bytes)
    expected = [{"pointer": "/layers/1/pre_activations/0", "value": "-Infinity"}] if infinite else []
    assert json.loads(answer)["non_finite"] == expected
    # Numbers are looked at one by one only where one is not finite.
    assert bool(looked) == infinite


def test_a_large_trace_is_the_same_document_in_pieces() -> None:
    network = DenseNetwork([DenseLayer(torch.full((3, 200), 2.0), torch.zeros(200)) for _ in range(1)])
    inputs = torch.linspace(-1, 1, 900).reshape(300, 3)
    inputs[7, 1] = 3e38
    trace = forward(network, inputs)
    steps = encode_trace(network, trace, Limits(Settings()), layers=True)
    assert not isinstance(steps, bytes)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            content = end.value
            break
    told = json.loads(b"".join(content.take()))
    expected = trace_document(network, trace, layers=True)
    assert told["non_finite"] == expected["non_finite"]
    assert len(told["non_finite"]) == 600
    np.testing.assert_array_equal(np.array(told["outputs"], dtype=np.float32)[8:], trace.outputs[8:].numpy())
    assert list(told) == list(expected)


def test_the_list_counts_what_it_leaves_out() -> None:
    found = NonFinite(2)
    found.look("/a", np.array([1, np.nan, np.inf]))
    found.look("/b", np.full(5, -np.inf))
    assert found.members() == {
        "non_finite": [{"pointer": "/a/1", "value": "NaN"}, {"pointer": "/a/2", "value": "Infinity"}],
        "non_finite_omitted": 5,
    }
    assert Settings.model_fields["max_listed_non_finite"].default == MOST_LISTED


LONG = {"layers": [{"weights": [[1.0] * 1000]}]}


@pytest.mark.parametrize(
    ("path", "document"),
    [
        ("/api/v1/forward", {**LONG, "inputs": [[1]] * 200}),
        ("/api/v1/forward", {**LONG, "inputs": [[1]] * 500, "return": "outputs"}),
        ("/api/v1/random", {"sizes": [700, 700], "seed": 1}),
        ("/api/v1/sweep", {**LONG, "inputs": [1], "vary": {"input": 0}, "from": 0, "to": 1, "steps": 400}),
        (
            "/api/v1/grid",
            {
                "layers": [{"weights": [[1.0] * 100] * 2}],
                "inputs": [1, 1],
                "x": {"input": 0, "from": 0, "to": 1},
                "y": {"input": 1, "from": 0, "to": 1},
                "steps": 64,
            },
        ),
        ("/api/v1/explain", {"layers": [{"weights": [[1.0] * 300] * 300}], "inputs": [1] * 300, "gradients": False}),
        (
            "/v2/models/multilayer/infer",
            {
                "inputs": [{"name": "inputs", "shape": [2000, 3], "datatype": "FP32", "data": [1] * 6000}],
                "outputs": [{"name": "outputs"}] * 200,
            },
        ),
    ],
)
def test_an_answer_that_would_be_too_long_is_refused_before_anything_is_computed(
    small: TestClient, path: str, document: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    compute = small.app.compute  # type: ignore[attr-defined]

    original = compute._submit

    def submit(work: Any, memory: int = 0, *given: Any, **named: Any) -> Any:
        # Reading a long document is a work too, but needs no memory for an answer.
        assert memory == 0
        return original(work, memory, *given, **named)

    monkeypatch.setattr(compute, "_submit", submit)
    answer = small.post(path, json=document)
    problem = answer.json()
    assert (answer.status_code, problem["type"]) == (413, "/problems/too-large")
    assert (problem["errors"][0]["limit"], problem["errors"][0]["setting"]) == (2**22, "ADELANTE_MAX_ANSWER_BYTES")


def test_an_answer_that_turns_out_too_long_is_refused_too(small: TestClient) -> None:
    # 12 bytes a number are expected; these have 16.
    layers = [{"weights": [[-1.1754944e-38] * 500]}]
    answer = small.post("/api/v1/forward", json={"layers": layers, "inputs": [[1]] * 230})
    assert (answer.status_code, answer.json()["errors"][0]["setting"]) == (413, "ADELANTE_MAX_ANSWER_BYTES")


def test_a_kept_network_that_is_too_long_as_json_is_still_given_as_a_file(small: TestClient) -> None:
    data = network_to_safetensors(DenseNetwork([DenseLayer(torch.ones(750, 750), torch.zeros(750))]))
    id = small.post("/api/v1/networks", content=data, headers={"Content-Type": "application/octet-stream"}).json()["id"]
    refused = small.get(f"/api/v1/networks/{id}")
    assert (refused.status_code, refused.json()["errors"][0]["setting"]) == (413, "ADELANTE_MAX_ANSWER_BYTES")
    file = small.get(f"/api/v1/networks/{id}", headers={"Accept": "application/vnd.safetensors"})
    assert file.content == data
    assert int(file.headers["content-length"]) == len(data)


@pytest.mark.parametrize("path", ["/api/v1/forward", "/api/v1/random"])
def test_what_is_computed_for_a_client_that_left_is_given_up(path: str) -> None:
    document = {
        "/api/v1/forward": {**WIDE, "inputs": [[1, 2]] * 5000},
        "/api/v1/random": {"sizes": [500, 500], "seed": 1},
    }[path]
    app = create_app(Settings())
    messages = [{"type": "http.request", "body": json.dumps(document).encode()}, {"type": "http.disconnect"}]
    sent: list[Any] = []

    async def receive() -> Any:
        return messages.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [(b"host", b"here"), (b"content-type", b"application/json")],
        "scheme": "http",
        "server": ("here", 80),
    }

    async def run() -> None:
        release = threading.Event()
        occupying = app.compute._submit(partial(release.wait, 20))
        await asyncio.wait_for(app(scope, receive, send), 20)
        # The worker was never free for it, and the queue is empty all the same.
        assert not release.is_set()
        assert app.compute.expensive == 1
        release.set()
        await occupying.future
        app.compute.close()

    asyncio.run(run())
    assert sent[0]["status"] == 503
