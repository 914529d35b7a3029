"""POST /api/v1/tensors: the answer's form, both languages, limits, and every kind of refusal."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from app.main import create_app
from app.settings import Settings
from app.tensors.operations import OPERATIONS
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
            "Not run: it needs total, which step 5 was to give.",
        ),
        (
            "es",
            "Columnas del primero: 5; filas del segundo: 1. Deben coincidir. "
            "weights.view(5, 1) tiene las filas necesarias.",
            "No se ejecutó: necesita total, que debía dar el paso 5.",
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
    assert told["steps"][4] == {"ok": False, "error": words, "hint": hint}
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


ONES = {"op": "ones", "args": [3], "as": "x"}


@pytest.mark.parametrize(
    ("steps", "status", "type_", "pointer"),
    [
        ([{"op": "eval", "args": ["1"]}], 422, "invalid-value", "/steps/0/op"),
        ([{"op": "__class__"}], 422, "invalid-value", "/steps/0/op"),
        ([{"op": "ones.__class__", "args": [1]}], 422, "invalid-value", "/steps/0/op"),
        ([{"op": "load", "args": ["/etc/passwd"]}], 422, "invalid-value", "/steps/0/op"),
        ([{"op": "save", "args": ["$x", "/tmp/x"]}], 422, "invalid-value", "/steps/0/op"),
        ([{"op": 7}], 422, "invalid-value", "/steps/0/op"),
        ([{"args": []}], 422, "missing-field", "/steps/0/op"),
        ([{"op": "ones", "args": [1], "out": "x"}], 422, "unknown-field", "/steps/0/out"),
        ([{"op": "ones", "args": {"size": 1}}], 422, "invalid-value", "/steps/0/args"),
        ([{"op": "ones", "args": [1], "kwargs": [1]}], 422, "invalid-value", "/steps/0/kwargs"),
        ("x = torch.ones(3)", 422, "invalid-value", "/steps"),
        ([ONES, {"op": "sum", "args": ["$y"]}], 422, "invalid-value", "/steps/1/args/0"),
        ([{"op": "sum", "args": ["$x"]}, ONES], 422, "invalid-value", "/steps/0/args/0"),
        ([ONES, {"op": "sum", "args": ["x"]}], 422, "invalid-value", "/steps/1/args/0"),
        ([ONES, {"op": "sum", "args": ["$x.__class__"]}], 422, "invalid-value", "/steps/1/args/0"),
        ([ONES, {"op": "sum", "args": [["$x"]]}], 422, "invalid-value", "/steps/1/args/0"),
        ([ONES, {"op": "sum", "args": [None]}], 422, "invalid-value", "/steps/1/args/0"),
        ([ONES, {"op": "sum", "args": []}], 422, "invalid-value", "/steps/1/args"),
        ([ONES, {"op": "mm", "args": ["$x"]}], 422, "invalid-value", "/steps/1/args"),
        ([ONES, {"op": "mm", "args": ["$x", 3]}], 422, "invalid-value", "/steps/1/args/1"),
        ([ONES, {"op": "exp", "args": ["$x", "$x"]}], 422, "invalid-value", "/steps/1/args"),
        ([ONES, {"op": "add", "args": ["$x", "1"]}], 422, "invalid-value", "/steps/1/args/1"),
        ([ONES, {"op": "add", "args": ["$x", True]}], 422, "invalid-value", "/steps/1/args/1"),
        ([ONES, {"op": "add", "args": ["$x", {}]}], 422, "invalid-value", "/steps/1/args/1"),
        ([ONES, {"op": "add", "args": ["$x", [1]]}], 422, "invalid-value", "/steps/1/args/1"),
        ([ONES, {"op": "fill_", "args": ["$x", "$x"]}], 422, "not-a-number", "/steps/1/args/1"),
        ([ONES, {"op": "sum", "args": ["$x", 0.5]}], 422, "not-a-number", "/steps/1/args/1"),
        ([ONES, {"op": "sum", "args": ["$x", []]}], 422, "not-a-number", "/steps/1/args/1"),
        (
            [ONES, {"op": "sum", "args": ["$x", 0], "kwargs": {"keepdim": 1}}],
            422,
            "invalid-value",
            "/steps/1/kwargs/keepdim",
        ),
        ([ONES, {"op": "sum", "args": ["$x"], "kwargs": {"a/b~": 1}}], 422, "unknown-field", "/steps/1/kwargs/a~1b~0"),
        ([{"op": "ones", "args": [3], "kwargs": {"out": "$x"}}], 422, "unknown-field", "/steps/0/kwargs/out"),
        (
            [{"op": "ones", "args": [3], "kwargs": {"dtype": "object"}}],
            422,
            "unsupported-dtype",
            "/steps/0/kwargs/dtype",
        ),
        ([{"op": "ones", "args": [3], "kwargs": {"dtype": 1}}], 422, "invalid-value", "/steps/0/kwargs/dtype"),
        ([{"op": "ones", "args": ["3"]}], 422, "invalid-value", "/steps/0/args"),
        ([{"op": "ones", "args": [[2.5]]}], 422, "invalid-value", "/steps/0/args/0"),
        ([{"op": "ones", "args": [[True]]}], 422, "invalid-value", "/steps/0/args/0"),
        ([{"op": "ones", "args": [[[1]]]}], 422, "invalid-value", "/steps/0/args/0"),
        ([{"op": "ones", "args": [1] * 9}], 422, "invalid-value", "/steps/0/args"),
        ([{"op": "ones", "args": [[2**63]]}], 422, "out-of-range", "/steps/0/args/0/0"),
        ([{"op": "tensor", "args": [["1"]]}], 422, "not-a-number", "/steps/0/args/0/0"),
        ([{"op": "tensor", "args": [[True]]}], 422, "not-a-number", "/steps/0/args/0/0"),
        ([{"op": "tensor", "args": [[0, None]]}], 422, "not-a-number", "/steps/0/args/0/1"),
        ([{"op": "tensor", "args": [{}]}], 422, "not-a-number", "/steps/0/args/0"),
        ([{"op": "tensor", "args": [[1e39]]}], 422, "out-of-range", "/steps/0/args/0/0"),
        ([{"op": "tensor", "args": [[7e4]], "kwargs": {"dtype": "float16"}}], 422, "out-of-range", "/steps/0/args/0/0"),
        ([{"op": "tensor", "args": [10**30]}], 422, "out-of-range", "/steps/0/args/0"),
        ([{"op": "tensor", "args": [[[[[[[[[[1]]]]]]]]]]}], 422, "invalid-value", "/steps/0/args/0/0/0/0/0/0/0/0/0"),
        ([{"op": "manual_seed", "args": [2**64]}], 422, "out-of-range", "/steps/0/args/0"),
        ([{"op": "manual_seed", "args": [1.5]}], 422, "not-a-number", "/steps/0/args/0"),
        ([{"op": "manual_seed", "args": [7], "as": "g"}], 422, "invalid-value", "/steps/0/as"),
        ([{**ONES, "as": "__proto__"}], 422, "invalid-value", "/steps/0/as"),
        ([{**ONES, "as": "a/b"}], 422, "invalid-value", "/steps/0/as"),
        ([{**ONES, "as": "x" * 65}], 422, "invalid-value", "/steps/0/as"),
        ([{**ONES, "as": ""}], 422, "invalid-value", "/steps/0/as"),
        ([{**ONES, "as": "x\n"}], 422, "invalid-value", "/steps/0/as"),
        ([ONES] * 257, 413, "too-large", "/steps"),
        ([{"op": "zeros", "args": [[16385]]}], 413, "too-large", "/steps/0"),
        ([{"op": "randn", "args": [[10**9, 10**9, 10**9]]}], 413, "too-large", "/steps/0"),
        ([{"op": "zeros", "args": [[0, 10**12]]}], 413, "too-large", "/steps/0"),
        ([{"op": "arange", "args": [0, 1e308, 1e-300]}], 413, "too-large", "/steps/0"),
        ([{"op": "arange", "args": [-(2**62), 2**62]}], 413, "too-large", "/steps/0"),
        ([{"op": "tensor", "args": [[0] * 16385]}], 413, "too-large", "/steps/0/args/0"),
        ([{"op": "tensor", "args": [[[0] * 9000, *[[]] * 9000]]}], 413, "too-large", "/steps/0"),
        ([ONES, {"op": "resize_", "args": ["$x", 10**6]}], 413, "too-large", "/steps/1"),
        (
            [{"op": "zeros", "args": [0], "as": "x"}, {"op": "view", "args": ["$x", 0, 10**9]}],
            413,
            "too-large",
            "/steps/1",
        ),
        ([{"op": "ones", "args": [16384]}] * 5, 413, "too-large", "/steps/4"),
        (
            [
                {"op": "ones", "args": [200, 1], "as": "x"},
                {"op": "T", "args": ["$x"], "as": "t"},
                {"op": "add", "args": ["$x", "$t"]},
            ],
            413,
            "too-large",
            "/steps/2",
        ),
        (
            [
                {"op": "ones", "args": [5000, 0], "as": "x"},
                {"op": "zeros", "args": [0, 5000], "as": "y"},
                {"op": "mm", "args": ["$x", "$y"]},
            ],
            413,
            "too-large",
            "/steps/2",
        ),
        (
            [
                {"op": "ones", "args": [10000, 1, 1], "as": "x"},
                {"op": "ones", "args": [100, 1, 1, 1], "as": "y"},
                {"op": "matmul", "args": ["$x", "$y"]},
            ],
            413,
            "too-large",
            "/steps/2",
        ),
    ],
)
@pytest.mark.parametrize("language", ["en", "es"])
def test_refusals(client: TestClient, steps: Any, status: int, type_: str, pointer: str, language: str) -> None:
    response = client.post(URL, json={"steps": steps}, headers={"Accept-Language": language})
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    told = response.json()
    assert told["type"] == f"/problems/{type_}"
    assert told["errors"][0]["pointer"] == pointer
    assert "{" not in told["detail"]
    if status == 413:
        assert told["errors"][0]["setting"].startswith("ADELANTE_MAX_LAB_")
        assert str(told["errors"][0]["limit"]) in told["detail"]


@pytest.mark.parametrize(
    ("body", "status", "type_"),
    [
        (b'{"steps": [{"op": "tensor", "args": [1e400]}]}', 422, "out-of-range"),
        (b'{"steps": [{"op": "tensor", "args": [[NaN]]}]}', 400, "invalid-json"),
        (b'{"steps": [{"op": "tensor", "args": [' + b"9" * 400 + b"]}]}", 422, "out-of-range"),
        (b'{"steps": [{"op": "ones", "args": [' + b"9" * 5000 + b"]}]}", 400, "invalid-json"),
        (b'{"steps": [{"op": "tensor", "args": [' + b"[" * 60 + b"]" * 60 + b"]}]}", 400, "invalid-json"),
        (b'{"steps": [{"op": "tensor", "args": [' + b"[" * 20 + b"]" * 20 + b"]}]}", 422, "invalid-value"),
        (b'{"steps": [{"op": "ones", "op": "zeros", "args": [1]}]}', 400, "invalid-json"),
        (b'{"steps": [{"op": "\\ud800", "args": [1]}]}', 422, "invalid-value"),
        (b'{"steps": [{"op": "ones", "args": ["\\ud800"]}]}', 422, "invalid-value"),
        (b'{"steps": {}}', 422, "invalid-value"),
        (b'{"steps": [[]]}', 422, "invalid-value"),
        (b"{}", 422, "missing-field"),
        (b"[]", 400, "invalid-json"),
        (b"", 400, "invalid-json"),
    ],
)
def test_hostile_bodies(client: TestClient, body: bytes, status: int, type_: str) -> None:
    response = client.post(URL, content=body, headers={"Content-Type": "application/json"})
    assert response.status_code == status, response.text
    told = json.loads(response.content)
    assert told["type"] == f"/problems/{type_}"


@pytest.mark.parametrize(
    "step",
    [
        {"op": "ones", "args": ["\ud800"]},
        {"op": "ones", "args": [1], "kwargs": {"\ud800": 1}},
        {"op": "sum", "args": ["$\ud800"]},
        {"op": "ones", "args": [1], "kwargs": {"dtype": "\ud800"}},
    ],
)
def test_half_a_surrogate_pair_anywhere(client: TestClient, step: dict[str, Any]) -> None:
    response = client.post(URL, content=json.dumps({"steps": [step]}), headers={"Content-Type": "application/json"})
    assert 400 <= response.status_code < 500, response.text
    assert response.json()["errors"]


def test_half_a_surrogate_pair_in_other_operations(client: TestClient) -> None:
    body = b'{"network": "multilayer", "inputs": [1, 2, 3], "dtype": "\\ud800"}'
    response = client.post("/api/v1/forward", content=body, headers={"Content-Type": "application/json"})
    assert response.status_code == 422, response.text


NUMBERS = st.one_of(st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.integers(-3, 5))
TEXTS = st.one_of(st.text(max_size=5), st.sampled_from(["$x", "$y", "$", "x", "float32", "__class__"]))
ANYTHING = st.recursive(
    st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(TEXTS, inner, max_size=2)),
    max_leaves=8,
)
LIKELY = st.one_of(st.sampled_from(["$x", "$y"]), NUMBERS, st.lists(st.integers(-2, 4), max_size=3), ANYTHING)
STEP = st.fixed_dictionaries(
    {"op": st.one_of(st.sampled_from(list(OPERATIONS)), TEXTS), "args": st.lists(LIKELY, max_size=3)},
    optional={
        "as": st.one_of(st.sampled_from(["x", "y"]), TEXTS),
        "kwargs": st.dictionaries(st.sampled_from(["dtype", "dim", "keepdim", "out"]), LIKELY, max_size=2),
    },
)


@given(st.lists(STEP, min_size=1, max_size=3))
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_sent_gets_an_answer_or_a_problem(client: TestClient, steps: list[Any]) -> None:
    start = [{"op": "ones", "args": [2, 2], "as": "x"}, {"op": "array", "args": [[1.5, 2]], "as": "y"}]
    response = client.post(URL, json={"steps": [*start, *steps]})
    assert response.status_code in (200, 413, 422), response.text
    told = response.json()
    if response.status_code == 200:
        assert all(step["ok"] or {"error", "hint"} <= set(step) for step in told["steps"])
        assert {tensor["storage"] for tensor in told["tensors"].values()} == set(told["storages"])
    else:
        assert told["errors"][0]["pointer"].startswith("/steps")


def test_limits_are_settings_and_inclusive() -> None:
    few = Settings(max_lab_steps=3, max_lab_tensor_elements=10, max_lab_elements=20)
    with TestClient(create_app(few)) as client:
        ten = {"op": "zeros", "args": [10]}
        answer(client, ten, ten)
        for steps, limit, setting in (
            ([ten] * 4, 3, "ADELANTE_MAX_LAB_STEPS"),
            ([{"op": "zeros", "args": [11]}], 10, "ADELANTE_MAX_LAB_TENSOR_ELEMENTS"),
            ([ten] * 3, 20, "ADELANTE_MAX_LAB_ELEMENTS"),
        ):
            told = client.post(URL, json={"steps": steps})
            assert told.status_code == 413
            error = told.json()["errors"][0]
            assert (error["limit"], error["setting"]) == (limit, setting)
        limits = client.get("/api/v1/device").json()["limits"]
        assert (limits["lab_steps"], limits["lab_tensor_elements"], limits["lab_elements"]) == (3, 10, 20)


def test_every_example_of_the_openapi_document_is_served(client: TestClient) -> None:
    operation = client.get("/api/v1/openapi.json").json()["paths"][URL]["post"]
    content = operation["requestBody"]["content"]["application/json"]
    for example in content["examples"].values():
        answer(client, *example["value"]["steps"])
    assert len(content["examples"]) >= 3
    step = content["schema"]["properties"]["steps"]["items"]
    assert step["properties"]["op"]["enum"] == list(OPERATIONS)
    assert set(step["properties"]) == {"op", "args", "kwargs", "as"}
