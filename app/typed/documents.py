"""Rows as JSON has them: [[1, 2]], {"inputs": [[1, 2]]}, [{"x1": 1, "x2": 2}]."""

import json
from collections.abc import Sequence
from math import isinf
from typing import Any

from app.typed.words import Note, Rule, Unread, listed, shown


def read_document(text: str, names: Sequence[str], rule: Rule) -> tuple[list[list[float]], list[Note], bool]:
    """The rows, what is to be told, and whether it is one vector without a batch. Raises Unread."""
    try:
        found: Any = json.loads(text, parse_int=float, parse_constant=_refused)
    except (ValueError, RecursionError):
        raise Unread("not-json") from None
    if isinstance(found, dict):
        found = found.get("inputs", [found])
    if not isinstance(found, list) or not found:
        raise Unread("empty")
    flat = all(isinstance(each, float) for each in found)
    left: dict[str, None] = {}
    rows = []
    for line, each in enumerate([found] if flat else found, 1):
        if isinstance(each, dict):
            left |= dict.fromkeys(name for name in each if name not in names)
            values = [each.get(name) for name in names]
        else:
            values = each if isinstance(each, list) else [each]
        rows.append([_number(value, line, k, rule) for k, value in enumerate(values, 1)])
    notes = [Note("columns-left", {"names": listed(left)})] if left else []
    return rows, notes, flat


def _refused(constant: str) -> None:
    raise ValueError(constant)


def _number(value: Any, line: int, column: int, rule: Rule) -> float:
    if not isinstance(value, float):
        text = json.dumps(value, ensure_ascii=False)
        if isinstance(value, list | dict):
            text = text[0] + "…" + text[-1]
        raise Unread("missing" if value is None else "not-a-number", line=line, column=column, text=shown(text))
    if abs(value) > rule.largest:
        raise Unread("too-large", line=line, text="∞" if isinf(value) else str(value))
    return value
