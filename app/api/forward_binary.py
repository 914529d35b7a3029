"""POST /api/v1/forward as a safetensors file: tensors in and out without text, and no copies that can be spared."""

from torch import Tensor

from adelante.formats.dense_safetensors import network_from_tensors
from adelante.formats.tensors import safetensors_parts, tensors_from_safetensors
from adelante.network.dense.forward import Trace
from adelante.network.dense.network import Network
from adelante.network.errors import Fault
from app.api.documents import MAX_NAME_LENGTH
from app.api.forward_request import ForwardRequest
from app.api.problems import Problem
from app.compute.content import Content
from app.compute.devices import name_of
from app.compute.limits import Limits
from app.store.networks import Networks

SAFETENSORS = "application/vnd.safetensors"
_RETURNS = {"trace": True, "outputs": False}


async def read_binary(body: bytes, networks: Networks) -> ForwardRequest:
    """The request that a file makes. Raises Problem or NetworkError with a pointer to each fault."""
    tensors, metadata = tensors_from_safetensors(body)
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
    network = networks.ready(name, inputs.dtype) or await networks.get(name[:MAX_NAME_LENGTH], inputs.dtype)
    return ForwardRequest(network, inputs, device, layers, resident=True)


def _check_dtype(network: Network, inputs: Tensor) -> None:
    if inputs.dtype != network.dtype:
        values = {"name": "inputs", "got": name_of(inputs.dtype), "expected": name_of(network.dtype)}
        raise Problem("unsupported-file", Fault("unsupported-file", "file-dtypes", "/inputs", values))


def write_binary(network: Network, trace: Trace, limits: Limits, *, layers: bool) -> Content:
    """The trace as a file: `outputs`, `layers.K.pre_activations`, `layers.K.activations`; NaN and infinity stay."""
    tensors = {"outputs": trace.outputs}
    metadata = {"device": str(trace.outputs.device)}
    if layers:
        for k, (layer, z, a) in enumerate(zip(network.layers, trace.pre_activations, trace.activations, strict=True)):
            tensors |= {f"layers.{k}.pre_activations": z, f"layers.{k}.activations": a}
            metadata[f"layers.{k}.activation"] = layer.activation.name
            if layer.name is not None:
                metadata[f"layers.{k}.name"] = layer.name
    content = Content(safetensors_parts(tensors, metadata))
    limits.answer(content.size)
    return content
