"""POST /api/v1/code: the network as a program that prints the same outputs."""

from typing import Any, Literal

import torch
from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from adelante.code import code_size, generate, needs_file
from adelante.code.program import FILE
from adelante.network.checks import check_size
from adelante.network.network import Network
from app.api.http.admission import public_address
from app.api.http.answer import Answer
from app.api.openapi import schemas
from app.api.openapi.common import NETWORK_AND_PASS
from app.api.openapi.examples import forward_example, picture_example
from app.api.openapi.schemas import NAME, TEXT, record
from app.api.read.documents import NamesDocument, NetworkDocument, network_from
from app.api.read.forward_binary import SAFETENSORS
from app.api.read.forward_request import inputs_of
from app.api.read.inputs import AnyInputs
from app.api.routes import exchange
from app.api.write.called import names_of
from app.api.write.encode import encode_json
from app.code_comments import comments_in
from app.compute.content import Content
from app.compute.devices import device_named
from app.compute.service import ComputeService
from app.compute.steps import CALL_COST
from app.negotiation import negotiate
from app.settings import Settings
from app.store.files import is_id

router = APIRouter(prefix="/api/v1", tags=["code"])

# Writing a number down costs about as much as this many multiply-adds.
_COST_OF_A_LITERAL = 1000
# A node's line takes as long to write as so many calls of torch.
_CALLS_OF_A_NODE = 10
# While the text is put together, each number is a text of its own.
_BYTES_OF_A_LITERAL = 150


class CodeDocument(NetworkDocument):
    inputs: AnyInputs = Field(description="one input, or a batch of them; of several inputs an object, by name")
    language: Literal["pytorch", "numpy", "curl", "json"]
    style: Literal["notebook", "module"] = Field(
        "notebook", description="of PyTorch code: layer by layer with torch's functions, or torch.nn's modules"
    )
    names: NamesDocument | None = Field(
        None, description="what stands in comments of Python code; where left out, the preset's own names"
    )


MODELS = (CodeDocument,)
_RESPONSES = schemas.answers("The program's text.", record(language=TEXT, style=TEXT, source=TEXT), *NETWORK_AND_PASS)
_SCHEMA = _RESPONSES[200]["content"]["application/json"]["schema"]
_FILE = record(name=TEXT, type=TEXT, network=NAME)
_FILE["description"] = "what a program with many parameters reads them from, beside itself: GET /networks/{network}"
_SCHEMA["properties"]["file"] = _FILE
_RESPONSES[200]["content"]["text/plain"] = {"schema": TEXT}


@router.post(
    "/code",
    summary="The network as source code",
    openapi_extra=schemas.request_body(
        CodeDocument,
        pytorch={**forward_example(), "language": "pytorch"},
        module={**forward_example(), "language": "pytorch", "style": "module"},
        picture={
            **picture_example(),
            "inputs": [[[0, 0, 0, 0], [0, 1, 1, 0], [0, 1, 1, 0], [0, 0, 0, 0]]],
            "language": "numpy",
        },
        numpy={"network": "multilayer", "inputs": forward_example()["inputs"], "language": "numpy"},
    ),
    responses=_RESPONSES,
)
async def post_code(request: Request) -> Response:
    """Source text which, when run, prints the outputs of /forward. `Accept: text/plain` gives the bare text,
    `Accept-Language: es` Spanish comments. The parameters of a network with many, unless it is a chain of dense layers,
    are read from a file beside the program: `file` says its name and, for a kept network, the id under which
    `GET /networks/{id}` gives it."""
    settings: Settings = request.app.settings
    compute: ComputeService = request.app.compute
    document, clock = await exchange.read_document(request, CodeDocument)
    network = await network_from(document, request.app.networks)
    gone = exchange.left(request)
    inputs = await inputs_of(network, document.inputs, compute.run, gone)
    device_named(document.device)
    _, rows, _ = network.given(inputs)
    compute.check_limits(network, rows)
    size = code_size(network, inputs, document.language)
    check_size(size, settings.max_listed_values, "code-too-long", "max_listed_values")
    url = f"{public_address(request)}{request.app.url_path_for('post_forward')}"
    clock.mark("decode")

    spoken = negotiate(request.headers.get("accept-language"))
    say, names = comments_in(spoken), names_of(document.names, spoken, document.network)
    plain = request.headers.get("accept", "").partition(";")[0].strip().lower() == "text/plain"

    def work() -> Content:
        with torch.inference_mode():
            source = generate(network, inputs, document.language, style=document.style, url=url, say=say, names=names)
        clock.mark("compute")
        if plain:
            return Content([source.encode()])
        told = {"language": document.language, "style": document.style, "source": source}
        content = Content([encode_json({**told, **_file_beside(document, network)})])
        clock.mark("encode")
        return content

    cost = _COST_OF_A_LITERAL * size + rows * network.cost + _CALLS_OF_A_NODE * CALL_COST * network.calls
    memory = _BYTES_OF_A_LITERAL * size + rows * network.widest * network.dtype.itemsize
    content = await compute.run(work, cost=cost, memory=memory, gone=gone)
    compute.limits.answer(content.size)
    answer = Answer(content, clock, b"text/plain; charset=utf-8" if plain else b"application/json")
    answer.headers["Vary"] = "Accept, Accept-Language"
    return answer


def _file_beside(document: CodeDocument, network: Network) -> dict[str, Any]:
    """What a program reads that stands beside it; of a network that is not kept its id is not known."""
    if not needs_file(network, document.language):
        return {}
    kept = document.network if document.network is not None and is_id(document.network) else None
    return {"file": {"name": FILE, "type": SAFETENSORS, "network": kept}}
