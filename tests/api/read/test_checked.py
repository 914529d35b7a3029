"""What pydantic finds wrong with a document is told at its place, in words that name the field."""

import json
from typing import Any, Literal

import pytest
from pydantic import Field

from adelante.formats.json.numbers import LEAST_LONG, LongArray
from adelante.network.errors import NetworkError
from app.api.read.checked import read_json, validated
from app.api.read.decode import SHORT_TEXT
from app.api.read.documents import Count, Document, Index, Name, NetworkDocument
from app.api.read.live_documents import ArrayName
from app.settings import Settings


class Inner(Document):
    of_: Index = Field(alias="of")
    side: Literal["x", "y"] = "x"


class Outer(Document):
    count: Count = 1
    share: float = Field(0.5, le=1.0, allow_inf_nan=False)
    name: Name | None = None
    array: ArrayName | None = None
    flag: bool = False
    shape: list[Index] = Field(default_factory=list, min_length=1, max_length=2)
    inner: Inner | None = None
    rows: list[Inner] | None = None
    more: dict[str, Any] | None = None


OUTER = ["count", "share", "name", "array", "flag", "shape", "inner", "rows", "more"]


@pytest.mark.parametrize(
    ("document", "type_", "key", "pointer", "values"),
    [
        ({"count": 0}, "out-of-range", "too-small", "/count", {"name": "count", "least": 1}),
        ({"count": 1.5}, "invalid-value", "whole-number-expected", "/count", {"name": "count"}),
        ({"count": "1"}, "invalid-value", "whole-number-expected", "/count", {"name": "count"}),
        ({"share": "1"}, "invalid-value", "number-expected", "/share", {"name": "share"}),
        ({"share": 1.5}, "out-of-range", "too-great", "/share", {"name": "share", "most": 1.0}),
        (
            {"share": 1e999},
            "out-of-range",
            "not-held",
            "/share",
            {"dtype": "float64", "largest": 1.7976931348623157e308},
        ),
        ({"name": 1}, "invalid-value", "text-expected", "/name", {"name": "name"}),
        ({"name": "x" * 201}, "invalid-value", "string-too-long", "/name", {"name": "name", "limit": 200}),
        ({"name": "\ud800"}, "invalid-json", "surrogate", "/name", {}),
        (
            {"array": "a b"},
            "invalid-value",
            "pattern",
            "/array",
            {"name": "array", "expected": "^[A-Za-z0-9.-]{1,64}$"},
        ),
        ({"flag": 1}, "invalid-value", "boolean-expected", "/flag", {"name": "flag"}),
        ({"shape": 1}, "invalid-value", "array-expected", "/shape", {"name": "shape"}),
        ({"shape": []}, "invalid-value", "too-few-items", "/shape", {"name": "shape", "expected": 1}),
        ({"shape": [1, 2, 3]}, "invalid-value", "too-many-items", "/shape", {"name": "shape", "expected": 2}),
        ({"shape": [1, -2]}, "out-of-range", "too-small", "/shape/1", {"name": "shape[1]", "least": 0}),
        ({"inner": 1}, "invalid-value", "object-expected", "/inner", {"name": "inner"}),
        ({"inner": {}}, "missing-field", "missing-field", "/inner/of", {"name": "of"}),
        (
            {"inner": {"of": 1, "side": "z"}},
            "invalid-value",
            "not-one-of",
            "/inner/side",
            {"name": "side", "expected": "'x' or 'y'"},
        ),
        (
            {"inner": {"of": 1, "n/~": 2}},
            "unknown-field",
            "unknown-field",
            "/inner/n~1~0",
            {"name": "n/~", "known": ["of", "side"]},
        ),
        (
            {"rows": [{"of": 0}, {"of": 1, "to": 2}]},
            "unknown-field",
            "unknown-field",
            "/rows/1/to",
            {"name": "to", "known": ["of", "side"]},
        ),
        ({"rows": [{"of": 0}, 7]}, "invalid-value", "object-expected", "/rows/1", {"name": "rows[1]"}),
        ({"more": []}, "invalid-value", "object-expected", "/more", {"name": "more"}),
        ({"x" * 101: 1}, "unknown-field", "unknown-field", "/" + "x" * 101, {"name": "x" * 100, "known": OUTER}),
    ],
)
def test_each_fault_has_its_place_and_its_words(
    document: dict[str, Any], type_: str, key: str, pointer: str, values: dict[str, Any]
) -> None:
    for before in ("", "/changes/3"):
        with pytest.raises(NetworkError) as caught:
            validated(Outer, document, before)
        (fault,) = caught.value.faults
        assert (fault.type, fault.key, fault.pointer) == (type_, key, before + pointer)
        assert fault.values == values


@pytest.mark.parametrize(("pointer", "name"), [("/target", "target"), ("/steps/3", "steps[3]")])
def test_what_is_no_document_at_all_is_called_by_the_field_that_it_stands_in(pointer: str, name: str) -> None:
    wrong: Any = 7
    with pytest.raises(NetworkError) as caught:
        validated(Inner, wrong, pointer)
    (fault,) = caught.value.faults
    assert (fault.key, fault.pointer, fault.values) == ("object-expected", pointer, {"name": name})


def test_several_faults_are_told_together_and_not_more_than_anybody_reads() -> None:
    with pytest.raises(NetworkError) as caught:
        validated(Outer, {"count": 0, "flag": 1, "extra": 1})
    assert sorted(fault.pointer for fault in caught.value.faults) == ["/count", "/extra", "/flag"]
    wrong: list[tuple[type[Document], dict[str, Any]]] = [
        (Outer, {"rows": [{"of": -1}] * 150}),
        (Outer, {f"x{k}": 1 for k in range(150)}),
        (NetworkDocument, {"layers": [{"weights": 1, "extra": 1}] * 150}),
        (NetworkDocument, {f"x{k}": 1 for k in range(150)}),
    ]
    for model, document in wrong:
        with pytest.raises(NetworkError) as caught:
            validated(model, document)
        assert len(caught.value.faults) == 100


@pytest.mark.parametrize(
    ("document", "found"),
    [
        ({"layers": [{"weights": [[1]], "bias": [1]}]}, [("unknown-field", "/layers/0/bias")]),
        ({"network": "xor", "input": {"shape": [1]}}, [("unknown-field", "/input")]),
        (
            {"outputs": ["a"], "batch": "any", "x": 1},
            [("unknown-field", "/x"), ("unknown-field", "/outputs"), ("unknown-field", "/batch")],
        ),
        ({"layers": [{"weights": [[1]]}] * 3}, [("too-large", "")]),
    ],
)
def test_networks_in_a_body_are_checked_with_their_layers(document: Any, found: list[tuple[str, str]]) -> None:
    with pytest.raises(NetworkError) as caught:
        read_json(json.dumps(document).encode(), NetworkDocument, Settings(max_layers=2))
    assert [(fault.type, fault.pointer) for fault in caught.value.faults] == found
    if found[0][0] == "too-large":
        (fault,) = caught.value.faults
        assert (fault.key, fault.values) == (
            "too-many-layers",
            {"size": 3, "limit": 2, "setting": "ADELANTE_MAX_LAYERS"},
        )


def test_what_stands_beside_layers_is_told_with_what_is_wrong_with_them() -> None:
    for document, found in (
        ({"network": 5, "batch": "any"}, ["/batch", "/network"]),
        ({"layers": 7, "batch": "any"}, ["/layers"]),
        ({"layers": [{"weights": [[1]]}], "extra": 1, "dtype": 5}, ["/dtype", "/extra"]),
    ):
        with pytest.raises(NetworkError) as caught:
            validated(NetworkDocument, document)
        assert sorted(fault.pointer for fault in caught.value.faults) == found


class Rows(Document):
    rows: Any


class LongRows(Rows):
    long_arrays = True


def test_a_long_body_s_numbers_are_kept_without_objects_where_its_document_lets_them() -> None:
    body = json.dumps({"rows": [0.5] * 2 * LEAST_LONG}).encode() + b" " * SHORT_TEXT
    assert isinstance(read_json(body, LongRows, Settings()).rows, LongArray)
    assert isinstance(read_json(body, Rows, Settings()).rows, list)


def test_a_long_body_holds_no_more_values_than_the_settings_let_it() -> None:
    body = b'{"rows": [null, "x"]}' + b" " * SHORT_TEXT
    # The object, a name, an array and what is in it.
    assert read_json(body, LongRows, Settings().model_copy(update={"max_json_values": 5})).rows == [None, "x"]
    with pytest.raises(NetworkError) as caught:
        read_json(body, LongRows, Settings().model_copy(update={"max_json_values": 4}))
    assert caught.value.faults[0].key == "too-many-json-values"


def test_a_body_is_read_and_made_ready() -> None:
    document = read_json(b'{"layers": [{"weights": [[1], [2]]}], "dtype": "float64"}', NetworkDocument, Settings())
    assert document.made is not None
    assert (document.made.shapes["inputs"], document.part) == ((2,), None)
    text = b'{"layers": [{"kind": "relu"}], "input": {"shape": [3]}, "network": null}'
    document = read_json(text, NetworkDocument, Settings(max_layers=1))
    assert document.made is not None
    assert (document.made.shapes["inputs"], document.layers) == ((3,), None)
    assert document.part == {"layers": [{"kind": "relu"}], "input": {"shape": [3]}}
    with pytest.raises(NetworkError) as caught:
        read_json(b'{"network": [[[["x"]]]]}', NetworkDocument, Settings(max_depth=4))
    assert caught.value.faults[0].key == "too-deep"
