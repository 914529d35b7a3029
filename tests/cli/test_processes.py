"""Several processes behind one port: what one keeps the others have, and one that dies takes nothing with it."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import orjson
import pytest
import requests
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection

from tests import notebook
from tests.cli.test_process import ROOT, call, environment
from tests.long import LONG
from tests.together import PATIENCE_SECONDS, Together, serving_together, until

pytestmark = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs /proc to find the workers")


@pytest.fixture(scope="module")
def together(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Together]:
    """In the short form of forked workers: those that are started anew serve tests/browser/test_killed_worker.py."""
    with serving_together(tmp_path_factory.mktemp("together"), forked=not LONG) as server:
        yield server


def test_what_one_keeps_the_other_has_at_once(together: Together) -> None:
    first, second = together.workers()
    with together.only(first):
        posted = requests.post(
            f"{together.url}/api/v1/networks", json={"layers": notebook.MULTILAYER["layers"]}, timeout=PATIENCE_SECONDS
        )
        assert posted.status_code == 201
    asked = {"network": posted.json()["id"], "inputs": notebook.MULTILAYER["inputs"]}
    with together.only(second):
        again = requests.post(f"{together.url}/api/v1/forward", json=asked, timeout=PATIENCE_SECONDS)
        whole = requests.post(f"{together.url}/api/v1/forward", json=notebook.MULTILAYER, timeout=PATIENCE_SECONDS)
        assert again.json()["outputs"] == whole.json()["outputs"]
        assert (
            requests.delete(f"{together.url}/api/v1/networks/{asked['network']}", timeout=PATIENCE_SECONDS).status_code
            == 204
        )
    with together.only(first):
        # It may have the network at hand for two seconds.
        until(
            lambda: (
                requests.post(f"{together.url}/api/v1/forward", json=asked, timeout=PATIENCE_SECONDS).status_code == 404
            )
        )


def opened(socket: ClientConnection, opening: dict[str, object]) -> bytes:
    """The pass after an opening."""
    socket.send(orjson.dumps({"op": "open", "seq": 7, **opening}).decode())
    assert orjson.loads(socket.recv(timeout=PATIENCE_SECONDS))["op"] == "opened"
    frame = socket.recv(timeout=PATIENCE_SECONDS)
    assert isinstance(frame, bytes)
    return frame


def test_one_that_is_killed_is_replaced_and_its_session_goes_on_at_another(together: Together) -> None:
    first, second = together.workers()
    changed = [0.25, *notebook.MULTILAYER["inputs"][1:]]
    leaving = ExitStack()
    with together.only(first):
        socket = leaving.enter_context(together.live())
        opened(socket, notebook.MULTILAYER)
        socket.send(orjson.dumps({"op": "set", "seq": 7, "changes": [{"input": 0, "value": 0.25}]}).decode())
        before = socket.recv(timeout=PATIENCE_SECONDS)
        until(lambda: "adelante_live_sessions 1.0" in together.numbers())
        counted = total(together.numbers())
    os.kill(first, signal.SIGKILL)
    with pytest.raises(ConnectionClosed):
        socket.recv(timeout=PATIENCE_SECONDS)
    leaving.close()
    # What the page does then: it opens the network as it stands.
    with together.live() as socket:
        assert opened(socket, {**notebook.MULTILAYER, "inputs": changed}) == before
    until(lambda: len(set(together.workers()) - {first}) == 2)
    assert second in together.workers()
    # It counts no more sessions, and what it answered still counts.
    until(lambda: "adelante_live_sessions 0.0" in together.numbers())
    assert total(together.numbers()) >= counted


def total(numbers: str) -> float:
    return sum(float(line.split()[-1]) for line in numbers.splitlines() if line.startswith("adelante_requests_total"))


def told_of(together: Together) -> set[str]:
    """The workers that have put their numbers to the others'."""
    return set(re.findall(r"resident_memory_bytes\{pid=\"(\d+)\"", together.numbers()))


def test_the_numbers_are_those_of_both(together: Together) -> None:
    # One that was killed is told of a while longer, and the one in its place serves once it is told of.
    until(lambda: told_of(together) == {*map(str, together.workers())})
    for worker in together.workers():
        with together.only(worker):
            for _ in range(3):
                assert requests.get(f"{together.url}/api/v1/presets", timeout=PATIENCE_SECONDS).ok
    told = 'method="GET",route="/api/v1/presets"'
    samples = [
        f'adelante_requests_total{{{told},status="200"}} 6.0',
        f'adelante_request_seconds_bucket{{le="+Inf",{told}}} 6.0',
        f"adelante_request_seconds_count{{{told}}} 6.0",
    ]
    until(lambda: set(samples) <= set(together.numbers().splitlines()))


def test_no_worker_outlives_its_parent() -> None:
    code = """if True:
        import multiprocessing, os, sys
        from app.cli.workers import end_with_parent
        worker = multiprocessing.get_context("spawn").Process(target=end_with_parent)
        worker.start()
        print(worker.pid, flush=True)
        os.kill(os.getpid(), 9)
    """
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, env=environment(), timeout=60, cwd=ROOT)
    until(lambda: not Path(f"/proc/{int(result.stdout)}").exists())


def test_memory_is_no_store_of_several() -> None:
    refused = call("serve", "--processes", "2", "--port", "0", ADELANTE_STORE="memory://")
    assert (refused.returncode, refused.stdout) == (2, b"")
    assert refused.stderr.decode().startswith("Error: ADELANTE_STORE can't be memory://: it takes an address that 2")


def test_numbers_that_have_nowhere_to_meet_are_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    kept = {"XDG_STATE_HOME": str(tmp_path), "PROMETHEUS_MULTIPROC_DIR": str(tmp_path / "file" / "below")}
    refused = call("serve", "--processes", "2", "--port", "0", stdin=b"", **kept)
    assert (refused.returncode, refused.stdout) == (2, b"")
    assert refused.stderr.decode().startswith("Error: PROMETHEUS_MULTIPROC_DIR can't be ")
    assert refused.stderr.count(b"\n") == 2


def test_the_parent_imports_no_torch() -> None:
    code = "import sys, app.cli.workers; print('torch' in sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, env=environment(), timeout=60, cwd=ROOT)
    assert result.stdout == b"False\n"


def test_sighup_replaces_them_one_after_the_other(together: Together) -> None:
    before = set(together.workers())
    together.process.send_signal(signal.SIGHUP)
    until(lambda: not before & set(together.workers()))
    assert requests.get(f"{together.url}/v2/health/ready", timeout=PATIENCE_SECONDS).ok
    # Of those that are gone nothing is held any more.
    until(lambda: told_of(together) == {*map(str, together.workers())})


def test_sigterm_ends_all_of_them_and_what_they_left(together: Together) -> None:
    workers = together.workers()
    assert len(workers) == 2
    assert sorted(each.name.split("-")[0] for each in together.folder.iterdir()) == ["adelante"] * 3
    together.process.send_signal(signal.SIGTERM)
    assert together.process.wait(PATIENCE_SECONDS) == 0
    assert not any(Path(f"/proc/{each}").exists() for each in workers)
    # The networks, neither the note nor the numbers.
    assert [each.name for each in together.folder.iterdir()] == ["adelante"]
