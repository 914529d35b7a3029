"""An answer of POST /api/v1/forward of a network of any kind: what was asked of its tensors, written as it is read."""

from collections.abc import Iterator, Mapping, Sequence
from math import prod
from typing import Any

from torch import Tensor

from adelante.formats.json.writing import activation_name
from adelante.formats.tensors import safetensors_parts
from adelante.network.names import layer_of, output_labels, own_name, result_names
from adelante.network.network import Layer, Network
from adelante.network.trace import Trace
from app.api.write.encode import Elements, Members, NonFinite, array, content_in_steps, json_pieces
from app.compute.content import Content
from app.compute.devices import name_of
from app.compute.limits import Limits
from app.compute.pool import Steps

_SMALL = 50_000


def written(trace: Trace, limits: Limits, told: bool | Sequence[str]) -> bytes | Steps[Content]:
    """The answer as JSON; in steps where it is large. `told`: every layer, or those of some tensors' names."""
    bad = NonFinite(limits.listed_non_finite)
    pieces = json_pieces(Members(_members(trace, told, bad)))
    if sum(trace[name].numel() for name in tensors_told(trace.network, told)) > _SMALL:
        return content_in_steps(pieces, limits)
    return b"".join(pieces)


def tensors_told(network: Network, told: bool | Sequence[str]) -> tuple[str, ...]:
    """The tensors that an answer tells of, without the batch counted."""
    if not isinstance(told, bool):
        return tuple(dict.fromkeys((*network.outputs, *(own_name(network, name) for name in told))))
    return (*network.outputs, *(node.name for node in network.nodes)) if told else network.outputs


def numbers_told(network: Network, told: bool | Sequence[str]) -> int:
    """How many numbers an answer tells of one input."""
    shapes = network.whole_shapes
    outputs = sum(prod(shapes[name]) for name in network.outputs)
    if told is not True:
        return outputs + sum(prod(shapes[name]) for name in tensors_told(network, told))
    # All of a pass; of a dense layer without an activation z as well, which is its a.
    given = sum(prod(shapes[name]) for name in network.outputs if name not in network.by_name)
    doubled = sum(prod(shapes[each.nodes[0]]) for each in network.layers if each.kind == "dense")
    return outputs + given + network.trace_size + doubled


def write_file(trace: Trace, limits: Limits, told: bool | Sequence[str]) -> Content:
    """The answer as a safetensors file: `outputs` (or `outputs.NAME`), and the layers' tensors by their names."""
    network = trace.network
    names, labels = network.outputs, output_labels(network)
    tensors = {
        "outputs" if len(names) == 1 else f"outputs.{label}": trace[name]
        for label, name in zip(labels, names, strict=True)
    }
    metadata = {"device": str(trace.values[names[0]].device)}
    wanted = None if isinstance(told, bool) else {own_name(network, each) for each in told}
    for name in () if told is False else tensors_told(network, told):
        k = layer_of(name)
        if k is not None and (wanted is None or name in wanted):
            tensors[name] = trace[name]
            layer = network.layers[k]
            metadata |= {f"layers.{k}.kind": layer.kind, f"layers.{k}.activation": activation_name(network, layer)}
            if layer.name is not None:
                metadata[f"layers.{k}.name"] = layer.name
    content = Content(safetensors_parts(tensors, metadata))
    limits.answer(content.size)
    return content


def _members(trace: Trace, told: bool | Sequence[str], bad: NonFinite) -> Iterator[tuple[str, Any]]:
    network = trace.network
    yield "outputs", outputs_told(trace, bad)
    if not isinstance(told, bool):
        yield "layers", Elements(_asked_layers(trace, told, bad))
    elif told:
        every = enumerate(network.layers)
        yield "layers", Elements(_layer(trace, layer, _parts(k, layer), f"/layers/{k}", bad) for k, layer in every)
    first = trace.values[network.outputs[0]]
    yield "dtype", name_of(network.dtype)
    yield "device", str(first.device)
    yield from bad.members().items()


def outputs_told(trace: Trace, bad: NonFinite) -> Any:
    """The output, or an object of them where there are several; what is not finite is noted in `bad`."""
    names = trace.network.outputs
    if len(names) == 1:
        return _looked(trace[names[0]], "/outputs", bad)
    labels = output_labels(trace.network)
    return Members(
        (label, _looked(trace[name], f"/outputs/{_step(label)}", bad))
        for label, name in zip(labels, names, strict=True)
    )


def _parts(k: int, layer: Layer) -> dict[str, str]:
    """What an answer tells of a layer, and which tensor that is: z and a, or a alone where nothing follows."""
    if layer.kind == "dense" or len(layer.nodes) == 2:
        return {"pre_activations": layer.nodes[0], "activations": layer.nodes[-1]}
    return {"activations": layer.nodes[-1]}


def _layer(trace: Trace, layer: Layer, parts: Mapping[str, str], pointer: str, bad: NonFinite) -> Members:
    def members() -> Iterator[tuple[str, Any]]:
        yield "name", layer.name
        yield "kind", layer.kind
        yield "activation", activation_name(trace.network, layer)
        for part, name in parts.items():
            yield part, _looked(trace[name], f"{pointer}/{part}", bad)

    return Members(members())


def _asked_layers(trace: Trace, told: Sequence[str], bad: NonFinite) -> Iterator[Members]:
    """The layers of the tensors that were asked for, in order, each with its index."""
    asked: dict[int, set[str]] = {}
    for name in told:
        k = layer_of(name)
        assert k is not None
        asked.setdefault(k, set()).add(name)
    for place, k in enumerate(sorted(asked)):
        layer = trace.network.layers[k]
        parts = {
            part: own_name(trace.network, name)
            for part, name in zip(("pre_activations", "activations"), result_names(k, activated=True), strict=True)
            if name in asked[k]
        }
        whole = _layer(trace, layer, parts, f"/layers/{place}", bad)
        yield Members([("index", k), *whole.members])


def _looked(tensor: Tensor, pointer: str, bad: NonFinite) -> Any:
    values = array(tensor)
    if tensor.is_floating_point():
        bad.look(pointer, values)
    return values


def _step(label: str) -> str:
    return label.replace("~", "~0").replace("/", "~1")
