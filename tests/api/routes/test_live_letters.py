"""What the page is told of cells whose formula it says in letters: its tests work the formulas out of these numbers.

`python -m tests.api.routes.test_live_letters` writes the file anew.
"""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from starlette.testclient import TestClient
from torch import Tensor

import adelante
from adelante.network.edits.draft import Draft, DraftLayer
from adelante.network.network import Input, Network
from adelante.network.operations import operation_named
from app.main import create_app
from app.settings import Settings
from tests.api.routes.test_live import read

FILE = Path(__file__).parents[3] / "app/frontend/src/forms/letters.json"
DRAWS = torch.Generator().manual_seed(7)
PICTURES, ROWS = torch.randn(2, 4, 3, 3, generator=DRAWS), torch.randn(3, 5, generator=DRAWS)
HOLDS = ROWS > 0
BLIND = torch.full((1, 3), -torch.inf)
KEPT = (torch.randn(4, generator=DRAWS), torch.rand(4, generator=DRAWS) + 0.5)
OF_CHANNELS, OF_LAST, OF_ROW = (
    torch.randn(2, 4, generator=DRAWS),
    torch.randn(2, 3, 3, generator=DRAWS),
    torch.randn(2, 5, generator=DRAWS),
)

# The operation, its options, what it takes, and which of its numbers is looked at.
CASES: tuple[tuple[str, dict[str, Any], tuple[Tensor, ...], tuple[int, ...]], ...] = (
    ("mul", {}, (ROWS, ROWS + 1), (1, 2)),
    ("mul", {"scalar": -0.3}, (ROWS,), (1, 2)),
    ("div", {}, (ROWS, ROWS + 1), (1, 2)),
    ("div", {"scalar": -2.5}, (ROWS,), (1, 2)),
    ("prod", {"dim": 1}, (ROWS,), (1,)),
    ("cumprod", {"dim": 1}, (ROWS,), (1, 3)),
    ("softmax", {}, (ROWS,), (2, 1)),
    ("log_softmax", {"dim": 0}, (ROWS,), (2, 1)),
    ("safe_softmax", {}, (ROWS.masked_fill(HOLDS, -torch.inf),), (1, 4)),
    ("safe_softmax", {}, (BLIND,), (0, 1)),
    ("layer_norm", {"normalized_shape": (5,), "eps": 0.1}, (ROWS, *OF_ROW), (1, 2)),
    ("layer_norm", {"normalized_shape": (3, 3)}, (PICTURES, OF_LAST[0]), (1, 2, 0, 1)),
    ("rms_norm", {"normalized_shape": (5,), "eps": 0.1}, (ROWS, OF_ROW[0]), (1, 2)),
    ("batch_norm", {"eps": 0.1}, (PICTURES, *KEPT, *OF_CHANNELS), (1, 2, 0, 1)),
    ("group_norm", {"num_groups": 2, "eps": 0.1}, (PICTURES, *OF_CHANNELS), (1, 2, 0, 1)),
    ("instance_norm", {"eps": 0.1}, (PICTURES, *OF_CHANNELS), (1, 2, 0, 1)),
    ("max_pool2d", {"kernel_size": 2}, (PICTURES,), (1, 2, 0, 0)),
    ("amax", {"dim": (1,)}, (ROWS,), (1,)),
    ("amin", {"dim": (0,)}, (ROWS,), (1,)),
    ("cummin", {"dim": 1}, (ROWS,), (1, 1)),
    ("argmax", {"dim": (1,)}, (ROWS,), (1,)),
    ("argmin", {"dim": (0,)}, (ROWS,), (3,)),
    ("argsort", {"descending": True}, (ROWS,), (1, 3)),
    ("argtopk", {"k": 3, "largest": False}, (ROWS,), (1, 2)),
    ("where", {}, (HOLDS, ROWS, ROWS + 1), (0, 0)),
    ("where", {"other_scalar": -1.5}, (HOLDS, ROWS), (0, 1)),
    ("masked_fill", {"value": -torch.inf}, (ROWS, HOLDS), (1, 1)),
    ("masked_fill", {"value": 0.25}, (ROWS, HOLDS), (0, 0)),
    ("transpose", {"dim0": 0, "dim1": 1}, (ROWS,), (1, 2)),
    ("pad", {"pad": (1, 1), "value": 0.5}, (ROWS,), (1, 0)),
    ("embedding", {}, (ROWS, torch.tensor([2, 0, 1])), (0, 3)),
)


def network() -> Network:
    """Each operation as a layer over parameters of its own."""
    layers: list[DraftLayer] = []
    parameters: dict[str, Tensor] = {}
    for k, (kind, options, operands, _) in enumerate(CASES):
        names = tuple(f"{kind} {k} {position}" for position in range(len(operands)))
        parameters |= dict(zip(names, operands, strict=True))
        layers.append(DraftLayer(operation_named(kind, **options), names, f"{kind} {k}"))
    layers.append(DraftLayer(operation_named("relu"), ("inputs",), "last"))
    return Draft((Input("inputs", (3,), torch.float32),), layers, parameters, ("last",), "none").network()


def told(client: TestClient, folder: Path) -> list[dict[str, Any]]:
    """Of each case the layer as the page knows it, what is told of its cell, and the numbers of that."""
    file = folder / "letters.safetensors"
    adelante.save(network(), file)
    answer = client.post("/api/v1/networks", content=file.read_bytes())
    assert answer.status_code in (200, 201), answer.text
    kept = answer.json()["id"]
    outline = client.get(f"/api/v1/networks/{kept}/outline").json()
    with client.websocket_connect("/api/v1/live") as socket:
        socket.send_json({"op": "open", "seq": 1, "network": kept, "inputs": [0, 0, 0]})
        assert socket.receive_json()["op"] == "opened"
        socket.receive_bytes()
        cells = [{"tensor": f"layers.{k}.activations", "at": at} for k, (*_, at) in enumerate(CASES)]
        watches = [{"kind": "explain", "cell": cell, "as": str(k), "terms": 3} for k, cell in enumerate(cells)]
        socket.send_json({"op": "watch", "seq": 2, "watch": watches})
        watching = socket.receive_json()
        assert watching["op"] == "watching", watching
        explained = {cell["name"]: cell for cell in socket.receive_json()["cells"]}
        _, arrays = read(socket.receive_bytes(), watching["order"])
    found = []
    for k, layer in enumerate(outline["layers"][: len(CASES)]):
        begins = f"explain.{k}."
        numbers = {
            name: [str(float(each)) for each in values.reshape(-1)]
            for name, values in arrays.items()
            if name.startswith(begins)
        }
        found.append(
            {"kind": layer["kind"], "options": layer["options"], "cell": explained[str(k)], "numbers": numbers}
        )
    return found


def test_the_page_is_told_what_its_formulas_are_worked_out_of(client: TestClient, tmp_path: Path) -> None:
    now, kept = told(client, tmp_path), json.loads(FILE.read_text())
    assert [one["kind"] for one in now] == [one["kind"] for one in kept]
    for here, there in zip(now, kept, strict=True):
        assert (here["options"], here["cell"]) == (there["options"], there["cell"])
        for name, values in here["numbers"].items():
            wanted = list(map(float, there["numbers"][name]))
            assert list(map(float, values)) == pytest.approx(wanted, rel=1e-5, abs=1e-6, nan_ok=True), name


def write() -> None:
    with TestClient(create_app(Settings())) as client:
        FILE.write_text(json.dumps(told(client, Path("/tmp")), indent=1) + "\n")


if __name__ == "__main__":
    write()
