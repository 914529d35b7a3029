"""Files in a form, as `curl -F file=@net.onnx -F file=@net.onnx.data` and pages' <form> send them, and choices."""

import logging
from collections import deque
from pathlib import PureWindowsPath
from typing import Any, NamedTuple, NoReturn

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from adelante.network.errors import Fault, NetworkError
from app.api.http.body import Body, joined
from app.api.read import choices
from app.api.read.choices import choices_of
from app.compute.pool import drained

FORM = "multipart/form-data"
# So much of a form is parsed before other threads have their turn.
_PIECE = 2**18
FIELD = "file"
_MOST_FILES = 2
_LONGEST_NAME = 200
# The sender is told what is wrong with a form; the log needs no line about it.
logging.getLogger("python_multipart").setLevel(logging.ERROR)


class Form(NamedTuple):
    """A form's files under `file`, in its order, and what it says under `choices`."""

    files: list["FormFile"]
    choices: dict[str, Any]


class FormFile(NamedTuple):
    """A file of a form: its name without folders, None where the form says none, and its content."""

    name: str | None
    content: Body


def form_in(content_type: bytes, body: Body) -> Form:
    """What a form holds: one file, or a network's second one too, and maybe choices.

    Raises NetworkError: missing-field, unknown-field, invalid-value, too-large.
    """
    boundary = parse_options_header(content_type)[1].get(b"boundary")
    if not boundary:
        _refuse("form-broken")
    form = _Parts()
    try:
        parser = MultipartParser(boundary, form.callbacks())  # type: ignore[arg-type]
        for at in range(0, len(body), _PIECE):
            parser.write(body[at : at + _PIECE])
        parser.finalize()
    except FormParserError:
        _refuse("form-broken")
    if not form.complete:
        _refuse("form-broken")
    if not form.files:
        raise NetworkError(Fault("missing-field", "form-without-file", f"/{FIELD}", {"name": FIELD}))
    files = [FormFile(name, drained(joined(parts))) for name, parts in form.files]
    return Form(files, choices_of(None if form.choices is None else bytes(form.choices)))


def _refuse(key: str) -> NoReturn:
    raise NetworkError(Fault("invalid-value", key, ""))


class _Parts:
    """What the parser tells of a form with two kinds of fields; any other is refused as soon as it begins."""

    def __init__(self) -> None:
        self.files: list[tuple[str | None, deque[bytes]]] = []
        self.choices: bytearray | None = None
        self.complete = False
        self._of_choices = False
        self._name = self._filename = b""
        self._header = b""
        self._value = b""

    def callbacks(self) -> dict[str, object]:
        return {
            "on_header_field": self._on_header_field,
            "on_header_value": self._on_header_value,
            "on_header_end": self._on_header_end,
            "on_headers_finished": self._on_headers_finished,
            "on_part_data": self._on_part_data,
            "on_end": self._on_end,
        }

    def _on_header_field(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _on_header_end(self) -> None:
        if self._header.lower() == b"content-disposition":
            options = parse_options_header(self._value)[1]
            self._name, self._filename = options.get(b"name", b""), options.get(b"filename", b"")
        self._header = self._value = b""

    def _on_headers_finished(self) -> None:
        # A part that says none has no name, not that of the one before.
        name, self._name = self._name.decode("utf-8", "replace"), b""
        self._of_choices = name == choices.FIELD
        if self._of_choices:
            if self.choices is not None:
                _refuse("form-choices-twice")
            self.choices = bytearray()
            return
        if name != FIELD:
            values = {"name": name[:100], "known": [FIELD, choices.FIELD]}
            raise NetworkError(Fault("unknown-field", "form-field", "", values))
        if len(self.files) == _MOST_FILES:
            _refuse("form-three-files")
        filename = PureWindowsPath(self._filename.decode("utf-8", "replace")).name[:_LONGEST_NAME]
        self.files.append((filename or None, deque()))

    def _on_part_data(self, data: bytes, start: int, end: int) -> None:
        if not self._of_choices:
            self.files[-1][1].append(data[start:end])
            return
        assert self.choices is not None
        self.choices += data[start:end]
        if len(self.choices) > choices.LONGEST:
            values = {"name": choices.FIELD, "limit": choices.LONGEST}
            raise NetworkError(Fault("invalid-value", "string-too-long", f"/{choices.FIELD}", values))

    def _on_end(self) -> None:
        self.complete = True
