"""What goes to the log: console lines or JSON, each with its request's id, and nothing that a client wrote.

Python's own logging: uvicorn and the libraries speak through it already, so structlog would come on top of it, not in
its place. No body and no weight is ever logged: requests are named by their routes, an exception by its type and the
lines that it came through. Its message is kept where it speaks of shapes, addresses or the machine (RuntimeError,
OSError, MemoryError); others quote values.
"""

import logging
from contextvars import ContextVar
from copy import deepcopy
from datetime import UTC, datetime
from traceback import format_tb
from types import TracebackType
from typing import Any

import orjson
from uvicorn.config import LOGGING_CONFIG
from uvicorn.logging import DefaultFormatter

# Of the request that this task answers.
REQUEST_ID: ContextVar[str] = ContextVar("request_id", default="")
# Where a record keeps what it says beside its message.
FIELDS = "fields"
_SPEAKING = (RuntimeError, OSError, MemoryError)
_MOST_CAUSES = 8
_log = logging.getLogger("adelante.access")

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


def configuration(form: str, level: str) -> dict[str, Any]:
    """uvicorn's configuration of the log in this form, console or json, with Adelante's own logger beside its."""
    config = deepcopy(LOGGING_CONFIG)
    made = {"console": f"{__name__}.ConsoleFormatter", "json": f"{__name__}.JsonFormatter"}[form]
    more = {"fmt": "%(levelprefix)s %(message)s", "use_colors": None} if form == "console" else {}
    config["formatters"]["default"] = {"()": made, **more}
    config["filters"] = {"ours": {"()": f"{__name__}.WithoutSockets"}}
    config["handlers"]["default"]["filters"] = ["ours"]
    config["loggers"]["adelante"] = {"handlers": ["default"], "level": level.upper(), "propagate": False}
    config["root"] = {"handlers": ["default"], "level": "WARNING"}
    return config


def request_told(method: str, route: str, status: int, seconds: float, request_id: bytes) -> None:
    """A line for a request that was answered, where the level is info or below."""
    if _log.isEnabledFor(logging.INFO):
        milliseconds = round(1000 * seconds, 3)
        fields = {"method": method, "route": route, "status": status, "milliseconds": milliseconds}
        id = request_id.decode("latin-1")
        text = "%s %s %d in %s ms"
        _log.info(text, method, route, status, milliseconds, extra={FIELDS: fields, "request_id": id})


class WithoutSockets(logging.Filter):
    """uvicorn tells of sockets with their whole address, in which there may be anything; Adelante has its own line."""

    def filter(self, record: logging.LogRecord) -> bool:
        return not str(record.msg).startswith('%s - "WebSocket %s')


class ConsoleFormatter(DefaultFormatter):
    """uvicorn's lines, with the request's id at the end."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 # logging's name
        line = super().formatMessage(record)
        id = _id_of(record)
        return f"{line} [{id}]" if id else line

    def formatException(self, ei: ExcInfo) -> str:  # noqa: N802
        return told_exception(ei[1])


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time (UTC), level, logger, message; where there are, request_id, fields, exception."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage().strip(),
        }
        id = _id_of(record)
        if id:
            line["request_id"] = id
        line |= getattr(record, FIELDS, {})
        if record.exc_info:
            line["exception"] = told_exception(record.exc_info[1])
        return orjson.dumps(line).decode()


def _id_of(record: logging.LogRecord) -> str:
    return getattr(record, "request_id", "") or REQUEST_ID.get()


def told_exception(error: BaseException | None) -> str:
    """Where an exception came from and what led to it: lines of source, types, and the messages that may be told."""
    parts: list[str] = []
    while error is not None and len(parts) < _MOST_CAUSES:
        name = type(error).__qualname__
        said = f"{name}: {error}" if isinstance(error, _SPEAKING) else name
        parts.append("".join(["Traceback (most recent call last):\n", *format_tb(error.__traceback__), said]))
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "\n\nwhich came of\n\n".join(parts)
