"""Traces: a span for each request, below its client's, without what it sent; and none unless they are asked for."""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from starlette.testclient import TestClient

from app import tracing
from app.main import create_app
from app.settings import Settings

SECRET = "31415926"
LAYERS = [{"weights": [[float(f"0.{SECRET}")] * 700] * 700} for _ in range(5)]
TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


class Collector:
    """What stands for an OpenTelemetry collector: keeps what it is sent."""

    def __init__(self) -> None:
        self.received: list[bytes] = []

    @contextmanager
    def listening(self) -> Iterator[str]:
        received = self.received

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                received.append(self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(200 if self.path == "/v1/traces" else 404)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        with HTTPServer(("127.0.0.1", 0), Handler) as server:
            Thread(target=server.serve_forever, daemon=True).start()
            yield f"http://127.0.0.1:{server.server_port}"
            server.shutdown()


def test_a_request_its_pass_and_its_store(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("opentelemetry.exporter.otlp.proto.http", reason="the extra otel is not installed")
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

    collector = Collector()
    with collector.listening() as url:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", url)
        named = {"traceparent": f"00-{TRACE}-{PARENT}-01", "X-Request-Id": "lesson-7"}
        with TestClient(create_app(Settings()), raise_server_exceptions=False) as client:
            id = client.post("/api/v1/networks", json={"layers": LAYERS}).json()["id"]
            client.post("/api/v1/forward", json={"network": id, "inputs": [0.5] * 700}, headers=named)
            client.post("/api/v1/forward", content=f'{{"layers": {SECRET}', headers=named)
            client.get(f"/api/v1/networks/{SECRET}?{SECRET}")
        assert not tracing.active()
    sent = [ExportTraceServiceRequest.FromString(each) for each in collector.received]
    resources = [resource for each in sent for resource in each.resource_spans]
    spans = [span for resource in resources for scope in resource.scope_spans for span in scope.spans]
    assert {
        each.value.string_value for r in resources for each in r.resource.attributes if each.key == "service.name"
    } == {"adelante"}
    forwards = [span for span in spans if span.name == "POST /api/v1/forward"]
    assert [span.trace_id.hex() for span in forwards] == [TRACE] * 2
    assert [span.parent_span_id.hex() for span in forwards] == [PARENT] * 2
    told = {each.key: each.value for each in forwards[0].attributes}
    assert told["http.response.status_code"].int_value == 200
    assert told["adelante.request_id"].string_value == "lesson-7"
    [joined] = [span for span in spans if span.name == "pass" and span.parent_span_id == forwards[0].span_id]
    ran = {each.key: each.value for each in joined.attributes}
    assert ran["adelante.device"].string_value == "cpu"
    assert ran["adelante.seconds"].double_value > 0
    assert any(span.name == "store" for span in spans)
    assert any(span.name == "GET /api/v1/networks/{id}" for span in spans)
    assert not any(SECRET[:6].encode() in each for each in collector.received)


@pytest.mark.parametrize(
    ("environment", "exporter"),
    [
        ({}, None),
        ({"OTEL_TRACES_EXPORTER": "none", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318"}, None),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318"}, "otlp"),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://c:4318/v1/traces"}, "otlp"),
        ({"OTEL_TRACES_EXPORTER": "console"}, "console"),
        ({"OTEL_TRACES_EXPORTER": "OTLP", "OTEL_SDK_DISABLED": "TRUE"}, None),
    ],
)
def test_the_standard_variables_say_whether_and_where(environment: dict[str, str], exporter: str | None) -> None:
    assert tracing.wanted(environment) == exporter


def test_there_are_none_unless_they_are_asked_for() -> None:
    tracing.begin({})
    assert not tracing.active()
    with tracing.span("pass", device="cpu") as span, tracing.request({}):
        assert span is None
    assert tracing.span("pass") is tracing.span("store")


@pytest.mark.parametrize("environment", [{"OTEL_TRACES_EXPORTER": "otlp"}, {"OTEL_TRACES_EXPORTER": "zipkin"}])
def test_what_can_not_be_met_is_logged(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    with caplog.at_level(logging.WARNING, "adelante"):
        tracing.begin(environment)
    assert not tracing.active()
    assert ("adelante[otel]" in caplog.text) is (environment["OTEL_TRACES_EXPORTER"] == "otlp")
    assert "No traces." in caplog.text
