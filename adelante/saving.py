"""Networks out to files, of the format that a file's ending says."""

from os import PathLike
from pathlib import Path
from typing import Any, Literal, get_args, overload

import orjson
from torch import Tensor, nn

from adelante.code.comments import Say, english
from adelante.formats.json import document_of
from adelante.formats.safetensors import network_to_safetensors
from adelante.formats.told import told
from adelante.network.errors import NetworkError
from adelante.network.network import Network
from adelante.tracing import trace

FileFormat = Literal["safetensors", "state_dict", "onnx", "json", "pytorch", "numpy"]
FORMATS: tuple[FileFormat, ...] = get_args(FileFormat)
OF_ENDING: dict[str, FileFormat] = {
    ".safetensors": "safetensors",
    ".onnx": "onnx",
    ".json": "json",
    ".py": "pytorch",
}
"""The format that a file's ending stands for; `state_dict` and `numpy` have to be asked for."""
TEXTS: frozenset[FileFormat] = frozenset({"json", "pytorch", "numpy"})


def files_of(network: Network, format: FileFormat, name: str, say: Say = english) -> dict[str, bytes]:
    """The file `name`, and for a program the one that it reads its parameters from (`program_files`), by their names.

    `state_dict` is safetensors with torch's names. `say` gives a program's comments in another language.
    Raises NetworkError where the format can't say the network: a type that NumPy lacks, a file too large for ONNX.
    """
    match format:
        case "safetensors":
            return {name: network_to_safetensors(network)}
        case "json":
            return {name: orjson.dumps(document_of(network), option=orjson.OPT_SERIALIZE_NUMPY) + b"\n"}
        case "onnx":
            from adelante.formats.onnx.writing import network_to_onnx  # onnx takes a moment to import

            return {name: network_to_onnx(network)}
    from adelante.code.files import program_files, state_dict_file

    if format == "state_dict":
        return {name: state_dict_file(network)}
    stem = Path(name).stem
    program, *parameters = program_files(network, format, stem, say).items()
    return {name: program[1], **dict(parameters)}


def write(network: Network, path: str | PathLike[str], format: FileFormat | None = None) -> None:
    """Writes the network to a file; the same network gives the same bytes.

    Its ending says the format: .onnx, .json, .py (a PyTorch program, and `….parameters.safetensors` beside it), and
    safetensors for any other. `format` says another: "state_dict" is safetensors with torch's names, "numpy" a NumPy
    program. Raises NetworkFault where the format can't say the network.
    """
    path = Path(path)
    try:
        files = files_of(network, format or OF_ENDING.get(path.suffix.lower(), "safetensors"), path.name)
    except NetworkError as error:
        raise told(error) from None
    for name, content in files.items():
        path.with_name(name).write_bytes(content)


@overload
def save(module: nn.Module, example: Tensor | tuple[Tensor, ...], path: str | PathLike[str]) -> Network: ...
@overload
def save(module: Network, path: str | PathLike[str], /) -> Network: ...
@overload
def save(module: Network, *, path: str | PathLike[str]) -> Network: ...
def save(module: nn.Module | Network, example: Any = None, path: str | PathLike[str] | None = None) -> Network:
    """Writes a network to a file, of the format that the file's ending says (`write`); gives the network.

    `save(module, example, path)` traces a torch module first and raises as `trace` does; `save(network, path)`
    writes a network that is there.
    """
    if isinstance(module, Network):
        write(module, example if path is None else path)
        return module
    if path is None:
        raise TypeError("save() takes a module with an example and a path, save(module, example, path), or a Network")
    network = trace(module, example)
    write(network, path)
    return network
