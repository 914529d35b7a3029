"""POST /api/v1/loss: a batch and what is right for each input in, how far the network is from it out."""

from functools import partial
from math import prod
from typing import Any

import torch
from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from adelante.formats.json.arrays import tensor_of_any_rank
from adelante.network.losses import Aim, LossName, aim_of, check_targets, losses_of
from adelante.network.trace import Trace
from app.api.http.answer import Answer, Clock
from app.api.openapi import schemas
from app.api.openapi.common import NETWORK_AND_PASS
from app.api.openapi.examples import forward_example
from app.api.openapi.schemas import ANY_RANK, NON_FINITE, NUMBER, TEXT, nested, record
from app.api.read.documents import Name, NetworkDocument, network_from
from app.api.read.forward_request import inputs_of
from app.api.read.inputs import AnyInputs, cost_of
from app.api.routes import exchange
from app.api.write.encode import NonFinite, array
from app.api.write.forward import numbers_told, outputs_told
from app.compute.content import Content
from app.compute.devices import name_of
from app.compute.limits import Limits, text_bytes
from app.compute.pool import Steps
from app.compute.service import ComputeService

router = APIRouter(prefix="/api/v1", tags=["forward"])


class LossDocument(NetworkDocument):
    inputs: AnyInputs = Field(description="a batch of inputs, or one; of several inputs an object, by name")
    targets: AnyInputs = Field(
        description="what is right for each input: for cross_entropy its class, counted from 0 (at each place of an "
        "output of rank 2), and after a sigmoid a number from 0 to 1 for each output; for mse as many numbers as the "
        "output has"
    )
    loss: LossName = Field(description="cross_entropy or mse, as torch.nn.functional has them")
    output: Name | None = Field(None, description="the output's name, where the network has several")


_ANSWER = record(
    loss=TEXT,
    of={**TEXT, "description": "the tensor that the loss takes: of a softmax or a sigmoid what comes before it"},
    mean=NUMBER,
    rows={**nested(1), "description": "each input's loss; of several numbers or places their mean"},
    outputs=ANY_RANK,
    dtype=TEXT,
    device=TEXT,
    non_finite=NON_FINITE,
)
# Of each of an output's places, while it is followed: multiply-adds that take as long, and bytes.
_PLACE_COST = 16
_PLACE_BYTES = 48
_ANSWER["properties"] |= {
    "right": {
        **nested(1),
        "description": "of cross_entropy: 1 where the network is right, 0 where not; of several places the share",
    },
    "accuracy": {**NUMBER, "description": "of cross_entropy: the mean of right"},
    "guesses": {
        **ANY_RANK,
        "description": "of cross_entropy: the class that each target is taken for, that of the largest number; after a "
        "sigmoid 1 from a half on, else 0",
    },
}
MODELS = (LossDocument,)


def _example() -> dict[str, Any]:
    example = forward_example()
    return {**example, "inputs": [example["inputs"]] * 2, "targets": [[0], [1]], "loss": "mse"}


@router.post(
    "/loss",
    summary="How far a batch's outputs are from what is right",
    openapi_extra=schemas.request_body(
        LossDocument, numbers=_example(), probabilities={**_example(), "loss": "cross_entropy", "targets": [0, 1]}
    ),
    responses=schemas.answers(
        "Each input's loss, their mean, and the outputs as POST /api/v1/forward has them.",
        _ANSWER,
        *NETWORK_AND_PASS,
        "unknown-layer",
    ),
)
async def post_loss(request: Request) -> Response:
    """The loss of each input and their mean, with `reduction="none"` and `"mean"` of torch.nn.functional.

    Cross-entropy takes an output's numbers as logits; of a softmax or a sigmoid it takes what comes before it. Losses
    are computed in the network's dtype, in float32 at least.
    """
    document, clock = await exchange.read_document(request, LossDocument)
    compute: ComputeService = request.app.compute
    gone = exchange.left(request)
    network = await network_from(document, request.app.networks)
    inputs = await inputs_of(network, document.inputs, compute.run, gone)
    _, batch, single = network.given(inputs)
    compute.check_limits(network, batch)
    # What is moved after a softmax is followed place by place.
    places = sum(prod(network.whole_shapes[name]) for name in network.outputs)
    find = partial(aim_of, network, document.loss, document.output)
    aim = await compute.run(find, cost=_PLACE_COST * places, memory=_PLACE_BYTES * places, gone=gone)
    dtype = torch.int64 if aim.classes is not None else network.dtype
    read = partial(tensor_of_any_rank, document.targets, "/targets", dtype)
    targets = check_targets(
        aim, await compute.run(read, cost=cost_of(document.targets), gone=gone), batch, single=single
    )
    clock.mark("decode")
    content: bytes | Content = await compute.forward(
        network,
        inputs,
        partial(_answered, aim, targets, clock, compute.limits),
        device=document.device,
        resident=not document.carries,
        keep=(aim.of,),
        answer=text_bytes(batch * (numbers_told(network, False) + 2), network.dtype),
        gone=gone,
    )
    return Answer(content, clock)


def _answered(aim: Aim, targets: torch.Tensor, clock: Clock, limits: Limits, trace: Trace) -> Steps[Content]:
    with torch.inference_mode():
        found = losses_of(aim, trace.values, targets)
    clock.mark("compute")
    bad = NonFinite(limits.listed_non_finite)
    document: dict[str, Any] = {"loss": aim.loss, "of": aim.of}
    for name, values in (("mean", found.mean), ("rows", found.rows)):
        document[name] = array(values)
        bad.look(f"/{name}", document[name])
    if found.right is not None and found.guesses is not None:
        document |= {"right": array(found.right), "accuracy": array(found.right.mean())}
        document["guesses"] = array(found.guesses)
    document["outputs"] = outputs_told(trace, bad)
    document |= {"dtype": name_of(trace.network.dtype), "device": str(found.rows.device), **bad.members()}
    return (yield from exchange.written(document, clock, limits))
