"""A network as an ONNX model: its operations as ONNX's, its parameters inside the file, its names kept.

Tensors are called what the trace calls them; what one operation takes several of ONNX's for has names behind its own
(`layers.3.activations/Mul`). A layer's name, module and line stand in its nodes' metadata, and in the model's own what
the network is (`own`), so that it comes back as it was. The batch is a dimension of any size, `batch`, where it is so
in the network.
"""

from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version

import torch
from onnx import GraphProto, ModelProto, ValueInfoProto, helper

import adelante.formats.onnx.writing_arithmetic
import adelante.formats.onnx.writing_functions
import adelante.formats.onnx.writing_layers
import adelante.formats.onnx.writing_moves
import adelante.formats.onnx.writing_pictures
import adelante.formats.onnx.writing_scatters
import adelante.formats.onnx.writing_slices  # noqa: F401  (they fill the rules)
from adelante.formats.onnx.node import LAYER
from adelante.formats.onnx.own import described
from adelante.formats.onnx.writing_graph import TYPES, Graph, tensor_proto
from adelante.formats.onnx.writing_rules import WRITING, Call, Known
from adelante.network.errors import Fault, NetworkError
from adelante.network.metas import metas_of
from adelante.network.network import Layer, Network, Node
from adelante.network.operations import PerBatch
from adelante.network.operations.operation import Size

PRODUCER = "adelante"
BATCH = "batch"
"""What a dimension of any size is called."""
_IR_VERSION = 10
# From this opset on convolutions, pooling and norms take bfloat16.
_BFLOAT16 = 22
# A file of protobuf ends there; a little is left for all that is not numbers.
_MOST_BYTES = (1 << 31) - (1 << 22)


def network_to_onnx(network: Network) -> bytes:
    """The network as the bytes of an .onnx file; the same network gives the same bytes.

    Raises NetworkError: invalid-value, with the layer, for a size that depends on the batch where ONNX wants it known;
    too-large where a file can't hold the numbers.
    """
    size = sum(tensor.numel() * tensor.element_size() for tensor in network.parameters.values())
    if size > _MOST_BYTES:
        raise NetworkError(Fault("too-large", "onnx-too-large", "", {"size": size, "limit": _MOST_BYTES}))
    return bytes(model_of(network).SerializeToString(deterministic=True))


def model_of(network: Network) -> ModelProto:
    """The network as ONNX's own object. Raises NetworkError as `network_to_onnx` does."""
    known = _known(network)
    taken = {*known, *network.outputs}
    with_batch = next((each.name for each in network.inputs if network.batch == "any"), None)
    graph = Graph(taken, with_batch)
    if any(each.dtype == torch.bfloat16 for each in known.values()):
        graph.needs(_BFLOAT16)
    layers = {name: layer for layer in network.layers for name in layer.nodes}
    for node in network.nodes:
        begun = len(graph.nodes)
        graph.finish(_written(network, node, known, graph), node.name, begun)
        _tell(graph, begun, layers.get(node.name))
    whole = GraphProto(
        name=PRODUCER,
        node=graph.constants + graph.nodes,
        initializer=[tensor_proto(tensor, name) for name, tensor in network.parameters.items()],
        input=[_value(each.name, known[each.name]) for each in network.inputs],
        output=[_value(name, known[name]) for name in network.outputs],
    )
    model = helper.make_model(
        whole,
        opset_imports=[helper.make_opsetid("", graph.opset)],
        ir_version=_IR_VERSION,
        producer_name=PRODUCER,
        producer_version=_version(),
    )
    helper.set_model_props(model, described(network, model.graph))
    return model


def _written(network: Network, node: Node, known: Mapping[str, Known], graph: Graph) -> str:
    """The name of its result, whose nodes are in the graph."""
    operation = node.operation if network.batch == "any" else node.operation.at_batch(1)
    call = Call(
        operation,
        node.inputs,
        tuple(known[name] for name in node.inputs),
        known[node.name],
        node.name,
        graph,
    )
    return WRITING[operation.kind](call)


def _known(network: Network) -> dict[str, Known]:
    """Every tensor's shape and type; what differs between passes of two and of three inputs grows with the batch."""

    def at(batch: int | None) -> Mapping[str, Known]:
        found = metas_of(network.inputs, network.parameters, network.nodes, batch)
        return {name: Known(meta.shape, meta.dtype) for name, meta in found.items()}

    if network.batch != "any":
        return dict(at(1 if network.batch == "one" else None))
    two, three = at(2), at(3)
    return {name: Known(tuple(map(_growing, meta.shape, three[name].shape)), meta.dtype) for name, meta in two.items()}


def _growing(at_two: Size, at_three: Size) -> Size:
    assert isinstance(at_two, int)
    assert isinstance(at_three, int)
    times = at_three - at_two
    return PerBatch(times, at_two - 2 * times) if times else at_two


def _tell(graph: Graph, begun: int, layer: Layer | None) -> None:
    """Writes what people call the layer into its nodes."""
    if layer is None:
        return
    told = {"kind": layer.kind, "name": layer.name, "module": layer.module, "source": layer.source}
    for node in graph.nodes[begun:]:
        for key, text in told.items():
            if text:
                # Half a surrogate pair is no text.
                node.metadata_props.add(key=LAYER + key, value=text.encode("utf-8", "replace").decode())


def _value(name: str, known: Known) -> ValueInfoProto:
    shape = [_dimension(size) for size in known.shape]
    return helper.make_tensor_value_info(name, TYPES[known.dtype], shape)


def _dimension(size: Size) -> int | str:
    if not isinstance(size, PerBatch):
        return size
    times = BATCH if size.times == 1 else f"{size.times}*{BATCH}"
    return times + (f"{size.plus:+d}" if size.plus else "")


@cache
def _version() -> str:
    try:
        return version(PRODUCER)
    except PackageNotFoundError:
        return ""
