"""adelante export: a network as a program, a request or a file."""

import sys
from dataclasses import dataclass
from typing import Any, Literal

import torch

from adelante.code.dense import DEFAULT_URL, Language, Style, code_size, generate
from adelante.formats.dense_safetensors import network_to_safetensors
from adelante.formats.json import network_to_document
from adelante.network.checks import check_size
from adelante.network.dense.network import check_inputs
from adelante.network.errors import Fault
from app.api.http.problems import Problem
from app.api.write.encode import encode_json
from app.cli.faults import faults_told
from app.cli.files import STANDARD, write_file
from app.cli.notes import tell_notes
from app.cli.settings import read_settings
from app.cli.source import Source, Wanted, read_source
from app.cli.usage import UsageFault
from app.cli.words import Words
from app.code_comments import comments_in
from app.settings import Settings

Target = Literal["pytorch", "sequential", "numpy", "curl", "json", "safetensors"]
_CODE: dict[str, tuple[Language, Style]] = {
    "pytorch": ("pytorch", "notebook"),
    "sequential": ("pytorch", "module"),
    "numpy": ("numpy", "notebook"),
    "curl": ("curl", "notebook"),
    "json": ("json", "notebook"),
}


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """What the command line says; `output` of None or - is standard output."""

    target: str
    output: str | None
    url: str | None
    as_json: bool


def write_export(words: Words, wanted: Wanted, options: ExportOptions) -> None:
    """Writes the network, as `options.target` says, to the output."""
    binary = options.target == "safetensors"
    if binary and options.as_json:
        raise UsageFault("cli.usage.binary-json")
    if binary and options.output in (None, STANDARD) and sys.stdout.isatty():
        raise UsageFault("cli.usage.binary-terminal")
    settings = read_settings(words)
    with faults_told(words, as_json=options.as_json):
        source = read_source(words, settings, wanted)
        tell_notes(words, source)
        content = network_to_safetensors(source.network) if binary else _text(words, settings, source, options)
        write_file(options.output, content)


def _text(words: Words, settings: Settings, source: Source, options: ExportOptions) -> bytes:
    """The program; with --json, the document in which POST /api/v1/code gives it."""
    language, style = _CODE[options.target]
    if source.inputs is None and options.target == "json":
        text = encode_json(network_to_document(source.network)).decode() + "\n"
    else:
        text = _program(words, settings, source, language, style, options.url or DEFAULT_URL)
    if not options.as_json:
        return text.encode()
    document: dict[str, Any] = {"language": language, "style": style, "source": text}
    return encode_json(document) + b"\n"


def _program(words: Words, settings: Settings, source: Source, language: Language, style: Style, url: str) -> str:
    network, inputs = source.network, source.inputs
    if inputs is None:
        raise Problem("missing-field", Fault("missing-field", "no-inputs", "/inputs", {"n_in": network.n_in}))
    check_inputs(network, inputs)
    check_size(code_size(network, inputs), settings.max_listed_values, "code-too-long", "max_listed_values")
    with torch.inference_mode():
        return generate(network, inputs, language, style=style, url=url, say=comments_in(words.language))
