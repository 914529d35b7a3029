"""--inputs: typed, in a file or through standard input, as people write numbers and as JSON has them."""

from contextlib import suppress
from pathlib import Path
from sys import float_info
from typing import Any

import torch
from babel.numbers import get_decimal_symbol
from torch import Tensor

from adelante.network.dense.network import DenseNetwork, check_inputs
from adelante.network.errors import Fault
from app.api.http.problems import Problem
from app.api.read.decode import decode_json
from app.api.read.documents import tensor
from app.cli.files import STANDARD, read_bytes, utf_8
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


def typed_inputs(
    words: Words, settings: Settings, network: DenseNetwork, names: tuple[str, ...], texts: list[str]
) -> tuple[Tensor, tuple[Note, ...]]:
    """--inputs once: a vector or a batch; more than once: a vector each. And what is to be told of how they were read.

    Raises Problem or NetworkError.
    """
    reader = _Reader(words, settings, network, names)
    if len(texts) == 1:
        values = reader.values(texts[0], "/inputs")
    else:
        values = [reader.values(text, f"/inputs/{i}") for i, text in enumerate(texts)]
    return tensor(values, "/inputs", (1, 2), network.dtype), tuple(reader.notes)


class _Reader:
    """Reads texts for one network; what is left out or decided is collected."""

    def __init__(self, words: Words, settings: Settings, network: DenseNetwork, names: tuple[str, ...]) -> None:
        self.notes: list[Note] = []
        self._settings = settings
        self._network = network
        self._names = names
        # What a number may be depends on the dtype, and is checked with its place once there is a tensor.
        self._rule = Rule(get_decimal_symbol(words.language), largest=float_info.max)

    def values(self, text: str, pointer: str) -> Any:
        """Lists of numbers as JSON has them: the same rules are applied to them later, wherever they come from."""
        if text != STANDARD and not text.startswith("@"):
            return self._json(text) if text.lstrip()[:1] == "{" else self._rows(text, pointer, typed=True)
        name = text.removeprefix("@")
        content = utf_8(name, read_bytes(name, self._settings.max_body_bytes))
        suffix = Path(name).suffix.lower()
        if suffix == ".json" or content.lstrip()[:1] == b"{":
            return self._json(content)
        rows = self._rows(content.decode(), pointer, typed=False)
        # A table is a batch, also of one row.
        return [rows] if suffix in _TABLES and not isinstance(rows[0], list) else rows

    def _rows(self, text: str, pointer: str, *, typed: bool) -> Any:
        if text.lstrip().startswith("["):
            # An array as JSON has it is judged as the API judges it, which has a pointer for each number.
            with suppress(Problem):
                document = decode_json(b'{"inputs":' + text.encode() + b"}", self._settings.max_depth)
                if len(document) == 1:
                    return document["inputs"]
        try:
            read = read_rows(text, self._names, self._rule)
        except Unread as problem:
            raise self._problem(problem, text, pointer, typed=typed) from None
        self.notes += read.notes
        return read.rows[0] if read.flat else read.rows

    def _problem(self, unread: Unread, text: str, pointer: str, *, typed: bool) -> Problem:
        one_line = "\n" not in text.strip()
        if typed and one_line and pointer == "/inputs" and unread.code in ("width", "width-one"):
            # A vector that does not fit is told as the API tells it, in torch's words.
            check_inputs(self._network, torch.zeros(int(unread.values["got"])))
        if one_line and "column" in unread.values:
            pointer += f"/{int(unread.values['column']) - 1}"
        type_ = _TYPES.get(unread.code, "invalid-value")
        return Problem(type_, Fault(type_, f"unread.{unread.code}", pointer, unread.values, _HINTS.get(type_)))

    def _json(self, text: str | bytes) -> Any:
        """An array, or the inputs of an object."""
        body = text.encode() if isinstance(text, str) else text
        depth = self._settings.max_depth
        if not body.lstrip().startswith(b"{"):
            return decode_json(b'{"inputs":' + body + b"}", depth)["inputs"]
        document = decode_json(body, depth)
        if "inputs" not in document:
            raise Problem("missing-field", Fault("missing-field", "missing-field", "/inputs", {"name": "inputs"}))
        return document["inputs"]
