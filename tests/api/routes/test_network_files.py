"""GET /api/v1/networks/{id} by Accept: ONNX, torch's names, programs and what they read."""

import io
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
import torch
from safetensors.torch import load
from starlette.testclient import TestClient

from tests.adelante.code.test_files import ran
from tests.api.routes.test_code_of_every_kind import PICTURE, outputs

CHAIN = {
    "layers": [
        {"weights": [[1, -2], [0.5, 3], [0, 1]], "biases": [0.1, 0.2], "activation": "tanh"},
        {"weights": [[1], [2]], "biases": [-1], "activation": "sigmoid"},
    ],
    "inputs": [[1, 2, 3]],
}
NETWORKS: dict[str, dict[str, Any]] = {"chain": CHAIN, "picture": PICTURE}
ONNX, ZIP, PYTHON, SAFETENSORS = "application/onnx", "application/zip", "text/x-python", "application/vnd.safetensors"


def kept(client: TestClient, document: dict[str, Any]) -> str:
    network = {key: value for key, value in document.items() if key != "inputs"}
    id: str = client.post("/api/v1/networks", json=network).json()["id"]
    return f"/api/v1/networks/{id}"


def fetched(client: TestClient, at: str, accept: str, **query: str) -> Any:
    answer = client.get(at, headers={"Accept": accept}, params=query)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].partition(";")[0] == accept
    return answer


@pytest.mark.parametrize("name", NETWORKS)
def test_onnx_gives_what_forward_answers(client: TestClient, name: str) -> None:
    document = NETWORKS[name]
    answer = fetched(client, kept(client, document), ONNX, name="digits")
    assert answer.headers["content-disposition"] == 'attachment; filename="digits.onnx"'
    session = onnxruntime.InferenceSession(answer.content, providers=["CPUExecutionProvider"])
    inputs = np.array(document["inputs"], dtype=np.float32)
    inputs = inputs if name == "chain" else inputs[None]
    (found,) = session.run(None, {"inputs": inputs})
    np.testing.assert_allclose(found.reshape(-1), outputs(client, document).reshape(-1), rtol=1e-5)


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("language", ["pytorch", "numpy"])
def test_an_archive_holds_a_program_and_what_it_reads(
    client: TestClient, name: str, language: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = NETWORKS[name]
    at = kept(client, document)
    archive = fetched(client, at, ZIP, language=language, name="net").content
    assert archive == fetched(client, at, ZIP, language=language, name="net").content
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        files = {each: opened.read(each) for each in opened.namelist()}
    assert list(files) == ["net.py", "net.parameters.safetensors"]
    scope = ran(files, tmp_path, monkeypatch)
    inputs = torch.tensor(document["inputs"], dtype=torch.float32)
    inputs = inputs if name == "chain" else inputs.unsqueeze(0)
    if language == "pytorch":
        with torch.no_grad():
            found = scope["model"](inputs).numpy()
    else:
        found = scope["network"](inputs.numpy())
    np.testing.assert_allclose(found.reshape(-1), outputs(client, document).reshape(-1), rtol=1e-5)

    program = fetched(client, at, PYTHON, language=language, name="net")
    assert program.content == files["net.py"]
    (link,) = program.links.values()
    assert (link["rel"], link["title"]) == ("item", "net.parameters.safetensors")
    assert client.get(link["url"], headers={"Accept": link["type"]}).content == files[link["title"]]


def test_torchs_names(client: TestClient) -> None:
    at = kept(client, CHAIN)
    answer = fetched(client, at, SAFETENSORS, names="torch")
    assert set(load(answer.content)) == {"0.weight", "0.bias", "2.weight", "2.bias"}
    again = client.post("/api/v1/networks", content=answer.content, headers={"Content-Type": SAFETENSORS}).json()
    assert at.endswith(again["id"])


def test_the_kept_file_and_json_are_what_they_were(client: TestClient) -> None:
    at = kept(client, CHAIN)
    own = client.get(at, headers={"Accept": SAFETENSORS})
    assert own.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert own.headers["etag"] == f'"{at.rpartition("/")[2]}"'
    for accept in (None, "*/*", "text/html,application/xhtml+xml,*/*;q=0.8", "image/png"):
        assert (
            client.get(at, headers={"Accept": accept} if accept else {}).headers["content-type"] == "application/json"
        )


def test_what_is_made_is_known_again_by_its_tag(client: TestClient) -> None:
    at = kept(client, CHAIN)
    tags = set()
    for accept, query in ((ONNX, {}), (ZIP, {}), (ZIP, {"language": "numpy"}), (PYTHON, {}), (PYTHON, {"name": "a"})):
        headers = {"Accept": accept}
        tag = client.get(at, headers=headers, params=query).headers["etag"]
        tags.add(tag)
        again = client.get(at, headers={**headers, "If-None-Match": tag}, params=query)
        assert (again.status_code, again.content) == (304, b"")
    assert len(tags) == 5


def test_comments_are_in_the_readers_language(client: TestClient) -> None:
    headers = {"Accept": PYTHON, "Accept-Language": "es"}
    text = client.get(kept(client, CHAIN), headers=headers).text
    assert "# Pon tu propia entrada" in text


@pytest.mark.parametrize(("query", "pointer"), [({"names": "keras"}, "/names"), ({"language": "c"}, "/language")])
def test_a_parameter_that_is_not_known(client: TestClient, query: dict[str, str], pointer: str) -> None:
    answer = client.get(kept(client, CHAIN), params=query)
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert error["pointer"] == pointer


@pytest.mark.parametrize("name", ["../../etc/passwd", 'a"; x="', "ñ", "", "a" * 65])
def test_a_name_that_is_no_plain_word_is_not_used(client: TestClient, name: str) -> None:
    at = kept(client, CHAIN)
    found = fetched(client, at, ONNX, name=name).headers["content-disposition"]
    assert found == f'attachment; filename="{at.rpartition("/")[2][:12]}.onnx"'


def test_what_numpy_lacks_is_said(client: TestClient) -> None:
    at = kept(client, {**PICTURE, "dtype": "bfloat16"})
    answer = client.get(at, headers={"Accept": PYTHON}, params={"language": "numpy"})
    assert answer.json()["type"] == "/problems/unsupported-dtype"
    assert client.get("/api/v1/networks/" + "0" * 64, headers={"Accept": ONNX}).status_code == 404
