"""Files of torch.save and torch.export, read in the tests' own process instead of one that has to import torch first.

For tests of what is read, said and asked. What a process of its own lets happen, tests/adelante/formats/apart shows.
"""

from collections.abc import Generator

import pytest

from adelante.formats.apart import child, opening
from adelante.formats.apart.exchange import LENGTH, Reading, head_of, notes_in
from adelante.formats.apart.parent import Answer
from adelante.formats.kinds import Bytes
from adelante.formats.opened import Limits
from adelante.network.errors import NetworkError, NetworkFault


@pytest.fixture
def read_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "read_apart", _read)


def _read(kind: str, data: Bytes, limits: Limits) -> Generator[None, None, Answer]:
    yield
    try:
        found = child._reader(kind)(bytearray(data), limits)
    except NetworkFault as fault:
        found = Reading((), (fault.fault,))
    except NetworkError as error:
        found = Reading((), error.faults)
    return Answer(b"".join(found.parts), notes_in(b"".join(head_of(found))[LENGTH:]))
