"""/metrics: what the server did, as Prometheus reads it. The numbers are prometheus-client's."""

from bisect import bisect_left
from collections.abc import Callable, Iterator
from itertools import accumulate
from math import inf
from operator import add

from fastapi import APIRouter, Request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.utils import floatToGoString
from starlette.responses import PlainTextResponse, Response

router = APIRouter(tags=["health"])

_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
# Seconds; a small pass takes a tenth of a millisecond, the longest that is allowed some tens of seconds.
_BUCKETS = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class _Tally:
    """Requests of one method, route and status, by how long they took."""

    __slots__ = ("buckets", "seconds")

    def __init__(self) -> None:
        self.buckets = [0] * (len(_BUCKETS) + 1)
        self.seconds = 0.0


class Metrics:
    """One application's own numbers.

    Requests are tallied here, on the event loop, and handed to prometheus-client when they are asked for: its own
    counters lock and check at each request.
    """

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        PlatformCollector(registry=self._registry)
        self._registry.register(self)
        self._tallies: dict[tuple[str, str, int], _Tally] = {}

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        """One request to a route, named by its pattern; a method of the client's own making is another."""
        if method not in _METHODS:
            method = "other"
        tally = self._tallies.get((method, route, status))
        if tally is None:
            tally = self._tallies[method, route, status] = _Tally()
        tally.buckets[bisect_left(_BUCKETS, seconds)] += 1
        tally.seconds += seconds

    def collect(self) -> Iterator[Metric]:
        """For prometheus-client: how many requests were answered, by status, and how long they took."""
        requests = CounterMetricFamily(
            "adelante_requests", "HTTP requests answered", labels=["method", "route", "status"]
        )
        times = HistogramMetricFamily(
            "adelante_request_seconds",
            "Time from a request's headers to its answer's last byte",
            labels=["method", "route"],
        )
        together: dict[tuple[str, str], _Tally] = {}
        for (method, route, status), tally in self._tallies.items():
            requests.add_metric([method, route, str(status)], sum(tally.buckets))
            both = together.setdefault((method, route), _Tally())
            both.buckets = list(map(add, both.buckets, tally.buckets))
            both.seconds += tally.seconds
        for labels, tally in together.items():
            bounds = zip(map(floatToGoString, (*_BUCKETS, inf)), accumulate(tally.buckets), strict=True)
            times.add_metric(labels, list(bounds), tally.seconds)
        yield requests
        yield times

    def watch(self, name: str, text: str, value: Callable[[], float]) -> None:
        """A gauge that asks for its value when it is read."""
        Gauge(name, text, registry=self._registry).set_function(value)

    def text(self) -> bytes:
        """All of them in Prometheus' text format."""
        return generate_latest(self._registry)


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
