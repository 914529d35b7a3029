"""Numbers as people write them: `1,2,3`, `1 2 3`, `0,5; 1,25`, a table with or without headings."""

import csv
import re
from collections.abc import Sequence

from app.api.problems import Problem
from app.network.errors import Fault

_NUMBER = re.compile(r"[-+−]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+−]?[0-9]+)?")
_MAX_SHOWN = 40


def numbers_of_line(text: str, pointer: str) -> list[float]:
    """The numbers of one line.

    Commas separate them, except beside semicolons: `0,5; 1,25` are two. Raises Problem with the place of what is no
    number, and for what could be read in two ways, as `1,5 2,5` could.
    """
    text = text.strip()
    if ";" in text:
        tokens = [_with_point(token) for token in text.removesuffix(";").split(";")]
    else:
        pieces = text.split()
        if len(pieces) > 1 and any("," in piece[1:-1] for piece in pieces):
            values = {"got": _shown(text)}
            raise Problem("invalid-value", Fault("invalid-value", "inputs-ambiguous", pointer, values))
        tokens = re.split(r"\s*,\s*|\s+", text.removesuffix(",").rstrip()) if text else []
    return [_number(token, f"{pointer}/{i}") for i, token in enumerate(tokens)]


def numbers_of_table(lines: Sequence[str], pointer: str) -> list[list[float]]:
    """The rows of a table whose cells are separated by semicolons, tabs, commas or spaces.

    A first row without numbers is left out. Beside semicolons, tabs and spaces a comma is a decimal comma, as
    spreadsheets in Spanish write it. Raises Problem with the place of the first cell that is no number.
    """
    separator = next((each for each in (";", "\t", ",") if any(each in line for line in lines)), None)
    rows = list(csv.reader(lines, delimiter=separator)) if separator else [line.split() for line in lines]
    if separator != ",":
        rows = [[_with_point(cell) for cell in row] for row in rows]
    rows = [[cell.strip() for cell in row] for row in rows]
    if len(rows) > 1 and not any(_NUMBER.fullmatch(cell) for cell in rows[0]):
        rows = rows[1:]
    return [[_number(cell, f"{pointer}/{i}/{j}") for j, cell in enumerate(row)] for i, row in enumerate(rows)]


def _with_point(token: str) -> str:
    return token.strip().replace(",", ".")


def _shown(text: str) -> str:
    return text if len(text) <= _MAX_SHOWN else text[:_MAX_SHOWN] + "…"


def _number(token: str, pointer: str) -> float:
    if not _NUMBER.fullmatch(token):
        values = {"got": _shown(token)}
        raise Problem("not-a-number", Fault("not-a-number", "inputs-not-a-number", pointer, values))
    return float(token.replace("−", "-"))
