"""One verdict on a request to /forward, whichever way it came in and whoever read it, under every limit."""

import asyncio
import json
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from app.api.http.front import Application
from app.main import create_app
from app.settings import Settings
from tests import notebook
from tests.api.read.test_fast_forward import documents
from tests.long import examples

LIMITS: list[dict[str, Any]] = [
    {},
    {"max_body_bytes": 1024},
    {"max_depth": 4},
    {"max_depth": 5},
    {"max_layers": 1},
    {"max_batch": 1},
    {"max_parameters": 6},
    {"max_activations": 6},
]
PLAIN = ((b"host", b"here"), (b"content-type", b"application/json"))
JSON = {"Content-Type": "application/json"}
Verdict = tuple[int, Any]


@cache
def application(k: int) -> Application:
    app = create_app(Settings(**LIMITS[k]))
    assert isinstance(app, Application)
    return app


def verdict(status: int, body: bytes) -> Verdict:
    """The status, and the problem's type or the whole answer."""
    return status, body if status == 200 else json.loads(body)["type"]


def asked(app: Application, body: bytes, size: int) -> Verdict:
    """The answer where the body comes in reads of this size."""
    chunks = [body[k : k + size] for k in range(0, len(body), size)] or [b""]
    sent: list[Any] = []

    async def receive() -> Any:
        if not chunks:
            # The client stays: there is nothing more to hear of it.
            await asyncio.Event().wait()
        return {"type": "http.request", "body": chunks.pop(0), "more_body": bool(chunks)}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/api/v1/forward",
        "raw_path": b"/api/v1/forward",
        "query_string": b"",
        "headers": list(PLAIN),
        "scheme": "http",
        "server": ("here", 80),
    }
    asyncio.run(app(scope, receive, send))
    return verdict(sent[0]["status"], sent[1]["body"])


def check(k: int, body: bytes) -> Verdict:
    """The verdict, once it is sure that there is only one."""
    app = application(k)
    whole = asked(app, body, max(1, len(body)))
    assert asked(app, body, max(1, len(body) // 3)) == whole
    shortcut = app.answer_now("POST", "/api/v1/forward", list(PLAIN), body)
    if shortcut is not None:
        assert verdict(shortcut.status_code, shortcut.body) == whole
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("app.api.routes.forward.fast_request", lambda *_, **__: None)
        assert asked(app, body, max(1, len(body))) == whole
    return whole


PIECES = ['"', "\\", "é", "", "NaN", "1e999", "1e39", '"inputs":1,', "null", "true", "[[1]],"]
BROKEN = st.sampled_from([*"[]01,{}e- :", *PIECES])


@given(st.integers(0, len(LIMITS) - 1), documents(), st.sampled_from([0, 900, 3000, 70_000]), st.data())
@settings(max_examples=examples(50, 150))
def test_every_entrance_and_every_reader_gives_one_verdict(
    k: int, document: dict[str, Any], padding: int, data: st.DataObject
) -> None:
    text = json.dumps(document)
    for _ in range(data.draw(st.integers(0, 2))):
        place = data.draw(st.integers(0, len(text)))
        text = text[:place] + data.draw(BROKEN) + text[place + data.draw(st.integers(0, 2)) :]
    check(k, text.encode() + b" " * padding)


LAYER = '{"weights":[[1,2],[3,4]],"biases":[1,2]}'
EDGES = {
    "a good one": (200, json.dumps(notebook.MULTILAYER)),
    "5 kB of blanks": (200, json.dumps(notebook.MULTILAYER) + " " * 5000),
    "100 kB of blanks": (200, json.dumps(notebook.MULTILAYER) + " " * 100_000),
    "5 MB of blanks": (200, json.dumps(notebook.MULTILAYER) + " " * 5_000_000),
    "a byte order mark": (200, "\ufeff" + json.dumps(notebook.MULTILAYER)),
    "seven layers": (200, '{"inputs":[1,2],"layers":[' + ",".join([LAYER] * 7) + "]}"),
    "5,000 layers": (413, '{"inputs":[1,2],"layers":[' + ",".join([LAYER] * 5000) + "]}"),
    "5,000 layers and a wrong field": (413, '{"inputs":[1,2],"layers":[' + ",".join([LAYER] * 5000) + '],"x":1}'),
    "30,000 rows": (200, '{"inputs":[' + ",".join(["[1,2]"] * 30_000) + '],"layers":[' + LAYER + "]}"),
    "70,000 rows": (413, '{"inputs":[' + ",".join(["[1,2]"] * 70_000) + '],"layers":[' + LAYER + "]}"),
    "70,000 rows, one short": (422, '{"inputs":[' + ",".join(["[1,2]"] * 70_000) + ',[1]],"layers":[' + LAYER + "]}"),
    "50 keys that nobody knows": (422, "{" + ",".join(f'"k{i}":0' for i in range(50)) + "}"),
    "5,000 keys that nobody knows": (422, "{" + ",".join(f'"k{i}":0' for i in range(5000)) + "}"),
    "20,000 keys, one twice": (400, "{" + ",".join(f'"k{i}":0' for i in range(20_000)) + ',"k0":0}'),
}


@pytest.mark.parametrize("name", EDGES)
def test_requests_at_the_edges_of_the_readers(name: str) -> None:
    status, text = EDGES[name]
    assert check(0, text.encode())[0] == status


@pytest.mark.parametrize("name", ["5 kB of blanks", "100 kB of blanks", "5 MB of blanks", "5,000 layers"])
def test_a_limit_on_the_body_holds_at_every_entrance(name: str) -> None:
    assert check(1, EDGES[name][1].encode()) == (413, "/problems/too-large")


@pytest.mark.parametrize("path", ["tensors", "forward", "random"])
@pytest.mark.parametrize("inner", ["[null, null]", "7", '"text"', "null", "[]", "{}"])
def test_what_stands_where_an_object_should_is_refused_in_words(client: TestClient, path: str, inner: str) -> None:
    field = {"tensors": "steps", "forward": "layers", "random": "sizes"}[path]
    answer = client.post(f"/api/v1/{path}", content=f'{{"{field}": [{inner}]}}', headers=JSON)
    assert answer.status_code == 422


def test_many_faults_are_told_up_to_a_hundred(client: TestClient) -> None:
    text = json.dumps({**notebook.MULTILAYER, **{f"k{i}": 0 for i in range(5000)}}).encode()
    problem = client.post("/api/v1/forward", content=text, headers=JSON).json()
    assert (problem["type"], len(problem["errors"])) == ("/problems/unknown-field", 100)
