"""A live client's commands wait within a budget, and the client with them."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from app.api.http.problems import Problem
from app.api.routes import live_inbox
from app.api.routes.live_inbox import Inbox
from app.live.budget import Budget


def using(use: Callable[[Inbox, Budget], Coroutine[Any, Any, None]], limit: int = 10**9) -> None:
    async def run() -> None:
        budget = Budget(limit, "ADELANTE_LIVE_SESSION_BYTES")
        await asyncio.wait_for(use(Inbox(budget), budget), 20)

    asyncio.run(run())


def test_who_sends_faster_than_it_is_answered_waits() -> None:
    async def use(inbox: Inbox, budget: Budget) -> None:
        large = "x" * (live_inbox._MOST_WAITING_BYTES - 10)
        await inbox.put(large)
        await inbox.put("y" * 10)
        third = asyncio.create_task(inbox.put("z"))
        await asyncio.sleep(0)
        assert not third.done()
        assert budget.used == live_inbox._MOST_WAITING_BYTES
        first = await inbox.next()
        assert first is large
        await asyncio.sleep(0)
        assert not third.done()
        inbox.answered(first)
        await third
        assert [await inbox.next(), await inbox.next()] == ["y" * 10, "z"]
        assert inbox.empty
        for text in ("y" * 10, "z"):
            inbox.answered(text)
        assert budget.used == 0

    using(use)


def test_one_large_command_is_taken_where_nothing_else_waits() -> None:
    async def use(inbox: Inbox, budget: Budget) -> None:
        text = "x" * (2 * live_inbox._MOST_WAITING_BYTES)
        await inbox.put(text)
        assert await inbox.next() is text

    using(use)


def test_many_small_commands_wait_too() -> None:
    async def use(inbox: Inbox, budget: Budget) -> None:
        for _ in range(live_inbox._MOST_WAITING):
            await inbox.put("x")
        waiting = asyncio.create_task(inbox.put("x"))
        await asyncio.sleep(0)
        assert not waiting.done()
        inbox.answered(await inbox.next())
        await waiting

    using(use)


def test_a_command_past_the_budget_is_told_in_its_place() -> None:
    async def use(inbox: Inbox, budget: Budget) -> None:
        await inbox.put("x" * 60)
        await inbox.put("y" * 60)
        assert await inbox.next() == "x" * 60
        problem = await inbox.next()
        assert isinstance(problem, Problem)
        assert problem.faults[0].values["setting"] == "ADELANTE_LIVE_SESSION_BYTES"
        inbox.answered(problem)
        assert budget.used == 60

    using(use, limit=100)


def test_who_waits_for_a_while_gets_what_comes_within_it_and_nothing_after_it() -> None:
    async def use(inbox: Inbox, budget: Budget) -> None:
        assert await inbox.next_within(0.001) is None
        later = asyncio.create_task(inbox.next_within(10))
        await asyncio.sleep(0)
        await inbox.put("x")
        assert await later == "x"
        await inbox.put("y")
        assert await inbox.next_within(10) == "y"

    using(use)
