"""A live command's text or bytes become checked data, or a refusal under the number that its answer may name."""

import json
import struct
from typing import Any

import pytest
import torch

from adelante.formats.json.arrays import tensor_of_any_rank
from adelante.formats.json.numbers import LEAST_LONG, LongArray
from adelante.network.errors import NetworkError
from app.api.read.decode import SHORT_TEXT
from app.api.read.live_documents import (
    LAST_SEQUENCE,
    Explain,
    ExplainCell,
    Open,
    Reshape,
    Set,
    SetBinary,
    SweepWatch,
    WatchCommand,
    parse,
    watch_model,
)
from app.settings import Settings

OPEN: dict[str, Any] = {"op": "open", "seq": 1, "network": "xor", "inputs": [0, 1]}
SET: dict[str, Any] = {"op": "set", "seq": 1, "changes": [{"input": 0, "value": 1}]}
RESHAPE: dict[str, Any] = {"op": "reshape", "seq": 1, "layers": [{"layer": 0}], "inputs": [1]}
WATCH: dict[str, Any] = {"op": "watch", "seq": 1, "watch": []}


def parsed(document: Any, **settings: Any) -> tuple[int | None, Any]:
    return parse(document if isinstance(document, str | bytes) else json.dumps(document), Settings(**settings))


def refused(document: Any, **settings: Any) -> tuple[int | None, str, str]:
    """The sequence number, the fault's key and its pointer."""
    seq, problem = parsed(document, **settings)
    return seq, problem.faults[0].key, problem.faults[0].pointer


@pytest.mark.parametrize(("document", "kind"), [(OPEN, Open), (SET, Set), (RESHAPE, Reshape), (WATCH, WatchCommand)])
def test_each_command_is_read_as_what_it_says_it_is(document: dict[str, Any], kind: type) -> None:
    for seq in (0, 1.0, LAST_SEQUENCE):
        found, command = parsed({**document, "seq": seq})
        assert (found, type(command), command.seq) == (seq, kind, seq)
    wrong: tuple[Any, ...] = (-1, LAST_SEQUENCE + 1, 0.5, True, "1", None)
    for number in wrong:
        found, key, pointer = refused({**document, "seq": number})
        assert (found, pointer) == (None, "/seq"), (number, key)


@pytest.mark.parametrize(
    ("document", "key", "pointer"),
    [
        ("nothing of the kind", "not-json", ""),
        ("[]", "not-an-object", ""),
        ({"seq": 7}, "not-one-of", "/op"),
        ({"seq": 7, "op": "shut"}, "not-one-of", "/op"),
        ({**SET, "seq": 7, "changes": []}, "too-few-items", "/changes"),
        ({**SET, "seq": 7, "more": 1}, "unknown-field", "/more"),
        ({**RESHAPE, "seq": 7, "layers": []}, "too-few-items", "/layers"),
        ({**OPEN, "seq": 7, "layers": [{"weights": [[1]], "bias": [1]}]}, "unknown-field", "/layers/0/bias"),
        ({**OPEN, "seq": 7, "layers": [{"weights": [[1]]}] * 3}, "too-many-layers", ""),
        ({**OPEN, "seq": 7, "network": "x" * 201}, "string-too-long", "/network"),
    ],
)
def test_what_is_wrong_is_told_under_its_number(document: Any, key: str, pointer: str) -> None:
    seq = None if isinstance(document, str) else 7
    assert refused(document, max_layers=2) == (seq, key, pointer)


def test_an_op_that_is_none_is_told_with_those_that_there_are() -> None:
    _, problem = parsed({"seq": 1, "op": ["open"]})
    (fault,) = problem.faults
    assert (fault.type, fault.pointer) == ("invalid-value", "/op")
    assert fault.values == {"name": "op", "expected": "open, set, reshape, watch"}


def test_a_network_is_opened_by_its_layers_or_by_its_name() -> None:
    _, command = parsed({"op": "open", "seq": 1, "layers": [{"weights": [[1], [2]]}], "inputs": [1, 1]})
    assert command.named.carries
    assert command.named.made.sizes == (2, 1)
    _, command = parsed(OPEN)
    assert (command.named.carries, command.named.network, command.named.made) == (False, "xor", None)


def test_a_text_is_no_deeper_than_the_settings_let_it() -> None:
    assert refused({**SET, "changes": [{"x": [[[[1]]]]}]}, max_depth=5)[1] == "too-deep"
    assert isinstance(parsed({**SET, "changes": [{"x": [[[[1]]]]}]}, max_depth=7)[1], Set)


@pytest.mark.parametrize("dtype", [torch.float32, torch.int64])
def test_the_numbers_of_a_long_text_are_of_the_dtype_that_the_network_takes(dtype: torch.dtype) -> None:
    ids = [0, 2**24 + 1] * LEAST_LONG
    given: list[dict[str, Any]] = [{**OPEN, "inputs": ids}, {**SET, "changes": [{"tensor": "inputs", "values": ids}]}]
    for document in given:
        _, command = parsed(json.dumps(document) + " " * SHORT_TEXT)
        found = command.inputs if isinstance(command, Open) else command.changes[0]["values"]
        assert torch.equal(tensor_of_any_rank(found, "", dtype), torch.tensor(ids, dtype=dtype))


def test_a_long_text_with_strokes_has_arrays_of_any_lengths() -> None:
    strokes = [[[0.25, 0.5]] * LEAST_LONG, [[0.5, 0.75]] * (LEAST_LONG + 1)]
    document = {**SET, "changes": [{"tensor": "inputs", "strokes": strokes}]}
    _, command = parsed(json.dumps(document) + " " * SHORT_TEXT)
    assert command.changes[0]["strokes"] == strokes


def test_a_long_text_s_numbers_are_kept_without_an_object_for_each() -> None:
    _, command = parsed(json.dumps({**OPEN, "inputs": [0.5] * 2 * LEAST_LONG}) + " " * SHORT_TEXT)
    assert isinstance(command.inputs, LongArray)


def test_a_long_text_holds_no_more_values_than_the_settings_let_it() -> None:
    text = '{"op": "none", "more": [null, null]}' + " " * SHORT_TEXT
    for limit, key in ((7, "not-one-of"), (6, "too-many-json-values")):
        _, problem = parse(text, Settings().model_copy(update={"max_json_values": limit}))
        assert isinstance(problem, NetworkError)
        assert problem.faults[0].key == key


def frame(name: bytes, values: bytes = b"\0\0\0\0", length: int | None = None, seq: int = 7) -> bytes:
    return struct.pack("<II", seq, len(name) if length is None else length) + name + b"\0" * (-len(name) % 4) + values


@pytest.mark.parametrize("name", ["inputs", "layers.0.weights", "layers.10.weights", "abc", "ñ" * 100, ""])
def test_a_binary_frame_names_a_tensor_and_brings_its_values(name: str) -> None:
    for values in (b"", b"1234", b"12345678"):
        assert parsed(frame(name.encode(), values)) == (7, SetBinary(7, name, values))


@pytest.mark.parametrize(
    ("data", "seq", "key"),
    [
        (b"1234567", None, "frame-too-short"),
        (frame(b"inputs", length=201), 7, "frame-name-length"),
        (frame(b"x" * 201), 7, "frame-name-length"),
        (frame(b"x", b"", length=5), 7, "frame-name-length"),
        (frame(b"\xff\xfe"), 7, "frame-name"),
    ],
)
def test_a_binary_frame_that_is_cut_or_no_name_is_refused(data: bytes, seq: int | None, key: str) -> None:
    assert refused(data) == (seq, key, "")
    _, problem = parsed(data)
    if key == "frame-too-short":
        assert problem.faults[0].values["got"] == 7
    if key == "frame-name-length":
        assert (problem.faults[0].values["limit"], problem.faults[0].values["got"]) == (200, len(data))


def test_a_name_may_be_as_long_as_it_may() -> None:
    assert parsed(frame(b"x" * 200))[1] == SetBinary(7, "x" * 200, b"\0\0\0\0")


def test_a_watch_is_of_a_kind_that_there_is() -> None:
    assert watch_model({"kind": "explain", "layer": 0}, "/w") is Explain
    assert watch_model({"kind": "explain", "cell": None}, "/w") is ExplainCell
    assert watch_model({"kind": "sweep", "cell": None}, "/w") is SweepWatch
    for document in ({}, {"kind": None}, {"kind": "sum"}):
        with pytest.raises(NetworkError) as caught:
            watch_model(document, "/w")
        (fault,) = caught.value.faults
        assert (fault.type, fault.pointer, fault.values["name"]) == ("invalid-value", "/w/kind", "kind")
        assert fault.values["expected"].startswith("explain, tensor, ")
