"""What a request's documents take, and what their schemas say of that."""

from typing import Any, Literal

import pytest
import torch
from pydantic import Field, ValidationError

from adelante.formats.json.numbers import LongArray
from adelante.network.dense.network import DenseNetwork
from adelante.network.errors import NetworkError
from adelante.network.network import Network
from app.api.read.documents import (
    MAX_NAME_LENGTH,
    Count,
    Document,
    GraphDocument,
    Index,
    Integer,
    LayerDocument,
    Layers,
    Name,
    NetworkDocument,
    either,
    layer_of,
    network_in,
)
from app.api.read.kinds import OTHER_LAYER_HERE


class Some(Document):
    must: Index
    whole: Integer = 7
    count: Count | None = None
    words: list[Name] | None = Field(None, description="some words")
    side: Literal["x"] = "x"
    way: Literal["up", "down"] = Field("up", alias="to")
    rows: list[Index] = Field(default_factory=list, title="Rows", description="some rows")
    either: Index | Name = 1
    more: dict[str, bool] = Field(default_factory=dict)


def test_a_whole_number_may_be_written_as_a_float_and_nothing_else_is_one() -> None:
    some = Some.model_validate({"must": 2.0, "whole": -3.0, "count": 1})
    assert (some.must, some.whole, some.count, type(some.must)) == (2, -3, 1, int)
    wrong: tuple[Any, ...] = ({"must": 2.5}, {"must": "2"}, {"must": True}, {"must": -1}, {"must": 1, "count": 0})
    for document in wrong:
        with pytest.raises(ValidationError):
            Some.model_validate(document)


def test_null_is_as_good_as_a_field_that_is_left_out_where_it_may_be() -> None:
    assert Some.model_validate({"must": 1, "whole": None, "to": None, "rows": None}) == Some.model_validate({"must": 1})
    assert Some.model_validate({"must": 1}).way == "up"
    for document in ({"must": None}, {"must": 1, "way": None}, {"must": 1, "extra": None}):
        with pytest.raises(ValidationError):
            Some.model_validate(document)


def test_a_schema_says_that_a_field_may_be_null_where_it_may_be_left_out() -> None:
    schema = Some.model_json_schema()
    assert schema["required"] == ["must"]
    assert schema["additionalProperties"] is False
    assert schema["properties"] == {
        "must": {"minimum": 0, "title": "Must", "type": "integer"},
        "whole": {"default": 7, "title": "Whole", "type": ["integer", "null"]},
        "count": {"anyOf": [{"minimum": 1, "type": "integer"}, {"type": "null"}], "default": None, "title": "Count"},
        "words": {
            "anyOf": [{"type": "array", "items": {"maxLength": MAX_NAME_LENGTH, "type": "string"}}, {"type": "null"}],
            "default": None,
            "description": "some words",
            "title": "Words",
        },
        "side": {"default": "x", "enum": ["x", None], "title": "Side", "type": ["string", "null"]},
        "to": {"default": "up", "enum": ["up", "down", None], "title": "To", "type": ["string", "null"]},
        "rows": {
            "anyOf": [{"type": "array", "items": {"minimum": 0, "type": "integer"}}, {"type": "null"}],
            "description": "some rows",
            "title": "Rows",
        },
        "either": {
            "anyOf": [
                {"minimum": 0, "type": "integer"},
                {"maxLength": MAX_NAME_LENGTH, "type": "string"},
                {"type": "null"},
            ],
            "default": 1,
            "title": "Either",
        },
        "more": {
            "anyOf": [{"type": "object", "additionalProperties": {"type": "boolean"}}, {"type": "null"}],
            "title": "More",
        },
    }


def test_a_document_without_fields_has_a_schema() -> None:
    class Nothing(Document):
        pass

    assert Nothing.model_json_schema()["properties"] == {}


def test_of_two_fields_a_schema_asks_for_exactly_one() -> None:
    assert either("one", "array", "other", "string") == {
        "if": {"required": ["one"], "properties": {"one": {"type": "array"}}},
        "then": {"properties": {"other": {"type": "null"}}},
        "else": {"required": ["other"], "properties": {"other": {"type": "string"}}},
    }


def test_a_schema_of_layers_lets_layers_of_other_kinds_stand_there() -> None:
    class Chain(Document):
        layers: Layers

    class MaybeChain(Document):
        layers: Layers | None = None

    items = {"anyOf": [{"$ref": "#/$defs/LayerDocument"}, OTHER_LAYER_HERE]}
    layers = Chain.model_json_schema()["properties"]["layers"]
    assert (layers["type"], layers["minItems"], layers["items"]) == ("array", 1, items)
    maybe, null = MaybeChain.model_json_schema()["properties"]["layers"]["anyOf"]
    assert (maybe["type"], maybe["minItems"], maybe["items"]) == ("array", 1, items)
    assert null == {"type": "null"}


def test_what_a_document_says_of_other_kinds_is_kept_beside_it() -> None:
    document = GraphDocument()
    assert document.part is None
    document.take({"layers": []})
    assert document.part == {"layers": []}


KINDS = {"layers": [{"kind": "relu"}], "input": {"shape": [3]}}
DENSE: dict[str, Any] = {"weights": [[1, 2], [3, 4], [5, 6]]}


def document_of(part: dict[str, Any] | None = None, **members: Any) -> NetworkDocument:
    found = NetworkDocument.model_validate(members)
    found.take(part)
    found.prepare()
    return found


def test_a_network_is_made_ahead_where_the_document_carries_it_and_its_dtype_is_known() -> None:
    dense = document_of(layers=[DENSE], dtype="float64")
    assert dense.carries
    assert isinstance(dense.made, DenseNetwork)
    assert (dense.made.sizes, dense.made.dtype) == ((3, 2), torch.float64)
    kinds = document_of(KINDS)
    assert kinds.carries
    assert kinds.made is not None
    assert kinds.made.shapes["inputs"] == (3,)
    named = document_of(network="xor")
    assert (named.carries, named.made) == (False, None)
    assert document_of(layers=[DENSE], dtype="float8").made is None
    assert document_of(layers=[DENSE], network="xor").made is None
    assert document_of(KINDS, network="xor").made is None


def test_what_is_wrong_with_a_network_made_ahead_is_told_when_it_is_asked_for() -> None:
    for document in (document_of(layers=[{"weights": [["x"]]}]), document_of(KINDS | {"input": 7})):
        with pytest.raises(NetworkError):
            _ = document.made


@pytest.mark.parametrize("count", [256, 257])
def test_what_is_asked_of_very_many_layers_is_counted_where_they_are_read(
    count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[Network] = []
    monkeypatch.setattr(Network, "counted", lambda self: counted.append(self))
    made = document_of(layers=[{"weights": [[1]]}] * count).made
    assert counted == [made] * (count > 256)


@pytest.mark.parametrize(("layout", "sizes"), [("in_out", (3, 2)), ("out_in", (2, 3))])
def test_a_layer_has_the_numbers_that_it_says(layout: str, sizes: tuple[int, int]) -> None:
    document = LayerDocument.model_validate({**DENSE, "layout": layout, "activation": "tanh", "name": "a"})
    layer = layer_of(document, "/l", torch.float64)
    assert ((layer.n_in, layer.n_out), layer.activation.name, layer.name) == (sizes, "tanh", "a")
    assert (layer.weights.dtype, layer.biases.dtype) == (torch.float64, torch.float64)
    assert layer.biases.tolist() == [0] * sizes[1]
    assert layer.weights.is_contiguous()
    rows = layer.weights if layout == "in_out" else layer.weights.T
    assert rows.tolist() == DENSE["weights"]
    with_biases = LayerDocument.model_validate({**DENSE, "biases": [7, 8]})
    for dtype in (torch.float32, torch.float16):
        biases = layer_of(with_biases, "/l", dtype).biases
        assert (biases.tolist(), biases.dtype) == ([7, 8], dtype)


@pytest.mark.parametrize(
    ("said", "pointer"),
    [
        ({"weights": [["x"]]}, "/layers/1/weights/0/0"),
        ({"weights": [[[1]]]}, "/layers/1/weights/0/0"),
        ({"weights": []}, "/layers/1/weights"),
        ({"weights": [], "layout": "out_in"}, "/layers/1/weights"),
        ({"biases": ["x"]}, "/layers/1/biases/0"),
        ({"biases": [[1, 2]]}, "/layers/1/biases"),
        ({"activation": "none"}, "/layers/1/activation"),
    ],
)
def test_what_is_wrong_with_a_layer_is_told_at_its_place(said: dict[str, Any], pointer: str) -> None:
    layers = [LayerDocument.model_validate(each) for each in (DENSE, DENSE | said)]
    with pytest.raises(NetworkError) as caught:
        network_in(layers, torch.float32)
    assert caught.value.faults[0].pointer == pointer


def test_inputs_of_a_dense_network_are_taken_in_its_dtype_when_they_are_read() -> None:
    class WithInputs(NetworkDocument):
        inputs: Any

    taken: list[Any] = []

    class Noted(LongArray):
        def take(self, dtype: Any) -> Any:
            taken.append(str(dtype))

    for members in ({"layers": [DENSE]}, {"network": "xor"}):
        document = WithInputs.model_validate({**members, "inputs": Noted.__new__(Noted), "dtype": "float64"})
        document.prepare()
        # What a named network takes is not known yet.
        assert taken == ["float64"]
