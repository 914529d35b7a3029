"""/metrics: what the server did, as Prometheus reads it. The numbers are prometheus-client's."""

from collections.abc import Callable

from fastapi import APIRouter, Request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector
from starlette.responses import PlainTextResponse, Response

router = APIRouter(tags=["health"])

_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
# Seconds; a small pass takes a tenth of a millisecond, the dearest that is allowed some tens of seconds.
_BUCKETS = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Metrics:
    """One application's own numbers."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        PlatformCollector(registry=self._registry)
        self._requests = Counter(
            "adelante_requests", "HTTP requests answered", ["method", "route", "status"], registry=self._registry
        )
        self._seconds = Histogram(
            "adelante_request_seconds",
            "Time from a request's headers to its answer's last byte",
            ["method", "route"],
            buckets=_BUCKETS,
            registry=self._registry,
        )
        # Finding a label's series again costs more than counting in it.
        self._found: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        """One request to a route, named by its pattern; a method of the client's own making is another."""
        method = method if method in _METHODS else "other"
        series = self._found.get((method, route, status))
        if series is None:
            series = self._requests.labels(method, route, str(status)), self._seconds.labels(method, route)
            self._found[method, route, status] = series
        series[0].inc()
        series[1].observe(seconds)

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
