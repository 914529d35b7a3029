"""Numbers as people write them: one table of cases, which the page's reader runs too (reading/reader.test.ts)."""

import json
from pathlib import Path
from typing import Any

import pytest

from app.typed.number import read_number
from app.typed.reader import read_rows
from app.typed.words import Rule, Unread
from tests.cases import each

CASES: dict[str, list[dict[str, Any]]] = json.loads(Path(__file__).with_name("cases.json").read_text())


def result_of(case: dict[str, Any]) -> dict[str, Any]:
    names = case.get("names") or [f"x{i + 1}" for i in range(case["inputs"])]
    rule = Rule(case.get("mark", "."), case.get("groups", False))
    try:
        read = read_rows(case["text"], names, rule, case.get("most"))
    except Unread as problem:
        return {"refused": problem.code, "values": problem.values}
    return {"rows": read.rows, "notes": [[note.code, note.values] for note in read.notes], "flat": read.flat}


@each("case", CASES["rows"])
def test_rows(case: dict[str, Any]) -> None:
    found = result_of(case)
    if "rows" in case:
        assert (found.get("rows"), found.get("notes")) == (case["rows"], case.get("notes", [])), found
    else:
        assert found.get("refused") == case["refused"], found
        assert found["values"].items() >= case.get("values", {}).items()


@each("case", CASES["numbers"])
def test_numbers(case: dict[str, Any]) -> None:
    if "value" in case:
        assert read_number(case["text"], Rule(case["mark"])) == case["value"]
        return
    with pytest.raises(Unread) as raised:
        read_number(case["text"], Rule(case["mark"]))
    assert raised.value.code == case["refused"]
    assert raised.value.values.items() >= case.get("values", {}).items()
