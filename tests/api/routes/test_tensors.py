"""POST /api/v1/tensors: the answer's form, in both languages."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from starlette.testclient import TestClient

from adelante.locale import LANGUAGES, translate
from adelante.tensors.operations import OPERATIONS
from tests import notebook

URL = "/api/v1/tensors"
DRAWN: list[dict[str, Any]] = [
    {"op": "manual_seed", "args": [7]},
    {"op": "randn", "args": [[1, 5]], "as": "features"},
    {"op": "randn_like", "args": ["$features"], "as": "weights"},
    {"op": "randn", "args": [[1, 1]], "as": "bias"},
]


def answer(client: TestClient, *steps: dict[str, Any], language: str = "en") -> Any:
    response = client.post(URL, json={"steps": list(steps)}, headers={"Accept-Language": language})
    assert response.status_code == 200, response.text
    assert {part.split(";")[0] for part in response.headers["server-timing"].split(", ")} == {
        "decode",
        "compute",
        "encode",
    }
    return response.json()


def test_the_neuron_by_matrix_product(client: TestClient) -> None:
    told = answer(
        client,
        *DRAWN,
        {"op": "view", "args": ["$weights", [5, 1]], "as": "column"},
        {"op": "mm", "args": ["$features", "$column"], "as": "total"},
        {"op": "add", "args": ["$total", "$bias"], "as": "z"},
        {"op": "sigmoid", "args": ["$z"], "as": "y"},
    )
    assert told["steps"] == [{"ok": True}] * 8
    assert told["non_finite"] == []
    tensors = told["tensors"]
    assert list(tensors) == ["features", "weights", "bias", "column", "total", "z", "y"]
    assert tensors["features"] == {
        "kind": "torch",
        "dtype": "float32",
        "shape": [1, 5],
        "stride": [5, 1],
        "offset": 0,
        "values": [[-0.1467951, 0.7861413, 0.94682163, -1.114344, 1.6907902]],
        "uninitialised": [],
        "storage": "s0",
    }
    assert [round(x, 4) for x in tensors["weights"]["values"][0]] == notebook.ONE_NEURON_WEIGHTS
    assert round(tensors["y"]["values"][0][0], 4) == notebook.ONE_NEURON_OUTPUT
    assert tensors["column"]["storage"] == tensors["weights"]["storage"] == "s1"
    assert len(told["storages"]) == len({tensor["storage"] for tensor in tensors.values()}) == 6
    assert told["storages"]["s1"] == {"size": 5, "values": tensors["weights"]["values"][0], "uninitialised": []}


def test_shared_memory(client: TestClient) -> None:
    told = answer(
        client,
        {"op": "array", "args": [[[0.67074982, 0.90466332], [0.51230911, 0.18835729]]], "as": "a"},
        {"op": "from_numpy", "args": ["$a"], "as": "b"},
        {"op": "mul_", "args": ["$b", 4]},
    )
    a, b = told["tensors"]["a"], told["tensors"]["b"]
    assert (a["kind"], b["kind"]) == ("numpy", "torch")
    assert a["values"] == b["values"] == [[4 * 0.67074982, 4 * 0.90466332], [4 * 0.51230911, 4 * 0.18835729]]
    assert a["storage"] == b["storage"]
    assert list(told["storages"]) == ["s0"]


@pytest.mark.parametrize("dtype", ["float32", "float64", "float16", "bfloat16", "int64", "int32", "uint8"])
def test_uninitialised_cells_are_null_and_listed(client: TestClient, dtype: str) -> None:
    told = answer(
        client,
        {"op": "arange", "args": [3], "kwargs": {"dtype": dtype}, "as": "x"},
        {"op": "resize_", "args": ["$x", 2, 2]},
        {"op": "sum", "args": ["$x"], "as": "total"},
        {"op": "zeros", "args": [[]], "as": "number"},
    )
    x = told["tensors"]["x"]
    assert (x["values"], x["uninitialised"]) == ([[0, 1], [2, None]], [[1, 1]])
    total = told["tensors"]["total"]
    assert (total["values"], total["uninitialised"], total["shape"]) == (None, [[]], [])
    assert told["tensors"]["number"]["values"] == 0
    assert told["storages"][x["storage"]] == {"size": 4, "values": [0, 1, 2, None], "uninitialised": [3]}
    assert told["non_finite"] == []


def test_what_is_not_finite_is_null_and_listed_but_not_as_uninitialised(client: TestClient) -> None:
    told = answer(
        client,
        {"op": "tensor", "args": [[1000.0, 0.5]], "as": "x"},
        {"op": "exp_", "args": ["$x"]},
        {"op": "resize_", "args": ["$x", 3]},
        {"op": "tensor", "args": [-1e38], "as": "y"},
        {"op": "mul_", "args": ["$y", 100]},
        {"op": "mul", "args": ["$y", 0], "as": "nan"},
    )
    assert told["tensors"]["x"]["values"] == [None, pytest.approx(1.6487213), None]
    assert told["tensors"]["x"]["uninitialised"] == [[2]]
    assert told["tensors"]["y"]["values"] is None
    assert told["non_finite"] == [
        {"pointer": "/tensors/x/values/0", "value": "Infinity"},
        {"pointer": "/tensors/y/values", "value": "-Infinity"},
        {"pointer": "/tensors/nan/values", "value": "NaN"},
        {"pointer": "/storages/s0/values/0", "value": "Infinity"},
        {"pointer": "/storages/s1/values/0", "value": "-Infinity"},
        {"pointer": "/storages/s2/values/0", "value": "NaN"},
    ]


def test_whole_numbers_stay_exact(client: TestClient) -> None:
    told = answer(client, {"op": "tensor", "args": [[2**53 + 1, -(2**63), 2**63 - 1]], "as": "x"})
    assert told["tensors"]["x"]["values"] == [2**53 + 1, -(2**63), 2**63 - 1]
    assert told["tensors"]["x"]["dtype"] == "int64"


def test_three_dimensions_and_none_at_all(client: TestClient) -> None:
    picture = [[[255, 0, 0], [0, 255, 0]], [[0, 0, 255], [255, 255, 255]]]
    told = answer(
        client,
        {"op": "tensor", "args": [picture], "kwargs": {"dtype": "uint8"}, "as": "rgb"},
        {"op": "zeros", "args": [3.0, 0], "as": "empty"},
    )
    assert told["tensors"]["rgb"]["values"] == picture
    assert told["tensors"]["rgb"]["stride"] == [6, 3, 1]
    assert told["tensors"]["empty"]["values"] == [[], [], []]
    assert told["storages"]["s1"] == {"size": 0, "values": [], "uninitialised": []}


@pytest.mark.parametrize(
    ("language", "hint", "needs"),
    [
        (
            "en",
            "Columns of the first: 5; rows of the second: 1. They must be equal. "
            "weights.view(5, 1) has the rows that are needed.",
            "Not run: it needs total, which step 5 should have produced.",
        ),
        (
            "es",
            "Columnas del primero: 5; filas del segundo: 1. Deben coincidir. "
            "weights.view(5, 1) tiene las filas necesarias.",
            "No se ejecutó: necesita total, que debía producir el paso 5.",
        ),
    ],
)
def test_a_failing_step_says_why_and_stops_only_those_that_need_it(
    client: TestClient, language: str, hint: str, needs: str
) -> None:
    told = answer(
        client,
        *DRAWN,
        {"op": "mm", "args": ["$features", "$weights"], "as": "total"},
        {"op": "add", "args": ["$total", "$bias"], "as": "z"},
        {"op": "sum", "args": ["$bias"], "as": "other"},
        language=language,
    )
    words = "mat1 and mat2 shapes cannot be multiplied (1x5 and 1x5)"
    assert told["steps"][4] == {"ok": False, "raised": "RuntimeError", "error": words, "hint": hint}
    blocked = told["steps"][5]
    assert blocked.pop("hint")
    assert blocked == {"ok": False, "error": needs, "needs": "total", "needs_step": 4}
    assert told["steps"][6] == {"ok": True}
    assert set(told["tensors"]) == {"features", "weights", "bias", "other"}


def test_no_steps_no_tensors(client: TestClient) -> None:
    assert answer(client) == {"tensors": {}, "storages": {}, "steps": [], "non_finite": []}


def test_requests_at_once_draw_undisturbed(client: TestClient) -> None:
    def drawn(seed: int) -> Any:
        seeding = {"op": "manual_seed", "args": [seed]}
        draws = [{"op": "randn", "args": [20], "as": f"x{k}"} for k in range(30)]
        return answer(client, seeding, *draws)["tensors"]

    expected = {seed: drawn(seed) for seed in (1, 2)}
    with ThreadPoolExecutor(4) as pool:
        for seed, found in pool.map(lambda k: (k % 2 + 1, drawn(k % 2 + 1)), range(12)):
            assert found == expected[seed]


def test_every_example_of_the_openapi_document_is_served(client: TestClient) -> None:
    operation = client.get("/api/v1/openapi.json").json()["paths"][URL]["post"]
    content = operation["requestBody"]["content"]["application/json"]
    for example in content["examples"].values():
        response = client.post(URL, json=example["value"])
        assert response.status_code == 200, response.text
    assert len(content["examples"]) >= 3
    steps, _ = content["schema"]["properties"]["steps"]["anyOf"]
    step = steps["items"]
    assert step["properties"]["op"]["enum"] == list(OPERATIONS)
    assert set(step["properties"]) == {"op", "args", "kwargs", "as"}


def ran(client: TestClient, program: str, language: str = "en") -> Any:
    response = client.post(URL, json={"program": program}, headers={"Accept-Language": language})
    assert response.status_code == 200, response.text
    return response.json()


def test_a_program_is_answered_line_by_line(client: TestClient) -> None:
    found = ran(client, "x = torch.ones(2)\n\ny = x.view(3)\nz = y + 1\nprint(x > 0)\nw = (\n  x[::-1]")
    assert list(found) == ["tensors", "storages", "lines", "non_finite"]
    first, second, third, fourth, fifth = found["lines"]
    assert first == {"line": 1, "end": 1, "ok": True, "printed": ""}
    assert (second["line"], second["ok"], second["raised"]) == (3, False, "RuntimeError")
    assert second["error"] == "shape '[3]' is invalid for input of size 2"
    assert (third["needs"], third["needs_line"]) == ("y", 3)
    assert fourth["printed"] == "tensor([True, True])\n"
    assert (fifth["raised"], fifth["error"]) == ("SyntaxError", "'(' was never closed")
    assert fifth["at"] == {"line": 6, "column": 5}
    assert found["tensors"]["line5"]["values"] == [True, True]
    assert found["tensors"]["line5"]["dtype"] == "bool"


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_the_lab_itself_says_is_in_the_readers_language(client: TestClient, language: str) -> None:
    found = ran(client, "torch.conv2d(1)\nx = torch.ones(10**9)", language)
    lacks, large = found["lines"]
    assert lacks["error"] == translate(language, "fault.lab-lacks-name", name="torch.conv2d")
    assert "ADELANTE_MAX_LAB_TENSOR_ELEMENTS" in large["error"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_notebooks_command_is_passed_over_and_said_to_be(client: TestClient, language: str) -> None:
    first, second, third = ran(client, "%matplotlib inline\nx = torch.ones(2).to('cpu')\nx.cuda()", language)["lines"]
    note = translate(language, "lab.note.command")
    assert first == {"line": 1, "end": 1, "ok": True, "printed": "", "note": note}
    assert second == {"line": 2, "end": 2, "ok": True, "printed": ""}
    assert third["error"] == translate(language, "fault.lab-lacks-device", device="cuda")


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_else_is_passed_over_is_said_to_be(client: TestClient, language: str) -> None:
    written = "if True:\n    !ls\n    %cd\n%%bash\nls -l\n# %%\n!ls \\\n  x"
    block, cell, command = ran(client, written, language)["lines"]
    assert block["note"] == translate(language, "lab.note.skipped", commands="!ls, %cd")
    assert (cell["end"], cell["note"]) == (5, translate(language, "lab.note.cell"))
    assert command["note"] == translate(language, "lab.note.command")


def test_a_program_or_steps_and_not_both(client: TestClient) -> None:
    for body, type_, pointer in (
        ({}, "missing-field", "/steps"),
        ({"steps": [], "program": ""}, "invalid-value", "/program"),
        ({"program": 1}, "invalid-value", "/program"),
        ({"program": "x" * 20_001}, "too-large", "/program"),
    ):
        problem = client.post(URL, json=body).json()
        assert problem["type"].endswith(type_)
        assert problem["errors"][0]["pointer"] == pointer
    assert ran(client, "")["lines"] == []


def test_a_program_and_its_steps_give_the_same_tensors(client: TestClient) -> None:
    steps = answer(
        client,
        {"op": "manual_seed", "args": [7]},
        {"op": "randn", "args": [[1, 5]], "as": "features"},
        {"op": "view", "args": ["$features", [5, 1]], "as": "column"},
        {"op": "mul_", "args": ["$column", 4]},
    )
    program = ran(
        client, "torch.manual_seed(7)\nfeatures = torch.randn((1, 5))\ncolumn = features.view(5, 1)\ncolumn.mul_(4)"
    )
    assert program["tensors"] == steps["tensors"]
    assert program["storages"] == steps["storages"]


def test_a_name_that_is_given_again_means_the_later_result(client: TestClient) -> None:
    found = answer(
        client,
        {"op": "array", "args": [[1.5]], "as": "a"},
        {"op": "from_numpy", "args": ["$a"], "as": "b"},
        {"op": "array", "args": [[2.5]], "as": "a"},
        {"op": "clone", "args": ["$a"], "as": "c"},
    )
    assert found["tensors"]["a"]["values"] == found["tensors"]["c"]["values"] == [2.5]
    assert found["tensors"]["b"]["values"] == [1.5]
    assert found["tensors"]["a"]["storage"] != found["tensors"]["b"]["storage"]


def test_half_a_surrogate_pair_is_printed_as_a_question_mark(client: TestClient) -> None:
    assert ran(client, "print('\\ud800')")["lines"][0]["printed"] == "?\n"
