"""A table's text as rows of cells: what separates them, quotes, comments, the numbers of the lines."""

import re
from dataclasses import dataclass

from app.typed.characters import trimmed
from app.typed.words import Unread

COMMA_AND_SPACE = ", "
WHOLE_LINE = ""
COMMA_OR_SPACE = ",| "
_BREAKS = {COMMA_AND_SPACE: r",[ \t]+", " ": r"[ \t]+", COMMA_OR_SPACE: r"[ \t]*,[ \t]*|[ \t]+"}
_ERROR_OF_A_SPREADSHEET = re.compile(r"#[¡¿]?(?:N/A|N/D|[A-ZÑ0-9/]+[!?])")
_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?[ \t]*', re.IGNORECASE)
_RULE = frozenset(" |:+-=")
# What pandas writes below a table.
_FOOTER = re.compile(r"\[?[0-9]+ rows? [x×] [0-9]+ columns?\]?")


@dataclass(frozen=True, slots=True)
class Row:
    """A row and the line that it begins in, counted from 1."""

    line: int
    cells: list[str]


def separator_said(text: str) -> str:
    """The separator that a first line "sep=;" names, as Excel writes and reads it; "" where there is none."""
    found = _SEPARATOR_LINE.fullmatch(text.partition("\n")[0])
    return found[1] if found else ""


def is_comment(line: str) -> bool:
    """Whether a line begins with #, unless that begins what a spreadsheet writes for an error: #N/A, #DIV/0!."""
    line = line.lstrip(" \t")
    return line[:1] == "#" and not _ERROR_OF_A_SPREADSHEET.match(line)


def _is_no_row(line: str) -> bool:
    return not trimmed(line) or is_comment(line) or _FOOTER.fullmatch(trimmed(line)) is not None


def comments_of(text: str) -> list[tuple[int, str]]:
    """The lines that begin with #, by their numbers."""
    if "#" not in text:
        return []
    return [(number, line) for number, line in enumerate(text.split("\n"), 1) if is_comment(line)]


def rows_of(text: str, separator: str) -> list[Row]:
    """The text's rows without comments and empty lines. Raises Unread (unclosed-quote)."""
    skipped = 1 if separator_said(text) else 0
    rows = _quoted_rows(text, separator, skipped) if '"' in text else _plain_rows(text, separator, skipped)
    if separator == "|":
        # What stands between a table's headings and its rows.
        return [row for row in rows if not _is_rule(row.cells)]
    return rows


def _is_rule(cells: list[str]) -> bool:
    return all(_RULE.issuperset(cell) for cell in cells) and any("--" in cell or "==" in cell for cell in cells)


def cells_of(line: str, separator: str) -> list[str]:
    """The cells of a line without quotes."""
    line = trimmed(line) if separator in (" ", COMMA_OR_SPACE, WHOLE_LINE) else line
    if separator == WHOLE_LINE:
        return [line]
    parts = re.split(_BREAKS[separator], line) if separator in _BREAKS else line.split(separator)
    return list(map(trimmed, parts))


def _plain_rows(text: str, separator: str, skipped: int) -> list[Row]:
    return [
        Row(number, cells_of(line, separator))
        for number, line in enumerate(text.split("\n"), 1)
        if number > skipped and not _is_no_row(line)
    ]


def _quoted_rows(text: str, separator: str, skipped: int) -> list[Row]:
    """As _plain_rows; a cell in double quotes may hold separators and line ends, and a doubled quote is one."""
    mark = _BREAKS.get(separator) or re.escape(separator)
    ends = re.compile(rf"{mark}|\n" if mark else r"\n")
    rows: list[Row] = []
    line, at = 1, 0
    while at < len(text):
        end = text.find("\n", at)
        end = end if end >= 0 else len(text)
        whole = text[at:end]
        if line <= skipped or _is_no_row(whole):
            line, at = line + 1, end + 1
            continue
        start = at
        row = Row(line, [])
        at = _read_row(text, at, ends, row)
        line += text.count("\n", start, at)
        rows.append(row)
    return rows


def _read_row(text: str, at: int, ends: re.Pattern[str], row: Row) -> int:
    """Reads cells up to the end of a row; gives where the next one begins."""
    while True:
        cell, at = _read_cell(text, _after_blanks(text, at, ends), ends, row.line)
        row.cells.append(cell)
        found = ends.match(text, at)
        if found is None:
            return len(text)
        at = found.end()
        if found[0] == "\n":
            return at
        if ends.match(" ") and (at == len(text) or text[at] == "\n"):
            # Blanks at the end of a line separate nothing.
            return at + 1


def _after_blanks(text: str, at: int, ends: re.Pattern[str]) -> int:
    while at < len(text) and text[at] in " \t" and (text[at] == " " or not ends.match("\t") or ends.match(" ")):
        at += 1
    return at


def _read_cell(text: str, at: int, ends: re.Pattern[str], line: int) -> tuple[str, int]:
    """A cell and where it ends."""
    quoted = ""
    if text[at : at + 1] == '"':
        parts: list[str] = []
        at += 1
        while True:
            end = text.find('"', at)
            if end < 0:
                raise Unread("unclosed-quote", line=line)
            parts.append(text[at:end])
            at = end + 1
            if text[at : at + 1] != '"':
                break
            parts.append('"')
            at += 1
        quoted = "".join(parts)
    found = ends.search(text, at)
    end = found.start() if found else len(text)
    return trimmed(quoted + text[at:end]), end
