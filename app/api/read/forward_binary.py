"""A request to POST /api/v1/forward as a safetensors file: tensors without text, and no copies that can be spared."""

from functools import partial

from torch import Tensor

from adelante.formats.dense_safetensors import network_from_tensors
from adelante.formats.tensors import tensors_from_safetensors
from adelante.network.dense.network import DenseNetwork
from adelante.network.errors import Fault
from app.api.http.body import Body
from app.api.http.problems import Problem
from app.api.read.documents import MAX_NAME_LENGTH, dense_only
from app.api.read.forward_request import ForwardRequest
from app.compute.devices import name_of
from app.compute.service import ComputeService
from app.store.networks import Networks

SAFETENSORS = "application/vnd.safetensors"
_RETURNS = {"trace": True, "outputs": False}


async def read_binary(body: Body, networks: Networks, compute: ComputeService) -> ForwardRequest:
    """The request that a file makes. Raises Problem or NetworkError with a pointer to each fault."""
    # Every number is looked at, which takes a large file's milliseconds.
    tensors, metadata = await compute.run(partial(tensors_from_safetensors, body), cost=len(body) // 4)
    inputs = tensors.pop("inputs", None)
    if inputs is None:
        raise Problem("missing-field", Fault("missing-field", "missing-field", "/inputs", {"name": "inputs"}))
    layers = _RETURNS.get(metadata.get("return", "trace"))
    if layers is None:
        values = {"name": "return", "expected": "'trace' or 'outputs'"}
        raise Problem("invalid-value", Fault("invalid-value", "not-one-of", "/return", values))
    device, name = metadata.get("device", "auto"), metadata.get("network")
    if name is None:
        network = network_from_tensors(tensors, metadata)
        _check_dtype(network, inputs)
        return ForwardRequest(network, inputs, device, layers, resident=False)
    if tensors:
        raise Problem("invalid-value", Fault("invalid-value", "layers-and-network", "/network"))
    found = networks.ready(name, inputs.dtype) or await networks.get(name[:MAX_NAME_LENGTH], inputs.dtype)
    network = dense_only(found, "/network")
    return ForwardRequest(network, inputs, device, layers, resident=True)


def _check_dtype(network: DenseNetwork, inputs: Tensor) -> None:
    if inputs.dtype != network.dtype:
        values = {"name": "inputs", "got": name_of(inputs.dtype), "expected": name_of(network.dtype)}
        raise Problem("unsupported-file", Fault("unsupported-file", "file-dtypes", "/inputs", values))
