"""`python -m tests.forked MODULE ARGUMENTS`: as `python -m MODULE ARGUMENTS`, but uvicorn forks its workers.

From a process that has imported torch (tests/warm.py) they are there at once.
"""

import multiprocessing.context
import runpy
import sys
from types import SimpleNamespace
from typing import Any, cast

from uvicorn import _subprocess


class SpawnProcess(multiprocessing.context.ForkProcess):
    """Named as the others are: by their names they agree on who speaks."""


cast(Any, _subprocess).spawn = SimpleNamespace(Process=SpawnProcess)
del sys.argv[0]
runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
