"""Fixtures that all tests share."""

from collections.abc import Iterator

import hypothesis
import pytest
import requests
from starlette.testclient import TestClient

from app.main import create_app
from app.settings import Settings
from tests.server import Server

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


@pytest.fixture(scope="session")
def client() -> Iterator[TestClient]:
    """The application without a socket."""
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
