"""Typed numbers: as people write them and as JSON has them, from the command line, a file or standard input."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from sys import float_info
from typing import Any

from babel.numbers import get_decimal_symbol

from adelante.network.errors import Fault, NetworkError
from app.api.read.decode import decode_json
from app.cli.files import utf_8
from app.cli.words import Words
from app.settings import Settings
from app.typed.reader import read_rows
from app.typed.words import Note, Rule, Unread

# Of which type of problem it is that a text cannot be read.
_TYPES = {
    **dict.fromkeys(("missing", "not-a-number", "percent", "left-out"), "not-a-number"),
    **dict.fromkeys(("width", "width-one", "columns"), "shape-mismatch"),
    "ragged": "ragged-array",
    "too-large": "out-of-range",
    "empty": "empty",
}
_HINTS = {"not-a-number": "unread-number", "invalid-value": "unread-number"}
_TABLES = (".csv", ".tsv")
# What tells a request, or a network, from a table.
_OF_A_REQUEST = {"layers", "network"}
# Refuses so many numbers, in torch's words where it has some.
Check = Callable[[int], None]


class TypedReader:
    """Reads texts for inputs with these names; what is left out or decided is collected in `notes`."""

    def __init__(self, words: Words, settings: Settings, names: tuple[str, ...], check: Check) -> None:
        self.notes: list[Note] = []
        self._depth = settings.max_depth
        self._names = names
        self._check = check
        # What a number may be depends on the dtype, and is checked with its place once there is a tensor.
        self._rule = Rule(get_decimal_symbol(words.language), largest=float_info.max)

    def typed(self, text: str, pointer: str) -> Any:
        """Lists of numbers as JSON has them: the same rules are applied to them later, wherever they come from."""
        if text.lstrip()[:1] == "{" and not _is_table(text, self._depth):
            return json_inputs(text, self._depth)
        return self._rows(text, pointer, typed=True)

    def file(self, name: str, content: bytes, pointer: str) -> Any:
        """The same of a text file: JSON, or a table with a row for each input vector."""
        content = utf_8(name, content)
        suffix = Path(name).suffix.lower()
        if (suffix == ".json" or content.lstrip()[:1] == b"{") and not _is_table(content, self._depth):
            return json_inputs(content, self._depth)
        rows = self._rows(content.decode(), pointer, typed=False)
        # A table is a batch, also of one row.
        return [rows] if suffix in _TABLES and not isinstance(rows[0], list) else rows

    def _rows(self, text: str, pointer: str, *, typed: bool) -> Any:
        if text.lstrip().startswith("["):
            # An array as JSON has it is judged as the API judges it, which has a pointer for each number.
            with suppress(NetworkError):
                document = decode_json(b'{"inputs":' + text.encode() + b"}", self._depth)
                if len(document) == 1 and not _holds_records(document["inputs"]):
                    return document["inputs"]
        try:
            read = read_rows(text, self._names, self._rule)
        except Unread as problem:
            raise self._problem(problem, text, pointer, typed=typed) from None
        self.notes += read.notes
        return read.rows[0] if read.flat else read.rows

    def _problem(self, unread: Unread, text: str, pointer: str, *, typed: bool) -> NetworkError:
        one_line = "\n" not in text.strip()
        if typed and one_line and pointer == "/inputs" and unread.code in ("width", "width-one"):
            # A vector that does not fit is told as the API tells it, in torch's words.
            self._check(int(unread.values["got"]))
        if one_line and "column" in unread.values:
            pointer += f"/{int(unread.values['column']) - 1}"
        type_ = _TYPES.get(unread.code, "invalid-value")
        return NetworkError(Fault(type_, f"unread.{unread.code}", pointer, unread.values, _HINTS.get(type_)))


def _is_table(text: str | bytes, depth: int) -> bool:
    """Whether JSON is a table whose columns have names, as pandas writes it, and not the inputs as the API has them."""
    body = text.encode() if isinstance(text, str) else text
    if body.lstrip().startswith(b"["):
        return _holds_records(json_inputs(body, depth))
    if not body.lstrip().startswith(b"{"):
        return False
    document = decode_json(body, depth)
    if "inputs" in document:
        return _holds_records(document["inputs"])
    return bool(document) and _OF_A_REQUEST.isdisjoint(document)


def _holds_records(found: Any) -> bool:
    return isinstance(found, list) and any(isinstance(each, dict) for each in found)


def json_inputs(text: str | bytes, depth: int) -> Any:
    """An array, or the inputs of an object. Raises NetworkError."""
    body = text.encode() if isinstance(text, str) else text
    if not body.lstrip().startswith(b"{"):
        return decode_json(b'{"inputs":' + body + b"}", depth)["inputs"]
    document = decode_json(body, depth)
    if "inputs" not in document:
        raise NetworkError(Fault("missing-field", "missing-field", "/inputs", {"name": "inputs"}))
    return document["inputs"]
