"""Rows of cells as rows of numbers: what is a heading, which columns are the inputs, what each cell is."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from app.typed.cells import Row
from app.typed.characters import normalised, trimmed
from app.typed.number import Number, not_a_number, number_in, two_ways, value_of
from app.typed.words import Note, Rule, Unread, listed, shown

# Words that stand for "no value", and so never for the name of a column.
_NO_VALUE = frozenset(("nan", "n/a", "na", "n/d", "nd", "null", "none", "nil", "inf", "infinity", "true", "false"))
# A day or a time: 2024-01-05, 5.1.2024, 01/02, 12:30, 5-Jan-24.
_DATE = re.compile(r"[0-9]+(?:[-/:.][0-9]+[-/:.][0-9]+|[/:][0-9]+|[-.][A-Za-z]{3})")


@dataclass(slots=True)
class Table:
    """Rows of at most `width` cells, under headings where there are any; `places` are the inputs' columns, in order."""

    rows: list[Row]
    width: int
    headings: list[str] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a table is read for: the inputs' names, how marks are read, whether bare commas separate its cells."""

    names: Sequence[str]
    rule: Rule
    commas_separate: bool
    # The last comment before the rows: it may hold their headings, as numpy.savetxt writes them.
    comment: Row | None

    @property
    def count(self) -> int:
        return len(self.names)


def read_table(rows: list[Row], wanted: Wanted) -> tuple[list[list[float]], list[Note], bool]:
    """The numbers in the order of the inputs' names, what is to be told, and whether there are headings.

    Raises Unread with the line that is wrong.
    """
    table = _without_empty_edges(rows, wanted.count)
    _take_counted_labels(table, wanted.count)
    if not table.places:
        _take_headings(table, wanted)
    if not table.places:
        if table.headings:
            _place_by_headings(table, wanted)
        else:
            _place_by_position(table, wanted.count)
    return _numbers(table, wanted), table.notes, bool(table.headings)


def places_of(
    headings: Sequence[str], rows: Sequence[Sequence[str]], names: Sequence[str]
) -> tuple[list[int], list[Note]]:
    """In which column each input is, -1 where it is missing, and what is to be told. `rows` have a cell a heading.

    Raises Unread (columns) where neither names nor their number tell.
    """
    found = _found(headings, names)
    if -1 in found and known_among(headings, names) == len(headings):
        return found, []
    table = Table([Row(line, list(cells)) for line, cells in enumerate(rows, 1)], len(headings), list(headings))
    _place_by_headings(table, Wanted(names, Rule(), True, None))
    # A name stands beside each value: only where none told anything there was an order to speak of.
    notes = [note for note in table.notes if note.code != "by-name"]
    if -1 in found:
        notes.append(Note("by-order", {"columns": listed(headings[at] or str(at + 1) for at in table.places)}))
    return table.places, notes


def known_among(headings: Sequence[str], names: Sequence[str]) -> int:
    """How many of the headings are names of inputs."""
    known = set(map(_key, names))
    return sum(_key(each) in known for each in headings)


def _without_empty_edges(rows: list[Row], count: int) -> Table:
    """Leaves out columns at both edges that are empty in every row, as a separator at each line's end makes them."""
    width = max(len(row.cells) for row in rows)
    width = max(min(width, count), max(_filled(row.cells) for row in rows))
    first = min(max(0, width - count), min(len(row.cells) - _filled(row.cells[::-1]) for row in rows))
    return Table([Row(row.line, row.cells[first:width]) for row in rows], width - first)


def _filled(cells: list[str]) -> int:
    """How many cells there are up to the last that is not empty."""
    end = len(cells)
    while end and not cells[end - 1]:
        end -= 1
    return end


def _take_counted_labels(table: Table, count: int) -> None:
    """pandas' own labels, 0, 1, 2, …: above columns beside an index they are none of the data."""
    first, rest = table.rows[0], table.rows[1:]
    labels = [str(i) for i in range(count)] if len(first.cells) <= count + 1 else []
    if not rest or not labels or first.cells not in (labels, ["", *labels]):
        return
    if all(len(row.cells) == count + 1 for row in rest):
        table.rows, table.places, table.headings = rest, list(range(1, count + 1)), ["", *labels]
        table.notes.append(Note("counted-labels", {"line": first.line}))
    elif first.cells == labels and count > 1:
        table.notes.append(Note("labels-hint", {"line": first.line, "labels": listed(labels)}))


def _take_headings(table: Table, wanted: Wanted) -> None:
    first, comment = table.rows[0], wanted.comment
    if len(table.rows) > 1 and _is_heading(first.cells, wanted.names):
        table.headings, table.rows = first.cells, table.rows[1:]
        line = first.line
    elif comment is not None and -1 not in _found(comment.cells, wanted.names):
        table.headings = comment.cells
        line = comment.line
    else:
        return
    table.notes.append(Note("headings", {"line": line, "columns": listed(filter(None, table.headings))}))
    # The column of an index has no heading.
    if all(len(row.cells) == len(table.headings) + 1 for row in table.rows):
        table.headings = ["", *table.headings]


def _is_heading(cells: list[str], names: Sequence[str]) -> bool:
    """Whether a row is made of words; a value that can't be read as a number is not a word."""
    words = [cell for cell in cells if cell]
    if len(cells) == 1 and "," in cells[0]:
        # Several words that were not taken apart.
        return False
    known = set(map(_key, names))
    return all(_is_word(word) for word in words) and any(_begins_as_name(word) or _key(word) in known for word in words)


def _is_word(cell: str) -> bool:
    if number_in(cell) is not None or cell[0] == "#" or cell.lstrip("+-").lower() in _NO_VALUE:
        return False
    return any(map(str.isalpha, cell))


def _is_label(cell: str) -> bool:
    return (_begins_as_name(cell) and _is_word(cell)) or (_DATE.match(cell) is not None and number_in(cell) is None)


def _begins_as_name(cell: str) -> bool:
    return cell[:1].isalpha() or cell[:1] == "_"


def _key(name: str) -> str:
    """A name as it is compared: x₁ is x1."""
    return unicodedata.normalize("NFKC", trimmed(normalised(name))).lower()


def _found(headings: Sequence[str], names: Sequence[str]) -> list[int]:
    """Where each name is among the headings; -1 for one that is not, or is there twice."""
    places: dict[str, int] = {}
    for place, heading in enumerate(map(_key, headings)):
        places[heading] = -1 if heading in places else place
    return [places.get(_key(name), -1) for name in names]


def _label_columns(rows: list[Row], width: int) -> set[int]:
    """The columns in which no cell is a number and all are words."""
    suspects = [i for i, cell in enumerate(rows[0].cells) if _is_label(cell)]
    return {i for i in suspects if all(i < len(row.cells) and _is_label(row.cells[i]) for row in rows)}


def _place_by_headings(table: Table, wanted: Wanted) -> None:
    """By the inputs' names where all are there; else in order, if no column is left over and no name contradicts."""
    headings, count = table.headings, wanted.count
    for row in table.rows:
        if len(row.cells) != len(headings):
            if len(headings) == count:
                raise _width(row.line, len(row.cells), count)
            raise Unread("ragged", line=row.line, got=len(row.cells), columns=len(headings), expected=count)
    table.places = found = _found(headings, wanted.names)
    if -1 in found or len(set(found)) < count:
        out = _label_columns(table.rows, len(headings)) | ({0} if headings[0] == "" else set())
        columns = [i for i in range(len(headings)) if i not in out]
        if len(columns) != count or any(at not in (-1, place) for at, place in zip(found, columns, strict=True)):
            raise Unread(
                "columns",
                columns=listed(headings[i] for i in columns),
                got=len(columns),
                expected=count,
                names=listed(wanted.names),
            )
        table.places = columns
    used = set(table.places)
    left = [i for i in range(len(headings)) if i not in used]
    if 0 in left and headings[0] == "":
        left.remove(0)
        table.notes.append(Note("index-left"))
    if left:
        table.notes.append(Note("columns-left", {"names": listed(headings[i] or str(i + 1) for i in left)}))
    if table.places != sorted(table.places):
        table.notes.append(Note("by-name"))


def _place_by_position(table: Table, count: int) -> None:
    labels: set[int] = set()
    if table.width != count:
        labels = _label_columns(table.rows, table.width)
        if table.width - len(labels) != count:
            labels = set()
    for row in table.rows:
        if len(row.cells) - len(labels) != count:
            raise _width(row.line, len(row.cells) - len(labels), count)
    table.places = [i for i in range(table.width) if i not in labels]
    for i in sorted(labels):
        table.notes.append(Note("labels-left", {"column": i + 1, "text": shown(table.rows[0].cells[i])}))


def _width(line: int, got: int, expected: int) -> Unread:
    return Unread("width-one" if got == 1 else "width", line=line, got=got, expected=expected)


def _numbers(table: Table, wanted: Wanted) -> list[list[float]]:
    """Every cell's value. Raises Unread for the first that has none, or may have two."""
    seen = 0
    read: list[list[float | Number]] = []
    for row in table.rows:
        numbers: list[float | Number] = []
        for k, place in enumerate(table.places):
            cell = row.cells[place]
            number = number_in(cell)
            if number is None:
                raise Unread(not_a_number(cell), line=row.line, text=shown(cell), column=k + 1)
            if abs(number.decimal) > wanted.rule.largest:
                raise Unread("too-large", line=row.line, text=shown(cell))
            seen |= number.seen
            numbers.append(number if number.mark else number.decimal)
        read.append(numbers)
    return [
        [
            each if isinstance(each, float) else _decided(each, row, table, k, seen, wanted)
            for k, each in enumerate(numbers)
        ]
        for row, numbers in zip(table.rows, read, strict=True)
    ]


def _decided(number: Number, row: Row, table: Table, k: int, seen: int, wanted: Wanted) -> float:
    """What a number means beside the others; told where it was not the language's own mark that decided."""
    cell, rule = row.cells[table.places[k]], wanted.rule
    if wanted.commas_separate and number.mark == ".":
        rule = replace(rule, mark=".")
    value = value_of(number, seen, rule)
    if value is None:
        raise Unread("two-ways", line=row.line, **two_ways(cell, number.mark, wanted.rule))
    as_decimal = value == number.decimal
    code = "as-decimal" if as_decimal else "as-thousands"
    if (number.mark != rule.mark or not as_decimal) and all(note.code != code for note in table.notes):
        written = cell.replace(number.mark, wanted.rule.mark if as_decimal else "")
        table.notes.append(Note(code, {"text": shown(cell), "value": shown(written)}))
    return value
