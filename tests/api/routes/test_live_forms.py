"""What the page is told of a watched cell, form by form: the same files are what the page's own tests read.

`python -m tests.api.routes.test_live_forms` writes them anew, where the contract of the live socket has changed.
"""

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from starlette.testclient import TestClient, WebSocketTestSession

from app.api.openapi.explanations import ANSWERS, FORMS, REQUESTS
from app.main import create_app
from app.settings import Settings
from tests.adelante.network.convolution import convolution, picture
from tests.api.routes.test_cells import ASKED
from tests.api.routes.test_live import read

FIXTURES = Path(__file__).parents[3] / "app/frontend/src/forms/fixtures"
Told = dict[str, Any]


def told(client: TestClient, opening: dict[str, Any], cell: dict[str, Any], terms: int = 3) -> Told:
    """The messages of a cell that is watched: `explained` as it came, the order of the frame, and its numbers."""
    with client.websocket_connect("/api/v1/live") as socket:
        order, explained, arrays = watched(socket, opening, cell, terms)
    numbers = {name: [_written(each) for each in values.reshape(-1)] for name, values in arrays.items()}
    return {"explained": explained, "order": order, "numbers": numbers}


def watched(socket: WebSocketTestSession, opening: dict[str, Any], cell: dict[str, Any], terms: int = 3) -> Any:
    socket.send_json({"op": "open", "seq": 1, **opening})
    opened = socket.receive_json()
    assert opened["op"] == "opened", opened
    socket.receive_bytes()
    watch = {"kind": "explain", "cell": cell, "as": "cell", "terms": terms}
    socket.send_json({"op": "watch", "seq": 2, "watch": [watch]})
    order = socket.receive_json()["order"]
    explained = socket.receive_json()
    seq, arrays = read(socket.receive_bytes(), order)
    assert seq == 2
    order = [slot for slot in order if slot["name"].startswith("explain.")]
    return order, explained, {slot["name"]: arrays[slot["name"]] for slot in order}


def _written(value: Any) -> float | str:
    """A number as JSON has it; those that it has not by their names."""
    number = float(value)
    return number if math.isfinite(number) else str(number)


def opening(form: str) -> tuple[dict[str, Any], dict[str, Any]]:
    request: dict[str, Any] = REQUESTS[form]
    given: dict[str, Any] = {
        name: request[name] for name in ("layers", "network", "input", "inputs", "outputs") if name in request
    }
    return given, request["target"]


def fixture(client: TestClient, form: str) -> Told:
    given, cell = opening(form)
    return {**told(client, given, cell), "answer": ANSWERS[form]}


@pytest.mark.parametrize("form", list(FORMS))
def test_the_page_is_told_what_its_tests_read(client: TestClient, form: str) -> None:
    now, kept = fixture(client, form), json.loads((FIXTURES / f"{form}.json").read_text())
    for found in (now, kept):
        found["numbers"] = {
            name: pytest.approx(list(map(float, values)), rel=1e-5, abs=1e-6, nan_ok=True)
            for name, values in found["numbers"].items()
        }
    assert now["explained"] == kept["explained"]
    assert now["order"] == kept["order"]
    assert now["answer"] == kept["answer"]
    for name, values in now["numbers"].items():
        assert values.expected == kept["numbers"][name], name


@pytest.fixture
def socket(client: TestClient) -> Iterator[WebSocketTestSession]:
    with client.websocket_connect("/api/v1/live") as socket:
        yield socket


def test_a_sum_tells_its_largest_terms_the_rest_and_how_it_grows(socket: WebSocketTestSession) -> None:
    network, given = convolution(), picture()
    z = {"tensor": "layers.0.pre_activations", "at": [1, 2, 1]}
    _, explained, arrays = watched(socket, ASKED, z, terms=4)
    (cell,) = explained["cells"]
    window = given[0, 1:4, 0:3]
    kernel = network.parameters["layers.0.weights"][1, 0]
    products = (window * kernel).reshape(-1)
    bias = network.parameters["layers.0.biases"][1]
    assert arrays["explain.cell.contributions"] == pytest.approx([*products.tolist(), bias.item()], abs=0)
    order = products.abs().argsort(descending=True)
    assert cell["largest"] == order[:4].tolist()
    rest = products[order[4:]].double().sum().item()
    assert arrays["explain.cell.rest"] == pytest.approx([rest], abs=1e-6)
    steps = [bias.item(), *products[order[:4]].tolist(), rest]
    assert arrays["explain.cell.running"] == pytest.approx(np.cumsum(steps), abs=1e-6)
    assert arrays["explain.cell.running"][-1] == pytest.approx(arrays["explain.cell.value"][0], abs=1e-5)
    assert cell["leads"] == [{"tensor": "layers.0.activations", "box": [[1, 2], [2, 3], [1, 2]], "cells": 1}]


def test_which_terms_are_told_stays_until_the_watch_is_new(socket: WebSocketTestSession) -> None:
    z = {"tensor": "layers.0.pre_activations", "at": [0, 1, 1]}
    _, explained, _ = watched(socket, ASKED, z, terms=2)
    first = explained["cells"][0]["largest"]
    least = next(k for k in range(9) if k not in first)
    cell = {"tensor": "inputs", "at": [0, least // 3, least % 3]}
    socket.send_json({"op": "set", "seq": 3, "changes": [{"cell": cell, "value": 1000}]})
    assert isinstance(socket.receive().get("bytes"), bytes), "no row changes places while a number moves"
    watch = {"kind": "explain", "cell": z, "as": "cell", "terms": 2}
    socket.send_json({"op": "watch", "seq": 4, "watch": [watch]})
    assert socket.receive_json()["op"] == "watching"
    assert socket.receive_json()["cells"][0]["largest"][0] == least


@pytest.mark.parametrize(
    ("cell", "leads"),
    [
        ({"tensor": "layers.0.activations", "at": [1, 2, 1]}, {"tensor": "layers.1.activations", "cells": 1}),
        ({"tensor": "layers.2.activations", "at": [5]}, {"tensor": "layers.3.pre_activations", "cells": 3}),
        ({"tensor": "layers.3.activations", "at": [0]}, None),
    ],
)
def test_where_a_number_goes(socket: WebSocketTestSession, cell: dict[str, Any], leads: dict[str, Any] | None) -> None:
    _, explained, _ = watched(socket, ASKED, cell)
    found = explained["cells"][0]["leads"]
    assert [{name: each[name] for name in ("tensor", "cells")} for each in found] == ([leads] if leads else [])


def test_a_curve_is_the_function_and_softmax_tells_its_shares(socket: WebSocketTestSession) -> None:
    activation = {"tensor": "layers.0.activations", "at": [1, 2, 1]}
    _, _, arrays = watched(socket, ASKED, activation)
    x, y = arrays["explain.cell.curve"]
    assert np.array_equal(y, np.maximum(x, 0))
    assert x[0] <= arrays["explain.cell.parts"][0] <= x[-1]


def test_softmax_tells_its_exponentials_and_shares(socket: WebSocketTestSession) -> None:
    _, _, arrays = watched(socket, ASKED, {"tensor": "layers.3.activations", "at": [1]})
    z = torch.tensor(arrays["explain.cell.parts"][1:])
    assert arrays["explain.cell.exponentials"] == pytest.approx((z - z.max()).exp().numpy(), abs=1e-6)
    assert arrays["explain.cell.shares"] == pytest.approx(torch.softmax(z, 0).numpy(), abs=1e-6)
    assert arrays["explain.cell.shares"][1] == arrays["explain.cell.value"][0]


def write() -> None:
    FIXTURES.mkdir(parents=True, exist_ok=True)
    with TestClient(create_app(Settings())) as client:
        for form in FORMS:
            (FIXTURES / f"{form}.json").write_text(json.dumps(fixture(client, form), indent=1) + "\n")


if __name__ == "__main__":
    write()
