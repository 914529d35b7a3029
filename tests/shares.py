"""Which of pytest's processes runs what: a file's tests stay together, so that what they share is made once."""

import pytest
from xdist.remote import Producer
from xdist.scheduler.loadscope import LoadScopeScheduling

# Servers under strain come one after the other: beside each other they would measure each other.
_STRAIN = ("tests/faults/", "tests/load/")


class Files(LoadScopeScheduling):  # type: ignore[misc]
    """One file after the other, in the order in which they were collected."""

    def __init__(self, config: pytest.Config, log: Producer | None = None) -> None:
        config.option.loadscopereorder = False
        super().__init__(config, log)

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.partition("::")[0]
        return "strain" if path.startswith(_STRAIN) else path
