"""The address of every preset, in both languages: what page comes, and what it is told of the preset."""

import json
import re
from html import unescape
from typing import Any

import pytest
from starlette.testclient import TestClient

from adelante.locale import LANGUAGES, translate
from adelante.network.presets import CHAIN_NAMES, PRESET_NAMES, preset_named


def told(client: TestClient, address: str) -> dict[str, Any]:
    """What the page hands to its script."""
    answer = client.get(address)
    assert answer.status_code == 200, answer.text
    found = re.search(r'<script[^>]*id="studio-data"[^>]*>(.*?)</script>', answer.text, re.DOTALL)
    assert found is not None
    data: dict[str, Any] = json.loads(found[1])
    return data


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("query", ["preset", "network"])
@pytest.mark.parametrize("name", PRESET_NAMES)
def test_every_preset_has_its_address(client: TestClient, name: str, query: str, language: str) -> None:
    data = told(client, f"/{language}/?{query}={name}")
    found = data["preset"] if name in CHAIN_NAMES else data["network"]["preset"]
    assert found["name"] == name
    assert unescape(found["title"]) == translate(language, f"preset.{name}.title")
    assert len(found["class_names"]) == len(preset_named(name).class_names)
    listed = next(each for each in data["presets"] if each["name"] == name)
    assert listed["data_set"] == preset_named(name).data_set


def test_one_that_is_no_chain_is_asked_for_as_a_network(client: TestClient) -> None:
    answer = client.get("/es/?preset=digits", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (302, "?network=digits")
    assert client.get("/es/embed?preset=sorting").url.query == b"network=sorting"
    # A name that was mistyped is no silent other network.
    answer = client.get("/es/?preset=iriss%0D%0A%26x", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (302, "?network=iriss%0D%0A%26x")
