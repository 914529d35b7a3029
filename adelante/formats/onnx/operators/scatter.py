"""Writing into a tensor at places that the file says: each number of the result is one that was there, or a new one."""

import torch
from torch import Tensor

from adelante.formats.onnx.operators.registry import Builder, OnnxNode, Value, reads
from adelante.formats.onnx.refusals import Refused
from adelante.formats.onnx.values import dimension, places_in
from adelante.network.operations import lookups, moves, slices


@reads("ScatterND")
def _scatter_nd(b: Builder, node: OnnxNode, x: Value, indices: Value, updates: Value) -> Value:
    node.only("reduction", "none")
    places = _numbered(b, x)
    shape = places.shape
    known = b.known(indices, "indices").long()
    if not 0 < known.shape[-1] <= len(shape):
        raise Refused("onnx-operands", got=str(tuple(known.shape)))
    at = tuple(places_in(known[..., k], shape[k]) for k in range(known.shape[-1]))
    new = _numbered(b, updates) + places.numel()
    return _from_both(b, x, updates, places.index_put(at, new))


@reads("ScatterElements", "Scatter")
def _scatter_elements(b: Builder, node: OnnxNode, x: Value, indices: Value, updates: Value) -> Value:
    node.only("reduction", "none")
    dim = dimension(node.whole("axis"), x.rank)
    places = _numbered(b, x)
    known = places_in(b.known(indices, "indices").long(), places.shape[dim])
    new = _numbered(b, updates) + places.numel()
    return _from_both(b, x, updates, places.scatter(dim, known, new))


def _numbered(b: Builder, value: Value) -> Tensor:
    """Each place of a tensor of fixed shape, numbered in order. Raises Refused."""
    shape = b.fixed_shape(value)
    count = torch.Size(shape).numel()
    b.spend(count)
    return torch.arange(count).reshape(shape)


def _from_both(b: Builder, x: Value, updates: Value, places: Tensor) -> Value:
    """The numbers at these places of both tensors, one after the other."""
    both = b.emit(slices.Cat(0), *(b.emit(moves.Reshape((-1,)), each) for each in (x, updates)))
    found = b.emit(lookups.IndexSelect(0), both, b.constant(places.reshape(-1)))
    return b.emit(moves.Reshape(tuple(places.shape)), found)
