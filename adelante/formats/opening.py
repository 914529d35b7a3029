"""The one door for files: a network from a file of any format, which its content tells and never its name.

A format is a module of its own and a line in FORMATS: what tells it, which has to be quick and import nothing large,
and what reads it. A file that no format tells is refused as what it is (`foreign_kind`).
"""

import re
from collections.abc import Callable, Generator, Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from adelante.formats import onnx, safetensors
from adelante.formats.apart import opening as apart
from adelante.formats.choices import check_unchosen
from adelante.formats.json.opening import opened_from_json
from adelante.formats.kinds import Bytes, foreign_kind
from adelante.formats.opened import File, Limits, Note, Opened
from adelante.formats.told import told
from adelante.network.errors import Fault, NetworkError
from adelante.network.network import Network

__all__ = [
    "FORMATS",
    "File",
    "Format",
    "Limits",
    "Note",
    "Opened",
    "beside",
    "is_json",
    "load",
    "opened",
    "with_its_other_file",
]

B = TypeVar("B", bound=Bytes)
_JSON = re.compile(rb"(?:\xef\xbb\xbf)?[ \t\r\n]*\{")


class Format(NamedTuple):
    """A format: `tells` whether a file is of it, from its content; `opens` it, and raises NetworkError or NetworkFault.

    Whatever is wrong with a file, those two say it: `opened` lets no other exception through. What takes a while gives
    a generator, which yields after each step and returns what was opened.
    """

    name: str
    tells: Callable[[Bytes], bool]
    opens: Callable[[File], Opened | Generator[None, None, Opened]]


def is_json(data: Bytes) -> bool:
    """Whether it is text that begins with a brace; a safetensors file begins with a length, whose bytes have a 0."""
    head = bytes(data[:64])
    return _JSON.match(head) is not None and 0 not in head[:8]


FORMATS: tuple[Format, ...] = (
    Format("json", is_json, opened_from_json),
    Format("safetensors", safetensors.tells, lambda file: safetensors.opened_from_safetensors(file.data, file.choices)),
    Format("onnx", onnx.tells, onnx.opened_from_onnx),
    Format("exported", apart.is_exported, apart.opened_from_exported),
    Format("state-dict", apart.is_saved, lambda file: apart.opened_from_saved(file, _as_safetensors)),
)
# How torch, and how optimum, calls the file of a model's numbers.
_DATA = (".data", "_data")
# Formats that hold a graph: nothing in them is left open, but for these.
_SAY_ALL: Mapping[str, tuple[str, ...]] = {"json": (), "onnx": ("sizes",), "exported": ()}


def _as_safetensors(file: File) -> Opened:
    (opens,) = (each.opens for each in FORMATS if each.name == "safetensors")
    found = opens(file)
    assert isinstance(found, Opened)
    return found


def opened(
    data: Bytes,
    name: str | None = None,
    beside: Mapping[str, Bytes] | None = None,
    choices: Mapping[str, Any] | None = None,
    limits: Limits | None = None,
) -> Opened:
    """The network of a file, and notes on what was decided to read it.

    `name` is only told, never trusted; `beside` are the files that came with it, by their names; `choices` decide what
    the file leaves open. Nothing in a file is ever executed. Its tensors may share the memory of `data`.
    Raises NetworkError or NetworkFault, whose faults say what is wrong, where, and the way out.
    """
    steps = opened_in_steps(data, name, beside, choices, limits)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            found: Opened = end.value
            return found


def opened_in_steps(
    data: Bytes,
    name: str | None = None,
    beside: Mapping[str, Bytes] | None = None,
    choices: Mapping[str, Any] | None = None,
    limits: Limits | None = None,
) -> Generator[None, None, Opened]:
    """The same for who has other things to do: some formats are read in a process of their own, and are waited for.

    Each step takes some milliseconds at most. Closed before its end, it leaves nothing behind.
    """
    file = File(data, name, beside or {}, choices or {}, limits or Limits())
    for format in FORMATS:
        if format.tells(data):
            if format.name in _SAY_ALL:
                own = _SAY_ALL[format.name]
                check_unchosen({name: value for name, value in file.choices.items() if name not in own})
            found = format.opens(file)
            return found if isinstance(found, Opened) else (yield from found)
    kind = foreign_kind(data)
    raise NetworkError(Fault("unsupported-file", "file-unknown" if kind == "not-safetensors" else kind, ""))


def with_its_other_file(files: Sequence[tuple[str | None, B]]) -> tuple[str | None, B, dict[str, B]]:
    """Of files that came together, the network's name and content, and those beside it: net.onnx, net.onnx.data.

    It is the one whose name the others go on from (net.onnx.data, net.onnx_data), else the first.
    """
    names = [name or "" for name, _ in files]
    own = next(
        (k for k, name in enumerate(names) if name and any(each.startswith(name) for each in names if each != name)), 0
    )
    others = {name or f"file {k}": data for k, (name, data) in enumerate(files) if k != own}
    return *files[own], others


def load(path: str | PathLike[str], choices: Mapping[str, Any] | None = None) -> Network:
    """The network of a file: safetensors, ONNX, .pt2, a state_dict, JSON; a DenseNetwork of a chain.

    A `model.onnx` finds the numbers that torch laid into `model.onnx.data` beside it.
    """
    data = Path(path).read_bytes()
    if safetensors.tells(data) and choices is None:
        # Tensors that do not say what network they belong to are no network for who did not choose one.
        return safetensors.network_from_safetensors(data)
    try:
        return opened(data, Path(path).name, beside(path), choices).network
    except NetworkError as error:
        raise told(error) from None


def beside(path: str | PathLike[str]) -> dict[str, bytes]:
    """The file that belongs to one, by the name that its writer gives it: net.onnx.data, net.onnx_data."""
    others = [Path(path).with_name(Path(path).name + end) for end in _DATA]
    return {other.name: other.read_bytes() for other in others if other.is_file()}
