"""An answer of POST /api/v1/forward as a safetensors file."""

from adelante.formats.tensors import safetensors_parts
from adelante.network.dense.network import DenseNetwork, DenseTrace
from app.compute.content import Content
from app.compute.limits import Limits


def write_binary(network: DenseNetwork, trace: DenseTrace, limits: Limits, *, layers: bool) -> Content:
    """The trace as a file: `outputs`, `layers.K.pre_activations`, `layers.K.activations`; NaN and infinity stay."""
    values, single = trace.values, trace.single
    outputs = values[network.layers[-1].nodes[-1]]
    tensors = {"outputs": outputs[0] if single else outputs}
    metadata = {"device": str(outputs.device)}
    if layers:
        for k, layer in enumerate(network.layers):
            for name in layer.nodes:
                tensors[name] = values[name][0] if single else values[name]
            metadata[f"layers.{k}.activation"] = layer.activation.name
            if layer.name is not None:
                metadata[f"layers.{k}.name"] = layer.name
    content = Content(safetensors_parts(tensors, metadata))
    limits.answer(content.size)
    return content
