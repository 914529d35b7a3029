"""What several processes of one server agree on: where networks are kept, and who says what is wrong at the start."""

import multiprocessing
import os
import re
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NoReturn

from uvicorn.config import STARTUP_FAILURE

from app.container import fitted, memory_limit
from app.settings import SettingFault, Settings
from app.store.files import NetworkFiles
from app.store.folders import StoreUnusable

MEMORY = "memory://"
# The status with which the command line ends too where it is called wrongly.
_WRONG_SETTING = 2
_PATIENCE_SECONDS = 20


def sharing(settings: Settings, processes: int) -> Settings:
    """The settings of so many processes: unless one is named, their store is a folder that all of them have.

    Budgets of memory that nobody chose are such that all processes fit into the container's limit together.

    Raises SettingFault where the store is said to be the memory of each.
    """
    settings = fitted(settings, memory_limit(), processes).model_copy(update={"processes": processes})
    if processes == 1 or settings.store != MEMORY:
        return settings
    if "store" in settings.model_fields_set:
        raise SettingFault("ADELANTE_STORE", settings.store, "store-of-several", processes=processes)
    return settings.model_copy(update={"store": str(state_folder(os.environ) / "networks")})


def check_store(settings: Settings) -> None:
    """Raises SettingFault where networks can't be kept in the store of the settings."""
    try:
        NetworkFiles(settings.store)
    except StoreUnusable as error:
        raise store_fault(settings, error) from None


def store_fault(settings: Settings, error: StoreUnusable) -> SettingFault:
    """What to tell of a store that can't be used."""
    return SettingFault("ADELANTE_STORE", settings.store, "store-here", reason=error.reason)


def state_folder(environment: Mapping[str, str]) -> Path:
    """Where this user's programs keep what outlives them (XDG_STATE_HOME, or LOCALAPPDATA on Windows), for Adelante.

    Raises SettingFault where the user has no home.
    """
    name, below = ("LOCALAPPDATA", "AppData/Local") if os.name == "nt" else ("XDG_STATE_HOME", ".local/state")
    told = environment.get(name, "")
    if told and Path(told).is_absolute():
        return Path(told) / "adelante"
    try:
        return Path.home() / below / "adelante"
    except RuntimeError:
        raise SettingFault("ADELANTE_STORE", "", "store-without-home") from None


def end_start(fault: SettingFault, language: str, processes: int) -> NoReturn:
    """Ends a process that can't start, with one sentence, though several fail alike."""
    worker = multiprocessing.parent_process() is not None
    if worker and not _speaks(multiprocessing.current_process().name, processes):
        _wait_for_the_end()
    sys.stderr.write(f"Error: {fault.sentence(language)}\n")
    # A worker that ends with any other status is started again, for ever.
    raise SystemExit(STARTUP_FAILURE if worker else _WRONG_SETTING) from None


def _speaks(worker: str, workers: int) -> bool:
    """Whether this worker says what is wrong: one of those that start together and fail alike.

    They are called SpawnProcess-1, SpawnProcess-2 and so on; the numbers of those that replace others go on from there.
    """
    number = worker.rpartition("-")[2]
    return not number.isdigit() or (int(number) - 1) % workers == 0


def _wait_for_the_end() -> None:
    """Leaves it to another worker to say what is wrong: then uvicorn stops this one too. Returns if none does."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    time.sleep(_PATIENCE_SECONDS)


def processes_told(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """How many processes uvicorn or its like was told to start."""
    told = re.search(r"(?:^|\s)(?:--workers[= ]|-w[= ]?)(\d+)(?:\s|$)", " ".join(arguments[1:]))
    number = told[1] if told is not None else environment.get("WEB_CONCURRENCY", "")
    return int(number) if number.isdigit() and int(number) > 0 else 1
