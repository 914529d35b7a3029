"""The network of tensors that PyTorch's modules named: a chain of dense layers, with batch norms between them or not."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import torch
from torch import Tensor

from adelante.formats.modules.choices import Choices, Question, choices_in, listed, refuse
from adelante.formats.modules.ordering import asked, ordered
from adelante.formats.modules.parts import Part, parts_of, tensor_name
from adelante.formats.modules.words import numbers_of
from adelante.formats.opened import Note, Opened
from adelante.network.activations import Activation, activation_named
from adelante.network.dense.network import DenseLayer, DenseNetwork
from adelante.network.errors import Fault, NetworkError, NetworkFault, shape_text
from adelante.network.metas import STRANGERS
from adelante.network.names import parameter_name, result_names
from adelante.network.network import Input, Layer, Network, Node
from adelante.network.operations.dense import Dense
from adelante.network.operations.norms import BatchNorm

_LONGEST_NAME = 200
_MOST_SHOWN = 4
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
    chosen = choices_in(choices)
    found = parts_of(tensors)
    if not found:
        raise NetworkError(Fault("unsupported-file", "file-no-layers", ""))
    _check_matrices(found)
    parts, notes = _of_one_dtype(found)
    in_order = ordered(parts, chosen)
    layers = _layers(in_order.parts, metadata, chosen)
    network = _network(layers)
    return Opened(network, (*in_order.notes, *_of_pieces(in_order.parts), *notes, *_assumed(layers)))


def _check_matrices(parts: Sequence[Part]) -> None:
    for k, part in enumerate(parts):
        weights = part.tensors.get("weights")
        if weights is not None and weights.dim() != 2:
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
    widened = [
        Part(part.prefix, part.name, part.kind, {role: each.to(wide) for role, each in part.tensors.items()}, part.pieces)
        for part in parts
    ]
    names = sorted(str(dtype).removeprefix("torch.") for dtype in dtypes)
    values = {"dtypes": ", ".join(names), "dtype": str(wide).removeprefix("torch.")}
    return widened, [Note("precision-widened", ("/dtype",), values)]


# Activations.


def _layers(parts: Sequence[Part], metadata: Mapping[str, str], choices: Choices) -> list[_Layer]:
    chosen = _chosen(parts, choices.activation)
    found = []
    for k, part in enumerate(parts):
        said = _said(part, metadata, "activation")
        named = chosen[k] if chosen is not None else said
        name = _said(part, metadata, "name")
        if name is not None and len(name) > _LONGEST_NAME:
            values = {"name": "name", "limit": _LONGEST_NAME}
            raise NetworkError(Fault("invalid-value", "string-too-long", f"/layers/{k}/name", values))
        shown = (named or "identity")[:_LONGEST_NAME] + "…" * (len(named or "") > _LONGEST_NAME)
        found.append(_Layer(part, activation_named(shown, f"/layers/{k}/activation"), name, named is None))
    return found


def _said(part: Part, metadata: Mapping[str, str], what: str) -> str | None:
    for name in (part.prefix, part.name):
        if (found := metadata.get(tensor_name(name, what))) is not None:
            return found
    return None


def _chosen(parts: Sequence[Part], named: tuple[str, ...] | None) -> list[str] | None:
    """An activation for each layer. One for all goes after each dense layer and the batch norms that follow it."""
    if named is None:
        return None
    if len(named) == 1 and len(parts) > 1:
        ends = [after is None or after.kind == "dense" for _, after in pairwise([*parts, None])]
        return [named[0] if end else "identity" for end in ends]
    if len(named) != len(parts):
        raise NetworkError(
            Fault(
                "shape-mismatch",
                "activations-count",
                "/choices/activation",
                {"got": len(named), "expected": len(parts)},
            )
        )
    return list(named)


def _assumed(layers: Sequence[_Layer]) -> list[Note]:
    """That the file does not say which activations follow, and which are likely."""
    unnamed = [k for k, layer in enumerate(layers) if layer.assumed]
    if not unnamed:
        return []
    parts = [layer.part for layer in layers]
    likely = _likely(parts)
    plain = ["identity"] * len(parts)
    values = {
        "count": len(unnamed),
        "layers": len(layers),
        "metadata": tensor_name(parts[unnamed[0]].prefix[:_LONGEST_NAME], "activation"),
        "query": ",".join(likely) if len(layers) <= _MOST_SHOWN else "relu",
    }
    question = Question("activation", (likely, plain) if likely != plain else (plain,), asked(parts))
    return [Note("activations-assumed", tuple(f"/layers/{k}/activation" for k in unnamed), values, question)]


def _likely(parts: Sequence[Part]) -> list[str]:
    """relu between layers; in an nn.Sequential only where a number between two layers is left for one."""
    names = [part.name for part in parts]
    last = [int(name.rpartition(".")[2]) if name.rpartition(".")[2].isdecimal() else -1 for name in names]
    gaps = [after - before for before, after in pairwise(last)]
    numbered = numbers_of(names) and -1 not in last and any(gap > 1 for gap in gaps)
    ends = [after.kind == "dense" for after in parts[1:]]
    between = [gap > 1 for gap in gaps] if numbered else ends
    return ["relu" if here else "identity" for here in between] + ["identity"]


# The network.


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
