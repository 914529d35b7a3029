"""A traced network over HTTP: kept by a server, run and explained there."""

import json
import math
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from safetensors.torch import load, save
from torch import Tensor

from adelante.network.names import output_labels
from adelante.network.network import Network

FILE = "application/vnd.safetensors"


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

    What is large goes as safetensors, both ways. Raises AssertionError where a cell's value is another.
    """
    kept = _asked(f"{server}/api/v1/networks", path.read_bytes(), FILE)
    dtype = str(next(each.dtype for each in wanted if each.is_floating_point())).removeprefix("torch.")
    about = {"network": kept["id"], "dtype": dtype}
    try:
        given = dict(zip((each.name for each in network.inputs), example, strict=True))
        file = save({name: value.contiguous() for name, value in given.items()}, {**about, "return": "outputs"})
        found = load(_answer(f"{server}/api/v1/forward", file, FILE))
        labels = ["outputs"] if len(network.outputs) == 1 else [f"outputs.{each}" for each in output_labels(network)]
        difference = max(_difference(found[label], value) for label, value in zip(labels, wanted, strict=True))
        _explained(server, about, network, example, cells)
    finally:
        urllib.request.urlopen(urllib.request.Request(f"{server}/api/v1/networks/{kept['id']}", method="DELETE"))
    return Posted(difference, len(cells))


def _difference(theirs: Tensor, value: Tensor) -> float:
    theirs, value = theirs.double(), value.double()
    assert theirs.shape == value.shape, (theirs.shape, value.shape)
    return float((theirs - value).abs().max()) / max(float(value.abs().max()), 1e-30)


def _explained(
    server: str,
    about: Mapping[str, Any],
    network: Network,
    example: Sequence[Tensor],
    cells: Mapping[tuple[str, tuple[int, ...]], float],
) -> None:
    first = _inputs(network, [each[0] if network.batch != "none" else each for each in example])
    for (tensor, at), expected in cells.items():
        asked = {**about, "inputs": first, "target": {"tensor": tensor, "at": list(at)}}
        told = _asked(f"{server}/api/v1/explain", asked)["value"]
        if math.isfinite(expected):
            assert math.isclose(told, expected, rel_tol=1e-3, abs_tol=1e-4), (tensor, at, told, expected)


def _inputs(network: Network, example: Sequence[Tensor]) -> Any:
    if len(network.inputs) == 1:
        return example[0].tolist()
    return {
        each.name.removeprefix("inputs."): value.tolist() for each, value in zip(network.inputs, example, strict=True)
    }


def _asked(url: str, body: bytes | dict[str, Any], media: str = "application/json") -> Any:
    return json.loads(_answer(url, body if isinstance(body, bytes) else json.dumps(body).encode(), media))


def _answer(url: str, body: bytes, media: str) -> bytes:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, body, {"Content-Type": media})) as answer:
            return bytes(answer.read())
    except urllib.error.HTTPError as error:
        raise AssertionError(error.read()[:2000].decode()) from None
