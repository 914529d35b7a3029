"""What a request for a pass is read as: its inputs in the network's precision, and what it asks to be told."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
import torch

from adelante.formats.json import network_from_document
from adelante.formats.json.numbers import LEAST_LONG
from adelante.network.errors import NetworkError
from adelante.network.presets import chain_named
from app.api.read.checked import read_json
from app.api.read.decode import SHORT_TEXT
from app.api.read.forward_request import ForwardDocument, read_inputs, request_of, told_of
from app.compute.service import CHEAP_MULTIPLY_ADDS, Gone
from app.settings import Settings
from app.store.networks import Networks

WIDTH = 2 * LEAST_LONG
NUMBERS = [k / 7 for k in range(WIDTH)]
DENSE: dict[str, Any] = {"layers": [{"weights": [[1]] * WIDTH}]}
OTHER: dict[str, Any] = {"layers": [{"kind": "relu"}], "input": {"shape": [WIDTH]}}


def document_of(given: dict[str, Any]) -> ForwardDocument:
    """Of a text that is long enough to keep its numbers without objects."""
    return read_json(json.dumps(given).encode() + b" " * SHORT_TEXT, ForwardDocument, Settings())


@pytest.mark.parametrize("dtype", ["float32", "float64", "float16", "bfloat16"])
@pytest.mark.parametrize("network", [DENSE, OTHER])
def test_a_long_array_is_read_in_the_precision_that_is_asked_for(network: dict[str, Any], dtype: str) -> None:
    document = document_of({**network, "dtype": dtype, "inputs": NUMBERS})
    assert document.made is not None
    found = read_inputs(document.made, document.inputs)
    assert isinstance(found, torch.Tensor)
    assert torch.equal(found, torch.tensor(NUMBERS, dtype=getattr(torch, dtype)))
    ahead = document.inputs_made
    assert ahead is None if network is DENSE else torch.equal(torch.as_tensor(ahead), found)


def test_inputs_that_do_not_fit_are_told_when_they_are_read() -> None:
    document = document_of({**OTHER, "inputs": [*NUMBERS, "x"]})
    assert document.made is not None
    assert document.inputs_made is None
    with pytest.raises(NetworkError) as caught:
        read_inputs(document.made, document.inputs)
    assert caught.value.faults[0].pointer == f"/inputs/{WIDTH}"


def test_inputs_that_were_not_made_ahead_are_read_where_that_is_best_done() -> None:
    asked: list[tuple[int, Gone | None]] = []

    async def run(work: Callable[[], Any], *, cost: int, memory: int = 0, gone: Gone | None = None) -> Any:
        asked.append((cost, gone))
        return work()

    async def gone() -> None: ...

    for network, expected in ((DENSE, [(CHEAP_MULTIPLY_ADDS + 1, gone)]), (OTHER, [])):
        asked.clear()
        document = document_of({**network, "inputs": NUMBERS, "return": "outputs", "device": "cpu"})
        request = asyncio.run(request_of(document, Networks(), run, gone))
        assert asked == expected
        assert torch.equal(torch.as_tensor(request.inputs), torch.tensor(NUMBERS))
        assert (request.device, request.told, request.resident) == ("cpu", False, False)


def test_what_is_told_are_layers_by_any_of_their_names() -> None:
    network = network_from_document({"layers": [{"kind": "relu"}, {"weights": [[1]]}], "input": {"shape": [1]}})
    assert told_of(network, "trace") is True
    assert told_of(network, "outputs") is False
    # Without an activation, what goes into one is what comes out of it.
    for told in (["layers.0.activations", "layers.1.activations"], ["layers.1.pre_activations"]):
        assert told_of(network, told) == tuple(told)


@pytest.mark.parametrize(
    ("told", "type_", "key", "pointer"),
    [
        (["layers.0.activations", "layers.9.activations"], "unknown-layer", "tensor-not-there", "/return/1"),
        (["inputs"], "out-of-range", "tensor-given", "/return/0"),
    ],
)
def test_what_no_layer_gives_is_not_told(told: list[str], type_: str, key: str, pointer: str) -> None:
    with pytest.raises(NetworkError) as caught:
        told_of(chain_named("multilayer").network, told)
    (fault,) = caught.value.faults
    assert (fault.type, fault.key, fault.pointer) == (type_, key, pointer)
    assert told[-1] in (fault.values.get("tensor"), fault.values.get("name"))
