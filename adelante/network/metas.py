"""A pass without its numbers: every tensor's shape and dtype, and no more of them than a limit allows."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from math import prod
from typing import Any, NamedTuple

from torch import Tensor

from adelante.network.errors import Fault, NetworkFault, said
from adelante.network.operations import Operation
from adelante.network.parts import Batch, Input, Node
from adelante.network.shapes import Meta, Unfit, quick_meta, torch_meta
from adelante.network.words import attempted_words, dtype_words, fraction_words

COUNTS = frozenset(("stride", "dilation", "kernel_size", "groups", "num_groups", "upscale_factor"))
"""Options that count cells, channels or groups: torch divides by some, and makes nonsense of others."""
# Of torch's words, and of a list of shapes, so much is told.
_SHOWN = 600


CHECKED: Mapping[Batch, tuple[int | None, ...]] = {"any": (1, 2), "one": (1,), "none": (None,)}
"""Of which batches the shapes are found: what has twice the length in a pass of two has the batch there."""


class Bounds(NamedTuple):
    """How many numbers one input's pass may ask for: in one tensor, and in all that it computes."""

    tensor: int
    total: int


STRANGERS = Bounds(1 << 31, 1 << 31)
"""What a file may ask for, whoever wrote it: as float32, 8 GiB."""


def metas_of(
    inputs: Iterable[Input],
    parameters: Mapping[str, Tensor],
    nodes: Iterable[Node],
    batch: int | None,
    bounds: Bounds | None = None,
) -> dict[str, Meta]:
    """Every tensor of a pass of so many inputs; None where the inputs have no batch. Nothing is allocated.

    Raises NetworkFault at the first node whose operands do not fit, or whose result passes the bounds.
    """
    found = metas_by_batch(inputs, parameters, nodes, (batch,), bounds)
    return {name: meta for name, (meta,) in found.items()}


def metas_by_batch(
    inputs: Iterable[Input],
    parameters: Mapping[str, Tensor],
    nodes: Iterable[Node],
    batches: Sequence[int | None],
    bounds: Bounds | None = None,
) -> dict[str, tuple[Meta, ...]]:
    """The same of passes of each of these batches, found side by side. The bounds are those of the first."""
    metas = {each.name: tuple(_given(each, batch) for batch in batches) for each in inputs}
    total = sum(_counted(name, each[0], 0, bounds) for name, each in metas.items())
    several = len(batches)
    metas |= {name: (Meta(tuple(tensor.shape), tensor.dtype),) * several for name, tensor in parameters.items()}
    # Most networks ask the same of the same shapes many times over.
    known: dict[tuple[Hashable, ...], tuple[Meta, ...]] = {}
    for node in nodes:
        operands = [metas[name] for name in node.inputs]
        asked: tuple[Hashable, ...] = (node.operation, *operands)
        try:
            found = known.get(asked)
            kept = bool(operands) and operands[0][0].dtype.is_floating_point
        except TypeError:  # a list among the options
            found, kept = None, False
        if found is None:
            found = tuple(
                meta_of(node, node.operation.at_batch(batch or 1), [each[k] for each in operands])
                for k, batch in enumerate(batches)
            )
            # Of whole numbers the result's dtype depends on what Python takes for the same: 1 and 1.0.
            if kept:
                known[asked] = found
        metas[node.name] = found
        if bounds is not None:
            total += _counted(node.name, found[0], total, bounds)
    return metas


def has_batch(metas: Sequence[Meta]) -> bool:
    """Whether a tensor's first dimension is the batch, by its shapes in passes of one input and of two."""
    one, two = metas
    return bool(one.shape) and two.shape[0] == 2 * one.shape[0] == 2


def _given(each: Input, batch: int | None) -> Meta:
    return Meta(each.shape if batch is None else (batch, *each.shape), each.dtype)


def meta_of(node: Node, operation: Operation, operands: Sequence[Meta]) -> Meta:
    """The shape and dtype of a node's result. Raises NetworkFault with torch's words where the operands do not fit."""
    _check_counts(node, operation)
    try:
        found = quick_meta(operation, operands)
    except Unfit:
        found, words = None, attempted_words(operation, operands)
        if words is not None:
            raise _unfit(node, operation, operands, words) from None
    if found is not None:
        return found
    try:
        found = torch_meta(operation, operands)
    except (RuntimeError, IndexError, ValueError, TypeError, AssertionError, ArithmeticError) as error:
        raise _unfit(node, operation, operands, said(error)) from None
    refused = dtype_words(operation, [meta.dtype for meta in operands]) or fraction_words(operation, operands)
    if refused is not None:
        values = {"kind": operation.kind, "layer": node.name}
        fault = Fault("unsupported-dtype", "kind-not-in-dtype", "", values, torch_words=refused[:_SHOWN])
        raise NetworkFault(node.name, f"{operation.kind}: {refused}", "Put a cast to float32 before it.", fault=fault)
    return found


def _unfit(node: Node, operation: Operation, operands: Sequence[Meta], words: str) -> NetworkFault:
    given = ", ".join(f"{name} {meta.shape}" for name, meta in zip(node.inputs, operands, strict=True))
    values = {"kind": operation.kind, "given": given[:_SHOWN]}
    fault = Fault("shape-mismatch", "layer-shapes", "", values, torch_words=words[:_SHOWN])
    return NetworkFault(node.name, f"{operation.kind} of {given}: {words}", fault=fault)


def _check_counts(node: Node, operation: Operation) -> None:
    """Raises NetworkFault for a stride of 0 and the like, which torch takes where there are no numbers."""
    options = operation.options
    for name in COUNTS & options.keys():
        if least_of(options[name]) < 1:
            fault = Fault("invalid-value", "too-small", "", {"name": name, "least": 1})
            raise NetworkFault(node.name, f"{operation.kind}: {name} must be at least 1.", fault=fault)


def least_of(value: Any) -> float:
    """The least number of an option; 1 where it has none."""
    several = value if isinstance(value, tuple | list) else (value,)
    return min((each for each in several if isinstance(each, int | float)), default=1)


def _counted(name: str, meta: Meta, before: int, bounds: Bounds | None) -> int:
    """How many numbers it holds. Raises NetworkFault where that is too many, by itself or with those before."""
    count = prod(meta.shape)
    if bounds is None or (count <= bounds.tensor and before + count <= bounds.total):
        return count
    size, limit = (count, bounds.tensor) if count > bounds.tensor else (before + count, bounds.total)
    fault = Fault("too-large", "tensor-too-large", "", {"name": name, "size": size, "limit": limit})
    raise NetworkFault(name, f"a pass of one input would hold {size} numbers here; {limit} are allowed.", fault=fault)
