"""The pages about the library run as they stand, and so do the commands in them."""

import re
import shlex
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from adelante.formats.archives import _MOST_TIMES
from adelante.formats.onnx.builder import _MOST_FOLDED
from adelante.formats.onnx.graph import OPSETS
from adelante.formats.opened import Limits
from adelante.formats.tensors import MAX_HEADER_BYTES
from app.settings import Settings
from tests import warm

ROOT = Path(__file__).parents[2]
PAGES = ("library.md", "biblioteca.md")


def blocks(document: str, kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", (ROOT / "docs" / document).read_text(), re.DOTALL)


def run(folder: Path, path: str) -> str:
    done = warm.run(warm.Program(path=path, folder=str(folder)))
    assert done.returncode == 0, done.stderr
    return done.stdout.decode()


@pytest.mark.long
def test_the_page_about_the_library_runs_as_it_stands(tmp_path: Path) -> None:
    """The English one; the other has the same code."""
    document = PAGES[0]
    (tmp_path / "cell.py").write_text("\n".join(blocks(document, "python")))
    printed = run(tmp_path, "cell.py").splitlines()
    assert printed[0] == "0 conv2d (8, 26, 26) cell.py:15: x = F.relu(self.conv(x))"
    assert "torch.Size([10]) torch.Size([8, 26, 26])" in printed
    assert any(line.startswith("sum-of-products ") for line in printed)
    assert any(line.startswith("the largest of 9 terms: inputs [0, ") for line in printed)
    assert "it sees 16 pixels" in printed
    assert any(line.startswith("# A network of 4 layers") for line in printed)
    digit = np.random.default_rng(1).integers(0, 256, (28, 28), dtype=np.uint8)
    Image.fromarray(digit).save(tmp_path / "digit.png")
    (commands, _) = blocks(document, "console")
    for line in commands.splitlines():
        _, program, *arguments = shlex.split(line)
        assert program == "adelante"
        command = warm.Program("app.cli", arguments=tuple(arguments), folder=str(tmp_path))
        done = warm.run(command)
        assert done.returncode == 0, done.stderr
    assert np.load(tmp_path / "outputs.npy").shape == (10,)
    run(tmp_path, "digits.py")


def test_both_pages_have_the_same_code() -> None:
    english, spanish = PAGES
    for kind in ("python", "console"):
        assert blocks(english, kind) == blocks(spanish, kind)


@pytest.mark.parametrize("document", ["formats.md", "formatos.md"])
def test_the_page_about_files_names_what_there_is(document: str) -> None:
    """Its links lead somewhere, its settings exist, its limits are those that are checked."""
    text = (ROOT / "docs" / document).read_text()
    for name in re.findall(r"\]\((\w+\.md)\)", text):
        assert (ROOT / "docs" / name).exists(), name
    for name in re.findall(r"ADELANTE_\w+", text):
        assert name.removeprefix("ADELANTE_").lower() in Settings.model_fields, name
    digits = re.sub(r"(?<=\d)[ ,](?=\d{3})", "", text)
    for limit in (Limits().nodes, Limits().depth, Limits().name_length, _MOST_FOLDED, _MOST_TIMES):
        assert re.search(rf"(?<!\d){limit}(?!\d)", digits), limit
    assert f"{MAX_HEADER_BYTES >> 20} MiB" in text
    assert f"opset {min(OPSETS)}" in text
    assert str(max(OPSETS)) in text
