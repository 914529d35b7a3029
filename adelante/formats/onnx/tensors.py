"""A model's tensors: their numbers as torch has them, once what they declare agrees with what is there."""

from collections.abc import Iterable, Mapping
from math import prod
from typing import Any

import numpy as np
import torch
from onnx import TensorProto
from torch import Tensor

from adelante.formats.kinds import Bytes
from adelante.formats.onnx.refusals import fault_of
from adelante.formats.opened import File
from adelante.formats.tensors import tensor_over
from adelante.network.errors import NetworkFault

DTYPES: dict[int, torch.dtype] = {
    TensorProto.FLOAT: torch.float32,
    TensorProto.DOUBLE: torch.float64,
    TensorProto.FLOAT16: torch.float16,
    TensorProto.BFLOAT16: torch.bfloat16,
    TensorProto.INT64: torch.int64,
    TensorProto.INT32: torch.int32,
    TensorProto.INT16: torch.int16,
    TensorProto.INT8: torch.int8,
    TensorProto.UINT8: torch.uint8,
    TensorProto.BOOL: torch.bool,
}
# Fields where numbers stand that are not raw bytes; those of narrow types stand in int32_data.
_FIELDS: dict[int, str] = {
    TensorProto.FLOAT: "float_data",
    TensorProto.DOUBLE: "double_data",
    TensorProto.INT64: "int64_data",
}
# What is no type of a network's, but fits in one: as NumPy reads its bytes, and as torch is given it.
_WIDENED: dict[int, tuple[str, torch.dtype]] = {
    TensorProto.UINT16: ("<u2", torch.int32),
    TensorProto.UINT32: ("<u4", torch.int64),
    TensorProto.UINT64: ("<u8", torch.int64),
}
_MOST_SIDES = 64
_SHOWN = 100


def dtype_name(data_type: int) -> str:
    """The name that ONNX gives a type of numbers."""
    known: Mapping[int, str] = {number: name for name, number in TensorProto.DataType.items()}
    return known.get(data_type, str(data_type)).lower()


def dtype_of(data_type: int, name: str) -> torch.dtype:
    """The dtype of a tensor of that name. Raises NetworkFault for one that is not read."""
    found = DTYPES.get(data_type) or _WIDENED.get(data_type, ("", None))[1]
    if found is None:
        raise _not_read(data_type, name)
    return found


def _not_read(data_type: int, name: str) -> NetworkFault:
    known = [str(dtype).removeprefix("torch.") for dtype in DTYPES.values()]
    return fault_of("onnx-dtype", name=name[:_SHOWN], dtype=dtype_name(data_type), known=known)


class Tensors:
    """Reads tensors, and counts their numbers: no more than a file's limits allow."""

    def __init__(self, file: File) -> None:
        self._beside = file.beside
        self._limit = file.limits.parameters
        self._count = 0

    def read(self, proto: TensorProto, name: str | None = None) -> Tensor:
        """The tensor; it may share the memory of the file. Raises NetworkFault."""
        name = (proto.name if name is None else name)[:_SHOWN]
        dtype = dtype_of(proto.data_type, name)
        shape = tuple(proto.dims)
        count = prod(shape)
        fits = len(shape) <= _MOST_SIDES and all(0 <= side < 1 << 40 for side in shape)
        if not fits or prod(side or 1 for side in shape) >= 1 << 60:
            raise fault_of("onnx-tensor-size", name=name, expected=str(shape)[:_SHOWN], got=0)
        self._count += count
        if self._count > self._limit:
            raise fault_of("onnx-parameters", limit=self._limit)
        if proto.data_location == TensorProto.EXTERNAL:
            data, begin = self._external(proto, name, count * _item_size(proto.data_type))
        elif proto.HasField("raw_data"):
            data, begin = proto.raw_data, 0
            if len(data) != count * _item_size(proto.data_type):
                got = len(data) // _item_size(proto.data_type)
                raise fault_of("onnx-tensor-size", name=name, expected=count, got=got)
        else:
            return _listed(proto, name, dtype, shape, count)
        return _of_bytes(data, begin, proto.data_type, name, dtype, shape)

    def _external(self, proto: TensorProto, name: str, size: int) -> tuple[Bytes, int]:
        """The bytes of a file that came with the model, and where in them the numbers begin."""
        said = {entry.key: entry.value for entry in proto.external_data}
        location = said.get("location", "")
        data = self._beside.get(location)
        if data is None and len(self._beside) == 1 and not set(location) & set("/\\") and location not in ("", ".."):
            # It came under another name.
            data = next(iter(self._beside.values()))
        if data is None:
            raise fault_of("onnx-external", name=name, location=location[:_SHOWN])
        begin, length = _natural(said.get("offset", "0")), _natural(said.get("length", str(size)))
        if begin is None or length != size or begin + size > len(data):
            end = "?" if begin is None or length is None else begin + length
            begin = "?" if begin is None else begin  # type: ignore[assignment]
            raise fault_of("onnx-external-range", name=name, begin=begin, end=end, got=len(data))
        return data, begin


def _natural(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 15 else None


def _item_size(data_type: int) -> int:
    return DTYPES[data_type].itemsize if data_type in DTYPES else np.dtype(_WIDENED[data_type][0]).itemsize


def _of_bytes(data: Bytes, begin: int, data_type: int, name: str, dtype: torch.dtype, shape: tuple[int, ...]) -> Tensor:
    if data_type in _WIDENED:
        array = np.frombuffer(data, _WIDENED[data_type][0], prod(shape), begin)
        return torch.from_numpy(_signed(array, data_type, name)).to(dtype).reshape(shape)
    return tensor_over(data, dtype, shape, begin)


def _signed(array: "np.ndarray[Any, np.dtype[Any]]", data_type: int, name: str) -> "np.ndarray[Any, np.dtype[Any]]":
    """Numbers without a sign as int64. Raises NetworkFault where one is beyond that."""
    if array.dtype == np.uint64 and array.max(initial=0) > np.iinfo(np.int64).max:
        raise _not_read(data_type, name)
    return array.astype(np.int64)


def _listed(proto: TensorProto, name: str, dtype: torch.dtype, shape: tuple[int, ...], count: int) -> Tensor:
    """Numbers that stand one by one in a field of their kind."""
    field: Any = getattr(proto, _FIELDS.get(proto.data_type, "int32_data"))
    unsigned = proto.data_type in (TensorProto.UINT32, TensorProto.UINT64)
    if unsigned:
        field = proto.uint64_data
    if len(field) != count:
        raise fault_of("onnx-tensor-size", name=name, expected=count, got=len(field))
    if unsigned:
        whole = _signed(_array(field, np.uint64, count), proto.data_type, name)
        return torch.from_numpy(whole).to(dtype).reshape(shape)
    if dtype in (torch.float16, torch.bfloat16):
        # Their bits.
        bits = torch.from_numpy(_array(field, np.int64, count).astype(np.uint16).view(np.int16))
        return bits.view(dtype).reshape(shape)
    kind = {torch.float32: np.float32, torch.float64: np.float64}.get(dtype, np.int64)
    return torch.from_numpy(_array(field, kind, count)).to(dtype).reshape(shape)


def _array(field: Iterable[Any], dtype: Any, count: int) -> "np.ndarray[Any, np.dtype[Any]]":
    return np.fromiter(field, dtype, count)
