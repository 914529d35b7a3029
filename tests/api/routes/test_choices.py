"""Files that can be read in two ways are asked about, over HTTP: the questions as data, the answers back."""

import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
import torch
from safetensors.torch import save
from starlette.testclient import TestClient
from torch import nn

from app.main import create_app
from app.settings import Settings
from tests.apart import read_here  # noqa: F401

URL = "/api/v1/networks"
FILE = {"Content-Type": "application/vnd.safetensors"}
SWAP = torch.tensor([[0.0, 1.0], [1.0, 0.0]])
OPEN = save(
    {
        "alpha.weight": torch.tensor([[2.0, 0.0], [0.0, 1.0]]),
        "beta.weight": SWAP,
        "beta.bias": torch.tensor([1.0, -1.0]),
        "gamma.weight": torch.tensor([[1.0, 3.0]]),
        "gamma.bias": torch.tensor([0.5]),
    }
)
HEADS = save({f"{head}.{k}.weight": torch.eye(2) * (k + len(head)) for head in ("actor", "critic") for k in (0, 2)})


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    with TestClient(create_app(Settings())) as client:
        yield client


def outputs(client: TestClient, kept: dict[str, Any], inputs: list[float]) -> Any:
    return client.post("/api/v1/forward", json={"network": kept["id"], "inputs": inputs}).json()["outputs"]


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_order_is_asked_with_shapes_and_each_option_is_an_answer(client: TestClient, language: str) -> None:
    refused = client.post(URL, content=OPEN, headers={**FILE, "Accept-Language": language})
    problem = refused.json()
    assert (refused.status_code, problem["type"]) == (422, "/problems/unsupported-file")
    (question,) = problem["choices"]
    assert question["name"] == "order"
    assert question["layers"] == [
        {"name": "alpha", "kind": "dense", "shape": [2, 2], "head": None},
        {"name": "beta", "kind": "dense", "shape": [2, 2], "head": None},
        {"name": "gamma", "kind": "dense", "shape": [2, 1], "head": None},
    ]
    assert question["options"] == [["alpha", "beta", "gamma"], ["beta", "alpha", "gamma"]]
    for option, right in zip(question["options"], (21.5, 18.5), strict=True):
        params = {"choices": json.dumps({"order": option})}
        answer = client.post(URL, params=params, content=OPEN, headers=FILE)
        assert answer.status_code in (200, 201)
        assert outputs(client, answer.json(), [3, 5]) == [right]
        form = client.post(URL, files={"file": ("x", OPEN)}, data={"choices": json.dumps({"order": option})})
        assert form.json() == answer.json()


@pytest.mark.usefixtures("read_here")
def test_a_state_dict_is_asked_about_as_safetensors_are(client: TestClient) -> None:
    generator, discriminator = nn.Linear(2, 3), nn.Linear(3, 1)
    networks = {"generator": generator.state_dict(), "discriminator": discriminator.state_dict()}
    file = io.BytesIO()
    torch.save({**networks, "epoch": 7}, file)
    sent = {"file": ("gan.pth", file.getvalue())}
    problem = client.post(URL, files=sent).json()
    question = problem["choices"][0]
    assert (question["name"], question["options"]) == ("head", ["discriminator", "generator"])
    assert [each["detail"] for each in problem["errors"]] == [problem["detail"]]
    kept = client.post(URL, files=sent, data={"choices": json.dumps({"head": "generator"})}).json()
    with torch.no_grad():
        right = generator(torch.tensor([1.0, 2.0])).tolist()
    assert outputs(client, kept, [1, 2]) == pytest.approx(right)


def test_the_head_is_asked_and_what_was_left_out_is_said(client: TestClient) -> None:
    (question,) = client.post(URL, content=HEADS, headers=FILE).json()["choices"]
    assert (question["name"], question["options"]) == ("head", ["actor", "critic"])
    assert {each["name"]: each["head"] for each in question["layers"]} == {
        f"{head}.{k}": head for head in ("actor", "critic") for k in (0, 2)
    }
    for head, factor in (("actor", 5 * 7), ("critic", 6 * 8)):
        kept = client.post(f'{URL}?choices={{"head":"{head}"}}', content=HEADS, headers=FILE).json()
        assert outputs(client, kept, [1, 2]) == [factor, 2 * factor]
        left, assumed = kept["notes"]
        assert (left["code"], left["choice"]) == ("layers-left-out", None)
        assert ("critic" if head == "actor" else "actor") in left["detail"]
        assert (assumed["code"], assumed["choice"]) == ("activations-assumed", "activation")


def test_an_answer_says_what_else_could_be_chosen(client: TestClient) -> None:
    named = save({"fc_in.weight": SWAP, "fc_out.weight": torch.eye(2)})
    kept = client.post(URL, content=named, headers=FILE).json()
    assert [(note["code"], note["choice"]) for note in kept["notes"]] == [
        ("order-by-names", "order"),
        ("activations-assumed", "activation"),
    ]
    assert [question["name"] for question in kept["choices"]] == ["order", "activation"]
    assert kept["choices"][0]["options"] == [["fc_in", "fc_out"], ["fc_out", "fc_in"]]
    assert kept["choices"][1]["options"][0] == ["relu", "identity"]
    answers = {question["name"]: question["options"][0] for question in kept["choices"]}
    chosen = client.post(URL, params={"choices": json.dumps(answers)}, content=named, headers=FILE).json()
    assert (chosen["notes"], chosen["choices"]) == ([], [])
    assert [layer["activation"] for layer in chosen["layers"]] == ["relu", "identity"]


@pytest.mark.parametrize("query", ["activation=relu", "activation=identity,relu,relu", 'choices={"activation":"relu"}'])
def test_activations_of_a_network_with_batch_norms(client: TestClient, query: str) -> None:
    torch.manual_seed(2)
    model = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3), nn.ReLU(), nn.Linear(3, 1), nn.ReLU()).eval()
    kept = client.post(f"{URL}?{query}", content=save(model.state_dict()), headers=FILE).json()
    assert [note["code"] for note in kept["notes"]] == ["batch-norm-kept"]
    found = outputs(client, kept, [0.5, -2])
    torch.testing.assert_close(torch.tensor(found), model(torch.tensor([[0.5, -2.0]]))[0])


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("choices=order", "/choices"),
        ("choices=[1]", "/choices"),
        ('choices={"order":["alpha","delta"]}', "/choices/order"),
        ('choices={"head":"actor"}', "/choices/head"),
        ('choices={"way":"up"}', "/choices"),
        ('choices={"order":["gamma","alpha","beta"]}', "/layers/1/weights"),
    ],
)
def test_answers_that_are_none(client: TestClient, query: str, pointer: str) -> None:
    refused = client.post(f"{URL}?{query}", content=OPEN, headers=FILE)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == pointer


def test_what_says_all_has_nothing_to_choose(client: TestClient) -> None:
    layers = {"layers": [{"weights": [[1]]}]}
    refused = client.post(f'{URL}?choices={{"order":["0"]}}', json=layers)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/choices/order")


@pytest.mark.parametrize(
    "data", [{"choices": ["{}", "{}"]}, {"choices": "x" * (1 << 20) + "y"}, {"choices": "nothing"}]
)
def test_forms_with_other_choices(client: TestClient, data: dict[str, Any]) -> None:
    refused = client.post(URL, files={"file": ("x", OPEN)}, data=data)
    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/invalid-value")
