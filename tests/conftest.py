"""Fixtures that all tests share."""

from __future__ import annotations

import fcntl
import gc
import logging
import signal
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest
import requests

from tests.long import is_asked_for
from tests.server import Server

if TYPE_CHECKING:
    import torch
    from starlette.testclient import TestClient
    from xdist.remote import Producer

    from tests.shares import Files

# How long an example takes says more about the machine's other work than about the code.
hypothesis.settings.register_profile("untimed", deadline=None)
# To try a change of the code it is enough that a test fails, soon and on the same examples each time.
hypothesis.settings.register_profile(
    "mutate",
    deadline=None,
    database=None,
    derandomize=True,
    phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],
)
hypothesis.settings.load_profile("untimed")

# A shell that starts the tests in the background has them ignore Ctrl+C, and all that they start as well: the test that
# stops a server with it would wait for ever.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(wrapper=True)
def pytest_collection(session: pytest.Session) -> Iterator[None]:
    """What is collected is there until the end: the garbage collector does not look at it again and again."""
    gc.disable()
    with _first_alone(session.config):
        result = yield
    _torch_logs_as_others_do()
    gc.freeze()
    gc.enable()
    gc.set_threshold(10_000, 20, 20)
    return result


def _torch_logs_as_others_do() -> None:
    """Through the root logger: to each that does not pytest adds its handlers, six times a test; torch has fifty."""
    for name, logger in logging.root.manager.loggerDict.items():
        if name.startswith("torch.") and isinstance(logger, logging.Logger):
            logger.propagate = True


@contextmanager
def _first_alone(config: pytest.Config) -> Iterator[None]:
    """Of several processes the first one compiles what nobody compiled yet, and the others then read it.

    All at once each would compile everything: half a minute, of which a process that reads needs ten seconds.
    """
    if not hasattr(config, "workerinput") or sys.dont_write_bytecode or _compiled():
        yield
        return
    with open(__file__) as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _compiled():
            yield
            return
    yield


def _compiled() -> bool:
    """Whether the tests that are collected last were compiled by pytest."""
    return any(Path(__file__).with_name("__pycache__").glob("test_tracing.*-pytest-*.pyc"))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Each test has an id of its own: of several that share one, only one is sent to a process that runs tests."""
    doubled = [id for id, count in Counter(item.nodeid for item in items).items() if count > 1]
    if doubled:
        raise pytest.UsageError(f"several tests share an id: {', '.join(doubled[:5])}")
    if not is_asked_for(config):
        left_out = [item for item in items if item.get_closest_marker("long")]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if not item.get_closest_marker("long")]


@pytest.hookimpl(wrapper=True)
def pytest_report_to_serializable() -> Iterator[None]:
    """What a process that runs tests tells of one: half of it would be keywords, for which nobody asks."""
    told = yield
    if told is not None:
        told["keywords"] = {}
    return told


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Files:
    from tests.shares import Files

    return Files(config, log)


@pytest.fixture(scope="session", autouse=True)
def faults_can_be_said() -> Iterator[None]:
    """A fault without its sentence, or without a value for one of its places, fails the test that brings it about."""
    from tests.said import only_what_can_be_said

    with only_what_can_be_said():
        yield


@pytest.fixture(scope="session", autouse=True)
def the_machine_is_measured_once() -> Iterator[None]:
    """Each application measures the machine when it starts; here what the first one found serves all of a process."""
    import torch

    from app.compute import service, speed

    @cache
    def found(dtypes: tuple[torch.dtype, ...], device: torch.device, threads: int) -> dict[torch.dtype, float]:
        return speed.multiply_adds_per_second(dtypes, device)

    def once(dtypes: Iterable[torch.dtype], device: torch.device) -> dict[torch.dtype, float]:
        return found(tuple(dtypes), device, torch.get_num_threads())

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(service, "multiply_adds_per_second", once)
        yield


@pytest.fixture(scope="session", autouse=True)
def export_asks_torch_once() -> Iterator[None]:
    from tests.quick_export import quick_export

    with quick_export():
        yield


@pytest.fixture(scope="session")
def client() -> Iterator[TestClient]:
    """The application without a socket."""
    # The process that only hands out tests does without torch.
    from starlette.testclient import TestClient

    from app.main import create_app
    from app.settings import Settings

    with TestClient(create_app(Settings()), raise_server_exceptions=False) as client:
        yield client


@pytest.fixture(scope="session")
def server_url() -> Iterator[str]:
    """The address of a real server process."""
    server = Server.warm()
    server.start()
    yield server.url
    server.stop()


@pytest.fixture(scope="session")
def session() -> Iterator[requests.Session]:
    """Connections that are kept open between requests."""
    with requests.Session() as session:
        # Else it searches the environment for a proxy before each request, a sixth of what the contract's test takes.
        session.trust_env = False
        yield session
