"""POST /api/v1/explain: what a pass means, neuron by neuron, and how the outputs would change."""

from typing import Any

import torch
from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response
from torch import Tensor

from app.api import exchange
from app.api.documents import Document, Index, NetworkDocument, OneVector, network_from, tensor
from app.api.encode import array, non_finite
from app.api.examples import forward_example
from app.api.exchange import INDEX, NAME, NON_FINITE, NUMBER, TEXT, Answer, nested, record
from app.api.openapi import NETWORK_AND_PASS
from app.compute.devices import name_of
from app.compute.placement import placed
from app.compute.service import ComputeService
from app.network.checks import check_index, check_size, single_inputs
from app.network.explain import Gradients, LayerExplanation, explain_layer, gradients, gradients_size, terms_size
from app.network.forward import forward
from app.network.network import Network
from app.settings import Settings

router = APIRouter(prefix="/api/v1", tags=["explain"])


class TargetDocument(Document):
    layer: Index = Field(description="counted from 0, as in layers")
    neuron: Index


class ExplainDocument(NetworkDocument):
    inputs: OneVector = Field(description="(n_in,), or (1, n_in)")
    target: TargetDocument | None = Field(None, description="one neuron; all of them where left out")
    gradients: bool = Field(default=True, description="false leaves the gradients out")


_TERM = record(**{"from": INDEX}, value=NUMBER, weight=NUMBER, contribution=NUMBER)
_NEURON = record(
    layer=INDEX,
    neuron=INDEX,
    name=NAME,
    activation=TEXT,
    z=NUMBER,
    a=NUMBER,
    bias=NUMBER,
    derivative=NUMBER,
    terms={"type": "array", "items": _TERM},
)
_GRADIENTS = record(inputs=nested(2), layers={"type": "array", "items": record(weights=nested(3), biases=nested(2))})
_ANSWER = record(neurons={"type": "array", "items": _NEURON}, dtype=TEXT, device=TEXT, non_finite=NON_FINITE)
_ANSWER["properties"]["gradients"] = _GRADIENTS
MODELS = (ExplainDocument,)


@router.post(
    "/explain",
    summary="The terms of each neuron, and gradients",
    openapi_extra=exchange.request_body(
        ExplainDocument,
        one_neuron={**forward_example(), "target": {"layer": 0, "neuron": 1}},
        all_neurons={"network": "multilayer", "inputs": forward_example()["inputs"]},
    ),
    responses=exchange.answers("z is the bias plus the sum of the terms' contributions.", _ANSWER, *NETWORK_AND_PASS),
)
async def post_explain(request: Request) -> Response:
    """For each neuron asked: z, a, its bias, every term and f'(z). Gradients' first axis is the output."""
    settings: Settings = request.app.settings
    compute: ComputeService = request.app.compute
    document, clock = await exchange.read_document(request, ExplainDocument)
    network = await network_from(document, request.app.networks)
    inputs = tensor(document.inputs, "/inputs", (1, 2), network.dtype)
    cost = _check(document, network, inputs, compute, settings)
    place = compute.place(document.device, cost)
    clock.mark("decode")

    def work() -> bytes:
        answer = _explain(document, placed(network, place), inputs.to(place))
        clock.mark("compute")
        return exchange.written(answer, clock, cost=cost)

    return Answer(await compute.run(work, cost=cost), clock)


def _check(
    document: ExplainDocument, network: Network, inputs: Tensor, compute: ComputeService, settings: Settings
) -> int:
    """Refuses what is too large before any of it is made; gives the cost in multiply-adds."""
    compute.check_limits(network, 1)
    single_inputs(network, inputs)
    target = document.target
    if target is not None:
        check_index(target.layer, len(network.layers), "no-such-layer", "/target/layer")
        check_index(target.neuron, network.layers[target.layer].n_out, "no-such-neuron", "/target/neuron")
    terms = terms_size(network) if target is None else terms_size(network, target.layer, target.neuron)
    check_size(terms, settings.max_listed_values, "too-many-terms", "max_listed_values", "/target")
    cost = network.parameters + 100 * terms
    if document.gradients:
        size = gradients_size(network)
        check_size(size, settings.max_derived_values, "too-many-gradients", "max_derived_values", "/gradients")
        cost += 2 * size
    return cost


def _explain(document: ExplainDocument, network: Network, inputs: Tensor) -> dict[str, Any]:
    inputs = single_inputs(network, inputs)
    with torch.no_grad():
        trace = forward(network, inputs)
        target = document.target
        if target is not None:
            layers = [explain_layer(network, trace, target.layer, target.neuron)]
        else:
            layers = [explain_layer(network, trace, k) for k in range(len(network.layers))]
    neurons: list[dict[str, Any]] = []
    places: dict[str, Any] = {}
    for layer in layers:
        neurons += _neurons(network, layer, places, len(neurons))
    answer: dict[str, Any] = {"neurons": neurons}
    if document.gradients:
        answer["gradients"] = _gradients(gradients(network, inputs), places)
    return {
        **answer,
        "dtype": name_of(network.dtype),
        "device": str(network.device),
        "non_finite": non_finite(places),
    }


def _neurons(
    network: Network, explained: LayerExplanation, places: dict[str, Any], before: int
) -> list[dict[str, Any]]:
    layer = network.layers[explained.layer]
    columns = {
        "z": array(explained.pre_activations),
        "a": array(explained.activations),
        "bias": array(explained.biases),
        "derivative": array(explained.derivatives),
    }
    values, weights = array(explained.values), array(explained.weights.T)
    contributions = array(explained.contributions.T)
    listed = []
    for n, neuron in enumerate(explained.neurons):
        place = f"/neurons/{before + n}"
        places |= {f"{place}/{name}": column[n] for name, column in columns.items()}
        terms = [
            {"from": i, "value": value, "weight": weight, "contribution": contribution}
            for i, (value, weight, contribution) in enumerate(zip(values, weights[n], contributions[n], strict=True))
        ]
        for name, array_of_terms in (("value", values), ("contribution", contributions[n])):
            bad = non_finite({"": array_of_terms})
            places |= {
                f"{place}/terms{each['pointer']}/{name}": array_of_terms[int(each["pointer"][1:])] for each in bad
            }
        listed.append(
            {
                "layer": explained.layer,
                "neuron": neuron,
                "name": layer.name,
                "activation": layer.activation.name,
                **{name: column[n] for name, column in columns.items()},
                "terms": terms,
            }
        )
    return listed


def _gradients(found: Gradients, places: dict[str, Any]) -> dict[str, Any]:
    inputs = array(found.inputs)
    layers = [
        {"weights": array(weights), "biases": array(biases)}
        for weights, biases in zip(found.weights, found.biases, strict=True)
    ]
    places["/gradients/inputs"] = inputs
    for k, layer in enumerate(layers):
        places |= {f"/gradients/layers/{k}/{name}": values for name, values in layer.items()}
    return {"inputs": inputs, "layers": layers}
