"""Short form: a container's limit of memory."""

from collections.abc import Iterator

import pytest

from tests.faults.contained import FAULTS, Contained, NoGroup, contained
from tests.faults.seen import Fault


@pytest.fixture(scope="module")
def there() -> Iterator[Contained]:
    try:
        with contained() as found:
            yield found
    except NoGroup:
        pytest.skip("no control group can be made here: that takes root")


@pytest.mark.long
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_server_with_little_memory(there: Contained, fault: Fault) -> None:
    assert fault.run(there, 1).client
