"""safetensors, the file: named tensors and text beside them, read and written without needless copies.

The layout is 8 bytes (the header's length, little-endian), a JSON header, the numbers. The library of that name
writes its metadata in an order that changes from call to call, so that one network would have many hashes, and it
copies what it reads; so this is written here, and tested against the library in both directions.
"""

import json
import warnings
from collections.abc import Mapping
from itertools import pairwise
from math import prod
from typing import Any, NoReturn

import numpy as np
import orjson
import torch
from torch import Tensor

from adelante.formats.kinds import Bytes, foreign_kind
from adelante.network.errors import Fault, NetworkError

MAX_HEADER_BYTES = 1 << 22
DTYPES: dict[str, torch.dtype] = {
    "F64": torch.float64,
    "F32": torch.float32,
    "F16": torch.float16,
    "BF16": torch.bfloat16,
}
# Indices and masks, which only networks of other kinds than dense have.
WHOLE: dict[str, torch.dtype] = {
    "I64": torch.int64,
    "I32": torch.int32,
    "I16": torch.int16,
    "I8": torch.int8,
    "U8": torch.uint8,
    "BOOL": torch.bool,
}
DESCRIPTION = "adelante"
"""The metadata that say of what network the tensors are (see `description`)."""
COUNTS = ("num_batches_tracked", "n_averaged", "weight_mask", "bias_mask")
"""How the names of modules' tensors end that are no parameters."""
_NAMES = {dtype: name for name, dtype in (DTYPES | WHOLE).items()}
_METADATA = "__metadata__"
_LENGTH = 8
_ENTRY = {"dtype", "shape", "data_offsets"}
_MAX_RANK = 8
_MAX_NAME_SHOWN = 100

# torch warns once in a process that it can't keep others from writing to a tensor over bytes. Nobody here does.
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    torch.frombuffer(b"\0", dtype=torch.uint8)


def tensors_to_safetensors(tensors: Mapping[str, Tensor], metadata: Mapping[str, str] | None = None) -> bytes:
    """The tensors, of any rank and of one of DTYPES or WHOLE, as a safetensors file; their numbers are copied once.

    See `safetensors_parts`.
    """
    return b"".join(safetensors_parts(tensors, metadata))


def safetensors_parts(
    tensors: Mapping[str, Tensor], metadata: Mapping[str, str] | None = None
) -> list[bytes | memoryview]:
    """The same file in parts: its header, then each tensor's memory, which is not copied where it is contiguous.

    The same tensors and metadata give the same bytes: names are sorted within each item size, the widest first,
    which keeps every tensor aligned. Raises KeyError for another dtype.
    """
    header: dict[str, Any] = {}
    if metadata:
        header[_METADATA] = dict(sorted(metadata.items()))
    parts: list[memoryview] = []
    end = 0
    for name in sorted(tensors, key=lambda name: (-tensors[name].element_size(), name)):
        tensor = tensors[name]
        part = _memory(tensor)
        begin, end = end, end + part.nbytes
        header[name] = {"dtype": _NAMES[tensor.dtype], "shape": list(tensor.shape), "data_offsets": [begin, end]}
        parts.append(part)
    text = orjson.dumps(header)
    text += b" " * (-len(text) % _LENGTH)
    return [len(text).to_bytes(_LENGTH, "little") + text, *parts]


def _memory(tensor: Tensor) -> memoryview:
    """The bytes of its numbers, row by row."""
    if not tensor.is_cpu or tensor.requires_grad:
        tensor = tensor.detach().cpu()
    # NumPy lacks bfloat16, and a memoryview of no numbers has no bytes to be taken as.
    if tensor.dtype is torch.bfloat16 or tensor.numel() == 0:
        return tensor.contiguous().view(-1).view(torch.uint8).numpy().data
    return np.ascontiguousarray(tensor.numpy()).data.cast("B")


def tensors_from_safetensors(
    data: Bytes, *, finite: bool = True, whole: tuple[str, ...] = ()
) -> tuple[dict[str, Tensor], dict[str, str]]:
    """The tensors and the metadata of a safetensors file. The tensors share the memory of `data`: don't write to them.

    They are of DTYPES; those of a file with a DESCRIPTION, those whose names begin as one in `whole` does, and what
    modules count and mask with (COUNTS), may be of WHOLE too. Raises NetworkError: unsupported-file for what is no such
    file, a damaged one, or another dtype; out-of-range for a number that is not finite, unless `finite` is False or a
    mask may have it (DESCRIPTION).
    """
    header, start = _header(data)
    metadata = _metadata(header.pop(_METADATA, {}))
    if DESCRIPTION in metadata:
        finite, whole = False, ("",)
    size = len(data) - start
    every = DTYPES | WHOLE
    free = "" in whole  # whatever its name
    tensors: dict[str, Tensor] = {}
    spans: list[tuple[int, int]] = []
    for name, entry in header.items():
        known = every if free or name.startswith(whole) or name.endswith(COUNTS) else DTYPES
        dtype, shape, begin, end = _entry(name, entry, known)
        if end > size:
            _refuse("file-truncated", pointer_of(name), name=_shown(name), expected=start + end, got=len(data))
        spans.append((begin, end))
        tensors[name] = tensor_over(data, dtype, shape, start + begin)
        if finite and dtype.is_floating_point:
            check_finite(tensors[name], name)
    _check_spans(spans, size)
    return tensors, metadata


def check_finite(tensor: Tensor, name: str) -> None:
    """Raises NetworkError (out-of-range) with the place of the first number that is NaN or infinite."""
    # A sum is finite only where every term is; it reads the numbers once and allocates nothing.
    if tensor.numel() == 0 or bool(torch.isfinite(tensor.sum())) or bool(torch.isfinite(tensor).all()):
        return
    place = (~torch.isfinite(tensor)).nonzero()[0].tolist()
    values = {"name": _shown(name), "value": str(tensor[tuple(place)].item())}
    pointer = pointer_of(name) + "".join(f"/{i}" for i in place)
    raise NetworkError(Fault("out-of-range", "file-not-finite", pointer, values))


def pointer_of(name: str) -> str:
    """Where a tensor stands: layers.0.weights is /layers/0/weights, inputs.x is /inputs/x; others are one step."""
    escaped = _shown(name).replace("~", "~0").replace("/", "~1")
    if escaped.startswith("inputs."):
        return "/" + escaped.replace(".", "/", 1)
    parts = escaped.split(".")
    return "/" + ("/".join(parts) if parts[0] == "layers" and len(parts) == 3 else escaped)


def _shown(name: str) -> str:
    return name if len(name) <= _MAX_NAME_SHOWN else name[:_MAX_NAME_SHOWN] + "…"


def _refuse(key: str, pointer: str = "", **values: Any) -> NoReturn:
    raise NetworkError(Fault("unsupported-file", key, pointer, values))


def _header(data: Bytes) -> tuple[dict[str, Any], int]:
    """The header's JSON object and where the numbers begin."""
    length = int.from_bytes(data[:_LENGTH], "little")
    if len(data) <= _LENGTH or data[_LENGTH : _LENGTH + 1] != b"{":
        # Looked at second: a header of 640 bytes begins as a pickle does.
        _refuse(foreign_kind(data))
    if length > MAX_HEADER_BYTES:
        _refuse("file-header-too-large", size=length, limit=MAX_HEADER_BYTES)
    start = _LENGTH + length
    if start > len(data):
        _refuse("file-header-truncated", expected=start, got=len(data))
    try:
        text = bytes(data[_LENGTH:start]).decode("utf-8")
        header = json.loads(text, object_pairs_hook=_members, parse_constant=_constant)
        if "\\u" in text:
            # Half a surrogate pair is no text, and could not be named in an answer.
            json.dumps(header, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError):
        _refuse("file-header-not-json")
    if not isinstance(header, dict):
        _refuse("file-header-not-json")
    return header, start


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a name stands twice")
    return members


def _constant(name: str) -> NoReturn:
    raise ValueError(name)


def _metadata(found: Any) -> dict[str, str]:
    if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
        _refuse("file-metadata")
    return found


def _entry(name: str, entry: Any, known: Mapping[str, torch.dtype]) -> tuple[torch.dtype, tuple[int, ...], int, int]:
    """dtype, shape, begin and end of a tensor, which agree with one another."""
    if not isinstance(entry, dict) or entry.keys() != _ENTRY:
        _refuse("file-entry", pointer_of(name), name=_shown(name))
    named, shape, offsets = entry["dtype"], entry["shape"], entry["data_offsets"]
    if not isinstance(named, str) or not _naturals(shape) or not _naturals(offsets) or len(offsets) != 2:
        _refuse("file-entry", pointer_of(name), name=_shown(name))
    if named not in known:
        _refuse("file-dtype", pointer_of(name), name=_shown(name), dtype=_shown(named), known=list(known))
    dtype, (begin, end), count = known[named], offsets, prod(shape)
    # An empty tensor may still have sides too long for torch to count.
    fits = len(shape) <= _MAX_RANK and (count or prod([side or 1 for side in shape])) < 1 << 60
    if not fits or end - begin != count * dtype.itemsize:
        _refuse("file-entry", pointer_of(name), name=_shown(name))
    return dtype, tuple(shape), begin, end


def _naturals(value: Any) -> bool:
    if not isinstance(value, list):
        return False
    for each in value:  # noqa: SIM110 (asked of every tensor of every file, where a generator takes thrice as long)
        if type(each) is not int or each < 0:
            return False
    return True


def tensor_over(data: Bytes, dtype: torch.dtype, shape: tuple[int, ...], offset: int) -> Tensor:
    """The numbers that lie at `offset`, as a tensor over that memory where it is aligned: don't write to it."""
    count = prod(shape)
    if count == 0:
        return torch.empty(shape, dtype=dtype)
    if dtype is torch.bool:
        # torch takes for granted that a truth value is 0 or 1.
        return (torch.frombuffer(data, dtype=torch.uint8, count=count, offset=offset) != 0).view(shape)
    if offset % dtype.itemsize:
        return torch.frombuffer(data[offset : offset + count * dtype.itemsize], dtype=dtype).view(shape)
    flat = torch.frombuffer(data, dtype=dtype, count=count, offset=offset)
    return flat if len(shape) == 1 else flat.view(shape)


def _check_spans(spans: list[tuple[int, int]], size: int) -> None:
    """The tensors lie end to end and fill the file, so that nothing hides in it and no number is in two tensors."""
    ordered = sorted(spans)
    if any(end != begin for (_, end), (begin, _) in pairwise(ordered)) or (ordered and ordered[0][0] != 0):
        _refuse("file-overlap")
    used = ordered[-1][1] if ordered else 0
    if used != size:
        _refuse("file-extra-bytes", got=size - used)
