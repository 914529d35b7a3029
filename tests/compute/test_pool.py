"""Works share the pool's time step by step, within its memory, and end once nobody waits for them."""

import asyncio
import gc
import threading
from collections.abc import Callable
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest

from app.compute import pool as pool_module
from app.compute.content import Content
from app.compute.pool import Abandoned, Pool, Steps, drained


def using(use: Callable[[Pool], Any], *, workers: int = 1, memory: int = 100) -> Any:
    async def run() -> Any:
        pool = Pool(workers, memory, lambda: None)
        try:
            return await asyncio.wait_for(use(pool), 20)
        finally:
            pool.close()

    return asyncio.run(run())


class Gate:
    """Steps that each wait to be let through."""

    def __init__(self) -> None:
        self.entered = threading.Semaphore(0)
        self.open = threading.Semaphore(0)
        self.steps = 0

    def work(self) -> Steps[int]:
        for _ in range(100):
            self.steps += 1
            self.entered.release()
            assert self.open.acquire(timeout=20)
            yield
        return self.steps

    async def reached(self) -> None:
        await asyncio.to_thread(self.entered.acquire, timeout=20)


def test_a_small_work_does_not_wait_for_the_end_of_a_large_one() -> None:
    async def use(pool: Pool) -> None:
        gate = Gate()
        large = pool.submit(gate.work)
        await gate.reached()
        small = pool.submit(lambda: "done")
        await asyncio.sleep(2 * pool_module._TURN_SECONDS)
        gate.open.release()
        assert await small.future == "done"
        assert not large.future.done()
        gate.open.release(100)
        assert await large.future == 100

    using(use)


def test_small_ones_go_first_and_those_of_one_size_end_in_the_order_in_which_they_came(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    order: list[str] = []
    now = 0.0
    monkeypatch.setattr(pool_module, "time", SimpleNamespace(perf_counter=lambda: now))

    def work(name: str, steps: int) -> Steps[None]:
        nonlocal now
        for _ in range(steps):
            order.append(name)
            now += 0.006
            yield

    async def use(pool: Pool) -> None:
        nonlocal now
        gate = Gate()
        first = pool.submit(gate.work)
        await gate.reached()
        works = []
        for name, steps in (("a", 3), ("b", 3), ("c", 1)):
            now += 0.001
            works.append(pool.submit(partial(work, name, steps)))
        gate.open.release(100)
        await asyncio.gather(first.future, *(each.future for each in works))

    using(use)
    # After its first turn each waits for the others' first; then a is ended before b goes on.
    assert "".join(order) == "abcaabb"


def test_a_work_that_nobody_waits_for_stops_at_its_next_step() -> None:
    async def use(pool: Pool) -> None:
        gate = Gate()
        large = pool.submit(gate.work)
        await gate.reached()
        pool.leave(large)
        gate.open.release(100)
        with pytest.raises(Abandoned):
            await large.future
        assert gate.steps == 1

    using(use)


def test_a_waiting_work_that_nobody_waits_for_is_never_begun() -> None:
    async def use(pool: Pool) -> None:
        gate, begun = Gate(), threading.Event()
        large = pool.submit(gate.work)
        await gate.reached()
        waiting = pool.submit(begun.set)
        pool.leave(waiting)
        with pytest.raises(Abandoned):
            await waiting.future
        gate.open.release(100)
        await large.future
        assert not begun.is_set()

    using(use)


def test_a_work_that_two_wait_for_goes_on_when_one_leaves() -> None:
    async def use(pool: Pool) -> None:
        gate = Gate()
        work = pool.submit(gate.work)
        work.waiters += 1
        pool.leave(work)
        gate.open.release(100)
        assert await work.future == 100

    using(use)


def test_what_does_not_fit_waits_until_an_answer_was_taken_and_what_fits_goes_on() -> None:
    async def use(pool: Pool) -> None:
        first = pool.submit(lambda: Content([b"x" * 60]), 80)
        content = await first.future
        del first
        assert pool.used == 60
        second = pool.submit(lambda: "second", 50)
        assert await pool.submit(lambda: "small", 40).future == "small"
        assert not second.future.done()
        assert b"".join(content.take()) == b"x" * 60
        del content
        gc.collect()
        assert await second.future == "second"
        assert pool.used == 0

    using(use)


def test_memory_is_given_back_where_a_work_fails() -> None:
    def fail() -> None:
        raise ZeroDivisionError

    def fail_later() -> Steps[None]:
        yield
        raise ZeroDivisionError

    async def use(pool: Pool) -> None:
        for work in (fail, fail_later):
            with pytest.raises(ZeroDivisionError):
                await pool.submit(work, 100).future
        assert pool.used == 0

    using(use)


def test_a_closed_pool_drops_what_waits_and_what_runs() -> None:
    async def use(pool: Pool) -> None:
        gate = Gate()
        running = pool.submit(gate.work)
        await gate.reached()
        waiting = pool.submit(lambda: None)
        pool.close()
        with pytest.raises(Abandoned):
            await waiting.future
        gate.open.release(100)
        with pytest.raises(Abandoned):
            await running.future
        assert gate.steps == 1

    using(use)


def test_drained_gives_the_end_of_steps_and_any_other_value_itself() -> None:
    def steps() -> Steps[int]:
        yield
        return 3

    assert drained(steps()) == 3
    assert drained([1]) == [1]


def test_content_is_taken_once_and_in_pieces() -> None:
    large = bytes(range(256)) * 8192
    content = Content([b"ab", large, memoryview(b"cd")])
    assert content.size == 4 + len(large)
    pieces = list(content.take())
    assert b"".join(pieces) == b"ab" + large + b"cd"
    assert max(map(len, pieces)) <= 1 << 19
    assert list(content.take()) == []
    assert Content([memoryview(b"cd")]).whole() == b"cd"


def test_memory_that_large_works_freed_is_given_back_once_nothing_runs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    trimmed = threading.Event()
    monkeypatch.setattr(pool_module, "trim", trimmed.set)
    monkeypatch.setattr(pool_module, "_TRIM_BYTES", 1000)

    async def use() -> None:
        pool = Pool(1, 10_000, lambda: None)
        await pool.submit(lambda: None, 900).future
        assert not await asyncio.to_thread(trimmed.wait, 0.1)
        await pool.submit(lambda: None, 900).future
        await pool.submit(lambda: None).future
        assert not trimmed.is_set()
        assert await asyncio.to_thread(trimmed.wait, 10)
        pool.close()

    asyncio.run(use())
