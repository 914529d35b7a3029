"""The request that asks a server for the same pass: its body as JSON, and the curl command that sends it."""

import shlex
from collections.abc import Mapping
from typing import Any

import orjson
import torch
from torch import Tensor

from adelante.formats.json import document_of
from adelante.formats.literals import host_array
from adelante.network.errors import Fault, NetworkError, pointer_of_place
from adelante.network.network import Network

_END = "ADELANTE_JSON"


def json_text(network: Network, inputs: Mapping[str, Tensor], *, single: bool) -> str:
    """The body: one line for each layer, so that it can be read and edited.

    Raises NetworkError (out-of-range) for numbers that JSON has no way to write.
    """
    _check_finite({**network.parameters, **inputs})
    document = document_of(network)
    layers = ",\n".join(f"    {_dumped(layer)}" for layer in document.pop("layers"))
    given: Any = {_bare(name): _numbers(value[0] if single else value) for name, value in inputs.items()}
    if len(network.inputs) == 1:
        (given,) = given.values()
    members = {name: _dumped(value) for name, value in document.items()}
    members["layers"] = f"[\n{layers}\n  ]"
    members |= {"inputs": _dumped(given), "return": '"outputs"'}
    return "{\n" + ",\n".join(f'  "{name}": {text}' for name, text in members.items()) + "\n}\n"


def curl_text(body: str, url: str) -> str:
    """A shell command that sends a body to a server."""
    # The shell reads nothing inside a quoted here-document, and no line of the JSON consists of this word.
    return (
        f"curl --silent --show-error --fail-with-body {shlex.quote(url)} \\\n"
        f"  --header 'Content-Type: application/json' --data-binary @- <<'{_END}'\n"
        f"{body}{_END}\n"
    )


def _bare(name: str) -> str:
    return name.removeprefix("inputs.")


def _dumped(value: Any) -> str:
    return orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY).decode()


def _numbers(tensor: Tensor) -> Any:
    values = host_array(tensor) if tensor.is_floating_point() else tensor.cpu().numpy()
    return values.tolist() if values.ndim == 0 else values.copy()


def _check_finite(tensors: Mapping[str, Tensor]) -> None:
    for name, tensor in tensors.items():
        if tensor.is_floating_point() and not bool(torch.isfinite(tensor).all()):
            pointer = pointer_of_place(name)
            pointer += f"/{name.rpartition('.')[2]}" if pointer.startswith("/layers") else ""
            raise NetworkError(Fault("out-of-range", "code-not-finite", pointer))
