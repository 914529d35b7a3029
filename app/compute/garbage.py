"""When Python looks for garbage among all objects.

A full search looks at every object there is while no thread runs: seconds where there are millions of them, as the
layers of kept and of live networks are. Python begins one while objects are made, so that a small request could stop
everybody. Here it only looks at what is young by itself, and at everything now and then.
"""

import asyncio
import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager

# What is older is never searched because objects are made.
_NEVER = 2**30
# Full searches take at most this part of the time, and come no sooner than this.
_SHARE = 0.001
_LEAST_SECONDS = 30.0
# Searches of what is young until there can be garbage that is worth a full one, as Python itself has it.
_WORTH = 10


@contextmanager
def on_our_time() -> Iterator[None]:
    """Within this, no full search begins by itself."""
    before = gc.get_threshold()
    gc.set_threshold(*before[:2], _NEVER)
    try:
        yield
    finally:
        gc.set_threshold(*before)


async def collect() -> None:
    """Searches everything now and then, for as long as it is let."""
    pause = _LEAST_SECONDS
    while True:
        await asyncio.sleep(pause)
        if gc.get_count()[2] < _WORTH:
            continue
        began = time.perf_counter()
        gc.collect()
        pause = max(_LEAST_SECONDS, (time.perf_counter() - began) / _SHARE)
