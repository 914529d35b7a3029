"""Every row of the table of problems: what brings it about, its status and pointers, both languages, its page."""

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
import torch
from babel.numbers import get_decimal_symbol
from safetensors.torch import save
from starlette.exceptions import HTTPException
from starlette.testclient import TestClient

from adelante.locale import LANGUAGES, translate
from adelante.locale.numbers import grouped
from adelante.network.activations import ACTIVATIONS
from adelante.network.errors import Fault, NetworkError
from adelante.network.presets import PRESET_NAMES
from app.api.http.problems import STATUSES, problem_of, status_of
from app.main import create_app
from app.settings import Settings
from tests import notebook

FORWARD = "/api/v1/forward"
FILE = "application/vnd.safetensors"
X = notebook.FEATURES
NAMED = {"network": "multilayer", "inputs": X}
# More than the event loop does itself.
EXPENSIVE = {"sizes": [400, 400], "seed": 1}


def check(client: TestClient, answer: Any, language: str, status: int, type: str, pointer: str | None) -> Any:
    """The problem, once it is sure that it is told as it should be."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["content-language"] == language
    problem = answer.json()
    assert problem["type"] == f"/problems/{type}"
    assert problem["status"] == status in STATUSES[type]
    assert problem["title"] == translate(language, f"problem.{type}.title")
    assert problem["instance"] == answer.request.url.path
    assert "{" not in problem["detail"].replace("{…}", "")
    if pointer is None:
        assert "errors" not in problem
        assert problem["detail"] == translate(language, f"problem.{type}.detail")
    else:
        assert problem["errors"][0]["pointer"] == pointer
        assert problem["errors"][0]["detail"] == problem["detail"]
    page = client.get(problem["type"], headers={"Accept-Language": language})
    assert page.status_code == 200
    assert problem["title"] in page.text
    return problem


def row(type: str, status: int, pointer: str | None, body: Any = None, **more: Any) -> Any:
    request = {"method": "POST", "path": FORWARD, "kind": "application/json", **more}
    name = f"{type}-{pointer or ''}-{body if isinstance(body, str) else ''}"[:60]
    return pytest.param(type, status, pointer, body, request, id=name)


def with_weights(weights: Any) -> dict[str, Any]:
    return {"inputs": X, "layers": [{"weights": weights}]}


BAD_REQUESTS = [
    row("invalid-json", 400, "", "nothing of the kind"),
    row("invalid-json", 400, "", '{"inputs": [NaN, 1, 2], "network": "multilayer"}'),
    row("invalid-json", 400, "", '{"inputs": [-Infinity, 1, 2], "network": "multilayer"}'),
    row("invalid-json", 400, "", json.dumps(NAMED) + " and more"),
    row("invalid-json", 400, "", json.dumps(NAMED), kind="application/json; charset=utf-16"),
    row("invalid-json", 400, "", '{"inputs": ' + "[" * 32 + "]" * 32 + "}"),
    row("invalid-json", 400, "", '{"inputs": [1, 2, 3], "network": "xor", "network": "multilayer"}'),
    row("shape-mismatch", 422, "/inputs", {**NAMED, "inputs": [[x] for x in X]}),
    row("shape-mismatch", 422, "/layers/1/weights", {"inputs": [1], "layers": [{"weights": [[1, 2]]}] * 2}),
    row("ragged-array", 422, "/layers/0/weights/2", with_weights([[1, 2], [3, 4], [5]])),
    row("not-a-number", 422, "/layers/0/weights/1/1", with_weights([[1, 2], [3, "4"], [5, 6]])),
    row("not-a-number", 422, "/inputs/2", {**NAMED, "inputs": [1, 2, None]}),
    row("out-of-range", 422, "/inputs/1", {**NAMED, "inputs": [1, 3.5e38, 1]}),
    row("out-of-range", 422, "/inputs/1", {**NAMED, "inputs": [1, 65520, 1], "dtype": "float16"}),
    row("out-of-range", 422, "/vary/input", {**NAMED, "vary": {"input": 3}, "from": 0, "to": 1, "steps": 2},
        path="/api/v1/sweep"),
    row("empty", 422, "/inputs", {**NAMED, "inputs": []}),
    row("empty", 422, "/layers", {"inputs": X, "layers": []}),
    row("unknown-activation", 422, "/layers/0/activation",
        {"inputs": X, "layers": [{"weights": [[1], [2], [3]], "activation": "sigmoidal"}]}),
    row("unknown-field", 422, "/layers/0/weight",
        {"inputs": X, "layers": [{"weights": [[1], [2], [3]], "weight": 1}]}),
    row("unknown-field", 422, "/input", {**NAMED, "input": 1}),
    row("unknown-kind", 422, "/layers/0/kind", {"inputs": X, "layers": [{"kind": "maxpool"}], "input": {"shape": [3]}}),
    row("unknown-layer", 422, "/layers/0/inputs/0",
        {"inputs": X, "layers": [{"kind": "relu", "inputs": ["edges"]}], "input": {"shape": [3]}}),
    row("unknown-network", 404, "/network", {**NAMED, "network": "multilayers"}),
    row("unknown-network", 404, "/network", method="GET", path=f"/api/v1/networks/{'0' * 64}"),
    row("unsupported-device", 422, "/device", {**NAMED, "device": "tpu"}),
    row("unsupported-dtype", 422, "/dtype", {**NAMED, "dtype": "int8"}),
    row("missing-field", 422, "/inputs", {"network": "multilayer"}),
    row("invalid-value", 422, "/return", {**NAMED, "return": "everything"}),
    row("unsupported-file", 415, "", b"\x80\x04K\x01.", path="/api/v1/networks", kind=FILE),
    row("unsupported-file", 415, "", b"\x08\0\0\0\0\0\0\0nothing.", path="/api/v1/networks", kind=FILE),
    row("unsupported-file", 422, "/layers/0/weights", save({"layers.0.weights": torch.ones(1, 1).int()}),
        path="/api/v1/networks", kind=FILE),
    row("unsupported-media-type", 415, "", "a,b", kind="text/csv"),
    row("not-found", 404, None, method="GET", path="/api/v1/nothing"),
    row("method-not-allowed", 405, None, method="PUT"),
]  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("type", "status", "pointer", "body", "request_"),
    BAD_REQUESTS,
)
def test_bad_requests(
    client: TestClient, type: str, status: int, pointer: str | None, body: Any, request_: dict[str, Any], language: str
) -> None:
    content = json.dumps(body) if isinstance(body, dict) else body
    headers = {"Content-Type": request_["kind"], "Accept-Language": language}
    answer = client.request(request_["method"], request_["path"], content=content, headers=headers)
    check(client, answer, language, status, type, pointer)


@pytest.mark.parametrize("language", LANGUAGES)
def test_fractions_in_a_sentence_have_the_languages_decimal_mark(client: TestClient, language: str) -> None:
    body = {**NAMED, "inputs": [1, 3.5e38, 1]}
    problem = client.post("/api/v1/forward", json=body, headers={"Accept-Language": language}).json()
    assert f"3{get_decimal_symbol(language)}402823e+38" in problem["detail"]


def test_the_depth_that_is_allowed(client: TestClient) -> None:
    nested = '{"inputs": ' + "[" * 31 + "]" * 31 + "}"
    answer = client.post(FORWARD, content=nested, headers={"Content-Type": "application/json"})
    assert answer.json()["type"] != "/problems/invalid-json"


@pytest.mark.parametrize(
    ("body", "known"),
    [
        ({"inputs": X, "layers": [{"weights": [[1]], "activation": "x"}]}, list(ACTIVATIONS)),
        ({**NAMED, "input": 1}, ["layers", "network", "dtype", "device", "inputs", "return"]),
        (
            {"inputs": X, "layers": [{"weights": [[1]], "bias": 1}]},
            ["weights", "biases", "activation", "name", "layout", "kind", "inputs", "module", "source"],
        ),
        ({**NAMED, "network": "x"}, list(PRESET_NAMES)),
        ({**NAMED, "dtype": "x"}, ["float32", "float64", "bfloat16", "float16"]),
        ({**NAMED, "device": "x"}, ["auto", "cpu"]),
    ],
)
def test_what_is_unknown_is_told_with_what_is_known(client: TestClient, body: dict[str, Any], known: list[str]) -> None:
    error = client.post(FORWARD, json=body).json()["errors"][0]
    assert error["known"][: len(known)] == known
    assert ", ".join(known) in error["detail"]


def test_an_address_tells_every_method_that_it_has(client: TestClient) -> None:
    for path, methods in (
        (FORWARD, "POST"),
        ("/api/v1/presets", "GET, HEAD"),
        (f"/api/v1/networks/{'0' * 64}", "GET, HEAD, DELETE"),
        ("/v2", "GET, HEAD"),
        ("/static/page.css", "GET, HEAD"),
    ):
        for method in ("PATCH", "OPTIONS"):
            answer = client.request(method, path)
            assert (answer.status_code, answer.headers["allow"]) == (405, methods)


LAYERS = notebook.MULTILAYER["layers"]
SWEEP = {**NAMED, "vary": {"input": 0}, "from": 0, "to": 1}
GRID = {**NAMED, "x": {"input": 0, "from": 0, "to": 1}, "y": {"input": 1, "from": 0, "to": 1}}
KEPT = {"layers": [{"weights": [[0.5] * 40] * 40}]}


@pytest.mark.parametrize(
    ("setting", "least", "path", "body", "pointer"),
    [
        ("max_body_bytes", 3074, "forward", b" " * 3000 + json.dumps(NAMED).encode(), ""),
        ("max_parameters", 11, "forward", {"inputs": X, "layers": LAYERS}, ""),
        ("max_parameters", 11, "networks", {"layers": LAYERS}, ""),
        ("max_parameters", 11, "random", {"sizes": [3, 2, 1], "seed": 1}, "/sizes"),
        ("max_layers", 2, "forward", {"inputs": X, "layers": LAYERS}, ""),
        ("max_layers", 2, "random", {"sizes": [3, 2, 1], "seed": 1}, "/sizes"),
        ("max_batch", 5, "forward", {**NAMED, "inputs": [X] * 5}, ""),
        ("max_activations", 15, "forward", {**NAMED, "inputs": [X] * 5}, ""),
        ("max_sweep_steps", 9, "sweep", {**SWEEP, "steps": 9}, "/steps"),
        ("max_grid_steps", 9, "grid", {**GRID, "steps": 9}, "/steps"),
        ("max_derived_values", 36, "sweep", {**SWEEP, "steps": 9}, "/steps"),
        ("max_derived_values", 261, "grid", {**GRID, "steps": 9}, "/steps"),
        ("max_derived_values", 14, "explain", NAMED, "/gradients"),
        ("max_listed_values", 8, "explain", NAMED, "/target"),
        ("max_listed_values", 14, "code", {**NAMED, "language": "json"}, ""),
        ("store_max_bytes", 7056, "networks", KEPT, ""),
    ],
)
def test_what_is_too_large_is_served_where_the_setting_that_it_names_is_raised(
    setting: str, least: int, path: str, body: Any, pointer: str
) -> None:
    content = body if isinstance(body, bytes) else json.dumps(body)

    def post(client: TestClient, language: str) -> Any:
        headers = {"Content-Type": "application/json", "Accept-Language": language}
        return client.post(f"/api/v1/{path}", content=content, headers=headers)

    with TestClient(create_app(Settings.model_validate({setting: least - 1}))) as client:
        for language in LANGUAGES:
            problem = check(client, post(client, language), language, 413, "too-large", pointer)
            error = problem["errors"][0]
            assert (error["limit"], error["setting"]) == (least - 1, f"ADELANTE_{setting.upper()}")
            assert grouped(least - 1) in error["detail"]
    with TestClient(create_app(Settings.model_validate({setting: least}))) as client:
        assert post(client, "en").status_code in (200, 201)


@pytest.fixture
def occupied(request: pytest.FixtureRequest) -> Iterator[TestClient]:
    """A server whose only worker is at work until the test is over, and which has room for one more."""
    with TestClient(create_app(Settings(queue_length=1, pass_timeout_seconds=0.1))) as client:
        compute, release = client.app.compute, threading.Event()  # type: ignore[attr-defined]

        async def occupy() -> None:
            for _ in range(request.param):
                compute._submit(partial(release.wait, 20))

        assert client.portal
        # What is learnt at the start has the worker at first.
        while compute.expensive:
            time.sleep(0.01)
        client.portal.call(occupy)
        yield client
        release.set()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("occupied", "type"), [(1, "timeout"), (2, "busy")], indirect=["occupied"])
def test_a_pass_that_waits_too_long_and_a_queue_that_is_full(occupied: TestClient, type: str, language: str) -> None:
    # Twice: what waited too long has left the queue.
    for _ in range(2):
        answer = occupied.post("/api/v1/random", json=EXPENSIVE, headers={"Accept-Language": language})
        check(occupied, answer, language, 503, type, None)
        assert int(answer.headers["retry-after"]) >= 1
    assert occupied.post(FORWARD, json=NAMED).status_code == 200


def exchanged(messages: list[Any], **settings: Any) -> tuple[int, dict[str, str], Any]:
    """What the application answers to these messages, after which no more come."""
    app = create_app(Settings(**settings))
    sent: list[Any] = []

    async def receive() -> Any:
        if messages:
            return messages.pop(0)
        await asyncio.sleep(20)
        raise AssertionError("nobody waits that long")

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": FORWARD,
        "raw_path": FORWARD.encode(),
        "query_string": b"",
        "headers": [(b"host", b"here"), (b"accept-language", b"es"), (b"content-type", b"application/json")],
        "scheme": "http",
        "server": ("here", 80),
    }
    asyncio.run(app(scope, receive, send))
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], headers, json.loads(sent[1]["body"])


def test_a_body_that_does_not_arrive() -> None:
    part = {"type": "http.request", "body": b'{"inputs":', "more_body": True}
    status, headers, problem = exchanged([part], body_timeout_seconds=0.05)
    assert (status, problem["type"], problem["errors"][0]["pointer"]) == (408, "/problems/body-timeout", "")
    assert problem["title"] == translate("es", "problem.body-timeout.title")
    assert "0,05" in problem["detail"]
    assert headers["connection"] == "close"


def test_a_client_that_leaves() -> None:
    part = {"type": "http.request", "body": b'{"inputs":', "more_body": True}
    status, _, problem = exchanged([part, {"type": "http.disconnect"}])
    assert (status, problem["type"]) == (400, "/problems/bad-request")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", [FORWARD, "/api/v1/presets"])
def test_a_fault_of_the_server_tells_nothing_of_its_inside(
    monkeypatch: pytest.MonkeyPatch, path: str, language: str
) -> None:

    def broken(*_: Any, **__: Any) -> Any:
        raise RuntimeError("a secret")

    monkeypatch.setattr("app.api.routes.forward.fast_request", broken)
    monkeypatch.setattr("app.api.routes.catalog.preset_list", broken)
    with TestClient(create_app(Settings()), raise_server_exceptions=False) as client:
        body = NAMED if path == FORWARD else None
        answer = client.request("POST" if body else "GET", path, json=body, headers={"Accept-Language": language})
        check(client, answer, language, 500, "internal", None)
        assert "secret" not in answer.text


def test_a_representation_that_is_not_offered() -> None:
    # No operation refuses an Accept header now; what the framework would raise has its type all the same.
    assert problem_of(HTTPException(406)).type == "not-acceptable"


@pytest.mark.parametrize(
    "fault", [Fault("busy", "apart-not-started", ""), Fault("store-unavailable", "store-full", "")]
)
def test_what_the_server_lacks_for_now_says_when_to_ask_again(fault: Fault) -> None:
    problem = problem_of(NetworkError(fault))
    assert (status_of(problem.type, problem.faults), problem.headers) == (503, {"Retry-After": "1"})


@pytest.mark.parametrize("path", ["/api/v1/no%3Fthing", "/api/v1/nada%C3%B1"])
def test_the_instance_is_the_address_that_was_asked(client: TestClient, path: str) -> None:
    assert client.get(path).json()["instance"] == path


def test_every_type_of_problem_has_its_test() -> None:
    alone = {"too-large", "timeout", "busy", "body-timeout", "bad-request", "internal", "not-acceptable"}
    # In routes/test_datasets.py.
    alone |= {"unknown-data-set"}
    # In routes/test_uploads.py.
    alone |= {"unknown-upload", "upload-offset"}
    # In test_guard.py and test_rates.py.
    alone |= {"key-needed", "too-many-requests"}
    # In test_admission.py and tests/store.
    alone |= {"origin-not-allowed", "unknown-host", "upgrade-required", "store-unavailable"}
    assert {each.values[0] for each in BAD_REQUESTS} | alone == set(STATUSES)
