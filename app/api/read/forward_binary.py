"""A request to POST /api/v1/forward as a safetensors file: tensors without text, and no copies that can be spared."""

from collections.abc import Mapping
from functools import partial

import torch
from torch import Tensor

from adelante.formats.safetensors import opened_from_tensors
from adelante.formats.tensors import DESCRIPTION, check_finite, tensors_from_safetensors
from adelante.network.checks import held
from adelante.network.dense.network import DenseNetwork
from adelante.network.errors import Fault, NetworkError, pointer_of_place
from adelante.network.network import Network
from app.api.http.body import Body
from app.api.read.documents import MAX_NAME_LENGTH
from app.api.read.forward_request import ForwardRequest, told_of
from app.api.read.inputs import Inputs, by_name
from app.compute.devices import dtype_named
from app.compute.service import ComputeService
from app.store.networks import Networks

SAFETENSORS = "application/vnd.safetensors"
_INPUTS = "inputs"


async def read_binary(body: Body, networks: Networks, compute: ComputeService) -> ForwardRequest:
    """The request that a file makes. Raises NetworkError with a pointer to each fault."""
    # Every number is looked at, which takes a large file's milliseconds.
    read = partial(tensors_from_safetensors, body, whole=(_INPUTS,))
    tensors, metadata = await compute.run(read, cost=len(body) // 4)
    given = {name: tensors.pop(name) for name in list(tensors) if name == _INPUTS or name.startswith(f"{_INPUTS}.")}
    if not given:
        raise NetworkError(Fault("missing-field", "missing-field", "/inputs", {"name": "inputs"}))
    asked = metadata.get("return", "trace")
    told = asked if asked in ("trace", "outputs") else asked.split(",")
    if isinstance(told, list) and not all(name.startswith("layers.") for name in told):
        values = {"name": "return", "expected": "'trace' or 'outputs'"}
        raise NetworkError(Fault("invalid-value", "not-one-of", "/return", values))
    device, name = metadata.get("device", "auto"), metadata.get("network")
    if name is None:
        if DESCRIPTION in metadata:
            for key, value in given.items():
                check_finite(value, key)
        open_ = partial(opened_from_tensors, tensors, metadata)
        network = (await compute.run(open_, cost=OPENED_BYTE_COST * len(metadata.get(DESCRIPTION, "")))).network
        inputs = _inputs(network, given)
        return ForwardRequest(network, inputs, device, told_of(network, told), resident=False)
    if tensors:
        raise NetworkError(Fault("invalid-value", "layers-and-network", "/network"))
    dtype = _dtype(given, metadata)
    network = await networks.get(name[:MAX_NAME_LENGTH], dtype)
    return ForwardRequest(network, _inputs(network, given), device, told_of(network, told), resident=True)


# A byte of a description takes as long to read, with the look at all shapes, as this many multiply-adds.
OPENED_BYTE_COST = 400


def _dtype(given: Mapping[str, Tensor], metadata: Mapping[str, str]) -> torch.dtype:
    """The precision that is asked for: that of the inputs, or of whole numbers what the file says, if not float32."""
    found = [each.dtype for each in given.values() if each.is_floating_point()]
    return found[0] if found else dtype_named(metadata.get("dtype", "float32"))


def _inputs(network: Network, given: Mapping[str, Tensor]) -> Inputs:
    """The inputs by their tensors' names; those of floating point have the network's precision."""
    if set(given) == {_INPUTS} and len(network.inputs) == 1:
        given = {network.inputs[0].name: given[_INPUTS]}
    else:
        by_name(network, {name.removeprefix(f"{_INPUTS}."): value for name, value in given.items()})
    for each in network.inputs:
        value = given[each.name]
        if value.dtype != each.dtype and (each.dtype.is_floating_point or value.is_floating_point()):
            values = {"name": each.name, "got": _name(value.dtype), "expected": _name(each.dtype)}
            raise NetworkError(Fault("unsupported-file", "file-dtypes", "/inputs", values))
    if isinstance(network, DenseNetwork):
        return given[_INPUTS]
    return {each.name: held(given[each.name], each.dtype, pointer_of_place(each.name)) for each in network.inputs}


def _name(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")
