"""What a model's inputs are: their shapes, which of their dimensions is the batch, and what it leaves open."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from onnx import GraphProto, ValueInfoProto

from adelante.formats.choices import SizesNeeded
from adelante.formats.onnx.refusals import fault_of
from adelante.formats.onnx.tensors import dtype_of
from adelante.network.network import Batch, Input

_SHOWN = 100
_MOST_SIDES = 16
_LARGEST = 1 << 31
_BATCHES = (2, 3)
_EXAMPLE = 16


class Plan(NamedTuple):
    """A way to take the inputs: what their first dimension is.

    `batches` are those by which sizes are followed; `fixed` is the batch that the file says, taken for any.
    """

    batch: Batch
    inputs: tuple[Input, ...]
    batches: tuple[int, ...]
    fixed: int | None = None

    def shape(self, one: Input, batch: int) -> tuple[int, ...]:
        """An input's shape in a pass of so many."""
        return one.shape if self.batch == "none" else (batch, *one.shape)


class _Given(NamedTuple):
    name: str
    dtype: Any
    sides: list[int | str | None]


def plans(graph: GraphProto, choices: Mapping[str, Any]) -> list[Plan]:
    """The ways to take the model's inputs, the likeliest first. Raises NetworkFault."""
    numbers = {tensor.name for tensor in graph.initializer}
    found = [_given(each) for each in graph.input if each.name not in numbers]
    if not found:
        # A model without inputs gives the same numbers every time.
        return [Plan("none", (), (1,))]
    sizes = _chosen(choices.get("sizes"), found)
    firsts = [each.sides[0] if each.sides else None for each in found]
    batched = all(each.sides for each in found)
    said = {side for side in firsts if isinstance(side, int)}
    if batched and not said:
        closed = _closed(found, sizes, 1)
        return [_plan("any", closed, _BATCHES), _plan("one", closed, (1,))]
    if batched and len(said) == 1 and all(len(each.sides) > 1 for each in found):
        batch = said.pop()
        closed = _closed(found, sizes, 1)
        first = _plan("any", closed, _BATCHES, batch)
        return [
            first,
            _plan("one", closed, (1,)) if batch == 1 else _plan("none", _closed(found, sizes, 0, batch), (1,)),
        ]
    return [_plan("none", _closed(found, sizes, 0), (1,))]


def _plan(batch: Batch, closed: list[Input], batches: tuple[int, ...], fixed: int | None = None) -> Plan:
    return Plan(batch, tuple(closed), batches, fixed)


def _given(info: ValueInfoProto) -> _Given:
    name = info.name[:_SHOWN]
    kind = info.type.WhichOneof("value")
    if kind != "tensor_type":
        raise fault_of("onnx-no-tensors", name=name, got=kind or "nothing")
    tensor = info.type.tensor_type
    if not tensor.HasField("shape"):
        raise fault_of("onnx-input-shape", name=name)
    sides: list[int | str | None] = []
    for dim in tensor.shape.dim:
        # Some write 0 or -1 for what they leave open.
        size = dim.dim_value if dim.HasField("dim_value") and dim.dim_value > 0 else None
        sides.append(size if size is not None else dim.dim_param[:_SHOWN] or None)
    if len(sides) > _MOST_SIDES or any(isinstance(side, int) and side >= _LARGEST for side in sides):
        raise fault_of("onnx-input-shape", name=name)
    return _Given(info.name, dtype_of(tensor.elem_type, name), sides)


def _chosen(sizes: Any, found: Sequence[_Given]) -> Mapping[str, int]:
    """The sizes that the sender chose, by name. Raises NetworkFault for what is none."""
    chosen = sizes if isinstance(sizes, Mapping) else {}
    names = {name for each in found for _, name in _open(each)}
    for name, size in chosen.items():
        if name not in names or type(size) is not int or not 0 < size < _LARGEST:
            raise fault_of("onnx-sizes", got=f"{str(name)[:_SHOWN]}: {str(size)[:_SHOWN]}", expected=sorted(names))
    return chosen


def _open(given: _Given) -> Iterator[tuple[int, str]]:
    """The dimensions whose size the model leaves open, and what each is called."""
    for k, side in enumerate(given.sides):
        if not isinstance(side, int):
            yield k, side or f"{given.name}.{k}"


def _closed(found: Sequence[_Given], sizes: Mapping[str, int], skipped: int, first: int = 1) -> list[Input]:
    """The inputs, their first `skipped` dimensions left out, with the sizes that were chosen."""
    inputs, still = [], {}
    for each in found:
        shape = [side if isinstance(side, int) else 0 for side in each.sides]
        for k, name in _open(each):
            shape[k] = sizes.get(name, 0) or (first if k == 0 else 0)
            if not shape[k] and k >= skipped:
                still[name] = f"{name} ({each.name[:_SHOWN]}, {k})"
        inputs.append(Input(each.name, tuple(shape[skipped:]), each.dtype))
    if still:
        example = {**sizes, **dict.fromkeys(still, _EXAMPLE)}
        told = fault_of("onnx-size-open", open=list(still.values()), example=json.dumps(example, ensure_ascii=False))
        raise SizesNeeded(told, example)
    return inputs
