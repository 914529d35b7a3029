"""adelante forward digits --inputs @seven.png: a digit on paper, by the recipe of the data set's pictures."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from adelante.datasets.handwriting import ink_of, inked, picture_of
from adelante.network.forward import forward
from adelante.network.presets import preset_named
from tests.cli.conftest import Adelante

SEVEN = [[(0.25, 0.2), (0.75, 0.2), (0.45, 0.85)], [(0.35, 0.5), (0.65, 0.5)]]


@pytest.mark.parametrize("name", ["digits", "digits-conv", "digits-large"])
def test_a_photograph_of_a_digit_is_read(name: str, tmp_path: Path, adelante: Adelante) -> None:
    paper = Image.fromarray((230 - 200 * inked(SEVEN)).to(torch.uint8).numpy())
    paper.resize((160, 160), Image.Resampling.NEAREST).save(tmp_path / "seven.png")
    told = adelante("forward", name, "--inputs", f"@{tmp_path / 'seven.png'}", "--json", "--outputs")
    assert told.status == 0
    assert "seven.png: 160 × 160" in told.err
    preset = preset_named(name)
    grey = torch.from_numpy(np.asarray(Image.open(tmp_path / "seven.png"), dtype=np.float32) / np.float32(255))
    picture = picture_of(ink_of(grey), preset.inputs.shape)
    assert picture is not None
    wanted = forward(preset.network, picture)[preset.network.outputs[0]].flatten()
    assert json.loads(told.text)["outputs"] == pytest.approx(wanted.tolist(), abs=1e-6)
    assert int(wanted.argmax()) == 7
