"""GET /api/v1/operations: the whole registry, and nothing that a layer could not say."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from adelante.formats.json.options import options_of
from adelante.network.edits.proposals import PROPOSED
from adelante.network.operations import OPERATIONS, operation_named

URL = "/api/v1/operations"


def listed(client: TestClient, language: str = "en") -> dict[str, dict[str, Any]]:
    answer = client.get(URL, headers={"Accept-Language": language})
    return {each["kind"]: each for each in answer.json()["operations"]}


def test_it_is_the_whole_registry_in_its_order(client: TestClient) -> None:
    found = listed(client)
    assert list(found) == list(OPERATIONS)
    for kind, each in found.items():
        assert [option["name"] for option in each["options"]] == list(options_of(kind))
        assert all(operand["shape"] for operand in each["operands"])


def test_what_it_says_of_a_convolution(client: TestClient) -> None:
    convolution = listed(client)["conv2d"]
    assert convolution["form"] == "sum-of-products"
    assert convolution["operands"] == [
        {"name": "inputs", "shape": "(batch, in_channels, height, width)", "required": True},
        {
            "name": "weights",
            "shape": "(out_channels, in_channels / groups, kernel_height, kernel_width)",
            "required": True,
        },
        {"name": "biases", "shape": "(out_channels,)", "required": False},
    ]
    padding = next(each for each in convolution["options"] if each["name"] == "padding")
    assert padding["schema"]["default"] == 0
    assert {"type": "string", "enum": ["valid", "same"]} in padding["schema"]["anyOf"]


def test_functions_have_their_formula_and_numbers_their_option(client: TestClient) -> None:
    found = listed(client)
    assert found["leaky_relu"]["formula"] == "x if x > 0 else {negative_slope} · x"
    assert found["leaky_relu"]["activation"]
    assert not found["conv2d"]["activation"]
    assert found["maximum"]["formula"] == "the larger of x and y"
    assert found["add"]["operands"][1]["instead"] == "scalar"
    assert found["cat"]["repeats"]


def test_defaults_are_those_that_the_operations_have(client: TestClient) -> None:
    for kind, each in listed(client).items():
        if any(option["required"] for option in each["options"]):
            with pytest.raises(TypeError):
                operation_named(kind)
        else:
            assert operation_named(kind).kind == kind


def test_rules_are_told_in_both_languages(client: TestClient) -> None:
    english, spanish = (listed(client, language)["relu"]["operands"][0]["shape"] for language in ("en", "es"))
    assert (english, spanish) == ("any shape", "cualquier forma")


def test_of_what_the_page_proposes_it_says_what_it_does_in_both_languages(client: TestClient) -> None:
    for language in ("en", "es"):
        known = listed(client, language)
        assert [kind for kind in PROPOSED if not {"says", "formula"} & known[kind].keys()] == []
        assert known["max_pool1d"]["says"] == known["max_pool3d"]["says"]
    assert known["max_pool2d"]["says"] == "el mayor número de cada ventana"
