"""/metrics: what the server did, as Prometheus reads it. The numbers are prometheus-client's."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from itertools import accumulate
from math import inf
from operator import add
from pathlib import Path

from fastapi import APIRouter, Request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.utils import floatToGoString
from starlette.responses import PlainTextResponse, Response

from app.api.http.shared_metrics import SharedMetrics
from app.tally import Tally

router = APIRouter(tags=["health"])

_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
# How old the other processes' numbers may be.
_SHARE_SECONDS = 2.0
Value = Callable[[], float]


class Metrics:
    """One application's own numbers; with a `folder`, together with those of the processes that share it.

    Requests are tallied here, on the event loop, and handed to prometheus-client when they are asked for.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        PlatformCollector(registry=self._registry)
        self._registry.register(self)
        self._tallies: dict[tuple[str, str, int], Tally] = {}
        self._watched: list[Callable[[], Metric]] = []
        self._shared = None if folder is None else SharedMetrics(folder)

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        """One request to a route, named by its pattern; a method of the client's own making is another."""
        if method not in _METHODS:
            method = "other"
        tally = self._tallies.get((method, route, status))
        if tally is None:
            tally = self._tallies[method, route, status] = Tally()
        tally.add(seconds)

    def collect(self) -> Iterator[Metric]:
        """For prometheus-client: how many requests were answered, by status, and how long they took; and all else."""
        requests = CounterMetricFamily(
            "adelante_requests", "HTTP requests answered", labels=["method", "route", "status"]
        )
        together: dict[tuple[str, ...], Tally] = {}
        for (method, route, status), tally in self._tallies.items():
            requests.add_metric([method, route, str(status)], sum(tally.buckets))
            both = together.setdefault((method, route), Tally())
            both.buckets = list(map(add, both.buckets, tally.buckets))
            both.total += tally.total
        yield requests
        times = "Time from a request's headers to its answer's last byte"
        yield _histogram("adelante_request_seconds", times, ("method", "route"), together)
        for watched in self._watched:
            yield watched()

    def watch(self, name: str, text: str, value: Value) -> None:
        """A gauge that asks for its value when it is read."""
        self._watched.append(lambda: GaugeMetricFamily(name, text, value()))

    def count_of(self, name: str, text: str, value: Value) -> None:
        """A counter that is kept elsewhere, which /metrics calls NAME_total."""
        self._watched.append(lambda: CounterMetricFamily(name, text, value()))

    def tallied(self, name: str, text: str, tallies: Callable[[], Mapping[str, Tally]], label: str = "") -> None:
        """A histogram that is kept elsewhere: one tally, named "", or one for each value of the label."""
        labels = (label,) if label else ()
        self._watched.append(
            lambda: _histogram(name, text, labels, {(k,) if label else (): v for k, v in tallies().items()})
        )

    def text(self) -> bytes:
        """All of them in Prometheus' text format."""
        if self._shared is None:
            return generate_latest(self._registry)
        self._shared.put(self._registry.collect())
        return self._shared.text()

    async def share(self) -> None:
        """Hands the numbers to the other processes, if there are any, for as long as it runs."""
        while self._shared is not None:
            self._shared.put(self._registry.collect())
            await asyncio.sleep(_SHARE_SECONDS)

    def close(self) -> None:
        """Hands over the last ones."""
        if self._shared is not None:
            self._shared.put(self._registry.collect())
            self._shared.close()


def _histogram(
    name: str, text: str, labels: tuple[str, ...], tallies: Mapping[tuple[str, ...], Tally]
) -> HistogramMetricFamily:
    family = HistogramMetricFamily(name, text, labels=labels)
    for values, tally in tallies.items():
        bounds = zip(map(floatToGoString, (*tally.bounds, inf)), accumulate(tally.buckets), strict=True)
        family.add_metric(values, list(bounds), tally.total)
    return family


@router.get(
    "/metrics",
    summary="Numbers for Prometheus",
    response_class=PlainTextResponse,
    responses={
        200: {
            "description": "Prometheus' text format.",
            "content": {
                "text/plain": {
                    "schema": {"type": "string"},
                    "example": 'adelante_requests_total{method="POST",route="/api/v1/forward",status="200"} 7.0\n',
                }
            },
        }
    },
)
async def get_metrics(request: Request) -> Response:
    """Requests by route and status, their times, passes that wait, open live sessions, memory of kept networks."""
    metrics: Metrics = request.app.metrics
    return Response(metrics.text(), media_type=CONTENT_TYPE_LATEST)
