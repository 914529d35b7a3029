"""GET /api/v1/datasets: what there is to know of each data set, and its rows as JSON and as a table."""

import csv
import io

import pytest
import torch
from starlette.testclient import TestClient

from adelante.datasets import DATA_SET_NAMES, data_set_named
from adelante.locale import LANGUAGES


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_are_listed_in_the_clients_language(client: TestClient, language: str) -> None:
    listed = client.get("/api/v1/datasets", headers={"Accept-Language": language}).json()["datasets"]
    assert [each["name"] for each in listed] == list(DATA_SET_NAMES)
    rain = next(each for each in listed if each["name"] == "rain")
    assert [each["unit"] for each in rain["columns"]] == ["%", "hPa"]
    assert rain["class_names"] == {"en": ["dry", "rain"], "es": ["seco", "lluvia"]}[language]
    assert all(each["licence"] and each["origin"] and each["held_out"] for each in listed)


@pytest.mark.parametrize("name", DATA_SET_NAMES)
def test_rows_are_the_data_sets(client: TestClient, name: str) -> None:
    data = data_set_named(name)
    found = client.get(f"/api/v1/datasets/{name}").json()
    assert torch.equal(torch.tensor(found["inputs"], dtype=data.inputs.dtype), data.inputs)
    assert torch.equal(torch.tensor(found["targets"], dtype=data.targets.dtype), data.targets)
    assert found["held_out_rows"] == data.held_out.tolist()


@pytest.mark.parametrize("name", DATA_SET_NAMES)
def test_a_table_has_the_same_numbers(client: TestClient, name: str) -> None:
    data = data_set_named(name)
    answer = client.get(f"/api/v1/datasets/{name}", headers={"Accept": "text/csv"})
    assert answer.headers["content-type"].startswith("text/csv")
    heading, *rows = csv.reader(io.StringIO(answer.text))
    width = data.inputs[0].numel()
    assert len(rows) == data.rows
    assert {len(row) for row in rows} == {len(heading)}
    numbers = torch.tensor([[float(value) for value in row[:width]] for row in rows])
    assert torch.equal(numbers, data.inputs.reshape(data.rows, -1).float())
    if data.class_names and data.targets.dim() == 1:
        assert [row[-1] for row in rows] == [data.class_names[each] for each in data.targets.tolist()]


def test_an_unknown_data_set_is_a_problem_that_lists_the_known(client: TestClient) -> None:
    answer = client.get("/api/v1/datasets/nope", headers={"Accept-Language": "es"})
    assert (answer.status_code, answer.json()["type"]) == (404, "/problems/unknown-data-set")
    assert "iris" in answer.json()["errors"][0]["detail"]
