"""What ONNX has no place for, in a model of ours: the network's own graph, beside the one that others run.

One operation here may be several there, and names, layers, modules and lines of source are only told in metadata. So a
model of ours has its description in its metadata, as a safetensors file has, and a digest of the graph that was written
with it. Where somebody has changed that graph since, the description is no longer true and the graph is read instead;
other numbers under the same names change nothing.
"""

from collections.abc import Iterable, Mapping
from hashlib import sha256

from onnx import GraphProto, ModelProto

from adelante.formats.description import description_of, network_from
from adelante.formats.onnx.tensors import Tensors
from adelante.formats.opened import File
from adelante.formats.tensors import DESCRIPTION, MAX_HEADER_BYTES
from adelante.network.errors import NetworkFault
from adelante.network.network import Network

DIGEST = f"{DESCRIPTION}.graph"


def described(network: Network, graph: GraphProto) -> dict[str, str]:
    """The entries of a model's metadata that say what network its graph was written from."""
    # Half a surrogate pair is no text.
    description = description_of(network).encode("utf-8", "replace").decode()
    return {DESCRIPTION: description, DIGEST: _digest(graph)} if len(description) <= MAX_HEADER_BYTES else {}


def own_network(file: File, model: ModelProto) -> Network | None:
    """The network that a model of ours was written from; None of any other model, and of one that was changed."""
    said: Mapping[str, str] = {each.key: each.value for each in model.metadata_props}
    description = said.get(DESCRIPTION, "")
    if not 0 < len(description) <= MAX_HEADER_BYTES or model.functions or said.get(DIGEST) != _digest(model.graph):
        return None
    tensors = Tensors(file)
    names = [each.name for each in model.graph.initializer]
    if len(set(names)) < len(names):
        return None
    try:
        return network_from(description, {each.name: tensors.read(each) for each in model.graph.initializer})
    except NetworkFault:
        # What is wrong with it, reading its graph tells.
        return None


def _digest(graph: GraphProto) -> str:
    """A digest of all that is computed, and of what goes in and comes out: the same as long as nobody changes it."""
    found = sha256()
    for kind in (graph.node, graph.input, graph.output):
        for part in _in_bytes(kind):
            found.update(len(part).to_bytes(8, "little") + part)
        found.update(b"\0" * 8)
    return found.hexdigest()


def _in_bytes(parts: Iterable[object]) -> Iterable[bytes]:
    return (each.SerializeToString(deterministic=True) for each in parts)  # type: ignore[attr-defined]
