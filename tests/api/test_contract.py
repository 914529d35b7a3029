"""Schemathesis holds the running server against its OpenAPI document: all checks, all phases, the same cases each run.

What a schema cannot say is made true in `valid_requests`, so no check is off for any operation.
"""

import json
from itertools import pairwise
from typing import Any

import pytest
import requests
import schemathesis
import torch
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from safetensors.torch import load, save
from schemathesis import Case, HookContext, SerializationContext
from schemathesis.checks import load_all_checks
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation.feedback import FeedbackSources
from schemathesis.generation.hypothesis import builder as marks
from schemathesis.generation.hypothesis.reporting import ignore_hypothesis_output
from schemathesis.pytest import _test_builder as builder
from schemathesis.python._constants.orchestrator import make_constants_value_source
from schemathesis.transport.serialization import Binary

from adelante.formats.dense_safetensors import network_to_safetensors
from adelante.network.activations import ACTIVATIONS
from adelante.network.presets import chain_named
from app.main import create_app
from app.settings import Settings
from tests.api.valid_requests import VALID
from tests.long import examples

SAFETENSORS, BYTES = "application/vnd.safetensors", "application/octet-stream"
HEADER_LENGTH = "Inference-Header-Content-Length"
DOCUMENT = create_app(Settings()).openapi()
# What answers held would make the cases depend on what the server keeps.
_ALONE = {"extra-data-sources": {"responses": False}}
CONFIG = {
    "seed": 7,
    "generation": {"max-examples": examples(3, 15), "deterministic": True, "database": "none", "no-shrink": True},
    "phases": {
        "examples": _ALONE,
        "coverage": _ALONE,
        "fuzzing": {**_ALONE, "error-feedback": {"enabled": False}},
        "stateful": {"link-calibration": False},
    },
    "suppress-health-check": ["all"],
    # Too large is a refusal as good as any; schemathesis does not count it as one.
    "checks": {"negative_data_rejection": {"expected-statuses": ["4xx"]}},
}
# What it could make no cases of.
LEFT_OUT: list[Any] = [
    *(marks.UnsatisfiableExampleMark, marks.NonSerializableMark, marks.InvalidRegexMark),
    *(marks.InvalidHeadersExampleMark, marks.UnserializablePayloadMark, marks.MissingPathParameters),
]
schema = schemathesis.openapi.from_dict(DOCUMENT, config=schemathesis.Config.from_dict(CONFIG))
_HEAD = json.dumps(
    {
        "inputs": [{"name": "inputs", "shape": [1, 3], "datatype": "FP32", "parameters": {"binary_data_size": 12}}],
        "parameters": {"binary_data_output": True},
    }
).encode()


@st.composite
def files(draw: st.DrawFn) -> bytes:
    """Safetensors files of small networks with inputs, as POST /api/v1/forward takes them."""
    sizes = draw(st.lists(st.integers(1, 4), min_size=2, max_size=4))
    dtype = draw(st.sampled_from([torch.float32, torch.float64, torch.bfloat16, torch.float16]))
    tensors = {"inputs": torch.full((sizes[0],), draw(st.floats(-10, 10)), dtype=dtype)}
    metadata = {}
    for k, (n_in, n_out) in enumerate(pairwise(sizes)):
        tensors[f"layers.{k}.weights"] = torch.full((n_in, n_out), draw(st.floats(-10, 10)), dtype=dtype)
        metadata[f"layers.{k}.activation"] = draw(st.sampled_from(list(ACTIVATIONS)))
    return save(tensors, metadata)


schemathesis.openapi.media_type(SAFETENSORS, files(), aliases=[BYTES])
# Of schemathesis's own type, which it takes for the file in a form.
_KEPT = Binary(network_to_safetensors(chain_named("multilayer").network))
schemathesis.openapi.format("binary", st.just(_KEPT))


@schemathesis.serializer(SAFETENSORS, BYTES)  # type: ignore[untyped-decorator]
def as_the_operation_takes_it(context: SerializationContext, value: Any) -> bytes:
    """The file for /forward; without inputs for /networks; its first numbers as a binary tensor for /infer."""
    if not isinstance(value, bytes):
        return str(value).encode()
    name = context.case.operation.definition.raw["operationId"]
    if name == "post_network":
        tensors = load(value)
        del tensors["inputs"]
        return bytes(save(tensors))
    elif name in ("post_infer", "post_version_infer"):
        numbers = load(value)["inputs"].float()[:1].expand(3)
        return _HEAD + bytes(numbers.contiguous().numpy().tobytes())
    return value


@schema.hook  # type: ignore[untyped-decorator]
def map_case(context: HookContext, case: Case[Any]) -> Case[Any]:
    """Requests that follow the schema are made to follow the rules between fields too; others stay as they are."""
    meta = case.meta
    if meta is None:
        return case
    operation_id = case.operation.definition.raw["operationId"]
    infers = operation_id in ("post_infer", "post_version_infer")
    headers = meta.components.get(ParameterLocation.HEADER)
    if headers is None or headers.mode.is_positive:
        # The bodies go out as they are (test_compress sends compressed ones), so no header may say otherwise: it would
        # be all that is refused of a body that is wrong.
        case.headers.pop("Content-Encoding", None)
        case.headers.pop(HEADER_LENGTH, None)
        if infers and case.media_type == BYTES:
            case.headers[HEADER_LENGTH] = str(len(_HEAD))
    if meta.generation.mode.is_positive:
        if operation_id == "post_network" and case.query.get("activation"):
            # One for all layers: how many there are, the body says.
            case.query["activation"] = case.query["activation"].partition(",")[0]
        if operation_id == "post_network":
            # They are for files that leave something open.
            case.query.pop("choices", None)
        if isinstance(case.body, dict):
            case.body = VALID[operation_id](case.body)
            if operation_id == "post_network" and "input" in case.body:
                # It is for chains of dense layers.
                case.query.pop("activation", None)
        if infers:
            # Its inputs were made to fit this one.
            case.path_parameters["name"] = "multilayer"
    return case


def is_loose(case: Case[Any]) -> bool:
    """Schemathesis can't hold a file in a form against a schema, and expects every one to be refused.

    `choices` are for files that leave something open, which the networks that it makes do not.
    """
    if "choices" in (case.query or {}):
        return True
    return isinstance(case.body, dict) and "file" in case.body and case.body.keys() <= {"file", "choices"}


def ask(case: Case[Any], url: str, session: requests.Session) -> None:
    if is_loose(case):
        assert case.call(base_url=url, session=session).status_code < 500
        return
    case.call_and_validate(base_url=url, session=session)


@pytest.mark.parametrize(
    "operation", [f"{method.upper()} {path}" for path, methods in DOCUMENT["paths"].items() for method in methods]
)
def test_the_server_does_what_its_document_says(operation: str, server_url: str, session: requests.Session) -> None:
    """What `schema.parametrize()` is, but its cases are made here: it makes all of them where tests are collected."""
    load_all_checks()
    found = schema.find_operation_by_label(operation)
    assert found is not None
    test = builder.build_operation_test(
        config=schema.config,
        operation=found,
        test_func=lambda case: ask(case, server_url, session),
        given_kwargs={},
        feedback=FeedbackSources(constants_value_source=make_constants_value_source(schema)),
    )
    assert [mark for mark in LEFT_OUT if mark.is_set(test)] == []
    # Of hundreds that only differ in which field is wrong, and how, the short form asks some of each stretch.
    cases = getattr(test, "hypothesis_explicit_examples", [])
    cases[:] = cases[:: max(1, len(cases) // examples(50, len(cases) + 1))]
    with ignore_hypothesis_output():
        test()


KEPT = schema.include(operation_id=["post_network", "get_network", "delete_network", "get_model", "get_model_ready"])


class _Session(KEPT.as_state_machine()):  # type: ignore[misc]
    """Networks are kept, read, asked as models and forgotten, in any order that the document's links allow."""

    base_url = ""

    def setup(self) -> None:
        """Nothing is kept at first: what a case finds does not depend on those before it."""
        for model in requests.post(f"{self.base_url}/v2/repository/index", timeout=10).json():
            requests.delete(f"{self.base_url}/api/v1/networks/{model['name']}", timeout=10)

    def get_call_kwargs(self, case: Case[Any]) -> dict[str, Any]:
        return {"base_url": self.base_url}

    def validate_response(self, response: Any, case: Case[Any], **more: Any) -> None:
        if not is_loose(case):
            super().validate_response(response, case, **more)


def test_what_is_kept_is_there_until_it_is_forgotten(server_url: str) -> None:
    _Session.base_url = server_url
    run = settings(
        max_examples=examples(8, 40),
        stateful_step_count=6,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    _Session.run(settings=run)
