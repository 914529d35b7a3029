"""Layers of another shape, as the live command `reshape` says them: by what is new in them."""

from typing import Annotated, Any

import numpy as np
import torch
from pydantic import BeforeValidator, Field
from torch import Tensor

from adelante.formats.json.arrays import tensor
from adelante.formats.json.numbers import LongArray
from adelante.network.activations import activation_named
from adelante.network.checks import check_index
from adelante.network.dense.network import DenseLayer, DenseNetwork
from app.api.read.checked import validated
from app.api.read.documents import Document, Index, LayerDocument, layer_of
from app.live.reshape import Reshaping, reshaped

_DTYPE = torch.float32


def _listed(value: Any) -> Any:
    """A plain list, also where the reader kept very many numbers without Python objects."""
    if isinstance(value, LongArray) and value.rest is None and not value.inner:
        return value.take(np.dtype("f8"))[0].tolist()
    return value


Places = Annotated[list[Index | None], BeforeValidator(_listed)]


class KeptLayer(Document):
    """A layer made of one that the session has: see Reshaping."""

    from_: Index = Field(alias="from", description="which layer, counted from 0")
    rows: Places | None = None
    columns: Places | None = None
    weights: Any = None
    biases: Any = None
    activation: str | None = None


def network_after(network: DenseNetwork, layers: list[dict[str, Any]]) -> DenseNetwork:
    """The network of layers that are made of this one's, or new; nothing is shared. Raises NetworkError."""
    return DenseNetwork(_layer(network, layer, f"/layers/{k}") for k, layer in enumerate(layers))


def _layer(network: DenseNetwork, document: dict[str, Any], pointer: str) -> DenseLayer:
    if "from" not in document:
        return layer_of(validated(LayerDocument, document, pointer), pointer, _DTYPE)
    given = validated(KeptLayer, document, pointer)
    check_index(given.from_, len(network.layers), "no-such-layer", f"{pointer}/from")
    weights, biases = _numbers(given.weights, f"{pointer}/weights"), _numbers(given.biases, f"{pointer}/biases")
    layer = network.layers[given.from_]
    made = reshaped(layer, Reshaping(given.rows, given.columns, weights, biases), pointer)
    if given.activation is None:
        return made
    activation = activation_named(given.activation, f"{pointer}/activation")
    return DenseLayer(made.weights, made.biases, activation, made.name)


def _numbers(given: Any, pointer: str) -> Tensor:
    return torch.empty(0) if given is None or given == [] else tensor(given, pointer, (1,), _DTYPE)
