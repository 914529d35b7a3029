"""`adelante serve` whose wall clock jumps: a day ahead at SIGUSR1, two days back at SIGUSR2."""

import runpy
import signal
import sys
import time

DAY = 86_400.0
_real = time.time
_offset = 0.0


def _now() -> float:
    return _real() + _offset


def _jump(sig: int, frame: object) -> None:
    global _offset
    _offset += DAY if sig == signal.SIGUSR1 else -2 * DAY


if __name__ == "__main__":
    time.time = _now
    time.time_ns = lambda: int(_now() * 1e9)
    signal.signal(signal.SIGUSR1, _jump)
    signal.signal(signal.SIGUSR2, _jump)
    sys.argv = ["adelante", "serve"]
    runpy.run_module("app.cli", run_name="__main__")
