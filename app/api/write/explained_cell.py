"""Where one number of any network comes from and what it depends on: what the answer costs, computed and written."""

import math
from collections.abc import Iterator, Mapping, Sequence
from math import prod
from typing import Any, NamedTuple

import torch
from torch import Tensor

from adelante.network.arising import arises_in_steps
from adelante.network.cells import Cell, shape_of
from adelante.network.checks import check_size
from adelante.network.errors import Fault, NetworkError
from adelante.network.explain import explain, gradients, reach
from adelante.network.explanation import Explanation
from adelante.network.following import following, slope
from adelante.network.given import Inputs
from adelante.network.network import Network
from adelante.network.trace import Trace
from app.api.write.called import Called
from app.api.write.encode import Members, NonFinite, array
from app.api.write.explanation import (
    BYTES_OF_A_PART,
    arising_members,
    explanation_members,
    explanation_tensors,
    reach_members,
)
from app.api.write.file import tensor_file
from app.compute.content import Content
from app.compute.limits import Limits, text_bytes
from app.compute.pool import Steps
from app.compute.steps import CALL_COST, forward_in_steps
from app.settings import Settings

# Multiply-adds that take as long as a part's numbers and indices, found and written.
_PART_COST = 300
# How many times as long as the pass itself they take. Seen of a convolutional network of 535 million multiply-adds:
# gradients by the inputs 1.4, by everything 2.6; what a cell depends on, forwards and backwards in float64, 7.
_GRADIENTS_COST = 3
_REACH_COST = 8
# Indices of both cells, and what they are made of on the way.
_WORK_BYTES_OF_A_PART = 256


class Asked(NamedTuple):
    """A question about one cell. `by` names the tensors to differentiate by; none of them, and there are no gradients.

    `as_file` asks for a safetensors file, `called` are the names of a preset's numbers.
    """

    cell: Cell
    by: tuple[str, ...]
    reach: bool
    as_file: bool
    called: Called | None = None


class Price(NamedTuple):
    """What an answer costs: multiply-adds, bytes of it, bytes that its making takes beside it."""

    cost: int
    answer: int
    memory: int


def differentiated(network: Network, by: Sequence[str] | None, pointer: str = "/by") -> tuple[str, ...]:
    """The tensors to differentiate by: all inputs that are no whole numbers, unless some are named.

    Raises NetworkError where one is not there, is computed, or holds whole numbers.
    """
    given = {each.name: each.dtype for each in network.inputs}
    given |= {name: tensor.dtype for name, tensor in network.parameters.items()}
    if by is None:
        return tuple(each.name for each in network.inputs if each.dtype.is_floating_point)
    for k, name in enumerate(by):
        shape_of(network.shapes, name, f"{pointer}/{k}")
        if name not in given:
            raise NetworkError(Fault("out-of-range", "cell-computed", f"{pointer}/{k}", {"tensor": name}))
        if not given[name].is_floating_point:
            values = {"tensor": name, "dtype": str(given[name]).removeprefix("torch.")}
            raise NetworkError(Fault("out-of-range", "whole-numbers", f"{pointer}/{k}", values))
    return tuple(dict.fromkeys(by))


def price(network: Network, asked: Asked, settings: Settings) -> Price:
    """What the answer will cost. Raises NetworkError (too-large) where it is more than the settings allow."""
    node = network.by_name[asked.cell.tensor]
    shapes = network.whole_shapes
    parts = node.operation.parts([shapes[name] for name in node.inputs], shapes[node.name])
    check_size(parts, settings.max_listed_values, "too-many-parts", "max_listed_values", "/target")
    slopes = sum(prod(network.shapes[name]) for name in asked.by)
    check_size(slopes, settings.max_derived_values, "too-many-gradients", "max_derived_values", "/gradients")
    size = sum(prod(network.shapes[name]) for name in network.shapes) if asked.reach else 0
    passes = 1 + (_GRADIENTS_COST if asked.by else 0) + (_REACH_COST if asked.reach else 0)
    cost = passes * (network.cost + CALL_COST * network.calls) + _PART_COST * parts + 2 * slopes
    dtype = network.dtype
    if asked.as_file:
        answer = _WORK_BYTES_OF_A_PART * parts + slopes * dtype.itemsize + size
    else:
        answer = BYTES_OF_A_PART * parts + text_bytes(slopes, dtype) + (200 * len(shapes) if asked.reach else 0)
    held = network.trace_bytes * (2 if asked.by else 1)
    widest = max(prod(shape) for shape in shapes.values())
    memory = held + _WORK_BYTES_OF_A_PART * parts + 2 * slopes * dtype.itemsize
    memory += 2 * size + 24 * widest if asked.reach or node.operation.FORM == "move" else 0
    return Price(cost, answer, memory)


def explained(network: Network, inputs: Inputs, asked: Asked, limits: Limits, speed: float) -> Steps[Any]:
    """The answer: a document, or a file's content. In steps: the pass, the slopes, what the cell depends on."""
    cell = asked.cell
    node = network.by_name[cell.tensor]
    output = network.outputs[0]
    keep = None if asked.reach else {cell.tensor, *node.inputs, *_after(network, cell.tensor), output}
    trace = yield from forward_in_steps(network, inputs, speed=speed, keep=keep)
    with torch.inference_mode():
        found = explain(network, trace, cell.tensor, cell.at)
    yield
    arose = None
    if not math.isfinite(found.value):
        whole = trace if keep is None else (yield from forward_in_steps(network, inputs, speed=speed))
        arose = yield from arises_in_steps(network, whole, cell.tensor, cell.at)
    after = following(network, trace, cell.tensor, cell.at)
    derivative = slope(trace, node, cell.at) if found.form == "function" else None
    slopes = {}
    if asked.by:
        slopes = gradients(network, inputs, cell.tensor, cell.at, asked.by)
        yield
    masks = None
    if asked.reach:
        masks = reach(network, trace, cell.tensor, cell.at)
        yield
    bad = NonFinite(limits.listed_non_finite)
    members = explanation_members(found, after, derivative, trace[cell.tensor].dtype, bad)
    told: dict[str, Any] = {} if asked.called is None else {"called": _called(asked.called, network, trace, cell)}
    told["dtype"] = str(trace[cell.tensor].dtype).removeprefix("torch.")
    told |= {} if arose is None else {"arises": arising_members(arose)}
    told["device"] = str(trace[cell.tensor].device)
    if asked.as_file:
        return _file(found, members, told, slopes, masks, limits)
    return Members(_members(members, told, slopes, masks, bad))


def _called(called: Called, network: Network, trace: Trace, cell: Cell) -> dict[str, Any]:
    return {"name": called.cell(network, cell.tensor, cell.at), **called.document(trace[network.outputs[0]])}


def _after(network: Network, tensor: str) -> list[str]:
    """The activations of the layer that a cell is a pre-activation of."""
    return [each.nodes[-1] for each in network.layers if len(each.nodes) > 1 and each.nodes[-2] == tensor]


def _members(
    members: Mapping[str, Any],
    told: Mapping[str, Any],
    slopes: Mapping[str, Tensor],
    masks: Mapping[str, Tensor] | None,
    bad: NonFinite,
) -> Iterator[tuple[str, Any]]:
    yield from members.items()
    if slopes:
        arrays = {name: array(slope) for name, slope in slopes.items()}
        for name, values in arrays.items():
            bad.look(f"/gradients/{name}", values)
        yield "gradients", arrays
    if masks is not None:
        yield "reach", reach_members(masks)
    yield from told.items()
    yield from bad.members().items()


def _file(
    found: Explanation,
    members: Mapping[str, Any],
    told: Mapping[str, Any],
    slopes: Mapping[str, Tensor],
    masks: Mapping[str, Tensor] | None,
    limits: Limits,
) -> Content:
    tensors, rest = explanation_tensors(found, members)
    tensors |= {f"gradients.{name}": slope for name, slope in slopes.items()}
    tensors |= {f"reach.{name}": mask for name, mask in (masks or {}).items()}
    return tensor_file(tensors, {**rest, **told}, limits)
