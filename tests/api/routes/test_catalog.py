"""What can be named in a request, and the probes."""

import torch
from starlette.testclient import TestClient

from adelante.network.activations import ACTIVATIONS
from adelante.network.presets import CHAIN_NAMES, PRESET_NAMES


def test_presets(client: TestClient) -> None:
    listed = client.get("/api/v1/presets").json()["presets"]
    assert [preset["name"] for preset in listed] == list(PRESET_NAMES)
    chains = [preset for preset in listed if "sizes" in preset]
    assert [preset["name"] for preset in chains] == list(CHAIN_NAMES)
    assert all(len(preset["input_units"]) == preset["sizes"][0] for preset in chains)
    preset = client.get("/api/v1/presets/multilayer", headers={"Accept-Language": "es"}).json()
    assert preset["title"] == "Red multicapa"
    assert preset["input_names"] == ["x1", "x2", "x3"]
    assert [len(layer["biases"]) for layer in preset["layers"]] == [2, 1]
    missing = client.get("/api/v1/presets/nope")
    assert (missing.status_code, missing.json()["type"]) == (404, "/problems/unknown-network")


def test_each_preset_says_what_to_look_for_and_how_well_it_knows_it(client: TestClient) -> None:
    for language, longer, only in (("en", "100% with 64 bits", "6 digits"), ("es", "con 64 bits", "6 cifras")):
        listed = client.get("/api/v1/presets", headers={"Accept-Language": language}).json()["presets"]
        told = {each["name"]: each for each in listed}
        assert {name for name, each in told.items() if not each["known_in_words"]} == {
            "multilayer",
            "one-neuron",
            "xor",
        }
        assert all(each["description"] for each in listed)
        assert longer in told["parity"]["known_in_words"].replace("\xa0", " ")
        assert only in told["sorting"]["known_in_words"]
        assert told["iris"]["class_names"] == ["setosa", "versicolor", "virginica"]
        whole = client.get("/api/v1/presets/rain", headers={"Accept-Language": language}).json()
        assert whole["known_in_words"] == told["rain"]["known_in_words"]
        share = f"{100 * whole['known']['limit']:.2f}".replace(".", "," if language == "es" else ".")
        assert share in whole["known_in_words"]


def test_activations(client: TestClient) -> None:
    listed = client.get("/api/v1/activations").json()["activations"]
    assert [each["name"] for each in listed] == list(ACTIVATIONS)
    assert {"identity", "sigmoid", "tanh", "relu", "softmax"} <= set(ACTIVATIONS)


def test_device(client: TestClient) -> None:
    device = client.get("/api/v1/device").json()
    assert device["devices"][0] == "cpu"
    assert device["torch"] == torch.__version__
    assert device["limits"]["batch"] == 65536


def test_probes_and_documentation(client: TestClient) -> None:
    assert client.get("/v2/health/live").json() == {"live": True}
    assert client.get("/v2/health/ready").json() == {"ready": True}
    paths = client.get("/api/v1/openapi.json").json()["paths"]
    assert "requestBody" in paths["/api/v1/forward"]["post"]
    assert client.get("/api/docs").status_code == 200
