"""The formats of the door that are read apart: a program of torch.export, and what torch.save wrote of a state_dict."""

from collections.abc import Callable, Generator
from dataclasses import replace

from adelante.formats.apart.parent import read_apart
from adelante.formats.archives import Archive
from adelante.formats.choices import ChoiceNeeded
from adelante.formats.kinds import Bytes, foreign_kind
from adelante.formats.opened import File, Opened
from adelante.formats.safetensors import opened_from_safetensors
from adelante.network.errors import Fault, NetworkError

Steps = Generator[None, None, Opened]


def is_exported(data: Bytes) -> bool:
    """Whether it is an archive of torch.export."""
    return foreign_kind(data) == "file-exported"


def is_saved(data: Bytes) -> bool:
    """Whether torch.save wrote it: a state_dict, or an object of any class, which only reading tells."""
    return foreign_kind(data) == "file-pickle"


def opened_from_exported(file: File) -> Steps:
    """The network of a .pt2 file, step by step. Raises NetworkError."""
    answer = yield from read_apart("exported", file.data, file.limits)
    opened = opened_from_safetensors(answer.data)
    return Opened(opened.network, (*answer.notes, *opened.notes))


def opened_from_saved(file: File, safetensors: Callable[[File], Opened]) -> Steps:
    """The network of a .pt or .pth file, step by step; `safetensors` reads the same tensors as a file of that format.

    Raises NetworkError: where they can be read in two ways the question, as for such a file; where they are no chain of
    dense layers it says what a state_dict lacks.
    """
    if file.data[:2] == b"PK":
        # torch unpacks what is packed, without asking how large it gets.
        Archive(file.data).check_unpacked()
    answer = yield from read_apart("state-dict", file.data, file.limits)
    try:
        opened = safetensors(replace(file, data=answer.data))
    except ChoiceNeeded:
        raise
    except NetworkError as error:
        if error.faults[0].type not in ("unsupported-file", "shape-mismatch"):
            raise
        raise NetworkError([Fault("unsupported-file", "state-dict-without-graph", ""), *error.faults]) from None
    return Opened(opened.network, (*answer.notes, *opened.notes))
