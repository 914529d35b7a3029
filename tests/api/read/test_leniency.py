"""What a client may mean in one way is taken so by every operation, and what is refused is refused in a sentence."""

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from app.main import create_app
from app.settings import Settings
from tests import notebook
from tests.long import examples

SIDE = {"input": 0, "from": -1, "to": 1}
PLAIN = {"layers": notebook.MULTILAYER["layers"], "inputs": notebook.FEATURES}
TENSOR = {"name": "inputs", "shape": [1, 3], "datatype": "FP32", "data": notebook.FEATURES}
KERNEL = [[[[0.5, 0, 1]] * 3]]
GRAPH = {
    "input": {"shape": [1, 4, 4]},
    "layers": [
        {"kind": "conv2d", "weights": KERNEL, "padding": 1, "stride": [1, 1], "activation": "relu"},
        {"kind": "max_pool2d", "kernel_size": 2},
        {"kind": "reshape", "shape": [{"batch": 1, "plus": 0}, 4]},
        {"weights": [[1], [2], [3], [4]], "biases": [0]},
    ],
}
PICTURE = [[[1, 2, 3, 4]] * 4]
CELL = {"tensor": "layers.0.weights", "at": [2, 1]}
CHANGES = "/api/v1/networks/multilayer/changes"
# What follows a # tells apart requests of one operation.
BODIES: dict[str, dict[str, Any]] = {
    "/api/v1/forward": PLAIN,
    "/api/v1/loss": {**PLAIN, "targets": [0.5], "loss": "mse", "output": "layers.1.activations"},
    "/api/v1/explain": {**PLAIN, "target": {"layer": 0, "neuron": 1}},
    "/api/v1/sweep": {**PLAIN, "vary": {"layer": 0, "weight": [2, 1]}, "from": -1, "to": 1, "steps": 3},
    "/api/v1/grid": {**PLAIN, "x": SIDE, "y": {**SIDE, "input": 1}, "steps": 3},
    "/api/v1/code": {**PLAIN, "language": "json"},
    "/api/v1/diagram": {**PLAIN, "width": 400, "selected": {"layer": 0, "neuron": 0}},
    "/api/v1/random": {"sizes": [3, 2, 1], "seed": 7},
    "/api/v1/networks": {"layers": PLAIN["layers"]},
    "/v2/models/multilayer/infer": {"inputs": [TENSOR], "outputs": [{"name": "outputs"}], "parameters": {}},
    "/v2/models/multilayer/infer#classes": {
        "outputs": [{"name": "outputs", "parameters": {"classification": 1}}],
        "inputs": [TENSOR],
    },
    "/api/v1/forward#graph": {**GRAPH, "inputs": PICTURE},
    "/api/v1/networks#graph": GRAPH,
    "/api/v1/networks#norm": {
        "input": {"shape": [2]},
        "layers": [{"kind": "layer_norm", "normalized_shape": [2], "eps": 0.5}, {"kind": "hardtanh", "max_val": 1.5}],
    },
    "/api/v1/explain#cell": {**PLAIN, "target": {"tensor": "layers.0.activations", "at": [1]}, "reach": True},
    "/api/v1/sweep#cell": {**PLAIN, "vary": CELL, "from": -1, "to": 1, "steps": 3},
    "/api/v1/random#layers": {
        "seed": 7,
        "layers": [
            {"kind": "conv2d", "in_channels": 1, "out_channels": 2, "kernel_size": [3, 3]},
            {"kind": "flatten"},
            {"kind": "dense", "in_features": 8, "out_features": 3, "activation": "softmax"},
        ],
        "input": {"shape": [1, 4, 4]},
    },
    "/api/v1/tensors": {
        "steps": [
            {"op": "ones", "args": [[2, 3]], "as": "a"},
            {"op": "view", "args": ["$a", 3, 2], "as": "b"},
            {"op": "sum", "args": ["$b"], "kwargs": {"dim": 0}, "as": "c"},
        ]
    },
    "/api/v1/datasets/digits/pictures": {"strokes": [[[0, 0.5], [1, 0.5]], [[0.5, 0]]]},
    CHANGES: {"changes": [{"cell": CELL, "value": 1}]},
    f"{CHANGES}#whole": {"changes": [{"tensor": "layers.1.biases", "values": [1]}]},
    f"{CHANGES}#add": {"changes": [{"add": {"kind": "dense", "out_features": 2}, "after": 0}]},
    f"{CHANGES}#remove": {"changes": [{"remove": 0}]},
    f"{CHANGES}#change": {"changes": [{"change": 0, "to": {"out_features": 3, "activation": "tanh"}}]},
}
DOCUMENT = create_app(Settings()).openapi()
every_operation = pytest.mark.parametrize("path", list(BODIES))


def schema_of(path: str) -> dict[str, Any]:
    address = (
        path.partition("#")[0].replace("networks/multilayer/", "networks/{id}/").replace("/multilayer/", "/{name}/")
    )
    content = DOCUMENT["paths"][address]["post"]["requestBody"]["content"]
    schema: dict[str, Any] = content["application/json"]["schema"]
    return schema


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    for each in schema.get("anyOf", []):
        if "$ref" in each:
            schema = each
    if "$ref" in schema:
        found: dict[str, Any] = DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        return found
    return schema


def told(answer: Response) -> Any:
    """What an answer tells; a picture is no JSON."""
    return answer.json() if "json" in answer.headers["content-type"] else answer.text


@every_operation
def test_null_is_as_good_as_a_field_that_is_left_out(client: TestClient, path: str) -> None:
    usual = client.post(path, json=BODIES[path])
    assert usual.is_success, usual.text
    schema = schema_of(path)
    optional = schema["properties"].keys() - set(schema.get("required", ())) - BODIES[path].keys()
    assert optional
    nulls = {**BODIES[path], **dict.fromkeys(optional)}
    if nulls.get("layers"):
        layer = resolved(DOCUMENT["components"]["schemas"]["LayerDocument"])
        nulls["layers"] = [{**dict.fromkeys(layer["properties"]), **each} for each in nulls["layers"]]
    answer = client.post(path, json=nulls)
    assert answer.is_success, answer.text
    assert told(answer) == told(usual)


def with_floats(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: with_floats(each) for name, each in value.items()}
    if isinstance(value, list):
        return [with_floats(each) for each in value]
    return float(value) if type(value) is int else value


@every_operation
def test_whole_numbers_may_be_floats(client: TestClient, path: str) -> None:
    answer = client.post(path, json=with_floats(BODIES[path]))
    assert answer.is_success, answer.text
    assert told(answer) == told(client.post(path, json=BODIES[path]))


WRONG: list[Any] = ["text", 1.5, -1, True, [], {}, ["text"], [[]], {"x": 1}, "\ud800", 1e999, 1e300, 10**30, [1e999]]


def wrongly(body: dict[str, Any], fields: Iterable[str] = ()) -> Iterator[dict[str, Any]]:
    """The body with each of its fields, at any depth, of each kind in turn."""
    for name in {*fields, *body}:
        value = body.get(name)
        yield from ({**body, name: wrong} for wrong in WRONG)
        if isinstance(value, dict):
            yield from ({**body, name: each} for each in wrongly(value))
        if isinstance(value, list) and value and isinstance(value[0], dict):
            yield from ({**body, name: [each, *value[1:]]} for each in wrongly(value[0]))


@every_operation
def test_what_is_refused_is_refused_in_a_sentence(client: TestClient, path: str) -> None:
    import json

    told = set()
    # 14 kinds of a field: every third of all meets a field with other kinds than the one before it.
    for body in islice(wrongly(BODIES[path], schema_of(path)["properties"]), None, None, examples(3, 1)):
        content = json.dumps(body).replace("Infinity", "1e999")
        answer = client.post(path, content=content, headers={"Content-Type": "application/json"})
        assert answer.status_code < 500, (content, answer.text)
        if answer.is_success:
            continue
        problem = answer.json()
        for error in problem["errors"]:
            detail = error["detail"]
            told.add(detail)
            assert not re.search(r"must be: |_type|\bint\b|\bdict\b|\bstr\b|\bNone\b", detail), (content, detail)
            assert not re.match(r"\d+ (must|is|has)\b", detail), detail
            assert "[str]" not in error["pointer"], error
            assert not error["pointer"].endswith(("/str", "/int")), error
    assert told
