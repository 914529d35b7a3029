"""A pasted, dropped or typed text as rows of numbers, one for each input vector."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.typed.arrays import looks_like_arrays, read_arrays
from app.typed.cells import (
    COMMA_AND_SPACE,
    COMMA_OR_SPACE,
    WHOLE_LINE,
    Row,
    cells_of,
    comments_of,
    rows_of,
    separator_said,
)
from app.typed.characters import normalised, trimmed
from app.typed.documents import read_document
from app.typed.number import not_a_number, number_in
from app.typed.table import Wanted, read_table
from app.typed.words import Note, Rule, Unread, listed, shown

# These separate cells and mean nothing else: the first of them that gives a table is used.
_DECISIVE = ("\t", ";", "|")
# Faults of the shape: they say that the text was probably not meant to be read this way.
_OF_THE_SHAPE = ("width", "width-one", "ragged", "columns")


@dataclass(frozen=True, slots=True)
class Read:
    """Rows of numbers in the inputs' order and what is to be told of how they were read.

    `flat`: one vector as it stands, without headings or brackets of a batch.
    """

    rows: list[list[float]]
    notes: list[Note]
    flat: bool = False


def read_rows(text: str, names: Sequence[str], rule: Rule, most_rows: int | None = None) -> Read:
    """The rows that a text holds for inputs of these names. Raises Unread, which says what is wrong and where."""
    text = normalised(text)
    begin = text.strip(" \t\n")
    if not begin:
        raise Unread("empty")
    if begin[0] == "{" or (begin[0] == "[" and ('"' in begin or "{" in begin)):
        read = Read(*read_document(begin, names, rule))
    else:
        read = _read_array(begin, rule) or _read_table(text, names, rule)
    for line, row in enumerate(read.rows, 1):
        if len(row) != len(names):
            raise Unread("width-one" if len(row) == 1 else "width", line=line, got=len(row), expected=len(names))
    if most_rows is not None and len(read.rows) > most_rows:
        raise Unread("too-long", count=len(read.rows), most=most_rows)
    return read


def _read_array(begin: str, rule: Rule) -> Read | None:
    """A printed array; None where it is none. Raises Unread."""
    if not looks_like_arrays(begin):
        return None
    try:
        rows, flat = read_arrays(begin, rule)
    except Unread:
        # An accountant's (250.00) is a number of a table.
        if begin[0] == "(":
            return None
        raise
    return Read(rows, [], flat)


def _read_table(text: str, names: Sequence[str], rule: Rule) -> Read:
    said = separator_said(text)
    comments = comments_of(text)
    failed: list[Unread] = []
    readings: list[Read] = []
    for separator in [said] if said else _separators_in(text, len(names)):
        try:
            read = _read_with(text, separator, names, rule, comments)
        except Unread as problem:
            problem.separator = separator
            failed.append(problem)
            continue
        if said or separator in (*_DECISIVE, WHOLE_LINE):
            return read
        if all(read.rows != other.rows for other in readings):
            readings.append(read)
    asked = [problem for problem in failed if problem.code == "two-ways"]
    if asked:
        raise asked[0]
    if len(readings) > 1:
        raise Unread("two-separators", text=shown(trimmed(text).partition("\n")[0]))
    if readings:
        return readings[0]
    likeliest = _likeliest(failed)
    if likeliest.code in _OF_THE_SHAPE and "," in text and _fits_mixed(text, names, rule):
        raise Unread("two-separators", text=shown(trimmed(text).partition("\n")[0]))
    raise _of_a_word(text, likeliest)


def _of_a_word(text: str, problem: Unread) -> Unread:
    """Where a row of a wrong number of cells has one that is no number, that one; the problem as it is otherwise."""
    if problem.code in _OF_THE_SHAPE and "line" in problem.values and problem.separator is not None:
        for row in rows_of(text, problem.separator):
            if row.line == problem.values["line"]:
                for column, cell in enumerate(row.cells, 1):
                    if cell and number_in(cell) is None:
                        return Unread(not_a_number(cell), line=row.line, text=shown(cell), column=column)
    return problem


def _fits_mixed(text: str, names: Sequence[str], rule: Rule) -> bool:
    """Whether a text that fits no other way does so where both its commas and its blanks separate: "1,5 2"."""
    try:
        _read_with(text, COMMA_OR_SPACE, names, rule, [])
    except Unread:
        return False
    return True


def _likeliest(failed: list[Unread]) -> Unread:
    """The failure that tells best what is wrong: one of a number, in a table that has the right shape."""
    of_numbers = [problem for problem in failed if problem.code not in _OF_THE_SHAPE]
    if not of_numbers:
        return failed[0]
    first = of_numbers[0]
    # Where a line was taken for one number, but is several, their count says more.
    several = [
        problem for problem in failed if problem.code == "width" and problem.values["line"] == first.values.get("line")
    ]
    return several[0] if first.separator == WHOLE_LINE and several else first


def _separators_in(text: str, count: int) -> list[str]:
    """The separators that the text may have been written with, likeliest first."""
    found = [each for each in _DECISIVE if each in text]
    # A line may be one number with its own comma.
    if count == 1:
        found.append(WHOLE_LINE)
    if "," in text:
        found.append(",")
    if ", " in text or ",\t" in text:
        found.append(COMMA_AND_SPACE)
    elif " " in text or "\t" in text:
        found.append(" ")
    return found or [WHOLE_LINE]


def _read_with(text: str, separator: str, names: Sequence[str], rule: Rule, comments: list[tuple[int, str]]) -> Read:
    rows = rows_of(text, separator)
    if not rows:
        raise Unread("empty")
    above = [(line, content.lstrip(" \t#")) for line, content in comments if line < rows[0].line]
    comment = Row(above[-1][0], cells_of(above[-1][1], separator)) if above else None
    wanted = Wanted(names, rule, separator in (",", COMMA_AND_SPACE), comment)
    numbers, notes, headed = read_table(rows, wanted)
    left = [line for line, _ in comments if not any(n.code == "headings" and n.values["line"] == line for n in notes)]
    if left:
        notes.append(Note("comments-left", {"lines": listed(map(str, left))}))
    return Read(numbers, notes, len(rows) == 1 and not headed)
