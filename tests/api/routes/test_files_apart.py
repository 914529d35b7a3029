"""Files that are read apart, over HTTP: kept as any network, noted, and refused with the way out in both languages."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from starlette.testclient import TestClient
from torch import nn

from app.main import create_app
from app.settings import Settings
from tests.adelante.formats.apart.test_state_dict import CHAIN, saved
from tests.adelante.formats.exported.saving import saved as exported
from tests.adelante.modules import Factorials
from tests.apart import read_here  # noqa: F401

URL = "/api/v1/networks"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    store: Path = tmp_path_factory.mktemp("store")
    with TestClient(create_app(Settings(store=str(store), pass_timeout_seconds=300))) as client:
        yield client


def test_a_state_dict_is_kept_while_others_are_answered(client: TestClient) -> None:
    data = saved({"model": CHAIN.state_dict()})
    answers = []
    sending = threading.Thread(
        target=lambda: answers.append(client.post(f"{URL}?activation=relu,identity", files={"file": ("m.pth", data)}))
    )
    sending.start()
    beside = 0
    while sending.is_alive():
        assert client.get("/v2/health/live").status_code == 200
        beside += 1
        time.sleep(0.02)
    (answer,) = answers
    assert answer.status_code == 201, answer.text
    assert answer.json()["sizes"] == [5, 3, 2]
    assert [note["code"] for note in answer.json()["notes"]] == ["state-dict-part"]
    assert beside > 3
    x = torch.randn(5)
    asked = {"network": answer.json()["id"], "inputs": x.tolist(), "return": "outputs"}
    outputs = client.post("/api/v1/forward", json=asked).json()["outputs"]
    torch.testing.assert_close(torch.tensor(outputs), CHAIN(x).detach())


@pytest.mark.usefixtures("read_here")
def test_a_program_is_refused_at_its_authors_line(client: TestClient) -> None:
    data = exported(nn.Sequential(nn.Linear(3, 3), Factorials()), [torch.randn(2, 3)])
    answer = client.post(URL, files={"file": ("m.pt2", data)}, headers={"Accept-Language": "es"})
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert "usa lgamma, que no está en la lista de operaciones" in error["detail"]
    assert "return torch.lgamma(x)" in error["detail"]
