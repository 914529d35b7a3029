"""Short forms: a store in a folder."""

from collections.abc import Iterator

import pytest

from tests.faults.disk import FAULTS, OnDisk, on_a_small_disk
from tests.faults.seen import Fault
from tests.faults.small_disk import NoDisk
from tests.long import long


@pytest.fixture(scope="module")
def there() -> Iterator[OnDisk]:
    try:
        with on_a_small_disk() as found:
            yield found
    except NoDisk:
        pytest.skip("no small disk can be mounted here: that takes root")


@pytest.mark.parametrize("fault", [long(FAULTS[0]), *FAULTS[1:]], ids=lambda fault: fault.name)
def test_a_fault_of_the_store(there: OnDisk, fault: Fault) -> None:
    seen = fault.run(there, 1)
    assert seen.client
    assert seen.kept
