"""POST /api/v1/tensors: the tensor lab."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import numpy as np
from fastapi import APIRouter, Request
from pydantic import ConfigDict, Field, WithJsonSchema
from starlette.responses import Response
from torch import Tensor

from adelante.locale import translate
from adelante.network.errors import Fault, NetworkError
from adelante.tensors.call import Limits
from adelante.tensors.memory import Memory, Value
from adelante.tensors.operations import OPERATIONS
from adelante.tensors.program.execute import LONGEST_PROGRAM, LineOutcome, run_program
from adelante.tensors.reading import DTYPES
from adelante.tensors.run import Failure, run
from adelante.tensors.steps import Written, check_count, read_steps
from app.api.http.answer import Answer
from app.api.http.problems import sentence
from app.api.openapi import common as openapi
from app.api.openapi import schemas
from app.api.openapi.schemas import INDEX, NON_FINITE, NUMBER, TEXT, record
from app.api.read.checked import validated
from app.api.read.documents import Document, either
from app.api.routes import exchange
from app.api.write.encode import NonFinite, array
from app.compute.content import Content
from app.compute.pool import Steps
from app.compute.service import CHEAP_MULTIPLY_ADDS, ComputeService
from app.negotiation import negotiate
from app.settings import Settings

router = APIRouter(prefix="/api/v1", tags=["lab"])

_ARRAY: dict[str, Any] = {"type": "array", "items": {}}
_ARGUMENT = {
    "anyOf": [
        {"type": "string", "pattern": r"^\$", "description": "an earlier result"},
        {"type": "number"},
        {**_ARRAY, "description": "nested arrays of numbers"},
    ]
}
_KEYWORDS = {
    "type": "object",
    "properties": {
        "dtype": {"type": "string", "enum": list(DTYPES)},
        "dim": {"anyOf": [{"type": "integer"}, {"type": "array", "items": {"type": "integer"}}]},
        "keepdim": {"type": "boolean"},
    },
    "additionalProperties": False,
}


class StepDocument(Document):
    op: Annotated[str, WithJsonSchema({"type": "string", "enum": list(OPERATIONS)})]
    args: Annotated[list[Any], WithJsonSchema({"type": "array", "items": _ARGUMENT})] = Field(
        default_factory=list, description="in torch's order; the tensor itself first: view(x, 5, 1) is x.view(5, 1)"
    )
    kwargs: Annotated[dict[str, Any], WithJsonSchema(_KEYWORDS)] = Field(
        default_factory=dict, description="dtype, where tensors are made; dim and keepdim of sum"
    )
    as_: str | None = Field(
        None,
        alias="as",
        description="the result's name, for later steps and the answer; given again, it means the later result",
    )


_STEPS = {"type": "array", "items": StepDocument.model_json_schema(by_alias=True)}
_PROGRAM = {"type": "string", "maxLength": LONGEST_PROGRAM}


class TensorsDocument(Document):
    model_config = ConfigDict(json_schema_extra=either("steps", "array", "program", "string"))

    steps: Annotated[list[Any] | None, WithJsonSchema(_STEPS)] = Field(
        None, description="done in order, on a fresh set of names"
    )
    program: Annotated[str | None, WithJsonSchema(_PROGRAM)] = Field(
        None,
        description="instead of steps: a few lines of Python, read and never executed; of torch, numpy and Python "
        "itself it may use what the lab has",
    )


def written_from(steps: Sequence[Any], limits: Limits) -> list[Written]:
    """The document's steps, as they are written; they are counted before each is looked at. Raises NetworkError."""
    check_count(len(steps), limits)
    documents = (validated(StepDocument, step, f"/steps/{k}") for k, step in enumerate(steps))
    return [Written(step.op, step.args, step.kwargs, step.as_) for step in documents]


_VALUES = {
    "description": "nested as the shape says; null: uninitialised, or not finite",
    "anyOf": [NUMBER, {"type": "boolean"}, _ARRAY],
}
_INDICES = {"type": "array", "items": INDEX}
_STEPS_APART = {"type": "array", "items": {"type": "integer"}}
_TENSOR = record(
    kind={"type": "string", "enum": ["torch", "numpy"]},
    dtype=TEXT,
    shape=_INDICES,
    stride=_STEPS_APART,
    offset=INDEX,
    values=_VALUES,
    uninitialised={"type": "array", "items": _INDICES},
    storage=TEXT,
)
_STORAGE = record(
    size=INDEX, values={"type": "array", "items": {"anyOf": [NUMBER, {"type": "boolean"}]}}, uninitialised=_INDICES
)
_STEP = record(ok={"type": "boolean"})
_STEP["properties"] |= {"raised": TEXT, "error": TEXT, "hint": TEXT, "needs": TEXT, "needs_step": INDEX}
_LINE = record(line=INDEX, end=INDEX, ok={"type": "boolean"}, printed=TEXT)
_LINE["properties"] |= {"raised": TEXT, "error": TEXT, "hint": TEXT, "needs": TEXT, "needs_line": INDEX}
_LINE["properties"] |= {"note": {**TEXT, "description": "why the line was passed over"}}
_LINE["properties"] |= {"at": record(line=INDEX, column=INDEX)}
_ANSWER = record(
    tensors={"type": "object", "additionalProperties": _TENSOR},
    storages={"type": "object", "additionalProperties": _STORAGE},
    non_finite=NON_FINITE,
)
_ANSWER["properties"] |= {
    "steps": {"type": "array", "items": _STEP, "description": "of steps"},
    "lines": {"type": "array", "items": _LINE, "description": "of a program: those of its lines that hold code"},
}
MODELS = (TensorsDocument,)

_DRAWN = [
    {"op": "manual_seed", "args": [7]},
    {"op": "randn", "args": [[1, 5]], "as": "features"},
    {"op": "randn_like", "args": ["$features"], "as": "weights"},
    {"op": "randn", "args": [[1, 1]], "as": "bias"},
]


@router.post(
    "/tensors",
    summary="The tensor lab: torch and NumPy, step by step, over shared memory",
    openapi_extra=schemas.request_body(
        TensorsDocument,
        neuron={
            "steps": [
                *_DRAWN,
                {"op": "mm", "args": ["$features", "$weights"], "as": "refused"},
                {"op": "view", "args": ["$weights", [5, 1]], "as": "column"},
                {"op": "mm", "args": ["$features", "$column"], "as": "sum"},
                {"op": "add", "args": ["$sum", "$bias"], "as": "z"},
                {"op": "sigmoid", "args": ["$z"], "as": "y"},
            ]
        },
        shared={
            "steps": [
                {"op": "array", "args": [[[0.25, 0.5], [0.75, 1.5]]], "as": "a"},
                {"op": "from_numpy", "args": ["$a"], "as": "b"},
                {"op": "mul_", "args": ["$b", 4]},
            ]
        },
        resized={
            "steps": [
                {"op": "arange", "args": [6], "kwargs": {"dtype": "float32"}, "as": "x"},
                {"op": "resize_", "args": ["$x", [2, 4]]},
            ]
        },
        program={"program": "x = torch.tensor([-1.0, 0.0, 1.0])\ny = 1 / (1 + torch.exp(-x))\nprint(y)"},
    ),
    responses=schemas.answers(
        "Equal storage means shared memory. A failing step or line says why, and stops only those that need it. "
        "Of steps the answer has steps, of a program lines: those that hold code, each with what it printed.",
        _ANSWER,
        *openapi.BODY,
        *openapi.DOCUMENT,
        *openapi.PASS,
        "not-a-number",
        "out-of-range",
        "unsupported-dtype",
    ),
)
async def post_tensors(request: Request) -> Response:
    """Runs a closed set of operations on named tensors, and tells the memory that each lies in."""
    settings: Settings = request.app.settings
    compute: ComputeService = request.app.compute
    document, clock = await exchange.read_document(request, TensorsDocument)
    language = negotiate(request.headers.get("accept-language"))
    limits = Limits(settings.max_lab_steps, settings.max_lab_tensor_elements, settings.max_lab_elements)
    # What steps cost is known only once they ran: they never run where they could keep others waiting.
    cost = CHEAP_MULTIPLY_ADDS + 1
    clock.mark("decode")

    def work() -> Steps[Content]:
        told = _answer(document, limits, compute.limits.listed_non_finite, language)
        clock.mark("compute")
        return exchange.written(told, clock, compute.limits)

    return Answer(await compute.run(work, cost=cost, gone=exchange.left(request)), clock)


def _answer(document: TensorsDocument, limits: Limits, most_listed: int, language: str) -> dict[str, Any]:
    if document.program is not None:
        if document.steps is not None:
            raise NetworkError(Fault("invalid-value", "steps-and-program", "/program"))
        program = run_program(document.program, limits)
        return _drawn(program.values, "lines", [_line(each, language) for each in program.lines], most_listed)
    if document.steps is None:
        raise NetworkError(Fault("missing-field", "steps-or-program", "/steps"))
    outcome = run(read_steps(written_from(document.steps, limits), limits), limits)
    return _drawn(outcome.values, "steps", [_step(failure, language) for failure in outcome.steps], most_listed)


def _drawn(
    values: Mapping[str, Value], name_of_done: str, done: list[dict[str, Any]], most_listed: int
) -> dict[str, Any]:
    storages: dict[Memory, str] = {}
    for value in values.values():
        storages.setdefault(value.memory, f"s{len(storages)}")
    bad = NonFinite(most_listed)
    tensors = {
        name: _tensor(value, storages[value.memory], f"/tensors/{name}/values", bad) for name, value in values.items()
    }
    return {
        "tensors": tensors,
        "storages": {name: _storage(memory, f"/storages/{name}/values", bad) for memory, name in storages.items()},
        name_of_done: done,
        **bad.members(),
    }


def _tensor(value: Value, storage: str, pointer: str, bad: NonFinite) -> dict[str, Any]:
    return {
        "kind": value.kind,
        "dtype": value.dtype,
        "shape": value.shape,
        "stride": value.stride,
        "offset": value.offset,
        "values": _values(value.cells, value.unknown, pointer, bad),
        "uninitialised": array(value.unknown.nonzero()),
        "storage": storage,
    }


def _storage(memory: Memory, pointer: str, bad: NonFinite) -> dict[str, Any]:
    values = _values(memory.cells, memory.unknown, pointer, bad)
    return {"size": memory.size, "values": values, "uninitialised": array(memory.unknown.nonzero().flatten())}


def _values(cells: Tensor, unknown: Tensor, pointer: str, bad: NonFinite) -> Any:
    """The numbers for JSON, null where they are uninitialised; what is not finite is noted."""
    numbers = array(cells)
    if unknown.any():
        hidden = unknown.numpy()
        bad.look(pointer, np.where(hidden, numbers.dtype.type(0), numbers))
        if numbers.dtype.kind == "f":
            numbers = np.where(hidden, numbers.dtype.type(np.nan), numbers)  # which JSON has as null
        else:
            whole = numbers.astype(object)
            whole[hidden] = None
            return whole.tolist()
    else:
        bad.look(pointer, numbers)
    return numbers if numbers.ndim else numbers[()]


def _step(failure: Failure | None, language: str) -> dict[str, Any]:
    if failure is None:
        return {"ok": True}
    if failure.needs is None:
        told: dict[str, Any] = {"raised": failure.raised, "error": failure.words}
    else:
        name, giver = failure.needs
        error = translate(language, "lab.needs", name=name, step=giver + 1)
        told = {"error": error, "needs": name, "needs_step": giver}
    return {"ok": False, **told, "hint": translate(language, failure.hint.key, **failure.hint.values)}


def _line(outcome: LineOutcome, language: str) -> dict[str, Any]:
    line, failure = outcome.line, outcome.failure
    told: dict[str, Any] = {
        "line": line.number,
        "end": line.end,
        "ok": failure is None,
        "printed": outcome.printed,
    }
    if line.command:
        cell = line.text.startswith("%%") and line.end > line.number
        told["note"] = translate(language, "lab.note.cell" if cell else "lab.note.command")
    elif line.skipped:
        told["note"] = translate(language, "lab.note.skipped", commands=", ".join(line.skipped))
    if failure is None:
        return told
    if failure.needs is not None:
        name, giver = failure.needs
        told |= {"error": translate(language, "lab.needs-line", name=name, line=giver)}
        told |= {"needs": name, "needs_line": giver}
    elif failure.fault is not None:
        told["error"] = sentence(language, failure.fault)
    else:
        told |= {"raised": failure.raised, "error": failure.words}
    if failure.hint is not None:
        told["hint"] = translate(language, failure.hint.key, **failure.hint.values)
    if failure.line is not None:
        told["at"] = {"line": failure.line, "column": max(failure.column or 1, 1)}
    return told
