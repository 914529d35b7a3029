"""What passes from the process that reads a file to the one that asked: faults or notes, and a safetensors file."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, NamedTuple

import orjson

from adelante.formats.opened import Note
from adelante.network.errors import Fault, NetworkError

MAX_HEAD_BYTES = 1 << 20
LENGTH = 8


class Reading(NamedTuple):
    """A file's network as the parts of a safetensors file, with what was decided; or the faults that refuse it."""

    parts: Sequence[bytes | memoryview]
    faults: tuple[Fault, ...] = ()
    notes: tuple[Note, ...] = ()


def head_of(reading: Reading) -> list[bytes]:
    """What stands before the parts: its own length, then the faults and notes as JSON."""
    told = {"faults": [asdict(each) for each in reading.faults], "notes": [asdict(each) for each in reading.notes]}
    text = orjson.dumps(told, default=str)
    return [len(text).to_bytes(LENGTH, "little"), text]


def notes_in(head: bytes) -> tuple[Note, ...]:
    """The notes of a head. Raises the faults that it tells instead, as NetworkError."""
    told: dict[str, Any] = orjson.loads(head)
    if told["faults"]:
        raise NetworkError([Fault(**each) for each in told["faults"]])
    return tuple(Note(each["key"], tuple(each["pointers"]), each["values"]) for each in told["notes"])
