"""The way out of a refusal, found in the arguments themselves: torch's own words change between its versions."""

from math import prod
from typing import Any

import numpy as np
import torch

from adelante.network.errors import shape_text
from adelante.tensors.call import Call, Hint, Shape
from adelante.tensors.memory import Value


def look(call: Call) -> Hint:
    """Where nothing better is known: what went in."""
    if not call.values:
        return Hint("lab.hint.arguments")
    named = zip(call.names, call.values, strict=True)
    return Hint("lab.hint.look", {"inputs": "; ".join(f"{name}: {_described(value)}" for name, value in named)})


def of_creation(call: Call) -> Hint:
    """rand, randn, zeros, ones."""
    if any(size < 0 for size in call.arguments[-1]):
        return Hint("lab.hint.negative-size")
    return of_floats(call)


def of_floats(call: Call) -> Hint:
    """For what draws numbers, and for what puts fractions into the tensor that it changes."""
    if (misplaced := _misplaced_array(call)) is not None:
        return misplaced
    dtype = call.keywords.get("dtype", call.values[0].cells.dtype if call.values else torch.float32)
    if not dtype.is_floating_point:
        return Hint("lab.hint.floats", {"dtype": str(dtype).removeprefix("torch.")})
    return look(call)


def of_data(call: Call) -> Hint:
    """tensor, array: rows of different lengths, or numbers that the dtype does not hold, or no such dtype."""
    if call.operation.name == "array" and call.keywords.get("dtype") == torch.bfloat16:
        return Hint("lab.hint.numpy-lacks", {"dtype": "bfloat16"})
    return Hint("lab.hint.held" if _rectangular(call.arguments[0]) else "lab.hint.rectangular")


def of_range(call: Call) -> Hint:
    return Hint("lab.hint.range")


def of_from_numpy(call: Call) -> Hint:
    return Hint("lab.hint.already-torch", {"name": call.names[0]})


def of_numpy(call: Call) -> Hint:
    if call.values[0].kind == "numpy":
        return Hint("lab.hint.already-numpy", {"name": call.names[0]})
    return Hint("lab.hint.numpy-lacks", {"dtype": call.values[0].dtype})


def of_tensor_only(call: Call) -> Hint:
    """Operations that NumPy arrays lack."""
    return _misplaced_array(call) or look(call)


def of_sum(call: Call) -> Hint:
    rank = len(call.values[0].shape)
    if rank == 0:
        return look(call)
    return Hint("lab.hint.dimension", {"name": call.names[0], "rank": rank, "last": rank - 1})


def of_shape(call: Call) -> Hint:
    """view, reshape: another number of cells, or cells that do not lie in the order that the view would need."""
    value, shape = call.values[0], call.arguments[-1]
    if (misplaced := _misplaced_array(call)) is not None:
        return misplaced
    if not _fits(value.size, shape):
        return _of_cells(call, value.size, shape)
    stride = shape_text(value.stride)
    return Hint("lab.hint.view-order", {"name": call.names[0], "shape": shape_text(shape), "stride": stride})


def of_resize(call: Call) -> Hint:
    value, shape = call.values[0], call.arguments[-1]
    if (misplaced := _misplaced_array(call)) is not None:
        return misplaced
    if any(size < 0 for size in shape):
        return Hint("lab.hint.negative-size")
    return Hint("lab.hint.not-resizable", {"name": call.names[0], "size": value.memory.size, "wanted": prod(shape)})


def of_operands(call: Call) -> Hint:
    """add, mul: shapes that do not broadcast, or torch's and NumPy's mixed."""
    if (misplaced := _misplaced_array(call)) is not None:
        return misplaced
    shapes = [value.shape for value in call.values]
    if len(shapes) == 2 and not _broadcastable(*shapes):
        return Hint("lab.hint.broadcast", {"left": shape_text(shapes[0]), "right": shape_text(shapes[1])})
    return look(call)


def of_operands_in_place(call: Call) -> Hint:
    """add_, mul_: as above; or the result does not fit into the first operand."""
    found = of_operands(call)
    target, other = call.values[0], call.values[-1]
    if found.key != "lab.hint.look":
        return found
    if other is not target and other.memory is target.memory:
        return Hint("lab.hint.overlap", {"name": call.names[-1]})
    if np.broadcast_shapes(target.shape, other.shape) != target.shape:
        return Hint("lab.hint.in-place-shape", {"target": shape_text(target.shape), "other": shape_text(other.shape)})
    return Hint("lab.hint.in-place-dtype", {"name": call.names[0], "dtype": target.dtype})


def of_product(call: Call) -> Hint:
    """mm, matmul: dimensions, then the rule that columns and rows must be equal, then dtypes."""
    if (misplaced := _misplaced_array(call)) is not None:
        return misplaced
    left, right = call.values
    if not left.shape or not right.shape:
        return Hint("lab.hint.no-scalars")
    if call.operation.name == "mm" and (len(left.shape), len(right.shape)) != (2, 2):
        return Hint("lab.hint.matrices", {"left": len(left.shape), "right": len(right.shape)})
    columns, rows = left.shape[-1], right.shape[-2] if len(right.shape) > 1 else right.shape[0]
    if columns != rows:
        return _of_columns(call, columns, rows)
    if left.dtype != right.dtype:
        return Hint("lab.hint.dtypes", {"left": left.dtype, "right": right.dtype})
    return look(call)


def _of_columns(call: Call, columns: int, rows: int) -> Hint:
    left, right = call.values
    said: dict[str, Any] = {"columns": columns, "rows": rows}
    if left.kind == "torch" and len(right.shape) <= 2 and columns and right.size and right.size % columns == 0:
        said |= {"name": call.names[1], "shape": f"{columns}, {right.size // columns}"}
        return Hint("lab.hint.product-view", said)
    return Hint("lab.hint.product", said)


def _of_cells(call: Call, size: int, shape: Shape) -> Hint:
    if shape.count(-1) > 1:
        return Hint("lab.hint.one-inferred")
    if any(wanted < -1 for wanted in shape):
        return Hint("lab.hint.negative-size")
    return Hint("lab.hint.cells", {"name": call.names[0], "size": size, "shape": shape_text(shape)})


def _misplaced_array(call: Call) -> Hint | None:
    """Where an array stands in a place that only a tensor can take."""
    if call.is_numpys:
        return None
    arrays = (name for name, value in zip(call.names, call.values, strict=True) if value.kind == "numpy")
    name = next(arrays, None)
    return None if name is None else Hint("lab.hint.from-numpy", {"name": name})


def _fits(size: int, shape: Shape) -> bool:
    """Whether so many cells fill this shape, one of whose sizes may be -1."""
    if shape.count(-1) > 1 or any(wanted < -1 for wanted in shape):
        return False
    given = prod(wanted for wanted in shape if wanted != -1)
    return size == given if -1 not in shape else given > 0 and size % given == 0


def _broadcastable(left: Shape, right: Shape) -> bool:
    return all(a == b or 1 in (a, b) for a, b in zip(reversed(left), reversed(right), strict=False))


def _rectangular(data: Any) -> bool:
    """Whether nested lists have one length at each depth."""
    level = [data]
    while any(isinstance(item, list) for item in level):
        if not all(isinstance(item, list) for item in level) or len({len(item) for item in level}) > 1:
            return False
        level = [inner for item in level for inner in item]
    return True


def _described(value: Value) -> str:
    return f"{value.kind}, {value.dtype}, {shape_text(value.shape)}"
