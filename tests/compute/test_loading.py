"""What torch loads on demand is loaded by a thread: the event loop goes on."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.long import long

# A fresh process answers one request or command and tells what of torch the event loop imported meanwhile. What all of
# them import first one process has: each is forked from it.
ASKED = """
import json, os, sys, threading
from starlette.testclient import TestClient
from app.main import create_app
from app.settings import Settings

class Told:
    def find_spec(self, name, path=None, target=None):
        if threading.current_thread() is loop and name.split(".")[0] in ("torch", "sympy"):
            print(name, flush=True)
        elif name in never:
            print(name, flush=True)

for line in sys.stdin:
    child = os.fork()
    if child == 0:
        break
    print("status", os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
else:
    sys.exit()
body = json.loads(line)
never = body.pop("never", [])
with TestClient(create_app(Settings(store="memory://"))) as client:
    loop = client.portal.call(threading.current_thread)
    sys.meta_path.insert(0, Told())
    if "watch" in body:
        with client.websocket_connect("/api/v1/live") as session:
            watch = body.pop("watch")
            session.send_json({"op": "open", "seq": 1, **body})
            answered = session.receive()
            session.send_json({"op": "watch", "seq": 2, "watch": watch})
            while '"watching"' not in answered.get("text", ""):
                assert '"problem"' not in answered.get("text", ""), answered
                answered = session.receive()
            while "bytes" not in answered:
                answered = session.receive()
    else:
        route = "/api/v1/" + body.pop("route")
        answer = client.post(route, json=body) if body else client.get(route)
        assert answer.status_code < 300, answer.text
"""

PICTURE = [[[0.5] * 8] * 8]
CELL = {"kind": "explain", "cell": {"tensor": "layers.5.activations", "at": [0]}, "as": "why"}
# One of each layer's.
SHAPES = ((4, 8, 8), (8, 8, 8), (8, 8, 8), (8, 4, 4), (128,), (10,))
CELLS = [
    {"kind": "explain", "cell": {"tensor": f"layers.{k}.activations", "at": [0] * len(shape)}, "as": f"why{k}"}
    for k, shape in enumerate(SHAPES)
]


def chain(outputs: int, activation: str) -> dict[str, Any]:
    layers = [
        {"weights": [[0.1, 0.2]] * 3, "biases": [0, 0], "activation": activation},
        {"weights": [[0.3] * outputs] * 2, "biases": [0] * outputs, "activation": activation},
    ]
    return {"layers": layers, "inputs": [1, 2, 3]}


Asked = Callable[[dict[str, Any]], list[str]]


@pytest.fixture(scope="module")
def asked() -> Iterator[Asked]:
    """What it told about a request, and in the last line how it ended."""
    command = [sys.executable, "-c", ASKED]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        given, told = process.stdin, process.stdout

        def ask(body: dict[str, Any]) -> list[str]:
            print(json.dumps(body), file=given)
            lines: list[str] = []
            while not lines or not lines[-1].startswith("status "):
                lines.append(told.readline().rstrip("\n"))
                assert lines[-1], "the process ended"
            return lines

        yield ask


@pytest.mark.parametrize(
    "body",
    [
        {"route": "explain", **chain(1, "identity")},
        long({"route": "explain", **chain(20, "gelu")}),
        {"route": "networks", "layers": [{"kind": "relu"}], "input": {"shape": [2]}},
        long({"watch": [{"kind": "explain", "layer": 1, "neuron": 0}], **chain(1, "identity")}),
        {"watch": [{"kind": "gradients"}], **chain(20, "tanh")},
        {"watch": CELLS, "network": "digits-conv", "inputs": PICTURE},
        long({"route": "explain", "network": "digits-conv", "inputs": PICTURE, "target": CELL["cell"], "reach": True}),
    ],
    ids=[
        "explained",
        "slopes of many",
        "another kind",
        "explained live",
        "slopes of many, live",
        "cells, live",
        "a cell and what it depends on",
    ],
)
def test_the_first_of_its_kind_has_the_event_loop_load_nothing(body: dict[str, Any], asked: Asked) -> None:
    assert asked(body) == ["status 0"]


@pytest.mark.parametrize(("network", "after"), [("digits-conv", 1), ("sorting", 3)])
def test_what_layer_may_follow_is_told_without_what_takes_seconds_to_load(
    network: str, after: int, asked: Asked
) -> None:
    body = {"route": f"networks/{network}/additions?after={after}", "never": ["sympy", "torch._dynamo"]}
    assert asked(body) == ["status 0"]
