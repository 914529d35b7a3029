"""A few threads that share their time among many works, step by step.

A work is a function, or one that gives a generator: the generator yields after every step, and what it returns is the
result. A thread that has been with a work for a while turns, between two steps, to one that has had much less time so
far. So a small work never waits for a large one to end, works of about one size end in the order in which they came,
and one that nobody waits for any more stops at its next step.
"""

import asyncio
import math
import threading
import time
import weakref
from collections.abc import Callable, Generator
from types import GeneratorType
from typing import Any, Generic, TypeVar, cast

from app.compute.content import Content
from app.compute.memory import trim
from app.tally import Tally

# A thread stays with a work for so long: to turn to another and back leaves the processor's caches to be filled anew.
_TURN_SECONDS = 0.005
# Works whose times so far are within this factor take no turns with each other: if all shared evenly, all of one size
# would end together, at the end, and each would find its data gone from the processor's caches at every turn.
_MUCH = 4
# After works that took so much together, what they freed is given to the system once nothing has run for so long.
_TRIM_BYTES = 2**26
_QUIET_SECONDS = 0.5

T = TypeVar("T")
Steps = Generator[None, None, T]


class Abandoned(Exception):
    """Nobody waits for the work any more."""


def drained(value: Any) -> Any:
    """The result of all steps, one after the other; a value that is no generator is its own result."""
    if type(value) is not GeneratorType:
        return value
    while True:
        try:
            next(value)
        except StopIteration as end:
            return end.value


class Work(Generic[T]):
    """One work, from when it is handed over until its future has the result."""

    def __init__(self, start: Callable[[], T | Steps[T]], memory: int, device: str) -> None:
        self.memory = memory
        self.device = device
        self.submitted = time.perf_counter()
        self.waited = 0.0
        self.seconds = 0.0
        self.waiters = 1
        self.started = False
        self._loop = asyncio.get_running_loop()
        self.future: asyncio.Future[T] = self._loop.create_future()
        # Where nobody waits, nobody has to be told of an error.
        self.future.add_done_callback(lambda future: future.cancelled() or future.exception())
        self._start: Callable[[], T | Steps[T]] | None = start
        self._steps: Steps[T] | None = None
        self.result: T | None = None

    @property
    def place(self) -> tuple[float, float]:
        """Where it stands among others: the smaller goes first."""
        return max(0, math.ceil(math.log(max(self.seconds, 1e-9) / _TURN_SECONDS, _MUCH))), self.submitted

    def step(self) -> bool:
        """Does one step; whether that was the last one. Raises what the work raises."""
        if self.waiters <= 0:
            raise Abandoned
        began = time.perf_counter()
        try:
            return self._advance()
        finally:
            self.seconds += time.perf_counter() - began

    def _advance(self) -> bool:
        if self._start is not None:
            start, self._start = self._start, None
            value = start()
            if type(value) is not GeneratorType:
                self.result = cast(T, value)
                return True
            self._steps = value
        else:
            assert self._steps is not None
            try:
                next(self._steps)
            except StopIteration as end:
                self.result = end.value
                return True
        return False

    def end(self, error: BaseException | None = None) -> None:
        """Tells the future the result or the error, and lets go of all that the work held on to."""
        if self._steps is not None:
            self._steps.close()
        result, self.result, self._start, self._steps = self.result, None, None, None

        def tell() -> None:
            if self.future.done():
                return
            if error is None:
                self.future.set_result(cast(T, result))
            else:
                self.future.set_exception(error)

        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(tell)


class Pool:
    """`workers` threads, each set up by `prepare`, and `memory` bytes that all works and their results may take.

    A work begins once the memory that it says it needs is free, and has it until it ends. Where its result is
    `Content`, the size of that stays taken for as long as the content lives.
    """

    def __init__(self, workers: int, memory: int, prepare: Callable[[], Any]) -> None:
        self._workers = workers
        self._memory = memory
        self._prepare = prepare
        self._threads: list[threading.Thread] = []
        self._waiting: list[Work[Any]] = []
        # Re-entrant: contents are collected, and their memory given back, at any point of any thread.
        self._changed = threading.Condition(threading.RLock())
        self._closed = False
        self._freed = 0
        self._watched = False
        self.used = 0
        self.waits = Tally()
        """Seconds from when a work was handed over to its first step."""
        self.seconds: dict[str, Tally] = {}
        """Seconds that works took of a thread, by device."""

    @property
    def waiting(self) -> int:
        """How many works have not begun."""
        with self._changed:
            return sum(not work.started for work in self._waiting)

    def submit(self, start: Callable[[], Any], memory: int = 0, device: str = "cpu") -> Work[Any]:
        """Hands a work over, from within the event loop that waits for it."""
        work: Work[Any] = Work(start, memory, device)
        with self._changed:
            self._waiting.append(work)
            if len(self._threads) < self._workers:
                name = f"pass-{len(self._threads)}"
                self._threads.append(threading.Thread(target=self._serve, name=name, daemon=True))
                self._threads[-1].start()
            self._changed.notify()
        return work

    def leave(self, work: Work[Any]) -> None:
        """One who waited for the work has left. The last one to leave ends it: at once, or at its next step."""
        with self._changed:
            work.waiters -= 1
            if work.waiters <= 0 and work in self._waiting:
                self._waiting.remove(work)
                self._end(work, Abandoned())

    def close(self) -> None:
        """Drops all that waits; what runs ends with its current step."""
        with self._changed:
            self._closed = True
            for work in self._waiting:
                self._end(work, Abandoned())
            self._waiting.clear()
            self._changed.notify_all()

    def _serve(self) -> None:
        self._prepare()
        while (work := self._next()) is not None:
            until = work.seconds + _TURN_SECONDS
            try:
                while not (ended := work.step()) and not self._should_turn(work, until):
                    pass
            except BaseException as error:
                self._end(work, error)
            else:
                if ended:
                    self._end(work)
                else:
                    self._put_back(work)
            del work

    def _next(self) -> Work[Any] | None:
        with self._changed:
            while not self._closed:
                ready = [work for work in self._waiting if self._may_run(work)]
                if ready:
                    chosen = min(ready, key=lambda work: work.place)
                    self._waiting.remove(chosen)
                    if not chosen.started:
                        chosen.started = True
                        chosen.waited = time.perf_counter() - chosen.submitted
                        self.waits.add(chosen.waited)
                        self.used += chosen.memory
                    return chosen
                self._wait()
            return None

    def _wait(self) -> None:
        """Waits for something to change; one of the threads, where much is free, for a while in which nothing does."""
        if not self._much_is_free or self._watched:
            self._changed.wait()
            return
        self._watched = True
        quiet = not self._changed.wait(_QUIET_SECONDS)
        self._watched = False
        if quiet and self._much_is_free:
            self._freed = 0
            # Nobody waits for the lock meanwhile.
            self._changed.release()
            try:
                trim()
            finally:
                self._changed.acquire()

    @property
    def _much_is_free(self) -> bool:
        return self.used <= 0 and self._freed >= _TRIM_BYTES

    def _may_run(self, work: Work[Any]) -> bool:
        return work.started or work.memory == 0 or self.used + work.memory <= self._memory

    def _should_turn(self, work: Work[Any], until: float) -> bool:
        if work.seconds < until:
            return self._closed
        with self._changed:
            return self._closed or any(other.place < work.place and self._may_run(other) for other in self._waiting)

    def _put_back(self, work: Work[Any]) -> None:
        with self._changed:
            if self._closed:
                self._end(work, Abandoned())
            else:
                self._waiting.append(work)
                self._changed.notify()

    def _end(self, work: Work[Any], error: BaseException | None = None) -> None:
        kept = work.result.size if error is None and isinstance(work.result, Content) else 0
        if kept:
            weakref.finalize(work.result, self._give_back, kept).atexit = False
        if work.started:
            with self._changed:
                self.seconds.setdefault(work.device, Tally()).add(work.seconds)
        self._give_back((work.memory if work.started else 0) - kept)
        work.end(error)

    def _give_back(self, memory: int) -> None:
        with self._changed:
            self.used -= memory
            self._freed += max(0, memory)
            # Threads without work are woken only for what waits for the memory, or to watch that much of it is free.
            if self._waiting or (self._much_is_free and not self._watched):
                self._changed.notify_all()
