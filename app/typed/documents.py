"""Rows as JSON has them: [[1, 2]], {"inputs": [[1, 2]]}, [{"x1": 1, "x2": 2}], and tables as pandas writes them."""

import json
from collections.abc import Sequence
from math import isinf
from typing import Any

from app.typed.frames import Frame, frame_in
from app.typed.table import places_of
from app.typed.words import Note, Rule, Unread, shown


def read_document(text: str, names: Sequence[str], rule: Rule) -> tuple[list[list[float]], list[Note], bool]:
    """The rows, what is to be told, and whether it is one vector without a batch. Raises Unread."""
    try:
        found: Any = json.loads(text, parse_int=float, parse_constant=_refused)
    except (ValueError, RecursionError):
        raise Unread("not-json") from None
    if isinstance(found, dict) and "inputs" in found:
        found = found["inputs"]
    frame = frame_in(found, names)
    if frame is not None:
        return *_of_frame(frame, names, rule), False
    if not isinstance(found, list) or not found:
        raise Unread("empty")
    flat = all(isinstance(each, float) for each in found)
    rows = [each if isinstance(each, list) else [each] for each in ([found] if flat else found)]
    return [_numbers(row, line, rule) for line, row in enumerate(rows, 1)], [], flat


def _of_frame(frame: Frame, names: Sequence[str], rule: Rule) -> tuple[list[list[float]], list[Note]]:
    texts = [[_text(value) for value in row] for row in frame.rows]
    places, notes = places_of(frame.columns, texts, names)
    picked = ([None if at < 0 else row[at] for at in places] for row in frame.rows)
    return [_numbers(row, line, rule) for line, row in enumerate(picked, 1)], notes


def _refused(constant: str) -> None:
    raise ValueError(constant)


def _numbers(values: list[Any], line: int, rule: Rule) -> list[float]:
    return [_number(value, line, k, rule) for k, value in enumerate(values, 1)]


def _number(value: Any, line: int, column: int, rule: Rule) -> float:
    if not isinstance(value, float):
        raise Unread(
            "missing" if value is None else "not-a-number", line=line, column=column, text=shown(_written(value))
        )
    if abs(value) > rule.largest:
        raise Unread("too-large", line=line, text="∞" if isinf(value) else str(value))
    return value


def _written(value: Any) -> str:
    """A value as JSON writes it, without what is in it."""
    text = json.dumps(value, ensure_ascii=False)
    return text[0] + "…" + text[-1] if isinstance(value, list | dict) else text


def _text(value: Any) -> str:
    """A value as the cell of a table: words are words, all else is taken for a number."""
    return value if isinstance(value, str) else "0"
