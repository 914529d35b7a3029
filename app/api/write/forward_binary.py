"""An answer of POST /api/v1/forward as a safetensors file."""

from adelante.formats.tensors import safetensors_parts
from adelante.network.dense.network import DenseNetwork, DenseTrace
from app.compute.content import Content
from app.compute.limits import Limits


def write_binary(network: DenseNetwork, trace: DenseTrace, limits: Limits, *, layers: bool) -> Content:
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
