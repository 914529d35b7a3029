"""An answer as a safetensors file: its arrays are tensors, the rest of it is JSON in the metadata, under `answer`."""

from collections.abc import Mapping
from typing import Any

from torch import Tensor

from adelante.formats.tensors import safetensors_parts
from app.api.write.encode import encode_json
from app.compute.content import Content
from app.compute.limits import Limits


def tensor_file(tensors: Mapping[str, Tensor], rest: Mapping[str, Any], limits: Limits) -> Content:
    """The tensors, of any of torch's number types, as a file. Raises NetworkError (too-large)."""
    content = Content(safetensors_parts(tensors, {"answer": encode_json(dict(rest)).decode()}))
    limits.answer(content.size)
    return content
