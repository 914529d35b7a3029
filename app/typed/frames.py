"""Tables in JSON, told apart by their shape: records, and the other orients of pandas' to_json."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from app.typed.table import known_among
from app.typed.words import Unread

_MOST_PLACES = 2**32 - 1


class Frame(NamedTuple):
    """Rows of values under the names of their columns; None where a row lacks one."""

    columns: list[str]
    rows: list[list[Any]]


def frame_in(found: Any, names: Sequence[str]) -> Frame | None:
    """The table that a document is, None where it is none. Raises Unread (orient) where it may be two."""
    if isinstance(found, list):
        return _of_records(found) if found and all(isinstance(each, dict) for each in found) else None
    if not isinstance(found, dict) or not found:
        return None
    columns, data = found.get("columns"), found.get("data")
    if isinstance(data, list):
        if isinstance(columns, list) and all(isinstance(each, list) for each in data):
            return _split([_name(each) for each in columns], data)
        if "schema" in found and data and all(isinstance(each, dict) for each in data):
            return _of_records(data)
    within = list(found.values())
    if all(isinstance(each, list) for each in within):
        return _of_columns(found)
    if all(isinstance(each, dict) for each in within):
        return _by_columns_or_rows(found, names)
    return _of_records([found])


def _of_records(records: list[dict[str, Any]]) -> Frame:
    columns = _keys(records)
    return Frame(columns, [[each.get(name) for name in columns] for each in records])


def _name(column: Any) -> str:
    """What a column is called: a text, or a number. Columns of several levels have names of names."""
    if not isinstance(column, str | float):
        raise Unread("orient")
    return f"{column:g}" if isinstance(column, float) else column


def _split(columns: list[str], data: list[list[Any]]) -> Frame:
    for line, row in enumerate(data, 1):
        if len(row) != len(columns):
            raise Unread("ragged", line=line, got=len(row), columns=len(columns), expected=len(columns))
    return Frame(columns, data)


def _of_columns(found: dict[str, list[Any]]) -> Frame:
    """{"x1": [1, 2], "x2": [3, 4]}."""
    columns, length = _keys([found]), max(map(len, found.values()))
    wide = [found[name] + [None] * (length - len(found[name])) for name in columns]
    return Frame(columns, [list(row) for row in zip(*wide, strict=True)])


def _by_columns_or_rows(found: dict[str, dict[str, Any]], names: Sequence[str]) -> Frame:
    """{"x1": {"0": 1, "1": 2}}, as pandas writes by itself, or {"0": {"x1": 1}}, as with orient="index"."""
    outer, inner = _keys([found]), _keys(found.values())
    by_rows = _says_columns(inner, outer, names)
    if by_rows == _says_columns(outer, inner, names):
        raise Unread("orient")
    if by_rows:
        return _of_records([found[label] for label in outer])
    return Frame(outer, [[found[name].get(label) for name in outer] for label in inner])


def _says_columns(keys: list[str], others: list[str], names: Sequence[str]) -> bool:
    """Whether keys are columns: they are the network's own names, or the others are numbers, as labels of rows are."""
    known, beside = known_among(keys, names), known_among(others, names)
    return known > beside or (known == beside and _counted(others) and not _counted(keys))


def _counted(keys: list[str]) -> bool:
    return all(key.isascii() and key.isdigit() for key in keys)


def _keys(records: Iterable[dict[str, Any]]) -> list[str]:
    """Every key, each once: whole numbers by size, as JavaScript keeps them, then the others as they come."""
    found = list(dict.fromkeys(key for each in records for key in each))
    counted = [key for key in found if _counted([key]) and str(int(key[:10])) == key and int(key) < _MOST_PLACES]
    placed = set(counted)
    return [*sorted(counted, key=int), *(key for key in found if key not in placed)]
