"""The short form: a few learners, and many who only look on."""

from collections.abc import Iterator

import pytest

from tests.load.measure import dragged, memory, requested
from tests.server import Server

# One after the other: beside each other they would measure each other.
pytestmark = pytest.mark.xdist_group("servers under strain")


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    server = Server()
    server.start()
    yield server
    server.stop()


def test_learners_who_drag_are_answered_and_leave_nothing_behind(server: Server) -> None:
    dragged(server, 5, 0.5)
    before = memory(server.pid)
    # The machine may have other work: that none is late is what can be asked of it.
    seen = dragged(server, 5, 1.5, idle=60)
    assert seen.late == 0
    assert seen.changes > 5
    assert memory(server.pid) - before < 30


def test_requests_of_many_connections_are_all_answered(server: Server) -> None:
    for connections in (1, 50):
        seen = requested(server, connections, 0.5)
        assert seen["bad"] == 0
        assert seen["rate"] > connections
