"""The log: a line for each request, with its id, in both forms, and never a body, a weight or an address."""

import json
import logging
import logging.config
import struct
from pathlib import Path
from typing import Any

import orjson
import pytest
import requests
from websockets.sync.client import connect

from app.logs import FIELDS, REQUEST_ID, ConsoleFormatter, JsonFormatter, configuration, told_exception
from tests.cli.test_process import serving_soon

# Digits of every number that clients send below; a part of them would be enough.
SECRET = "31415926"
NUMBER = float(f"0.{SECRET}")
NETWORK: dict[str, Any] = {
    "layers": [{"weights": [[NUMBER]], "biases": [NUMBER], "activation": "relu"}],
    "inputs": [NUMBER],
}
ID = {"X-Request-Id": "lesson-7"}


def talk(url: str) -> None:
    """Requests and a live session, good ones and bad ones, all of which hold the secret."""
    api = f"{url}/api/v1"
    json_type = {"Content-Type": "application/json"}
    requests.post(f"{api}/forward", json=NETWORK, headers=ID, timeout=20)
    requests.post(f"{api}/explain", json=NETWORK, timeout=20)
    requests.post(f"{api}/networks", json={"layers": NETWORK["layers"]}, timeout=20)
    requests.post(f"{api}/networks", data=SECRET.encode() * 9, headers={"Content-Type": "x/y"}, timeout=20)
    for body in (f'{{"layers": {SECRET}', f'{{"layers": [{{"weights": [["{SECRET}"]]}}], "inputs": [1]}}', SECRET):
        requests.post(f"{api}/forward", data=body, headers=json_type, timeout=20)
        requests.post(f"{url}/v2/models/xor/infer", data=body, headers=json_type, timeout=20)
    requests.get(f"{url}/nothing/at/{SECRET}?{SECRET}", timeout=20)
    requests.put(f"{url}/en/?network={SECRET}", timeout=20)
    with connect(f"{url.replace('http', 'ws')}/api/v1/live?key={SECRET}", additional_headers=ID) as socket:
        assert socket.response is not None
        assert socket.response.headers["X-Request-Id"] == "lesson-7"
        socket.send(orjson.dumps({"op": "open", "seq": 1, **NETWORK}).decode())
        socket.recv(timeout=20), socket.recv(timeout=20)
        socket.send(struct.pack("<II8sf", 2, 6, b"inputs", NUMBER))
        socket.send(orjson.dumps({"op": SECRET, "seq": 3}).decode())
        socket.recv(timeout=20)


@pytest.mark.parametrize("form", ["json", "console"])
def test_all_that_is_logged_of_a_server_that_says_most(form: str, tmp_path: Path) -> None:
    more = {"ADELANTE_LOG_LEVEL": "debug", "ADELANTE_LOG_FORMAT": form, "XDG_RUNTIME_DIR": str(tmp_path)}
    with serving_soon(tmp_path, "--port", "0", variables=more) as (process, address):
        talk(address)
        process.terminate()
        process.wait(20)
    text = (tmp_path / "told").read_text()
    assert SECRET[:6] not in text
    assert struct.pack("<f", NUMBER).hex(" ") not in text
    assert "lesson-7" in text
    if form == "console":
        assert "POST /api/v1/forward 200 in " in text
        return
    lines = [json.loads(line) for line in text.splitlines()]
    told = [(line.get("method"), line.get("route"), line.get("status")) for line in lines]
    for request in (
        ("POST", "/api/v1/forward", 200),
        ("POST", "/api/v1/forward", 400),
        ("POST", "/api/v1/networks", 201),
        ("GET", "other", 404),
        ("GET", "/api/v1/live", 101),
    ):
        assert request in told
    forward = lines[told.index(("POST", "/api/v1/forward", 200))]
    assert (forward["request_id"], forward["level"], forward["logger"]) == ("lesson-7", "info", "adelante.access")
    assert forward["time"].endswith("+00:00")
    assert 0 < forward["milliseconds"] < 20_000


def record(**more: object) -> logging.LogRecord:
    made = logging.LogRecord("adelante", logging.ERROR, "", 0, "It %s\n", ("failed",), None)
    made.__dict__.update(more)
    return made


def failure(error: Exception) -> Exception:
    try:
        try:
            raise KeyError(SECRET)
        except KeyError:
            raise error  # noqa: B904
    except Exception as raised:
        return raised


def test_an_exception_is_told_without_what_it_quotes() -> None:
    told = told_exception(failure(ValueError(f"could not convert {SECRET}")))
    assert SECRET not in told
    assert "ValueError" in told
    assert "KeyError" in told
    assert "test_logs.py" in told
    said = told_exception(failure(RuntimeError("mat1 and mat2 shapes cannot be multiplied (1x5 and 1x5)")))
    assert said.index("(1x5 and 1x5)") > 0
    for formatter in (JsonFormatter(), ConsoleFormatter("%(levelprefix)s %(message)s", use_colors=False)):
        error = failure(ValueError(SECRET))
        line = formatter.format(record(exc_info=(type(error), error, error.__traceback__)))
        assert SECRET not in line
        assert "failure" in line


def test_the_request_of_this_task_is_named() -> None:
    before = REQUEST_ID.set("mine")
    try:
        line = json.loads(JsonFormatter().format(record(**{FIELDS: {"status": 503}})))
        console = ConsoleFormatter("%(levelprefix)s %(message)s", use_colors=False).format(record())
    finally:
        REQUEST_ID.reset(before)
    assert (line["message"], line["request_id"], line["status"]) == ("It failed", "mine", 503)
    assert console.rstrip().endswith("[mine]")
    assert "request_id" not in json.loads(JsonFormatter().format(record()))


@pytest.mark.parametrize("form", ["json", "console"])
def test_the_configuration_is_one_that_python_takes(form: str) -> None:
    logging.config.DictConfigurator(configuration(form, "info"))
    assert configuration(form, "debug")["loggers"]["adelante"]["level"] == "DEBUG"
