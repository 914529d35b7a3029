"""`adelante serve --processes N`: uvicorn's supervisor, with a server in each worker that is like the one alone.

It uses parts of uvicorn that are not promised to stay, so that is pinned below its next minor version. Workers are
started anew, not forked, and the parent imports neither torch nor the application: it stays small.
"""

import os
import signal
import socket
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from multiprocessing import connection, parent_process
from pathlib import Path
from pickle import UnpicklingError
from shutil import rmtree
from threading import Thread
from typing import Any

import uvicorn
from prometheus_client.multiprocess import mark_process_dead
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import multiprocess

from app.cli.server import Server
from app.settings import SettingFault, Settings

# A worker that imports torch on a machine that is busy answers the supervisor late.
HEALTH_SECONDS = 30
_READY_SECONDS = 1


def application(settings: Settings, language: str, metrics: Path) -> Any:
    """What each worker serves; ends the worker with a sentence where a setting can't be met."""
    from app.main import create_app
    from app.processes import end_start
    from app.settings import SettingFault

    try:
        return create_app(settings, metrics)
    except SettingFault as fault:
        end_start(fault, language, settings.processes)


class Worker(multiprocess.Process):
    """One process of several."""

    def target(self, sockets: list[socket.socket] | None = None) -> None:
        Thread(target=end_with_parent, daemon=True).start()
        super().target(sockets)

    def _healthcheck(self, timeout: float) -> bool | None:
        """As uvicorn asks, but one that dies meanwhile is not waited for."""
        with suppress(OSError, EOFError, UnpicklingError):
            self.parent_conn.send(b"ping")
            if self.parent_conn in connection.wait([self.parent_conn, self.process.sentinel], timeout):
                started: bool = self.parent_conn.recv()
                return started
        return None

    @property
    def server(self) -> uvicorn.Server:
        if self._server is None:
            self._server = Server(self.config)
        return self._server


def end_with_parent() -> None:
    """Who replaces and stops the workers is gone, killed perhaps: none of them keeps the port from the next one."""
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os.kill(os.getpid(), signal.SIGTERM)


class Workers(multiprocess.Multiprocess):
    """Starts the workers, replaces those that die, and stops them all. `started` is called once all take requests."""

    def __init__(
        self, config: uvicorn.Config, sockets: list[socket.socket], metrics: Path, started: Callable[[], None]
    ) -> None:
        super().__init__(config, sockets)
        self._metrics = metrics
        self._tell_started = started
        self._pids: set[int | None] = set()
        self.started = False

    def keep_subprocess_alive(self) -> None:
        super().keep_subprocess_alive()
        before, self._pids = self._pids, {process.pid for process in self.processes}
        for dead in before - self._pids:
            # What it held is held no more; what it counted still counts.
            mark_process_dead(dead, str(self._metrics))  # type: ignore[no-untyped-call]
        if not self.started and all(process.is_ready(_READY_SECONDS) for process in self.processes):
            self.started = True
            self._tell_started()

    @property
    def failed(self) -> bool:
        """Whether a worker could not start, which no other could then."""
        return any(process.exitcode == STARTUP_FAILURE for process in self.processes)


def serve_together(
    settings: Settings,
    language: str,
    sockets: list[socket.socket],
    configured: Callable[..., uvicorn.Config],
    started: Callable[[], None],
) -> Workers:
    """Serves the sockets until a signal comes; tells how that went."""
    # Its own start, restart and signals make workers by this name.
    multiprocess.Process = Worker  # type: ignore[misc]
    with _metrics_folder() as metrics:
        config = configured(
            partial(application, settings, language, metrics),
            factory=True,
            workers=settings.processes,
            timeout_worker_healthcheck=HEALTH_SECONDS,
        )
        workers = Workers(config, sockets, metrics, started)
        workers.run()
    return workers


@contextmanager
def _metrics_folder() -> Iterator[Path]:
    """Where the workers' numbers meet: the folder that PROMETHEUS_MULTIPROC_DIR names, emptied, or one of its own.

    Raises SettingFault where there can be none.
    """
    named = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    try:
        folder = Path(named) if named else Path(tempfile.mkdtemp(prefix="adelante-metrics-"))
        folder.mkdir(parents=True, exist_ok=True)
        for file in folder.glob("*.db"):
            file.unlink()
    except OSError as error:
        variable = "PROMETHEUS_MULTIPROC_DIR" if named else "TMPDIR"
        value = named or os.environ.get("TMPDIR", "/tmp")  # noqa: S108 # what it stands for
        raise SettingFault(variable, value, "folder-for-metrics", reason=error.strerror or str(error)) from None
    try:
        yield folder
    finally:
        if not named:
            with suppress(OSError):
                rmtree(folder)
