"""--order, --head and --sizes: what a file leaves open, decided on the command line, which says how where it is not."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.torch
import torch

from tests.adelante.formats.onnx.models import with_open_steps
from tests.cli.conftest import Adelante


@pytest.fixture
def unordered(tmp_path: Path) -> Path:
    path = tmp_path / "unordered.safetensors"
    tensors = {
        "alpha.weight": torch.tensor([[2.0, 0.0], [0.0, 1.0]]),
        "beta.weight": torch.tensor([[0.0, 1.0], [1.0, 0.0]]),
        "beta.bias": torch.tensor([1.0, -1.0]),
        "gamma.weight": torch.tensor([[1.0, 3.0]]),
        "gamma.bias": torch.tensor([0.5]),
    }
    path.write_bytes(safetensors.torch.save(tensors))
    return path


def outputs(text: str | bytes) -> Any:
    return json.loads(text)["outputs"]


@pytest.mark.parametrize("language", ["en", "es"])
def test_each_option_that_is_shown_can_be_typed(adelante: Adelante, unordered: Path, language: str) -> None:
    refused = adelante("forward", unordered, "-i", "3,5", "--lang", language)
    assert refused.status == 1
    shown = [line.strip() for line in refused.err.splitlines() if line.strip().startswith("--order ")]
    assert shown == ["--order alpha,beta,gamma", "--order beta,alpha,gamma"]
    assert "alpha (2 → 2), beta (2 → 2), gamma (2 → 1)" in refused.err
    assert "choices" not in refused.err
    for option, right in zip(shown, (21.5, 18.5), strict=True):
        result = adelante("forward", unordered, "-i", "3,5", "--json", "--outputs", *option.split(" "))
        assert outputs(result.out) == [right]
        assert "activation" in result.err


def test_as_json_the_questions_are_data(adelante: Adelante, unordered: Path) -> None:
    refused = adelante("forward", unordered, "-i", "3,5", "--json")
    (question,) = json.loads(refused.err)["choices"]
    assert question["options"][0] == ["alpha", "beta", "gamma"]


def test_a_head_is_chosen_and_what_is_left_out_is_said(adelante: Adelante, tmp_path: Path) -> None:
    path = tmp_path / "heads.safetensors"
    path.write_bytes(
        safetensors.torch.save({f"{head}.{k}.weight": torch.eye(2) for head in ("actor", "critic") for k in (0, 2)})
    )
    refused = adelante("show", path)
    assert refused.status == 1
    assert "--head actor" in refused.err
    shown = adelante("show", path, "--head", "critic", "--json")
    assert shown.status == 0
    assert "actor.0, actor.2" in " ".join(shown.err.split())


@pytest.mark.parametrize("target", ["xor", "network.json"])
def test_what_says_all_has_nothing_to_choose(adelante: Adelante, tmp_path: Path, target: str) -> None:
    (tmp_path / "network.json").write_text('{"layers": [{"weights": [[1]]}]}')
    name = target if target == "xor" else tmp_path / target
    result = adelante("forward", name, "-i", "1", "--order", "a,b")
    assert result.status == 1
    assert "order" in result.err


@pytest.mark.parametrize("shape", [(4,), (1, 4), (2, 2), (3, 2, 2), (3, 1, 2, 2)])
def test_arrays_of_another_shape_lie_in_a_row(adelante: Adelante, tmp_path: Path, shape: tuple[int, ...]) -> None:
    (tmp_path / "network.json").write_text('{"layers": [{"weights": [[1], [10], [100], [1000]]}]}')
    values = np.arange(np.prod(shape), dtype=np.float32).reshape(shape)
    np.save(tmp_path / "x.npy", values)
    result = adelante("forward", tmp_path / "network.json", "-i", f"@{tmp_path / 'x.npy'}", "--json", "--outputs")
    right = values.reshape(-1, 4) @ np.array([1, 10, 100, 1000])
    assert np.ravel(outputs(result.out)).tolist() == right.tolist()


@pytest.mark.parametrize("language", ["en", "es"])
def test_sizes_that_are_left_open_can_be_typed(adelante: Adelante, tmp_path: Path, language: str) -> None:
    path = tmp_path / "steps.onnx"
    path.write_bytes(with_open_steps())
    refused = adelante("show", path, "--lang", language)
    assert refused.status == 1
    assert "--sizes steps=16" in refused.err
    assert "choices" not in refused.err
    shown = adelante("show", path, "--sizes", "steps=5")
    assert shown.status == 0, shown.err
    assert "(5, 3)" in shown.text


@pytest.mark.parametrize(("sizes", "status", "part"), [("5", 2, "steps=16,rows=8"), ("stepz=5", 1, "stepz: 5")])
def test_sizes_that_are_none_are_refused(
    adelante: Adelante, tmp_path: Path, sizes: str, status: int, part: str
) -> None:
    path = tmp_path / "steps.onnx"
    path.write_bytes(with_open_steps())
    refused = adelante("show", path, "--sizes", sizes)
    assert (refused.status, part in refused.err) == (status, True), refused.err
    assert adelante("show", "xor", "--sizes", "a=1").status == 1
