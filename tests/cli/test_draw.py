"""adelante draw: the picture in a file or on standard output, the library's own."""

from pathlib import Path

import pytest
import torch

from adelante.diagram import Names, draw, png
from adelante.formats.safetensors import network_to_safetensors
from adelante.network.forward import forward
from adelante.network.presets import chain_named
from tests.cli.conftest import Adelante
from tests.cli.networks import digits


def test_a_preset_in_a_file(adelante: Adelante, tmp_path: Path) -> None:
    file = tmp_path / "multilayer.svg"
    result = adelante("draw", "multilayer", "--cell", "layers.0.activations[1]", "--theme", "dark", "-o", file)
    assert (result.status, result.out, result.err) == (0, b"", "")
    found = chain_named("multilayer")
    trace = forward(found.network, found.inputs)
    selected = ("layers.0.activations", (1,))
    names = Names(tuple(found.input_names), tuple(found.output_names))
    assert file.read_text() == draw(found.network, trace, theme="dark", selected=selected, names=names)


def test_a_png_by_the_files_name(adelante: Adelante, tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("xor.svg", "xor.PNG", "large.png")]
    for file, scale in zip(files, ("2", "2", "3"), strict=True):
        result = adelante("draw", "xor", "-o", file, "--width", "400", "--scale", scale)
        assert (result.status, result.out, result.err) == (0, b"", "")
    svg, png_file, large = files
    assert png_file.read_bytes() == png(svg.read_text())
    assert large.read_bytes() == png(svg.read_text(), 3)


def test_one_input_of_several_in_the_readers_language(adelante: Adelante) -> None:
    result = adelante(
        "--lang", "es", "draw", "xor", "--inputs", "0,0", "--inputs", "0,1", "--row", "1", "--width", "600"
    )
    assert (result.status, result.err) == (0, "")
    found = chain_named("xor")
    trace = forward(found.network, torch.tensor([0.0, 1.0]))
    names = Names(tuple(found.input_names), tuple(found.output_names))
    assert result.out.decode() == draw(found.network, trace, width=600, language="es", names=names)


def test_a_network_of_another_kind(adelante: Adelante, tmp_path: Path) -> None:
    network = digits()
    path = tmp_path / "digits.safetensors"
    path.write_bytes(network_to_safetensors(network))
    inputs = torch.zeros(network.inputs[0].shape)
    result = adelante("draw", path, "--inputs", str(inputs.tolist()), "--no-numbers")
    assert result.status == 0, result.err
    assert result.out.decode() == draw(network, forward(network, inputs), values=False)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--cell", "layers.9.activations[0]"), "no tensor layers.9.activations"),
        (("--cell", "inputs[7]"), "inputs"),
        (("--row", "3"), "3"),
        (("--inputs", "1,2,3"), "3 numbers"),
        (("-o", "no/such/folder.svg"), "no/such/folder.svg"),
    ],
)
def test_what_cannot_be_drawn_is_said(adelante: Adelante, arguments: tuple[str, ...], said: str) -> None:
    result = adelante("draw", "xor", "--inputs", "0,1", "--inputs", "1,1", *arguments)
    assert (result.status, result.out) == (1, b"")
    assert said in " ".join(result.err.split())
