"""The short form: a few learners, and many who only look on."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.load import __main__ as load
from tests.load.measure import dragged, memory, requested
from tests.load.results import Results
from tests.server import Server


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    server = Server()
    server.start()
    yield server
    server.stop()


@pytest.mark.long
def test_learners_who_drag_are_answered_and_leave_nothing_behind(server: Server) -> None:
    dragged(server, 5, 0.5)
    before = memory(server.pid)
    # The machine may have other work: that none is late is what can be asked of it.
    seen = dragged(server, 5, 1.5, idle=60, reopen=0.5)
    assert (seen.late, seen.ended) == (0, 0)
    assert seen.changes > 5
    assert seen.opened > 65
    assert memory(server.pid) - before < 30


@pytest.mark.long
def test_requests_of_many_connections_are_all_answered(server: Server) -> None:
    for connections in (1, 50):
        seen = requested(server, connections, 0.5)
        assert seen["bad"] == 0
        assert seen["rate"] > connections


@pytest.mark.long
def test_what_was_measured_last_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "load.jsonl"
    monkeypatch.setenv("RESULTS", str(path))
    monkeypatch.setenv("SOAK_LEARNERS", "1")
    monkeypatch.setattr(load, "Server", Server.warm)
    for _ in range(2):
        load.main(["soak", "0.5"])
    first, last = map(json.loads, path.read_text().splitlines())
    told = Results(str(path)).tables()
    assert told.count("\n| 1 |") == 1
    assert f"| {last['p95']:.1f} |" in told
    assert last["run"] > first["run"]
    assert last["memories"][-1][0] == pytest.approx(0.5, abs=5)
    with pytest.raises(SystemExit):
        load.main(["nonsense"])
