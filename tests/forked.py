"""`python -m tests.forked ARGUMENTS`: as `python -m uvicorn ARGUMENTS`, but its workers are forked, not started anew.

From a process that has imported torch (tests/warm.py) they are there at once.
"""

import multiprocessing.context
from types import SimpleNamespace
from typing import Any, cast

import uvicorn
from uvicorn import _subprocess


class SpawnProcess(multiprocessing.context.ForkProcess):
    """Named as the others are: by their names they agree on who speaks."""


cast(Any, _subprocess).spawn = SimpleNamespace(Process=SpawnProcess)
uvicorn.main()
