"""Short forms: clients and the machine."""

from collections.abc import Iterator

import pytest

from tests.faults.crowd import FAULTS, in_a_crowd
from tests.faults.seen import Fault
from tests.server import Server


@pytest.fixture(scope="module")
def there() -> Iterator[Server]:
    with in_a_crowd() as found:
        yield found


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_server_under_strain(there: Server, fault: Fault) -> None:
    assert fault.run(there, 1).client
