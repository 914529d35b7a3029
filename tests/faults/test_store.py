"""Short forms: writers that are killed, and a bucket that is slow or away."""

from collections.abc import Iterator

import pytest

from tests.faults import bucket, killed
from tests.faults.bucket import InABucket, in_a_bucket
from tests.faults.seen import Fault
from tests.store.s3 import needs_s3


@pytest.fixture(scope="module")
def there() -> Iterator[InABucket]:
    with in_a_bucket() as found:
        yield found


@pytest.mark.parametrize("fault", killed.FAULTS, ids=lambda fault: fault.name)
def test_a_writer_is_killed(fault: Fault) -> None:
    assert fault.run(None, 1).kept


@needs_s3
@pytest.mark.parametrize("fault", bucket.FAULTS, ids=lambda fault: fault.name)
def test_a_bucket_fails(there: InABucket, fault: Fault) -> None:
    assert fault.run(there, 1).client
