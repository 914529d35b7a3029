"""OpenTelemetry traces, by the extra `otel`: a span for each request, each pass in the pool, each use of the store.

The standard variables set them (OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_TRACES_SAMPLER, OTEL_SERVICE_NAME, OTEL_PROPAGATORS,
OTEL_RESOURCE_ATTRIBUTES, OTEL_BSP_…); without an endpoint or exporter there are none, and no OpenTelemetry is imported.
The spans are our own, since the instrumentation of FastAPI stands where the direct operations never come by, and would
tell whole addresses; ours say routes, and no body.
"""

import logging
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Tracer

_NAME = "adelante"
_ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
_FAILED = 500
# An exception's message may quote what a client sent.
_UNQUOTED: dict[str, Any] = {"record_exception": False, "set_status_on_exception": False}
_NOTHING: AbstractContextManager[None] = nullcontext()
_log = logging.getLogger(_NAME)

_provider: "TracerProvider | None" = None
_tracer: "Tracer | None" = None


def wanted(environment: Mapping[str, str]) -> str | None:
    """Where spans go, otlp or console, by the standard variables; None where nobody asks for them."""
    if environment.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return None
    named = environment.get("OTEL_TRACES_EXPORTER", "").strip().lower()
    if not named:
        named = "otlp" if any(environment.get(name) for name in _ENDPOINTS) else "none"
    return None if named == "none" else named


def begin(environment: Mapping[str, str]) -> None:
    """Makes spans from now on, if the environment asks for them. What can't be met is logged, and there are none."""
    global _provider, _tracer
    exporter = wanted(environment)
    if exporter is None or _tracer is not None:
        return
    if exporter not in ("otlp", "console"):
        _log.warning("OTEL_TRACES_EXPORTER=%s: Adelante knows otlp (over HTTP), console and none. No traces.", exporter)
        return
    try:
        _provider = _made(exporter, environment)
    except ImportError:
        _log.warning("OTEL_… asks for traces: pip install 'adelante[otel]' brings what makes them. No traces.")
        return
    _tracer = _provider.get_tracer(_NAME)


def _made(exporter: str, environment: Mapping[str, str]) -> "TracerProvider":
    from opentelemetry.sdk.resources import SERVICE_NAME, Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor, ConsoleSpanExporter, SpanExporter

    found: SpanExporter
    if exporter == "console":
        found = ConsoleSpanExporter()
    else:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

        found = OTLPSpanExporter()
    # The resource of the variables wins over a name that is only the usual one.
    resource = Resource.create()
    if not environment.get("OTEL_SERVICE_NAME") and SERVICE_NAME not in environment.get("OTEL_RESOURCE_ATTRIBUTES", ""):
        resource = resource.merge(Resource({SERVICE_NAME: _NAME}))
    provider = TracerProvider(resource=resource)
    provider.add_span_processor(BatchSpanProcessor(found))
    return provider


def end() -> None:
    """Sends what is left. It may take its time."""
    global _provider, _tracer
    provider, _provider, _tracer = _provider, None, None
    if provider is not None:
        provider.shutdown()


def active() -> bool:
    """Whether spans are made."""
    return _tracer is not None


def span(name: str, **attributes: str | float) -> AbstractContextManager[Any]:
    """A span of this name around what is done within it; gives the span, None where there are none."""
    if _tracer is None:
        return _NOTHING
    told = {f"adelante.{key}": value for key, value in attributes.items()}
    return _tracer.start_as_current_span(name, attributes=told, **_UNQUOTED)


def request(headers: Mapping[bytes, bytes]) -> AbstractContextManager[Any]:
    """The span of a request, below the one that its client names (traceparent)."""
    return _NOTHING if _tracer is None else _request(_tracer, headers)


@contextmanager
def _request(tracer: "Tracer", headers: Mapping[bytes, bytes]) -> Iterator[None]:
    from opentelemetry.propagate import extract
    from opentelemetry.trace import SpanKind

    carrier = {name.decode("latin-1"): value.decode("latin-1") for name, value in headers.items()}
    around = tracer.start_as_current_span("HTTP", extract(carrier), SpanKind.SERVER, **_UNQUOTED)
    with around:
        yield


def request_told(method: str, route: str, status: int, request_id: bytes) -> None:
    """Says of the span of this request what it was, and what came of it."""
    if _tracer is None:
        return
    from opentelemetry.trace import Status, StatusCode, get_current_span

    current = get_current_span()
    current.update_name(f"{method} {route}")
    current.set_attributes(
        {
            "http.request.method": method,
            "http.route": route,
            "http.response.status_code": status,
            "adelante.request_id": request_id.decode("latin-1"),
        }
    )
    if status >= _FAILED:
        current.set_status(Status(StatusCode.ERROR))
