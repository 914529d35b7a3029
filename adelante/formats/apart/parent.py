"""Has a file read in a process of its own."""

import json
from collections.abc import Generator
from dataclasses import asdict
from typing import NamedTuple

from adelante.formats.apart.exchange import LENGTH, MAX_HEAD_BYTES, notes_in
from adelante.formats.kinds import Bytes
from adelante.formats.opened import Limits, Note
from adelante.network.errors import Fault, NetworkError
from adelante.process import AnsweredTooMuch, NotStarted, ProcessFailed, TookTooLong, answer_of

_CHILD = "adelante.formats.apart.child"
_LARGEST_NUMBER = 8


class Answer(NamedTuple):
    """A safetensors file, and what was decided to read the other one."""

    data: bytes
    notes: tuple[Note, ...]


def read_apart(kind: str, data: Bytes, limits: Limits) -> Generator[None, None, Answer]:
    """Has a file of this kind ("exported", "state-dict") read, step by step, and waits in each for a moment.

    Closed before its end, it kills the process. Raises NetworkError where the file is refused, the process took more
    than its limits, or the machine could start none.
    """
    order = {
        "kind": kind,
        "size": len(data),
        "memory": limits.apart_memory + 4 * len(data),
        "seconds": limits.apart_seconds,
        "limits": asdict(limits),
    }
    most = _LARGEST_NUMBER * limits.parameters + MAX_HEAD_BYTES + len(data)
    try:
        found = yield from answer_of(_CHILD, json.dumps(order), data, seconds=limits.apart_seconds, most=most)
    except TookTooLong:
        raise _refused("apart-time", limit=limits.apart_seconds) from None
    except AnsweredTooMuch:
        raise _refused("apart-large", limit=most) from None
    except NotStarted as error:
        raise NetworkError(Fault("busy", "apart-not-started", "", {"reason": str(error)})) from None
    except ProcessFailed:
        raise _ended(limits) from None
    length = int.from_bytes(found[:LENGTH], "little")
    if len(found) < LENGTH + length:
        raise _ended(limits)
    view = memoryview(found)
    notes = notes_in(bytes(view[LENGTH : LENGTH + length]))
    return Answer(bytes(view[LENGTH + length :]), notes)


def _ended(limits: Limits) -> NetworkError:
    return _refused("apart-ended", limit=limits.apart_seconds)


def _refused(key: str, **values: int) -> NetworkError:
    return NetworkError(Fault("unsupported-file", key, "", values))
