"""Modules saved as .pt2 by torch itself, and the same files with something else in them."""

import io
import json
import zipfile
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.export import Dim

ROOT = "archive"
MODEL = "models/model.json"
WEIGHTS = "data/weights/model_weights_config.json"
CONSTANTS = "data/constants/model_constants_config.json"


def saved(module: nn.Module, example: Sequence[Tensor], *, batched: bool = True, shapes: Any = None) -> bytes:
    """The module's file, for a batch of any size with `batched`."""
    shapes = shapes or (tuple({0: Dim.AUTO} for _ in example) if batched else None)
    with torch.no_grad():
        program = torch.export.export(module.eval(), tuple(example), dynamic_shapes=shapes, strict=False)
    file = io.BytesIO()
    torch.export.save(program, file)
    return file.getvalue()


def parts_of(data: bytes) -> dict[str, bytes]:
    """The archive's files, without the folder that they stand in."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name.split("/", 1)[1]: archive.read(name) for name in archive.namelist()}


def archived(parts: dict[str, bytes], *, root: str = ROOT, packed: bool = False) -> bytes:
    """An archive of these files."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED) as archive:
        for name, content in parts.items():
            archive.writestr(f"{root}/{name}" if root else name, content)
    return file.getvalue()


def changed(data: bytes, change: Callable[[Any], Any], part: str = MODEL) -> bytes:
    """The file with its JSON of this part changed."""
    parts = parts_of(data)
    document = json.loads(parts[part])
    document = change(document) or document
    parts[part] = json.dumps(document).encode()
    return archived(parts)
