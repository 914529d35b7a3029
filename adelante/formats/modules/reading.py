"""The network of tensors that PyTorch's modules named: a chain of dense layers, maybe with batch norms between."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import torch
from torch import Tensor

from adelante.formats.choices import Choices, choices_in, listed
from adelante.formats.modules.activations import activations_assumed, chosen, likely_activations, said
from adelante.formats.modules.ordering import asked, ordered
from adelante.formats.modules.parts import Part, parts_of, tensor_name
from adelante.formats.opened import Note, Opened
from adelante.formats.tensors import pointer_of
from adelante.network.activations import Activation, activation_named
from adelante.network.dense.network import DenseLayer, DenseNetwork
from adelante.network.errors import Fault, NetworkError, NetworkFault, shape_text
from adelante.network.metas import STRANGERS
from adelante.network.names import parameter_name, result_names
from adelante.network.network import Input, Layer, Network, Node
from adelante.network.operations.dense import Dense
from adelante.network.operations.norms import BatchNorm

_LONGEST_NAME = 200
_DENSE, _NORM = Dense(), BatchNorm()
_ORDER = {"dense": ("weights", "biases"), "batch_norm": ("mean", "variance", "scale", "shift")}


class _Layer(NamedTuple):
    """A layer in its place: what the file has of it, and what follows from the metadata and the choices."""

    part: Part
    activation: Activation
    name: str | None
    assumed: bool
    """Nobody says which activation it has."""


def opened_from_modules(
    tensors: Mapping[str, Tensor], metadata: Mapping[str, str], choices: Mapping[str, Any]
) -> Opened:
    """The network of NAME.weight (n_out, n_in), NAME.bias and the like, and what was decided to read it.

    Activations are those of the metadata's NAME.activation; where it has none, the choices', else the identity.
    Raises NetworkError with a pointer to what is wrong, and ChoiceNeeded where it can be read in two ways.
    """
    answers = choices_in(choices)
    found = parts_of(tensors)
    if not found:
        raise NetworkError(Fault("unsupported-file", "file-no-layers", ""))
    _check_matrices(found)
    parts, notes = _of_one_dtype(found)
    in_order = ordered(parts, answers)
    layers = _layers(in_order.parts, metadata, answers)
    network = _network(layers)
    unnamed = [k for k, layer in enumerate(layers) if layer.assumed]
    of_activations = []
    if unnamed:
        first = tensor_name(in_order.parts[unnamed[0]].prefix, "activation")
        likely = likely_activations(in_order.parts)
        of_activations.append(activations_assumed(unnamed, first, likely, asked(in_order.parts)))
    return Opened(network, (*in_order.notes, *_of_pieces(in_order.parts), *notes, *of_activations))


def _layers(parts: Sequence[Part], metadata: Mapping[str, str], choices: Choices) -> list[_Layer]:
    answered = chosen([part.kind for part in parts], choices.activation)
    found = []
    for k, part in enumerate(parts):
        named = answered[k] if answered is not None else said(part, metadata, "activation")
        name = said(part, metadata, "name")
        if name is not None and len(name) > _LONGEST_NAME:
            values = {"name": "name", "limit": _LONGEST_NAME}
            raise NetworkError(Fault("invalid-value", "string-too-long", f"/layers/{k}/name", values))
        shown = (named or "identity")[:_LONGEST_NAME] + "…" * (len(named or "") > _LONGEST_NAME)
        found.append(_Layer(part, activation_named(shown, f"/layers/{k}/activation"), name, named is None))
    return found


def _check_matrices(parts: Sequence[Part]) -> None:
    for k, part in enumerate(parts):
        weights = part.tensors.get("weights")
        if weights is not None and weights.dim() != 2:
            if weights.dim() > 2:
                named = {"name": part.weights_name[:_LONGEST_NAME], "shape": shape_text(weights.shape)}
                raise NetworkError(Fault("unsupported-file", "file-kernel", pointer_of(part.weights_name), named))
            values = {"layer": k, "got": shape_text(weights.shape)}
            raise NetworkError(Fault("shape-mismatch", "weights-not-a-matrix", f"/layers/{k}/weights", values))


def _of_one_dtype(parts: list[Part]) -> tuple[list[Part], list[Note]]:
    """The layers in the widest precision of any: half-precision weights may have float32 biases."""
    dtypes = {tensor.dtype for part in parts for tensor in part.tensors.values()}
    if len(dtypes) == 1:
        return parts, []
    wide = torch.float16
    for dtype in dtypes:
        wide = torch.promote_types(wide, dtype)
    widened = [replace(part, tensors={role: each.to(wide) for role, each in part.tensors.items()}) for part in parts]
    names = sorted(str(dtype).removeprefix("torch.") for dtype in dtypes)
    values = {"dtypes": ", ".join(names), "dtype": str(wide).removeprefix("torch.")}
    return widened, [Note("precision-widened", ("/dtype",), values)]


def _network(layers: Sequence[_Layer]) -> Network:
    if all(layer.part.kind == "dense" for layer in layers):
        return DenseNetwork(_dense(layer) for layer in layers)
    try:
        return _general(layers)
    except NetworkFault as fault:
        raise NetworkError(fault.fault) from None


def _dense(layer: _Layer) -> DenseLayer:
    weights, biases = layer.part.tensors["weights"], layer.part.tensors.get("biases")
    if biases is None:
        biases = weights.new_zeros(weights.shape[-1])
    return DenseLayer(weights, biases, layer.activation, layer.name)


def _general(layers: Sequence[_Layer]) -> Network:
    """The layers as nodes: a dense one or a batch norm each, and the activation after it."""
    parameters: dict[str, Tensor] = {}
    nodes: list[Node] = []
    found: list[Layer] = []
    before = "inputs"
    for k, (part, activation, name, _) in enumerate(layers):
        operation = _DENSE if part.kind == "dense" else _NORM
        operands = [before]
        for role in _ORDER[part.kind]:
            if role in part.tensors:
                operands.append(parameter_name(k, operation, len(operands), ()))
                parameters[operands[-1]] = part.tensors[role]
        activated = activation.name != "identity"
        names = result_names(k, activated=activated)
        nodes.append(Node(names[0], operation, tuple(operands)))
        if activated:
            nodes.append(Node(names[1], activation.operation, names[:1]))
        found.append(Layer(part.kind, names, name, part.name or None))
        before = names[-1]
    first = layers[0].part
    given = Input("inputs", (first.shape[0],), next(iter(first.tensors.values())).dtype)
    return Network((given,), parameters, tuple(nodes), (before,), tuple(found), bounds=STRANGERS)


def _of_pieces(parts: Sequence[Part]) -> list[Note]:
    """What was put together, and what the file does not say of batch norms."""
    notes = []
    for kind in ("pruned", "weight-normed", "spectral-normed"):
        places = [k for k, part in enumerate(parts) if kind in part.pieces]
        if places:
            values = {"names": listed([parts[k].name for k in places])}
            notes.append(Note(kind, tuple(f"/layers/{k}/weights" for k in places), values))
    norms = [k for k, part in enumerate(parts) if part.kind == "batch_norm"]
    if norms:
        values = {"names": listed([parts[k].name for k in norms]), "eps": str(_NORM.eps)}
        notes.append(Note("batch-norm-kept", tuple(f"/layers/{k}" for k in norms), values))
    return notes
