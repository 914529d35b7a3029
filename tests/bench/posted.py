"""A traced network over HTTP: kept by a server, run and explained there."""

import json
import math
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor

from adelante.network.network import Network


class Posted(NamedTuple):
    """The largest difference of the server's outputs, relative to the largest number, and the cells it explained."""

    outputs: float
    cells: int

    def __str__(self) -> str:
        return f"{self.outputs:.0e} | {self.cells}"


def posted(
    server: str,
    path: Path,
    network: Network,
    example: Sequence[Tensor],
    wanted: Sequence[Tensor],
    cells: Mapping[tuple[str, tuple[int, ...]], float],
) -> Posted:
    """Posts the file, asks for a pass of the example and for the cells of its first row, whose values are given.

    Raises AssertionError where a cell's value is another.
    """
    kept = _asked(f"{server}/api/v1/networks", path.read_bytes(), "application/vnd.safetensors")
    dtype = str(next(each.dtype for each in wanted if each.is_floating_point())).removeprefix("torch.")
    about = {"network": kept["id"], "dtype": dtype}
    found = _asked(f"{server}/api/v1/forward", {**about, "inputs": _inputs(network, example), "return": "outputs"})
    outputs = found["outputs"]
    named = outputs if isinstance(outputs, dict) else {network.outputs[0]: outputs}
    difference = 0.0
    for name, value in zip(network.outputs, wanted, strict=True):
        theirs = torch.tensor(named[name], dtype=torch.float64)
        difference = max(difference, float((theirs - value.double()).abs().max() / value.double().abs().max()))
    first = _inputs(network, [each[0] if network.batch != "none" else each for each in example])
    for (tensor, at), expected in cells.items():
        asked = {**about, "inputs": first, "target": {"tensor": tensor, "at": list(at)}}
        told = _asked(f"{server}/api/v1/explain", asked)["value"]
        if math.isfinite(expected):
            assert math.isclose(told, expected, rel_tol=1e-3, abs_tol=1e-4), (tensor, at, told, expected)
    return Posted(difference, len(cells))


def _inputs(network: Network, example: Sequence[Tensor]) -> Any:
    if len(network.inputs) == 1:
        return example[0].tolist()
    return {
        each.name.removeprefix("inputs."): value.tolist() for each, value in zip(network.inputs, example, strict=True)
    }


def _asked(url: str, body: bytes | dict[str, Any], media: str = "application/json") -> Any:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": media})
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)
