"""When all objects are searched for garbage."""

import asyncio
import gc
import time

import pytest
from starlette.testclient import TestClient

from app.compute import garbage
from app.main import create_app
from app.settings import Settings


def full_searches() -> int:
    return int(gc.get_stats()[2]["collections"])


def test_objects_that_a_request_makes_begin_no_full_search() -> None:
    """As many as the layers of some networks are: what others wait for would grow with all that is kept."""
    suites = gc.get_threshold()
    gc.set_threshold(700, 10, 10)  # Python's own
    try:
        with TestClient(create_app(Settings())):
            count = full_searches()
            kept: list[list[None]] = [[] for _ in range(1_500_000)]
            assert full_searches() == count
        assert gc.get_threshold() == (700, 10, 10)
        del kept
    finally:
        gc.set_threshold(*suites)


def test_everything_is_searched_now_and_then_for_a_small_part_of_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    clock = iter((0.0, 0.5, 10.0, 10.001))

    async def slept(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 4:
            raise asyncio.CancelledError

    counts = iter((garbage._WORTH, 0, garbage._WORTH))
    monkeypatch.setattr(asyncio, "sleep", slept)
    monkeypatch.setattr(time, "perf_counter", lambda: next(clock))
    monkeypatch.setattr(gc, "get_count", lambda: (0, 0, next(counts)))
    searched: list[int] = []
    monkeypatch.setattr(gc, "collect", lambda: searched.append(1))
    coroutine = garbage.collect()
    with pytest.raises(asyncio.CancelledError):
        coroutine.send(None)
    # Half a second of searching is followed by 500 in which there is none; where nothing was made, none is begun.
    assert pauses == [30.0, pytest.approx(500), pytest.approx(500), 30.0]
    assert len(searched) == 2
