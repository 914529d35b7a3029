"""POST /api/v1/explain: what a pass means, neuron by neuron or cell by cell, and how its numbers would change."""

from collections.abc import Iterator
from dataclasses import fields
from typing import Annotated, Any

import torch
from fastapi import APIRouter, Request
from pydantic import Field, WithJsonSchema
from starlette.responses import Response
from torch import Tensor

from adelante.formats.json.arrays import tensor
from adelante.network.checks import check_index, check_size, single_inputs
from adelante.network.dense.explain import (
    Gradients,
    LayerExplanation,
    explain_layer,
    gradients,
    gradients_size,
    shares,
    terms_size,
)
from adelante.network.dense.network import DenseLayer, DenseNetwork, DenseTrace
from adelante.network.errors import Fault, NetworkError, shape_text
from adelante.network.explain import FEW_CELLS
from adelante.network.forward import forward
from adelante.network.network import Network
from app.api.http.accept import preferred
from app.api.http.answer import Answer, Clock
from app.api.openapi import schemas
from app.api.openapi.common import CELLS_AND_PASS, Schema
from app.api.openapi.examples import forward_example
from app.api.openapi.explanations import ANSWERS, CALLED, explanation_schema
from app.api.openapi.schemas import INDEX, NAME, NON_FINITE, NUMBER, TEXT, nested, record
from app.api.read.cells import (
    TARGET,
    Place,
    TargetDocument,
    check_computed,
    check_place,
    one_input,
    target_from,
)
from app.api.read.documents import Name, NetworkDocument, network_from
from app.api.read.forward_binary import SAFETENSORS
from app.api.read.inputs import AnyInputs
from app.api.routes import exchange
from app.api.write.called import Called, called_by
from app.api.write.encode import Array, Elements, Items, Members, NonFinite, array
from app.api.write.explained_cell import Asked, differentiated, explained, price
from app.compute.content import Content
from app.compute.devices import name_of
from app.compute.limits import Limits, text_bytes
from app.compute.loading import cost_of_batched_slopes
from app.compute.placement import placed
from app.compute.pool import Steps
from app.compute.service import ComputeService
from app.compute.steps import CALL_COST
from app.negotiation import negotiate
from app.settings import Settings

router = APIRouter(prefix="/api/v1", tags=["explain"])


_BYTES_OF_A_TERM = 80
_BYTES_OF_A_NEURON = 150
# Multiply-adds that take as long as one number of a function such as softmax, forwards and backwards.
_DERIVED_NUMBER_COST = 200
# So many terms, or numbers that derivatives need, are taken apart in one go.
_NUMBERS_AT_ONCE = 1 << 19


class ExplainDocument(NetworkDocument):
    inputs: AnyInputs = Field(
        description="one input: (n_in,), or (1, n_in); of other networks an array of their input's shape, or an object"
    )
    target: Annotated[dict[str, Any], WithJsonSchema(TARGET)] | None = Field(
        None, description="any cell of any network; or one neuron of a dense one, all of them where left out"
    )
    gradients: bool = Field(default=True, description="false leaves the gradients out")
    by: list[Name] | None = Field(
        None, description="of a cell: the inputs and parameters for its gradients; where left out, the inputs"
    )
    reach: bool = Field(default=False, description="of a cell: true tells which cells of each tensor it depends on")


_TERM = record(**{"from": INDEX}, value=NUMBER, weight=NUMBER, contribution=NUMBER)
_SHARES: Schema = {
    **record(
        layer=INDEX,
        exponentials={**nested(1), "description": "e^(z - subtracted), one for each neuron of the layer"},
        total={**NUMBER, "description": "their sum"},
        shares={**nested(1), "description": "each exponential's part of the total: what softmax gives"},
        log_total={**NUMBER, "description": "ln of the sum of e^z, which log_softmax takes from every z"},
        subtracted={**NUMBER, "description": "0, or the largest z where e^z would leave the dtype's range"},
    ),
    "description": "of a layer whose activation is softmax or log_softmax",
}
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
_ANSWER["properties"]["called"] = CALLED
_ANSWER["properties"]["shares"] = {
    "type": "array",
    "items": _SHARES,
    "description": "left out where no neuron that was asked for has softmax or log_softmax",
}
_ANSWERS = schemas.answers(
    "Of neurons, z is the bias plus the sum of the terms' contributions. Of a cell, its parts, in one of eight forms.",
    {"anyOf": [_ANSWER, explanation_schema()]},
    *CELLS_AND_PASS,
)
_CONTENT = _ANSWERS[200]["content"]
_CONTENT["application/json"]["examples"] = {form: {"value": answer} for form, answer in ANSWERS.items()}
_CONTENT[SAFETENSORS] = {"schema": {"type": "string", "format": "binary"}}
MODELS = (ExplainDocument,)
# Activations whose every a is an exponential's part of the layer's sum.
SHARING = ("softmax", "log_softmax")


def _softmax_example() -> dict[str, Any]:
    layer = {"weights": [[1.0, 0.0, -1.0]], "biases": [0.0, 0.5, 1.0], "activation": "softmax"}
    return {"layers": [layer], "inputs": [2.0]}


@router.post(
    "/explain",
    summary="Where a number comes from, and gradients",
    openapi_extra=schemas.request_body(
        ExplainDocument,
        one_neuron={**forward_example(), "target": {"layer": 0, "neuron": 1}},
        shares_of_a_softmax={**_softmax_example(), "target": {"layer": 0, "neuron": 0}, "gradients": False},
        cell={
            **forward_example(),
            "target": {"tensor": "layers.0.pre_activations", "at": [1]},
            "by": ["inputs", "layers.0.weights"],
            "reach": True,
        },
        all_neurons={"network": "multilayer", "inputs": forward_example()["inputs"]},
    ),
    responses=_ANSWERS,
)
async def post_explain(request: Request) -> Response:
    """Of any cell of any network: what it is made of, each part with its own cell, so that one can walk on from there.

    Of a chain of dense layers, for each neuron asked: z, a, its bias, every term and f'(z); gradients' first axis is
    the output. Where a layer is softmax or log_softmax, `shares` says what its a are made of: e^z, their sum and ln of
    it. Where `network` is a preset whose numbers have names, `called` says them, and the strongest class in `says`.
    A cell's answer also comes as a safetensors file: its parts are tensors `parts.K.at`, `parts.K.value` …, its
    gradients `gradients.NAME`, masks of the cells that it depends on `reach.NAME`; the rest is JSON in the metadata.
    """
    settings: Settings = request.app.settings
    compute: ComputeService = request.app.compute
    document, clock = await exchange.read_document(request, ExplainDocument)
    network = await network_from(document, request.app.networks)
    target = None if document.target is None else target_from(document.target)
    if isinstance(target, Place):
        return await _post_cell(request, document, network, target, clock)
    if not isinstance(network, DenseNetwork):
        raise NetworkError(_cell_needed(network))
    inputs = tensor(document.inputs, "/inputs", (1, 2), network.dtype)
    _check_fields(document)
    cost = _check(document, target, network, inputs, compute, settings)
    place = compute.place(document.device, cost)
    compute.check_cost(cost, network.dtype, place)
    memory = compute.limits.answer(_answer_bytes(document, target, network))
    called = _called(request, document)
    clock.mark("decode")

    def work() -> Steps[Content]:
        answer = _explain(document, target, placed(network, place), inputs.to(place), compute.limits, called)
        clock.mark("compute")
        return exchange.written(answer, clock, compute.limits)

    loading = cost_of_batched_slopes() if document.gradients and network.n_out > FEW_CELLS else 0
    content: Content = await compute.run(work, cost=cost + loading, memory=2 * memory, gone=exchange.left(request))
    return _in_languages(Answer(content, clock))


async def _post_cell(
    request: Request, document: ExplainDocument, network: Network, target: Place, clock: Clock
) -> Response:
    settings: Settings = request.app.settings
    compute: ComputeService = request.app.compute
    compute.check_limits(network, 1)
    check_place(network, target)
    inputs = one_input(network, document.inputs)
    check_computed(network, target.cell, target.pointer)
    by = differentiated(network, document.by) if document.gradients else ()
    as_file = preferred(request.headers.get("accept"), ("application/json", SAFETENSORS)) == SAFETENSORS
    asked = Asked(target.cell, by, document.reach, as_file, _called(request, document))
    cost, answer, memory = price(network, asked, settings)
    compute.place(document.device, cost)
    speed = compute.check_cost(cost, network.dtype)
    answer = compute.limits.answer(answer)
    clock.mark("decode")

    def work() -> Steps[Content]:
        found = yield from explained(network, inputs, asked, compute.limits, speed)
        clock.mark("compute")
        if isinstance(found, Content):
            clock.mark("encode")
            return found
        return (yield from exchange.written(found, clock, compute.limits))

    content: Content = await compute.run(work, cost=cost, memory=memory + answer, gone=exchange.left(request))
    return _in_languages(Answer(content, clock, SAFETENSORS.encode() if as_file else b"application/json"))


def _called(request: Request, document: ExplainDocument) -> Called | None:
    """What the numbers are called, where the request names a preset whose numbers have names."""
    return called_by(negotiate(request.headers.get("accept-language")), document.network)


def _in_languages(answer: Answer) -> Answer:
    answer.headers["Vary"] = "Accept, Accept-Language"
    return answer


def _cell_needed(network: Network) -> Fault:
    """What is wrong with a target that names a neuron of a network which is no chain of dense layers."""
    tensor = network.outputs[0]
    values = {"tensor": tensor, "expected": shape_text(network.shapes[tensor])}
    return Fault("invalid-value", "cell-target", "/target", values)


def _check_fields(document: ExplainDocument) -> None:
    """Raises NetworkError where a field is asked that only a cell has an answer to."""
    for name, given in (("by", document.by is not None), ("reach", document.reach)):
        if given:
            raise NetworkError(Fault("invalid-value", "cell-only", f"/{name}", {"name": name}))


def _check(
    document: ExplainDocument,
    target: TargetDocument | None,
    network: DenseNetwork,
    inputs: Tensor,
    compute: ComputeService,
    settings: Settings,
) -> int:
    """Refuses what is too large before any of it is made; gives the cost in multiply-adds."""
    compute.check_limits(network, 1)
    single_inputs(network, inputs)
    if target is not None:
        check_index(target.layer, len(network.layers), "no-such-layer", "/target/layer")
        check_index(target.neuron, network.layers[target.layer].n_out, "no-such-neuron", "/target/neuron")
    terms = terms_size(network) if target is None else terms_size(network, target.layer, target.neuron)
    check_size(terms, settings.max_listed_values, "too-many-terms", "max_listed_values", "/target")
    cost = network.cost + CALL_COST * network.calls + 100 * terms + _derivatives_cost(network, target)
    if document.gradients:
        size = gradients_size(network)
        check_size(size, settings.max_derived_values, "too-many-gradients", "max_derived_values", "/gradients")
        cost += 2 * size + 2 * CALL_COST * network.calls
    return cost


def _derivatives_cost(network: DenseNetwork, target: TargetDocument | None) -> int:
    """Of functions such as softmax each derivative takes the whole layer once more, forwards and backwards."""
    if target is not None:
        return 0 if network.layers[target.layer].activation.elementwise else 4 * network.layers[target.layer].n_out
    return sum(_DERIVED_NUMBER_COST * layer.n_out**2 for layer in network.layers if not layer.activation.elementwise)


def _answer_bytes(document: ExplainDocument, target: TargetDocument | None, network: DenseNetwork) -> int:
    """About how many bytes the answer will have."""
    terms = terms_size(network) if target is None else terms_size(network, target.layer, target.neuron)
    neurons = network.units if target is None else 1
    size = gradients_size(network) if document.gradients else 0
    explained = network.layers if target is None else network.layers[target.layer : target.layer + 1]
    size += sum(2 * layer.n_out for layer in explained if layer.activation.name in SHARING)
    return _BYTES_OF_A_TERM * terms + _BYTES_OF_A_NEURON * neurons + text_bytes(size, network.dtype)


def _explain(
    document: ExplainDocument,
    target: TargetDocument | None,
    network: DenseNetwork,
    inputs: Tensor,
    limits: Limits,
    called: Called | None,
) -> Members:
    inputs = single_inputs(network, inputs)
    with torch.no_grad():
        trace = forward(network, inputs)
    layers = range(len(network.layers)) if target is None else [target.layer]
    bad = NonFinite(limits.listed_non_finite)

    def neurons() -> Iterator[Any]:
        before = 0
        for k in layers:
            for some in _in_parts(network.layers[k]) if target is None else [_one(target)]:
                with torch.no_grad():
                    explained = explain_layer(network, trace, k, some)
                yield from _neurons(network, explained, bad, before)
                before += len(some)

    def members() -> Iterator[tuple[str, Any]]:
        yield "neurons", Elements(neurons())
        made = [k for k in layers if network.layers[k].activation.name in SHARING]
        if made:
            yield "shares", Elements(_shares(k, trace, bad, n) for n, k in enumerate(made))
        if document.gradients:
            yield "gradients", _gradients(gradients(network, inputs), bad)
        if called is not None:
            yield "called", called.document(trace.activations[-1])
        yield "dtype", name_of(network.dtype)
        yield "device", str(network.device)
        # What is not finite was found while all of the above was written.
        yield from bad.members().items()

    return Members(members())


def _one(target: TargetDocument) -> range:
    return range(target.neuron, target.neuron + 1)


def _in_parts(layer: DenseLayer) -> Iterator[range]:
    """A layer's neurons, a few at a time."""
    each = layer.n_in if layer.activation.elementwise else layer.n_in + layer.n_out
    count = max(1, _NUMBERS_AT_ONCE // each)
    for start in range(0, layer.n_out, count):
        yield range(start, min(start + count, layer.n_out))


def _neurons(
    network: DenseNetwork, explained: LayerExplanation, bad: NonFinite, before: int
) -> Iterator[dict[str, Any]]:
    layer = network.layers[explained.layer]
    columns = {
        "z": array(explained.pre_activations),
        "a": array(explained.activations),
        "bias": array(explained.biases),
        "derivative": array(explained.derivatives),
    }
    values, weights = array(explained.values), array(explained.weights.T)
    contributions = array(explained.contributions.T)
    for n, neuron in enumerate(explained.neurons):
        place = f"/neurons/{before + n}"
        for name, column in columns.items():
            bad.look(f"{place}/{name}", column[n])
        for name, terms in (("value", values), ("weight", weights[n]), ("contribution", contributions[n])):
            bad.look_at_members(f"{place}/terms", name, terms)
        yield {
            "layer": explained.layer,
            "neuron": neuron,
            "name": layer.name,
            "activation": layer.activation.name,
            **{name: column[n] for name, column in columns.items()},
            "terms": Items(_terms(values, weights[n], contributions[n])),
        }


def _shares(layer: int, trace: DenseTrace, bad: NonFinite, place: int) -> dict[str, Any]:
    with torch.no_grad():
        found = shares(trace.pre_activations[layer])
    parts = {field.name: array(getattr(found, field.name))[()] for field in fields(found)}
    for name, values in parts.items():
        bad.look(f"/shares/{place}/{name}", values)
    return {"layer": layer, **parts}


def _terms(values: Array, weights: Array, contributions: Array) -> Iterator[dict[str, Any]]:
    for i, (value, weight, contribution) in enumerate(zip(values, weights, contributions, strict=True)):
        yield {"from": i, "value": value, "weight": weight, "contribution": contribution}


def _gradients(found: Gradients, bad: NonFinite) -> dict[str, Any]:
    inputs = array(found.inputs)
    layers = [
        {"weights": array(weights), "biases": array(biases)}
        for weights, biases in zip(found.weights, found.biases, strict=True)
    ]
    bad.look("/gradients/inputs", inputs)
    for k, layer in enumerate(layers):
        for name, values in layer.items():
            bad.look(f"/gradients/layers/{k}/{name}", values)
    return {"inputs": inputs, "layers": layers}
