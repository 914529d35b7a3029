"""The numbers of several processes as one: each puts its own into files, and whoever is asked adds up all of them.

The files are those of prometheus-client's multiprocess mode, and its collector adds them up. They are written every
other second and not at each request, which would cost more than a small pass.
"""

import time
from collections.abc import Iterable, Iterator
from itertools import chain
from os import getpid
from pathlib import Path
from secrets import token_hex

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import Metric
from prometheus_client.mmap_dict import MmapedDict, mmap_key
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.samples import Sample

# What is not the sum of what each process has: of which process (process_…, by its pid), or the newest of all.
_MODES = {
    "python_info": "livemostrecent",
    "adelante_store_bytes": "livemostrecent",
    "adelante_store_max_bytes": "livemax",
}


class SharedMetrics:
    """One process's part of them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[str, MmapedDict] = {}
        self._keys: dict[tuple[str, tuple[str, ...]], str] = {}
        self._written: dict[str, float] = {}
        # A number may come back as another process's; what was counted under it stays.
        self._name = f"{getpid()}-{token_hex(4)}"

    def put(self, metrics: Iterable[Metric]) -> None:
        """Writes what changed since the last time."""
        now = time.time()
        for metric in metrics:
            kind = metric.type if metric.type != "gauge" else f"gauge_{_mode(metric.name)}"
            samples = _apart(metric.samples) if metric.type == "histogram" else metric.samples
            for sample in samples:
                key = self._key(metric, sample)
                if self._written.get(key) != sample.value:
                    self._file(kind).write_value(key, sample.value, now)  # type: ignore[no-untyped-call]
                    self._written[key] = sample.value

    def text(self) -> bytes:
        """All processes' numbers in Prometheus' text format."""
        registry = CollectorRegistry()
        MultiProcessCollector(registry, path=str(self._folder))  # type: ignore[no-untyped-call]
        return generate_latest(registry)

    def close(self) -> None:
        for file in self._files.values():
            file.close()  # type: ignore[no-untyped-call]
        self._files.clear()
        self._written.clear()

    def _file(self, kind: str) -> MmapedDict:
        if kind not in self._files:
            # Of a gauge the collector reads the process's number from the name, and it is removed with the process.
            name = getpid() if kind.startswith("gauge") else self._name
            self._files[kind] = MmapedDict(str(self._folder / f"{kind}_{name}.db"))  # type: ignore[no-untyped-call]
        return self._files[kind]

    def _key(self, metric: Metric, sample: Sample) -> str:
        known = sample.name, tuple(chain.from_iterable(sample.labels.items()))
        key = self._keys.get(known)
        if key is None:
            labels = list(sample.labels), list(sample.labels.values())
            key = self._keys[known] = mmap_key(metric.name, sample.name, *labels, metric.documentation)
        return key


def _mode(name: str) -> str:
    return _MODES.get(name, "liveall" if name.startswith("process_") else "livesum")


def _apart(samples: Iterable[Sample]) -> Iterator[Sample]:
    """A histogram's buckets without those below, as the files have them; their count is made of them again."""
    below = 0.0
    for sample in samples:
        if sample.name.endswith("_bucket"):
            yield sample._replace(value=sample.value - below)
            below = sample.value
        else:
            below = 0.0
            if sample.name.endswith("_sum"):
                yield sample
