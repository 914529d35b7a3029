"""Fixtures that all tests share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import hypothesis
import pytest
import requests

from tests.server import Server

if TYPE_CHECKING:
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


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Files:
    from tests.shares import Files

    return Files(config, log)


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
        yield session
