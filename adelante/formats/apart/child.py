"""What the process does that is thrown away: walls up, one file read, its tensors and notes handed back.

It is told the file's kind and its limits as JSON; the file comes through the standard input, what was read leaves by
the standard output: the length of a head, the head as JSON (notes or faults), a safetensors file.
"""

import io
import json
import os
from collections.abc import Callable
from typing import Any

import torch

from adelante.formats.apart import walls
from adelante.formats.apart.exchange import Reading, head_of
from adelante.formats.opened import Limits
from adelante.network.errors import Fault, NetworkError, NetworkFault, said


def main(told: str) -> None:
    """Reads one file and ends."""
    order = json.loads(told)
    out = os.dup(1)
    # What torch prints is no part of the answer.
    os.dup2(2, 1)
    torch.set_num_threads(1)
    read = _reader(order["kind"])
    walls.shut(order["memory"], order["seconds"], closed=order["kind"] == "state-dict")
    try:
        found = read(_given(order["size"]), Limits(**order["limits"]))
    except NetworkFault as fault:
        found = Reading((), (fault.fault,))
    except NetworkError as error:
        found = Reading((), error.faults)
    except MemoryError:
        found = Reading((), (Fault("unsupported-file", "apart-memory", "", {"limit": order["memory"]}),))
    except Exception as error:
        values = {"reason": f"{type(error).__name__}: {said(error)[:200]}"}
        found = Reading((), (Fault("unsupported-file", "apart-failed", "", values),))
    for part in (*head_of(found), *found.parts):
        _write(out, memoryview(part))
    # Nothing is left to tidy up, and torch's own ending may want what is shut off.
    os._exit(0)


def _reader(kind: str) -> Callable[[Any, Limits], Reading]:
    """What reads this kind, all that it imports already there."""
    if kind == "exported":
        from adelante.formats.apart.exported import read

        return read
    from adelante.formats.apart.state_dict import read, ready

    ready()
    return read


def _given(size: int) -> bytearray:
    found = bytearray(size)
    view, place, given = memoryview(found), 0, io.FileIO(0, closefd=False)
    while place < size:
        count = given.readinto(view[place:])
        if not count:
            raise EOFError("the file is cut off")
        place += count
    return found


def _write(out: int, part: memoryview) -> None:
    left = part.cast("B")
    while left:
        left = left[os.write(out, left[: 1 << 20]) :]
