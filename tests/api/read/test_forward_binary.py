"""What a safetensors file with a request for a pass is read as, what that costs, and what is told of a wrong one."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor

from adelante.formats.description import description_of
from adelante.formats.json import network_from_document
from adelante.formats.tensors import tensors_to_safetensors
from adelante.network.errors import Fault, NetworkError
from adelante.network.network import Network
from app.api.read.forward_binary import OPENED_BYTE_COST, read_binary
from app.api.read.forward_request import ForwardRequest
from app.store.networks import Networks

ONE = torch.ones(2, 1)
DENSE = {"inputs": torch.ones(2), "layers.0.weights": ONE}
TWO = network_from_document(
    {
        "input": [{"name": "ids", "shape": [2], "dtype": "int64"}, {"name": "x", "shape": [2, 1]}],
        "layers": [
            {"kind": "embedding", "weights": [[1.0], [2.0]], "inputs": ["ids"], "name": "rows"},
            {"kind": "add", "inputs": ["rows", "x"]},
        ],
    }
)
IDS, X = torch.tensor([1, 0]), torch.ones(2, 1)


class Compute:
    """Does a work at once, and notes what it was said to cost."""

    def __init__(self) -> None:
        self.costs: list[int] = []

    async def run(self, work: Callable[[], Any], *, cost: int) -> Any:
        self.costs.append(cost)
        return work()


def read(body: bytes, compute: Compute | None = None, networks: Networks | None = None) -> ForwardRequest:
    at_once: Any = compute or Compute()
    return asyncio.run(read_binary(body, networks or Networks(), at_once))


def described(network: Network, inputs: dict[str, Tensor], **more: str) -> bytes:
    return tensors_to_safetensors({**network.parameters, **inputs}, {"adelante": description_of(network), **more})


def test_a_file_asks_for_a_trace_on_any_device_unless_it_says_otherwise() -> None:
    found = read(tensors_to_safetensors(DENSE))
    assert (found.device, found.told, found.resident) == ("auto", True, False)
    assert isinstance(found.inputs, Tensor)
    assert found.inputs.tolist() == [1, 1]
    said = {"return": "layers.0.activations,layers.0.pre_activations", "device": "cpu"}
    found = read(tensors_to_safetensors(DENSE, said))
    assert (found.device, found.told) == ("cpu", ("layers.0.activations", "layers.0.pre_activations"))
    assert read(tensors_to_safetensors(DENSE, {"return": "outputs"})).told is False
    found = read(tensors_to_safetensors({"inputs": torch.ones(2).double()}, {"network": "xor", "return": "trace"}))
    assert (found.resident, found.told, found.network.inputs[0].dtype) == (True, True, torch.float64)


def test_several_inputs_have_their_names_and_dtypes() -> None:
    # Whole numbers of any width are what the network takes.
    found = read(described(TWO, {"inputs.ids": IDS.to(torch.int16), "inputs.x": X}))
    assert not isinstance(found.inputs, Tensor)
    assert {name: (each.dtype, each.tolist()) for name, each in found.inputs.items()} == {
        "inputs.ids": (torch.int64, [1, 0]),
        "inputs.x": (torch.float32, [[1], [1]]),
    }
    one = network_from_document({"input": {"name": "x", "shape": [2]}, "layers": [{"kind": "relu"}]})
    for name in ("inputs", "inputs.x"):
        found = read(described(one, {name: torch.ones(2)}))
        assert not isinstance(found.inputs, Tensor)
        assert list(found.inputs) == ["inputs.x"]


def test_a_file_costs_what_there_is_to_look_at_and_to_open() -> None:
    compute = Compute()
    body = tensors_to_safetensors(DENSE)
    read(body, compute)
    assert [(cost, type(cost)) for cost in compute.costs] == [(len(body) // 4, int), (0, int)]
    compute.costs.clear()
    body = described(TWO, {"inputs.ids": IDS, "inputs.x": X})
    read(body, compute)
    assert compute.costs == [len(body) // 4, OPENED_BYTE_COST * len(description_of(TWO))]


RETURNED = {"name": "return", "expected": "'trace' or 'outputs'"}


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (
            tensors_to_safetensors({"layers.0.weights": ONE}),
            Fault("missing-field", "missing-field", "/inputs", {"name": "inputs"}),
        ),
        (
            tensors_to_safetensors(DENSE, {"return": "layers.0.activations,all"}),
            Fault("invalid-value", "not-one-of", "/return", RETURNED),
        ),
        (
            tensors_to_safetensors(DENSE, {"network": "xor"}),
            Fault("invalid-value", "layers-and-network", "/network"),
        ),
        (
            tensors_to_safetensors({**DENSE, "inputs": torch.ones(2).double()}),
            Fault(
                "unsupported-file",
                "file-dtypes",
                "/inputs",
                {"name": "inputs", "got": "float64", "expected": "float32"},
            ),
        ),
        (
            described(TWO, {"inputs.ids": IDS.float(), "inputs.x": X}),
            Fault(
                "unsupported-file",
                "file-dtypes",
                "/inputs",
                {"name": "inputs.ids", "got": "float32", "expected": "int64"},
            ),
        ),
        (
            described(TWO, {"inputs.ids": IDS, "inputs.x": IDS}),
            Fault(
                "unsupported-file",
                "file-dtypes",
                "/inputs",
                {"name": "inputs.x", "got": "int64", "expected": "float32"},
            ),
        ),
        (
            described(TWO, {"inputs.ids": IDS, "inputs.x": X * torch.inf}),
            Fault("out-of-range", "file-not-finite", "/inputs/x/0/0", {"name": "inputs.x", "value": "inf"}),
        ),
        (
            described(TWO, {"inputs.ids": IDS}),
            Fault("invalid-value", "inputs-are-named", "/inputs", {"expected": "ids, x"}),
        ),
        (
            described(TWO, {"inputs": IDS}),
            Fault("invalid-value", "inputs-are-named", "/inputs", {"expected": "ids, x"}),
        ),
    ],
)
def test_what_is_wrong_with_a_file_is_told_at_its_place(body: bytes, fault: Fault) -> None:
    with pytest.raises(NetworkError) as caught:
        read(body)
    assert caught.value.faults == (fault,)


def test_a_named_network_has_the_precision_of_its_inputs_or_the_one_that_the_file_says() -> None:
    networks = Networks()
    ids = network_from_document(
        {"input": {"shape": [2], "dtype": "int64"}, "layers": [{"kind": "embedding", "weights": [[1.0], [2.0]]}]}
    )
    id, _ = asyncio.run(networks.keep(ids))
    asked: list[tuple[dict[str, str], torch.dtype]] = [({}, torch.float32), ({"dtype": "float64"}, torch.float64)]
    for said, dtype in asked:
        body = tensors_to_safetensors({"inputs": IDS}, {"network": id, **said})
        found = read(body, networks=networks)
        assert found.network.parameters["layers.0.weights"].dtype is dtype
