"""deploy/grafana/adelante.json: each metric that it names is one of /metrics, with the labels that it asks for."""

import json
import re
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from app.main import create_app
from app.settings import Settings
from tests import notebook

ROOT = Path(__file__).parents[2]
DASHBOARD = json.loads((ROOT / "deploy" / "grafana" / "adelante.json").read_text())
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
# Grafana's Prometheus gives every sample these, and several processes their number.
ADDED = {"job", "instance", "pid"}


@pytest.fixture(scope="module")
def labels() -> dict[str, set[str]]:
    """The samples of /metrics by name, and the labels that they have."""
    found: dict[str, set[str]] = {}
    with TestClient(create_app(Settings())) as client:
        client.post("/api/v1/forward", json=notebook.MULTILAYER)
        for family in text_string_to_metric_families(client.get("/metrics").text):
            for sample in family.samples:
                found.setdefault(sample.name, set()).update(sample.labels)
    return found


@pytest.mark.parametrize("panel", PANELS, ids=[panel["title"] for panel in PANELS])
def test_a_panel_asks_for_what_there_is(panel: dict[str, object], labels: dict[str, set[str]]) -> None:
    targets = panel["targets"]
    assert isinstance(targets, list)
    assert targets
    for target in targets:
        expression = target["expr"]
        selected = re.findall(r"([a-z_]+)\{([^}]*)\}", expression)
        assert selected
        for name, conditions in selected:
            assert name in labels, "no such metric"
            asked = set(re.findall(r"(\w+)=", conditions))
            asked |= {name for names in re.findall(r"by \(([^)]*)\)", expression) for name in names.split(", ")}
            assert asked <= labels[name] | ADDED
        names = {name for name, _ in selected}
        shown = set(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"]))
        assert shown <= set.union(*(labels[name] for name in names)) | ADDED
        assert not set(re.findall(r"\b(?:adelante|process)_\w+", expression)) - names


def test_panels_have_titles_words_and_places_of_their_own() -> None:
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])
    assert len({panel["title"] for panel in PANELS}) == len(PANELS)
    assert all(panel["description"] for panel in PANELS)
    places = {(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in DASHBOARD["panels"]}
    assert len(places) == len(DASHBOARD["panels"])


def test_all_that_the_server_counts_is_shown(labels: dict[str, set[str]]) -> None:
    shown = set(re.findall(r"adelante_\w+?(?=_bucket|_sum|_count|\{)", json.dumps(DASHBOARD["panels"])))
    counted = {re.sub("_(bucket|sum|count|created)$", "", name) for name in labels if name.startswith("adelante_")}
    assert counted - shown == set()


@pytest.mark.parametrize("name", ["operate.md", "operar.md"])
def test_the_pages_list_all_that_the_server_counts_and_no_more(name: str, labels: dict[str, set[str]]) -> None:
    text = (ROOT / "docs" / name).read_text()
    listed = set(re.findall(r"^\| `(adelante_\w+)`", text, re.MULTILINE))
    counted = {re.sub("_(bucket|sum|count|created)$", "", name) for name in labels if name.startswith("adelante_")}
    assert listed == counted
    assert set(re.findall(r"adelante_\w+", text)) == listed
