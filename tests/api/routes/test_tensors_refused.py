"""POST /api/v1/tensors: limits, and every kind of refusal."""

import json
import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from adelante.locale.numbers import grouped
from adelante.tensors.operations import OPERATIONS
from app.main import create_app
from app.settings import Settings
from tests.long import examples

URL = "/api/v1/tensors"
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
    assert not re.search(r"\{\w", told["detail"])  # a place that was left unfilled
    if status == 413:
        assert told["errors"][0]["setting"].startswith("ADELANTE_MAX_LAB_")
        assert grouped(told["errors"][0]["limit"]) in told["detail"]


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
@settings(max_examples=examples(80, 300), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
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
        assert client.post(URL, json={"steps": [ten, ten]}).status_code == 200
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
