"""Whether this machine's cores were as quick at some moment as they can be.

A virtual machine shares its cores, and what others do on them shows in nothing that it can read: the same arithmetic
takes up to twice as long, for seconds at a time, with nothing else running here. What is said of an idle machine is
said of moments in which every core was quick, before and after.
"""

import os
import time
from collections.abc import Mapping

_ROUNDS = 6000
# Times a core's best time: slower than that means that something else runs on it.
_QUICK = 1.2
_NAP_SECONDS = 0.01

# Seconds that each core took for some arithmetic, a quarter of a millisecond or more.
Reading = Mapping[int, float]


class Gauge:
    """Reads how quick the cores are, and knows the best time of each that it has seen so far."""

    def __init__(self) -> None:
        self._best: dict[int, float] = {}

    def read(self) -> Reading:
        """Each core's time now; of the one it runs on, as core 0, where a process can't choose its core."""
        if not hasattr(os, "sched_setaffinity"):
            return self._noted({0: _arithmetic()})
        cores = os.sched_getaffinity(0)
        taken = {}
        for core in cores:
            os.sched_setaffinity(0, {core})
            taken[core] = _arithmetic()
        os.sched_setaffinity(0, cores)
        return self._noted(taken)

    def idle(self, reading: Reading) -> bool:
        """Whether all cores were within a fifth of their best, as far as that is known by now."""
        return all(took <= _QUICK * self._best[core] for core, took in reading.items())

    def wait(self, until: float) -> Reading:
        """Waits for an idle moment, until a time of time.monotonic() at most. Returns the reading that ended it."""
        while not self.idle(reading := self.read()) and time.monotonic() < until:
            time.sleep(_NAP_SECONDS)
        return reading

    def _noted(self, reading: dict[int, float]) -> Reading:
        for core, took in reading.items():
            self._best[core] = min(self._best.get(core, took), took)
        return reading


def _arithmetic() -> float:
    # The first time finds nothing in the caches.
    return min(_once(), _once())


def _once() -> float:
    begun = time.perf_counter()
    total = 0
    for i in range(_ROUNDS):
        total += i * i
    return time.perf_counter() - begun
