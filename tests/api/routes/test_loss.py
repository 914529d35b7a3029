"""Losses over HTTP: torch's own, to 1e-6, of presets and kept networks, and every refusal."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from starlette.testclient import TestClient

from adelante.datasets import data_set_named
from adelante.network.forward import forward
from adelante.network.losses import aim_of
from adelante.network.presets import preset_named
from app.api.routes import loss
from app.main import create_app
from app.settings import Settings


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    with TestClient(create_app(Settings())) as client:
        yield client


def answer(client: TestClient, **document: Any) -> Any:
    response = client.post("/api/v1/loss", json=document)
    assert response.status_code == 200, response.text
    return response.json()


def test_what_a_loss_looks_at_is_followed_beside_the_event_loop(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Place by place: of a long output nobody waits for that."""
    threads = []

    def told(*asked: Any) -> Any:
        threads.append(threading.current_thread())
        return aim_of(*asked)

    monkeypatch.setattr(loss, "aim_of", told)
    layers = [{"kind": "softmax", "dim": -1}, {"kind": "unflatten", "dim": -1, "sizes": [500, 300]}]
    network = {"input": {"shape": [150_000]}, "layers": layers}
    inputs = [[0.0] * 150_000]
    refused = client.post("/api/v1/loss", json={**network, "inputs": inputs, "targets": [0], "loss": "cross_entropy"})
    assert refused.json()["errors"][0]["pointer"] == "/loss", refused.text
    assert client.portal is not None
    assert threads
    assert threads[0] is not client.portal.call(threading.current_thread)


def test_of_digits_the_loss_is_torchs(client: TestClient) -> None:
    data, network = data_set_named("digits"), preset_named("digits-conv").network
    inputs, targets = data.inputs[:40], data.targets[:40]
    told = answer(client, network="digits-conv", inputs=inputs.tolist(), targets=targets.tolist(), loss="cross_entropy")
    trace = forward(network, inputs)
    logits = trace.values[told["of"]]
    rows = F.cross_entropy(logits, targets, reduction="none")
    torch.testing.assert_close(torch.tensor(told["rows"]), rows, rtol=1e-6, atol=1e-6)
    assert told["mean"] == pytest.approx(F.cross_entropy(logits, targets).item(), rel=1e-6)
    right = (logits.argmax(1) == targets).float()
    assert told["right"] == right.tolist()
    assert told["guesses"] == logits.argmax(1).tolist()
    assert told["accuracy"] == pytest.approx(right.mean().item())
    assert torch.equal(torch.tensor(told["outputs"]), trace[network.outputs[0]])
    assert (told["loss"], told["dtype"], told["non_finite"]) == ("cross_entropy", "float32", [])


def test_of_one_input_and_of_numbers(client: TestClient) -> None:
    network = preset_named("multilayer").network
    told = answer(client, network="multilayer", inputs=[0.5, -1, 2], targets=[0.25], loss="mse")
    outputs = forward(network, torch.tensor([0.5, -1, 2]))[network.outputs[0]]
    assert told["mean"] == pytest.approx(F.mse_loss(outputs, torch.tensor([0.25])).item(), rel=1e-6)
    assert told["rows"] == [told["mean"]]
    assert "right" not in told
    assert "accuracy" not in told
    assert "guesses" not in told


def test_what_is_not_finite_is_listed(client: TestClient) -> None:
    told = answer(client, layers=[{"weights": [[1e30]]}], inputs=[[1], [0]], targets=[0, 1], loss="mse")
    assert (told["mean"], told["rows"]) == (None, [None, 1.0])
    assert told["non_finite"] == [
        {"pointer": "/mean", "value": "Infinity"},
        {"pointer": "/rows/0", "value": "Infinity"},
    ]


@pytest.mark.parametrize(
    ("change", "pointer", "words"),
    [
        ({"targets": [3]}, "/targets/0", "There is no class 3: they count from 0 to 1."),
        ({"targets": [0.5]}, "/targets/0", "whole"),
        ({"targets": [0, 1]}, "/targets", "The targets have the shape (2,); for these inputs (1,) is expected."),
        ({"targets": [None]}, "/targets/0", "null"),
        ({"loss": "hinge"}, "/loss", "cross_entropy"),
        ({"output": "y"}, "/output", "There is no output y."),
        ({"inputs": [[1, 2, 3]]}, "/inputs", "3"),
        ({"layers": [{"weights": [[1], [2]]}]}, "/loss", "two or more classes"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_place(
    client: TestClient, change: dict[str, Any], pointer: str, words: str
) -> None:
    good = {"layers": [{"weights": [[1, 2], [3, 4]]}], "inputs": [[1, 2]], "targets": [0], "loss": "cross_entropy"}
    assert client.post("/api/v1/loss", json=good).status_code == 200
    response = client.post("/api/v1/loss", json={**good, **change})
    assert response.status_code == 422
    problem = response.json()
    assert problem["errors"][0]["pointer"] == pointer
    assert words in problem["errors"][0]["detail"]
