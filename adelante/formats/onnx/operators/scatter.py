"""Writing into a tensor at places that the file says: each number of the result is one that was there, or a new one."""

import torch
from torch import Tensor

from adelante.formats.onnx.operators.pointwise import cast
from adelante.formats.onnx.operators.registry import Builder, OnnxNode, Value, reads
from adelante.formats.onnx.refusals import Refused
from adelante.formats.onnx.values import dimension, places_in
from adelante.network.operations import lookups, moves, scatters, slices


@reads("ScatterND")
def _scatter_nd(b: Builder, node: OnnxNode, x: Value, indices: Value, updates: Value) -> Value:
    node.only("reduction", "none", "add")
    if node.text("reduction", "none") == "add" or indices.constant is None:
        return _at_numbers(b, node, x, indices, updates)
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
    node.only("reduction", "none", "add")
    dim = dimension(node.whole("axis"), x.rank)
    if node.text("reduction", "none") == "add" or indices.constant is None:
        return _by_numbers(b, node, x, indices, updates, dim)
    places = _numbered(b, x)
    known = places_in(b.known(indices, "indices").long(), places.shape[dim])
    new = _numbered(b, updates) + places.numel()
    return _from_both(b, x, updates, places.scatter(dim, known, new))


def _at_numbers(b: Builder, node: OnnxNode, x: Value, indices: Value, updates: Value) -> Value:
    """Over the first dimensions, at places that are numbers of the pass: a row of the last dimension says each."""
    count = b.fixed_size(indices, indices.rank - 1)
    if not 0 < count <= x.rank:
        raise Refused("onnx-operands", got=str(count))
    indices = cast(b, indices, torch.int64)
    at = [b.emit(slices.Select(indices.rank - 1, k), indices) for k in range(count)]
    adds = node.text("reduction", "none") == "add"
    operation = scatters.IndexAdd((True,) * count) if adds else scatters.IndexPut((True,) * count)
    return b.emit(operation, x, updates, *at)


def _by_numbers(b: Builder, node: OnnxNode, x: Value, indices: Value, updates: Value, dim: int) -> Value:
    """At places that are numbers of the pass."""
    if indices.constant is not None:
        indices = b.constant(places_in(indices.constant.long(), b.fixed_size(x, dim)))
    adds = node.text("reduction", "none") == "add"
    operation = scatters.ScatterAdd(dim) if adds else scatters.Scatter(dim)
    return b.emit(operation, x, cast(b, indices, torch.int64), updates)


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
