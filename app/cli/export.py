"""adelante export: a network as a program, a request or a file."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from adelante.code import code_size, generate, needs_file
from adelante.code.dense import DEFAULT_URL, Language, Style
from adelante.code.program import FILE
from adelante.formats.json import document_of
from adelante.formats.safetensors import network_to_safetensors
from adelante.network.checks import check_size
from adelante.saving import files_of
from app.api.read.forward_binary import SAFETENSORS
from app.api.write.encode import encode_json
from app.cli.faults import faults_told
from app.cli.files import STANDARD, write_file
from app.cli.notes import tell, tell_notes
from app.cli.settings import read_settings
from app.cli.source import Source, Wanted, inputs_needed, read_source
from app.cli.usage import UsageFault
from app.cli.words import Words
from app.code_comments import comments_in
from app.settings import Settings

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
    binary = options.target in ("safetensors", "onnx")
    if binary and options.as_json:
        raise UsageFault("cli.usage.binary-json", format=options.target)
    if binary and options.output in (None, STANDARD) and sys.stdout is not None and sys.stdout.isatty():
        raise UsageFault("cli.usage.binary-terminal", format=options.target)
    settings = read_settings(words)
    with faults_told(words, as_json=options.as_json):
        source = read_source(words, settings, wanted)
        tell_notes(words, source)
        write_file(options.output, _binary(source, options) if binary else _text(words, settings, source, options))


def _binary(source: Source, options: ExportOptions) -> bytes:
    (content,) = files_of(source.network, "onnx" if options.target == "onnx" else "safetensors", "").values()
    return content


def _text(words: Words, settings: Settings, source: Source, options: ExportOptions) -> bytes:
    """The program; with --json, the document in which POST /api/v1/code gives it."""
    language, style = _CODE[options.target]
    if source.inputs is None and options.target == "json":
        text = encode_json(document_of(source.network)).decode() + "\n"
    else:
        text = _program(words, settings, source, language, style, options)
    if not options.as_json:
        return text.encode()
    document: dict[str, Any] = {"language": language, "style": style, "source": text}
    if needs_file(source.network, language):
        document["file"] = {"name": FILE, "type": SAFETENSORS, "network": None}
    return encode_json(document) + b"\n"


def _program(
    words: Words, settings: Settings, source: Source, language: Language, style: Style, options: ExportOptions
) -> str:
    network, inputs = source.network, inputs_needed(source)
    network.given(inputs)
    size = code_size(network, inputs, language)
    check_size(size, settings.max_listed_values, "code-too-long", "max_listed_values")
    file = _beside(words, source, options) if needs_file(network, language) else FILE
    url, say = options.url or DEFAULT_URL, comments_in(words.language)
    names = source.called.in_code if source.called else None
    with torch.inference_mode():
        return generate(network, inputs, language, style=style, url=url, file=file, say=say, names=names)


def _beside(words: Words, source: Source, options: ExportOptions) -> str:
    """The name of the file that the program reads its parameters from; written where the program is written."""
    if options.output in (None, STANDARD) or options.as_json:
        tell(words, words("cli.export.file", file=FILE))
        return FILE
    assert options.output is not None
    path = Path(options.output)
    # A name of its own: the network may come from a file beside it that is called as the program is.
    path = path.with_name(f"{path.stem}.parameters.safetensors")
    write_file(str(path), network_to_safetensors(source.network))
    tell(words, words("cli.export.beside", file=str(path)))
    return path.name
