"""A kept network as a file of a format that is not kept: made when it is asked for."""

import io
import re
import zipfile
from dataclasses import dataclass
from typing import NamedTuple, get_args

from adelante.code.files import Written, parameters_file, program_files, program_text, state_dict_file
from adelante.network.network import Network
from app.api.read.forward_binary import SAFETENSORS
from app.api.read.network_body import ONNX
from app.code_comments import comments_in

PYTHON = "text/x-python"
ZIP = "application/zip"
LANGUAGES: tuple[Written, ...] = get_args(Written)
_STEM = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
# The same files give the same archive: it says no time.
_NO_TIME = (1980, 1, 1, 0, 0, 0)


class Format(NamedTuple):
    """How a format is called and ends, and how many bytes of memory it takes for each byte of the network."""

    name: str
    ending: str
    memory: int


FORMATS: dict[str, Format] = {
    # The messages, and their bytes.
    ONNX: Format("onnx", ".onnx", 3),
    PYTHON: Format("program", ".py", 1),
    ZIP: Format("archive", ".zip", 3),
    SAFETENSORS: Format("state_dict", ".safetensors", 3),
}
"""The formats by their media types; safetensors is the one with torch's names."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for: `stem` is what the file is called without its ending."""

    type: str
    stem: str
    language: Written
    spoken: str
    """The language of a program's comments."""


def stem_of(name: str | None, id: str) -> str:
    """What the files are called: as the client says, if it is a plain word, else as the id begins."""
    return name if name is not None and _STEM.fullmatch(name) else id[:12]


def network_file(network: Network, asked: Asked) -> bytes:
    """The file's bytes. Raises NetworkError where the format can't say the network."""
    match asked.type:
        case "application/onnx":
            from adelante.formats.onnx.writing import network_to_onnx  # onnx takes a moment to import

            return network_to_onnx(network)
        case "text/x-python":
            return program_text(network, asked.language, asked.stem, comments_in(asked.spoken)).encode()
        case "application/zip":
            return _archive(program_files(network, asked.language, asked.stem, comments_in(asked.spoken)))
    return state_dict_file(network)


def link(id: str, asked: Asked) -> str:
    """The Link header of a program: the file that it reads, which lies beside it under the name in `title`."""
    names = "?names=torch" if asked.language == "pytorch" else ""
    title = parameters_file(asked.stem)
    return f'</api/v1/networks/{id}{names}>; rel="item"; type="{SAFETENSORS}"; title="{title}"'


def _archive(files: dict[str, bytes]) -> bytes:
    whole = io.BytesIO()
    # Random numbers grow no smaller.
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_STORED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, _NO_TIME), content)
    return whole.getvalue()
