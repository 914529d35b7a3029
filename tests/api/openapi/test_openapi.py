"""The OpenAPI document by itself: every operation tells what a reader needs, and its examples work as they stand."""

import json
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
from starlette.testclient import TestClient

from app.api.http.problems import STATUSES
from app.main import create_app
from app.settings import Settings

DOCUMENT: dict[str, Any] = create_app(Settings()).openapi()
COMPONENTS = DOCUMENT["components"]
PROBLEM = "application/problem+json"
# What is kept must be there before it is read, and what is forgotten can't be.
_ORDER = {"post": 0, "get": 1, "delete": 2}
OPERATIONS = sorted(
    ((method, path, each) for path, methods in DOCUMENT["paths"].items() for method, each in methods.items()),
    key=lambda found: _ORDER[found[0]],
)
every_operation = pytest.mark.parametrize(
    ("method", "path", "operation"), OPERATIONS, ids=[each["operationId"] for _, _, each in OPERATIONS]
)


def resolved(part: dict[str, Any]) -> dict[str, Any]:
    """What a reference refers to; anything else as it is."""
    if "$ref" not in part:
        return part
    found: Any = DOCUMENT
    for name in part["$ref"].removeprefix("#/").split("/"):
        found = found[name]
    return dict(found)


def conforms(schema: dict[str, Any], value: Any) -> bool:
    whole = {**schema, "components": COMPONENTS}
    return jsonschema_rs.validator_for(whole).is_valid(value)


def parameters(operation: dict[str, Any], place: str) -> dict[str, Any]:
    """The examples of an operation's parameters in the path or in the header, by name."""
    found = {}
    for each in map(resolved, operation["parameters"]):
        if each["in"] == place and ("example" in each or "examples" in each):
            examples = each.get("examples", {"only": {"value": each.get("example")}})
            found[each["name"]] = next(iter(examples.values()))["value"]
            assert conforms(each["schema"], found[each["name"]]), each
    return found


def bodies(operation: dict[str, Any]) -> list[Any]:
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    return [example["value"] for example in content.get("examples", {}).values()]


def examples(operation: dict[str, Any], path: str) -> Iterator[tuple[str, dict[str, str], Any]]:
    """The requests that the operation's examples make: path, headers and body."""
    filled, headers = path.format_map(parameters(operation, "path")), parameters(operation, "header")
    for body in bodies(operation) or [None]:
        yield filled, headers, body


def test_it_is_what_the_server_serves(client: TestClient) -> None:
    assert client.get("/api/v1/openapi.json").json() == DOCUMENT
    assert DOCUMENT["openapi"].startswith("3.1")


def test_every_name_in_it_leads_somewhere() -> None:
    text = json.dumps(DOCUMENT)
    references = {part.split('"')[0] for part in text.split('"$ref": "')[1:]}
    assert references
    for reference in references:
        assert resolved({"$ref": reference})
    for kind, members in COMPONENTS.items():
        unused = {f"#/components/{kind}/{name}" for name in members} - references
        # An operation is never asked with a method that it lacks: this answer belongs to all addresses.
        # A security scheme is named, not referred to.
        assert unused <= {"#/components/responses/MethodNotAllowed", "#/components/securitySchemes/ApiKey"}
    ids = [operation["operationId"] for _, _, operation in OPERATIONS]
    assert len(ids) == len(set(ids))
    links = [link for _, _, each in OPERATIONS for answer in each["responses"].values()
             for link in answer.get("links", {}).values()]  # fmt: skip
    assert {link["operationId"] for link in links} <= set(ids)


def schemas(part: Any) -> Iterator[dict[str, Any]]:
    if isinstance(part, dict):
        if isinstance(part.get("schema"), dict):
            yield part["schema"]
        for each in part.values():
            yield from schemas(each)
    elif isinstance(part, list):
        for each in part:
            yield from schemas(each)


def test_every_schema_is_one() -> None:
    found = [*schemas(DOCUMENT["paths"]), *COMPONENTS["schemas"].values()]
    assert len(found) > 100
    for schema in found:
        jsonschema_rs.meta.validate({"$schema": "https://json-schema.org/draft/2020-12/schema", **schema})


def parts_of(schema: Any) -> Iterator[dict[str, Any]]:
    """A schema and all schemas inside it, but for conditions, which generators do not read."""
    if isinstance(schema, dict):
        yield schema
        for name, each in schema.items():
            yield from parts_of(each) if name != "if" else ()
    elif isinstance(schema, list):
        for each in schema:
            yield from parts_of(each)


def test_generators_of_clients_find_nothing_that_makes_them_drop_an_operation() -> None:
    """What openapi-python-client and openapi-generator stumble over; `python -m tests.bench clients` runs them."""
    for schema in [*schemas(DOCUMENT["paths"]), *COMPONENTS["schemas"].values()]:
        for part in parts_of(schema):
            assert not ("properties" in part and part.keys() & {"oneOf", "anyOf"}), part
            if isinstance(part.get("type"), list):
                assert len(part["type"]) == 2, part
                assert part["type"][1] == "null", part
            if part.get("type") == "array":
                assert "items" in part, part
            assert not isinstance(part.get("default"), list | dict), part
    for _, _, operation in OPERATIONS:
        assert len(operation["tags"]) == 1, "a method of two classes has two types of one name"
    assert "enum" not in COMPONENTS["schemas"]["Problem"]["properties"]["type"], "operations narrow it"


LAYER = {"weights": [[1], [2]]}
PLAIN = {"layers": [LAYER], "inputs": [1, 2]}
NAMED = {"network": "xor", "inputs": [0, 1]}
GRAPH = {"input": {"shape": [2]}, "layers": [{"kind": "flatten"}, LAYER], "inputs": [1, 2]}
LAYER_OPTIONS = ("biases", "activation", "name", "layout", "kind", "inputs", "module", "source")
INPUT, CELL = {"input": 0}, {"cell": {"tensor": "inputs", "at": [0]}}
NONE: dict[str, Any] = {"input": None, "cell": None}


def plane(**x: Any) -> dict[str, Any]:
    sides = {"x": {"from": -1, "to": 1, **x}, "y": {"input": 1, "from": -1, "to": 1}}
    return {**NAMED, **sides, "steps": 2}


@pytest.mark.parametrize(
    ("path", "body", "good"),
    [
        ("forward", PLAIN, True),
        ("forward", NAMED, True),
        ("forward", GRAPH, True),
        ("forward", {**PLAIN, "network": None}, True),
        ("forward", {**PLAIN, "network": "xor"}, False),
        ("forward", {**NAMED, "layers": None}, True),
        ("forward", {"inputs": [0, 1]}, False),
        ("forward", {"layers": None, "inputs": [0, 1]}, False),
        ("forward", {**PLAIN, "layers": []}, False),
        ("forward", {**PLAIN, "layers": 1}, False),
        ("forward", {**PLAIN, "layers": [{"weights": None}]}, False),
        ("forward", {**PLAIN, "layers": [{}]}, False),
        ("forward", {**PLAIN, "more": 1}, False),
        ("forward", {**PLAIN, "dtype": "int8"}, False),
        ("forward", {**PLAIN, "return": []}, False),
        ("forward", {**PLAIN, "layers": [{**LAYER, "layout": "sideways"}]}, False),
        ("forward", {**PLAIN, "layers": [{**LAYER, "kind": "denser"}]}, False),
        *(
            ("forward", {**PLAIN, name: None}, True)
            for name in ("dtype", "device", "return", "input", "outputs", "batch")
        ),
        *(("forward", {**PLAIN, "layers": [{**LAYER, name: None}]}, True) for name in LAYER_OPTIONS),
        ("grid", plane(**INPUT), True),
        ("grid", plane(**CELL), True),
        ("grid", plane(), False),
        ("grid", plane(**INPUT, **CELL), False),
        ("grid", plane(**NONE), False),
        ("grid", plane(**{**NONE, **INPUT}), True),
        ("grid", plane(**{**NONE, **CELL}), True),
        ("grid", plane(cell=1), False),
    ],
)
def test_schemas_take_what_the_server_takes(client: TestClient, path: str, body: dict[str, Any], good: bool) -> None:
    operation = DOCUMENT["paths"][f"/api/v1/{path}"]["post"]
    assert conforms(operation["requestBody"]["content"]["application/json"]["schema"], body) == good
    assert client.post(f"/api/v1/{path}", json=body).is_success == good


@every_operation
def test_each_operation_says_what_it_is_for(method: str, path: str, operation: dict[str, Any]) -> None:
    assert operation["summary"]
    assert operation["description"]
    assert operation["tags"]
    good = operation["responses"]
    wanted = {part[1:-1] for part in path.split("/") if part.startswith("{")}
    assert set(parameters(operation, "path")) == wanted
    shown = [each.get("example") for answer in good.values() for each in answer.get("content", {}).values()]
    assert bodies(operation) or wanted or any(shown), "there is no example"
    assert ("requestBody" in operation) == bool(bodies(operation))
    for each in map(resolved, operation["parameters"]):
        assert each["description"]


@every_operation
def test_each_operation_tells_its_problems(method: str, path: str, operation: dict[str, Any]) -> None:
    refusals = {status: each for status, each in operation["responses"].items() if status >= "4"}
    told = {"500"} | ({"400", "408", "413", "415", "422", "503"} if "requestBody" in operation else set())
    told |= {"404"} if "{" in path else set()
    assert told <= set(refusals)
    for status, refusal in refusals.items():
        assert set(refusal["content"]) == {PROBLEM}
        assert "Content-Language" in refusal["headers"]
        types = refusal["content"][PROBLEM]["schema"]["allOf"][1]["properties"]["type"]["enum"]
        for type in types:
            assert int(status) in STATUSES[type.removeprefix("/problems/")]
    for answer in operation["responses"].values():
        assert "X-Request-ID" in answer["headers"]


@every_operation
def test_its_examples_work_as_they_stand(client: TestClient, method: str, path: str, operation: dict[str, Any]) -> None:
    if "{id}" in path:
        # The example's network is the one that POST's own example keeps.
        keep = DOCUMENT["paths"]["/api/v1/networks"]["post"]
        assert client.post("/api/v1/networks", json=bodies(keep)[0]).status_code in (200, 201)
    for filled, headers, body in examples(operation, path):
        answer = client.request(method, filled, headers=headers, json=body)
        assert answer.is_success, answer.text
        described = operation["responses"][str(answer.status_code)]
        assert answer.headers["x-request-id"] == headers["X-Request-ID"]
        for name, header in described["headers"].items():
            assert name in answer.headers or not resolved(header).get("required"), name
        if answer.status_code != 204:
            kind = answer.headers["content-type"].partition(";")[0]
            schema = described["content"][kind]["schema"]
            assert conforms(schema, answer.json() if kind == "application/json" else answer.text)


@every_operation
def test_examples_of_answers_and_bodies_follow_their_schemas(method: str, path: str, operation: dict[str, Any]) -> None:
    for answer in operation["responses"].values():
        for content in answer.get("content", {}).values():
            if "example" in content:
                assert conforms(content["schema"], content["example"])
    for body in bodies(operation):
        assert conforms(operation["requestBody"]["content"]["application/json"]["schema"], body)
    for problem in COMPONENTS["schemas"]["Problem"]["examples"]:
        assert conforms(COMPONENTS["schemas"]["Problem"], problem)
