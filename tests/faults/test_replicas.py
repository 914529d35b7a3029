"""Short forms: two servers under load."""

from collections.abc import Iterator

import pytest

from tests.faults.replicas import FAULTS, Fleet, fleet
from tests.faults.seen import Fault


@pytest.fixture(scope="module")
def there() -> Iterator[Fleet]:
    with fleet() as found:
        yield found


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_server_of_two_goes(there: Fleet, fault: Fault) -> None:
    assert fault.run(there, 1).client
