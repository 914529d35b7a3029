"""docs/api.md and docs/interfaz.md name every operation there is, and their examples are answered."""

import json
import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient

DOCS = Path(__file__).parents[2] / "docs"
PAGES = ("api.md", "interfaz.md")


@pytest.mark.parametrize("name", PAGES)
def test_every_operation_is_on_the_page(client: TestClient, name: str) -> None:
    text = (DOCS / name).read_text()
    paths = client.get("/api/v1/openapi.json").json()["paths"]
    there = {f"{method.upper()} {path}" for path, operations in paths.items() for method in operations}
    named = set(re.findall(r"`((?:GET|POST|DELETE) [^`…]+)`", text))
    # The socket is no operation of OpenAPI; Open Inference has one line for all of its own.
    assert named - {"GET /api/v1/live"} == {each for each in there if not re.search(r" /v2(?!/health)", each)}


@pytest.mark.parametrize("name", PAGES)
def test_its_examples_are_answered(client: TestClient, name: str) -> None:
    found = re.findall(r"8000(/\S+) .*? -d '(.*?)'", (DOCS / name).read_text(), re.DOTALL)
    assert len(found) == 3
    for path, body in found:
        answer = client.post(path, json=json.loads(body))
        assert answer.status_code == 200, answer.text
    assert client.post(found[0][0], json=json.loads(found[0][1])).json()["outputs"][0] > 0.9


def test_the_page_about_the_socket_says_the_same_in_both_languages() -> None:
    """Every command, watch, array and limit of the one stands in the other."""
    english, spanish = ((DOCS / name).read_text() for name in ("live.md", "en-vivo.md"))
    names = set(re.findall(r'"(\w+)"', english)) | set(re.findall(r"`\.?([\w.]+)`", english))
    for name in sorted(names):
        assert name.replace("NAME", "NOMBRE") in spanish, name
    assert english.count("\n| ") == spanish.count("\n| ")
