"""An ONNX model from its bytes: looked over, parsed, and its graph made a network."""

from collections.abc import Iterator
from contextlib import suppress

from google.protobuf.message import DecodeError
from onnx import GraphProto, ModelProto, TensorProto, ValueInfoProto

from adelante.formats.json.writing import check_names, check_ranks
from adelante.formats.onnx.batching import keeps_inputs_apart
from adelante.formats.onnx.builder import Builder
from adelante.formats.onnx.fusing import fused
from adelante.formats.onnx.graph import OPSETS, GraphReader
from adelante.formats.onnx.inputs import Plan, plans
from adelante.formats.onnx.operators import ML
from adelante.formats.onnx.own import own_network
from adelante.formats.onnx.refusals import fault_of
from adelante.formats.onnx.tensors import Tensors
from adelante.formats.onnx.wire import check_parts
from adelante.formats.opened import File, Note, Opened
from adelante.formats.tensors import check_finite
from adelante.network.dense.chain import dense_chain
from adelante.network.errors import NetworkError, NetworkFault
from adelante.network.layering import Made, layered
from adelante.network.metas import STRANGERS
from adelante.network.network import Network
from adelante.network.operations import moves

_SHOWN = 100
_MOST_CLASSES = 20
# What may depend on the batch, so that another way to take it is worth a try.
_OF_THE_BATCH = {"layer-shapes", "onnx-of-batch", "onnx-not-constant", "onnx-attribute", "onnx-node"}


def opened_from_onnx(file: File) -> Opened:
    """The network of a model, and notes on what was decided. Raises NetworkFault or NetworkError."""
    data = bytes(file.data)
    check_parts(data, file.limits)
    try:
        model = ModelProto.FromString(data)
    except DecodeError:
        raise fault_of("onnx-broken") from None
    _check_names(model.graph, file.limits.name_length)
    own = own_network(file, model) if not file.choices else None
    if own is not None:
        # What can't be shown under names of its own can be under those that a graph is given.
        with suppress(NetworkError):
            return Opened(_checked(own))
    versions = _versions(model)
    outputs, left = _outputs(model.graph, ML in versions)
    first: NetworkFault | None = None
    for plan in plans(model.graph, file.choices):
        try:
            network = _network(file, model, versions, plan, outputs)
        except NetworkFault as fault:
            if fault.fault.key not in _OF_THE_BATCH:
                raise
            first = first or fault
            continue
        if plan.fixed is not None and not keeps_inputs_apart(network):
            continue
        return _finished(network, plan, model.graph, left)
    assert first is not None
    raise first


def _versions(model: ModelProto) -> dict[str, int]:
    """The version of each set of operators that the model says. Raises NetworkFault."""
    versions = {("" if each.domain == "ai.onnx" else each.domain): each.version for each in model.opset_import}
    low, high = OPSETS
    if not low <= versions.get("", high) <= high:
        raise fault_of("onnx-opset", got=versions[""], expected=f"{low} – {high}")
    versions.setdefault("", high)
    return versions


def _check_names(graph: GraphProto, limit: int) -> None:
    for name in _names(graph):
        if len(name) > limit:
            raise fault_of("onnx-name-length", name=name[:_SHOWN], limit=limit)


def _names(graph: GraphProto) -> Iterator[str]:
    for node in graph.node:
        yield node.name
        yield from node.input
        yield from node.output
    for each in (*graph.initializer, *graph.input, *graph.output):
        yield each.name


def _outputs(graph: GraphProto, of_classes: bool) -> tuple[list[str], list[str]]:
    """The outputs that are numbers, and those left out: labels, beside the numbers that they are chosen by."""
    kept: list[str] = []
    left: list[str] = []
    for each in graph.output:
        (left if _is_label(each, of_classes) else kept).append(each.name)
    if not kept:
        # Nothing but labels: they are what the model gives.
        kept, left = [each.name for each in graph.output if not _is_text(each)], []
    if not kept:
        raise fault_of("onnx-no-outputs")
    return kept, left


def _is_text(info: ValueInfoProto) -> bool:
    return info.type.tensor_type.elem_type == TensorProto.STRING


def _is_label(info: ValueInfoProto, of_classes: bool) -> bool:
    return _is_text(info) or (of_classes and info.type.tensor_type.elem_type == TensorProto.INT64)


def _network(file: File, model: ModelProto, versions: dict[str, int], plan: Plan, outputs: list[str]) -> Network:
    builder = Builder(plan.batches, plan.fixed, Tensors(file), file.limits)
    found = GraphReader(model, builder, file.limits).read(model.graph, versions, plan, outputs)
    names: list[str] = []
    for name, value in zip(outputs, found, strict=True):
        if value.sizes is not None:
            raise fault_of("onnx-no-tensors", name=name[:_SHOWN], got="batch")
        # An input that is handed on, and a result that is handed out twice, are results of their own.
        if value.name in names or value.name in builder.inputs:
            value = builder.emit(moves.Copy(), value)
        if value.constant is not None:
            builder.parameters[value.name] = value.constant
        names.append(value.name)
    made = fused(builder.made, builder.parameters, builder.ranks, names)
    if len(names) > 1:
        called = dict(zip(names, outputs, strict=True))
        made = [each._replace(label=called.get(each.name, each.label)) for each in made]
    made = _with_own_labels(made)
    return layered(plan.inputs, builder.parameters, made, names, plan.batch, bounds=STRANGERS)


def _with_own_labels(made: list[Made]) -> list[Made]:
    """No two of them called the same: the first one keeps the label."""
    seen: set[str | None] = {None}
    found = []
    for each in made:
        found.append(each._replace(label=None) if each.label in seen else each)
        seen.add(each.label)
    return found


def _finished(network: Network, plan: Plan, graph: GraphProto, left: list[str]) -> Opened:
    return Opened(_checked(network), tuple(_notes(network, plan, graph, left)))


def _checked(network: Network) -> Network:
    """The network, a chain where it is one, once it is known that it can be shown."""
    check_names(network)
    check_ranks(network)
    chain = dense_chain(network)
    if chain is None:
        return network
    for name, tensor in chain.parameters.items():
        check_finite(tensor, name)
    return chain


def _notes(network: Network, plan: Plan, graph: GraphProto, left: list[str]) -> Iterator[Note]:
    kept = [k for k, layer in enumerate(network.layers) if layer.kind == "batch_norm"]
    if kept:
        yield Note("batch-norm-of-its-own", tuple(f"/layers/{k}" for k in kept), {"count": len(kept)})
    if left:
        values = {"names": ", ".join(left)[:_SHOWN], "classes": ", ".join(_classes(graph))}
        yield Note("labels-left-out" if values["classes"] else "labels-unnamed", ("/outputs",), values)
    if plan.fixed is not None:
        yield Note("batch-freed", ("/input",), {"batch": plan.fixed})
    elif plan.batch != "any" and plan.inputs:
        yield Note("batch-of-one" if plan.batch == "one" else "batch-none", ("/input",), {})


def _classes(graph: GraphProto) -> list[str]:
    """The classes in the order of their numbers, where a node names them."""
    for node in reversed(graph.node):
        for attribute in node.attribute:
            if attribute.name.startswith("classlabels_"):
                texts = [each.decode("utf-8", "replace") for each in attribute.strings]
                found = [str(each)[:_SHOWN] for each in (*attribute.ints, *texts)]
                if found:
                    return [*found[:_MOST_CLASSES], *(["…"] if len(found) > _MOST_CLASSES else [])]
    return []
