"""A .pt2 archive: its graph as JSON, and its numbers as tensors over the archive's own memory.

    models/model.json                       the graph
    data/weights/model_weights_config.json  for each parameter and buffer its file, dtype, sizes, strides
    data/weights/weight_0                   its numbers as they lay in memory
    data/constants/…                        the same for tensors that are neither
    data/sample_inputs/model.pt             a pickle, which is never looked into

torch.export writes it so since 2.9 (torch/export/pt2_archive/_package.py; the JSON is torch/_export/serde/schema.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import Any, NoReturn

import orjson
import torch
from torch import Tensor

from adelante.formats.archives import Archive
from adelante.formats.kinds import Bytes
from adelante.formats.opened import Limits
from adelante.network.errors import Fault, NetworkError, said

# torch's ScalarType by number; complex and quantised ones and those of 8 bits are not read.
DTYPES: dict[int, torch.dtype] = {
    1: torch.uint8,
    2: torch.int8,
    3: torch.int16,
    4: torch.int32,
    5: torch.int64,
    6: torch.float16,
    7: torch.float32,
    8: torch.float64,
    12: torch.bool,
    13: torch.bfloat16,
}
MAX_JSON_BYTES = 1 << 25
_SCHEMA = 8
_MAX_RANK = 8
_MODELS = "models/"
# What stands in the place of the graph in what older releases, and other parts of torch, wrote.
_OTHERS = (
    ("serialized_exported_program.json", "exported-old"),
    ("data/weights/model.pt", "exported-old"),
    ("data/aotinductor/", "exported-compiled"),
)


@dataclass(frozen=True)
class Package:
    """An exported program's graph, as its file has it, and its tensors by the names of their author's module."""

    program: Mapping[str, Any]
    weights: Mapping[str, Tensor]
    constants: Mapping[str, Tensor]


def refuse(key: str, **values: Any) -> NoReturn:
    """Raises NetworkError: the file is refused for this reason."""
    raise NetworkError(Fault("unsupported-file", key, "", values))


def package_of(data: Bytes, limits: Limits) -> Package:
    """What a .pt2 archive holds. Its tensors share the memory of `data`: don't write to them. Raises NetworkError."""
    archive = Archive(data)
    root = next(iter(archive.entries), "").partition("/")[0]
    name = _model(archive, root)
    if f"{root}/byteorder" in archive and bytes(archive.read(f"{root}/byteorder", 16)).strip() != b"little":
        refuse("exported-byte-order")
    try:
        program = _json(archive, f"{root}/{_MODELS}{name}.json")
        version = program["schema_version"]["major"]
        if version != _SCHEMA:
            refuse("exported-version", got=str(version)[:20], expected=str(_SCHEMA))
        numbers = _Numbers(archive, limits.parameters)
        weights = numbers.read(f"{root}/data/weights/", f"{name}_weights_config.json")
        constants = numbers.read(f"{root}/data/constants/", f"{name}_constants_config.json")
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, RuntimeError) as error:
        if isinstance(error, NetworkError):
            raise
        refuse("exported-damaged", reason=f"{type(error).__name__}: {said(error)[:200]}")
    return Package(program, weights, constants)


def _model(archive: Archive, root: str) -> str:
    """The name of the archive's one program: models/NAME.json."""
    begin = f"{root}/{_MODELS}"
    names = [each[len(begin) : -5] for each in archive.entries if each.startswith(begin) and each.endswith(".json")]
    for place, key in _OTHERS:
        # The oldest had no folder around them.
        if any(each.startswith((f"{root}/{place}", place)) for each in archive.entries) and (not names or "old" in key):
            refuse(key)
    if not names:
        refuse("exported-empty")
    if len(names) > 1:
        refuse("exported-several", names=sorted(names)[:8])
    return names[0]


def _json(archive: Archive, name: str) -> dict[str, Any]:
    text = archive.read(name, MAX_JSON_BYTES)
    if len(text) > MAX_JSON_BYTES:
        refuse("exported-json", size=len(text), limit=MAX_JSON_BYTES)
    found = orjson.loads(text)
    if not isinstance(found, dict):
        raise TypeError(f"{name[:100]} is no object")
    return found


class _Numbers:
    """Reads tensors, as many numbers as are allowed in all."""

    def __init__(self, archive: Archive, most: int) -> None:
        self._archive, self._left, self._most = archive, most, most

    def read(self, folder: str, config: str) -> dict[str, Tensor]:
        """The tensors that a config of this folder names."""
        entries = _json(self._archive, folder + config)["config"]
        return {name: self._tensor(name, entry, folder) for name, entry in entries.items()}

    def _tensor(self, name: str, entry: Mapping[str, Any], folder: str) -> Tensor:
        shown = name[:100]
        meta = entry["tensor_meta"]
        if entry["use_pickle"] is not False or meta is None:
            refuse("exported-pickle", name=shown)
        if meta["dtype"] not in DTYPES:
            refuse("exported-dtype", name=shown, dtype=str(meta["dtype"])[:20])
        dtype = DTYPES[meta["dtype"]]
        sizes, strides = (_naturals(meta[key]) for key in ("sizes", "strides"))
        (offset,) = _naturals([meta["storage_offset"]])
        if len(sizes) != len(strides) or len(sizes) > _MAX_RANK:
            raise ValueError(f"{shown} has {len(sizes)} sizes and {len(strides)} strides")
        count = prod(sizes)
        self._left -= count
        if self._left < 0:
            refuse("exported-parameters", limit=self._most)
        held = self._archive.read(folder + entry["path_name"])
        if count == 0:
            return torch.empty(sizes, dtype=dtype)
        last = offset + sum((size - 1) * stride for size, stride in zip(sizes, strides, strict=True))
        if (last + 1) * dtype.itemsize > len(held) or len(held) % dtype.itemsize:
            refuse("exported-short", name=shown, expected=(last + 1) * dtype.itemsize, got=len(held))
        return _flat(held, dtype).as_strided(sizes, strides, offset)


def _flat(held: memoryview, dtype: torch.dtype) -> Tensor:
    if dtype is torch.bool:
        # torch takes for granted that a truth value is 0 or 1.
        return torch.frombuffer(held, dtype=torch.uint8) != 0
    return torch.frombuffer(held, dtype=dtype)


def _naturals(values: list[Mapping[str, Any]]) -> list[int]:
    found = [each["as_int"] for each in values]
    if not all(type(each) is int and 0 <= each < 1 << 60 for each in found):
        raise ValueError("a size is no number")
    return found
