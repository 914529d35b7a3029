"""/metrics counts what happened, in few series."""

import errno
import os
from pathlib import Path

import pytest
from prometheus_client.multiprocess import mark_process_dead
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from adelante.network.presets import chain_named
from app.api.http.shared_metrics import SharedMetrics
from app.main import create_app
from app.settings import Settings
from app.store.folders import LocalFolder
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


def test_passes_by_their_size_their_wait_and_their_device() -> None:
    layers = [{"weights": [[0.5] * 700] * 700} for _ in range(5)]
    with TestClient(create_app(Settings())) as client:
        client.post("/api/v1/forward", json={**notebook.MULTILAYER, "inputs": [notebook.MULTILAYER["inputs"]] * 3})
        id = client.post("/api/v1/networks", json={"layers": layers}).json()["id"]
        before = samples(client)
        client.post("/api/v1/forward", json={"network": id, "inputs": [1] * 700})
        found = samples(client)
    assert before["adelante_batch_rows_bucket", "2.0"] == 0
    assert before["adelante_batch_rows_bucket", "4.0"] == 1
    assert before["adelante_batch_rows_sum",] == 3
    assert found["adelante_batch_rows_count",] == 2
    assert found["adelante_queue_seconds_count",] == before["adelante_queue_seconds_count",] + 1
    ran = "adelante_compute_seconds_count", "cpu"
    assert found[ran] == before[ran] + 1
    assert 0 < found["adelante_compute_seconds_sum", "cpu"] < 60
    assert found["adelante_waiting_passes",] == 0


def broken(*_: object) -> None:
    raise OSError(errno.EIO, "Input/output error")


def test_what_the_store_takes_drops_and_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(store=str(tmp_path), store_cache_bytes=12_000, store_max_bytes=10**6)
    with TestClient(create_app(settings)) as client:
        sizes = 0
        for k in range(3):
            answer = client.post("/api/v1/networks", json={"layers": [{"weights": [[k] * 1000]}]})
            sizes += (tmp_path / f"{answer.json()['id']}.safetensors").stat().st_size
        found = samples(client)
        monkeypatch.setattr(LocalFolder, "size", broken)
        assert client.get(f"/api/v1/networks/{'0' * 64}").status_code == 503
        failed = samples(client)
    assert found["adelante_store_bytes",] == sizes
    assert found["adelante_store_max_bytes",] == 10**6
    assert found["adelante_kept_dropped_total",] == 2
    assert (found["adelante_store_failures_total",], failed["adelante_store_failures_total",]) == (0, 1)


def test_live_answers_and_what_live_sessions_hold() -> None:
    with TestClient(create_app(Settings())) as client, client.websocket_connect("/api/v1/live") as socket:
        before = samples(client)
        socket.send_json({"op": "open", "seq": 1, **notebook.MULTILAYER})
        assert socket.receive_json()["op"] == "opened"
        socket.receive_bytes()
        socket.send_json({"op": "set", "seq": 2, "changes": [{"input": 0, "value": 1}]})
        socket.receive_bytes()
        socket.send_json({"op": "set", "seq": 3, "changes": [{"input": 0, "value": 2}]})
        socket.receive_bytes()
        found = samples(client)
    answers = ("adelante_live_answer_seconds_count",)
    assert found[answers] >= before[answers] + 2
    assert found["adelante_live_bytes",] > before["adelante_live_bytes",] == 0


def test_processes_add_up_and_the_dead_hold_nothing(tmp_path: Path) -> None:
    """Two applications of one process stand for two processes: their gauges share a file, their counters do not."""
    with TestClient(create_app(Settings(), tmp_path)) as one, TestClient(create_app(Settings(), tmp_path)) as other:
        for client in (one, other, other):
            client.post("/api/v1/forward", json=notebook.MULTILAYER)
        one.get("/metrics")
        found = samples(other)
        passes = "adelante_request_seconds_bucket", "+Inf", "POST", "/api/v1/forward"
        assert found["adelante_requests_total", "POST", "/api/v1/forward", "200"] == 3
        assert found[passes] == found["adelante_request_seconds_count", *passes[2:]] == 3
        assert found["adelante_batch_rows_count",] == 3
        below = [value for key, value in found.items() if key[0] == passes[0] and key[2:] == passes[2:]]
        assert below == sorted(below)
    assert found["adelante_store_max_bytes",] == 2**30
    mark_process_dead(os.getpid(), str(tmp_path))  # type: ignore[no-untyped-call]
    left = SharedMetrics(tmp_path).text().decode()
    assert "adelante_live_sessions " not in left
    assert 'adelante_requests_total{method="POST",route="/api/v1/forward",status="200"} 3.0' in left
