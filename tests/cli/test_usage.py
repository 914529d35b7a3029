"""Wrong calls: status 2, in words of the reader's language, with the way to the help."""

import re

import pytest

from adelante.formats import tensors
from adelante.locale import LANGUAGES
from app.cli.commands import DTYPES
from app.cli.program import COMMANDS
from app.compute import devices
from tests.cli.conftest import Adelante

WRONG: list[tuple[list[str], str, str]] = [
    (
        ["nope"],
        "There is no command nope. Commands: forward, show, explain, draw, presets, export, convert, serve, health,",
        "No existe la orden nope.",
    ),
    (["forward"], "FILE|PRESET is missing.", "Falta ARCHIVO|RED."),
    (["forward", "xor", "more"], "Too many arguments: more.", "Sobran argumentos: more."),
    (["forward", "xor", "--digit", "3"], "There is no option --digit. Did you mean: --digits?", "¿Quizá --digits?"),
    (["forward", "xor", "-q"], "There is no option -q.", "No existe la opción -q."),
    (["forward", "xor", "--inputs"], "--inputs needs a value.", "--inputs necesita un valor."),
    (["forward", "xor", "--json=1"], "--json takes no value.", "--json no lleva valor."),
    (["forward", "xor", "--dtype", "int8"], "--dtype can't be int8. Known: float32,", "--dtype no puede ser int8."),
    (
        ["forward", "xor", "--digits", "0"],
        "--digits can't be 0: it takes a whole number from 1 to 16",
        "número entero de 1 a 16",
    ),
    (["forward", "xor", "--rows", "−1"], "--rows can't be −1", "--rows no puede ser −1"),
    (["export", "xor"], "Say what to write: --to, one of pytorch,", "Di qué escribir: --to"),
    (["export", "xor", "-o", "x.txt"], "Say what to write: --to", "Di qué escribir: --to"),
    (["export", "xor", "--to", "keras"], "--to can't be keras. Known: pytorch,", "--to no puede ser keras."),
    (["convert", "xor"], "FILE is missing.", "Falta ARCHIVO."),
    (["convert", "xor", "xor.txt"], "Say the format with --to", "Di el formato con --to"),
    (["convert", "xor", "-", "--to", "onnx"], "onnx is not text", "onnx no es texto"),
    (
        ["convert", "xor", "x.onnx", "--to", "curl"],
        "--to can't be curl. Known:",
        "--to no puede ser curl.",
    ),
    (["export", "xor", "--to", "safetensors", "--json"], "leave out --json", "quita --json"),
    (["explain", "xor"], "Say which number: --cell", "Di qué número: --cell"),
    (["explain", "xor", "--cell", "x", "--row", "-1"], "--row can't be -1", "--row no puede ser -1"),
    (["draw", "xor", "--theme", "pink"], "--theme can't be pink. Known: light, dark", "--theme no puede ser pink."),
    (["draw", "xor", "--width", "319"], "a whole number from 320 to 4096", "número entero de 320 a 4096"),
    (["serve", "--port", "70000"], "--port can't be 70000: it takes a whole number from 0 to 65535", "de 0 a 65535"),
]


@pytest.mark.parametrize(("arguments", "english", "spanish"), WRONG)
def test_wrong_calls(adelante: Adelante, arguments: list[str], english: str, spanish: str) -> None:
    command = f"adelante {arguments[0]}" if arguments[0] in COMMANDS else "adelante"
    result = adelante(*arguments)
    assert (result.status, result.out) == (2, b"")
    assert english in result.err
    assert result.err.endswith(f"See: {command} --help\n")
    result = adelante("--lang", "es", *arguments)
    assert (result.status, result.out) == (2, b"")
    assert spanish in result.err
    assert result.err.endswith(f"Consulta: {command} --help\n")


def test_an_unknown_language(adelante: Adelante) -> None:
    for arguments in (["--lang", "zxx", "presets"], ["presets", "--lang=zxx"], ["--lang", "zxx"]):
        result = adelante(*arguments)
        assert result.status == 2
        assert f"--lang can't be zxx. Known: {', '.join(LANGUAGES)}." in result.err


def test_no_arguments_show_the_help_as_an_error(adelante: Adelante) -> None:
    result = adelante()
    assert (result.status, result.out) == (2, b"")
    assert result.err == adelante("--help").text


@pytest.mark.parametrize("command", COMMANDS)
def test_help_in_both_languages_names_the_same_options(adelante: Adelante, command: str) -> None:
    english, spanish = adelante(command, "--help"), adelante(command, "-h", "--lang", "es")
    assert (english.status, spanish.status) == (0, 0)
    options = [set(re.findall(r"^  (?:-. *, )?(--[a-z]+)", each.text, re.MULTILINE)) for each in (english, spanish)]
    assert options[0] == options[1]
    assert len(options[0]) > 1
    assert english.text.startswith(f"adelante {command}")
    assert "Options" in english.text
    assert "Opciones" in spanish.text
    assert not re.search(r"\b(the|Show|Options|Usage)\b", spanish.text)


def test_the_dtypes_offered_are_those_of_the_product() -> None:
    assert list(DTYPES) == list(devices.DTYPES)
    assert {str(dtype).removeprefix("torch.") for dtype in tensors.DTYPES.values()} == set(DTYPES)
