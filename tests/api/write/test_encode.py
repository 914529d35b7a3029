"""JSON in pieces is JSON in one go, and what is not finite is told where it is."""

from typing import Any

import numpy as np
import pytest

from app.api.write.encode import NonFinite, encode_in_blocks, encode_json


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"records": [], "arrays": [np.zeros(3), np.ones((2, 2))], "empty": np.zeros((0, 2), dtype=np.int64)},
        {"records": [{"pointer": f"/values/{k}", "value": "NaN"} for k in range(12_345)]},
        {"records": [{"ok": True}, {"ok": False, "hint": "…"}, {"nested": [1, {"deep": np.arange(3)}]}]},
        {"records": [{"values": np.arange(60_000.0).reshape(300, 200)}, {"values": None}], "last": 1},
        [[1, 2], [3]],
        [{"a": 1}] * 5000,
    ],
)
def test_pieces_are_the_same_json(document: Any) -> None:
    assert encode_in_blocks(document) == encode_json(document)


@pytest.mark.parametrize("shape", [(), (4,), (2, 2), (2, 1, 2)])
def test_what_is_not_finite_is_listed_in_order(shape: tuple[int, ...]) -> None:
    values = np.resize(np.array([np.inf, 1, -np.inf, np.nan], dtype=np.float32), shape)
    names = ["Infinity", "-Infinity", "NaN"] if shape else ["Infinity"]
    found = NonFinite()
    for pointer, array in {"/a": values, "/b": np.ones(3), "/c": np.arange(3)}.items():
        found.look(pointer, array)
    listed = found.listed
    assert [each["value"] for each in listed] == names
    for each in listed:
        assert each["pointer"].startswith("/a")
        index = tuple(int(part) for part in each["pointer"].split("/")[2:])
        assert not np.isfinite(values[index])
        assert len(index) == len(shape)


@pytest.mark.parametrize("most", [0, 1, 3, 5, 9])
def test_what_is_not_listed_is_counted_wherever_it_stands(most: int) -> None:
    values = np.array([np.nan, 1, np.inf, -np.inf, 2], dtype=np.float32)
    found = NonFinite(most)
    found.look("/a", values)
    found.look_at_members("/terms", "value", values)
    found.look("/b", np.float32(np.nan))
    everywhere = [
        ("/a/0", "NaN"),
        ("/a/2", "Infinity"),
        ("/a/3", "-Infinity"),
        ("/terms/0/value", "NaN"),
        ("/terms/2/value", "Infinity"),
        ("/terms/3/value", "-Infinity"),
        ("/b", "NaN"),
    ]
    members = found.members()
    assert [(each["pointer"], each["value"]) for each in members["non_finite"]] == everywhere[:most]
    assert members.get("non_finite_omitted") == (7 - most if most < 7 else None)
