"""/metrics counts what happened, in few series."""

from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from adelante.network.presets import chain_named
from app.main import create_app
from app.settings import Settings
from app.store.networks import ready_bytes
from tests import notebook


def samples(client: TestClient) -> dict[tuple[str, ...], float]:
    answer = client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    return {
        (sample.name, *(sample.labels[key] for key in sorted(sample.labels))): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_requests_are_counted_by_route_and_status() -> None:
    with TestClient(create_app(Settings())) as client:
        client.post("/api/v1/forward", json=notebook.MULTILAYER)
        client.post("/api/v1/forward", json=notebook.MULTILAYER)
        client.post("/api/v1/forward", content="{", headers={"Content-Type": "application/json"})
        client.get("/api/v1/presets/xor")
        client.get("/api/v1/presets/multilayer")
        client.get("/nothing/at/all")
        client.request("BREW", "/nothing")
        found = samples(client)
    total = "adelante_requests_total"
    assert found[total, "POST", "/api/v1/forward", "200"] == 2
    assert found[total, "POST", "/api/v1/forward", "400"] == 1
    assert found[total, "GET", "/api/v1/presets/{name}", "200"] == 2
    assert found[total, "GET", "other", "404"] == 1
    assert sum(value for (name, *labels), value in found.items() if (name, *labels[:1]) == (total, "other")) == 1
    assert found["adelante_request_seconds_count", "POST", "/api/v1/forward"] == 3
    assert 0 < found["adelante_request_seconds_sum", "POST", "/api/v1/forward"] < 60


def test_what_is_held_now() -> None:
    with TestClient(create_app(Settings())) as client:
        before = samples(client)
        client.post("/api/v1/networks", json={"layers": notebook.MULTILAYER["layers"]})
        with client.websocket_connect("/api/v1/live"):
            during = samples(client)
    assert before["adelante_kept_ready_bytes",] == 0
    assert during["adelante_kept_ready_bytes",] == ready_bytes(chain_named("multilayer").network)
    assert during["adelante_live_sessions",] == before["adelante_live_sessions",] + 1
    assert during["adelante_dear_passes",] == 0
