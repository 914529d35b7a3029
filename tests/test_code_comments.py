"""Generated programs speak the reader's language; their code is the same in each."""

import io
import tokenize

import pytest
import torch
from starlette.testclient import TestClient
from torch import nn

import adelante
from adelante.code.comments import ENGLISH
from adelante.code.dense import Language, Style
from adelante.code.text import generate
from adelante.locale import LANGUAGES, catalog
from adelante.network.activations import ACTIVATIONS
from adelante.network.dense.network import DenseLayer, DenseNetwork
from adelante.network.network import Network
from adelante.network.presets import preset_named
from app.code_comments import comments_in

SPANISH = comments_in("es")


def split(text: str) -> tuple[list[str], list[str]]:
    """A program's code, and its comments."""
    tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
    comments = [each.string for each in tokens if each.type == tokenize.COMMENT]
    passed_over = (tokenize.COMMENT, tokenize.NL)
    return [each.string for each in tokens if each.type not in passed_over], comments


def every_activation() -> DenseNetwork:
    return DenseNetwork(
        [DenseLayer(torch.full((2, 2), 0.3), torch.zeros(2), activation) for activation in ACTIVATIONS.values()]
    )


def convolution() -> Network:
    module = nn.Sequential(nn.Conv2d(1, 40, 7), nn.ReLU(), nn.Flatten(), nn.Linear(40 * 4, 2))
    return adelante.trace(module, torch.zeros(1, 1, 8, 8))


@pytest.mark.parametrize(("language", "style"), [("pytorch", "notebook"), ("pytorch", "module"), ("numpy", "notebook")])
@pytest.mark.parametrize("kind", ["dense", "convolution", "without parameters"])
def test_a_program_in_spanish_has_spanish_comments_and_the_same_code(
    kind: str, language: Language, style: Style
) -> None:
    network: Network = every_activation()
    inputs = torch.tensor([0.5, -0.5])
    if kind == "convolution":
        network, inputs = convolution(), torch.zeros(1, 8, 8)
    elif kind == "without parameters":
        network = adelante.trace(nn.Sequential(nn.ReLU()), torch.zeros(1, 2))
    english = generate(network, inputs, language, style=style)
    spanish = generate(network, inputs, language, style=style, say=SPANISH)
    assert split(spanish)[0] == split(english)[0]
    assert spanish != english
    starts = {text.partition("{")[0] for text in ENGLISH.values()}
    assert [each for each in split(spanish)[1] if each[2:].startswith(tuple(starts))] == []


def test_english_is_the_same_in_the_library_and_in_the_catalog() -> None:
    told = {key.removeprefix("code."): text for key, text in catalog("en").items() if key.startswith("code.")}
    assert told == ENGLISH


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_api_comments_in_the_language_that_is_asked_for(client: TestClient, language: str) -> None:
    asked = {"network": "multilayer", "inputs": [1, 0, -1], "language": "numpy"}
    answer = client.post("/api/v1/code", json=asked, headers={"Accept-Language": language})
    title = comments_in(language)("chain", sizes="3 - 2 - 1")
    assert answer.json()["source"].startswith(f"# {title}\n")
    assert answer.headers["Vary"] == "Accept, Accept-Language"


@pytest.mark.parametrize(("language", "style"), [("pytorch", "notebook"), ("pytorch", "module"), ("numpy", "notebook")])
def test_what_a_presets_numbers_are_called_stands_below_the_title(
    client: TestClient, language: Language, style: Style
) -> None:
    asked = {"network": "rain", "inputs": [80, -2], "language": language, "style": style}
    spanish = {"Accept-Language": "es"}
    text = client.post("/api/v1/code", json=asked, headers=spanish).json()["source"]
    assert text.splitlines()[1:4] == [
        "# Entradas: humedad (%), cambio de presión (hPa)",
        "# Salidas: lluvia",
        "# La salida va de 0, seco, a 1, lluvia.",
    ]
    layers = client.get("/api/v1/presets/rain").json()["layers"]
    bare = client.post("/api/v1/code", json={**asked, "layers": layers, "network": None}).json()["source"]
    assert split(text)[0] == split(bare)[0]
    assert "#" not in bare.splitlines()[1]
    # What stays on its line stays a comment, whoever named it.
    named = {"inputs": ["a\nimport os", "b"], "outputs": ["\u202ey"]}
    told = client.post("/api/v1/code", json={**asked, "names": named}).json()["source"]
    assert split(told)[0] == split(bare)[0]
    assert "# Inputs: a\\nimport os, b" in told
    # The notebook's program is as it was.
    assert (
        "Inputs:" not in client.post("/api/v1/code", json={**asked, "network": "multilayer", "inputs": [1, 0, 1]}).text
    )


@pytest.mark.parametrize("language", ["curl", "json"])
def test_a_request_says_no_names(client: TestClient, language: Language) -> None:
    asked = {"network": "rain", "inputs": [80, -2], "language": language}
    assert "humidity" not in client.post("/api/v1/code", json=asked).json()["source"]


def test_classes_of_a_picture_network_stand_in_its_program(client: TestClient) -> None:
    asked = {"network": "digits", "inputs": preset_named("digits").inputs.tolist(), "language": "pytorch"}
    source = client.post("/api/v1/code", json=asked).json()["source"]
    assert "# Outputs: 0, 1, 2, 3, 4, 5, 6, 7, 8, 9" in source.splitlines()[:4]
    assert "Inputs:" not in source
