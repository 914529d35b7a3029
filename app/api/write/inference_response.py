"""An answer of the Open Inference Protocol: JSON, then the bytes of the outputs that were wanted so."""

from collections.abc import Mapping, Sequence
from math import prod
from typing import Any

import numpy as np
import torch

from adelante.network.errors import Fault, NetworkError
from adelante.network.network import Network
from adelante.network.trace import Trace
from app.api.read.inference_request import DATATYPE_OF, InferRequest, WantedOutput
from app.api.write.classification import TEXT_BYTES, bytes_of_texts, classified
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
    """What a request wants of a model. Raises NetworkError where it names an output that the model lacks.

    `known` are all outputs that there are, each with its tensor; `labels` are what the numbers of the model's own
    outputs stand for.
    """

    def __init__(
        self, model: str, request: InferRequest, network: Network, known: Mapping[str, str], labels: Sequence[str] = ()
    ) -> None:
        for k, output in enumerate(request.outputs):
            if output.name not in known:
                values = {"name": output.name, "known": list(known)[:_MOST_NAMED]}
                raise NetworkError(Fault("unknown-field", "unknown-tensor", f"/outputs/{k}/name", values))
        self._network = network
        self._labels = labels
        self.known = known
        self.model = model
        self.id = request.id
        self.outputs = request.outputs

    @property
    def tensors(self) -> tuple[str, ...]:
        """The tensors that are asked for."""
        return tuple(self.known[each.name] for each in self.outputs)

    def labels(self, tensor: str) -> Sequence[str]:
        """What its numbers stand for along its last dimension; empty where that is not known."""
        shape = self._network.shapes[tensor]
        own = tensor in self._network.outputs and shape and shape[-1] == len(self._labels)
        return self._labels if own else ()

    def is_batch(self, tensor: str, dims: int) -> bool:
        """Whether a value of so many dimensions is that of several inputs."""
        return dims > len(self._network.shapes[tensor])

    def size(self, rows: int) -> int:
        """About how many bytes the answer to so many rows will have."""
        return rows * sum(map(self._size, self.outputs))

    def _size(self, output: WantedOutput) -> int:
        count = prod(self._network.whole_shapes[self.known[output.name]])
        if output.classes:
            return min(count, output.classes) * TEXT_BYTES
        return count * (4 if output.binary else text_bytes(1, torch.float32))


def infer_response(requested: Requested, trace: Trace, limits: Limits) -> Steps[tuple[Content, int | None]]:
    """The body, and the length of its JSON where bytes follow.

    In JSON, null stands for what is not finite, and the output's parameter `non_finite` says what it was; bytes hold it
    as it is.
    """
    outputs: list[dict[str, Any]] = []
    parts: list[memoryview] = []
    size = 0
    for wanted in requested.outputs:
        tensor = requested.known[wanted.name]
        values = array(trace[tensor])
        datatype = DATATYPE_OF[trace[tensor].dtype]
        if wanted.classes:
            batch = requested.is_batch(tensor, values.ndim)
            values = yield from classified(values, wanted.classes, requested.labels(tensor), batch=batch)
            datatype = "BYTES"
        output: dict[str, Any] = {"name": wanted.name, "datatype": datatype, "shape": list(values.shape)}
        if wanted.binary:
            parts.append(_bytes_of(values))
            output["parameters"] = {"binary_data_size": len(parts[-1])}
        elif wanted.classes:
            output["data"] = values.reshape(-1).tolist()
        else:
            output["data"] = values.reshape(-1)
            bad = _non_finite(output["data"])
            if bad:
                output["parameters"] = {"non_finite": bad}
        if not wanted.binary:
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


def _bytes_of(values: "Array | np.ndarray[Any, Any]") -> memoryview:
    if values.dtype == object:
        return memoryview(bytes_of_texts(values))
    return np.ascontiguousarray(values).reshape(-1).view(np.uint8).data


def _non_finite(data: Array) -> str:
    """What null stands for in data: "0 Infinity, 5 NaN", each after its place; as text, which parameters may be."""
    wrong = np.flatnonzero(~np.isfinite(data))
    told = [f"{k} {non_finite_name(data[k])}" for k in wrong[:_MOST_TOLD].tolist()]
    if len(wrong) > len(told):
        told.append(f"{len(wrong) - len(told)} more")
    return ", ".join(told)
