"""adelante convert: a network of any file as a file of another format."""

from dataclasses import dataclass
from pathlib import Path

from adelante.code.files import parameters_file
from adelante.saving import OF_ENDING, TEXTS, FileFormat, files_of
from app.cli.faults import faults_told
from app.cli.files import STANDARD, write_file
from app.cli.notes import tell, tell_notes
from app.cli.settings import read_settings
from app.cli.source import Wanted, read_source
from app.cli.usage import UsageFault
from app.cli.words import Words
from app.code_comments import comments_in

# What a program that goes to standard output takes for its own name.
_STEM = "network"
_FILE_OF: dict[str, FileFormat] = {"pytorch": "state_dict", "numpy": "safetensors"}


@dataclass(frozen=True, slots=True)
class ConvertOptions:
    """What the command line says; `output` of - is standard output, `force` overwrites what is there."""

    format: FileFormat
    output: str
    force: bool


def convert(words: Words, wanted: Wanted, options: ConvertOptions) -> None:
    """Writes the network, as `options.format` says, to the output. Raises UsageFault where that would overwrite."""
    to_file = options.output != STANDARD
    if not to_file and options.format not in TEXTS:
        raise UsageFault("cli.usage.no-text", format=options.format)
    if to_file:
        _check_free([options.output], options)
    settings = read_settings(words)
    with faults_told(words, as_json=False):
        source = read_source(words, settings, wanted)
        tell_notes(words, source)
        name = Path(options.output).name if to_file else f"{_STEM}.py"
        files = files_of(source.network, options.format, name, comments_in(words.language))
    paths = [str(Path(options.output).with_name(each)) if to_file else STANDARD for each in files]
    if to_file:
        _check_free(paths, options)
    with faults_told(words, as_json=False):
        for path, content in list(zip(paths, files.values(), strict=True))[: None if to_file else 1]:
            write_file(path, content)
    if len(files) > 1 and to_file:
        tell(words, words("cli.export.beside", file=paths[1]))
    elif len(files) > 1:
        tell(words, words("cli.convert.file", file=parameters_file(_STEM), format=_FILE_OF[options.format]))


def _check_free(paths: list[str], options: ConvertOptions) -> None:
    there = [path for path in paths if Path(path).is_file()]
    if there and not options.force:
        raise UsageFault("cli.usage.there-already", file=there[0])


def format_of(output: str, to: FileFormat | None) -> FileFormat:
    """What is asked for, or what the file's ending says. Raises UsageFault where neither does."""
    found = to if to is not None else OF_ENDING.get(Path(output).suffix.lower())
    if found is None:
        raise UsageFault("cli.usage.no-format", known=", ".join(OF_ENDING))
    return found
