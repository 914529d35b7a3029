"""How often something came, by its size: what a histogram of /metrics is made of.

prometheus-client's own histograms lock and check at each observation; these are added to where nothing else adds, and
handed over when they are asked for.
"""

from bisect import bisect_left

# Seconds; a small pass takes a tenth of a millisecond, the longest that is allowed some tens of seconds.
SECONDS = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
ROWS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 1024, 4096, 16384, 65536)


class Tally:
    """Counts by upper bounds, the last of which is infinite, and the sum of all that was counted."""

    __slots__ = ("bounds", "buckets", "total")

    def __init__(self, bounds: tuple[float, ...] = SECONDS) -> None:
        self.bounds = bounds
        self.buckets = [0] * (len(bounds) + 1)
        self.total = 0.0

    def add(self, value: float) -> None:
        """One more of this size."""
        self.buckets[bisect_left(self.bounds, value)] += 1
        self.total += value
