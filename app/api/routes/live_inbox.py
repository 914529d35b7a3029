"""Commands of one live client that wait for their answer."""

import asyncio
from collections import deque

from adelante.network.errors import Fault
from app.api.http.problems import Problem
from app.live.budget import Budget

# A client that sends faster than it is served waits, once this many commands or bytes of them do.
_MOST_WAITING = 1024
_MOST_WAITING_BYTES = 1 << 22


class Inbox:
    """Texts and binary frames in the order in which they came, counted in the session's budget until answered."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._waiting: deque[str | bytes | Problem] = deque()
        self._bytes = 0
        self._came = asyncio.Event()
        self._answered = asyncio.Event()

    async def put(self, text: str | bytes | Problem) -> None:
        """Adds a command, or what was wrong with it, once there is room; others wait in the client meanwhile."""
        size = _size(text)
        while self._waiting and (len(self._waiting) >= _MOST_WAITING or self._bytes + size > _MOST_WAITING_BYTES):
            self._answered.clear()
            await self._answered.wait()
        if not self._budget.take(size):
            lacking = self._budget.lacking(size) or self._budget
            values = {"size": size, "limit": lacking.limit, "setting": lacking.setting}
            fault = Fault("too-large", "session-too-large", "", values, hint="session-too-large")
            text, size = Problem("too-large", fault), 0
        self._bytes += size
        self._waiting.append(text)
        self._came.set()

    async def next(self) -> str | bytes | Problem:
        """The oldest command; it stays counted until `answered` is told of it."""
        while not self._waiting:
            self._came.clear()
            await self._came.wait()
        return self._waiting.popleft()

    async def next_within(self, seconds: float) -> str | bytes | Problem | None:
        """The same, or None where none comes within so many seconds."""
        if not self._waiting:
            self._came.clear()
            timer = asyncio.get_running_loop().call_later(seconds, self._came.set)
            try:
                await self._came.wait()
            finally:
                timer.cancel()
        return self._waiting.popleft() if self._waiting else None

    def answered(self, text: str | bytes | Problem) -> None:
        """The command is answered, and its text is needed no more."""
        self._budget.take(-_size(text))
        self._bytes -= _size(text)
        self._answered.set()

    @property
    def empty(self) -> bool:
        return not self._waiting


def _size(text: str | bytes | Problem) -> int:
    return len(text) if isinstance(text, str | bytes) else 0
