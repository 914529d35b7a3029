"""An answer of the Open Inference Protocol: JSON, then the bytes of the outputs that were wanted so."""

from collections.abc import Mapping
from math import prod
from typing import Any

import numpy as np
import torch

from adelante.network.errors import Fault
from adelante.network.network import Network
from adelante.network.trace import Trace
from app.api.http.problems import Problem
from app.api.read.inference_request import DATATYPE_OF, InferRequest
from app.api.write.encode import Array, array, content_in_steps, encode_json, json_pieces, non_finite_name
from app.compute.content import Content
from app.compute.limits import Limits, text_bytes
from app.compute.pool import Steps

_LARGE = 50_000
# Of the numbers that are not finite so many are listed.
_MOST_TOLD = 1000
# Of the outputs that there are.
_MOST_NAMED = 200


class Requested:
    """What a request wants of a model. Raises Problem where it names an output that the model lacks.

    `known` are all outputs that there are, each with its tensor.
    """

    def __init__(self, model: str, request: InferRequest, network: Network, known: Mapping[str, str]) -> None:
        for k, (name, _) in enumerate(request.outputs):
            if name not in known:
                values = {"name": name, "known": list(known)[:_MOST_NAMED]}
                raise Problem("unknown-field", Fault("unknown-field", "unknown-tensor", f"/outputs/{k}/name", values))
        self._network = network
        self.known = known
        self.model = model
        self.id = request.id
        self.outputs = request.outputs

    @property
    def tensors(self) -> tuple[str, ...]:
        """The tensors that are asked for."""
        return tuple(self.known[name] for name, _ in self.outputs)

    def size(self, rows: int) -> int:
        """About how many bytes the answer to so many rows will have."""
        shapes = self._network.whole_shapes
        each = (
            prod(shapes[self.known[name]]) * (4 if binary else text_bytes(1, torch.float32))
            for name, binary in self.outputs
        )
        return rows * sum(each)


def infer_response(requested: Requested, trace: Trace, limits: Limits) -> Steps[tuple[Content, int | None]]:
    """The body, and the length of its JSON where bytes follow.

    In JSON, null stands for what is not finite, and the output's parameter `non_finite` says what it was; bytes hold it
    as it is.
    """
    outputs: list[dict[str, Any]] = []
    parts: list[memoryview] = []
    size = 0
    for name, binary in requested.outputs:
        tensor = trace[requested.known[name]]
        values = array(tensor)
        datatype = DATATYPE_OF[tensor.dtype]
        output: dict[str, Any] = {"name": name, "datatype": datatype, "shape": list(values.shape)}
        if binary:
            output["parameters"] = {"binary_data_size": values.nbytes}
            parts.append(np.ascontiguousarray(values).reshape(-1).view(np.uint8).data)
        else:
            output["data"] = values.reshape(-1)
            bad = _non_finite(output["data"])
            if bad:
                output["parameters"] = {"non_finite": bad}
            size += values.size
        outputs.append(output)
    document = {"model_name": requested.model, "model_version": "1", "outputs": outputs}
    if requested.id is not None:
        document["id"] = requested.id
    if size > _LARGE:
        head = yield from content_in_steps(json_pieces(document), limits)
    else:
        head = Content([encode_json(document)])
    if not parts:
        return head, None
    content = Content([*head.take(), *parts])
    limits.answer(content.size)
    return content, head.size


def _non_finite(data: Array) -> str:
    """What null stands for in data: "0 Infinity, 5 NaN", each after its place; as text, which parameters may be."""
    wrong = np.flatnonzero(~np.isfinite(data))
    told = [f"{k} {non_finite_name(data[k])}" for k in wrong[:_MOST_TOLD].tolist()]
    if len(wrong) > len(told):
        told.append(f"{len(wrong) - len(told)} more")
    return ", ".join(told)
